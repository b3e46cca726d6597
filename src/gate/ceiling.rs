//! How much gated money fits under the hardware ceiling (`contract.md` Q45).

use crate::domain::{Bps, Class, Money, apportion};
use crate::metrics::facts::{Fact, PlannedShare};

use super::evaluate::number_of;

/// Returns x = ⌊(cap·(D + O) − 10000·(H + Oh)) / (10000 − cap)⌋, at least zero: what may
/// be released of gated money so that hardware stays at or below its ceiling.
///
/// D and H are direct cost and hardware (at its high bound) of earlier tranches; O is
/// the ungated direct cost of this tranche that is still payable, Oh its exempt hardware,
/// mixed and unclassified part. Nothing where a number exceeds 128 bits.
pub(super) fn room(
    cap: Bps,
    past_direct: i128,
    past_hardware: i128,
    open_direct: i128,
    open_hardware: i128,
) -> Option<Money> {
    let cap = i128::from(cap.0);
    let whole = i128::from(Bps::WHOLE.0);
    let direct = past_direct.checked_add(open_direct)?.checked_mul(cap)?;
    let hardware = past_hardware.checked_add(open_hardware)?.checked_mul(whole)?;
    let left = whole.checked_sub(cap)?;
    if left <= 0 {
        // A ceiling of 100% is never exceeded.
        return Some(Money::from_cents(i128::MAX));
    }
    let room = direct.checked_sub(hardware)?.checked_div_euclid(left)?;
    Some(Money::from_cents(room.max(0)))
}

/// The room that a fact of the ceiling and the ungated money of this tranche leave;
/// zero where the fact lacks a number, because doubt never releases money.
pub(super) fn room_of<'p>(
    fact: &Fact,
    cap: Option<Bps>,
    ungated: impl IntoIterator<Item = &'p PlannedShare>,
) -> Option<Money> {
    let (mut direct, mut hardware) = (Money::ZERO, Money::ZERO);
    for share in ungated {
        if share.class.is_direct() {
            direct = direct.checked_add(share.amount)?;
        }
        if share.class == Class::Hardware || share.class.is_doubtful() {
            hardware = hardware.checked_add(share.amount)?;
        }
    }
    let past = (number_of(fact, "past_direct"), number_of(fact, "past_hardware_high"));
    match (cap, past) {
        (Some(cap), (Some(past_direct), Some(past_hardware))) => {
            room(cap, past_direct, past_hardware, direct.cents(), hardware.cents())
        }
        _ => Some(Money::ZERO),
    }
}

/// Splits the room over gated shares by largest remainder; ties go to the larger amount,
/// then line, class, subclass. Returns the parts in the order of `shares`.
pub(super) fn spread(room: Money, shares: &[&PlannedShare]) -> Option<Vec<Money>> {
    let total = Money::sum(shares.iter().map(|share| share.amount)).ok()?;
    if room >= total {
        return Some(shares.iter().map(|share| share.amount).collect());
    }
    let mut order: Vec<(usize, &&PlannedShare)> = shares.iter().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| {
        let key =
            |share: &PlannedShare| (share.line_id.clone(), share.class, share.subclass);
        b.amount.cmp(&a.amount).then_with(|| key(a).cmp(&key(b)))
    });
    let weights: Vec<i128> =
        order.iter().map(|(_, share)| share.amount.cents()).collect();
    let split = apportion(room, &weights).ok()?;
    let mut parts = vec![Money::ZERO; shares.len()];
    for ((index, _), part) in order.into_iter().zip(split) {
        *parts.get_mut(index)? = part;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_of_the_worked_example_by_hand() {
        // Budget: hardware 1,200,000.00 of 2,584,579.44 direct is 46.42%, with 5% more
        // 51.42%. First tranche without hardware, ungated 550,000.00 in the second:
        // 5142 × 550,000.00 / 4858 = 582,153.1494…
        let room = |cap, past_d, past_h, open| room(Bps(cap), past_d, past_h, open, 0);
        let cap = 120_000_000 * 10_000 / 258_457_944 + 500;
        assert_eq!(cap, 5142);
        assert_eq!(room(cap, 0, 0, 55_000_000), Some(Money::from_cents(58_215_314)));
        // Hardware already above the ceiling leaves nothing, not less than nothing.
        assert_eq!(room(5000, 100, 100, 0), Some(Money::ZERO));
        assert_eq!(room(10_000, 100, 100, 0), Some(Money::from_cents(i128::MAX)));
        assert_eq!(room(5000, i128::MAX, 0, 1), None);
    }
}
