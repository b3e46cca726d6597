//! Items that a metric leaves to the gate: each compared with the threshold by itself.
//!
//! An item of the deciding kind without a result stands for a part, as a budget category.
//! Its number (at the high bound that of kind `…_high`) may be at most the threshold's
//! share of the number of kind `…_of` (`…_of_high`) with the same id.

use crate::domain::verdict::RuleResult;
use crate::domain::{AsOf, Bounds, Bps};
use crate::metrics::facts::{Fact, Facts, Item};

use super::compare::three_valued;
use super::evaluate::threshold;
use super::policy::{Measured, Policy, Rule, Test};

/// Copies of the facts that have such items, with a result on each.
pub(super) fn graded(facts: &Facts, policy: &Policy, as_of: AsOf) -> Facts {
    let mut found = Facts::default();
    for rule in &policy.rules {
        let Some(measured) = &rule.measured else { continue };
        let Some(fact) = facts.0.get(&measured.metric) else { continue };
        if parts(measured, fact).next().is_some() {
            let mut fact = fact.clone();
            grade(rule, measured, &mut fact, as_of);
            found.0.insert(measured.metric.clone(), fact);
        }
    }
    found
}

/// The items of a fact that wait for a result.
fn parts<'f>(
    measured: &'f Measured,
    fact: &'f Fact,
) -> impl Iterator<Item = &'f Item> + use<'f> {
    let kind = measured.decided_by.as_deref();
    let applies = measured.test == Test::EachItemPasses && measured.threshold.is_some();
    fact.items.iter().filter(move |item| {
        applies && kind == Some(item.kind.as_str()) && item.result.is_empty()
    })
}

/// Gives a result to every item that waits for one.
pub(super) fn grade(rule: &Rule, measured: &Measured, fact: &mut Fact, as_of: AsOf) {
    let threshold = threshold(rule, measured, Some(fact), as_of);
    let results: Vec<(String, RuleResult)> = parts(measured, fact)
        .map(|item| {
            let result = threshold.and_then(|threshold| {
                result(&part(fact, &item.kind, &item.id)?, threshold)
            });
            (item.id.clone(), result.unwrap_or(RuleResult::Unknown))
        })
        .collect();
    let kind = measured.decided_by.as_deref();
    for item in &mut fact.items {
        let found = results.iter().find(|(id, _)| *id == item.id);
        if let (true, Some((_, result))) = (kind == Some(item.kind.as_str()), found) {
            result.word().clone_into(&mut item.result);
        }
    }
}

/// What is compared of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) number: Bounds,
    pub(super) of: Bounds,
}

/// The numbers of the part with an id.
pub(super) fn part(fact: &Fact, kind: &str, id: &str) -> Option<Part> {
    let number = |kind: &str| {
        fact.items.iter().find(|item| item.kind == kind && item.id == id)?.number
    };
    let bounds = |kind: &str| {
        let low = number(kind)?;
        Some(Bounds { low, high: number(&format!("{kind}_high")).unwrap_or(low) })
    };
    Some(Part { number: bounds(kind)?, of: bounds(&format!("{kind}_of"))? })
}

/// At most the threshold's share, at both bounds; nothing where numbers are too large.
/// Nothing of nothing passes, and something of nothing fails.
fn result(part: &Part, threshold: Bps) -> Option<RuleResult> {
    let within = |number: i128, of: i128| {
        let most = of.checked_mul(i128::from(threshold.0))?;
        Some(number.checked_mul(i128::from(Bps::WHOLE.0))? <= most)
    };
    let at_worst = within(part.number.high, part.of.low)?;
    let at_best = within(part.number.low, part.of.high)?;
    Some(three_valued(at_worst, at_best))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(low: i128, high: i128, of: i128) -> RuleResult {
        let part = Part { number: Bounds { low, high }, of: Bounds::exact(of) };
        result(&part, Bps(1500)).unwrap()
    }

    #[test]
    fn golden_g31_and_g32_one_cent_decides() {
        assert_eq!(of(1_500_000, 1_500_000, 10_000_000), RuleResult::Pass);
        assert_eq!(of(1_500_001, 1_500_001, 10_000_000), RuleResult::Fail);
        assert_eq!(of(1_500_000, 1_500_001, 10_000_000), RuleResult::Unknown);
        assert_eq!(of(100, 100, 0), RuleResult::Fail);
        assert_eq!(of(0, 0, 0), RuleResult::Pass);
    }

    #[test]
    fn numbers_too_large_are_not_decided() {
        let part = Part { number: Bounds::exact(i128::MAX), of: Bounds::exact(1) };
        assert_eq!(result(&part, Bps(1500)), None);
    }
}
