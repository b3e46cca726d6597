//! Coverage: how much money, and how many lines, are decided by what.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::class::Method;
use crate::domain::{Bps, Class, Money, Ratio};
use crate::error::Result;

use super::lines::{ClassifiedLine, ClassifiedLines};

/// Money of one class that was decided in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The group.
    pub group: String,
    /// The currency of its projects.
    pub currency: String,
    /// The class.
    pub class: Class,
    /// How it was found.
    pub method: Method,
    /// Lines with money of that class; a split line counts in each of its classes.
    pub lines: u64,
    /// The money.
    pub amount: Money,
    /// Its share of the group's money in that currency.
    pub share_bps: Option<Bps>,
    /// How much of it has a confidence below the policy's `low_confidence_bps`.
    pub low_confidence: Money,
    /// How much of it rests on a decision about another text.
    pub stale: Money,
}

/// All money of a currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// The currency.
    pub currency: String,
    /// Its lines, each once.
    pub lines: u64,
    /// Their money.
    pub amount: Money,
    /// Money whose class is mixed or unclassified.
    pub open: Money,
    /// Its share.
    pub open_bps: Option<Bps>,
}

/// Where a line belongs: its group and its currency.
pub type Place = (String, String);

#[derive(Debug, Default)]
struct Sum {
    lines: u64,
    amount: Money,
    low: Money,
    stale: Money,
}

/// Sums lines by group, currency, class and method: what is open first, largest first,
/// then by group, largest first. `place` leaves a line out by saying nothing.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn coverage(
    lines: &ClassifiedLines,
    low_confidence_bps: i64,
    place: impl Fn(&ClassifiedLine) -> Option<Place>,
) -> Result<(Vec<Row>, Vec<Total>)> {
    let mut sums: BTreeMap<(Place, Class, Method), Sum> = BTreeMap::new();
    let mut groups: BTreeMap<Place, Money> = BTreeMap::new();
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    for line in lines.0.values() {
        let Some(at) = place(line) else { continue };
        let total = totals.entry(at.1.clone()).or_default();
        total.lines = total.lines.saturating_add(1);
        let mut seen = BTreeSet::new();
        for (share, amount) in line.split(line.amount)? {
            total.amount = total.amount.plus(amount)?;
            if share.class.is_doubtful() {
                total.open = total.open.plus(amount)?;
            }
            let whole = groups.entry(at.clone()).or_default();
            *whole = whole.plus(amount)?;
            let sum = sums.entry((at.clone(), share.class, line.method)).or_default();
            sum.amount = sum.amount.plus(amount)?;
            if line.confidence_bps < low_confidence_bps {
                sum.low = sum.low.plus(amount)?;
            }
            if line.stale.is_some() {
                sum.stale = sum.stale.plus(amount)?;
            }
            if seen.insert(share.class) {
                sum.lines = sum.lines.saturating_add(1);
            }
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    for ((at, class, method), sum) in sums {
        let whole = groups.get(&at).copied().unwrap_or_default();
        rows.push(Row {
            share_bps: share(sum.amount, whole),
            group: at.0,
            currency: at.1,
            class,
            method,
            lines: sum.lines,
            amount: sum.amount,
            low_confidence: sum.low,
            stale: sum.stale,
        });
    }
    rows.sort_by(|a, b| {
        let open = |row: &Row| row.class.is_doubtful();
        let by_group =
            |row: &Row| if open(row) { String::new() } else { row.group.clone() };
        open(b)
            .cmp(&open(a))
            .then_with(|| a.currency.cmp(&b.currency))
            .then_with(|| by_group(a).cmp(&by_group(b)))
            .then_with(|| b.amount.cmp(&a.amount))
            .then_with(|| a.group.cmp(&b.group))
            .then_with(|| (a.class, a.method).cmp(&(b.class, b.method)))
    });
    let totals = totals.into_iter().map(|(currency, total)| Total {
        currency,
        open_bps: share(total.open, total.amount),
        ..total
    });
    Ok((rows, totals.collect()))
}

fn share(part: Money, whole: Money) -> Option<Bps> {
    Ratio::new(part.cents(), whole.cents())?.bps_half_up()
}
