//! Comparing a fact with a threshold at both of its bounds, without division.

use std::cmp::Ordering;

use crate::domain::verdict::RuleResult;
use crate::domain::{Bounds, Bps, Ratio};

use super::outcome::ObservedBps;
use super::policy::Test;

/// The numbers exceed 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overflow;

/// A numerator over a positive denominator.
pub(super) type Fraction = (i128, i128);

/// The least and the greatest fraction that bounds allow; nothing where a denominator
/// may not be positive.
pub(super) fn fractions(
    numerator: Bounds,
    denominator: Bounds,
) -> Option<(Fraction, Fraction)> {
    // A negative numerator is least over the least denominator.
    let under =
        |value: i128, wide: i128, narrow: i128| if value < 0 { narrow } else { wide };
    let least = under(numerator.low, denominator.high, denominator.low);
    let most = under(numerator.high, denominator.low, denominator.high);
    (denominator.low > 0).then_some(((numerator.low, least), (numerator.high, most)))
}

/// The least and the greatest ratio.
fn extremes(numerator: Bounds, denominator: Bounds) -> Option<(Ratio, Ratio)> {
    let (least, most) = fractions(numerator, denominator)?;
    Some((Ratio::new(least.0, least.1)?, Ratio::new(most.0, most.1)?))
}

/// Whether a ratio is on the right side of a threshold.
fn holds(test: Test, ratio: Ratio, threshold: Bps) -> Result<bool, Overflow> {
    let ordering = ratio.compare(threshold).ok_or(Overflow)?;
    Ok(match test {
        Test::AtMost => ordering != Ordering::Greater,
        _ => ordering != Ordering::Less,
    })
}

/// Three-valued: the same answer at both bounds is the answer.
pub(super) fn three_valued(at_worst: bool, at_best: bool) -> RuleResult {
    match (at_worst, at_best) {
        (true, _) => RuleResult::Pass,
        (false, false) => RuleResult::Fail,
        (false, true) => RuleResult::Unknown,
    }
}

/// A comparison at both bounds.
pub(super) fn compare(
    test: Test,
    numerator: Bounds,
    denominator: Bounds,
    threshold: Bps,
) -> Result<RuleResult, Overflow> {
    let Some((least, most)) = extremes(numerator, denominator) else {
        return Ok(RuleResult::Unknown);
    };
    let (worst, best) = if test == Test::AtMost { (most, least) } else { (least, most) };
    Ok(three_valued(holds(test, worst, threshold)?, holds(test, best, threshold)?))
}

/// The observed share, rounded towards failing, so that it always agrees with the
/// result: down where at least, up where at most.
pub(super) fn observed(
    test: Test,
    numerator: Bounds,
    denominator: Bounds,
) -> Option<ObservedBps> {
    let (least, most) = extremes(numerator, denominator)?;
    let round = |ratio: Ratio| match test {
        Test::AtLeast => ratio.bps_down(),
        _ => ratio.bps_up(),
    };
    Some(ObservedBps { low: round(least)?.0, high: round(most)?.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE_QUARTERS: Bps = Bps(7500);

    fn at_least(numerator: Bounds, denominator: i128) -> RuleResult {
        compare(Test::AtLeast, numerator, Bounds::exact(denominator), THREE_QUARTERS)
            .unwrap()
    }

    #[test]
    fn golden_g04_to_g06_three_quarters_to_the_cent() {
        let tranche = 100_000_000;
        assert_eq!(at_least(Bounds::exact(75_000_000), tranche), RuleResult::Pass);
        assert_eq!(at_least(Bounds::exact(74_999_999), tranche), RuleResult::Fail);
        let shown =
            observed(Test::AtLeast, Bounds::exact(74_999_999), Bounds::exact(tranche))
                .unwrap();
        assert_eq!(shown, ObservedBps { low: 7499, high: 7499 });
    }

    #[test]
    fn golden_g08_a_missing_recipient_is_a_range() {
        let used = Bounds { low: 320_531_600, high: 728_531_600 };
        let paid = 333_412_700 + 408_000_000;
        assert_eq!(at_least(used, paid), RuleResult::Unknown);
        let shown = observed(Test::AtLeast, used, Bounds::exact(paid)).unwrap();
        assert_eq!(shown, ObservedBps { low: 4323, high: 9826 });
    }

    #[test]
    fn a_ceiling_is_tested_at_its_high_bound_and_rounded_up() {
        let most = |low, high| {
            compare(Test::AtMost, Bounds { low, high }, Bounds::exact(1000), Bps(5000))
                .unwrap()
        };
        assert_eq!(most(500, 500), RuleResult::Pass);
        assert_eq!(most(501, 600), RuleResult::Fail);
        assert_eq!(most(400, 501), RuleResult::Unknown);
        let shown = observed(Test::AtMost, Bounds::exact(50_001), Bounds::exact(100_000));
        assert_eq!(shown, Some(ObservedBps { low: 5001, high: 5001 }));
    }

    #[test]
    fn nothing_is_concluded_over_nothing_and_overflow_is_told() {
        assert_eq!(at_least(Bounds::exact(1), 0), RuleResult::Unknown);
        let huge = Bounds::exact(i128::MAX);
        let result = compare(Test::AtLeast, huge, Bounds::exact(1), THREE_QUARTERS);
        assert_eq!(result, Err(Overflow));
    }
}
