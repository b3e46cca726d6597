//! How the money of a report came to its class: by its line, its own words, or less.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::money::grouped;
use crate::domain::{Bps, Money, Ratio};
use crate::error::Result;

use super::amounts::Amounts;

/// The methods, most trustworthy first, in words for people; the last of each says
/// whether the amounts rest on a split that nobody stated.
const METHODS: [(&str, &str, bool); 9] = [
    ("line", "the budget line", false),
    ("line_split", "a budget line of several classes, in its proportions", true),
    ("stated", "amounts stated by line", false),
    ("pro_rata", "the budget, in proportion", true),
    ("text", "the transaction's own text", false),
    ("title", "the project's title", false),
    ("sector", "purpose codes", false),
    ("category", "the budget category", false),
    ("none", "nothing", false),
];

/// How much of the money of a report came to its class by one method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allocation {
    /// `line`, `text`, `pro_rata` and so on.
    pub method: String,
    /// The money.
    pub amount: Money,
    /// Its share of all money of the report.
    pub share_bps: Option<Bps>,
    /// Whether its classes rest on a split that nobody stated.
    pub assumed: bool,
}

fn known(method: &str) -> Option<&'static (&'static str, &'static str, bool)> {
    METHODS.iter().find(|(name, _, _)| *name == method)
}

/// The allocations of a report; they sum to its total.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn allocations(amounts: &Amounts) -> Result<Vec<Allocation>> {
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for group in amounts.groups.values() {
        for (method, amount) in &group.by_allocation {
            let sum = sums.entry(method).or_default();
            *sum = sum.plus(*amount)?;
        }
    }
    let total = Money::sum(sums.values().copied())?;
    let place = |method: &str| METHODS.iter().position(|(name, _, _)| *name == method);
    let mut all: Vec<(&str, Money)> = sums.into_iter().collect();
    all.sort_by_key(|(method, _)| (place(method).unwrap_or(METHODS.len()), *method));
    let told = |(method, amount): (&str, Money)| Allocation {
        method: method.to_owned(),
        amount,
        share_bps: Ratio::new(amount.cents(), total.cents()).and_then(Ratio::bps_half_up),
        assumed: known(method).is_some_and(|(_, _, assumed)| *assumed),
    };
    Ok(all.into_iter().map(told).collect())
}

/// The same as a sentence.
#[must_use]
pub fn sentence(all: &[Allocation], currency: &str) -> String {
    let part = |one: &Allocation| {
        let words = known(&one.method).map_or(one.method.as_str(), |(_, words, _)| words);
        let share =
            one.share_bps.map_or(String::new(), |bps| format!(" {}", bps.percent()));
        let assumed = if one.assumed { ", ASSUMED" } else { "" };
        format!("{words}{share} ({currency} {}{assumed})", grouped(one.amount))
    };
    let parts: Vec<String> = all.iter().map(part).collect();
    format!("Classes come from: {}.", parts.join("; "))
}
