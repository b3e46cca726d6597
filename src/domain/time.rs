//! The two clocks: as-of (what had happened) and known-at (what was known).

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use serde::Serialize;

/// The last calendar day whose events count; the day itself is included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsOf(pub NaiveDate);

/// The instant whose knowledge counts; a load is effective if recorded at or before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KnownAt(pub DateTime<Utc>);

/// Reads a calendar day written `YYYY-MM-DD` and nothing else.
///
/// ```
/// use ssrfund::domain::time::parse_day;
/// assert!(parse_day("2024-02-29").is_some());
/// assert!(parse_day("2024-2-29").is_none());
/// assert!(parse_day("2023-02-29").is_none());
/// assert!(parse_day("20240304").is_none());
/// ```
#[must_use]
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = text.as_bytes() else { return None };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0_u32, |sum, byte| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            (digit < 10).then(|| sum.wrapping_mul(10).wrapping_add(digit))
        })
    };
    let year = i32::try_from(number(&[a, b, c, d])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[e, f])?, number(&[g, h])?)
}

/// Whether a day is one that a fund's table can sensibly hold (1990 to 2100).
#[must_use]
pub fn is_plausible(day: NaiveDate) -> bool {
    (1990..=2100).contains(&day.year())
}

/// Days since 1970-01-01, as tables hold a date.
#[must_use]
pub fn days_since_epoch(day: NaiveDate) -> i32 {
    const EPOCH_FROM_CE: i32 = 719_163;
    day.num_days_from_ce().saturating_sub(EPOCH_FROM_CE)
}

/// The day that a table holds as days since 1970-01-01.
#[must_use]
pub fn day_from_epoch(days: i32) -> Option<NaiveDate> {
    const EPOCH_FROM_CE: i32 = 719_163;
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(EPOCH_FROM_CE)?)
}

/// Returns a day as people write it: `30 Jun 2024`.
#[must_use]
pub fn spoken(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

impl AsOf {
    /// Reads an as-of day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_day(text).map(Self)
    }
}

impl KnownAt {
    /// Reads an RFC 3339 instant, with or without a fraction of a second; in UTC its
    /// year has four digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        (0..=9999).contains(&at.year()).then_some(Self(at))
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for KnownAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl Serialize for AsOf {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for KnownAt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_at_shows_microseconds() {
        let at = KnownAt::parse("2024-07-05T00:00:00Z").unwrap();
        assert_eq!(at.to_string(), "2024-07-05T00:00:00.000000Z");
        assert_eq!(KnownAt::parse("2024-07-05T02:00:00+02:00"), Some(at));
        // In UTC these are of the years -1 and 10000, which cannot be written again.
        assert_eq!(KnownAt::parse("0000-01-01T00:00:00+23:59"), None);
        assert_eq!(KnownAt::parse("9999-12-31T23:59:59-01:00"), None);
    }

    #[test]
    fn epoch_days_round_trip() {
        let day = parse_day("2024-06-30").unwrap();
        assert_eq!(day_from_epoch(days_since_epoch(day)), Some(day));
        assert_eq!(days_since_epoch(parse_day("1970-01-01").unwrap()), 0);
    }
}
