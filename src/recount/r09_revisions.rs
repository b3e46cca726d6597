//! R09: changes of budget categories that wait for approval.

use chrono::Datelike;

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace, money};
use super::result::{WHOLE, both, gravest};
use super::rows::Revision;

/// The year of the project's template, else of its approval (Q07).
pub(super) fn template_year(case: &Case<'_>) -> Option<i64> {
    let approved = case.project.approved_on.map(|on| i64::from(on.year()));
    case.project.template_version.or(approved)
}

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let rows = case.project.revisions.iter().filter(|row| case.happened(row.proposed_on));
    let open: Vec<&Revision> =
        rows.filter(|row| !row.approved_on.is_some_and(|on| case.happened(on))).collect();
    if open.is_empty() {
        return Some(Count::apart());
    }
    let year = template_year(case);
    let limit = year.and_then(|year| case.number_in("reallocation_bps", year));
    let (mut changed, mut before) = (0_i128, 0_i128);
    let mut results = Vec::new();
    for row in open {
        let change = row.after.checked_sub(row.before)?.checked_abs()?;
        trace.say(|| {
            let (change, before) = (money(change), money(row.before));
            format!(
                "category {} of {}: {change} of {before}, limit {limit:?}",
                row.category, row.proposed_on
            )
        });
        results.push(match limit {
            None => RuleResult::Unknown,
            Some(limit) => {
                let most = limit.checked_mul(row.before)?;
                let within = change.checked_mul(WHOLE)? <= most;
                both(within, within)
            }
        });
        changed = changed.checked_add(change)?;
        before = before.checked_add(row.before)?;
    }
    let result = gravest(results)?;
    Some(Count::over(result, Bounds { low: changed, high: changed }, before))
}
