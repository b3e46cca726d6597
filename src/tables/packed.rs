//! Rows set aside as Parquet because there are too many to hold: how they are written
//! batch by batch, and how the few that a check must see are fetched again.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type, Int64Type};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{ChunkReader, FileReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::domain::Money;
use crate::domain::time::day_from_epoch;
use crate::error::{Error, Result};

use super::batch::{SOURCE_FILE, SOURCE_ROW};
use super::cell::Cell;
use super::outline::{Group, OUTLINED, Outline, View};
use super::row::{Row, TableRows};
use super::schema::Table;

/// Rows read at a time when packed rows are looked at.
pub const SCAN_ROWS: usize = 65_536;

/// Finds the character columns of rows that were not kept with them: row number to the
/// column of each field.
pub trait FindColumns: Send + Sync {
    /// The character columns of the rows that begin at `lines`.
    fn columns(&self, lines: &BTreeSet<u64>) -> BTreeMap<u64, Vec<u32>>;
}

/// Where packed rows are.
enum Store {
    /// A file without a name, which goes with the process.
    Spool(File),
    /// A table of another load.
    Path(PathBuf),
}

struct Inner {
    table: &'static Table,
    store: Store,
    rows: u64,
    outline: Outline,
    find: Option<Box<dyn FindColumns>>,
}

/// Rows of one table set aside.
#[derive(Clone)]
pub struct Packed {
    inner: Arc<Inner>,
    /// Numbers of the rows, from 0, that are not to be kept.
    removed: BTreeSet<u64>,
    removed_cents: i128,
}

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

    fn wants(&self, view: &View<'_>, twins: Option<&Twins<'_>>, row: usize) -> bool {
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

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::environment(format!("cannot set rows aside or read them again: {error}"))
        .caused_by(error)
}

/// How packed rows are encoded: one row group a batch, statistics per row group.
///
/// # Errors
/// An internal error, where the compression level is unknown.
fn properties(table: &Table) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(1).map_err(broken)?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(None)
        .set_offset_index_disabled(true)
        .set_created_by("ssrfund".to_owned());
    // What differs in every row makes no dictionary.
    if let [key] = table.key {
        let path = ColumnPath::from(*key);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY);
    }
    let path = ColumnPath::from(SOURCE_ROW);
    properties = properties
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    Ok(properties.build())
}

/// Encodes a batch of the table as a Parquet file of one row group.
///
/// # Errors
/// An internal error where the batch cannot be encoded.
pub fn encode(table: &Table, batch: &RecordBatch) -> Result<Bytes> {
    let mut bytes = Vec::new();
    let properties = properties(table)?;
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))
        .map_err(broken)?;
    writer.write(batch).map_err(broken)?;
    writer.close().map_err(broken)?;
    Ok(Bytes::from(bytes))
}

/// Joins Parquet files of one schema, row group by row group, without decoding them.
pub struct Joiner<W: std::io::Write + Send> {
    out: Option<W>,
    writer: Option<SerializedFileWriter<W>>,
}

impl<W: std::io::Write + Send> Joiner<W> {
    /// Starts without rows.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self { out: Some(out), writer: None }
    }

    /// Adds the row groups of a file, given twice; returns how many rows it has. The
    /// first file's schema is that of the joined file.
    ///
    /// # Errors
    /// It cannot be read, or the joined file not be written.
    pub fn add<R: ChunkReader + 'static>(&mut self, input: &R, again: R) -> Result<u64> {
        let reader = SerializedFileReader::new(again).map_err(broken)?;
        if let Some(out) = self.out.take() {
            let metadata = reader.metadata().file_metadata();
            let schema = metadata.schema_descr().root_schema_ptr();
            let properties = WriterProperties::builder()
                .set_created_by("ssrfund".to_owned())
                .set_key_value_metadata(metadata.key_value_metadata().cloned())
                .build();
            let writer = SerializedFileWriter::new(out, schema, Arc::new(properties));
            self.writer = Some(writer.map_err(broken)?);
        }
        let Some(writer) = &mut self.writer else {
            return Err(Error::internal("rows are added after an error"));
        };
        let mut rows = 0_u64;
        for group in reader.metadata().row_groups() {
            let count = u64::try_from(group.num_rows()).unwrap_or(0);
            let mut out = writer.next_row_group().map_err(broken)?;
            for column in group.columns() {
                let result = ColumnCloseResult {
                    bytes_written: u64::try_from(column.compressed_size()).unwrap_or(0),
                    rows_written: count,
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: None,
                    offset_index: None,
                };
                out.append_column(input, result).map_err(broken)?;
            }
            out.close().map_err(broken)?;
            rows = rows.saturating_add(count);
        }
        Ok(rows)
    }

    /// Writes the end of the file; nothing was ever written where nothing was added.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> Result<W> {
        match (self.writer, self.out) {
            (Some(writer), _) => writer.into_inner().map_err(broken),
            (None, Some(out)) => Ok(out),
            (None, None) => Err(Error::internal("a file was joined after an error")),
        }
    }
}

/// Sets rows aside batch by batch.
pub struct Packer {
    table: &'static Table,
    joiner: Option<Joiner<File>>,
    spool: File,
    rows: u64,
    outline: Outline,
}

impl Packer {
    /// Starts with a file that nobody else writes.
    #[must_use]
    pub fn new(table: &'static Table, spool: File) -> Self {
        Self { table, joiner: None, spool, rows: 0, outline: Outline::empty() }
    }

    /// Adds a batch as [`encode`] made it.
    ///
    /// # Errors
    /// The disk is full.
    pub fn add(&mut self, encoded: &Bytes, outline: Outline) -> Result<()> {
        let joiner = match &mut self.joiner {
            Some(joiner) => joiner,
            none => none.insert(Joiner::new(self.spool.try_clone().map_err(broken)?)),
        };
        let rows = joiner.add(encoded, encoded.clone())?;
        self.rows = self.rows.saturating_add(rows);
        self.outline.absorb(outline);
        Ok(())
    }

    /// The rows set aside; nothing where none were.
    ///
    /// # Errors
    /// The disk is full.
    pub fn finish(self, find: Option<Box<dyn FindColumns>>) -> Result<Option<Packed>> {
        let Some(joiner) = self.joiner else { return Ok(None) };
        joiner.finish()?;
        let store = Store::Spool(self.spool);
        let (table, rows, outline) = (self.table, self.rows, self.outline);
        Ok(Some(Packed::new(Inner { table, store, rows, outline, find })))
    }
}

impl Packed {
    fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner), removed: BTreeSet::new(), removed_cents: 0 }
    }

    /// The rows of a stored table of another load, of which only the columns that checks
    /// look at are read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn stored(table: &'static Table, path: PathBuf) -> Result<Self> {
        let mut found = Self::new(Inner {
            table,
            store: Store::Path(path),
            rows: 0,
            outline: Outline::empty(),
            find: None,
        });
        let mut outline = Outline::empty();
        let mut rows = 0_u64;
        found.scan(Some(&found.looked_at()), |batch| {
            let count = u64::try_from(batch.num_rows()).unwrap_or(0);
            rows = rows.saturating_add(count);
            if let Some(more) = Outline::of(table, batch) {
                outline.absorb(more);
            }
            Ok(())
        })?;
        if let Some(inner) = Arc::get_mut(&mut found.inner) {
            (inner.rows, inner.outline) = (rows, outline);
        }
        Ok(found)
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &'static Table {
        self.inner.table
    }

    /// How many rows are to be kept.
    #[must_use]
    pub fn len(&self) -> u64 {
        let removed = u64::try_from(self.removed.len()).unwrap_or(u64::MAX);
        self.inner.rows.saturating_sub(removed)
    }

    /// Whether no row is to be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the checks need to know of the rows.
    #[must_use]
    pub fn outline(&self) -> &Outline {
        &self.inner.outline
    }

    /// The sum of the column `amount` over the rows to be kept, in cents.
    #[must_use]
    pub fn cents(&self) -> Option<i128> {
        self.inner.outline.cents?.checked_sub(self.removed_cents)
    }

    /// Numbers of the rows that are not to be kept.
    #[must_use]
    pub fn removed(&self) -> &BTreeSet<u64> {
        &self.removed
    }

    /// Takes a row out, given its number and amount.
    pub fn remove(&mut self, at: u64, amount: &Cell) {
        if self.removed.insert(at)
            && let Cell::Money(money) = amount
        {
            self.removed_cents = self.removed_cents.saturating_add(money.cents());
        }
    }

    /// The Parquet file that holds them, those taken out included.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self) -> Result<File> {
        match &self.inner.store {
            Store::Spool(file) => file.try_clone(),
            Store::Path(path) => File::open(path),
        }
        .map_err(broken)
    }

    fn looked_at(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.inner.table.key.to_vec();
        names.extend(OUTLINED);
        names.extend([SOURCE_FILE, SOURCE_ROW]);
        names
    }

    /// Reads the rows batch by batch, those taken out included, with some columns or all.
    ///
    /// # Errors
    /// The file cannot be read, or what `take` returns.
    pub fn scan(
        &self,
        columns: Option<&[&str]>,
        mut take: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(self.open()?).map_err(broken)?;
        let mask = match columns {
            Some(names) => {
                ProjectionMask::columns(builder.parquet_schema(), names.iter().copied())
            }
            None => ProjectionMask::all(),
        };
        let reader = builder
            .with_batch_size(SCAN_ROWS)
            .with_projection(mask)
            .build()
            .map_err(broken)?;
        for batch in reader {
            let batch = batch.map_err(|error| broken(ParquetError::from(error)))?;
            take(&batch)?;
        }
        Ok(())
    }

    /// Hashes of project, kind, date and amount of each row.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn twins(&self, mut take: impl FnMut(u64)) -> Result<()> {
        let names = ["project_id", "kind", "date", "amount"];
        self.scan(Some(&names), |batch| {
            let twins = Twins::of(batch);
            if let Some(twins) = twins {
                (0..batch.num_rows()).for_each(|row| take(twins.hash(row)));
            }
            Ok(())
        })
    }

    /// Fetches the rows that are wanted, at most `most`, unless they were taken out;
    /// returns also how many more there are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn fetch(&self, wanted: &Wanted, most: usize) -> Result<(Vec<Fetched>, u64)> {
        let mut out: Vec<Fetched> = Vec::new();
        let (mut at, mut count, mut left) = (0_u64, 0_usize, 0_u64);
        self.scan(Some(&self.looked_at()), |batch| {
            let Some(view) = View::new(self.inner.table, batch) else { return Ok(()) };
            let twins = if wanted.twins.is_empty() { None } else { Twins::of(batch) };
            for row in 0..batch.num_rows() {
                let number = at;
                at = at.saturating_add(1);
                if self.removed.contains(&number)
                    || !wanted.wants(&view, twins.as_ref(), row)
                {
                    continue;
                }
                if count < most {
                    keep(&mut out, self.inner.table, batch, row, number);
                    count = count.saturating_add(1);
                } else {
                    left = left.saturating_add(1);
                }
            }
            Ok(())
        })?;
        if let Some(find) = &self.inner.find {
            for fetched in &mut out {
                let lines = fetched.rows.rows.iter().map(|row| row.row).collect();
                let columns = find.columns(&lines);
                for row in &mut fetched.rows.rows {
                    row.columns = columns.get(&row.row).cloned().unwrap_or_default();
                }
            }
        }
        Ok((out, left))
    }
}

/// The hash by which a row with these cells may be the twin of another one; its lowest
/// eight bits are zeros.
#[must_use]
pub fn twin_hash(project: &str, kind: &str, date: i32, cents: i128) -> u64 {
    let mut hasher = DefaultHasher::new();
    (project, kind, date, cents).hash(&mut hasher);
    hasher.finish() & !0xff
}

struct Twins<'a> {
    project: &'a arrow::array::StringArray,
    kind: &'a arrow::array::StringArray,
    date: &'a arrow::array::Date32Array,
    amount: &'a arrow::array::Decimal128Array,
}

impl<'a> Twins<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        Some(Self {
            project: batch.column_by_name("project_id")?.as_string_opt::<i32>()?,
            kind: batch.column_by_name("kind")?.as_string_opt::<i32>()?,
            date: batch.column_by_name("date")?.as_primitive_opt::<Date32Type>()?,
            amount: batch
                .column_by_name("amount")?
                .as_primitive_opt::<Decimal128Type>()?,
        })
    }

    fn hash(&self, row: usize) -> u64 {
        let (project, kind) = (self.project.value(row), self.kind.value(row));
        twin_hash(project, kind, self.date.value(row), self.amount.value(row))
    }
}

/// Adds a row of a batch, with the columns that the batch has.
fn keep(
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

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} packed rows of `{}`", self.len(), self.inner.table.name)
    }
}
