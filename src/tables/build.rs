//! Building derived tables row by row: named columns of a few types.
//!
//! A derived table is what SQL cannot compute exactly (splits by largest remainder,
//! periods that replace each other). Its columns are declared once, by name and kind,
//! and filled with [`Cell`]s like those of a canonical table.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int32Builder,
    Int64Builder, RecordBatch, StringBuilder, StringDictionaryBuilder,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};

use crate::domain::time::days_since_epoch;
use crate::error::{Error, Result};

use super::Cell;

/// The type of a derived column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Text that differs from row to row.
    Text,
    /// Text of few distinct values, kept as a dictionary.
    Word,
    /// `Decimal128(18,2)`.
    Money,
    /// `Date32`.
    Day,
    /// `Int64`.
    Whole,
    /// `Int32`, basis points.
    Bps,
    /// `Boolean`.
    Bool,
}

/// The columns of a derived table.
pub type Columns = [(&'static str, Made)];

/// The schema of a derived table.
#[must_use]
pub fn schema(columns: &Columns) -> SchemaRef {
    let word = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, made)| {
            let kind = match made {
                Made::Text => DataType::Utf8,
                Made::Word => word.clone(),
                Made::Money => DataType::Decimal128(18, 2),
                Made::Day => DataType::Date32,
                Made::Whole => DataType::Int64,
                Made::Bps => DataType::Int32,
                Made::Bool => DataType::Boolean,
            };
            Field::new(*name, kind, true)
        })
        .collect();
    Arc::new(Schema::new(fields))
}

enum Builder {
    Text(StringBuilder),
    Word(StringDictionaryBuilder<Int32Type>),
    Money(Decimal128Builder),
    Day(Date32Builder),
    Whole(Int64Builder),
    Bps(Int32Builder),
    Bool(BooleanBuilder),
}

/// Fills a derived table.
pub struct Maker {
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
}

impl Maker {
    /// Starts an empty table.
    #[must_use]
    pub fn new(columns: &Columns) -> Self {
        let builders = columns
            .iter()
            .map(|(_, made)| match made {
                Made::Text => Builder::Text(StringBuilder::new()),
                Made::Word => Builder::Word(StringDictionaryBuilder::new()),
                Made::Money => Builder::Money(Decimal128Builder::new()),
                Made::Day => Builder::Day(Date32Builder::new()),
                Made::Whole => Builder::Whole(Int64Builder::new()),
                Made::Bps => Builder::Bps(Int32Builder::new()),
                Made::Bool => Builder::Bool(BooleanBuilder::new()),
            })
            .collect();
        Self { schema: schema(columns), builders, rows: 0 }
    }

    /// How many rows were added since the last [`Maker::finish`].
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The schema of what is made.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Adds a row: one cell per column, in order.
    ///
    /// # Errors
    /// An internal error where a cell is of another kind than its column, or their
    /// number differs.
    pub fn add(&mut self, cells: &[Cell]) -> Result<()> {
        if cells.len() != self.builders.len() {
            return Err(Error::internal("a derived row has another number of cells"));
        }
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            add_cell(builder, cell)?;
        }
        self.rows = self.rows.saturating_add(1);
        Ok(())
    }

    /// Returns the rows added so far as one batch and starts again.
    ///
    /// # Errors
    /// An internal error where the columns do not fit the schema.
    pub fn finish(&mut self) -> Result<RecordBatch> {
        self.rows = 0;
        let arrays: Result<Vec<ArrayRef>> =
            self.builders.iter_mut().map(finish_column).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), arrays?)
            .map_err(|error| Error::internal("cannot build a batch").caused_by(error))
    }
}

fn add_cell(builder: &mut Builder, cell: &Cell) -> Result<()> {
    match (builder, cell) {
        (Builder::Text(b), Cell::Text(text)) => b.append_value(text),
        (Builder::Text(b), Cell::Empty) => b.append_null(),
        (Builder::Word(b), Cell::Text(text)) => b.append_value(text),
        (Builder::Word(b), Cell::Empty) => b.append_null(),
        (Builder::Money(b), Cell::Money(money)) => b.append_value(money.cents()),
        (Builder::Money(b), Cell::Empty) => b.append_null(),
        (Builder::Day(b), Cell::Day(day)) => b.append_value(days_since_epoch(*day)),
        (Builder::Day(b), Cell::Empty) => b.append_null(),
        (Builder::Whole(b), Cell::Whole(number)) => b.append_value(*number),
        (Builder::Whole(b), Cell::Empty) => b.append_null(),
        (Builder::Bps(b), Cell::Whole(number)) => {
            let bps = i32::try_from(*number)
                .map_err(|_| Error::internal("a share is out of range"))?;
            b.append_value(bps);
        }
        (Builder::Bps(b), Cell::Empty) => b.append_null(),
        (Builder::Bool(b), Cell::Bool(truth)) => b.append_value(*truth),
        (Builder::Bool(b), Cell::Empty) => b.append_null(),
        _ => return Err(Error::internal("a derived cell is of another kind")),
    }
    Ok(())
}

fn finish_column(builder: &mut Builder) -> Result<ArrayRef> {
    Ok(match builder {
        Builder::Text(b) => Arc::new(b.finish()),
        Builder::Word(b) => Arc::new(b.finish()),
        Builder::Money(b) => {
            Arc::new(b.finish().with_precision_and_scale(18, 2).map_err(|error| {
                Error::internal("a derived amount does not fit").caused_by(error)
            })?)
        }
        Builder::Day(b) => Arc::new(b.finish()),
        Builder::Whole(b) => Arc::new(b.finish()),
        Builder::Bps(b) => Arc::new(b.finish()),
        Builder::Bool(b) => Arc::new(b.finish()),
    })
}
