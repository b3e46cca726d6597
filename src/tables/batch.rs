//! Rows as Arrow: one record batch per table and source file.
//!
//! Money is `Decimal128(18,2)`, days `Date32`, basis points `Int32`, other whole numbers
//! `Int64`, decimals `Decimal128(20,6)`; text is `Utf8`. Two columns are added:
//! `source_file` and `source_row`. The load's id is added when a load is opened, since
//! it is made from the hash of what stands in the load.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int32Array,
    Int64Array, RecordBatch, StringArray, new_null_array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::domain::Money;
use crate::domain::time::{day_from_epoch, days_since_epoch};
use crate::error::{Error, Result};

use super::cell::Cell;
use super::row::TableRows;
use super::schema::{Column, Kind, Table};

/// The column that holds the id of the load.
pub const LOAD_ID: &str = "load_id";
/// The column that holds the source file's name.
pub const SOURCE_FILE: &str = "source_file";
/// The column that holds the line, Excel row or XML position.
pub const SOURCE_ROW: &str = "source_row";

/// The Arrow type of a column.
#[must_use]
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Money(_) => DataType::Decimal128(18, 2),
        Kind::Decimal => DataType::Decimal128(20, 6),
        Kind::Day(_) => DataType::Date32,
        Kind::Bps => DataType::Int32,
        Kind::Whole(_) => DataType::Int64,
        Kind::Bool => DataType::Boolean,
        _ => DataType::Utf8,
    }
}

/// The schema of a table as stored: its columns, then file and row.
#[must_use]
pub fn stored_schema(table: &Table) -> SchemaRef {
    let mut fields: Vec<Field> = table
        .columns
        .iter()
        .map(|column| Field::new(column.name, data_type(column.kind), true))
        .collect();
    fields.push(Field::new(SOURCE_FILE, DataType::Utf8, false));
    fields.push(Field::new(SOURCE_ROW, DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

/// Returns the rows as a record batch of [`stored_schema`].
///
/// # Errors
/// An internal error where a cell does not fit its column.
pub fn to_batch(rows: &TableRows) -> Result<RecordBatch> {
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (index, column) in rows.table.columns.iter().enumerate() {
        let cells =
            rows.rows.iter().map(|row| row.cells.get(index).unwrap_or(&Cell::Empty));
        arrays.push(to_array(column, cells)?);
    }
    let files = std::iter::repeat_n(rows.file.as_str(), rows.rows.len());
    arrays.push(Arc::new(StringArray::from_iter_values(files)));
    let numbers = rows.rows.iter().map(|row| i64::try_from(row.row).unwrap_or(i64::MAX));
    arrays.push(Arc::new(Int64Array::from_iter_values(numbers)));
    RecordBatch::try_new(stored_schema(rows.table), arrays)
        .map_err(|error| Error::internal("cannot build a record batch").caused_by(error))
}

fn to_array<'a>(
    column: &Column,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<ArrayRef> {
    let name = column.name;
    Ok(match column.kind {
        Kind::Money(_) => {
            let cents = values(name, cells, |cell| match cell {
                Cell::Money(money) => Some(money.cents()),
                _ => None,
            })?;
            return decimal(&Decimal128Array::from(cents), 18, 2);
        }
        Kind::Decimal => {
            let micros = values(name, cells, |cell| match cell {
                Cell::Decimal(micros) => Some(i128::from(*micros)),
                _ => None,
            })?;
            return decimal(&Decimal128Array::from(micros), 20, 6);
        }
        Kind::Day(_) => {
            Arc::new(Date32Array::from(values(name, cells, |cell| match cell {
                Cell::Day(day) => Some(days_since_epoch(*day)),
                _ => None,
            })?))
        }
        Kind::Bps => {
            Arc::new(Int32Array::from(values(name, cells, |cell| match cell {
                Cell::Whole(bps) => i32::try_from(*bps).ok(),
                _ => None,
            })?))
        }
        Kind::Whole(_) => {
            Arc::new(Int64Array::from(values(name, cells, |cell| match cell {
                Cell::Whole(number) => Some(*number),
                _ => None,
            })?))
        }
        Kind::Bool => {
            Arc::new(BooleanArray::from(values(name, cells, |cell| match cell {
                Cell::Bool(truth) => Some(*truth),
                _ => None,
            })?))
        }
        _ => Arc::new(StringArray::from(values(name, cells, Cell::text)?)),
    })
}

/// The cells as values, NULL where empty; an internal error where one is of another kind.
fn values<'a, T>(
    name: &str,
    cells: impl Iterator<Item = &'a Cell>,
    read: impl Fn(&'a Cell) -> Option<T>,
) -> Result<Vec<Option<T>>> {
    cells
        .map(|cell| {
            if cell.is_empty() {
                return Ok(None);
            }
            let value = read(cell);
            value.map(Some).ok_or_else(|| {
                Error::internal(format!("a cell of another kind stands in `{name}`"))
            })
        })
        .collect()
}

fn decimal(array: &Decimal128Array, precision: u8, scale: i8) -> Result<ArrayRef> {
    let array = array
        .clone()
        .with_precision_and_scale(precision, scale)
        .map_err(|error| Error::internal("a decimal does not fit").caused_by(error))?;
    Ok(Arc::new(array))
}

/// Adds the optional columns that a stored batch of an earlier version lacks, empty.
///
/// # Errors
/// A data error where a column that every row must fill is missing.
pub fn complete(table: &Table, batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = stored_schema(table);
    let lacks = |field: &Arc<Field>| batch.column_by_name(field.name()).is_none();
    if !schema.fields().iter().any(lacks) {
        return Ok(batch.clone());
    }
    let mut arrays = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let optional = table.column(field.name()).is_some_and(|column| !column.required);
        arrays.push(match batch.column_by_name(field.name()) {
            Some(array) => Arc::clone(array),
            None if optional => new_null_array(field.data_type(), batch.num_rows()),
            None => return Err(missing(table, field.name())),
        });
    }
    RecordBatch::try_new(schema, arrays).map_err(|error| {
        Error::data(format!("table `{}` has a column of another type", table.name))
            .fix("load the source again; the stored file is not one of this version")
            .caused_by(error)
    })
}

fn missing(table: &Table, name: &str) -> Error {
    Error::data(format!("table `{}` has no usable column `{name}`", table.name))
        .fix("load the source again; the stored file is not one of this version")
}

/// Returns the rows of a stored batch (of [`stored_schema`], further columns ignored).
///
/// # Errors
/// A data error where a column has another type than its table says.
pub fn from_batch(table: &'static Table, batch: &RecordBatch) -> Result<Vec<TableRows>> {
    let missing = |name: &str| missing(table, name);
    let batch = &complete(table, batch)?;
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in table.columns {
        let array =
            batch.column_by_name(column.name).ok_or_else(|| missing(column.name))?;
        columns.push(
            cells_of(column.kind, array.as_ref()).ok_or_else(|| missing(column.name))?,
        );
    }
    let files = batch
        .column_by_name(SOURCE_FILE)
        .and_then(|array| array.as_string_opt::<i32>())
        .ok_or_else(|| missing(SOURCE_FILE))?;
    let numbers = batch
        .column_by_name(SOURCE_ROW)
        .and_then(|array| array.as_primitive_opt::<arrow::datatypes::Int64Type>())
        .ok_or_else(|| missing(SOURCE_ROW))?;
    let mut out: Vec<TableRows> = Vec::new();
    let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    for index in 0..batch.num_rows() {
        let file = files.value(index);
        if out.last().is_none_or(|rows| rows.file != file) {
            out.push(TableRows::new(table, file));
        }
        let cells =
            columns.iter_mut().map(|cells| cells.next().unwrap_or(Cell::Empty)).collect();
        let row = u64::try_from(numbers.value(index)).unwrap_or(0);
        if let Some(rows) = out.last_mut() {
            rows.rows.push(super::Row { cells, row, columns: Vec::new() });
        }
    }
    Ok(out)
}

/// The values of a stored array as cells; nothing where the type is another.
fn cells_of(kind: Kind, array: &dyn Array) -> Option<Vec<Cell>> {
    use arrow::datatypes::{Date32Type, Decimal128Type, Int32Type, Int64Type};
    let rows = 0..array.len();
    let filled = |index: &usize| !array.is_null(*index);
    Some(match kind {
        Kind::Money(_) => {
            let values = array.as_primitive_opt::<Decimal128Type>()?;
            collect(rows, filled, |i| {
                Some(Cell::Money(Money::from_cents(values.value(i))))
            })?
        }
        Kind::Decimal => {
            let values = array.as_primitive_opt::<Decimal128Type>()?;
            collect(rows, filled, |i| {
                i64::try_from(values.value(i)).ok().map(Cell::Decimal)
            })?
        }
        Kind::Day(_) => {
            let values = array.as_primitive_opt::<Date32Type>()?;
            collect(rows, filled, |i| day_from_epoch(values.value(i)).map(Cell::Day))?
        }
        Kind::Bps => {
            let values = array.as_primitive_opt::<Int32Type>()?;
            collect(rows, filled, |i| Some(Cell::Whole(i64::from(values.value(i)))))?
        }
        Kind::Whole(_) => {
            let values = array.as_primitive_opt::<Int64Type>()?;
            collect(rows, filled, |i| Some(Cell::Whole(values.value(i))))?
        }
        Kind::Bool => {
            let values = array.as_boolean_opt()?;
            collect(rows, filled, |i| Some(Cell::Bool(values.value(i))))?
        }
        _ => {
            let values = array.as_string_opt::<i32>()?;
            collect(rows, filled, |i| Some(Cell::Text(values.value(i).to_owned())))?
        }
    })
}

fn collect(
    rows: std::ops::Range<usize>,
    filled: impl Fn(&usize) -> bool,
    value: impl Fn(usize) -> Option<Cell>,
) -> Option<Vec<Cell>> {
    rows.map(|index| if filled(&index) { value(index) } else { Some(Cell::Empty) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Row;
    use crate::tables::schema::table;

    #[test]
    fn rows_survive_the_way_to_arrow_and_back() {
        let tranches = table("tranches").unwrap();
        let mut rows = TableRows::new(tranches, "tranches.csv");
        rows.rows.push(Row {
            cells: vec![
                Cell::Text("00112233".into()),
                Cell::Whole(2),
                Cell::Text("UNDP".into()),
                Cell::Empty,
                Cell::Money(Money::from_cents(-5)),
            ],
            row: 17,
            columns: Vec::new(),
        });
        let batch = to_batch(&rows).unwrap();
        let back = from_batch(tranches, &batch).unwrap();
        assert_eq!(back[0].rows, rows.rows);
        assert_eq!(back[0].file, "tranches.csv");
    }

    #[test]
    fn a_stored_file_may_lack_optional_columns_only() {
        let tranches = table("tranches").unwrap();
        let mut rows = TableRows::new(tranches, "tranches.csv");
        let mut cells = vec![Cell::Text("00112233".into()), Cell::Whole(2)];
        cells.extend([Cell::Text("UNDP".into()), Cell::Empty]);
        cells.push(Cell::Money(Money::from_cents(5)));
        rows.rows.push(Row { cells, row: 2, columns: Vec::new() });
        let mut earlier = to_batch(&rows).unwrap();
        earlier.remove_column(earlier.schema().index_of("share_bps").unwrap());
        assert_eq!(from_batch(tranches, &earlier).unwrap()[0].rows, rows.rows);
        earlier.remove_column(earlier.schema().index_of("amount").unwrap());
        let refused = from_batch(tranches, &earlier).unwrap_err().to_string();
        assert!(refused.contains("no usable column `amount`"), "{refused}");
    }
}
