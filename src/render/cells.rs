//! Cells of Arrow arrays as text and as JSON.
//!
//! Decimals are text in JSON, so that no reader makes them floats; dates and times are
//! ISO text; numbers that JSON cannot hold (NaN, infinity) are null. Dictionaries are
//! resolved; lists, structs and maps are JSON everywhere.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::{Error, Result};

use super::text::shown;

/// How values are written: nulls as nothing, failures as errors.
const OPTIONS: FormatOptions<'static> = FormatOptions::new().with_display_error(false);

/// Rows as text that can be shown on a screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// Names of the columns.
    pub names: Vec<String>,
    /// For each column whether it is of numbers, which stand to the right.
    pub right: Vec<bool>,
    /// The rows; NULL is empty.
    pub rows: Vec<Vec<String>>,
}

/// The cells of record batches, with hidden characters escaped.
///
/// # Errors
/// A value cannot be written.
pub fn cells(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Cells> {
    let fields = schema.fields().iter();
    let mut out = Cells {
        names: fields.clone().map(|field| shown(field.name()).into_owned()).collect(),
        right: fields.map(|field| is_number(field.data_type())).collect(),
        rows: Vec::new(),
    };
    let mut text = String::new();
    for batch in batches {
        let arrays = plain_arrays(batch)?;
        let columns = columns(&arrays)?;
        for row in 0..batch.num_rows() {
            let mut cells = Vec::with_capacity(columns.len());
            for column in &columns {
                text.clear();
                column.text(row, &mut text)?;
                cells.push(shown(&text).into_owned());
            }
            out.rows.push(cells);
        }
    }
    Ok(out)
}

/// Whether values of a type are numbers.
fn is_number(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_number(values),
        other => other.is_numeric(),
    }
}

/// The columns of a batch without dictionaries, rare list layouts and time zones.
pub(super) fn plain_arrays(batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
    let plain = |array: &ArrayRef| {
        let wanted = plain_type(array.data_type());
        if wanted == *array.data_type() {
            return Ok(Arc::clone(array));
        }
        cast(array, &wanted).map_err(|error| unwritable(&error))
    };
    batch.columns().iter().map(plain).collect()
}

fn plain_type(data_type: &DataType) -> DataType {
    let child = |field: &FieldRef| -> FieldRef {
        let plain = plain_type(field.data_type());
        Arc::new(Field::clone(field).with_data_type(plain))
    };
    match data_type {
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::List(field)
        | DataType::FixedSizeList(field, _)
        | DataType::ListView(field) => DataType::List(child(field)),
        DataType::LargeList(field) | DataType::LargeListView(field) => {
            DataType::LargeList(child(field))
        }
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(child).collect()),
        // Instants are shown in UTC; names of time zones need a database we do not carry.
        DataType::Timestamp(unit, Some(_)) => {
            DataType::Timestamp(*unit, Some("+00:00".into()))
        }
        other => other.clone(),
    }
}

/// Readers of the columns, one each.
pub(super) fn columns(arrays: &[ArrayRef]) -> Result<Vec<Column<'_>>> {
    arrays.iter().map(|array| Column::new(array.as_ref())).collect()
}

/// Reads the cells of one array.
pub(super) struct Column<'a> {
    array: &'a dyn Array,
    shape: Shape<'a>,
}

type Range<'a> = Box<dyn Fn(usize) -> (usize, usize) + 'a>;

enum Shape<'a> {
    /// Whole numbers, floats, booleans: no quotes in JSON.
    Bare(ArrayFormatter<'a>),
    /// Text that people wrote.
    Text(ArrayFormatter<'a>),
    /// Decimals, dates and the like: our own text, quoted in JSON.
    Quoted(ArrayFormatter<'a>),
    List {
        range: Range<'a>,
        items: Box<Column<'a>>,
    },
    Struct(Vec<(&'a str, Column<'a>)>),
    Map {
        range: Range<'a>,
        names: Box<Column<'a>>,
        items: Box<Column<'a>>,
    },
}

impl<'a> Column<'a> {
    fn new(array: &'a dyn Array) -> Result<Self> {
        let formatter = || {
            ArrayFormatter::try_new(array, &OPTIONS).map_err(|error| unwritable(&error))
        };
        let shape = match array.data_type() {
            DataType::Boolean => Shape::Bare(formatter()?),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Shape::Text(formatter()?)
            }
            kind if kind.is_integer() || kind.is_floating() => Shape::Bare(formatter()?),
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                let range = Box::new(|row| range(list.value_offsets(), row));
                Shape::List { range, items: Self::boxed(list.values().as_ref())? }
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                let range = Box::new(|row| range(list.value_offsets(), row));
                Shape::List { range, items: Self::boxed(list.values().as_ref())? }
            }
            DataType::Struct(fields) => {
                let parts = fields.iter().zip(array.as_struct().columns());
                let named = parts.map(|(field, part)| {
                    Ok((field.name().as_str(), Self::new(part.as_ref())?))
                });
                Shape::Struct(named.collect::<Result<_>>()?)
            }
            DataType::Map(..) => {
                let map = array.as_map();
                Shape::Map {
                    range: Box::new(|row| range(map.value_offsets(), row)),
                    names: Self::boxed(map.keys().as_ref())?,
                    items: Self::boxed(map.values().as_ref())?,
                }
            }
            _ => Shape::Quoted(formatter()?),
        };
        Ok(Self { array, shape })
    }

    fn boxed(array: &'a dyn Array) -> Result<Box<Self>> {
        Self::new(array).map(Box::new)
    }

    /// Whether nothing stands in a row.
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.array.data_type() == &DataType::Null || self.array.is_null(row)
    }

    /// Whether the column holds text that people wrote.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.shape, Shape::Text(_))
    }

    /// Writes a cell as it stands; NULL as nothing.
    pub(super) fn text(&self, row: usize, out: &mut String) -> Result<()> {
        if self.is_null(row) {
            return Ok(());
        }
        match &self.shape {
            Shape::Bare(cells) | Shape::Text(cells) | Shape::Quoted(cells) => {
                cells.value(row).write(out).map_err(|error| unwritable(&error))
            }
            _ => self.json(row, out),
        }
    }

    /// Writes a cell as JSON.
    pub(super) fn json(&self, row: usize, out: &mut String) -> Result<()> {
        if self.is_null(row) {
            out.push_str("null");
            return Ok(());
        }
        match &self.shape {
            Shape::Bare(_) => {
                let start = out.len();
                self.text(row, out)?;
                let text = out.get(start..).unwrap_or_default();
                if text.contains("NaN") || text.contains("inf") {
                    out.truncate(start);
                    out.push_str("null");
                }
                Ok(())
            }
            Shape::Text(_) | Shape::Quoted(_) => {
                let mut text = String::new();
                self.text(row, &mut text)?;
                quote(&text, out)
            }
            Shape::List { range, items } => {
                let (from, until) = range(row);
                sequence(from..until, ('[', ']'), out, |item, out| items.json(item, out))
            }
            Shape::Struct(parts) => {
                sequence(parts, ('{', '}'), out, |(name, part), out| {
                    quote(name, out)?;
                    out.push(':');
                    part.json(row, out)
                })
            }
            Shape::Map { range, names, items } => {
                let (from, until) = range(row);
                sequence(from..until, ('{', '}'), out, |item, out| {
                    let mut name = String::new();
                    names.text(item, &mut name)?;
                    quote(&name, out)?;
                    out.push(':');
                    items.json(item, out)
                })
            }
        }
    }
}

/// Where the items of a row begin and end.
fn range<O: Copy + TryInto<usize>>(offsets: &[O], row: usize) -> (usize, usize) {
    let at = |place: usize| {
        offsets.get(place).and_then(|offset| (*offset).try_into().ok()).unwrap_or(0)
    };
    (at(row), at(row.saturating_add(1)))
}

fn sequence<T>(
    items: impl IntoIterator<Item = T>,
    (open, close): (char, char),
    out: &mut String,
    write: impl Fn(T, &mut String) -> Result<()>,
) -> Result<()> {
    out.push(open);
    for (count, item) in items.into_iter().enumerate() {
        if count > 0 {
            out.push(',');
        }
        write(item, out)?;
    }
    out.push(close);
    Ok(())
}

/// Writes a JSON text.
pub(super) fn quote(text: &str, out: &mut String) -> Result<()> {
    let quoted = serde_json::Value::from(text);
    write!(out, "{quoted}").map_err(|error| Error::internal(error.to_string()))
}

fn unwritable(error: &ArrowError) -> Error {
    Error::internal(format!("a value cannot be written: {error}"))
}
