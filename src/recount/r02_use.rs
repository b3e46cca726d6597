//! R02: use of the previous tranche, and R24: how new its figures are (Q10 to Q20).

use std::collections::BTreeMap;

use chrono::Days;

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace, money};
use super::result::at_least;
use super::rows::FigureKind;

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    if case.is_first() {
        return Some(Count::apart());
    }
    let previous = case.tranche.checked_sub(1)?;
    let of = case.net(|tranche| tranche == previous)?;
    let prior = case.net(|tranche| tranche < previous)?;
    trace.say(|| format!("prior tranches {}, the previous {}", money(prior), money(of)));
    let used = used(case, trace)?;
    let left = |used: i128| Some(used.checked_sub(prior)?.max(0));
    let part = Bounds { low: left(used.low)?, high: left(used.high)? };
    if of <= 0 {
        // The request is invalid by R14; nothing can be said of its use.
        return Some(Count::over(RuleResult::Unknown, part, of));
    }
    let result = at_least(part, of, case.number("previous_use_bps")?)?;
    Some(Count::over(result, part, of))
}

/// What all recipients of earlier tranches used.
fn used(case: &Case<'_>, trace: &mut Trace) -> Option<Bounds> {
    let project = case.project;
    let sums = case.sums()?;
    let mut used = Bounds { low: 0, high: 0 };
    for (receiver, got) in receivers(case)? {
        let of = |kind| sums.get(&(kind, Some(receiver))).copied();
        let committed = of(FigureKind::Committed).unwrap_or(0);
        let spent = of(FigureKind::Spent);
        let own = match spent {
            Some(spent) => {
                let is_gross = project.recipients.get(receiver).copied();
                let used = if is_gross == Some(true) {
                    spent.max(committed)
                } else {
                    spent.checked_add(committed)?
                };
                Bounds { low: used, high: used }
            }
            None => Bounds { low: committed, high: committed.max(got) },
        };
        trace.say(|| {
            let spent = spent.map_or("nothing told".to_owned(), money);
            let committed = money(committed);
            let (low, high) = (money(own.low), money(own.high));
            format!(
                "{receiver}: spent {spent}, committed {committed}, used {low} to {high}"
            )
        });
        used.low = used.low.checked_add(own.low)?;
        used.high = used.high.checked_add(own.high)?;
    }
    for row in case.figures().filter(|row| project.whose(&row.recipient).is_none()) {
        let end = if row.amount < 0 { &mut used.low } else { &mut used.high };
        *end = end.checked_add(row.amount)?;
        trace.say(|| format!("no recipient told: {}", money(row.amount)));
    }
    Some(used)
}

/// Who got money in an earlier tranche, with what it kept of it.
fn receivers<'a>(case: &Case<'a>) -> Option<BTreeMap<&'a str, i128>> {
    let mut net: BTreeMap<&str, (bool, i128)> = BTreeMap::new();
    for row in case.paid() {
        let earlier = row.tranche.is_some_and(|number| number < case.tranche);
        let Some(who) = case.project.whose(&row.recipient).filter(|_| earlier) else {
            continue;
        };
        let (got, sum) = net.entry(who).or_insert((false, 0));
        *got = *got || row.amount > 0;
        *sum = sum.checked_add(row.amount)?;
    }
    let got = net.into_iter().filter(|(_, (got, _))| *got);
    Some(got.map(|(who, (_, sum))| (who, sum)).collect())
}

/// R24: the newest expenditure of anyone.
pub(super) fn freshness(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    if case.is_first() {
        return Some(Count::apart());
    }
    let spent = case.told().filter(|row| row.kind == FigureKind::Spent);
    let newest = spent.map(|row| row.date).max();
    trace.say(|| format!("newest expenditure: {newest:?}"));
    let days = u64::try_from(case.number("freshness_days")?).ok()?;
    let oldest = case.day.checked_sub_days(Days::new(days))?;
    Some(Count::plain(match newest {
        None => RuleResult::Unknown,
        Some(on) if on < oldest => RuleResult::Fail,
        Some(_) => RuleResult::Pass,
    }))
}
