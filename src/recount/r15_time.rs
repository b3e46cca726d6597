//! R15: the project is between its start and its end (Q48).

use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace};
use super::result::gravest;

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let project = case.project;
    let end = match project.current_end.or(project.original_end) {
        None => RuleResult::Unknown,
        Some(end) if case.day > end => RuleResult::Fail,
        Some(_) => RuleResult::Pass,
    };
    let mut results = vec![end];
    if !case.is_first() {
        let first = project.payments.iter().filter(|row| row.amount > 0);
        let first = first.filter(|row| row.currency == project.currency);
        let start = project.first_transfer_on.or(first.map(|row| row.date).min());
        results.push(match start {
            None => RuleResult::Unknown,
            Some(start) if start > case.day => RuleResult::Fail,
            Some(_) => RuleResult::Pass,
        });
        trace.say(|| format!("start {start:?}"));
    }
    trace.say(|| format!("end {:?} {:?}", project.current_end, project.original_end));
    Some(Count::plain(gravest(results)?))
}
