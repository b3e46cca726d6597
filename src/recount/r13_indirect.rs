//! R13: indirect cost of every recipient (Q46).

use std::collections::BTreeMap;

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace, money};
use super::result::part_half_up;

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let project = case.project;
    // Planned, for how many tranches, and lines without indirect cost.
    let mut recipients: BTreeMap<&str, (i128, i128, i128)> = BTreeMap::new();
    for row in &project.instalments {
        let (planned, tranches, _) = recipients.entry(&row.recipient).or_default();
        *planned = planned.checked_add(row.amount)?;
        *tranches = tranches.checked_add(1)?;
    }
    for line in project.lines.values().filter(|line| !line.is_indirect()) {
        if let Some((.., lines)) = recipients.get_mut(line.recipient.as_str()) {
            *lines = lines.checked_add(line.amount)?;
        }
    }
    let rate = case.number("indirect_bps")?;
    let (mut indirect, mut base) = (0_i128, 0_i128);
    let mut result = RuleResult::Pass;
    for (recipient, (planned, tranches, lines)) in recipients {
        let above = planned.checked_sub(lines)?;
        let most = part_half_up(lines, rate)?.checked_add(tranches)?;
        trace.say(|| {
            let (above, lines, most) = (money(above), money(lines), money(most));
            format!("{recipient}: {above} on {lines}, at most {most}")
        });
        if above > most {
            result = RuleResult::Fail;
        }
        indirect = indirect.checked_add(above)?;
        base = base.checked_add(lines)?;
    }
    if base <= 0 && indirect <= 0 {
        return Some(Count::apart());
    }
    Some(Count::over(result, Bounds { low: indirect, high: indirect }, base))
}
