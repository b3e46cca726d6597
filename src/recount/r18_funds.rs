//! R18: the balance of the fund, and R20: what no table tells.

use std::collections::BTreeSet;

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace, money, sum};
use super::result::at_least;
use super::rows::FundTotal;

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let here = case.project.instalments.iter().filter(|row| row.tranche == case.tranche);
    let planned = sum(here.map(|row| row.amount))?;
    if planned <= 0 {
        return Some(Count::apart());
    }
    let own = |row: &&FundTotal| {
        row.currency == case.project.currency && case.happened(row.as_of)
    };
    let newest = |basis: &str, fund: &str| {
        let rows = case.funds.iter().filter(own);
        rows.filter(|row| row.basis == basis && row.fund == fund)
            .max_by_key(|row| row.as_of)
            .map(|row| row.amount)
    };
    let funds: BTreeSet<&str> =
        case.funds.iter().filter(own).map(|row| row.fund.as_str()).collect();
    let mut funds = funds.into_iter();
    let (Some(fund), None) = (funds.next(), funds.next()) else {
        return Some(Count::plain(RuleResult::Unknown));
    };
    let (balance, reserved) = (newest("balance", fund), newest("reserved", fund));
    trace.say(|| format!("{fund}: {balance:?} less {reserved:?}, {}", money(planned)));
    let (Some(balance), Some(reserved)) = (balance, reserved) else {
        return Some(Count::plain(RuleResult::Unknown));
    };
    let free = balance.checked_sub(reserved)?;
    let part = Bounds { low: free, high: free };
    let share = case.number("funds_bps").unwrap_or(10_000);
    Some(Count::over(at_least(part, planned, share)?, part, planned))
}

/// No table holds refunds or findings (Q53).
pub(super) fn refunds(_: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    trace.say(|| "no table tells of refunds or findings".to_owned());
    Some(Count::apart())
}
