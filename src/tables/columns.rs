//! A table's columns as they fill: typed Arrow builders instead of rows of cells, for
//! tables of which a file may hold millions of rows.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int32Builder, Int64Array,
    Int64Builder, RecordBatch, StringArray, StringBuilder, new_null_array,
};
use arrow::datatypes::DataType;

use crate::domain::time::days_since_epoch;
use crate::error::{Error, Result};

use super::batch::{data_type, stored_schema};
use super::cell::Cell;
use super::row::Row;
use super::schema::{Kind, Table};

/// What stands in one field of one row, without a copy of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot<'a> {
    /// Nothing.
    Empty,
    /// Text, an id or a code.
    Text(&'a str),
    /// Cents, or millionths of a decimal.
    Scaled(i128),
    /// Days since 1970-01-01.
    Day(i32),
    /// A whole number, also basis points.
    Whole(i64),
    /// true or false.
    Bool(bool),
}

impl<'a> Slot<'a> {
    /// The slot of a cell.
    #[must_use]
    pub fn of(cell: &'a Cell) -> Self {
        match cell {
            Cell::Empty => Self::Empty,
            Cell::Text(text) => Self::Text(text),
            Cell::Money(money) => Self::Scaled(money.cents()),
            Cell::Decimal(micros) => Self::Scaled(i128::from(*micros)),
            Cell::Day(day) => Self::Day(days_since_epoch(*day)),
            Cell::Whole(number) => Self::Whole(*number),
            Cell::Bool(truth) => Self::Bool(*truth),
        }
    }
}

enum Builder {
    /// A column that the file does not have.
    Absent(DataType),
    Text(StringBuilder),
    Scaled(Decimal128Builder, u8, i8),
    Day(Date32Builder),
    Whole(Int64Builder),
    Bps(Int32Builder),
    Bool(BooleanBuilder),
}

/// How much room columns took: what follows in a file takes about as much.
#[derive(Debug, Clone, Default)]
pub struct Room {
    rows: usize,
    bytes: Vec<usize>,
}

impl Room {
    /// A little more, so that the next part need not be moved for a few rows.
    fn roomy(count: usize) -> usize {
        count.saturating_add(count.div_euclid(16))
    }
}

/// The columns of one table from one file.
pub struct Columns {
    table: &'static Table,
    builders: Vec<Builder>,
    lines: Vec<i64>,
}

impl Columns {
    /// Starts without rows; columns for whose place `is_there` says no stay empty.
    #[must_use]
    pub fn new(table: &'static Table, is_there: impl Fn(usize) -> bool) -> Self {
        Self::with_room(table, is_there, &Room::default())
    }

    /// Starts like [`Columns::new`], with as much room as columns took before.
    #[must_use]
    pub fn with_room(
        table: &'static Table,
        is_there: impl Fn(usize) -> bool,
        room: &Room,
    ) -> Self {
        let rows = Room::roomy(room.rows);
        let bytes = |place| Room::roomy(room.bytes.get(place).copied().unwrap_or(0));
        let builders = (0..)
            .zip(table.columns)
            .map(|(place, column)| match column.kind {
                kind if !is_there(place) => Builder::Absent(data_type(kind)),
                Kind::Money(_) => {
                    Builder::Scaled(Decimal128Builder::with_capacity(rows), 18, 2)
                }
                Kind::Decimal => {
                    Builder::Scaled(Decimal128Builder::with_capacity(rows), 20, 6)
                }
                Kind::Day(_) => Builder::Day(Date32Builder::with_capacity(rows)),
                Kind::Bps => Builder::Bps(Int32Builder::with_capacity(rows)),
                Kind::Whole(_) => Builder::Whole(Int64Builder::with_capacity(rows)),
                Kind::Bool => Builder::Bool(BooleanBuilder::with_capacity(rows)),
                _ => Builder::Text(StringBuilder::with_capacity(rows, bytes(place))),
            })
            .collect();
        Self { table, builders, lines: Vec::with_capacity(rows) }
    }

    /// How much room the rows take.
    #[must_use]
    pub fn room(&self) -> Room {
        let bytes = self.builders.iter().map(|builder| match builder {
            Builder::Text(texts) => texts.values_slice().len(),
            _ => 0,
        });
        Room { rows: self.lines.len(), bytes: bytes.collect() }
    }

    /// How many rows were added since the last [`Columns::finish`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether no row was added since the last [`Columns::finish`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds a row whose slots stand in the order of the table's columns; false, and an
    /// odd table, where a slot is of another kind than its column.
    pub fn add(&mut self, line: u64, slots: &[Slot<'_>]) -> bool {
        self.lines.push(i64::try_from(line).unwrap_or(i64::MAX));
        let fits = self
            .builders
            .iter_mut()
            .zip(slots)
            .all(|(builder, slot)| add(builder, *slot));
        fits && slots.len() == self.builders.len()
    }

    /// Adds a row of cells, as [`Columns::add`] does.
    pub fn add_row(&mut self, row: &Row) -> bool {
        let slots: Vec<Slot<'_>> = row.cells.iter().map(Slot::of).collect();
        self.add(row.row, &slots)
    }

    /// Returns the rows added so far as a batch of [`stored_schema`] and starts again.
    ///
    /// # Errors
    /// An internal error where a row did not fit.
    pub fn finish(&mut self, file: &str) -> Result<RecordBatch> {
        let lines = std::mem::take(&mut self.lines);
        let mut arrays = Vec::with_capacity(self.builders.len().saturating_add(2));
        for builder in &mut self.builders {
            arrays.push(finish(builder, lines.len())?);
        }
        let files = std::iter::repeat_n(file, lines.len());
        arrays.push(Arc::new(StringArray::from_iter_values(files)));
        arrays.push(Arc::new(Int64Array::from(lines)));
        RecordBatch::try_new(stored_schema(self.table), arrays).map_err(|error| {
            Error::internal("cannot build a record batch").caused_by(error)
        })
    }
}

fn add(builder: &mut Builder, slot: Slot<'_>) -> bool {
    match (builder, slot) {
        (Builder::Absent(_), Slot::Empty) => {}
        (Builder::Text(b), Slot::Text(text)) => b.append_value(text),
        (Builder::Text(b), Slot::Empty) => b.append_null(),
        (Builder::Scaled(b, ..), Slot::Scaled(number)) => b.append_value(number),
        (Builder::Scaled(b, ..), Slot::Empty) => b.append_null(),
        (Builder::Day(b), Slot::Day(day)) => b.append_value(day),
        (Builder::Day(b), Slot::Empty) => b.append_null(),
        (Builder::Whole(b), Slot::Whole(number)) => b.append_value(number),
        (Builder::Whole(b), Slot::Empty) => b.append_null(),
        (Builder::Bps(b), Slot::Whole(number)) => match i32::try_from(number) {
            Ok(bps) => b.append_value(bps),
            Err(_) => return false,
        },
        (Builder::Bps(b), Slot::Empty) => b.append_null(),
        (Builder::Bool(b), Slot::Bool(truth)) => b.append_value(truth),
        (Builder::Bool(b), Slot::Empty) => b.append_null(),
        _ => return false,
    }
    true
}

fn finish(builder: &mut Builder, rows: usize) -> Result<ArrayRef> {
    Ok(match builder {
        Builder::Absent(kind) => new_null_array(kind, rows),
        Builder::Text(b) => Arc::new(b.finish()),
        Builder::Scaled(b, precision, scale) => {
            let array = b.finish().with_precision_and_scale(*precision, *scale);
            Arc::new(array.map_err(|error| {
                Error::internal("a decimal does not fit").caused_by(error)
            })?)
        }
        Builder::Day(b) => Arc::new(b.finish()),
        Builder::Whole(b) => Arc::new(b.finish()),
        Builder::Bps(b) => Arc::new(b.finish()),
        Builder::Bool(b) => Arc::new(b.finish()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Money;
    use crate::tables::TableRows;
    use crate::tables::batch::to_batch;
    use crate::tables::schema::table;

    #[test]
    fn columns_hold_what_rows_hold() {
        let tranches = table("tranches").unwrap();
        let row = |number: i64| Row {
            cells: vec![
                Cell::Text("00112233".into()),
                Cell::Whole(number),
                Cell::Text("UNDP".into()),
                Cell::Empty,
                Cell::Money(Money::from_cents(-5)),
            ],
            row: 17,
            columns: Vec::new(),
        };
        let mut rows = TableRows::new(tranches, "t.csv");
        rows.rows = vec![row(1), row(2)];
        let mut columns = Columns::new(tranches, |place| place != 3);
        assert!(rows.rows.iter().all(|row| columns.add_row(row)));
        assert_eq!(columns.finish("t.csv").unwrap(), to_batch(&rows).unwrap());
        assert!(columns.is_empty());
        assert!(!columns.add(1, &[Slot::Whole(1)]));
        let odd = [Slot::Empty, Slot::Empty, Slot::Empty, Slot::Whole(1), Slot::Empty];
        assert!(!columns.add(1, &odd), "the fourth column is not there");
    }
}
