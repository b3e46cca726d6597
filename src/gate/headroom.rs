//! How far a finding stands from its threshold, in its own unit.

use crate::domain::{Bps, Money};

use super::outcome::Finding;
use super::policy::{Rule, Test, Unit};

/// The distance of a finding from its threshold at its bound nearest to failing: above
/// zero there is room, below it that much is lacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headroom {
    /// In money, where the rule compares money: by so much the numerator may move.
    pub money: Option<Money>,
    /// In basis points of the share.
    pub share: Bps,
}

/// The distance of a finding from its threshold; nothing where it has none, or where a
/// number exceeds 128 bits.
#[must_use]
pub fn headroom(finding: &Finding, rule: &Rule) -> Option<Headroom> {
    let threshold = finding.threshold_bps?;
    let measured = rule.measured.as_ref()?;
    let (numerator, denominator) = (finding.numerator?, finding.denominator?);
    let observed = finding.observed_bps?;
    let whole = i128::from(Bps::WHOLE.0);
    let (share, cents) = match measured.test {
        Test::AtLeast => {
            // ⌈threshold · d⌉ is needed; the least that was observed counts.
            let wanted = denominator
                .bounds
                .high
                .checked_mul(i128::from(threshold))?
                .checked_neg()?;
            let needed = wanted.checked_div_euclid(whole)?.checked_neg()?;
            let room = numerator.bounds.low.checked_sub(needed)?;
            (observed.low.checked_sub(threshold)?, room)
        }
        Test::AtMost | Test::EachItemPasses => {
            let allowed = denominator
                .bounds
                .low
                .checked_mul(i128::from(threshold))?
                .checked_div_euclid(whole)?;
            let room = allowed.checked_sub(numerator.bounds.high)?;
            (threshold.checked_sub(observed.high)?, room)
        }
        Test::NoneFail | Test::Positive | Test::AllMet => return None,
    };
    let money = (measured.unit == Unit::Cents).then(|| Money::from_cents(cents));
    Some(Headroom { money, share: Bps(share) })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Case, exact};
    use super::*;

    fn of(rule: &str, case: &Case) -> Option<Headroom> {
        let decision = case.decide();
        let finding = decision.rules.iter().find(|f| f.rule_id == rule).unwrap();
        headroom(finding, case.policy.rule(rule).unwrap())
    }

    #[test]
    fn at_least_tells_the_cents_above_or_below() {
        let use_of = |spent| {
            let case = Case::worked().with("previous_tranche_use", exact(spent, 10_001));
            of("R02", &case).unwrap()
        };
        // ⌈0.75 × 10,001⌉ = 7,501 cents are needed.
        assert_eq!(use_of(7_501).money, Some(Money::from_cents(0)));
        assert_eq!(use_of(7_500).money, Some(Money::from_cents(-1)));
        assert_eq!(use_of(7_500).share, Bps(-1));
        assert_eq!(use_of(10_001).share, Bps(2_500));
    }

    #[test]
    fn a_rule_without_a_threshold_has_no_headroom() {
        assert_eq!(of("R05", &Case::worked()), None);
    }
}
