//! What may stand in the columns of a template, in words and as lists.

use crate::load::xlsx::template;
use crate::tables::schema::{Kind, table};
use crate::tables::{Column, Table};

use super::known::Known;

/// The choices of a column: its list, and whether another value is an error.
pub(super) struct Choices {
    /// The list's name.
    pub(super) name: String,
    /// The values.
    pub(super) values: Vec<String>,
    /// Whether only these may stand there.
    pub(super) is_closed: bool,
}

/// The choices of a column; nothing where anything of its kind may stand there.
pub(super) fn choices(table: &Table, column: &Column, known: &Known) -> Option<Choices> {
    let closed = |name: &str, values: &[&str]| Choices {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        is_closed: true,
    };
    match column.kind {
        Kind::Code(list) => return Some(closed(list.name, list.codes)),
        Kind::Bool => return Some(closed("true or false", &["true", "false"])),
        _ => {}
    }
    let (name, values) = match (table.name, column.name) {
        ("clearances", "risk_level") => ("risk level", words("low medium high unknown")),
        ("reports", "kind") => {
            ("kind of report", words("annual semi_annual financial final"))
        }
        ("reviews", "scope") => ("scope of a review", scopes()),
        ("signatures", "role") => ("role", known.roles()),
        (_, "project_id") => ("project", known.project.iter().cloned().collect()),
        ("observations", "milestone_id") => ("milestone", known.milestones.clone()),
        (_, "recipient") => ("recipient", known.recipients.clone()),
        (_, "unit") => ("unit", known.units.clone()),
        _ => return None,
    };
    let open = Choices { name: name.to_owned(), values, is_closed: false };
    (!open.values.is_empty()).then_some(open)
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// The sector as a whole, or one beneficiary.
fn scopes() -> Vec<String> {
    let list = table("budget_lines").and_then(|table| table.column("beneficiary"));
    let mut scopes = vec!["sector".to_owned()];
    if let Some(Kind::Code(list)) = list.map(|column| column.kind) {
        scopes.extend(list.codes.iter().map(|code| (*code).to_owned()));
    }
    scopes
}

/// What a cell of a column looks like, in a few words.
pub(super) fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Id => "an id, as text",
        Kind::ProjectId => "a project id of eight digits, as text",
        Kind::Code(_) => "one of the list",
        Kind::Country => "ISO 3166, three letters",
        Kind::Currency => "ISO 4217, three letters",
        Kind::Money(_) => "an amount with at most two decimals",
        Kind::Day(true) => "a day that has come",
        Kind::Day(false) => "a day",
        Kind::Bps => "basis points, 0 to 10000",
        Kind::Whole(_) => "a whole number",
        Kind::Decimal => "a number with at most six decimals",
        Kind::Bool => "true or false",
    }
}

/// What a column asks for: whether it must be filled, what it is, its form.
pub(super) fn hint(column: &Column) -> String {
    let must = if column.required { "must be filled" } else { "may be empty" };
    format!("{}; {}; {must}", column.doc, form(column.kind))
}

/// The lines of the text that goes with a template, each in cells.
pub(super) fn read_me(known: &Known, is_book: bool) -> Vec<Vec<String>> {
    let line = |text: &str| vec![text.to_owned()];
    let place = if is_book { "FILE.xlsx" } else { "--allow-empty FOLDER" };
    let what = if is_book { "sheets" } else { "files" };
    let mut lines = vec![
        line(template::TITLE),
        line(""),
        line(&format!("Fill the {what} that you have facts for and leave the others.")),
        line("Do not rename columns; days are written YYYY-MM-DD, amounts with a point."),
        line(&format!("Then: ssrfund load --source NAME --append {place}")),
        line("Without --append the load replaces all that NAME told before."),
    ];
    if is_book {
        lines.push(line(
            "A row in which only what was filled beforehand stands is not told.",
        ));
    }
    lines.extend(known.lines());
    for table in known.tables() {
        lines.push(line(""));
        lines.push(vec![table.name.to_owned(), table.doc.to_owned()]);
        for column in table.columns {
            let values = choices(table, column, &Known::default());
            let values = values.map_or_else(String::new, |list| list.values.join(", "));
            lines.push(vec![
                format!("  {}", column.name),
                hint(column),
                if values.is_empty() { values } else { format!("({values})") },
            ]);
        }
    }
    lines
}
