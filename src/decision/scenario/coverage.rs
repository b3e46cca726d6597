//! Which rules were seen with which result, and how near to their thresholds.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Bps;
use crate::domain::verdict::RuleResult;
use crate::gate::Decision;
use crate::gate::outcome::Finding;
use crate::gate::policy::{Policy, Rule, Test};

/// A place beside a threshold, in the rule's smallest unit: a cent, a day, a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beside {
    /// One unit on the side of failing.
    Below,
    /// At it.
    Exact,
    /// One unit on the side of passing.
    Above,
}

impl Beside {
    /// All places, in order.
    pub const ALL: [Self; 3] = [Self::Below, Self::Exact, Self::Above];

    /// The word that stands in a scenario.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Exact => "exact",
            Self::Above => "above",
        }
    }
}

/// How often one rule was seen with each result, and where beside its threshold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Decisions by result.
    pub results: BTreeMap<&'static str, usize>,
    /// Places beside the threshold.
    pub beside: BTreeSet<Beside>,
}

/// What was seen of every rule of a policy.
#[derive(Debug, Clone, Default)]
pub struct Coverage(pub BTreeMap<String, Seen>);

impl Coverage {
    /// Nothing seen yet of any rule.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self(policy.rules.iter().map(|rule| (rule.id.clone(), Seen::default())).collect())
    }

    /// Adds a decision, and what its scenario says that it covers (`R24 exact`).
    pub fn add(&mut self, decision: &Decision, policy: &Policy, covers: &[String]) {
        for finding in &decision.rules {
            let seen = self.0.entry(finding.rule_id.clone()).or_default();
            let count = seen.results.entry(finding.result.word()).or_default();
            *count = count.saturating_add(1);
            let rule = policy.rule(&finding.rule_id);
            seen.beside.extend(rule.and_then(|rule| beside(finding, rule)));
        }
        for text in covers {
            let Some((id, word)) = text.split_once(' ') else { continue };
            let place = Beside::ALL.into_iter().find(|place| place.word() == word);
            if let (Some(seen), Some(place)) = (self.0.get_mut(id), place) {
                seen.beside.insert(place);
            }
        }
    }
}

/// Where a finding stands, if it is within one unit of its threshold. Both bounds must
/// be the same number: a range stands nowhere.
fn beside(finding: &Finding, rule: &Rule) -> Option<Beside> {
    if matches!(finding.result, RuleResult::NotApplicable | RuleResult::Unknown) {
        return None;
    }
    let threshold = i128::from(finding.threshold_bps?);
    let (numerator, denominator) =
        (finding.numerator?.bounds, finding.denominator?.bounds);
    if numerator.low != numerator.high || denominator.low != denominator.high {
        return None;
    }
    let whole = i128::from(Bps::WHOLE.0);
    let wanted = denominator.low.checked_mul(threshold)?;
    let room = match rule.measured.as_ref()?.test {
        // How far above ⌈threshold · d⌉.
        Test::AtLeast => {
            let least = wanted.checked_neg()?.checked_div_euclid(whole)?;
            numerator.low.checked_add(least)?
        }
        // How far below ⌊threshold · d⌋.
        Test::AtMost => wanted.checked_div_euclid(whole)?.checked_sub(numerator.low)?,
        _ => return None,
    };
    match room {
        -1 => Some(Beside::Below),
        0 => Some(Beside::Exact),
        1 => Some(Beside::Above),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::tests::{Case, exact};

    /// Where R02 (at least 75%) and R23 (at most 2%) stand on a fact.
    fn places(
        metric: &str,
        rule: &str,
        numerator: i128,
        denominator: i128,
    ) -> Vec<Beside> {
        let case = Case::worked().with(metric, exact(numerator, denominator));
        let mut coverage = Coverage::of(&case.policy);
        coverage.add(&case.decide(), &case.policy, &[]);
        coverage.0.get(rule).unwrap().beside.iter().copied().collect()
    }

    #[test]
    fn a_unit_beside_the_threshold_is_seen_on_its_side() {
        let used = |cents| places("previous_tranche_use", "R02", cents, 10_000);
        assert_eq!(used(7_499), [Beside::Below]);
        assert_eq!(used(7_500), [Beside::Exact]);
        assert_eq!(used(7_501), [Beside::Above]);
        assert_eq!(used(7_502), []);
        let open = |cents| places("classification_coverage", "R23", cents, 10_000);
        assert_eq!(open(201), [Beside::Below]);
        assert_eq!(open(200), [Beside::Exact]);
        assert_eq!(open(199), [Beside::Above]);
    }

    #[test]
    fn what_a_scenario_says_that_it_covers_counts() {
        let case = Case::worked();
        let mut coverage = Coverage::of(&case.policy);
        coverage.add(
            &case.decide(),
            &case.policy,
            &["R24 exact".to_owned(), "R24 x".into()],
        );
        let seen = coverage.0.get("R24").unwrap();
        assert_eq!(seen.beside.iter().copied().collect::<Vec<_>>(), [Beside::Exact]);
        assert_eq!(seen.results.get("PASS"), Some(&1));
    }
}
