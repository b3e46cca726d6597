//! Writing a load: aside, synced, then one rename.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use chrono::{DateTime, TimeDelta, Utc};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::domain::KnownAt;
use crate::error::{Error, Result};
use crate::load::files::sha256;
use crate::load::{Loaded, Reject, SourceFile};
use crate::tables::TableRows;
use crate::tables::batch::{stored_schema, to_batch};
use crate::tables::schema::table;

use super::effective::LoadRef;
use super::manifest::{Manifest, MoneyEntry, SourceEntry, TableEntry};
use super::stored::{keep_original, write_packed};
use super::{Workspace, durable, loads, lock::WriterLock};

/// The table that holds rejected rows.
pub const REJECTS: &str = "rejects";

/// How a load is written.
#[derive(Debug, Clone)]
pub struct Commit<'a> {
    /// Who tells the rows.
    pub source: &'a str,
    /// Whether it adds to what the source said before, instead of replacing it.
    pub append: bool,
    /// Whether tables that the source told before may be left out (F4a).
    pub drop_tables: bool,
    /// Whether to keep compressed copies of the source files (F4c).
    pub originals: bool,
    /// The wall clock, handed in.
    pub now: DateTime<Utc>,
    /// Control totals that were checked.
    pub expected: Vec<String>,
}

/// Writes `loaded` as a new load of the workspace and returns it.
///
/// # Errors
/// Another writer, a table that would silently disappear, or the disk.
pub fn commit(
    workspace: &Workspace,
    lock: &WriterLock,
    loaded: &Loaded,
    files: &[SourceFile],
    how: &Commit<'_>,
) -> Result<LoadRef> {
    let before = loads(workspace)?;
    if !how.append {
        refuse_dropped_tables(&before, loaded, how)?;
    }
    let recorded_at = next_instant(&before, how.now);
    let folder = workspace.loads();
    let aside = tempfile::Builder::new()
        .prefix(durable::ASIDE)
        .tempdir_in(&folder)
        .map_err(|error| Error::io("write in", &folder, error))?;
    let (sources, tables) = both(
        || keep_originals(aside.path(), files, how.originals),
        || write_tables(aside.path(), loaded),
    );
    let manifest = Manifest {
        schema_version: 1,
        source: how.source.to_owned(),
        mode: if how.append { "append" } else { "replace" }.to_owned(),
        recorded_at: recorded_at.to_string(),
        tool: concat!("ssrfund ", env!("CARGO_PKG_VERSION")).to_owned(),
        mapping: loaded.mapping.clone(),
        previous: before.last().map(|load| load.sha256.clone()),
        sources: sources?,
        tables: tables?,
        money: MoneyEntry::of(&loaded.tally),
        rounding: MoneyEntry::of(&loaded.residues),
        expected: how.expected.clone(),
        rejected_rows: u64::try_from(loaded.rejects.len()).unwrap_or(u64::MAX),
        warnings: loaded.warnings.iter().map(ToString::to_string).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| Error::internal("cannot write load.json").caused_by(error))?;
    text.push(b'\n');
    write_synced(&aside.path().join("load.json"), &text)?;
    sync_folder(aside.path())?;
    let hash = sha256(&text);
    let written: Vec<(&str, &str)> =
        manifest.files().chain([("load.json", hash.as_str())]).collect();
    check_all(aside.path(), &written)?;
    lock.still_holds()?;
    let load_id = load_id(recorded_at, &hash);
    let place = folder.join(&load_id);
    publish(aside, &folder, &place)?;
    Ok(LoadRef { load_id, recorded_at, sha256: hash, folder: place, manifest })
}

/// Does two things at once.
fn both<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        match one.join() {
            Ok(one) => (one, other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Reads written files again, every second one at the same time, and compares them with
/// their hashes.
fn check_all(folder: &Path, written: &[(&str, &str)]) -> Result<()> {
    let check = |first: usize| {
        written.iter().skip(first).step_by(2).try_for_each(|(file, sha256)| {
            durable::check_written(&folder.join(file), sha256)
        })
    };
    let (odd, even) = both(|| check(1), || check(0));
    even.and(odd)
}

/// Gives a finished load its name: from here on it is there.
fn publish(aside: tempfile::TempDir, folder: &Path, place: &Path) -> Result<()> {
    std::fs::rename(aside.path(), place)
        .map_err(|error| Error::io("commit", place, error))?;
    // The folder has its final name now: nothing is left to clean up.
    let aside = aside.keep();
    let Err(error) = sync_folder(folder) else { return Ok(()) };
    // Nobody knows whether the name is on disk: take it back, so that the load that was
    // refused is not there.
    if std::fs::rename(place, &aside).is_err() {
        let fix = "the load is in place, but a power cut may undo it; check the disk";
        return Err(error.fix(fix));
    }
    let _ = std::fs::remove_dir_all(&aside);
    Err(error.fix("nothing was loaded; check the disk, then load again"))
}

/// The id of a load: its instant, sortable as text, and 16 hex digits of its hash.
#[must_use]
pub fn load_id(recorded_at: KnownAt, hash: &str) -> String {
    let instant = recorded_at.0.format("%Y%m%dT%H%M%S%.6fZ");
    format!("{instant}-{}", hash.get(..16).unwrap_or_default())
}

/// The instant of the next load: the clock, or a microsecond after the last load if the
/// clock stands or went back (Q01).
fn next_instant(before: &[LoadRef], now: DateTime<Utc>) -> KnownAt {
    let micros = now.timestamp_micros();
    let now = DateTime::from_timestamp_micros(micros).unwrap_or(now);
    match before.last() {
        Some(last) if last.recorded_at.0 >= now => KnownAt(
            last.recorded_at
                .0
                .checked_add_signed(TimeDelta::microseconds(1))
                .unwrap_or(last.recorded_at.0),
        ),
        _ => KnownAt(now),
    }
}

/// A replacing load may not silently take tables away (F4a).
fn refuse_dropped_tables(
    before: &[LoadRef],
    loaded: &Loaded,
    how: &Commit<'_>,
) -> Result<()> {
    if how.drop_tables {
        return Ok(());
    }
    let Ok(effective) = super::effective(before, None) else { return Ok(()) };
    let told: BTreeSet<&str> = effective
        .loads
        .iter()
        .filter(|load| load.manifest.source == how.source)
        .flat_map(|load| load.manifest.tables.iter())
        .filter(|entry| entry.table != REJECTS)
        .map(|entry| entry.table.as_str())
        .collect();
    let new: BTreeSet<&str> = loaded.tables.iter().map(|rows| rows.table.name).collect();
    let gone: Vec<String> =
        told.difference(&new).map(|name| format!("`{name}`")).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let what = format!(
        "source `{}` told {} before, and this load replaces all that it said",
        how.source,
        gone.join(", ")
    );
    Err(Error::data(what)
        .fix("load all its files together, or add `--drop-tables` if that is meant"))
}

fn keep_originals(
    folder: &Path,
    files: &[SourceFile],
    keep: bool,
) -> Result<Vec<SourceEntry>> {
    let mut entries = Vec::new();
    for file in files {
        let mut entry = SourceEntry {
            file: file.name.clone(),
            sha256: file.sha256.clone(),
            bytes: file.size,
            original: None,
            original_sha256: None,
        };
        if keep {
            let place = folder.join("originals");
            std::fs::create_dir_all(&place)
                .map_err(|error| Error::io("create", &place, error))?;
            let name = format!("originals/{}.zst", file.sha256);
            let sha256 = if file.bytes.is_empty() && file.size > 0 {
                keep_original(&folder.join(&name), file)?
            } else {
                let packed = zstd::bulk::compress(&file.bytes, 3)
                    .map_err(|error| Error::io("compress", &file.path, error))?;
                write_synced(&folder.join(&name), &packed)?;
                sha256(&packed)
            };
            sync_folder(&place)?;
            entry.original = Some(name);
            entry.original_sha256 = Some(sha256);
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn write_tables(folder: &Path, loaded: &Loaded) -> Result<Vec<TableEntry>> {
    let mut by_table: BTreeMap<&str, Vec<RecordBatch>> = BTreeMap::new();
    let mut packed: BTreeMap<&str, Vec<&TableRows>> = BTreeMap::new();
    for rows in &loaded.tables {
        let name = rows.table.name;
        if loaded.tables.iter().any(|r| r.table.name == name && r.packed.is_some()) {
            packed.entry(name).or_default().push(rows);
        } else {
            by_table.entry(name).or_default().push(to_batch(rows)?);
        }
    }
    if !loaded.rejects.is_empty() {
        by_table.insert(REJECTS, vec![rejects_batch(&loaded.rejects)?]);
    }
    let mut entries = Vec::new();
    for (name, batches) in by_table {
        let schema = match (table(name), batches.first()) {
            (Some(table), _) => stored_schema(table),
            (None, Some(batch)) => batch.schema(),
            (None, None) => continue,
        };
        let bytes = parquet_bytes(&schema, &batches)?;
        let file = format!("{name}.parquet");
        write_synced(&folder.join(&file), &bytes)?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        entries.push(TableEntry {
            table: name.to_owned(),
            file,
            rows: u64::try_from(rows).unwrap_or(u64::MAX),
            sha256: sha256(&bytes),
        });
    }
    for pieces in packed.into_values() {
        if let Some(first) = pieces.first() {
            entries.push(write_packed(folder, first.table, &pieces)?);
        }
    }
    entries.sort_by(|one, other| one.table.cmp(&other.table));
    Ok(entries)
}

/// Encodes batches as one Parquet file; the same rows give the same bytes.
///
/// # Errors
/// An internal error where the batches do not fit the schema.
pub fn parquet_bytes(schema: &Arc<Schema>, batches: &[RecordBatch]) -> Result<Vec<u8>> {
    let broken = |error| Error::internal("cannot write a Parquet file").caused_by(error);
    let level = ZstdLevel::try_new(1).map_err(broken)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_created_by("ssrfund".to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, Arc::clone(schema), Some(properties))
            .map_err(broken)?;
    for batch in batches {
        writer.write(batch).map_err(broken)?;
    }
    writer.close().map_err(broken)?;
    Ok(bytes)
}

/// The schema of the table of rejected rows (F5).
#[must_use]
pub fn rejects_schema() -> Arc<Schema> {
    let text = |name| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(vec![
        text("table_name"),
        text("project_id"),
        text("field"),
        text("value"),
        text("what"),
        text("fix"),
        Field::new("source_file", DataType::Utf8, false),
        Field::new("source_row", DataType::Int64, false),
        Field::new("source_column", DataType::Int64, false),
    ]))
}

fn rejects_batch(rejects: &[Reject]) -> Result<RecordBatch> {
    fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(values))
    }
    fn numbers(values: impl Iterator<Item = u64>) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(
            values.map(|value| i64::try_from(value).unwrap_or(i64::MAX)),
        ))
    }
    let problems = || rejects.iter().map(|reject| &reject.problem);
    let projects: StringArray =
        rejects.iter().map(|reject| reject.project_id.as_deref()).collect();
    let columns: Vec<ArrayRef> = vec![
        texts(rejects.iter().map(|reject| reject.table.as_str())),
        Arc::new(projects),
        texts(problems().map(|p| p.field.as_str())),
        texts(problems().map(|p| p.value.as_str())),
        texts(problems().map(|p| p.what.as_str())),
        texts(problems().map(|p| p.fix.as_str())),
        texts(problems().map(|p| p.file.as_str())),
        numbers(problems().map(|p| p.row)),
        numbers(problems().map(|p| p.column)),
    ];
    RecordBatch::try_new(rejects_schema(), columns)
        .map_err(|error| Error::internal("cannot build a record batch").caused_by(error))
}

/// Writes a file and waits until it is on disk.
///
/// # Errors
/// The disk is full, or the path cannot be written.
pub fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    File::create(path)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(|error| Error::io("write", path, error))
}

/// Waits until a folder's entries are on disk.
///
/// # Errors
/// The folder cannot be synced.
pub fn sync_folder(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::io("sync", path, error))
}
