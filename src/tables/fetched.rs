//! The few of many packed rows that a check must see: how they are chosen and read.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow::array::{
    Array, AsArray, Date32Array, Decimal128Array, RecordBatch, StringArray,
};
use arrow::datatypes::{Date32Type, Decimal128Type, Int64Type};

use crate::domain::Money;
use crate::domain::time::day_from_epoch;

use super::batch::{SOURCE_FILE, SOURCE_ROW};
use super::cell::Cell;
use super::outline::{Group, View};
use super::row::{Row, TableRows};
use super::schema::Table;

/// Which packed rows a check must see.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Rows with these hashes of their keys.
    pub keys: HashSet<u64>,
    /// Rows of these groups.
    pub groups: BTreeSet<Group<Box<str>>>,
    /// Rows with these hashes of project, kind, date and amount.
    pub twins: HashSet<u64>,
}

impl Wanted {
    /// Whether no row need be seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.groups.is_empty() && self.twins.is_empty()
    }

    pub(super) fn wants(
        &self,
        view: &View<'_>,
        twins: Option<&Twins<'_>>,
        row: usize,
    ) -> bool {
        let is_group = || self.groups.contains(&view.group(row).owned());
        let is_twin = || twins.is_some_and(|twins| self.twins.contains(&twins.hash(row)));
        (!self.keys.is_empty() && self.keys.contains(&view.key(row)))
            || (!self.groups.is_empty() && is_group())
            || is_twin()
    }
}

/// Packed rows that were fetched: with the columns that checks look at, and the number of
/// each row among the packed ones.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The rows of one source file.
    pub rows: TableRows,
    /// The number of each row.
    pub at: Vec<u64>,
}

/// The hash by which a row with these cells may be the twin of another one; its lowest
/// eight bits are zeros.
#[must_use]
pub fn twin_hash(project: &str, kind: &str, date: i32, cents: i128) -> u64 {
    let mut hasher = DefaultHasher::new();
    (project, kind, date, cents).hash(&mut hasher);
    hasher.finish() & !0xff
}

pub(super) struct Twins<'a> {
    project: &'a StringArray,
    kind: &'a StringArray,
    date: &'a Date32Array,
    amount: &'a Decimal128Array,
}

impl<'a> Twins<'a> {
    pub(super) fn of(batch: &'a RecordBatch) -> Option<Self> {
        Some(Self {
            project: batch.column_by_name("project_id")?.as_string_opt::<i32>()?,
            kind: batch.column_by_name("kind")?.as_string_opt::<i32>()?,
            date: batch.column_by_name("date")?.as_primitive_opt::<Date32Type>()?,
            amount: batch
                .column_by_name("amount")?
                .as_primitive_opt::<Decimal128Type>()?,
        })
    }

    pub(super) fn hash(&self, row: usize) -> u64 {
        let (project, kind) = (self.project.value(row), self.kind.value(row));
        twin_hash(project, kind, self.date.value(row), self.amount.value(row))
    }
}

/// Adds a row of a batch, with the columns that the batch has.
pub(super) fn keep(
    out: &mut Vec<Fetched>,
    table: &'static Table,
    batch: &RecordBatch,
    row: usize,
    number: u64,
) {
    let text = |name: &str| {
        let array = batch.column_by_name(name)?.as_string_opt::<i32>()?;
        array.is_valid(row).then(|| array.value(row))
    };
    let line = batch
        .column_by_name(SOURCE_ROW)
        .and_then(|array| array.as_primitive_opt::<Int64Type>())
        .and_then(|array| u64::try_from(array.value(row)).ok());
    let file = text(SOURCE_FILE).unwrap_or_default();
    if out.last().is_none_or(|last| last.rows.file != file) {
        out.push(Fetched { rows: TableRows::new(table, file), at: Vec::new() });
    }
    let cells =
        table.columns.iter().map(|column| cell(batch, column.name, row)).collect();
    if let Some(last) = out.last_mut() {
        last.rows.rows.push(Row { cells, row: line.unwrap_or(0), columns: Vec::new() });
        last.at.push(number);
    }
}

fn cell(batch: &RecordBatch, name: &str, row: usize) -> Cell {
    let Some(array) = batch.column_by_name(name).filter(|array| array.is_valid(row))
    else {
        return Cell::Empty;
    };
    if let Some(texts) = array.as_string_opt::<i32>() {
        return Cell::Text(texts.value(row).to_owned());
    }
    if let Some(days) = array.as_primitive_opt::<Date32Type>() {
        return day_from_epoch(days.value(row)).map_or(Cell::Empty, Cell::Day);
    }
    // Of the columns that are looked at only `amount` is a decimal.
    match array.as_primitive_opt::<Decimal128Type>() {
        Some(amounts) => Cell::Money(Money::from_cents(amounts.value(row))),
        None => Cell::Empty,
    }
}
