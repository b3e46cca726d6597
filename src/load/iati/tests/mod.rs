//! Small files of our own, and what must come of them.

mod facts;
mod parts;
mod plans;
mod refusals;
mod rules;

use super::{OnDuplicate, Options, read};
use crate::domain::time::parse_day;
use crate::load::reading::Reading;
use crate::tables::cell::Leave;
use crate::tables::{Row, TableRows};

fn options(on_duplicate: OnDuplicate) -> Options {
    let today = parse_day("2024-06-30").unwrap();
    Options { leave: Leave { round_cents: false, today }, on_duplicate }
}

fn read_text(text: &str) -> Reading {
    read(text.as_bytes(), "f.xml", &options(OnDuplicate::Refuse))
}

/// Reads one activity of version 2.03 with an identifier, a title and US dollars.
fn read_activity(inside: &str) -> Reading {
    read_text(&format!(
        "<iati-activities version=\"2.03\">\n<iati-activity default-currency=\"USD\" \
         xml:lang=\"fr\">\n<iati-identifier>A-1</iati-identifier>\
         <title><narrative>T</narrative></title>\n{inside}\n</iati-activity>\n\
         </iati-activities>"
    ))
}

fn transaction(inside: &str) -> String {
    format!(
        "<transaction><transaction-type code=\"3\"/>\
         <transaction-date iso-date=\"2020-01-02\"/>{inside}</transaction>"
    )
}

fn value(text: &str) -> String {
    format!("<value value-date=\"2020-01-02\">{text}</value>")
}

fn table<'r>(reading: &'r Reading, name: &str) -> &'r [Row] {
    let found = reading.tables.iter().find(|rows| rows.table.name == name);
    found.map_or(&[], |rows| &rows.rows)
}

/// The filled cells of a table's rows as `column=text`.
fn cells(reading: &Reading, name: &str, columns: &[&str]) -> Vec<String> {
    let Some(rows) = reading.tables.iter().find(|rows| rows.table.name == name) else {
        return Vec::new();
    };
    let text = |rows: &TableRows, row: &Row| {
        let cells = columns.iter().map(|column| row.cell(rows.table, column).key_text());
        cells.collect::<Vec<_>>().join("|")
    };
    rows.rows.iter().map(|row| text(rows, row)).collect()
}

fn rejects(reading: &Reading) -> Vec<String> {
    reading.rejects.iter().map(|reject| reject.problem.to_string()).collect()
}

fn warnings(reading: &Reading) -> String {
    let lines: Vec<String> = reading.warnings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn money(reading: &Reading) -> Vec<(String, u64, String)> {
    let entries = reading.tally.entries();
    entries
        .map(|(kind, cur, n, sum)| (format!("{kind} {cur}"), n, sum.to_string()))
        .collect()
}
