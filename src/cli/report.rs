//! `ssrfund report`: run a report.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use serde_json::{Value, json};

use crate::domain::time::parse_day;
use crate::engine::Answer;
use crate::error::{Error, Result, did_you_mean};
use crate::render::Format;
use crate::report::allocation::allocations;
use crate::report::{self, Basis, GroupBy, Period, Wanted, amounts, notes};

use super::context::{Context, Opened};
use super::data::{json as write_json, wants_json};
use super::flags::{ReportArgs, ReportCommand, RunArgs};
use super::{output, rules, switches};

/// The switches that a report depends on.
const OF_REPORTS: [&str; 2] = ["absorb_support", "strict_nature"];

/// Runs a command of `report`.
///
/// # Errors
/// There is no such report, or it has nothing to show.
pub fn run(context: &Context, args: &ReportArgs) -> Result<u8> {
    match &args.command {
        ReportCommand::List => {
            if wants_json(context) {
                return write_json(context, &report::REPORTS);
            }
            let mut out = String::new();
            for listed in report::REPORTS {
                out.push_str(&format!("{:<24} {}\n", listed.name, listed.title));
            }
            output::deliver(context, out.as_bytes(), false)?;
            Ok(0)
        }
        ReportCommand::Run(args) => {
            report::find(&args.name)?;
            let opened = context.open_classified()?;
            let page = measure(context, &opened, args)?;
            write(context, &page)?;
            Ok(0)
        }
    }
}

/// A report as rows and notes.
#[derive(Debug)]
pub struct Told {
    /// The report and its clocks, rows and notes as JSON.
    pub object: Value,
    /// Its rows.
    pub rows: Vec<Value>,
    /// Its notes.
    pub notes: Vec<String>,
}

/// Measures a report over an opened workspace.
///
/// # Errors
/// A word is not one of ours, or there is nothing to show.
pub fn measure(context: &Context, opened: &Opened, args: &RunArgs) -> Result<Told> {
    let listed = report::find(&args.name)?;
    let policy = rules::policy(context, None)?.policy;
    let wanted = Wanted {
        absorb_support: policy.absorb_support,
        ..wanted(context, opened, args)?
    };
    let sums = amounts::measure(&opened.engine, &opened.library, &wanted)?;
    if sums.groups.is_empty() {
        let what = format!("there is no {} in {} to report", args.basis, sums.currency);
        return Err(Error::data(what).fix("try another `--basis` or period"));
    }
    let fund = amounts::fund_total(&opened.engine, &wanted, &sums.currency)?;
    let rows: Vec<Value> = if listed.name == "composition" {
        to_values(&report::composition::rows(&sums, fund.as_ref(), &wanted)?)?
    } else {
        to_values(&report::governance::rows(&sums, fund.as_ref(), &wanted)?)?
    };
    let mut notes = notes::notes(&sums, fund.as_ref(), &wanted, &opened.snapshot)?;
    let switches = switches::told(&policy, wanted.as_of, &OF_REPORTS);
    let loads = notes.pop();
    notes.push(switches::sentence(&policy, &switches));
    notes.extend(loads);
    let object = json!({
        "report": listed.name,
        "title": listed.title,
        "as_of": wanted.as_of,
        "known_at": wanted.known_at,
        "group_by": wanted.group_by.word(),
        "basis": wanted.basis.word(),
        "currency": sums.currency,
        "rows": rows,
        "notes": notes,
        "allocation": allocations(&sums)?,
        "definitions": {
            "shares": "of hardware, training and sector_wide together",
            "policy": {"id": policy.id, "version": policy.version},
            "switches": switches,
        },
    });
    Ok(Told { object, rows, notes })
}

/// Rows as JSON.
///
/// # Errors
/// A row cannot be written.
pub(super) fn to_values<T: serde::Serialize>(rows: &[T]) -> Result<Vec<Value>> {
    rows.iter()
        .map(|row| {
            serde_json::to_value(row)
                .map_err(|error| Error::internal("cannot write a row").caused_by(error))
        })
        .collect()
}

fn wanted(context: &Context, opened: &Opened, args: &RunArgs) -> Result<Wanted> {
    let word =
        |flag: &str, given: &str, words: &'static [&'static str]| {
            let otherwise = format!("use one of {}", words.join(", "));
            Error::usage(format!("`--{flag} {given}` is not one of ours"))
                .fix(did_you_mean(given, words.iter().copied(), &otherwise))
        };
    let group_by = GroupBy::parse(&args.group_by)
        .ok_or_else(|| word("group-by", &args.group_by, GroupBy::WORDS))?;
    let basis = Basis::parse(&args.basis)
        .ok_or_else(|| word("basis", &args.basis, Basis::WORDS))?;
    let mut period = match &args.period {
        None => Period::always(),
        Some(text) => Period::parse(text).ok_or_else(|| {
            Error::usage(format!("`{text}` is no period"))
                .fix("write a year, quarter or month: `2012`, `2012-Q4`, `2012-11`")
        })?,
    };
    let day = |text: &String| {
        parse_day(text)
            .ok_or_else(|| Error::usage(format!("`{text}` is not a calendar day")))
    };
    if let Some(text) = &args.from {
        period.from = day(text)?;
    }
    if let Some(text) = &args.until {
        period.until = day(text)?;
    }
    Ok(Wanted {
        group_by,
        basis,
        period,
        fund: context.params.get("fund").cloned().unwrap_or_else(|| "PBF".to_owned()),
        currency: context.params.get("currency").cloned(),
        absorb_support: false,
        as_of: context.as_of()?,
        known_at: opened.snapshot.known_at(),
    })
}

/// Writes a report in the format asked for.
///
/// # Errors
/// The output cannot be written.
pub fn write(context: &Context, told: &Told) -> Result<()> {
    let format = output::format(context)?;
    match format {
        Format::Json => {
            write_json(context, &told.object)?;
            Ok(())
        }
        Format::Ndjson => {
            let lines: Vec<String> =
                told.rows.iter().map(|row| format!("{row}\n")).collect();
            output::deliver(context, lines.concat().as_bytes(), false)
        }
        Format::Table | Format::Plain | Format::Markdown => {
            output::deliver(context, page(told, format).as_bytes(), false)
        }
        _ => output::answer(context, &answer(&told.rows)?),
    }
}

/// Writes the columns of a row and no row, where there is none to write.
///
/// # Errors
/// The output cannot be written.
pub(super) fn write_none(context: &Context, like: Value) -> Result<()> {
    let whole = answer(&[like])?;
    let batches = whole.batches.iter().map(|batch| batch.slice(0, 0)).collect();
    output::answer(context, &Answer { batches, ..whole })
}

/// The report for people: shares as percent, ranges where money is in doubt.
#[must_use]
pub fn page(told: &Told, format: Format) -> String {
    use crate::render::page::{Align, Block, Page, markdown, text};
    let title = told.object.get("title").and_then(Value::as_str).unwrap_or_default();
    let columns: Vec<(&str, String)> = match told.rows.first().and_then(Value::as_object)
    {
        Some(first) => first
            .keys()
            .filter(|key| !key.ends_with("_pct") && !key.ends_with("_min"))
            .filter(|key| !key.ends_with("_max") && *key != "basis")
            .map(|key| (key.as_str(), heading(key)))
            .collect(),
        None => Vec::new(),
    };
    let rows = told
        .rows
        .iter()
        .map(|row| columns.iter().map(|(key, _)| spoken(row, key)).collect())
        .collect();
    let align = columns
        .iter()
        .map(
            |(key, _)| {
                if is_words(&told.rows, key) { Align::Left } else { Align::Right }
            },
        )
        .collect();
    let table = Block::Table {
        columns: columns.into_iter().map(|(_, name)| name).collect(),
        rows,
        align,
    };
    let page = Page::new(title).with(table).with(Block::Notes(told.notes.clone()));
    if format == Format::Markdown { markdown(&page) } else { text(&page) }
}

/// Whether a column holds words, not numbers.
fn is_words(rows: &[Value], key: &str) -> bool {
    let is_number = |text: &String| {
        key != "group" && text.contains('.') && crate::domain::Money::parse(text).is_ok()
    };
    rows.iter().filter_map(|row| row.get(key)).any(|value| match value {
        Value::String(text) => !is_number(text),
        Value::Array(_) => true,
        _ => false,
    })
}

/// A column's heading for people.
fn heading(key: &str) -> String {
    match key {
        "ssr_share_of_fund_bps" => "of the fund".to_owned(),
        other => {
            other.trim_end_matches("_bps").replace('_', " ")
                + if other.ends_with("_bps") { " %" } else { "" }
        }
    }
}

/// A value for people: no basis points, ranges instead of a share in doubt (G5b).
fn spoken(row: &Value, key: &str) -> String {
    let number = |key: &str| row.get(key).and_then(Value::as_i64);
    if key == "hardware_bps"
        && let (Some(low), Some(high)) =
            (number("hardware_bps_min"), number("hardware_bps_max"))
        && low != high
    {
        let (low, high) = (crate::domain::Bps(low), crate::domain::Bps(high));
        return format!("{}–{}", low.percent().trim_end_matches('%'), high.percent());
    }
    match row.get(key) {
        Some(Value::Number(bps)) if key.ends_with("_bps") => {
            crate::domain::Bps(bps.as_i64().unwrap_or(0)).percent()
        }
        Some(Value::String(text)) => match crate::domain::Money::parse(text) {
            // An amount has its cents; an id of digits has not.
            Ok(money)
                if text.contains('.') && key != "group" && !key.contains("_to_") =>
            {
                crate::domain::money::grouped(money)
            }
            _ => text.clone(),
        },
        Some(Value::Array(flags)) => {
            flags.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// The rows as columns of text and whole numbers, for csv, tsv and parquet.
fn answer(rows: &[Value]) -> Result<Answer> {
    let keys: Vec<String> = match rows.first().and_then(Value::as_object) {
        Some(first) => first.keys().cloned().collect(),
        None => Vec::new(),
    };
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for key in &keys {
        let values = rows.iter().map(|row| row.get(key));
        let is_whole = key.ends_with("_bps")
            || key.contains("_bps_")
            || key.ends_with("_pct")
            || values.clone().any(|value| value.is_some_and(Value::is_number));
        if is_whole {
            fields.push(Field::new(key, DataType::Int64, true));
            let numbers = values.map(|value| value.and_then(Value::as_i64));
            columns.push(Arc::new(numbers.collect::<Int64Array>()));
        } else {
            fields.push(Field::new(key, DataType::Utf8, true));
            let texts = values.map(|value| match value {
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Array(flags)) => Some(
                    flags.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";"),
                ),
                _ => None,
            });
            columns.push(Arc::new(texts.collect::<StringArray>()));
        }
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
        .map_err(|error| Error::internal("cannot build a batch").caused_by(error))?;
    Ok(Answer { schema, batches: vec![batch] })
}
