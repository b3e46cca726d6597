//! Parquet files of others: any lossless type, read through the same strict cells.

mod limits;
mod thrift;

use std::collections::BTreeSet;
use std::fs::File;

use arrow::array::{Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use crate::error::{Error, Problem, Result, did_you_mean, visible};
use crate::tables::batch::{LOAD_ID, SOURCE_FILE, SOURCE_ROW};
use crate::tables::columns::Columns;
use crate::tables::joined::encode;
use crate::tables::outline::Outline;
use crate::tables::packed::{Packer, SCAN_ROWS};
use crate::tables::{Table, TableRows, cell};

use super::reading::{RawRow, Reading};

/// How many times its own size the rows of a file may take in memory.
const DECODED_RATIO: usize = 1000;
/// Files whose rows take no more than this may do so at any ratio.
const SMALL: usize = 64 << 20;

/// Reads a Parquet file into rows of `table`; a row's position is its number from 1.
#[must_use]
pub fn read(
    bytes: &[u8],
    file: &str,
    table: &'static Table,
    leave: cell::Leave,
    allow_empty: bool,
) -> Reading {
    let mut reading = Reading::default();
    match batches_of_others(bytes, file) {
        Ok(batches) => {
            let mut rows = TableRows::new(table, file);
            let mut number = 0_u64;
            for batch in &batches {
                if let Err(problems) =
                    take_batch(batch, &mut rows, &mut number, leave, &mut reading)
                {
                    reading.faults.extend(problems);
                    return reading;
                }
            }
            if number == 0 && !allow_empty {
                reading.faults.push(Problem::of_file(
                    file,
                    "the file has no rows",
                    "add `--allow-empty` if this source now tells nothing",
                ));
            }
            reading.tables.push(rows);
        }
        Err(problem) => reading.faults.push(*problem),
    }
    reading
}

/// Decodes a Parquet file of others into record batches, within limits.
///
/// # Errors
/// A problem of the whole file where it is no Parquet, cut off, damaged, encrypted, or
/// asks for more than a file of its size may.
pub fn batches_of_others(
    bytes: &[u8],
    file: &str,
) -> Result<Vec<RecordBatch>, Box<Problem>> {
    limits::footer(bytes).map_err(|refusal| broken(file, refusal))?;
    let decode = || {
        let builder = builder(bytes)?;
        let rows = match limits::batch_rows(bytes, builder.metadata()) {
            Ok(rows) => rows,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut room = most_decoded(bytes);
        let mut batches = Vec::new();
        for batch in builder.with_batch_size(rows).build()? {
            let batch = batch?;
            let Some(left) = room.checked_sub(batch.get_array_memory_size()) else {
                let what = format!("its rows take over {DECODED_RATIO} times its size");
                return Ok(Err((what, "split it, or export it as CSV")));
            };
            room = left;
            batches.push(batch);
        }
        Ok(Ok(batches))
    };
    match guarded(decode) {
        Ok(Ok(batches)) => Ok(batches),
        Ok(Err(refusal)) => Err(broken(file, refusal)),
        Err(what) => Err(broken(file, (what, limits::COPY))),
    }
}

/// Whether what a file says of itself stays within the limits of a file of its size.
#[must_use]
pub fn is_within_limits(bytes: &[u8]) -> bool {
    let fits = || {
        let builder = builder(bytes)?;
        Ok(limits::batch_rows(bytes, builder.metadata()).is_ok())
    };
    limits::footer(bytes).is_ok() && guarded(fits).unwrap_or(false)
}

/// Reads a large file batch by batch and sets its rows aside in `spool`. Nothing where it
/// cannot be decoded, which [`read`] says more about.
///
/// # Errors
/// The disk is full.
pub fn read_large(
    file: File,
    name: &str,
    table: &'static Table,
    leave: cell::Leave,
    keeps_rejects: bool,
    spool: File,
) -> Result<Option<Reading>> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let decode = || {
        ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .and_then(|builder| builder.with_batch_size(SCAN_ROWS).build())
    };
    let silent = std::panic::AssertUnwindSafe(decode);
    let Ok(Ok(mut batches)) = std::panic::catch_unwind(silent) else { return Ok(None) };
    let (mut reading, mut number) = (Reading::default(), 0_u64);
    let mut packer = Packer::new(table, spool);
    let mut columns = Columns::new(table, |_| true);
    loop {
        // A damaged file can make the decoder panic; that is the file's fault, not ours.
        let silent = std::panic::AssertUnwindSafe(|| batches.next());
        let Ok(next) = std::panic::catch_unwind(silent) else { return Ok(None) };
        let Some(batch) = next else { break };
        let Ok(batch) = batch else { return Ok(None) };
        let mut rows = TableRows::new(table, name);
        if let Err(problems) =
            take_batch(&batch, &mut rows, &mut number, leave, &mut reading)
        {
            reading.faults.extend(problems);
            return Ok(Some(reading));
        }
        reading.cap_rejects(keeps_rejects);
        if !rows.rows.iter().all(|row| columns.add_row(row)) {
            return Err(Error::internal("a cell of another kind stands in a row"));
        }
        let batch = columns.finish(name)?;
        let outline = Outline::of(table, &batch)
            .ok_or_else(|| Error::internal("a key is not text"))?;
        packer.add(&encode(table, &batch)?, outline)?;
    }
    if number == 0 {
        return Ok(None);
    }
    let mut rows = TableRows::new(table, name);
    rows.packed = packer.finish(None)?;
    reading.tables.push(rows);
    Ok(Some(reading))
}

/// Decodes a Parquet file that we wrote and whose hash was verified.
///
/// # Errors
/// A problem of the whole file where it is no Parquet, cut off or damaged.
pub fn batches(bytes: &[u8], file: &str) -> Result<Vec<RecordBatch>, Box<Problem>> {
    limits::footer(bytes).map_err(|refusal| broken(file, refusal))?;
    let decode = || builder(bytes)?.build()?.map(|batch| Ok(batch?)).collect();
    guarded(decode).map_err(|what| broken(file, (what, limits::COPY)))
}

fn builder(
    bytes: &[u8],
) -> Result<ParquetRecordBatchReaderBuilder<bytes::Bytes>, ParquetError> {
    let copy = bytes::Bytes::copy_from_slice(bytes);
    // What Arrow writers add about their own types is not needed, and panics or ends in
    // riddles where it is damaged.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    ParquetRecordBatchReaderBuilder::try_new_with_options(copy, options)
}

/// How much memory the rows of a file may take.
fn most_decoded(bytes: &[u8]) -> usize {
    bytes.len().saturating_mul(DECODED_RATIO).max(SMALL)
}

fn broken(file: &str, (what, fix): limits::Refusal) -> Box<Problem> {
    let what = format!("not a readable Parquet file: {what}");
    Box::new(Problem::of_file(file, what, fix))
}

/// Runs the decoder. A damaged file can make it panic; that is the file's fault, not
/// ours.
fn guarded<T>(decode: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(error)) => Err(visible(&error.to_string())),
        Err(_) => Err("its pages are damaged".to_owned()),
    }
}

fn take_batch(
    batch: &RecordBatch,
    rows: &mut TableRows,
    number: &mut u64,
    leave: cell::Leave,
    reading: &mut Reading,
) -> Result<(), Vec<Problem>> {
    let columns = texts(batch, rows.table, &rows.file)?;
    for index in 0..batch.num_rows() {
        *number = number.saturating_add(1);
        let fields = columns
            .iter()
            .map(|column| {
                let text = column.as_ref()?.get(index)?.as_deref()?;
                Some((text, 0))
            })
            .collect();
        reading.take_row(rows, &RawRow { row: *number, fields }, leave);
    }
    Ok(())
}

type Texts = Option<Vec<Option<String>>>;

/// Each column of the table as text, exactly.
fn texts(
    batch: &RecordBatch,
    table: &'static Table,
    file: &str,
) -> Result<Vec<Texts>, Vec<Problem>> {
    let mut problems = Vec::new();
    let schema = batch.schema();
    let mut seen = BTreeSet::new();
    for field in schema.fields() {
        let name = field.name().as_str();
        if !seen.insert(name) {
            let what = format!("the column `{}` stands twice", visible(name));
            problems.push(Problem::of_file(file, what, "remove one"));
        }
        let ours = [LOAD_ID, SOURCE_FILE, SOURCE_ROW].contains(&name);
        if !ours && table.column(name).is_none() {
            let names = table.columns.iter().map(|column| column.name);
            let what = format!("`{}` is not a column of `{}`", visible(name), table.name);
            let fix = did_you_mean(name, names, "remove the column, or use a mapping");
            problems.push(Problem::of_file(file, what, fix));
        }
    }
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in table.columns {
        match batch.column_by_name(column.name) {
            None if column.required => {
                let what = format!("column `{}` is missing", column.name);
                let fix = format!("`{}` needs it in every row", table.name);
                problems.push(Problem::of_file(file, what, fix));
            }
            None => columns.push(None),
            Some(array) => match exact_texts(array.as_ref()) {
                Ok(texts) => columns.push(Some(texts)),
                Err(what) => problems.push(Problem::of_file(
                    file,
                    format!("column `{}` {what}", column.name),
                    "store money as DECIMAL(18,2) or text, days as DATE",
                )),
            },
        }
    }
    if problems.is_empty() { Ok(columns) } else { Err(problems) }
}

/// The values of an array as text, without any loss.
fn exact_texts(array: &dyn Array) -> Result<Vec<Option<String>>, String> {
    let lossless = |kind: &DataType| {
        kind.is_integer()
            || matches!(
                kind,
                DataType::Utf8
                    | DataType::LargeUtf8
                    | DataType::Utf8View
                    | DataType::Boolean
                    | DataType::Date32
                    | DataType::Decimal32(..)
                    | DataType::Decimal64(..)
                    | DataType::Decimal128(..)
                    | DataType::Decimal256(..)
                    | DataType::Null
            )
    };
    let kind = array.data_type();
    let flat;
    let array: &dyn Array = match kind {
        DataType::Dictionary(_, value) if lossless(value) => {
            flat = cast(array, value).map_err(|error| format!("is damaged: {error}"))?;
            flat.as_ref()
        }
        kind if lossless(kind) => array,
        kind => return Err(format!("is stored as {kind}, which loses digits or days")),
    };
    let options = FormatOptions::new().with_null("");
    let formatter = ArrayFormatter::try_new(array, &options)
        .map_err(|error| format!("cannot be read: {error}"))?;
    Ok((0..array.len())
        .map(|index| (!array.is_null(index)).then(|| formatter.value(index).to_string()))
        .collect())
}
