//! Percentages as basis points that sum to the whole, by largest remainder.

use super::notices::{NO_PERCENTAGES, NOT_HUNDRED, NOT_WHOLE, Notice, SOME_PERCENTAGES};
use crate::domain::{Money, apportion};

/// The whole in basis points.
pub(super) const WHOLE: i128 = 10_000;

/// Decimal places of a percentage that are read.
const PLACES: usize = 18;

/// Ten to the power of [`PLACES`].
const UNIT: i128 = 1_000_000_000_000_000_000;

/// A hundred percent in those units.
pub(super) const HUNDRED: i128 = 100 * UNIT;

/// A percentage in units of its last readable place; nothing where the text is not a
/// decimal from 0 to 100.
pub(super) fn percentage(text: &str) -> Option<i128> {
    let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let is_number = text.bytes().any(|b| b.is_ascii_digit());
    if !is_number || !digits(integer) || !digits(fraction) || fraction.len() > PLACES {
        return None;
    }
    let units = format!("{integer}{fraction:0<PLACES$}").parse::<i128>().ok()?;
    (units <= HUNDRED).then_some(units)
}

/// The basis points of each part, and a remark where they had to be made up.
///
/// A part alone is the whole. Parts without a percentage share what the others leave.
/// Ties of the largest remainder go to the earlier part.
pub(super) fn basis_points(parts: &[Option<i128>]) -> (Vec<i128>, Option<Notice>) {
    if let [only] = parts {
        let whole = only.is_none_or(|units| units == HUNDRED);
        return (vec![WHOLE], (!whole).then_some(NOT_WHOLE));
    }
    let given =
        parts.iter().flatten().fold(0_i128, |sum, units| sum.saturating_add(*units));
    let missing = parts.iter().filter(|part| part.is_none()).count();
    let (weights, notice) = if given == 0 {
        (vec![1; parts.len()], Some(NO_PERCENTAGES))
    } else if missing > 0 {
        let left = HUNDRED.saturating_sub(given).max(0);
        let each = left.div_euclid(i128::try_from(missing).unwrap_or(1).max(1));
        let weights = parts.iter().map(|part| part.unwrap_or(each)).collect();
        (weights, Some(SOME_PERCENTAGES))
    } else {
        let weights: Vec<i128> = parts.iter().map(|part| part.unwrap_or(0)).collect();
        (weights, (given != HUNDRED).then_some(NOT_HUNDRED))
    };
    let points = apportion(Money::from_cents(WHOLE), &weights).unwrap_or_default();
    (points.into_iter().map(Money::cents).collect(), notice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(texts: &[&str]) -> (Vec<i128>, Option<Notice>) {
        let parts: Vec<Option<i128>> = texts
            .iter()
            .map(|text| (!text.is_empty()).then(|| percentage(text).unwrap()))
            .collect();
        basis_points(&parts)
    }

    #[test]
    fn shares_sum_to_the_whole() {
        assert_eq!(split(&["60", "40.00"]), (vec![6000, 4000], None));
        assert_eq!(split(&["33.33", "33.33", "33.34"]), (vec![3333, 3333, 3334], None));
        assert_eq!(
            split(&["33.33", "33.33", "33.33"]),
            (vec![3334, 3333, 3333], Some(NOT_HUNDRED))
        );
        assert_eq!(split(&["", "", ""]), (vec![3334, 3333, 3333], Some(NO_PERCENTAGES)));
        assert_eq!(split(&["0", "0"]), (vec![5000, 5000], Some(NO_PERCENTAGES)));
        assert_eq!(
            split(&["50", "", ""]),
            (vec![5000, 2500, 2500], Some(SOME_PERCENTAGES))
        );
        assert_eq!(split(&["100", ""]), (vec![10_000, 0], Some(SOME_PERCENTAGES)));
        assert_eq!(split(&["70"]), (vec![10_000], Some(NOT_WHOLE)));
        assert_eq!(split(&[""]), (vec![10_000], None));
        assert_eq!(split(&["80", "80"]), (vec![5000, 5000], Some(NOT_HUNDRED)));
    }

    #[test]
    fn a_percentage_is_a_decimal_from_0_to_100() {
        assert_eq!(percentage("12.5"), Some(12_500_000_000_000_000_000));
        assert_eq!(percentage(".5"), percentage("0.50"));
        for text in
            ["", ".", "50%", "-1", "100.01", "1e1", "1,5", "1000000000000000000000"]
        {
            assert_eq!(percentage(text), None, "{text}");
        }
    }
}
