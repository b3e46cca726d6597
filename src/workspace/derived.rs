//! Caches of derived tables: Parquet files under `derived/`, deletable at any time.
//!
//! A cache is named after everything that it was made from, so it is never stale: other
//! loads, other rules or another version have another name. It is written aside and
//! renamed, like a load.

use std::fs::File;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::error::{Error, Result};
use crate::load::files::sha256;

use super::{Snapshot, Workspace};

/// Where one derived table is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    name: String,
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
        let short = hash.get(..16).unwrap_or_default();
        Self { folder: workspace.derived(), name: format!("{table}-{short}.parquet") }
    }

    /// The file, where it has been written.
    #[must_use]
    pub fn found(&self) -> Option<PathBuf> {
        let path = self.folder.join(&self.name);
        path.is_file().then_some(path)
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
        let aside = tempfile::Builder::new()
            .prefix(".writing-")
            .tempfile_in(&self.folder)
            .map_err(|error| Error::io("write in", &self.folder, error))?;
        let broken = |error| Error::internal("cannot write a cache").caused_by(error);
        let level = ZstdLevel::try_new(1).map_err(broken)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_created_by("ssrfund".to_owned())
            .build();
        let file = aside.reopen().map_err(|e| Error::io("write", &self.folder, e))?;
        let mut writer =
            ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties))
                .map_err(broken)?;
        fill(&mut |batch| writer.write(&batch).map_err(broken))?;
        let file: File = writer.into_inner().map_err(broken)?;
        let path = self.folder.join(&self.name);
        file.sync_all().map_err(|error| Error::io("write", &path, error))?;
        aside.persist(&path).map_err(|error| Error::io("write", &path, error.error))?;
        super::commit::sync_folder(&self.folder)?;
        Ok(path)
    }
}
