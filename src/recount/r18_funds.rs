//! R18: the balance of the fund, and R20: what no table tells.

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace, money, sum};
use super::result::at_least;
use super::rows::FundTotal;

/// The fund whose balance is looked at.
const FUND: &str = "PBF";

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let here = case.project.instalments.iter().filter(|row| row.tranche == case.tranche);
    let planned = sum(here.map(|row| row.amount))?;
    if planned <= 0 {
        return Some(Count::apart());
    }
    let own = |row: &&FundTotal| {
        row.fund == FUND
            && row.currency == case.project.currency
            && case.happened(row.as_of)
    };
    let newest = |basis: &str| {
        let rows = case.funds.iter().filter(own).filter(|row| row.basis == basis);
        rows.max_by_key(|row| row.as_of).map(|row| row.amount)
    };
    let (balance, reserved) = (newest("balance"), newest("reserved"));
    trace.say(|| format!("{balance:?} less {reserved:?} for {}", money(planned)));
    let Some(balance) = balance else {
        let part = Bounds { low: 0, high: 0 };
        let count = Count::over(RuleResult::Unknown, part, planned);
        return Some(Count { numerator: None, ..count });
    };
    // What is reserved and not told may be all of it, or nothing.
    let part = match reserved {
        Some(reserved) => {
            let free = balance.checked_sub(reserved)?;
            Bounds { low: free, high: free }
        }
        None => Bounds { low: 0, high: balance },
    };
    let share = case.number("funds_bps").unwrap_or(10_000);
    Some(Count::over(at_least(part, planned, share)?, part, planned))
}

/// No table holds refunds or findings (Q53).
pub(super) fn refunds(_: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    trace.say(|| "no table tells of refunds or findings".to_owned());
    Some(Count::apart())
}
