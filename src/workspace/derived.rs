//! Caches of derived tables: Parquet files under `derived/`, deletable at any time.
//!
//! A cache is named after everything that it was made from, so it is never stale: other
//! loads, other rules or another version have another name. The name ends in a hash of
//! the file itself, so a damaged one is made again. It is written aside and renamed, like
//! a load.

use std::fs::{OpenOptions, TryLockError};
use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::load::files::{name_of, sha256};

use super::durable::{self, Hashing, check_written, hash_of};
use super::{Snapshot, Workspace};

/// Where one derived table is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    /// The table and the hash of all that it was made from.
    name: String,
}

/// Hex digits of a hash that stand in a name.
const DIGITS: usize = 16;

fn short(hash: &str) -> &str {
    hash.get(..DIGITS).unwrap_or_default()
}

impl Cache {
    /// Names the cache of `table`, made from a snapshot and the rules of that hash.
    #[must_use]
    pub fn of(
        workspace: &Workspace,
        snapshot: &Snapshot,
        table: &str,
        rules_sha256: &str,
    ) -> Self {
        let mut origin = format!("{}\n{rules_sha256}\n", env!("CARGO_PKG_VERSION"));
        for load in &snapshot.effective.loads {
            origin.push_str(&load.load_id);
            origin.push('\n');
        }
        let hash = sha256(origin.as_bytes());
        Self { folder: workspace.derived(), name: format!("{table}-{}", short(&hash)) }
    }

    /// The file, where it has been written and is as it was written.
    #[must_use]
    pub fn found(&self) -> Option<PathBuf> {
        let entries = std::fs::read_dir(&self.folder).ok()?;
        let mut paths: Vec<PathBuf> =
            entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.sort();
        paths.into_iter().find(|path| {
            let name = name_of(path);
            let written = name
                .strip_prefix(&self.name)
                .and_then(|rest| rest.strip_prefix('-')?.strip_suffix(".parquet"));
            written.is_some_and(|written| {
                hash_of(path).is_ok_and(|hash| short(&hash) == written)
            })
        })
    }

    /// Writes the table: `fill` hands batches of `schema` to its argument one by one.
    ///
    /// # Errors
    /// What `fill` returns, or the disk.
    pub fn write(
        &self,
        schema: &SchemaRef,
        fill: impl FnOnce(&mut dyn FnMut(RecordBatch) -> Result<()>) -> Result<()>,
    ) -> Result<PathBuf> {
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| Error::io("create", &self.folder, error))?;
        let mut aside = self.begin()?;
        let place = aside.path().to_owned();
        let refused = |error: parquet::errors::ParquetError| {
            let what = format!("cannot write `{}`: {error}", place.display());
            Error::environment(what).caused_by(error)
        };
        let level = ZstdLevel::try_new(1)
            .map_err(|error| Error::internal("no such level").caused_by(error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_created_by("ssrfund".to_owned())
            .build();
        let hashing = Hashing::new(aside.as_file_mut());
        let mut writer =
            ArrowWriter::try_new(hashing, SchemaRef::clone(schema), Some(properties))
                .map_err(refused)?;
        fill(&mut |batch| writer.write(&batch).map_err(refused))?;
        let hash = writer.into_inner().map_err(refused)?.finish();
        let path = self.folder.join(format!("{}-{}.parquet", self.name, short(&hash)));
        aside.as_file().sync_all().map_err(|error| Error::io("write", &path, error))?;
        check_written(&place, &hash)?;
        aside.persist(&path).map_err(|error| Error::io("write", &path, error.error))?;
        super::commit::sync_folder(&self.folder)?;
        Ok(path)
    }

    /// A file of our own aside. It stays locked while it is written, so that everyone can
    /// tell it from what a dead writer left, which is removed here.
    fn begin(&self) -> Result<NamedTempFile> {
        let failed = |error| Error::io("write in", &self.folder, error);
        loop {
            let aside = tempfile::Builder::new()
                .prefix(durable::ASIDE)
                .tempfile_in(&self.folder)
                .map_err(failed)?;
            match aside.as_file().try_lock() {
                Ok(()) if aside.path().is_file() => {
                    self.sweep(&aside);
                    return Ok(aside);
                }
                // Another process swept it between its making and its locking.
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                // No locks here, so nobody sweeps either.
                Err(TryLockError::Error(_)) => return Ok(aside),
            }
        }
    }

    /// Removes what dead writers left: nobody holds its lock.
    fn sweep(&self, own: &NamedTempFile) {
        for path in durable::left_aside(&self.folder) {
            if path == own.path() {
                continue;
            }
            let opened = OpenOptions::new().write(true).open(&path);
            if opened.is_ok_and(|file| file.try_lock().is_ok()) {
                let _ = std::fs::remove_file(&path);
            }
        }
    }
}
