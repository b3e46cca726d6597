//! Numbers as others write them, turned into plain decimals without any arithmetic.
//!
//! Only what the mapping declares is understood. A thousands unit moves the decimal
//! point in the text; nothing is ever computed in binary fractions.

use serde::Deserialize;

use crate::error::visible;
use crate::load::sheet::CellKind;
use crate::tables::cell::Fault;

use super::pattern::{fold, tidy};

/// How negative numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// `-5`, also with the typographic minus.
    Minus,
    /// `(5)`.
    Brackets,
    /// `5-`.
    TrailingMinus,
}

/// What one stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// One.
    One,
    /// A thousand.
    Thousand,
    /// A million.
    Million,
}

/// How a share is written that becomes basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// `35` or `35%`.
    Percent,
    /// `0.35`; text with a percent sign is percent all the same.
    Fraction,
    /// `3500`.
    Bps,
}

/// What happens to money with more than two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Round {
    /// It is refused.
    Never,
    /// It is rounded half up to cents, and the residue is shown and kept.
    Cents,
}

/// How numbers are written; a part that is not given comes from the level above.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberFormat {
    /// The decimal mark: `.` or `,`.
    pub decimal: Option<String>,
    /// What stands between groups of three digits; empty for nothing.
    pub grouping: Option<String>,
    /// How negative numbers are written.
    pub negative: Option<Vec<Negative>>,
    /// Words that may stand before a number, such as `US$`.
    pub prefixes: Option<Vec<String>>,
    /// Words that may stand after a number.
    pub suffixes: Option<Vec<String>>,
    /// What one stands for.
    pub unit: Option<Unit>,
    /// Texts that mean zero.
    pub zero: Option<Vec<String>>,
    /// Texts that mean that no figure was given.
    pub nothing: Option<Vec<String>>,
    /// How shares are written.
    pub share: Option<Share>,
    /// What happens to money with more than two decimals.
    pub round: Option<Round>,
}

impl NumberFormat {
    /// This format, with what it does not say taken from `base`.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        let mine = self.clone();
        let base = base.clone();
        Self {
            decimal: mine.decimal.or(base.decimal),
            grouping: mine.grouping.or(base.grouping),
            negative: mine.negative.or(base.negative),
            prefixes: mine.prefixes.or(base.prefixes),
            suffixes: mine.suffixes.or(base.suffixes),
            unit: mine.unit.or(base.unit),
            zero: mine.zero.or(base.zero),
            nothing: mine.nothing.or(base.nothing),
            share: mine.share.or(base.share),
            round: mine.round.or(base.round),
        }
    }

    /// What is wrong with the format itself.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let decimal = self.decimal();
        let grouping = self.grouping();
        if !matches!(decimal, "." | ",") {
            return Some(format!("the decimal mark `{}` is no mark", visible(decimal)));
        }
        if !matches!(grouping, "" | "." | "," | " " | "'") {
            let what = format!("`{}` cannot stand between groups", visible(grouping));
            return Some(what);
        }
        (decimal == grouping)
            .then(|| format!("`{decimal}` is both the decimal mark and the grouping"))
    }

    fn decimal(&self) -> &str {
        self.decimal.as_deref().unwrap_or(".")
    }

    fn grouping(&self) -> &str {
        self.grouping.as_deref().unwrap_or("")
    }

    fn may_be(&self, negative: Negative) -> bool {
        match &self.negative {
            Some(ways) => ways.contains(&negative),
            None => negative == Negative::Minus,
        }
    }

    /// Whether money with more decimals is rounded.
    #[must_use]
    pub fn rounds(&self) -> bool {
        self.round == Some(Round::Cents)
    }

    /// Whether a text means that no figure was given.
    #[must_use]
    pub fn means_nothing(&self, text: &str) -> bool {
        let text = fold(text);
        let listed = self.nothing.iter().flatten().any(|word| fold(word) == text);
        text.is_empty() || listed
    }

    /// The number as a plain decimal, in units of one; nothing where none was given.
    ///
    /// # Errors
    /// The text is no number of this format.
    pub fn plain(&self, text: &str, kind: CellKind) -> Result<Option<String>, Fault> {
        if self.means_nothing(text) {
            return Ok(None);
        }
        let text = tidy(text);
        let folded = fold(&text);
        if self.zero.iter().flatten().any(|word| fold(word) == folded) {
            return Ok(Some("0".to_owned()));
        }
        let read = if kind == CellKind::Number {
            is_plain(&text).then(|| text.clone())
        } else {
            self.read(&text)
        };
        let number = read.ok_or_else(|| self.no_number(&text))?;
        let places = match self.unit {
            Some(Unit::Thousand) => 3,
            Some(Unit::Million) => 6,
            _ => 0,
        };
        Ok(Some(shifted(&number, places)))
    }

    /// A share as whole basis points.
    ///
    /// # Errors
    /// The text is no share of this format, or has more decimals than basis points have.
    pub fn bps(&self, text: &str, kind: CellKind) -> Result<Option<String>, Fault> {
        let tidied = tidy(text);
        let (body, signed) = match tidied.strip_suffix('%') {
            Some(body) => (body.trim_end(), true),
            None => (tidied.as_str(), false),
        };
        let one = Self { unit: None, ..self.clone() };
        let Some(number) = one.plain(body, kind)? else { return Ok(None) };
        let places = match (self.share, signed) {
            (_, true) | (Some(Share::Percent), _) => 2,
            (Some(Share::Fraction), _) => 4,
            _ => 0,
        };
        let moved = shifted(&number, places);
        let (whole, rest) = moved.split_once('.').unwrap_or((&moved, ""));
        if rest.bytes().any(|digit| digit != b'0') {
            return Err(Fault {
                what: format!(
                    "`{}` is finer than a hundredth of a percent",
                    visible(text)
                ),
                fix: "basis points are whole; round the share in the source".to_owned(),
            });
        }
        Ok(Some(whole.to_owned()))
    }

    fn no_number(&self, text: &str) -> Fault {
        let grouped = match self.grouping() {
            "" => String::new(),
            mark => format!(" and `{mark}` between thousands"),
        };
        Fault {
            what: format!(
                "`{}` is no number as the mapping declares them",
                visible(text)
            ),
            fix: format!(
                "numbers have `{}` as decimal mark{grouped}; mend the cell, or the \
                 mapping's `number`",
                self.decimal()
            ),
        }
    }

    /// Reads a written number; `text` is tidy and not empty.
    fn read(&self, text: &str) -> Option<String> {
        let mut body = text;
        let mut minus = false;
        if self.may_be(Negative::Brackets)
            && let Some(inside) = body.strip_prefix('(').and_then(|b| b.strip_suffix(')'))
        {
            (body, minus) = (inside.trim(), true);
        }
        let taken = self.take_sign(&mut body, &mut minus);
        body = self.without_words(body);
        if !taken {
            self.take_sign(&mut body, &mut minus);
        }
        let (whole, fraction) = match body.rsplit_once(self.decimal()) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (body, None),
        };
        let digits = self.ungrouped(whole)?;
        let ascii =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !ascii(&digits) || fraction.is_some_and(|part| !ascii(part)) {
            return None;
        }
        let sign = if minus { "-" } else { "" };
        Some(match fraction {
            Some(fraction) => format!("{sign}{digits}.{fraction}"),
            None => format!("{sign}{digits}"),
        })
    }

    /// Takes one minus from the body; a number has one at most.
    fn take_sign(&self, body: &mut &str, minus: &mut bool) -> bool {
        let leading = body.strip_prefix(['-', '\u{2212}']);
        let trailing = body.strip_suffix(['-', '\u{2212}']);
        let rest = match (leading, trailing) {
            (Some(rest), None) if self.may_be(Negative::Minus) => rest,
            (None, Some(rest)) if self.may_be(Negative::TrailingMinus) => rest,
            _ => return false,
        };
        // A second sign stays in the body, and is no digit.
        if *minus {
            return false;
        }
        *body = rest.trim();
        *minus = true;
        true
    }

    fn without_words<'t>(&self, text: &'t str) -> &'t str {
        let mut body = text;
        if let Some(rest) = self
            .prefixes
            .iter()
            .flatten()
            .find_map(|word| body.strip_prefix(word.as_str()))
        {
            body = rest.trim_start();
        }
        if let Some(rest) = self
            .suffixes
            .iter()
            .flatten()
            .find_map(|word| body.strip_suffix(word.as_str()))
        {
            body = rest.trim_end();
        }
        body
    }

    /// The digits before the decimal mark, without the marks between groups of three.
    fn ungrouped(&self, whole: &str) -> Option<String> {
        let grouping = self.grouping();
        if grouping.is_empty() {
            return Some(whole.to_owned());
        }
        let groups: Vec<&str> = whole.split(grouping).collect();
        let (first, rest) = groups.split_first()?;
        let fits = rest.is_empty() || (1..=3).contains(&first.len());
        (fits && rest.iter().all(|group| group.len() == 3)).then(|| groups.concat())
    }
}

/// Whether a text is a plain decimal with one sign at most.
fn is_plain(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = body.split_once('.').unwrap_or((body, "0"));
    let ascii = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    ascii(whole) && ascii(fraction)
}

/// A plain decimal with its point moved to the right.
fn shifted(number: &str, places: usize) -> String {
    if places == 0 {
        return number.to_owned();
    }
    let (sign, body) = match number.strip_prefix('-') {
        Some(body) => ("-", body),
        None => ("", number),
    };
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let padded = format!("{fraction:0<places$}");
    let (moved, rest) = padded.split_at_checked(places).unwrap_or((&padded, ""));
    let joined = format!("{whole}{moved}");
    let digits = joined.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    if rest.is_empty() {
        format!("{sign}{digits}")
    } else {
        format!("{sign}{digits}.{rest}")
    }
}

#[cfg(test)]
#[path = "number_test.rs"]
mod tests;
