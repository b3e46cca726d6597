//! Which rows of a table are new, gone or different between two states of it, by key.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::concat_batches;
use arrow::row::{RowConverter, Rows, SortField};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::{Error, Result};
use crate::tables::Table;

use super::Snapshot;

/// Two states of one table and what differs, by row number.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The table.
    pub table: &'static Table,
    /// The rows before, with file, row and load.
    pub before: RecordBatch,
    /// The rows after.
    pub after: RecordBatch,
    /// Rows of `after` whose key is new.
    pub added: Vec<usize>,
    /// Rows of `before` whose key is gone.
    pub gone: Vec<usize>,
    /// Rows before and after of one key, that differ in some column.
    pub changed: Vec<(usize, usize)>,
}

impl Changes {
    /// Compares two states of a table. Files, positions and loads are no differences.
    ///
    /// # Errors
    /// The rows are not of this table.
    pub fn between(
        table: &'static Table,
        before: &[RecordBatch],
        after: &[RecordBatch],
    ) -> Result<Self> {
        let schema = Snapshot::schema(table.name);
        let broken = |error| Error::internal("cannot compare rows").caused_by(error);
        let before = concat_batches(&schema, before).map_err(broken)?;
        let after = concat_batches(&schema, after).map_err(broken)?;
        let all: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let keys = encoded(table.key, &before, &after)?;
        let cells = encoded(&all, &before, &after)?;
        let mut told: HashMap<&[u8], usize> = HashMap::with_capacity(before.num_rows());
        for (row, key) in keys.0.iter().enumerate() {
            told.insert(key.data(), row);
        }
        let mut stays = vec![false; before.num_rows()];
        let (mut added, mut changed) = (Vec::new(), Vec::new());
        for (row, key) in keys.1.iter().enumerate() {
            let Some(old) = told.get(key.data()).copied() else {
                added.push(row);
                continue;
            };
            if let Some(stays) = stays.get_mut(old) {
                *stays = true;
            }
            if cells.0.row(old) != cells.1.row(row) {
                changed.push((old, row));
            }
        }
        let left = stays.iter().enumerate().filter(|(_, stays)| !**stays);
        let gone = left.map(|(row, _)| row).collect();
        Ok(Self { table, before, after, added, gone, changed })
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.gone.is_empty() && self.changed.is_empty()
    }
}

/// Rows as comparable bytes, before and after.
fn encoded(
    names: &[&str],
    before: &RecordBatch,
    after: &RecordBatch,
) -> Result<(Rows, Rows)> {
    let broken = |error| Error::internal("cannot compare rows").caused_by(error);
    let columns = |batch: &RecordBatch| -> Result<Vec<ArrayRef>> {
        names.iter().map(|name| column(batch, name).cloned()).collect()
    };
    let (before, after) = (columns(before)?, columns(after)?);
    let fields =
        before.iter().map(|array| SortField::new(array.data_type().clone())).collect();
    let converter = RowConverter::new(fields).map_err(broken)?;
    let rows = |columns: &[ArrayRef]| converter.convert_columns(columns).map_err(broken);
    Ok((rows(&before)?, rows(&after)?))
}

/// A column of rows as read from a snapshot.
///
/// # Errors
/// There is no such column.
pub(super) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    batch
        .column_by_name(name)
        .ok_or_else(|| Error::internal(format!("a stored row has no column `{name}`")))
}

/// The columns of rows as text: money with two decimals, days as ISO.
pub(super) struct Texts<'a>(Vec<(&'a ArrayRef, ArrayFormatter<'a>)>);

impl<'a> Texts<'a> {
    /// Prepares columns of a batch.
    ///
    /// # Errors
    /// There is no such column.
    pub(super) fn of(
        batch: &'a RecordBatch,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        const OPTIONS: FormatOptions<'static> = FormatOptions::new();
        let formatter = |name: &str| -> Result<(&'a ArrayRef, ArrayFormatter<'a>)> {
            let array = column(batch, name)?;
            let formatter =
                ArrayFormatter::try_new(array.as_ref(), &OPTIONS).map_err(|error| {
                    Error::internal("cannot write a cell").caused_by(error)
                })?;
            Ok((array, formatter))
        };
        Ok(Self(names.into_iter().map(formatter).collect::<Result<_>>()?))
    }

    /// The text of a cell; nothing where it is empty.
    pub(super) fn cell(&self, column: usize, row: usize) -> Option<String> {
        let (array, formatter) = self.0.get(column)?;
        array.is_valid(row).then(|| formatter.value(row).to_string())
    }

    /// The cells of a row, separated by spaces.
    pub(super) fn joined(&self, row: usize) -> String {
        let cells = (0..self.0.len()).map(|column| self.cell(column, row));
        let cells: Vec<String> = cells.map(Option::unwrap_or_default).collect();
        cells.join(" ").trim_end().to_owned()
    }
}
