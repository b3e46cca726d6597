//! R13: indirect cost of every recipient (Q46).

use std::collections::BTreeSet;

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace, money, sum};
use super::result::part_half_up;

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let project = case.project;
    let recipients: BTreeSet<&str> =
        project.instalments.iter().map(|row| row.recipient.as_str()).collect();
    let rate = case.number("indirect_bps")?;
    let (mut indirect, mut base) = (0_i128, 0_i128);
    let mut result = RuleResult::Pass;
    for recipient in recipients {
        let own = project.instalments.iter().filter(|row| row.recipient == recipient);
        let planned = sum(own.clone().map(|row| row.amount))?;
        let tranches = i128::try_from(own.count()).ok()?;
        let lines = project.lines.values();
        let lines =
            lines.filter(|line| line.recipient == recipient && !line.is_indirect());
        let lines = sum(lines.map(|line| line.amount))?;
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
