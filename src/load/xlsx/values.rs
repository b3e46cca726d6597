//! Doubles as the decimals they stand for, serials as days.

use chrono::{Days, NaiveDate};

/// The shortest decimal that reads back as the double that a cell holds; nothing where
/// the text is no finite number.
///
/// This is the one place where money is a double: a workbook stores nothing else.
#[expect(clippy::disallowed_types, reason = "a workbook stores doubles; this ends it")]
pub(super) fn shortest(text: &str) -> Option<String> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let value: f64 = plain.then(|| text.parse().ok()).flatten()?;
    // `{}` never writes an exponent; a double of 300 digits is told as such.
    let text = value.is_finite().then(|| format!("{value}"))?;
    Some(if text == "-0" { "0".to_owned() } else { text })
}

/// What a serial number is as a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dated {
    /// A day, as ISO text.
    Day(String),
    /// A day with a time of day, or a time alone.
    Instant(String),
}

/// Seconds of a day.
const SECONDS: u64 = 86_400;

/// Reads a serial number, written by [`shortest`], as a date; nothing where it is
/// negative or beyond the year 9999.
pub(super) fn dated(serial: &str, is_1904: bool) -> Option<Dated> {
    let (whole, fraction) = serial.split_once('.').unwrap_or((serial, ""));
    let whole: u64 = whole.parse().ok().filter(|whole| *whole < 2_958_466)?;
    let seconds = seconds(fraction);
    let days = whole.checked_add(u64::from(seconds == SECONDS))?;
    let clock = if seconds == SECONDS { 0 } else { seconds };
    let time = format!(
        "{:02}:{:02}:{:02}",
        clock.div_euclid(3600),
        clock.div_euclid(60).rem_euclid(60),
        clock.rem_euclid(60)
    );
    if days == 0 && !is_1904 {
        return Some(Dated::Instant(time));
    }
    let day = day_text(days, is_1904)?;
    Some(if clock == 0 {
        Dated::Day(day)
    } else {
        Dated::Instant(format!("{day}T{time}"))
    })
}

/// The fraction of a day in whole seconds, rounded.
fn seconds(fraction: &str) -> u64 {
    const DIGITS: usize = 12;
    const UNIT: u64 = 1_000_000_000_000;
    let kept = fraction.get(..DIGITS).unwrap_or(fraction);
    let parts: u64 = format!("{kept:0<DIGITS$}").parse().unwrap_or(0);
    parts.saturating_mul(SECONDS).saturating_add(UNIT / 2).div_euclid(UNIT)
}

/// The day of a whole serial. The 1900 system has a 29 February 1900, which never was:
/// it is told as it stands, and no reader of days takes it.
fn day_text(days: u64, is_1904: bool) -> Option<String> {
    if days == 60 && !is_1904 {
        return Some("1900-02-29".to_owned());
    }
    let (year, month, day) = match (is_1904, days) {
        (true, _) => (1904, 1, 1),
        (false, ..60) => (1899, 12, 31),
        (false, _) => (1899, 12, 30),
    };
    let first = NaiveDate::from_ymd_opt(year, month, day)?;
    first.checked_add_days(Days::new(days)).map(|day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_is_told_by_its_shortest_decimal() {
        for (text, expected) in [
            ("0.1", "0.1"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("1234.5599999999999", "1234.56"),
            ("1.5E3", "1500"),
            ("-0", "0"),
            ("1e21", "1000000000000000000000"),
            ("12345678901234567", "12345678901234568"),
        ] {
            assert_eq!(shortest(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["inf", "NaN", "1e999", "", "1,5", "0x1"] {
            assert_eq!(shortest(text), None, "{text}");
        }
    }

    #[test]
    fn serials_are_days_of_their_system() {
        let day = |text: &str| Some(Dated::Day(text.to_owned()));
        let instant = |text: &str| Some(Dated::Instant(text.to_owned()));
        assert_eq!(dated("45355", false), day("2024-03-04"));
        assert_eq!(dated("43893", true), day("2024-03-04"));
        assert_eq!(dated("1", false), day("1900-01-01"));
        assert_eq!(dated("59", false), day("1900-02-28"));
        assert_eq!(dated("60", false), day("1900-02-29"));
        assert_eq!(dated("61", false), day("1900-03-01"));
        assert_eq!(dated("45355.5", false), instant("2024-03-04T12:00:00"));
        assert_eq!(dated("45354.9999999999", false), day("2024-03-04"));
        assert_eq!(dated("0.25", false), instant("06:00:00"));
        assert_eq!(dated("-1", false), None);
        assert_eq!(dated("9999999", false), None);
    }
}
