//! Exact ratios, compared by cross-multiplication and never by division.

use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;

/// A share in basis points: 10000 is the whole.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize,
)]
#[serde(transparent)]
pub struct Bps(pub i64);

impl Bps {
    /// The whole, 10000 basis points.
    pub const WHOLE: Self = Self(10_000);

    /// The share as a percentage for people, with as many decimals as it needs.
    ///
    /// ```
    /// use ssrfund::domain::Bps;
    /// assert_eq!(Bps(7500).percent(), "75%");
    /// assert_eq!(Bps(7525).percent(), "75.25%");
    /// assert_eq!(Bps(50).percent(), "0.5%");
    /// ```
    #[must_use]
    pub fn percent(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let (units, rest) = (magnitude.div_euclid(100), magnitude.rem_euclid(100));
        match rest {
            0 => format!("{sign}{units}%"),
            r if r.rem_euclid(10) == 0 => format!("{sign}{units}.{}%", r.div_euclid(10)),
            r => format!("{sign}{units}.{r:02}%"),
        }
    }
}

impl fmt::Display for Bps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.percent())
    }
}

/// A quotient of two whole numbers with a positive denominator, kept as it is.
///
/// ```
/// use std::cmp::Ordering;
/// use ssrfund::domain::{Bps, Ratio};
/// let just_below = Ratio::new(7_499_999, 10_000_000).unwrap();
/// assert_eq!(just_below.compare(Bps(7500)), Some(Ordering::Less));
/// assert_eq!(just_below.bps_down(), Some(Bps(7499)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Returns the ratio, or nothing where the denominator is not positive.
    #[must_use]
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        (denominator > 0).then_some(Self { numerator, denominator })
    }

    /// Compares with a threshold in basis points; nothing on overflow.
    #[must_use]
    pub fn compare(self, threshold: Bps) -> Option<Ordering> {
        let left = self.numerator.checked_mul(10_000)?;
        let right = self.denominator.checked_mul(i128::from(threshold.0))?;
        Some(left.cmp(&right))
    }

    /// The ratio in basis points, rounded down.
    #[must_use]
    pub fn bps_down(self) -> Option<Bps> {
        let scaled = self.numerator.checked_mul(10_000)?;
        let floor = scaled.checked_div_euclid(self.denominator)?;
        i64::try_from(floor).ok().map(Bps)
    }

    /// The ratio in basis points, rounded up.
    #[must_use]
    pub fn bps_up(self) -> Option<Bps> {
        let scaled = self.numerator.checked_mul(10_000)?;
        let floor = scaled.checked_div_euclid(self.denominator)?;
        let rest = scaled.checked_rem_euclid(self.denominator)?;
        i64::try_from(floor.checked_add(i128::from(rest > 0))?).ok().map(Bps)
    }

    /// The ratio in basis points, rounded half up (for reports, never for tests).
    #[must_use]
    pub fn bps_half_up(self) -> Option<Bps> {
        let scaled = self.numerator.checked_mul(10_000)?;
        i64::try_from(super::money::half_up(scaled, self.denominator)?).ok().map(Bps)
    }
}

/// A number known only to lie between two others; equal bounds are a known number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bounds {
    /// The least it can be.
    pub low: i128,
    /// The most it can be.
    pub high: i128,
}

impl Bounds {
    /// Returns a known number.
    #[must_use]
    pub const fn exact(value: i128) -> Self {
        Self { low: value, high: value }
    }

    /// Whether the number is known.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self.low == self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cent_below_three_quarters_is_below() {
        let exact = Ratio::new(75_000_000, 100_000_000).unwrap();
        let below = Ratio::new(74_999_999, 100_000_000).unwrap();
        assert_eq!(exact.compare(Bps(7500)), Some(Ordering::Equal));
        assert_eq!(below.compare(Bps(7500)), Some(Ordering::Less));
        assert_eq!(below.bps_down(), Some(Bps(7499)));
        assert_eq!(below.bps_half_up(), Some(Bps(7500)));
    }

    #[test]
    fn rounds_towards_failing_both_ways() {
        let third = Ratio::new(1, 3).unwrap();
        assert_eq!(third.bps_down(), Some(Bps(3333)));
        assert_eq!(third.bps_up(), Some(Bps(3334)));
        let minus = Ratio::new(-1, 3).unwrap();
        assert_eq!(minus.bps_down(), Some(Bps(-3334)));
        assert_eq!(minus.bps_up(), Some(Bps(-3333)));
    }
}
