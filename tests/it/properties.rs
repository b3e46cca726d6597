//! Properties of money and ratios that hold for any input.

use proptest::prelude::*;
use ssrfund::domain::apportion::{apportion, whole_percents};
use ssrfund::domain::{Bps, Money, Ratio};

proptest! {
    #[test]
    fn a_split_keeps_every_cent(
        total in -1_000_000_000_000_i128..1_000_000_000_000,
        weights in prop::collection::vec(0_i128..20_000, 1..12),
    ) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let parts = apportion(Money::from_cents(total), &weights).unwrap();
        prop_assert_eq!(parts.iter().map(|part| part.cents()).sum::<i128>(), total);
        for (part, weight) in parts.iter().zip(&weights) {
            // Nobody is more than a cent away from the exact share, and nobody's sign turns.
            let exact = total * weight;
            let sum: i128 = weights.iter().sum();
            prop_assert!((part.cents() * sum - exact).abs() < sum);
            prop_assert!(part.cents() == 0 || (part.cents() > 0) == (total > 0));
        }
    }

    #[test]
    fn an_amount_reads_back_as_it_was_written(cents in -999_999_999_999_999_999_i128..=999_999_999_999_999_999) {
        let money = Money::from_cents(cents);
        prop_assert_eq!(Money::parse(&money.to_string()), Ok(money));
    }

    #[test]
    fn ratios_compare_like_their_cross_products(
        numerator in 0_i128..10_000_000_000_000,
        denominator in 1_i128..10_000_000_000_000,
        bps in 0_i64..=12_000,
    ) {
        let ratio = Ratio::new(numerator, denominator).unwrap();
        let expected = (numerator * 10_000).cmp(&(denominator * i128::from(bps)));
        prop_assert_eq!(ratio.compare(Bps(bps)), Some(expected));
        // Rounded towards failing, the number shown agrees with the comparison.
        let down = ratio.bps_down().unwrap().0;
        prop_assert_eq!(down >= bps, expected.is_ge());
        let up = ratio.bps_up().unwrap().0;
        prop_assert_eq!(up <= bps, expected.is_le());
    }

    #[test]
    fn one_cent_decides_at_the_threshold(denominator in 1_i128..10_000_000_000, bps in 1_i64..=10_000) {
        let least = (denominator * i128::from(bps) + 9_999) / 10_000;
        let at = Ratio::new(least, denominator).unwrap();
        let below = Ratio::new(least - 1, denominator).unwrap();
        prop_assert!(at.compare(Bps(bps)).unwrap().is_ge());
        prop_assert!(below.compare(Bps(bps)).unwrap().is_lt());
    }

    #[test]
    fn whole_percents_sum_to_a_hundred(amounts in prop::collection::vec(0_i128..1_000_000_000, 1..8)) {
        prop_assume!(amounts.iter().any(|amount| *amount > 0));
        let percents = whole_percents(&amounts).unwrap();
        prop_assert_eq!(percents.iter().sum::<i64>(), 100);
    }
}
