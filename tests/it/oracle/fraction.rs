//! Exact fractions, small enough to be seen to be right.

use std::cmp::Ordering;

/// A fraction in lowest terms with a positive lower number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    upper: i128,
    lower: i128,
}

fn common(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs().max(1) } else { common(b, a % b) }
}

impl Fraction {
    pub(super) fn new(upper: i128, lower: i128) -> Self {
        assert!(lower != 0, "a fraction over zero");
        let by = common(upper, lower) * lower.signum();
        Self { upper: upper / by, lower: lower / by }
    }

    pub(super) fn whole(number: i128) -> Self {
        Self::new(number, 1)
    }

    pub(super) fn bps(number: i128) -> Self {
        Self::new(number, 10_000)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self::new(
            self.upper * other.lower + other.upper * self.lower,
            self.lower * other.lower,
        )
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(Self { upper: -other.upper, lower: other.lower })
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self::new(self.upper * other.upper, self.lower * other.lower)
    }

    pub(super) fn over(self, other: Self) -> Self {
        self.times(Self::new(other.lower, other.upper))
    }

    pub(super) fn floor(self) -> i128 {
        self.upper.div_euclid(self.lower)
    }

    /// To the nearest whole number, half up.
    pub(super) fn round(self) -> i128 {
        self.plus(Self::new(1, 2)).floor()
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.upper * other.lower).cmp(&(other.upper * self.lower))
    }
}

/// Splits an amount by weights: floors of the exact parts, and a cent more for those
/// with the largest remainders; `weights` stand in the order in which ties are settled.
pub(super) fn share_out(amount: i128, weights: &[i128]) -> Vec<i128> {
    let all: i128 = weights.iter().sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<Fraction> =
        weights.iter().map(|weight| Fraction::new(amount * weight, all)).collect();
    let mut parts: Vec<i128> = exact.iter().map(|part| part.floor()).collect();
    while parts.iter().sum::<i128>() < amount {
        let rest = |place: usize| exact[place].minus(Fraction::whole(parts[place]));
        let mut best = 0;
        for place in 1..parts.len() {
            if rest(place) > rest(best) {
                best = place;
            }
        }
        parts[best] += 1;
    }
    parts
}

#[test]
fn a_cent_goes_to_the_largest_rest() {
    assert_eq!(share_out(100, &[1, 1, 1]), [34, 33, 33]);
    assert_eq!(share_out(10, &[3333, 6667]), [3, 7]);
    assert_eq!(Fraction::new(5, 2).round(), 3);
    assert_eq!(Fraction::new(-5, 2).floor(), -3);
    assert!(Fraction::new(74_999, 100_000) < Fraction::bps(7500));
}
