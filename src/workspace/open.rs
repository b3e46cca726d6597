//! Reading effective loads: verified Arrow batches, or the files where they are large.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::domain::KnownAt;
use crate::error::{Error, Result};
use crate::load::Known;
use crate::load::files::sha256;
use crate::load::parquet::batches;
use crate::tables::batch::{LOAD_ID, complete, from_batch, stored_schema};
use crate::tables::packed::SCAN_ROWS;
use crate::tables::schema::{TABLES, table};
use crate::tables::{Packed, Table, TableRows};

use super::commit::{REJECTS, rejects_schema};
use super::durable::hash_of;
use super::joined::{Joined, join};
use super::{Effective, LoadRef, Workspace, effective, loads};

/// From how many rows on the transactions of another source are not held by a check.
const KNOWN_ROWS: u64 = 65_536;

/// One stored Parquet file of an effective load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// The load.
    pub load_id: String,
    /// The source that told it.
    pub source: String,
    /// The file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: u64,
    /// Its SHA-256 according to the load.
    pub sha256: String,
}

/// The effective state of a workspace at an instant of knowledge.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The instant and the loads.
    pub effective: Effective,
    files: BTreeMap<String, Vec<StoredFile>>,
    /// All loads recorded by the instant, oldest first, replaced ones included.
    recorded: Arc<Vec<LoadRef>>,
    /// The files that were found to be as they were written.
    checked: Arc<Mutex<BTreeSet<PathBuf>>>,
}

/// Opens a workspace at an instant (default: the newest load).
///
/// # Errors
/// There is no load at that instant, or a load is damaged.
pub fn open(workspace: &Workspace, known_at: Option<KnownAt>) -> Result<Snapshot> {
    let mut all = loads(workspace)?;
    let snapshot = Snapshot::of(effective(&all, known_at)?);
    all.retain(|load| load.recorded_at <= snapshot.known_at());
    Ok(Snapshot { recorded: Arc::new(all), ..snapshot })
}

/// Rows of one table, file and load.
#[derive(Debug, Clone)]
pub struct KeptRows {
    /// The load that told them.
    pub load_id: String,
    /// The rows.
    pub rows: TableRows,
}

impl Snapshot {
    /// Returns the snapshot of effective loads.
    #[must_use]
    pub fn of(effective: Effective) -> Self {
        let mut files: BTreeMap<String, Vec<StoredFile>> = BTreeMap::new();
        for load in &effective.loads {
            for (table, file) in stored_files(load) {
                files.entry(table.to_owned()).or_default().push(file);
            }
        }
        let recorded = Arc::new(effective.loads.clone());
        Self { effective, files, recorded, checked: Arc::default() }
    }

    /// All loads recorded by its instant, oldest first, replaced ones included; only
    /// those that count where it was not opened from a workspace.
    #[must_use]
    pub fn recorded(&self) -> &[LoadRef] {
        &self.recorded
    }

    /// The state as it was known at an earlier instant.
    ///
    /// # Errors
    /// Nothing was known then.
    pub fn at(&self, known_at: KnownAt) -> Result<Self> {
        let earlier = Self::of(effective(&self.recorded, Some(known_at))?);
        Ok(Self { recorded: Arc::clone(&self.recorded), ..earlier })
    }

    /// The instant whose knowledge this is.
    #[must_use]
    pub fn known_at(&self) -> KnownAt {
        self.effective.known_at
    }

    /// The stored files of a table.
    #[must_use]
    pub fn files(&self, table: &str) -> &[StoredFile] {
        self.files.get(table).map_or(&[], Vec::as_slice)
    }

    /// How many rows a table has over all effective loads.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        self.files(table).iter().fold(0_u64, |sum, file| sum.saturating_add(file.rows))
    }

    /// The schema of a table as opened: its columns, file, row and load.
    #[must_use]
    pub fn schema(name: &str) -> SchemaRef {
        match table(name) {
            Some(table) => with_load_field(&stored_schema(table)),
            None => with_load_field(&rejects_schema()),
        }
    }

    /// Reads a table: verified batches of [`Snapshot::schema`], one or more per load.
    /// Rows of one key told by several sources are joined (F4b).
    ///
    /// # Errors
    /// A file that is not the one that its load wrote.
    pub fn read(&self, name: &str) -> Result<Vec<RecordBatch>> {
        match self.joined(name)? {
            Some(joined) => Ok(vec![joined.rows]),
            None => self.read_files(name),
        }
    }

    /// The joined rows of a table that several loads tell, and who told which column
    /// (F4b); nothing for tables of which a key has one source.
    ///
    /// # Errors
    /// A file that is not the one that its load wrote.
    pub fn joined(&self, name: &str) -> Result<Option<Joined>> {
        match table(name).filter(|table| self.is_joined(table)) {
            Some(table) => join(table, &self.read_files(name)?),
            None => Ok(None),
        }
    }

    /// Whether several loads tell rows of a table whose keys they may share.
    #[must_use]
    pub fn is_joined(&self, table: &Table) -> bool {
        table.joins() && self.files(table.name).len() > 1
    }

    fn read_files(&self, name: &str) -> Result<Vec<RecordBatch>> {
        let mut out = Vec::new();
        for file in self.files(name) {
            out.extend(file.complete_batches(name)?);
        }
        Ok(out)
    }

    /// Batches of a table as rows, each group with its load.
    ///
    /// # Errors
    /// The batches are not of that table.
    pub fn rows_of(name: &str, batches: &[RecordBatch]) -> Result<Vec<KeptRows>> {
        let table = table(name)
            .ok_or_else(|| Error::internal(format!("there is no table `{name}`")))?;
        let mut out = Vec::new();
        for batch in batches {
            for (load_id, batch) in by_load(batch) {
                let kept = from_batch(table, &batch)?.into_iter();
                out.extend(kept.map(|rows| KeptRows { load_id: load_id.clone(), rows }));
            }
        }
        Ok(out)
    }

    /// Reads a table as rows, each group with its load; joined like [`Snapshot::read`].
    ///
    /// # Errors
    /// A file that is not the one that its load wrote, or a name that is no table.
    pub fn kept(&self, name: &str) -> Result<Vec<KeptRows>> {
        let table = table(name)
            .ok_or_else(|| Error::internal(format!("there is no table `{name}`")))?;
        let mut out = Vec::new();
        if let Some(joined) = self.joined(name)? {
            return Self::rows_of(name, &[joined.rows]);
        }
        for file in self.files(name) {
            for batch in file.read()? {
                for rows in from_batch(table, &batch)? {
                    out.push(KeptRows { load_id: file.load_id.clone(), rows });
                }
            }
        }
        Ok(out)
    }

    /// Checks the files of a table against their loads, each once for this snapshot;
    /// for tables that are not read whole by [`Snapshot::read`], which checks itself.
    ///
    /// # Errors
    /// A file that is not the one that its load wrote.
    pub fn check(&self, name: &str) -> Result<()> {
        for file in self.files(name) {
            let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
            if !checked.contains(&file.path) {
                check_stored(&file.path, &file.name(), &file.load_id, &file.sha256)?;
                checked.insert(file.path.clone());
            }
        }
        Ok(())
    }

    /// Reads a table batch by batch as rows, for tables that do not fit in memory. The
    /// files are checked against their hashes first.
    ///
    /// # Errors
    /// A file that is not the one that its load wrote, or what `take` returns.
    pub fn scan(
        &self,
        name: &str,
        mut take: impl FnMut(&[KeptRows]) -> Result<()>,
    ) -> Result<()> {
        let table = table(name)
            .ok_or_else(|| Error::internal(format!("there is no table `{name}`")))?;
        self.check(name)?;
        for file in self.files(name) {
            let damaged = || {
                Error::data(format!("`{name}` of load `{}` cannot be read", file.load_id))
                    .fix("restore the load's folder from a copy")
            };
            let opened = std::fs::File::open(&file.path)
                .map_err(|error| Error::io("read", &file.path, error))?;
            let reader = ParquetRecordBatchReaderBuilder::try_new(opened)
                .and_then(|builder| builder.with_batch_size(SCAN_ROWS).build())
                .map_err(|error| damaged().caused_by(error))?;
            for batch in reader {
                let batch = batch.map_err(|error| damaged().caused_by(error))?;
                let kept: Vec<KeptRows> = from_batch(table, &batch)?
                    .into_iter()
                    .map(|rows| KeptRows { load_id: file.load_id.clone(), rows })
                    .collect();
                take(&kept)?;
            }
        }
        Ok(())
    }

    /// All rows of sources other than `except` (all sources where it is empty), for the
    /// checks of a new load.
    ///
    /// # Errors
    /// A file that is not the one that its load wrote.
    pub fn known(&self, except: &str) -> Result<Known> {
        let mut known = Known::default();
        for table in TABLES {
            for file in self.files(table.name) {
                if file.source == except {
                    continue;
                }
                if table.name == "transactions" && file.rows > KNOWN_ROWS {
                    file.verify()?;
                    let mut rows = TableRows::new(table, "");
                    rows.packed = Some(Packed::stored(table, file.path.clone())?);
                    known.told.push((file.source.clone(), rows));
                    continue;
                }
                for batch in file.read()? {
                    for rows in from_batch(table, &batch)? {
                        known.told.push((file.source.clone(), rows));
                    }
                }
            }
        }
        Ok(known)
    }

    /// Whether any effective load kept rows out.
    #[must_use]
    pub fn has_rejects(&self) -> bool {
        self.rows(REJECTS) > 0
    }
}

/// The stored files of a load, each with its table.
pub(super) fn stored_files(load: &LoadRef) -> impl Iterator<Item = (&str, StoredFile)> {
    load.manifest.tables.iter().map(|entry| {
        let file = StoredFile {
            load_id: load.load_id.clone(),
            source: load.manifest.source.clone(),
            path: load.folder.join(&entry.file),
            rows: entry.rows,
            sha256: entry.sha256.clone(),
        };
        (entry.table.as_str(), file)
    })
}

impl StoredFile {
    /// Reads the file with all columns of its table, and its load.
    pub(super) fn complete_batches(&self, name: &str) -> Result<Vec<RecordBatch>> {
        let mut out = Vec::new();
        for batch in self.read()? {
            let batch = match table(name) {
                Some(table) => complete(table, &batch)?,
                None => batch,
            };
            out.push(with_load(&batch, &self.load_id)?);
        }
        Ok(out)
    }

    /// Checks the file against its load without holding it.
    fn verify(&self) -> Result<()> {
        check_stored(&self.path, &self.name(), &self.load_id, &self.sha256)
    }

    /// Reads the file and checks it against its load.
    fn read(&self) -> Result<Vec<RecordBatch>> {
        let damaged = |why: &str| {
            Error::data(format!("`{}` of load `{}` {why}", self.name(), self.load_id))
                .fix("restore the load's folder from a copy")
        };
        let bytes = std::fs::read(&self.path).map_err(|_| damaged("is missing"))?;
        if sha256(&bytes) != self.sha256 {
            return Err(damaged("was changed after it was written"));
        }
        batches(&bytes, &self.name()).map_err(|_| damaged("cannot be read"))
    }

    fn name(&self) -> String {
        crate::load::files::name_of(&self.path)
    }
}

/// The rows of a batch, cut where the load changes.
fn by_load(batch: &RecordBatch) -> Vec<(String, RecordBatch)> {
    let Some(loads) = batch.column_by_name(LOAD_ID) else { return Vec::new() };
    let Some(loads) = loads.as_string_opt::<i32>() else { return Vec::new() };
    let mut out = Vec::new();
    let mut from = 0_usize;
    for row in 0..batch.num_rows() {
        let next = row.saturating_add(1);
        if next == batch.num_rows() || loads.value(row) != loads.value(next) {
            let rows = batch.slice(from, next.saturating_sub(from));
            out.push((loads.value(row).to_owned(), rows));
            from = next;
        }
    }
    out
}

fn with_load_field(schema: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().map(Arc::clone).collect();
    fields.push(Arc::new(Field::new(LOAD_ID, DataType::Utf8, false)));
    Arc::new(Schema::new(fields))
}

fn with_load(batch: &RecordBatch, load_id: &str) -> Result<RecordBatch> {
    let mut columns: Vec<ArrayRef> = batch.columns().iter().map(Arc::clone).collect();
    let ids = std::iter::repeat_n(load_id, batch.num_rows());
    columns.push(Arc::new(StringArray::from_iter_values(ids)));
    // The file's own schema carries Parquet's metadata: take names and types alone.
    let fields: Vec<Arc<Field>> =
        batch.schema().fields().iter().map(Arc::clone).collect();
    let schema = with_load_field(&Arc::new(Schema::new(fields)));
    RecordBatch::try_new(schema, columns)
        .map_err(|error| Error::internal("cannot build a record batch").caused_by(error))
}

/// Checks every file of every load of a workspace (F6).
///
/// # Errors
/// The first file that is not the one that its load wrote.
pub fn verify(workspace: &Workspace) -> Result<Vec<LoadRef>> {
    let all = loads(workspace)?;
    for load in &all {
        for (file, sha256) in load.manifest.files() {
            check_stored(&load.folder.join(file), file, &load.load_id, sha256)?;
        }
    }
    Ok(all)
}

/// Checks one stored file against its hash without holding it in memory.
fn check_stored(path: &Path, file: &str, load_id: &str, sha256: &str) -> Result<()> {
    let found = hash_of(path).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "is missing".to_owned(),
            _ => format!("cannot be read: {error}"),
        };
        Error::data(format!("`{file}` of load `{load_id}` {why}"))
            .fix("restore the load's folder from a copy")
            .caused_by(error)
    })?;
    if found == sha256 {
        return Ok(());
    }
    let what = format!("`{file}` of load `{load_id}` was changed after it was written");
    Err(Error::data(what).fix("restore the load's folder from a copy"))
}
