//! Tables and originals of a load that are too large to hold: written block by block,
//! hashed on the way.

use std::fs::File;
use std::io::Seek;
use std::path::Path;

use crate::error::{Error, Result};
use crate::load::SourceFile;
use crate::load::files::hash_of;
use crate::tables::batch::to_batch;
use crate::tables::joined::{Joiner, encode};
use crate::tables::{Packed, Table, TableRows};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;

use super::durable::Hashing;
use super::manifest::TableEntry;

fn create(path: &Path) -> Result<Hashing<File>> {
    let file = File::create(path).map_err(|error| Error::io("write", path, error))?;
    Ok(Hashing::new(file))
}

/// Waits until the file is on disk; returns its SHA-256.
fn settle(written: Hashing<File>, path: &Path) -> Result<String> {
    written.inner().sync_all().map_err(|error| Error::io("write", path, error))?;
    Ok(written.finish())
}

/// Writes the rows of a table, of which some are packed, as one Parquet file.
///
/// # Errors
/// The disk is full, or rows set aside cannot be read again.
pub(super) fn write_packed(
    folder: &Path,
    table: &'static Table,
    pieces: &[&TableRows],
) -> Result<TableEntry> {
    let file = format!("{}.parquet", table.name);
    let path = folder.join(&file);
    let mut joiner = Joiner::new(create(&path)?);
    let mut rows = 0_u64;
    // The first of them says what the columns are, even where no row is left.
    let none = encode(table, &to_batch(&TableRows::new(table, ""))?)?;
    rows = rows.saturating_add(joiner.add(&none, none.clone())?);
    for piece in pieces {
        if let Some(packed) = &piece.packed {
            rows = rows.saturating_add(add_packed(&mut joiner, packed)?);
        }
        if !piece.rows.is_empty() {
            let encoded = encode(table, &to_batch(piece)?)?;
            rows = rows.saturating_add(joiner.add(&encoded, encoded.clone())?);
        }
    }
    let sha256 = settle(joiner.finish()?, &path)?;
    Ok(TableEntry { table: table.name.to_owned(), file, rows, sha256 })
}

/// Adds packed rows as they are, or without those taken out.
fn add_packed(joiner: &mut Joiner<Hashing<File>>, packed: &Packed) -> Result<u64> {
    if packed.removed().is_empty() {
        return joiner.add(&packed.open()?, packed.open()?);
    }
    let (mut rows, mut first) = (0_u64, 0_u64);
    packed.scan(None, |batch| {
        let kept = without(packed, batch, first)?;
        let count = u64::try_from(batch.num_rows()).unwrap_or(0);
        first = first.saturating_add(count);
        let encoded = encode(packed.table(), &kept)?;
        rows = rows.saturating_add(joiner.add(&encoded, encoded.clone())?);
        Ok(())
    })?;
    Ok(rows)
}

/// The rows of a batch, whose first has the number `first`, without those taken out.
fn without(packed: &Packed, batch: &RecordBatch, first: u64) -> Result<RecordBatch> {
    let kept: BooleanArray = (first..)
        .take(batch.num_rows())
        .map(|at| Some(!packed.removed().contains(&at)))
        .collect();
    filter_record_batch(batch, &kept)
        .map_err(|error| Error::internal("cannot leave rows out").caused_by(error))
}

/// Keeps the original of a file that was too large to hold; returns the SHA-256 of the
/// compressed copy.
///
/// # Errors
/// The disk is full, or the file is another one by now.
pub(super) fn keep_original(path: &Path, source: &SourceFile) -> Result<String> {
    let failed = |error| Error::io("write", path, error);
    let mut out = create(path)?;
    if let Some(original) = &source.original {
        let mut original = original.as_ref();
        original.rewind().map_err(failed)?;
        std::io::copy(&mut original, &mut out).map_err(failed)?;
        return settle(out, path);
    }
    let mut file = File::open(&source.path)
        .map_err(|error| Error::io("read", &source.path, error))?;
    let found = hash_of(&file).map_err(|error| Error::io("read", &source.path, error))?;
    if found != source.sha256 {
        let what = format!("`{}` was changed while it was loaded", source.name);
        return Err(Error::data(what).fix("load it again"));
    }
    file.rewind().map_err(failed)?;
    let mut packer = zstd::Encoder::new(&mut out, 1).map_err(failed)?;
    std::io::copy(&mut file, &mut packer).map_err(failed)?;
    packer.finish().map_err(failed)?;
    settle(out, path)
}
