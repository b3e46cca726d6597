//! Splitting money so that no cent is lost: the largest-remainder rule.

use crate::error::{Error, Result};

use super::Money;

/// Splits `total` over `weights` by largest remainder; the parts sum to `total`.
///
/// `weights` are non-negative and given in the order in which ties are settled: of two
/// equal remainders the earlier weight gets the cent. A negative total is split like
/// its magnitude. Where all weights are zero there is nothing to split over.
///
/// ```
/// use ssrfund::domain::{Money, apportion};
/// let parts = apportion(Money::from_cents(100), &[1, 1, 1]).unwrap();
/// assert_eq!(parts.iter().map(|part| part.cents()).collect::<Vec<_>>(), [34, 33, 33]);
/// ```
///
/// # Errors
/// A data error where a weight is negative or all are zero; internal on overflow.
pub fn apportion(total: Money, weights: &[i128]) -> Result<Vec<Money>> {
    let overflow = || Error::internal("an amount exceeds 128 bits while it is split");
    if weights.iter().any(|weight| *weight < 0) {
        return Err(Error::data("a share is negative"));
    }
    let mut sum: i128 = 0;
    for weight in weights {
        sum = sum.checked_add(*weight).ok_or_else(overflow)?;
    }
    if sum == 0 {
        return Err(Error::data("there is no share to split over"));
    }
    let magnitude = total.cents().checked_abs().ok_or_else(overflow)?;
    let mut parts = Vec::with_capacity(weights.len());
    let mut rests = Vec::with_capacity(weights.len());
    let mut given: i128 = 0;
    for (index, weight) in weights.iter().enumerate() {
        let scaled = magnitude.checked_mul(*weight).ok_or_else(overflow)?;
        let part = scaled.div_euclid(sum);
        given = given.checked_add(part).ok_or_else(overflow)?;
        rests.push((scaled.rem_euclid(sum), index));
        parts.push(part);
    }
    rests.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = usize::try_from(magnitude.saturating_sub(given)).unwrap_or(0);
    for (_, index) in rests.into_iter().take(left) {
        if let Some(part) = parts.get_mut(index) {
            *part = part.saturating_add(1);
        }
    }
    let sign = if total.cents() < 0 { -1 } else { 1 };
    Ok(parts
        .into_iter()
        .map(|part| Money::from_cents(part.saturating_mul(sign)))
        .collect())
}

/// Whole percents of a composition by largest remainder, so that they sum to 100.
///
/// Ties go to the larger amount, then to the earlier one. Nothing where the amounts do
/// not make up a composition (a negative one, or all zero).
///
/// ```
/// use ssrfund::domain::apportion::whole_percents;
/// assert_eq!(whole_percents(&[715, 215, 70]), Some(vec![72, 21, 7]));
/// ```
#[must_use]
pub fn whole_percents(amounts: &[i128]) -> Option<Vec<i64>> {
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by(|a, b| {
        let amount = |index: &usize| amounts.get(*index).copied().unwrap_or(0);
        amount(b).cmp(&amount(a)).then(a.cmp(b))
    });
    let weights: Vec<i128> =
        order.iter().filter_map(|index| amounts.get(*index).copied()).collect();
    let parts = apportion(Money::from_cents(100), &weights).ok()?;
    let mut percents = vec![0_i64; amounts.len()];
    for (place, part) in order.into_iter().zip(parts) {
        *percents.get_mut(place)? = i64::try_from(part.cents()).ok()?;
    }
    Some(percents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_g02() {
        assert_eq!(whole_percents(&[715, 215, 70]), Some(vec![72, 21, 7]));
        assert_eq!(whole_percents(&[0, 0]), None);
        assert_eq!(whole_percents(&[5, -1]), None);
    }

    #[test]
    fn a_negative_total_is_split_like_its_magnitude() {
        let parts = apportion(Money::from_cents(-100), &[2, 1]).unwrap();
        assert_eq!(parts, [Money::from_cents(-67), Money::from_cents(-33)]);
    }
}
