//! Exact money: a whole number of cents of one currency.
//!
//! There is no operator that can wrap or round: sums are checked, text is parsed by one
//! strict grammar (`-?digits[.d[d]]`), and anything else is refused with the reason.

use std::cmp::Ordering;
use std::fmt;

/// The largest amount that a table can hold, in cents (`Decimal128(18,2)`).
pub const MAX_CENTS: i128 = 999_999_999_999_999_999;

/// An exact amount in cents.
///
/// ```
/// use ssrfund::domain::Money;
/// let a: Money = Money::parse("1234.5").unwrap();
/// assert_eq!(a.to_string(), "1234.50");
/// assert_eq!(a.checked_add(Money::from_cents(-123_450)), Some(Money::ZERO));
/// assert!(Money::parse("1,234.56").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Money(
    /// The bytes of an `i128`: as one, the cells of every row would be a third larger.
    [u8; 16],
);

impl Ord for Money {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cents().cmp(&other.cents())
    }
}

impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Money").field(&self.cents()).finish()
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountFault {
    /// Not of the form `-?digits[.digits]`.
    NotAnAmount,
    /// More than two decimals that are not zeros.
    TooManyDecimals,
    /// More than 16 digits before the point.
    TooLarge,
}

impl AmountFault {
    /// What is wrong with `text`, and how to mend it.
    #[must_use]
    pub fn explain(self, text: &str) -> (String, String) {
        let shown = crate::error::visible(text);
        match self {
            Self::NotAnAmount => {
                (format!("`{shown}` is not an amount"), amount_hint(text).to_owned())
            }
            Self::TooManyDecimals => (
                format!("`{shown}` has more than two decimals"),
                "give cents, or load with `--round cents`".to_owned(),
            ),
            Self::TooLarge => (
                format!("`{shown}` is larger than 9999999999999999.99"),
                "check the unit of the column".to_owned(),
            ),
        }
    }
}

/// What people write after a number instead of its zeros.
const SCALES: [&str; 8] =
    ["k", "m", "mn", "mln", "million", "millions", "bn", "thousand"];

fn amount_hint(text: &str) -> &'static str {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let is_currency = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| crate::domain::codes::is_currency(&word.to_ascii_uppercase()));
    let is_negative = text.starts_with(['(', '\u{2212}', '\u{2013}', '\u{2014}'])
        || text.ends_with('-')
        || text.contains('\u{2212}');
    let scale = letters.to_ascii_lowercase();
    if text.contains(|c: char| ",'\u{2019}".contains(c) || c.is_whitespace())
        && letters.is_empty()
    {
        "use a point for decimals and no grouping, for example `1234.56`"
    } else if digits > 0 && letters.eq_ignore_ascii_case("e") {
        "write the digits out, without an exponent"
    } else if is_negative {
        "write a negative amount with a leading `-`, for example `-500.00`"
    } else if text.contains(['$', '€', '£']) || is_currency {
        "give the number alone; the currency is a column of its own"
    } else if digits > 0 && SCALES.contains(&scale.as_str()) {
        "write all its zeros, for example `5000000.00` for `5m`"
    } else {
        "use the digits 0 to 9 and one point, for example `1234.56`"
    }
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self::from_cents(0);

    /// Returns `cents` as money.
    #[must_use]
    pub const fn from_cents(cents: i128) -> Self {
        Self(cents.to_ne_bytes())
    }

    /// The amount in cents.
    #[must_use]
    pub const fn cents(self) -> i128 {
        i128::from_ne_bytes(self.0)
    }

    /// Reads `-?digits[.digits]`; decimals beyond the second must be zeros.
    ///
    /// # Errors
    /// Says which part of the grammar is broken.
    pub fn parse(text: &str) -> Result<Self, AmountFault> {
        let (negative, integer, fraction) = amount_parts(text)?;
        let extra = fraction.get(2..).unwrap_or("");
        if extra.bytes().any(|b| b != b'0') {
            return Err(AmountFault::TooManyDecimals);
        }
        Self::from_parts(negative, integer, fraction, false)
    }

    /// Reads an amount with any number of decimals and rounds half up (away from zero
    /// at the half) to cents.
    ///
    /// # Errors
    /// Says which part of the grammar is broken.
    pub fn parse_rounded(text: &str) -> Result<Self, AmountFault> {
        let (negative, integer, fraction) = amount_parts(text)?;
        let up = fraction.as_bytes().get(2).is_some_and(|d| *d >= b'5');
        Self::from_parts(negative, integer, fraction, up)
    }

    fn from_parts(
        negative: bool,
        integer: &str,
        fraction: &str,
        up: bool,
    ) -> Result<Self, AmountFault> {
        let trimmed = integer.trim_start_matches('0');
        if trimmed.len() > 16 {
            return Err(AmountFault::TooLarge);
        }
        // 18 digits at most, which fit 64 bits.
        let mut cents = 0_i64;
        let mut digits = fraction.bytes();
        let two = [digits.next().unwrap_or(b'0'), digits.next().unwrap_or(b'0')];
        for digit in trimmed.bytes().chain(two) {
            cents = cents
                .checked_mul(10)
                .and_then(|c| c.checked_add(i64::from(digit.wrapping_sub(b'0'))))
                .ok_or(AmountFault::TooLarge)?;
        }
        let cents = i128::from(cents);
        let cents = cents.checked_add(i128::from(up)).ok_or(AmountFault::TooLarge)?;
        if cents > MAX_CENTS {
            return Err(AmountFault::TooLarge);
        }
        Ok(Self::from_cents(if negative { cents.wrapping_neg() } else { cents }))
    }

    /// The exact sum, or nothing on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.cents().checked_add(other.cents()).map(Self::from_cents)
    }

    /// The exact difference, or nothing on overflow.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.cents().checked_sub(other.cents()).map(Self::from_cents)
    }

    /// The exact sum of many amounts.
    ///
    /// # Errors
    /// An internal error on overflow of 128 bits.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> crate::error::Result<Self> {
        let mut total = Self::ZERO;
        for amount in amounts {
            total = total.plus(amount)?;
        }
        Ok(total)
    }

    /// The exact sum, as a result.
    ///
    /// # Errors
    /// An internal error on overflow of 128 bits.
    pub fn plus(self, other: Self) -> crate::error::Result<Self> {
        self.checked_add(other).ok_or_else(overflow)
    }

    /// The exact difference, as a result.
    ///
    /// # Errors
    /// An internal error on overflow of 128 bits.
    pub fn minus(self, other: Self) -> crate::error::Result<Self> {
        self.checked_sub(other).ok_or_else(overflow)
    }

    /// This amount times `numerator / denominator`, rounded half up to cents.
    ///
    /// # Errors
    /// An internal error on overflow, or where the denominator is not positive.
    pub fn times(self, numerator: i128, denominator: i128) -> crate::error::Result<Self> {
        half_up(self.cents().checked_mul(numerator).ok_or_else(overflow)?, denominator)
            .map(Self::from_cents)
            .ok_or_else(overflow)
    }

    /// The smaller of two amounts, never below zero.
    #[must_use]
    pub fn clamp_to(self, most: Self) -> Self {
        Self::from_cents(self.cents().min(most.cents()).max(0))
    }
}

/// `numerator / denominator` rounded half up (away from zero at the half); nothing
/// where the denominator is not positive or on overflow.
#[must_use]
pub fn half_up(numerator: i128, denominator: i128) -> Option<i128> {
    if denominator <= 0 {
        return None;
    }
    let magnitude = numerator.checked_abs()?;
    let twice = magnitude.checked_mul(2)?.checked_add(denominator)?;
    let rounded = twice.checked_div(denominator.checked_mul(2)?)?;
    Some(if numerator < 0 { rounded.checked_neg()? } else { rounded })
}

/// Checks the grammar and returns sign, integer digits and fraction digits.
fn amount_parts(text: &str) -> Result<(bool, &str, &str), AmountFault> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (integer, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(AmountFault::NotAnAmount),
        Some(parts) => parts,
        None => (digits, ""),
    };
    let only_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if integer.is_empty() || !only_digits(integer) || !only_digits(fraction) {
        return Err(AmountFault::NotAnAmount);
    }
    Ok((negative, integer, fraction))
}

fn overflow() -> crate::error::Error {
    crate::error::Error::internal("an amount exceeds 128 bits")
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.cents().unsigned_abs();
        let sign = if *self < Self::ZERO { "-" } else { "" };
        let (units, cents) = (magnitude.div_euclid(100), magnitude.rem_euclid(100));
        f.pad(&format!("{sign}{units}.{cents:02}"))
    }
}

/// Returns the amount with commas between thousands, for people: `1,200,000.00`.
#[must_use]
pub fn grouped(amount: Money) -> String {
    let plain = amount.to_string();
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.as_str()),
    };
    let (units, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut out = String::from(sign);
    for (index, digit) in units.chars().enumerate() {
        let left = units.len().saturating_sub(index);
        if index > 0 && left.is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push('.');
    out.push_str(cents);
    out
}

impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_an_amount() {
        for (text, cents) in [
            ("0", 0),
            ("-0.00", 0),
            ("10.000", 1000),
            ("12.5", 1250),
            ("-500.00", -50_000),
            ("9999999999999999.99", MAX_CENTS),
            ("000012", 1200),
        ] {
            assert_eq!(Money::parse(text), Ok(Money::from_cents(cents)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not() {
        use AmountFault::*;
        for (text, fault) in [
            ("", NotAnAmount),
            ("-", NotAnAmount),
            (".5", NotAnAmount),
            ("5.", NotAnAmount),
            ("+5", NotAnAmount),
            ("1e3", NotAnAmount),
            ("1,234.56", NotAnAmount),
            ("NaN", NotAnAmount),
            ("٣٤", NotAnAmount),
            ("0x10", NotAnAmount),
            (" 5", NotAnAmount),
            ("--5", NotAnAmount),
            ("10.005", TooManyDecimals),
            ("10000000000000000", TooLarge),
        ] {
            assert_eq!(Money::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn rounds_half_up_only_when_asked() {
        assert_eq!(Money::parse_rounded("10.005"), Ok(Money::from_cents(1001)));
        assert_eq!(Money::parse_rounded("10.0049"), Ok(Money::from_cents(1000)));
        assert_eq!(Money::parse_rounded("-10.005"), Ok(Money::from_cents(-1001)));
        assert_eq!(half_up(7, 2), Some(4));
        assert_eq!(half_up(-7, 2), Some(-4));
        assert_eq!(half_up(1, 0), None);
    }

    #[test]
    fn groups_thousands() {
        assert_eq!(grouped(Money::from_cents(120_000_000)), "1,200,000.00");
        assert_eq!(grouped(Money::from_cents(-12_345)), "-123.45");
        assert_eq!(grouped(Money::from_cents(-12_345_678)), "-123,456.78");
    }
}
