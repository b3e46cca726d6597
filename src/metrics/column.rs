//! Reading the columns of an answer: text, whole numbers, exact amounts.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt64Type,
};

use crate::error::{Error, Result};

/// One column of a batch, by name.
#[derive(Debug, Clone)]
pub struct Column {
    name: String,
    array: ArrayRef,
}

impl Column {
    /// Returns the column `name`, dictionaries unpacked.
    ///
    /// # Errors
    /// There is no such column.
    pub fn of(batch: &RecordBatch, name: &str) -> Result<Self> {
        let array = batch
            .column_by_name(name)
            .ok_or_else(|| Error::rule(format!("the result has no column `{name}`")))?;
        let plain = match array.data_type() {
            DataType::Dictionary(_, value) => value.as_ref().clone(),
            DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
            DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => {
                DataType::Decimal128(*p, *s)
            }
            other => other.clone(),
        };
        let array = cast(array, &plain).map_err(|error| {
            Error::internal(format!("column `{name}`")).caused_by(error)
        })?;
        Ok(Self { name: name.to_owned(), array })
    }

    /// The text at a row; empty where it is NULL.
    ///
    /// # Errors
    /// The column is not text.
    pub fn text(&self, row: usize) -> Result<&str> {
        if self.array.data_type() == &DataType::Null || self.array.is_null(row) {
            return Ok("");
        }
        let texts =
            self.array.as_string_opt::<i32>().ok_or_else(|| self.misfit("text"))?;
        Ok(texts.value(row))
    }

    /// The number at a row times `10^scale`, exactly; nothing where it is NULL.
    ///
    /// # Errors
    /// The column is no exact number, or has more decimals than `scale`.
    pub fn scaled(&self, row: usize, scale: i8) -> Result<Option<i128>> {
        let array = &self.array;
        if array.data_type() == &DataType::Null || array.is_null(row) {
            return Ok(None);
        }
        let (value, from) = match array.data_type() {
            DataType::Int64 => {
                (i128::from(array.as_primitive::<Int64Type>().value(row)), 0)
            }
            DataType::Int32 => {
                (i128::from(array.as_primitive::<Int32Type>().value(row)), 0)
            }
            DataType::Int16 => {
                (i128::from(array.as_primitive::<Int16Type>().value(row)), 0)
            }
            DataType::Int8 => {
                (i128::from(array.as_primitive::<Int8Type>().value(row)), 0)
            }
            DataType::UInt64 => {
                (i128::from(array.as_primitive::<UInt64Type>().value(row)), 0)
            }
            DataType::Decimal128(_, from) => {
                (array.as_primitive::<Decimal128Type>().value(row), *from)
            }
            _ => return Err(self.misfit("an exact number")),
        };
        rescale(value, from, scale).map(Some).ok_or_else(|| {
            Error::rule(format!("column `{}` has more decimals than its unit", self.name))
        })
    }

    /// Days since 1970-01-01 at a row; nothing where it is NULL.
    ///
    /// # Errors
    /// The column holds no days.
    pub fn day(&self, row: usize) -> Result<Option<i32>> {
        if self.array.is_null(row) {
            return Ok(None);
        }
        let days = self
            .array
            .as_primitive_opt::<Date32Type>()
            .ok_or_else(|| self.misfit("days"))?;
        Ok(Some(days.value(row)))
    }

    /// The truth at a row; nothing where it is NULL.
    ///
    /// # Errors
    /// The column holds no truths.
    pub fn told_truth(&self, row: usize) -> Result<Option<bool>> {
        let truths =
            self.array.as_boolean_opt().ok_or_else(|| self.misfit("true or false"))?;
        Ok((!truths.is_null(row)).then(|| truths.value(row)))
    }

    /// The truth at a row; false where it is NULL.
    ///
    /// # Errors
    /// The column holds no truths.
    pub fn truth(&self, row: usize) -> Result<bool> {
        let truths =
            self.array.as_boolean_opt().ok_or_else(|| self.misfit("true or false"))?;
        Ok(!truths.is_null(row) && truths.value(row))
    }

    fn misfit(&self, wanted: &str) -> Error {
        let kind = self.array.data_type();
        Error::rule(format!("column `{}` is {kind}, not {wanted}", self.name))
    }
}

fn rescale(value: i128, from: i8, to: i8) -> Option<i128> {
    let shift = i32::from(to).checked_sub(i32::from(from))?;
    let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 {
        value.checked_mul(factor)
    } else {
        (value.checked_rem(factor)? == 0).then(|| value.checked_div(factor)).flatten()
    }
}
