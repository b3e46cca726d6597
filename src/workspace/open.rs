//! Reading effective loads: verified Arrow batches, or the files where they are large.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::domain::KnownAt;
use crate::error::{Error, Result};
use crate::load::Known;
use crate::load::files::{hash_of, sha256};
use crate::load::parquet::batches;
use crate::tables::batch::{LOAD_ID, from_batch, stored_schema, to_batch};
use crate::tables::packed::SCAN_ROWS;
use crate::tables::schema::{TABLES, table};
use crate::tables::{Packed, TableRows};

use super::commit::{REJECTS, rejects_schema};
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
}

/// Opens a workspace at an instant (default: the newest load).
///
/// # Errors
/// There is no load at that instant, or a load is damaged.
pub fn open(workspace: &Workspace, known_at: Option<KnownAt>) -> Result<Snapshot> {
    let all = loads(workspace)?;
    Ok(Snapshot::of(effective(&all, known_at)?))
}

/// Rows of one table, file and load.
#[derive(Debug, Clone)]
pub struct KeptRows {
    /// The load that told them.
    pub load_id: String,
    /// The rows.
    pub rows: TableRows,
}

/// Tables of which several sources may tell different columns of one key (F4b).
fn may_join(table: &str) -> bool {
    matches!(table, "projects" | "recipients")
}

/// Joins rows of one key into the first of them, column by column.
fn join_keys(groups: &mut Vec<KeptRows>) {
    let mut first: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for group in 0..groups.len() {
        let Some(taken) = groups.get_mut(group) else { continue };
        let table = taken.rows.table;
        let rows = std::mem::take(&mut taken.rows.rows);
        for row in rows {
            let at = first.get(&row.key(table)).copied();
            let earlier = at.and_then(|(group, index)| {
                groups.get_mut(group)?.rows.rows.get_mut(index)
            });
            if let Some(earlier) = earlier {
                for (cell, more) in earlier.cells.iter_mut().zip(row.cells) {
                    if cell.is_empty() {
                        *cell = more;
                    }
                }
            } else if let Some(taken) = groups.get_mut(group) {
                first.insert(row.key(table), (group, taken.rows.rows.len()));
                taken.rows.rows.push(row);
            }
        }
    }
    groups.retain(|group| !group.rows.rows.is_empty());
}

impl Snapshot {
    /// Returns the snapshot of effective loads.
    #[must_use]
    pub fn of(effective: Effective) -> Self {
        let mut files: BTreeMap<String, Vec<StoredFile>> = BTreeMap::new();
        for load in &effective.loads {
            for entry in &load.manifest.tables {
                files.entry(entry.table.clone()).or_default().push(StoredFile {
                    load_id: load.load_id.clone(),
                    source: load.manifest.source.clone(),
                    path: load.folder.join(&entry.file),
                    rows: entry.rows,
                    sha256: entry.sha256.clone(),
                });
            }
        }
        Self { effective, files }
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
        let mut out = Vec::new();
        if may_join(name) && self.files(name).len() > 1 {
            for kept in self.kept(name)? {
                out.push(with_load(&to_batch(&kept.rows)?, &kept.load_id)?);
            }
            return Ok(out);
        }
        for file in self.files(name) {
            for batch in file.read()? {
                out.push(with_load(&batch, &file.load_id)?);
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
        for file in self.files(name) {
            for batch in file.read()? {
                for rows in from_batch(table, &batch)? {
                    out.push(KeptRows { load_id: file.load_id.clone(), rows });
                }
            }
        }
        if may_join(name) {
            join_keys(&mut out);
        }
        Ok(out)
    }

    /// Reads a table batch by batch as rows, for tables that do not fit in memory; the
    /// files are not checked against their hashes here, as that would read them twice.
    ///
    /// # Errors
    /// A file cannot be decoded, or what `take` returns.
    pub fn scan(
        &self,
        name: &str,
        mut take: impl FnMut(&[KeptRows]) -> Result<()>,
    ) -> Result<()> {
        let table = table(name)
            .ok_or_else(|| Error::internal(format!("there is no table `{name}`")))?;
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

impl StoredFile {
    /// Checks the file against its load without holding it.
    fn verify(&self) -> Result<()> {
        let damaged = |why: &str| {
            Error::data(format!("`{}` of load `{}` {why}", self.name(), self.load_id))
                .fix("restore the load's folder from a copy")
        };
        let found = std::fs::File::open(&self.path).and_then(|file| hash_of(&file));
        match found {
            Ok(found) if found == self.sha256 => Ok(()),
            Ok(_) => Err(damaged("was changed after it was written")),
            Err(_) => Err(damaged("is missing")),
        }
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
        let stored =
            load.manifest.tables.iter().map(|entry| (&entry.file, &entry.sha256));
        let originals = load.manifest.sources.iter().filter_map(|entry| {
            Some((entry.original.as_ref()?, entry.original_sha256.as_ref()?))
        });
        for (file, expected) in stored.chain(originals) {
            let path = load.folder.join(file);
            let bytes = std::fs::read(&path).map_err(|error| {
                Error::data(format!("`{file}` of load `{}` is missing", load.load_id))
                    .caused_by(error)
            })?;
            if sha256(&bytes) != *expected {
                let what = format!(
                    "`{file}` of load `{}` was changed after it was written",
                    load.load_id
                );
                return Err(Error::data(what).fix("restore it from a copy"));
            }
        }
    }
    Ok(all)
}
