//! Ledger tables that SQL cannot derive exactly: what was reported, paid, and shared out.
//!
//! `reported` holds recipients' own figures with the day from which a better grade
//! replaces each (Q12); `paid` holds disbursements with their recipient filled in where
//! a project has only one (Q14); `transaction_shares` splits each transaction over its
//! sectors, cents conserved by largest remainder.

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;
use chrono::NaiveDate;

use crate::domain::{Money, apportion};
use crate::error::Result;
use crate::tables::build::{Columns, Made, Maker};
use crate::tables::{Cell, Row, Table};
use crate::workspace::{KeptRows, Snapshot};

use super::Engine;
use super::tables::register_held;

/// Columns of `reported`.
pub const REPORTED: &Columns = &[
    ("transaction_id", Made::Text),
    ("project_id", Made::Text),
    ("recipient", Made::Text),
    ("kind", Made::Text),
    ("date", Made::Day),
    ("amount", Made::Money),
    ("currency", Made::Text),
    ("grade", Made::Text),
    ("period_start", Made::Day),
    ("superseded_on", Made::Day),
    ("tranche", Made::Whole),
    ("line_id", Made::Text),
    ("category", Made::Text),
    ("load_id", Made::Text),
    ("source_file", Made::Text),
    ("source_row", Made::Whole),
];

/// Columns of `paid`.
pub const PAID: &Columns = &[
    ("transaction_id", Made::Text),
    ("project_id", Made::Text),
    ("recipient", Made::Text),
    ("tranche", Made::Whole),
    ("date", Made::Day),
    ("amount", Made::Money),
    ("currency", Made::Text),
    ("load_id", Made::Text),
    ("source_file", Made::Text),
    ("source_row", Made::Whole),
];

/// Columns of `transaction_shares`.
pub const SHARES: &Columns = &[
    ("transaction_id", Made::Text),
    ("project_id", Made::Text),
    ("kind", Made::Text),
    ("date", Made::Day),
    ("currency", Made::Text),
    ("vocabulary", Made::Text),
    ("code", Made::Text),
    ("share_bps", Made::Bps),
    ("amount", Made::Money),
    ("transaction_amount", Made::Money),
    ("load_id", Made::Text),
    ("source_file", Made::Text),
    ("source_row", Made::Whole),
];

/// One transaction with its place.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The load that told it.
    pub load_id: &'a str,
    /// Its file.
    pub file: &'a str,
    table: &'static Table,
    /// The row.
    pub row: &'a Row,
}

impl<'a> Entry<'a> {
    /// The cell of a column.
    #[must_use]
    pub fn cell(&self, column: &str) -> &'a Cell {
        self.row.cell(self.table, column)
    }

    /// The text of a column.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&'a str> {
        self.cell(column).text()
    }

    /// The day of a column.
    #[must_use]
    pub fn day(&self, column: &str) -> Option<NaiveDate> {
        match self.cell(column) {
            Cell::Day(day) => Some(*day),
            _ => None,
        }
    }

    /// The amount.
    #[must_use]
    pub fn amount(&self) -> Money {
        match self.cell("amount") {
            Cell::Money(money) => *money,
            _ => Money::ZERO,
        }
    }

    /// Load, file and row as cells.
    #[must_use]
    pub fn provenance(&self) -> [Cell; 3] {
        [
            Cell::Text(self.load_id.to_owned()),
            Cell::Text(self.file.to_owned()),
            Cell::Whole(i64::try_from(self.row.row).unwrap_or(i64::MAX)),
        ]
    }
}

/// All rows of kept groups.
pub fn entries(kept: &[KeptRows]) -> impl Iterator<Item = Entry<'_>> {
    kept.iter().flat_map(|group| {
        group.rows.rows.iter().map(|row| Entry {
            load_id: &group.load_id,
            file: &group.rows.file,
            table: group.rows.table,
            row,
        })
    })
}

/// The one recipient of each project that has only one.
#[must_use]
pub fn only_recipients(recipients: &[KeptRows]) -> HashMap<String, String> {
    let mut by_project: HashMap<&str, Vec<&str>> = HashMap::new();
    for entry in entries(recipients) {
        if let (Some(project), Some(recipient)) =
            (entry.text("project_id"), entry.text("recipient"))
        {
            by_project.entry(project).or_default().push(recipient);
        }
    }
    by_project
        .into_iter()
        .filter_map(|(project, names)| match names.as_slice() {
            [only] => Some((project.to_owned(), (*only).to_owned())),
            _ => None,
        })
        .collect()
}

/// A recipient's own figure among others that may replace it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// 0 preliminary, 1 interim, 2 certified.
    pub grade: u8,
    /// First day covered, or nothing: reaches back for ever.
    pub period_start: Option<NaiveDate>,
    /// Last day covered.
    pub date: NaiveDate,
}

/// The rank of a grade; without one a figure is preliminary (Q10).
#[must_use]
pub fn grade_rank(grade: Option<&str>) -> u8 {
    match grade {
        Some("certified") => 2,
        Some("interim") => 1,
        _ => 0,
    }
}

/// A recipient's own figure: its transaction, its kind in `reported`, who reports it,
/// and the day from which a better grade replaces it.
#[derive(Debug, Clone)]
pub struct Reported<'a> {
    /// The transaction.
    pub entry: Entry<'a>,
    /// `expenditure` or `commitment`.
    pub kind: &'static str,
    /// The recipient, filled in where a project has only one.
    pub recipient: Option<String>,
    /// The day from which it no longer counts.
    pub superseded_on: Option<NaiveDate>,
}

/// Project, recipient and kind: figures replace each other within these.
type Group = (String, Option<String>, &'static str);

/// The figures of better grades, by group: what replaces what (Q12).
#[derive(Debug, Default)]
pub struct Replacements(BTreeMap<Group, Vec<Figure>>);

/// The kind of a recipient's own figure; nothing for other transactions.
fn figure_kind(entry: &Entry<'_>) -> Option<&'static str> {
    match entry.text("kind")? {
        "expenditure" => Some("expenditure"),
        "outgoing_commitment" if entry.text("grade").is_some() => Some("commitment"),
        _ => None,
    }
}

fn group_of(
    entry: &Entry<'_>,
    kind: &'static str,
    only: &HashMap<String, String>,
) -> Group {
    let project = entry.text("project_id").unwrap_or_default().to_owned();
    (project, recipient_of(entry, only), kind)
}

impl Replacements {
    /// Reads the transactions of a snapshot and keeps the figures of a better grade, in
    /// groups that hold several grades: in all others nothing is ever replaced.
    ///
    /// # Errors
    /// A stored file is damaged.
    pub fn read(snapshot: &Snapshot, only: &HashMap<String, String>) -> Result<Self> {
        let mut grades: HashMap<Group, u8> = HashMap::new();
        snapshot.scan("transactions", |kept| {
            for entry in entries(kept) {
                if let Some(kind) = figure_kind(&entry) {
                    let seen = grades.entry(group_of(&entry, kind, only)).or_default();
                    *seen |= 1 << grade_rank(entry.text("grade"));
                }
            }
            Ok(())
        })?;
        grades.retain(|_, seen| seen.count_ones() > 1);
        let mut found = Self::default();
        if grades.is_empty() {
            return Ok(found);
        }
        snapshot.scan("transactions", |kept| {
            for entry in entries(kept) {
                let Some(kind) = figure_kind(&entry) else { continue };
                let grade = grade_rank(entry.text("grade"));
                let group = group_of(&entry, kind, only);
                let Some(date) = entry.day("date") else { continue };
                if grade > 0 && grades.contains_key(&group) {
                    let period_start = entry.day("period_start");
                    let figure = Figure { grade, period_start, date };
                    found.0.entry(group).or_default().push(figure);
                }
            }
            Ok(())
        })?;
        for figures in found.0.values_mut() {
            figures.sort_by_key(|figure| figure.date);
        }
        Ok(found)
    }

    /// The first day on which a transaction's figure is replaced; nothing where it never
    /// is, or where it is no recipient's own figure.
    #[must_use]
    pub fn of(
        &self,
        entry: &Entry<'_>,
        only: &HashMap<String, String>,
    ) -> Option<NaiveDate> {
        if self.0.is_empty() {
            return None;
        }
        let kind = figure_kind(entry)?;
        let better = self.0.get(&group_of(entry, kind, only))?;
        let figure = Figure {
            grade: grade_rank(entry.text("grade")),
            period_start: entry.day("period_start"),
            date: entry.day("date")?,
        };
        replaced_on(&figure, better)
    }
}

/// The day of the first of `better`, sorted by date, that has a higher grade than
/// `figure` and covers its date.
fn replaced_on(figure: &Figure, better: &[Figure]) -> Option<NaiveDate> {
    let from = better.partition_point(|other| other.date < figure.date);
    better
        .get(from..)?
        .iter()
        .find(|other| {
            other.grade > figure.grade
                && other.period_start.is_none_or(|start| start <= figure.date)
        })
        .map(|other| other.date)
}

/// Recipients' own figures among transactions, each with the day of its replacement.
#[must_use]
pub fn reported<'a>(
    transactions: &'a [KeptRows],
    only: &HashMap<String, String>,
    replacements: &Replacements,
) -> Vec<Reported<'a>> {
    entries(transactions)
        .filter_map(|entry| {
            Some(Reported {
                kind: figure_kind(&entry)?,
                recipient: recipient_of(&entry, only),
                superseded_on: replacements.of(&entry, only),
                entry,
            })
        })
        .collect()
}

fn recipient_of(entry: &Entry<'_>, only: &HashMap<String, String>) -> Option<String> {
    entry
        .text("recipient")
        .map(str::to_owned)
        .or_else(|| only.get(entry.text("project_id")?).cloned())
}

/// Derives and registers `reported`, `paid` and `transaction_shares`.
///
/// # Errors
/// A stored file is damaged, or an amount exceeds 128 bits.
pub fn register(engine: &Engine, snapshot: &Snapshot) -> Result<()> {
    let transactions = snapshot.kept("transactions")?;
    let only = only_recipients(&snapshot.kept("recipients")?);
    let replacements = Replacements::read(snapshot, &only)?;
    let figures = reported(&transactions, &only, &replacements);
    register_made(engine, "reported", &reported_batch(&figures)?)?;
    register_made(engine, "paid", &paid_batch(&transactions, &only)?)?;
    let sectors = snapshot.kept("sectors")?;
    register_made(engine, "transaction_shares", &shares_batch(&transactions, &sectors)?)
}

fn register_made(engine: &Engine, name: &str, batch: &RecordBatch) -> Result<()> {
    register_held(engine, name, std::slice::from_ref(batch))
}

fn option_text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Empty, |text| Cell::Text(text.to_owned()))
}

fn reported_batch(figures: &[Reported<'_>]) -> Result<RecordBatch> {
    let mut maker = Maker::new(REPORTED);
    for figure in figures {
        let entry = &figure.entry;
        let [load, file, row] = entry.provenance();
        maker.add(&[
            entry.cell("transaction_id").clone(),
            entry.cell("project_id").clone(),
            option_text(figure.recipient.as_deref()),
            Cell::Text(figure.kind.to_owned()),
            entry.cell("date").clone(),
            entry.cell("amount").clone(),
            entry.cell("currency").clone(),
            Cell::Text(entry.text("grade").unwrap_or("preliminary").to_owned()),
            entry.cell("period_start").clone(),
            figure.superseded_on.map_or(Cell::Empty, Cell::Day),
            entry.cell("tranche").clone(),
            entry.cell("line_id").clone(),
            entry.cell("category").clone(),
            load,
            file,
            row,
        ])?;
    }
    maker.finish()
}

fn paid_batch(
    transactions: &[KeptRows],
    only: &HashMap<String, String>,
) -> Result<RecordBatch> {
    let mut maker = Maker::new(PAID);
    for entry in entries(transactions) {
        if entry.text("kind") != Some("disbursement") {
            continue;
        }
        let [load, file, row] = entry.provenance();
        maker.add(&[
            entry.cell("transaction_id").clone(),
            entry.cell("project_id").clone(),
            option_text(recipient_of(&entry, only).as_deref()),
            entry.cell("tranche").clone(),
            entry.cell("date").clone(),
            entry.cell("amount").clone(),
            entry.cell("currency").clone(),
            load,
            file,
            row,
        ])?;
    }
    maker.finish()
}

type Split<'a> = BTreeMap<&'a str, Vec<(&'a str, i64)>>;

/// Sector shares by owner, then vocabulary.
fn splits<'a>(sectors: &'a [KeptRows], kind: &str) -> BTreeMap<&'a str, Split<'a>> {
    let mut by_owner: BTreeMap<&str, Split<'_>> = BTreeMap::new();
    for entry in entries(sectors) {
        let (Some(owner), Some(vocabulary), Some(code), Cell::Whole(share)) = (
            entry.text("owner_id"),
            entry.text("vocabulary"),
            entry.text("code"),
            entry.cell("share_bps"),
        ) else {
            continue;
        };
        if entry.text("owner_kind") == Some(kind) {
            let split = by_owner.entry(owner).or_default();
            split.entry(vocabulary).or_default().push((code, *share));
        }
    }
    for split in by_owner.values_mut() {
        for shares in split.values_mut() {
            shares.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        }
    }
    by_owner
}

fn shares_batch(transactions: &[KeptRows], sectors: &[KeptRows]) -> Result<RecordBatch> {
    let of_transaction = splits(sectors, "transaction");
    let of_project = splits(sectors, "project");
    let mut maker = Maker::new(SHARES);
    for entry in entries(transactions) {
        let split = entry
            .text("transaction_id")
            .and_then(|id| of_transaction.get(id))
            .or_else(|| entry.text("project_id").and_then(|id| of_project.get(id)));
        let Some(split) = split else {
            add_share(&mut maker, &entry, None, 10_000, entry.amount())?;
            continue;
        };
        for (vocabulary, shares) in split {
            let weights: Vec<i128> =
                shares.iter().map(|(_, share)| i128::from(*share)).collect();
            let Ok(parts) = apportion(entry.amount(), &weights) else { continue };
            for ((code, share), part) in shares.iter().zip(parts) {
                let sector = Some((*vocabulary, *code));
                add_share(&mut maker, &entry, sector, *share, part)?;
            }
        }
    }
    maker.finish()
}

fn add_share(
    maker: &mut Maker,
    entry: &Entry<'_>,
    sector: Option<(&str, &str)>,
    share: i64,
    amount: Money,
) -> Result<()> {
    let [load, file, row] = entry.provenance();
    maker.add(&[
        entry.cell("transaction_id").clone(),
        entry.cell("project_id").clone(),
        entry.cell("kind").clone(),
        entry.cell("date").clone(),
        entry.cell("currency").clone(),
        option_text(sector.map(|(vocabulary, _)| vocabulary)),
        option_text(sector.map(|(_, code)| code)),
        Cell::Whole(share),
        Cell::Money(amount),
        entry.cell("amount").clone(),
        load,
        file,
        row,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_day;

    #[test]
    fn a_better_grade_replaces_what_it_covers_from_its_own_day() {
        let day = |text: &str| parse_day(text).unwrap();
        let figure = |grade, start: Option<&str>, date| Figure {
            grade,
            period_start: start.map(day),
            date: day(date),
        };
        let better = [
            figure(2, Some("2023-07-01"), "2023-12-31"),
            figure(1, Some("2023-01-01"), "2024-03-31"),
        ];
        for (one, expected) in [
            (figure(0, None, "2023-06-30"), Some("2024-03-31")),
            (figure(0, None, "2023-12-31"), Some("2023-12-31")),
            (figure(0, None, "2022-12-31"), None),
            (better[0], None),
            (better[1], None),
        ] {
            assert_eq!(replaced_on(&one, &better), expected.map(day));
        }
    }
}
