//! What other rules would move, for people: a matrix, the lines, the gates.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::classify::compare::Matrix;
use crate::domain::money::grouped;
use crate::domain::{Class, Money};
use crate::error::{Result, visible};
use crate::render::Format;
use crate::render::page::{Align, Block, Page, markdown, text};

use super::super::super::context::Context;
use super::super::super::output;
use super::super::super::report::{self, Told};
use super::Flip;

/// Lines that are listed unless `-v` or a format for programs asks for all.
const LISTED: usize = 20;
/// Characters of a description that are shown.
const SHOWN: usize = 48;

/// Writes the difference in the format asked for.
pub(super) fn write(
    context: &Context,
    told: &Told,
    matrices: &BTreeMap<String, Matrix>,
    flips: &[Flip],
) -> Result<()> {
    let format = output::format(context)?;
    if !matches!(format, Format::Table | Format::Plain | Format::Markdown) {
        if told.rows.is_empty() && !matches!(format, Format::Json | Format::Ndjson) {
            return report::write_none(context, no_row());
        }
        return report::write(context, told);
    }
    let most = if context.flags.verbose { usize::MAX } else { LISTED };
    let page = page(told, matrices, flips, most);
    let out = if format == Format::Markdown { markdown(&page) } else { text(&page) };
    output::deliver(context, out.as_bytes(), false)
}

/// The columns of a row.
fn no_row() -> Value {
    let words = [
        "line_id",
        "project_id",
        "recipient",
        "currency",
        "amount",
        "moved",
        "from",
        "to",
        "from_rule",
        "to_rule",
        "from_confidence_bps",
        "to_confidence_bps",
        "from_treatment",
        "to_treatment",
        "from_eligibility",
        "to_eligibility",
        "next_tranche",
        "in_next_tranche",
        "description",
    ];
    words.into_iter().map(|word| (word.to_owned(), Value::Null)).collect()
}

fn page(
    told: &Told,
    matrices: &BTreeMap<String, Matrix>,
    flips: &[Flip],
    most: usize,
) -> Page {
    let mut page = Page::new("What other rules would move");
    for (currency, matrix) in matrices {
        page = page.with(matrix_of(currency, matrix));
    }
    if !told.rows.is_empty() {
        page = page.with(lines(&told.rows, most));
    }
    if !flips.is_empty() {
        page = page.with(gates(flips));
    }
    let mut notes = told.notes.clone();
    let more = told.rows.len().saturating_sub(most);
    if more > 0 {
        notes.insert(0, format!("{more} more lines: `-v`, or `-F csv`, lists all."));
    }
    let changing = flips.iter().filter(|flip| flip.changes()).count();
    notes.insert(
        0,
        match flips.len() {
            0 => "No next tranche plans money of these lines.".to_owned(),
            near => format!("{changing} of {near} next tranches near these lines would be decided in another way."),
        },
    );
    page.with(Block::Notes(notes))
}

/// Rows are what a class has, columns where that money would go.
fn matrix_of(currency: &str, matrix: &Matrix) -> Block {
    let used: Vec<Class> = Class::ALL
        .iter()
        .copied()
        .filter(|class| matrix.keys().any(|(from, to)| from == class || to == class))
        .collect();
    let sum = |pick: &dyn Fn(Class, Class) -> bool| {
        let cells = matrix.iter().filter(|((from, to), _)| pick(*from, *to));
        let cents =
            cells.fold(0_i128, |sum, (_, money)| sum.saturating_add(money.cents()));
        Money::from_cents(cents)
    };
    let shown = |money: Money| {
        if money == Money::ZERO { "·".to_owned() } else { grouped(money) }
    };
    let name = |class: &Class| class.code().replace('_', "-");
    let mut columns = vec![format!("{currency}, from \\ to")];
    columns.extend(used.iter().map(name));
    columns.push("now".to_owned());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for from in &used {
        let mut row = vec![name(from)];
        row.extend(used.iter().map(|to| shown(sum(&|a, b| a == *from && b == *to))));
        row.push(shown(sum(&|a, _| a == *from)));
        rows.push(row);
    }
    let mut last = vec!["then".to_owned()];
    last.extend(used.iter().map(|to| shown(sum(&|_, b| b == *to))));
    last.push(shown(sum(&|_, _| true)));
    rows.push(last);
    let mut align = vec![Align::Right; columns.len()];
    if let Some(first) = align.first_mut() {
        *first = Align::Left;
    }
    Block::Table { columns, rows, align }
}

fn lines(rows: &[Value], most: usize) -> Block {
    let of = |row: &Value, key: &str| match row.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let money = |row: &Value, key: &str| {
        Money::parse(&of(row, key)).map_or(String::new(), grouped)
    };
    let listed = rows.iter().take(most).map(|row| {
        let text = visible(&of(row, "description"));
        let cut: String = text.chars().take(SHOWN).collect();
        vec![
            of(row, "line_id"),
            money(row, "moved"),
            format!("{} {}", of(row, "from"), of(row, "from_rule")),
            format!("{} {}", of(row, "to"), of(row, "to_rule")),
            of(row, "next_tranche"),
            money(row, "in_next_tranche"),
            cut,
        ]
    });
    Block::Table {
        columns: ["line", "moves", "now", "then", "next tranche", "planned", "text"]
            .map(str::to_owned)
            .to_vec(),
        rows: listed.collect(),
        align: vec![
            Align::Left,
            Align::Right,
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Left,
        ],
    }
}

fn gates(flips: &[Flip]) -> Block {
    let rows = flips.iter().map(|flip| {
        vec![
            flip.project_id.clone(),
            flip.tranche.to_string(),
            flip.currency.clone(),
            grouped(flip.touched),
            flip.old.verdict.word().to_owned(),
            flip.new.verdict.word().to_owned(),
            grouped(flip.old.payable),
            grouped(flip.new.payable),
        ]
    });
    Block::Table {
        columns: [
            "project",
            "tranche",
            "currency",
            "near",
            "verdict now",
            "then",
            "payable now",
            "then",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
        align: vec![
            Align::Left,
            Align::Right,
            Align::Left,
            Align::Right,
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
        ],
    }
}
