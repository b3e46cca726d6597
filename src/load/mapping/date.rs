//! Days as others write them: formats in the words of people, `D-Mon-YY`, not of programs.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use crate::error::visible;
use crate::load::sheet::CellKind;
use crate::tables::cell::Fault;

use super::pattern::tidy;

/// The first or the last day of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// The first day.
    First,
    /// The last day.
    Last,
}

/// How days are written; a part that is not given comes from the level above.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DateFormat {
    /// Formats, the first that fits is taken: `YYYY-MM-DD`, `D-Mon-YY`, `serial`.
    pub formats: Option<Vec<String>>,
    /// Years of two digits below it are 20xx, others 19xx.
    pub century_pivot: Option<u8>,
    /// Which day a month without a day means.
    pub month: Option<Edge>,
    /// Which day a year without a month means.
    pub year: Option<Edge>,
}

/// One part of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// `YYYY`.
    Year,
    /// `YY`.
    ShortYear,
    /// `MM`, or `M` for one or two digits.
    Month(bool),
    /// `Mon`: Jan, Feb.
    Mon,
    /// `Month`: the whole name, in English, French, Spanish or Portuguese.
    MonthName,
    /// `DD`, or `D` for one or two digits.
    Day(bool),
    /// `Dth`: 1st, 2nd.
    Ordinal,
    /// Any other character, as it stands.
    Letter(char),
}

/// A day, and whether its text named no day of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadDay {
    /// The day.
    pub day: NaiveDate,
    /// Whether only the month was named.
    pub is_month: bool,
}

const SERIAL: &str = "serial";

/// Names of months; each entry lists one month in the four languages.
const MONTHS: [[&str; 4]; 12] = [
    ["january", "janvier", "enero", "janeiro"],
    ["february", "février", "febrero", "fevereiro"],
    ["march", "mars", "marzo", "março"],
    ["april", "avril", "abril", "abril"],
    ["may", "mai", "mayo", "maio"],
    ["june", "juin", "junio", "junho"],
    ["july", "juillet", "julio", "julho"],
    ["august", "août", "agosto", "agosto"],
    ["september", "septembre", "septiembre", "setembro"],
    ["october", "octobre", "octubre", "outubro"],
    ["november", "novembre", "noviembre", "novembro"],
    ["december", "décembre", "diciembre", "dezembro"],
];

fn parts(format: &str) -> Vec<Part> {
    const WORDS: [(&str, Part); 9] = [
        ("YYYY", Part::Year),
        ("YY", Part::ShortYear),
        ("Month", Part::MonthName),
        ("Mon", Part::Mon),
        ("MM", Part::Month(true)),
        ("M", Part::Month(false)),
        ("Dth", Part::Ordinal),
        ("DD", Part::Day(true)),
        ("D", Part::Day(false)),
    ];
    let mut rest = format;
    let mut out = Vec::new();
    while let Some(first) = rest.chars().next() {
        let word =
            WORDS.iter().find_map(|(w, part)| rest.strip_prefix(w).map(|r| (r, *part)));
        let (next, part) =
            word.unwrap_or((rest.strip_prefix(first).unwrap_or(""), Part::Letter(first)));
        out.push(part);
        rest = next;
    }
    out
}

impl DateFormat {
    /// This format, with what it does not say taken from `base`.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        Self {
            formats: self.formats.clone().or_else(|| base.formats.clone()),
            century_pivot: self.century_pivot.or(base.century_pivot),
            month: self.month.or(base.month),
            year: self.year.or(base.year),
        }
    }

    fn formats(&self) -> Vec<&str> {
        match &self.formats {
            Some(formats) => formats.iter().map(String::as_str).collect(),
            None => vec!["YYYY-MM-DD"],
        }
    }

    /// What is wrong with the format itself.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        for format in self.formats().into_iter().filter(|format| *format != SERIAL) {
            let parts = parts(format);
            let has = |wanted: &[Part]| parts.iter().any(|part| wanted.contains(part));
            let month =
                has(&[Part::Month(true), Part::Month(false), Part::Mon, Part::MonthName]);
            let day = has(&[Part::Day(true), Part::Day(false), Part::Ordinal]);
            let why = if !has(&[Part::Year, Part::ShortYear]) {
                "has no year; write it with YYYY or YY, MM or Mon, DD or D"
            } else if has(&[Part::ShortYear])
                && self.century_pivot.is_none_or(|pivot| pivot > 99)
            {
                "has a year of two digits; declare `century_pivot`, such as 70"
            } else if day && !month {
                "has a day and no month"
            } else if month && !day && self.month.is_none() {
                "has no day; declare `month = \"first\"` or `\"last\"`"
            } else if !month && self.year.is_none() {
                "has no month; declare `year = \"first\"` or `\"last\"`"
            } else {
                continue;
            };
            return Some(format!("the date format `{}` {why}", visible(format)));
        }
        None
    }

    /// Reads a day.
    ///
    /// # Errors
    /// No format fits.
    pub fn read(&self, text: &str, kind: CellKind) -> Result<ReadDay, Fault> {
        let text = tidy(text);
        if kind == CellKind::Day
            && let Some(day) = crate::domain::time::parse_day(&text)
        {
            return Ok(ReadDay { day, is_month: false });
        }
        let formats = self.formats();
        if let Some(found) = formats.iter().find_map(|format| {
            if *format == SERIAL {
                return serial(&text).map(|day| ReadDay { day, is_month: false });
            }
            self.fit(&parts(format), &text)
        }) {
            return Ok(found);
        }
        Err(Fault {
            what: format!("`{}` is no day as the mapping declares them", visible(&text)),
            fix: format!("write it as {}, or add its format", formats.join(" or ")),
        })
    }

    fn fit(&self, parts: &[Part], text: &str) -> Option<ReadDay> {
        let mut rest = text;
        let (mut year, mut month, mut day) = (None, None, None);
        for part in parts {
            let (value, next) = take(*part, rest)?;
            rest = next;
            match part {
                Part::Year => year = Some(i32::try_from(value).ok()?),
                Part::ShortYear => {
                    let pivot = u32::from(self.century_pivot?);
                    let century = if value < pivot { 2000 } else { 1900 };
                    year = i32::try_from(value).ok()?.checked_add(century);
                }
                Part::Month(_) | Part::Mon | Part::MonthName => month = Some(value),
                Part::Day(_) | Part::Ordinal => day = Some(value),
                Part::Letter(_) => {}
            }
        }
        if !rest.is_empty() {
            return None;
        }
        let year = year?;
        let found = match (month, day) {
            (Some(month), Some(day)) => NaiveDate::from_ymd_opt(year, month, day)?,
            (Some(month), None) => edge_of_month(year, month, self.month?)?,
            (None, _) => match self.year? {
                Edge::First => NaiveDate::from_ymd_opt(year, 1, 1)?,
                Edge::Last => NaiveDate::from_ymd_opt(year, 12, 31)?,
            },
        };
        Some(ReadDay { day: found, is_month: month.is_some() && day.is_none() })
    }
}

fn edge_of_month(year: i32, month: u32, edge: Edge) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    match edge {
        Edge::First => Some(first),
        Edge::Last => {
            let next = first.checked_add_months(chrono::Months::new(1))?;
            let last = next.pred_opt()?;
            (last.month() == month).then_some(last)
        }
    }
}

/// Takes one part from the front of a text.
fn take(part: Part, text: &str) -> Option<(u32, &str)> {
    match part {
        Part::Year => digits(text, 4, 4),
        Part::ShortYear | Part::Month(true) | Part::Day(true) => digits(text, 2, 2),
        Part::Month(false) | Part::Day(false) => digits(text, 1, 2),
        Part::Ordinal => {
            let (value, rest) = digits(text, 1, 2)?;
            let rest = ["st", "nd", "rd", "th", "er", "º", "°"]
                .iter()
                .find_map(|end| rest.strip_prefix(end))?;
            Some((value, rest))
        }
        Part::Mon => month_named(text, |word, names| {
            let short = names.first().and_then(|name| name.get(..3));
            short == Some(word) || (word == "sept" && names.first() == Some(&"september"))
        }),
        Part::MonthName => month_named(text, |word, names| names.contains(&word)),
        Part::Letter(letter) => text.strip_prefix(letter).map(|rest| (0, rest)),
    }
}

fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (number, rest) = text.split_at_checked(count)?;
    Some((number.parse().ok()?, rest))
}

fn month_named(
    text: &str,
    is_it: impl Fn(&str, &[&str; 4]) -> bool,
) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    let word = word.to_lowercase();
    let place = MONTHS.iter().position(|names| is_it(&word, names))?;
    Some((u32::try_from(place).ok()?.checked_add(1)?, rest))
}

/// The day of a spreadsheet's serial number; 60 is a day that never was.
fn serial(text: &str) -> Option<NaiveDate> {
    let number: u32 = text.parse().ok()?;
    let days = match number {
        1..=59 => number,
        61..=2_958_465 => number.checked_sub(1)?,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(1899, 12, 31)?
        .checked_add_days(chrono::Days::new(u64::from(days)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str, text: &str) -> Option<String> {
        let format: DateFormat = toml::from_str(toml).unwrap();
        assert_eq!(format.fault(), None, "{toml}");
        format.read(text, CellKind::Text).ok().map(|read| read.day.to_string())
    }

    #[test]
    fn each_format_reads_its_own() {
        let old = "formats = [\"D-Mon-YY\", \"Mon-YY\"]\ncentury_pivot = 70\n\
                   month = \"last\"";
        assert_eq!(read(old, "27-Sep-07"), Some("2007-09-27".into()));
        assert_eq!(read(old, "Jun-10"), Some("2010-06-30".into()));
        assert_eq!(read(old, "Feb-12"), Some("2012-02-29".into()));
        assert_eq!(read(old, "1-Dec-99"), Some("1999-12-01".into()));
        assert_eq!(read(old, "31-Jun-10"), None);
        assert_eq!(read(old, "Juni-10"), None);
        let slashes = "formats = [\"DD/MM/YYYY\"]";
        assert_eq!(read(slashes, "13/04/2024"), Some("2024-04-13".into()));
        assert_eq!(read(slashes, "04/13/2024"), None);
        assert_eq!(read(slashes, "4/1/2024"), None);
        assert_eq!(
            read("formats = [\"D.M.YYYY\"]", "7.2.2012"),
            Some("2012-02-07".into())
        );
        let words = "formats = [\"Dth Month YYYY\", \"D Month YYYY\"]";
        assert_eq!(read(words, "1st June 2015"), Some("2015-06-01".into()));
        assert_eq!(read(words, "3 août 2015"), Some("2015-08-03".into()));
        let years = "formats = [\"YYYY\"]\nyear = \"last\"";
        assert_eq!(read(years, "2012"), Some("2012-12-31".into()));
        assert_eq!(read("", "2012-01-02"), Some("2012-01-02".into()));
    }

    #[test]
    fn serials_skip_the_day_that_never_was() {
        let format = "formats = [\"serial\"]";
        assert_eq!(read(format, "59"), Some("1900-02-28".into()));
        assert_eq!(read(format, "60"), None);
        assert_eq!(read(format, "61"), Some("1900-03-01".into()));
        assert_eq!(read(format, "45355"), Some("2024-03-04".into()));
        assert_eq!(read(format, "45355.5"), None);
    }

    #[test]
    fn a_format_that_leaves_doubt_is_refused() {
        for (toml, part) in [
            ("formats = [\"D-Mon-YY\"]", "century_pivot"),
            ("formats = [\"MM/YYYY\"]", "`month ="),
            ("formats = [\"YYYY\"]", "`year ="),
            ("formats = [\"%d/%m\"]", "no year"),
            ("formats = [\"D YYYY\"]", "a day and no month"),
        ] {
            let format: DateFormat = toml::from_str(toml).unwrap();
            assert!(format.fault().is_some_and(|what| what.contains(part)), "{toml}");
        }
    }
}
