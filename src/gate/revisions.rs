//! Levers that are a revision of the budget, in exact cents.
//!
//! All parts together are tested again; where that does not pass, there is no lever.

use crate::domain::money::grouped;
use crate::domain::verdict::RuleResult;
use crate::domain::{Bounds, Bps, Money};
use crate::metrics::facts::{Fact, Item};

use super::graded::{Part, grade, part};
use super::levers::{Offer, Trial, ceiling, shortfall};
use super::outcome::Lever;
use super::policy::Unit;

/// By how much each proposed change is above what needs no approval.
pub(super) fn less_change(trial: &Trial<'_>) -> Offer {
    let less = |part: &Part, threshold: Bps| {
        let whole = i128::from(Bps::WHOLE.0);
        let most = part.of.low.checked_mul(i128::from(threshold.0))?;
        let allowed = most.checked_div_euclid(whole)?;
        let changed = Part { number: Bounds::exact(allowed), of: part.of };
        Some((part.number.high.checked_sub(allowed)?, changed))
    };
    by_part(trial, &less, |item, amount| {
        format!("Approve the revision ({}), or propose {amount} less change.", item.text)
    })
}

/// What a revision must add to the budget of each category.
pub(super) fn more_budget(trial: &Trial<'_>) -> Offer {
    let more = |part: &Part, threshold: Bps| {
        let used = part.number.high.checked_mul(i128::from(Bps::WHOLE.0))?;
        let needed = ceiling(used, Some(i128::from(threshold.0)).filter(|t| *t > 0)?)?;
        let changed = Part { number: part.number, of: Bounds::exact(needed) };
        Some((needed.checked_sub(part.of.low)?, changed))
    };
    by_part(trial, &more, |item, amount| {
        format!(
            "Approve a revision that adds {amount} to the budget of category {}.",
            item.id
        )
    })
}

/// By how many cents a part is to be changed so that it is within the threshold, and the
/// part then.
type Change<'a> = dyn Fn(&Part, Bps) -> Option<(i128, Part)> + 'a;

/// One lever for each part that fails, where all of them together would do.
fn by_part(
    trial: &Trial<'_>,
    change: &Change<'_>,
    text: impl Fn(&Item, String) -> String,
) -> Offer {
    let found = || {
        let threshold = trial.judged.threshold?;
        let kind = trial.measured.decided_by.as_deref()?;
        let mut changed = trial.fact.clone();
        let mut levers = Vec::new();
        let items = trial.fact.items.iter();
        for item in items.filter(|item| item.kind == kind && item.result == "FAIL") {
            let (cents, after) = change(&part(trial.fact, kind, &item.id)?, threshold)?;
            set(&mut changed, kind, &item.id, &after);
            let amount = Money::from_cents(cents);
            levers.push(Lever {
                lever: "revision",
                id: Some(item.id.clone()),
                amount: Some(amount),
                date: None,
                text: text(item, grouped(amount)),
            });
        }
        for item in changed.items.iter_mut().filter(|item| item.kind == kind) {
            item.result.clear();
        }
        grade(trial.judged.rule, trial.measured, &mut changed, trial.as_of);
        trial.passes(&changed).then(|| Offer::all_of(levers, changed.clone()))
    };
    // What is not known is found out first; a revision would not tell it.
    if trial.judged.result == RuleResult::Fail {
        found().unwrap_or_default()
    } else {
        Offer::default()
    }
}

/// Writes the numbers of a part back.
fn set(fact: &mut Fact, kind: &str, id: &str, part: &Part) {
    for (suffix, value) in [
        ("", part.number.low),
        ("_high", part.number.high),
        ("_of", part.of.low),
        ("_of_high", part.of.high),
    ] {
        let named = format!("{kind}{suffix}");
        let mut items = fact.items.iter_mut();
        if let Some(item) = items.find(|item| item.kind == named && item.id == id) {
            item.number = Some(value);
        }
    }
}

/// How much more of the same budget must serve what the rule counts.
pub(super) fn more_share(trial: &Trial<'_>) -> Offer {
    if trial.judged.result != RuleResult::Fail {
        return Offer::default();
    }
    let found = || {
        let (n, of) = (trial.fact.numerator?, trial.fact.denominator?);
        let unit = if trial.measured.unit == Unit::FineCents { 10_000 } else { 1 };
        let lacking = shortfall(n.low, of.high, trial.judged.threshold?)?;
        let cents = ceiling(lacking, unit)?;
        let mut changed = trial.fact.clone();
        let low = n.low.checked_add(cents.checked_mul(unit)?)?;
        changed.numerator = Some(Bounds { low, high: n.high.max(low) });
        (cents > 0 && trial.passes(&changed))
            .then(|| (Money::from_cents(cents), changed.clone()))
    };
    let Some((amount, changed)) = found() else { return Offer::default() };
    let lever = Lever {
        lever: "revision",
        id: None,
        amount: Some(amount),
        date: None,
        text: format!(
            "Revise the budget so that {} more of it serves this.",
            grouped(amount)
        ),
    };
    Offer::all_of(vec![lever], changed)
}
