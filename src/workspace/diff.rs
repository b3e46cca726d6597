//! What changed between two states of a workspace or of one source: rows and money.
//!
//! Rows are matched by key and compared cell by cell. Money is that of transactions, per
//! kind and currency, never added over either.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::{Decimal128Type, Int64Type};
use serde::Serialize;

use crate::domain::Money;
use crate::error::{Error, Result};
use crate::tables::Table;
use crate::tables::batch::{SOURCE_FILE, SOURCE_ROW};
use crate::tables::schema::TABLES;

use super::Snapshot;
use super::changes::{Changes, Texts, column};
use super::restatement::{Restatement, of_changes};

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Its key is new.
    Added,
    /// Its key is gone.
    Gone,
    /// Some of its cells are different.
    Changed,
}

/// One cell before and after; nothing where it is empty or the row is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellChange {
    /// The column.
    pub column: &'static str,
    /// The text before.
    pub before: Option<String>,
    /// The text after.
    pub after: Option<String>,
}

/// One row that is new, gone or different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowChange {
    /// Its key, parts separated by a space.
    pub key: String,
    /// What happened to it.
    pub what: What,
    /// The file that tells it now, or told it last.
    pub file: String,
    /// Line, Excel row or XML position in that file.
    pub row: i64,
    /// The cells that differ; of a new or gone row all that are filled.
    pub cells: Vec<CellChange>,
}

/// The changes of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableChange {
    /// The table.
    pub table: &'static str,
    /// Rows before.
    pub before: u64,
    /// Rows after.
    pub after: u64,
    /// Rows whose key is new.
    pub added: u64,
    /// Rows whose key is gone.
    pub gone: u64,
    /// Rows of which some cell is different.
    pub changed: u64,
    /// The rows, by key; at most as many as were asked for.
    pub rows: Vec<RowChange>,
}

/// How many amounts, and their exact sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub sum: Money,
}

/// The money of transactions of one kind and currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoneyChange {
    /// Transaction kind.
    pub kind: String,
    /// ISO 4217.
    pub currency: String,
    /// Transactions whose key is new.
    pub added: Sum,
    /// Transactions whose key is gone.
    pub gone: Sum,
    /// Transactions that differ, as they were.
    pub changed_from: Sum,
    /// Transactions that differ, as they are.
    pub changed_to: Sum,
    /// Added and changed_to, less gone and changed_from.
    pub net: Money,
}

/// All that changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Tables that were told before or after, in the registry's order.
    pub tables: Vec<TableChange>,
    /// Money of transactions, by kind and currency.
    pub money: Vec<MoneyChange>,
    /// Amounts that were told anew for the same key or period.
    pub restatements: Vec<Restatement>,
}

impl Diff {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(|t| t.added == 0 && t.gone == 0 && t.changed == 0)
    }
}

/// Compares two states; of each table at most `most` rows are listed, all are counted.
///
/// # Errors
/// A stored file is damaged, or a sum exceeds 128 bits.
pub fn diff(before: &Snapshot, after: &Snapshot, most: usize) -> Result<Diff> {
    let mut out = Diff::default();
    for table in TABLES {
        let (old, new) = (before.files(table.name), after.files(table.name));
        if old.is_empty() && new.is_empty() {
            continue;
        }
        let hashes = |files: &[super::StoredFile]| -> Vec<String> {
            files.iter().map(|file| file.sha256.clone()).collect()
        };
        if hashes(old) == hashes(new) {
            out.tables.push(unchanged(table, before.rows(table.name)));
            continue;
        }
        let (old, new) = (before.read(table.name)?, after.read(table.name)?);
        let changes = Changes::between(table, &old, &new)?;
        out.tables.push(table_change(&changes, most)?);
        if table.name == "transactions" {
            out.money = money(&changes)?;
            out.restatements = of_changes(&changes)?;
        }
    }
    Ok(out)
}

fn unchanged(table: &Table, rows: u64) -> TableChange {
    TableChange {
        table: table.name,
        before: rows,
        after: rows,
        added: 0,
        gone: 0,
        changed: 0,
        rows: Vec::new(),
    }
}

fn table_change(changes: &Changes, most: usize) -> Result<TableChange> {
    let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
    Ok(TableChange {
        table: changes.table.name,
        before: count(changes.before.num_rows()),
        after: count(changes.after.num_rows()),
        added: count(changes.added.len()),
        gone: count(changes.gone.len()),
        changed: count(changes.changed.len()),
        rows: rows(changes, most)?,
    })
}

/// The rows that differ, by key.
fn rows(changes: &Changes, most: usize) -> Result<Vec<RowChange>> {
    let table = changes.table;
    let old_keys = Texts::of(&changes.before, table.key.iter().copied())?;
    let new_keys = Texts::of(&changes.after, table.key.iter().copied())?;
    let mut found: Vec<(String, What, Option<usize>, Option<usize>)> = Vec::new();
    for row in &changes.added {
        found.push((new_keys.joined(*row), What::Added, None, Some(*row)));
    }
    for row in &changes.gone {
        found.push((old_keys.joined(*row), What::Gone, Some(*row), None));
    }
    for (old, new) in &changes.changed {
        found.push((new_keys.joined(*new), What::Changed, Some(*old), Some(*new)));
    }
    found.sort();
    found.truncate(most);
    let all = || table.columns.iter().map(|column| column.name);
    let place = || [SOURCE_FILE].into_iter();
    let old = (Texts::of(&changes.before, all())?, Texts::of(&changes.before, place())?);
    let new = (Texts::of(&changes.after, all())?, Texts::of(&changes.after, place())?);
    let number = |is_new: bool, row: usize| -> Result<i64> {
        let batch = if is_new { &changes.after } else { &changes.before };
        Ok(column(batch, SOURCE_ROW)?.as_primitive::<Int64Type>().value(row))
    };
    let mut out = Vec::with_capacity(found.len());
    for (key, what, before, after) in found {
        let mut cells = Vec::new();
        for (index, column) in table.columns.iter().enumerate() {
            let was = before.and_then(|row| old.0.cell(index, row));
            let is = after.and_then(|row| new.0.cell(index, row));
            if was != is {
                cells.push(CellChange { column: column.name, before: was, after: is });
            }
        }
        let (file, row) = match (after, before) {
            (Some(row), _) => (new.1.cell(0, row), number(true, row)?),
            (None, Some(row)) => (old.1.cell(0, row), number(false, row)?),
            (None, None) => (None, 0),
        };
        out.push(RowChange { key, what, file: file.unwrap_or_default(), row, cells });
    }
    Ok(out)
}

/// Money by kind and currency of transactions that are new, gone or different.
fn money(changes: &Changes) -> Result<Vec<MoneyChange>> {
    type Sums = [Sum; 4];
    let mut by_kind: BTreeMap<(String, String), Sums> = BTreeMap::new();
    let mut add = |is_new: bool, rows: &mut dyn Iterator<Item = usize>, slot: usize| {
        let batch = if is_new { &changes.after } else { &changes.before };
        let texts = Texts::of(batch, ["kind", "currency"])?;
        let amounts = column(batch, "amount")?.as_primitive::<Decimal128Type>();
        for row in rows {
            let text = |index| texts.cell(index, row).unwrap_or_default();
            let sums = by_kind.entry((text(0), text(1))).or_default();
            let Some(sum) = sums.get_mut(slot) else { continue };
            sum.count = sum.count.saturating_add(1);
            sum.sum = sum.sum.plus(Money::from_cents(amounts.value(row)))?;
        }
        Ok::<(), Error>(())
    };
    add(true, &mut changes.added.iter().copied(), 0)?;
    add(false, &mut changes.gone.iter().copied(), 1)?;
    add(false, &mut changes.changed.iter().map(|(old, _)| *old), 2)?;
    add(true, &mut changes.changed.iter().map(|(_, new)| *new), 3)?;
    by_kind
        .into_iter()
        .map(|((kind, currency), [added, gone, changed_from, changed_to])| {
            let more = added.sum.plus(changed_to.sum)?;
            let net = more.minus(gone.sum)?.minus(changed_from.sum)?;
            Ok(MoneyChange { kind, currency, added, gone, changed_from, changed_to, net })
        })
        .collect()
}
