//! Comparing numbers with thresholds at both bounds, by cross-multiplication.

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

/// Basis points of a whole.
pub(super) const WHOLE: i128 = 10_000;

/// What holds at both ends holds; what holds at one only is not known.
pub(super) fn both(worst: bool, best: bool) -> RuleResult {
    if worst && best {
        RuleResult::Pass
    } else if best {
        RuleResult::Unknown
    } else {
        RuleResult::Fail
    }
}

/// `part` is `share` basis points of `of`, or more.
pub(super) fn reaches(part: i128, of: i128, share: i128) -> Option<bool> {
    Some(part.checked_mul(WHOLE)? >= share.checked_mul(of)?)
}

/// At least `share` basis points at both bounds.
pub(super) fn at_least(part: Bounds, of: i128, share: i128) -> Option<RuleResult> {
    Some(both(reaches(part.low, of, share)?, reaches(part.high, of, share)?))
}

/// At most `share` basis points at both bounds.
pub(super) fn at_most(part: Bounds, of: i128, share: i128) -> Option<RuleResult> {
    let within = |part: i128| Some(part.checked_mul(WHOLE)? <= share.checked_mul(of)?);
    Some(both(within(part.high)?, within(part.low)?))
}

/// A fact beats ignorance: FAIL, then UNKNOWN, then PASS; nothing of nothing.
pub(super) fn gravest(
    results: impl IntoIterator<Item = RuleResult>,
) -> Option<RuleResult> {
    let mut gravest = None;
    for result in results {
        gravest = match (gravest, result) {
            (Some(RuleResult::Fail), _) | (_, RuleResult::Fail) => Some(RuleResult::Fail),
            (Some(RuleResult::Unknown), _) | (_, RuleResult::Unknown) => {
                Some(RuleResult::Unknown)
            }
            _ => Some(result),
        };
    }
    gravest
}

/// `part` basis points of an amount that is not negative, half a cent up.
pub(super) fn part_half_up(amount: i128, part: i128) -> Option<i128> {
    divide_half_up(amount.checked_mul(part)?, WHOLE)
}

/// A quotient of numbers that are not negative, half up.
pub(super) fn divide_half_up(upper: i128, lower: i128) -> Option<i128> {
    let down = upper.checked_div(lower)?;
    let rest = upper.checked_rem(lower)?;
    down.checked_add(i128::from(rest.checked_mul(2)? >= lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_decide_only_together() {
        let part = |low, high| Bounds { low, high };
        assert_eq!(at_least(part(75, 75), 100, 7500), Some(RuleResult::Pass));
        assert_eq!(at_least(part(74, 75), 100, 7500), Some(RuleResult::Unknown));
        assert_eq!(at_least(part(0, 74), 100, 7500), Some(RuleResult::Fail));
        assert_eq!(at_most(part(1, 2), 100, 200), Some(RuleResult::Pass));
        assert_eq!(at_most(part(2, 3), 100, 200), Some(RuleResult::Unknown));
        assert_eq!(at_most(part(3, 4), 100, 200), Some(RuleResult::Fail));
        assert_eq!(at_least(part(i128::MAX, i128::MAX), 1, 1), None);
    }

    #[test]
    fn half_a_cent_goes_up() {
        assert_eq!(divide_half_up(5, 10), Some(1));
        assert_eq!(divide_half_up(4, 10), Some(0));
        assert_eq!(divide_half_up(4, 3), Some(1));
        assert_eq!(divide_half_up(5, 3), Some(2));
        assert_eq!(part_half_up(50, 700), Some(4));
        assert_eq!(part_half_up(49, 700), Some(3));
    }

    #[test]
    fn a_fact_beats_ignorance() {
        use RuleResult::{Fail, Pass, Unknown};
        assert_eq!(gravest([Pass, Unknown, Fail, Pass]), Some(Fail));
        assert_eq!(gravest([Pass, Unknown, Pass]), Some(Unknown));
        assert_eq!(gravest([]), None);
    }
}
