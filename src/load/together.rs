//! Files of one call together: several at a time, large ones part by part.

use std::fs::File;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};
use crate::tables::cell;
use crate::tables::schema::Table;

use super::files::{Options, SourceFile, csv_options, read_file, sha256, table_of};
use super::iati::OnDuplicate;
use super::paths::{name_of, suffix_of};
use super::{csv, gzip, parquet};

/// How files are read together.
pub struct Reads<'a> {
    /// A folder where files without a name can be made, for what is too large to hold.
    pub folder: &'a Path,
    /// Whether the originals will be kept.
    pub keeps_originals: bool,
    /// Told how many more bytes were read.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Reads files as [`read_file`] does, several at a time, and large ones part by part on
/// all cores; returned in the order given.
///
/// # Errors
/// What is said of the first file, in that order, that cannot be read.
pub fn read_files(
    paths: &[PathBuf],
    options: &Options,
    how: &Reads<'_>,
) -> Result<Vec<SourceFile>> {
    let (large, small): (Vec<_>, Vec<_>) =
        paths.iter().enumerate().partition(|(_, path)| is_large(path, options));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((place, path)) = small.get(at) else { return done };
            let file = read_file(path, options);
            (how.progress)(file.as_ref().map_or(0, |file| file.size));
            done.push((*place, file));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut read = std::thread::scope(|scope| {
        let started: Vec<_> =
            (1..threads.min(small.len())).map(|_| scope.spawn(work)).collect();
        let mut read = work();
        for thread in started {
            match thread.join() {
                Ok(more) => read.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        read
    });
    for (place, path) in large {
        read.push((place, read_large(path, options, how)));
    }
    read.sort_by_key(|(place, _)| *place);
    read.into_iter().map(|(_, file)| file).collect()
}

/// From this size on a file is read part by part, where its table allows it; a Parquet
/// file, which is compressed, from a smaller one.
const LARGE_BYTES: u64 = 8 << 20;
const LARGE_PARQUET: u64 = 1 << 20;

fn is_large(path: &Path, options: &Options) -> bool {
    let name = name_of(path);
    let least = match suffix_of(path).as_str() {
        "csv" | "tsv" => LARGE_BYTES,
        "parquet" => LARGE_PARQUET,
        _ => return false,
    };
    // What must be inflated, decoded or mapped first is read whole.
    let is_plain = gzip::inner_name(&name).is_none()
        && options.encoding.is_none()
        && options.mapping.is_none();
    is_plain
        && std::fs::metadata(path).is_ok_and(|found| found.len() >= least)
        && table_of(&name, options).is_ok_and(csv::stream::is_streamed)
        // Rows told twice can be merged only where all rows are at hand.
        && options.on_duplicate == OnDuplicate::Refuse
}

fn read_large(path: &Path, options: &Options, how: &Reads<'_>) -> Result<SourceFile> {
    let name = name_of(path);
    let table = table_of(&name, options)?;
    if suffix_of(path) == "parquet" {
        return read_large_parquet(path, name, table, options, how);
    }
    let stream = csv::stream::How {
        folder: how.folder,
        keeps_original: how.keeps_originals,
        keeps_rejects: options.quarantine,
        part_bytes: csv::stream::PART_BYTES,
        progress: how.progress,
    };
    let csv = csv_options(&suffix_of(path), options);
    let Some(read) = csv::stream::read(path, &name, table, &csv, &stream)? else {
        return read_file(path, options);
    };
    Ok(SourceFile {
        name,
        path: path.to_owned(),
        sha256: read.sha256,
        size: read.size,
        bytes: Vec::new(),
        original: read.original.map(Arc::new),
        reading: read.reading,
    })
}

fn read_large_parquet(
    path: &Path,
    name: String,
    table: &'static Table,
    options: &Options,
    how: &Reads<'_>,
) -> Result<SourceFile> {
    let failed = |error| Error::io("read", path, error);
    let file = File::open(path).map_err(failed)?;
    // It is compressed still; its bytes are let go before its rows are decoded.
    let bytes = std::fs::read(path).map_err(failed)?;
    if !parquet::is_within_limits(&bytes) {
        return read_file(path, options);
    }
    let (sha256, size) = (sha256(&bytes), bytes.len().try_into().unwrap_or(u64::MAX));
    drop(bytes);
    let spool = tempfile::tempfile_in(how.folder)
        .map_err(|error| Error::io("write in", how.folder, error))?;
    let leave = cell::Leave { round_cents: options.round_cents, today: options.today };
    let keeps_rejects = options.quarantine;
    let read = parquet::read_large(file, &name, table, leave, keeps_rejects, spool)?;
    let Some(reading) = read else { return read_file(path, options) };
    (how.progress)(size);
    let path = path.to_owned();
    Ok(SourceFile {
        name,
        path,
        sha256,
        size,
        bytes: Vec::new(),
        original: None,
        reading,
    })
}
