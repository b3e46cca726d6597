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
