//! One field: reading text by the strict grammar of its column.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::domain::codes::{country_alpha3, is_currency, transaction_kind};
use crate::domain::money::AmountFault;
use crate::domain::time::{is_plausible, parse_day};
use crate::domain::{Money, ids};
use crate::error::{did_you_mean, visible};

use super::schema::{Column, Kind};

/// What stands in one field of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, an id or a code.
    Text(String),
    /// Cents.
    Money(Money),
    /// A calendar day.
    Day(NaiveDate),
    /// A whole number, also basis points.
    Whole(i64),
    /// A decimal with at most six places and 12 digits before them, in millionths.
    Decimal(i64),
    /// true or false.
    Bool(bool),
}

/// Why a text cannot stand in a column: what, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub fix: String,
}

/// What the caller allows besides the strict grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leave {
    /// Round money with more than two decimals half up to cents.
    pub round_cents: bool,
    /// The last day on which an event may have happened (the load's own day).
    pub today: NaiveDate,
}

impl Cell {
    /// The text of a text cell.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing stands here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// The cell as part of a key or of a message.
    #[must_use]
    pub fn key_text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Money(money) => money.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Decimal(micros) => micros_text(i128::from(*micros)),
            Self::Bool(truth) => truth.to_string(),
        }
    }
}

/// A number of millionths as decimal text without needless zeros.
#[must_use]
pub fn micros_text(micros: i128) -> String {
    Decimal::try_from_i128_with_scale(micros, 6)
        .map_or_else(|_| micros.to_string(), |decimal| decimal.normalize().to_string())
}

/// Reads `text` as a cell of `column`.
///
/// # Errors
/// Says what is wrong and how to mend it.
pub fn read(column: &Column, text: &str, leave: Leave) -> Result<Cell, Fault> {
    let text = match column.kind {
        Kind::Money(_) => text,
        _ => text.trim(),
    };
    if text.is_empty() {
        return if column.required {
            Err(fault(format!("`{}` is empty", column.name), "every row must fill it"))
        } else {
            Ok(Cell::Empty)
        };
    }
    match column.kind {
        Kind::Text => read_text(text),
        Kind::Id => read_id(text, text.to_owned()),
        Kind::ProjectId => read_id(text, ids::project_id(text)),
        Kind::Code(list) => read_code(list, text),
        Kind::Country => country_alpha3(text)
            .map(|code| Cell::Text(code.to_owned()))
            .ok_or_else(|| {
                let what = format!("`{}` is not a country code", visible(text));
                fault(what, "use ISO 3166 alpha-3, for example `LBR`")
            }),
        Kind::Currency => read_currency(text),
        Kind::Money(negative) => read_money(text, negative, leave),
        Kind::Day(event) => read_day(text, event, leave),
        Kind::Bps => read_whole(text, 0, Some(10_000)),
        Kind::Whole(least) => read_whole(text, least, None),
        Kind::Decimal if column.name == "units_per_usd" => read_rate(text),
        Kind::Decimal => read_decimal(text),
        Kind::Bool => match text {
            "true" => Ok(Cell::Bool(true)),
            "false" => Ok(Cell::Bool(false)),
            _ => Err(fault(
                format!("`{}` is neither true nor false", visible(text)),
                "write `true` or `false`",
            )),
        },
    }
}

fn fault(what: impl Into<String>, fix: impl Into<String>) -> Fault {
    Fault { what: what.into(), fix: fix.into() }
}

fn read_text(text: &str) -> Result<Cell, Fault> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(fault("the text has a NUL character", "save the file again as text"));
    }
    Ok(Cell::Text(composed(text.to_owned())))
}

/// The text with letters and their accents as one character each (NFC), so that one name
/// is one name whoever typed it.
fn composed(text: String) -> String {
    if text.is_ascii() || is_nfc(&text) { text } else { text.nfc().collect() }
}

fn read_id(text: &str, id: String) -> Result<Cell, Fault> {
    match ids::id_fault(text) {
        Some(what) if text.contains(crate::error::is_hidden) => Err(fault(
            format!("`{}`: {what}", visible(text)),
            "use visible characters on one line",
        )),
        Some(what) => Err(fault(
            format!("`{}`: {what}", visible(text)),
            "type it again with the letters A to Z",
        )),
        None => Ok(Cell::Text(composed(id))),
    }
}

fn read_code(
    list: &'static crate::domain::codes::CodeList,
    text: &str,
) -> Result<Cell, Fault> {
    if list.name == "transaction kind"
        && let Some(kind) = transaction_kind(text)
    {
        return Ok(Cell::Text(kind.to_owned()));
    }
    if list.codes.contains(&text) {
        return Ok(Cell::Text(text.to_owned()));
    }
    let known = format!("use one of {}", list.codes.join(", "));
    let article = if list.name.starts_with(['e', 'o']) { "an" } else { "a" };
    Err(fault(
        format!("`{}` is not {article} {}", visible(text), list.name),
        did_you_mean(text, list.codes.iter().copied(), &known),
    ))
}

fn read_currency(text: &str) -> Result<Cell, Fault> {
    if is_currency(text) {
        return Ok(Cell::Text(text.to_owned()));
    }
    let upper = text.to_ascii_uppercase();
    let fix = if is_currency(&upper) {
        format!("write `{upper}`")
    } else {
        "use an ISO 4217 code, for example `USD`".to_owned()
    };
    Err(fault(format!("`{}` is not a currency code", visible(text)), fix))
}

fn read_money(text: &str, negative: bool, leave: Leave) -> Result<Cell, Fault> {
    let parsed = match Money::parse(text) {
        Err(AmountFault::TooManyDecimals) if leave.round_cents => {
            Money::parse_rounded(text)
        }
        other => other,
    };
    let money = parsed.map_err(|why| {
        if text.trim() != text {
            return fault(
                format!("`{}` has spaces around the amount", visible(text)),
                "remove the spaces",
            );
        }
        let (what, fix) = why.explain(text);
        fault(what, fix)
    })?;
    if money < Money::ZERO && !negative {
        return Err(fault(
            format!("`{text}` is negative"),
            "only transactions may be negative (refunds and corrections)",
        ));
    }
    Ok(Cell::Money(money))
}

fn read_day(text: &str, event: bool, leave: Leave) -> Result<Cell, Fault> {
    let Some(day) = parse_day(text) else {
        return Err(fault(
            format!("`{}` is not a calendar day", visible(text)),
            "write `YYYY-MM-DD`, for example `2024-06-30`",
        ));
    };
    if !is_plausible(day) {
        return Err(fault(
            format!("`{text}` is implausible"),
            "days lie between 1990 and 2100",
        ));
    }
    if event && day > leave.today {
        return Err(fault(
            format!("`{text}` lies after the day of this load ({})", leave.today),
            "an event can be loaded once it has happened",
        ));
    }
    Ok(Cell::Day(day))
}

fn read_whole(text: &str, least: i64, most: Option<i64>) -> Result<Cell, Fault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let Some(number) = plain.then(|| text.parse::<i64>().ok()).flatten() else {
        return Err(fault(
            format!("`{}` is not a whole number", visible(text)),
            "write digits only",
        ));
    };
    if number < least {
        return Err(fault(
            format!("`{number}` is below {least}"),
            format!("give a whole number of at least {least}"),
        ));
    }
    if let Some(most) = most
        && number > most
    {
        return Err(fault(
            format!("`{number}` is above {most}"),
            "shares are basis points, 10000 is the whole",
        ));
    }
    Ok(Cell::Whole(number))
}

fn read_decimal(text: &str) -> Result<Cell, Fault> {
    let wrong = || {
        fault(
            format!("`{}` is not a decimal with at most six places", visible(text)),
            "use digits and one point, for example `12.5`",
        )
    };
    let body = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = body.split_once('.').unwrap_or((body, "0"));
    let digits =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(integer) || !digits(fraction) || integer.len() > 12 {
        return Err(wrong());
    }
    let kept = fraction.trim_end_matches('0');
    if kept.len() > 6 {
        return Err(wrong());
    }
    let padded = format!("{integer}{kept:0<6}");
    let magnitude: i64 = padded.parse().map_err(|_| wrong())?;
    let sign = if text.starts_with('-') { -1 } else { 1 };
    Ok(Cell::Decimal(magnitude.saturating_mul(sign)))
}

/// An exchange rate: nothing can be divided by zero or less.
fn read_rate(text: &str) -> Result<Cell, Fault> {
    match read_decimal(text)? {
        Cell::Decimal(micros) if micros <= 0 => Err(fault(
            format!("the exchange rate `{text}` is not positive"),
            "give units of the currency for one US dollar",
        )),
        rate => Ok(rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::schema::table;

    #[test]
    fn a_cell_takes_little_room() {
        // Every row of a load has one for each column of its table.
        assert_eq!(size_of::<Cell>(), 24);
    }

    fn leave() -> Leave {
        Leave { round_cents: false, today: parse_day("2026-01-01").unwrap() }
    }

    fn cell(table_name: &str, column: &str, text: &str) -> Result<Cell, Fault> {
        read(table(table_name).unwrap().column(column).unwrap(), text, leave())
    }

    #[test]
    fn each_kind_reads_its_own() {
        assert_eq!(
            cell("projects", "project_id", "66682"),
            Ok(Cell::Text("00066682".into()))
        );
        assert_eq!(cell("projects", "country", "LR"), Ok(Cell::Text("LBR".into())));
        assert_eq!(
            cell("transactions", "kind", "D"),
            Ok(Cell::Text("disbursement".into()))
        );
        assert_eq!(
            cell("observations", "value", "-12.500000"),
            Ok(Cell::Decimal(-12_500_000))
        );
        assert_eq!(cell("milestones", "critical", "true"), Ok(Cell::Bool(true)));
        assert_eq!(cell("projects", "facility", ""), Ok(Cell::Empty));
    }

    #[test]
    fn each_kind_refuses_the_rest() {
        for (name, column, text, what) in [
            ("transactions", "currency", "usd", "`usd` is not a currency code"),
            ("transactions", "date", "2026-01-02", "lies after the day of this load"),
            ("transactions", "date", "2024-3-4", "is not a calendar day"),
            ("transactions", "date", "1066-01-01", "is implausible"),
            ("tranches", "tranche", "0", "`0` is below 1"),
            ("tranches", "amount", "-5.00", "is negative"),
            ("tranches", "share_bps", "10001", "is above 10000"),
            ("milestones", "critical", "yes", "neither true nor false"),
            ("milestones", "target", "1.2345678", "at most six places"),
            ("exchange_rates", "units_per_usd", "0.000000", "is not positive"),
            ("exchange_rates", "units_per_usd", "-0.9", "is not positive"),
            ("budget_lines", "beneficiary", "polise", "`polise` is not a beneficiary"),
            ("budget_lines", "description", "", "`description` is empty"),
            ("projects", "project_id", "a\u{202e}b", "cannot be seen"),
        ] {
            let fault = cell(name, column, text).unwrap_err();
            assert!(fault.what.contains(what), "{name}.{column}: {}", fault.what);
        }
    }
}
