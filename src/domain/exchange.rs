//! Exchange rates: what an amount was worth in US dollars on its value date.
//!
//! The rule, once and for all: `amount_usd = amount / units_per_usd`, rounded half up
//! (away from zero at the half) to cents, once per row. A rate is in force from its first
//! day until the next rate of the same currency; a US dollar is a US dollar. A day
//! without a rate is an error that names currency and day: there is no nearest rate, no
//! earlier guess and no empty result.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::error::{Error, Result};

use super::Money;
use super::money::half_up;

/// The currency that everything is converted to.
pub const USD: &str = "USD";

/// Millionths in one unit of a rate.
const MICROS: i128 = 1_000_000;

/// The largest amount that a column of money can hold, in cents.
const MAX_CENTS: i128 = super::money::MAX_CENTS;

/// Rates by currency and first day, in millionths of a unit per US dollar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates(BTreeMap<String, BTreeMap<NaiveDate, i128>>);

impl Rates {
    /// Adds a rate: `micros` millionths of a unit of `currency` for one US dollar, from
    /// `from` on.
    ///
    /// # Errors
    /// A rate that is not positive, or another one of the same day.
    pub fn add(&mut self, currency: &str, from: NaiveDate, micros: i128) -> Result<()> {
        if micros <= 0 {
            let what =
                format!("the exchange rate of `{currency}` from {from} is not positive");
            return Err(Error::data(what).fix("give units of it for one US dollar"));
        }
        let rates = self.0.entry(currency.to_owned()).or_default();
        match rates.insert(from, micros) {
            Some(before) if before != micros => {
                let what = format!("`{currency}` has two exchange rates from {from}");
                Err(Error::data(what).fix("keep one of them in `exchange_rates`"))
            }
            _ => Ok(()),
        }
    }

    /// Whether no rate is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Millionths of a unit of `currency` for one US dollar on `day`, if a rate is in
    /// force.
    #[must_use]
    pub fn on(&self, currency: &str, day: NaiveDate) -> Option<i128> {
        if currency == USD {
            return Some(MICROS);
        }
        self.0.get(currency)?.range(..=day).next_back().map(|(_, micros)| *micros)
    }

    /// What `amount` of `currency` was worth in US dollars on `day`; nothing where no
    /// rate is in force.
    ///
    /// ```
    /// use ssrfund::domain::Money;
    /// use ssrfund::domain::exchange::Rates;
    /// use ssrfund::domain::time::parse_day;
    /// let day = |text: &str| parse_day(text).unwrap();
    /// let mut rates = Rates::default();
    /// rates.add("EUR", day("2024-01-01"), 900_000).unwrap();
    /// let amount = Money::parse("100.00").unwrap();
    /// let usd = rates.usd(amount, "EUR", day("2024-03-04")).unwrap();
    /// assert_eq!(usd.unwrap().to_string(), "111.11");
    /// assert_eq!(rates.usd(amount, "EUR", day("2023-12-31")).unwrap(), None);
    /// ```
    ///
    /// # Errors
    /// The result has more than 16 digits before the point.
    pub fn usd(
        &self,
        amount: Money,
        currency: &str,
        day: NaiveDate,
    ) -> Result<Option<Money>> {
        let Some(rate) = self.on(currency, day) else { return Ok(None) };
        let cents = amount
            .cents()
            .checked_mul(MICROS)
            .and_then(|scaled| half_up(scaled, rate))
            .filter(|cents| cents.checked_abs().is_some_and(|size| size <= MAX_CENTS));
        cents.map(|cents| Some(Money::from_cents(cents))).ok_or_else(|| {
            Error::data(format!(
                "{currency} {amount} on {day} is more US dollars than an amount can hold"
            ))
            .fix("check the exchange rate: it is units for one US dollar")
        })
    }
}

/// Days on which an exchange rate is missing, by currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps(BTreeMap<String, BTreeSet<NaiveDate>>);

impl Gaps {
    /// Notes a day without a rate.
    pub fn add(&mut self, currency: &str, day: NaiveDate) {
        match self.0.get_mut(currency) {
            Some(days) => {
                days.insert(day);
            }
            None => {
                self.0.insert(currency.to_owned(), BTreeSet::from([day]));
            }
        }
    }

    /// The error that names every currency with its first day, or nothing where no rate
    /// is missing.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        let told: Vec<String> = self
            .0
            .iter()
            .filter_map(|(currency, days)| {
                let (first, last) = (days.first()?, days.last()?);
                Some(match days.len().saturating_sub(1) {
                    0 => format!("`{currency}` on {first}"),
                    1 => format!("`{currency}` on {first} and {last}"),
                    more => {
                        format!("`{currency}` on {first} and {more} more days to {last}")
                    }
                })
            })
            .collect();
        if told.is_empty() {
            return None;
        }
        let what = format!("there is no exchange rate of {}", told.join(", "));
        Some(Error::data(what).fix(
            "load rates into `exchange_rates` (currency, valid_from, units_per_usd, \
             source); a rate holds from its day until the next",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_day;

    fn day(text: &str) -> NaiveDate {
        parse_day(text).unwrap()
    }

    fn usd(cents: i128, micros: i128) -> Option<i128> {
        let mut rates = Rates::default();
        rates.add("XOF", day("2020-01-01"), micros).unwrap();
        let amount = Money::from_cents(cents);
        rates.usd(amount, "XOF", day("2020-01-01")).ok()?.map(Money::cents)
    }

    #[test]
    fn a_rate_holds_from_its_day_until_the_next() {
        let mut rates = Rates::default();
        rates.add("EUR", day("2020-01-01"), 900_000).unwrap();
        rates.add("EUR", day("2020-07-01"), 800_000).unwrap();
        for (on, micros) in [
            ("2019-12-31", None),
            ("2020-01-01", Some(900_000)),
            ("2020-06-30", Some(900_000)),
            ("2020-07-01", Some(800_000)),
            ("2099-12-31", Some(800_000)),
        ] {
            assert_eq!(rates.on("EUR", day(on)), micros, "{on}");
        }
        assert_eq!(rates.on("GBP", day("2020-01-01")), None);
        assert_eq!(rates.on("USD", day("1990-01-01")), Some(1_000_000));
    }

    #[test]
    fn amounts_are_rounded_half_up_once() {
        for (cents, micros, expected) in [
            (10_000, 900_000, 11_111),
            // 0.01 / 2 is half a cent: up, away from zero.
            (1, 2_000_000, 1),
            (-1, 2_000_000, -1),
            (1, 2_000_001, 0),
            (-1, 2_000_001, 0),
            (3, 2_000_000, 2),
            // The finest rate there is, and a rate of six places.
            (1, 1, 1_000_000),
            (65_595_700, 655_957_000, 100_000),
            (0, 655_957_000, 0),
            (123_456_789, 1_000_000, 123_456_789),
        ] {
            assert_eq!(usd(cents, micros), Some(expected), "{cents} at {micros}");
        }
        assert_eq!(usd(MAX_CENTS, 1_000_000), Some(MAX_CENTS));
        assert_eq!(usd(-MAX_CENTS, 1_000_000), Some(-MAX_CENTS));
        assert_eq!(usd(MAX_CENTS, 999_999), None);
        assert_eq!(usd(i128::MAX, 1_000_000), None);
    }

    #[test]
    fn rounding_is_exact_against_whole_numbers() {
        // usd is the integer nearest to cents * 10^6 / rate, ties away from zero.
        for cents in -300_i128..300 {
            for micros in [1, 3, 7, 999_999, 1_000_001, 2_000_000, 655_957_000] {
                let got = usd(cents, micros).unwrap();
                let (n, d) = (cents.abs() * MICROS, micros);
                let (q, r) = (n / d, n % d);
                let nearest = if 2 * r >= d { q + 1 } else { q };
                assert_eq!(got, nearest * cents.signum(), "{cents} at {micros}");
            }
        }
    }

    #[test]
    fn a_rate_is_positive_and_told_once() {
        let mut rates = Rates::default();
        assert!(rates.add("EUR", day("2020-01-01"), 0).is_err());
        assert!(rates.add("EUR", day("2020-01-01"), -5).is_err());
        rates.add("EUR", day("2020-01-01"), 5).unwrap();
        rates.add("EUR", day("2020-01-01"), 5).unwrap();
        assert!(rates.add("EUR", day("2020-01-01"), 6).is_err());
    }

    #[test]
    fn gaps_name_currency_and_day() {
        let mut gaps = Gaps::default();
        assert!(gaps.error().is_none());
        gaps.add("EUR", day("2020-02-01"));
        gaps.add("EUR", day("2020-02-01"));
        assert_eq!(
            gaps.error().unwrap().what(),
            "there is no exchange rate of `EUR` on 2020-02-01"
        );
        gaps.add("EUR", day("2019-02-01"));
        gaps.add("EUR", day("2021-02-01"));
        gaps.add("CHF", day("2021-02-01"));
        assert_eq!(
            gaps.error().unwrap().what(),
            "there is no exchange rate of `CHF` on 2021-02-01, `EUR` on 2019-02-01 and \
             2 more days to 2021-02-01"
        );
    }
}
