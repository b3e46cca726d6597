//! Which files a call names, and which reader each of them gets.

use std::fs::{File, FileType};
use std::io::{ErrorKind, Read};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::error::{Error, Problem, Result, did_you_mean, visible};
use crate::tables::cell;
use crate::tables::schema::{TABLES, Table, table};

use super::encoding::{self, Declared};
use super::iati::OnDuplicate;
use super::impostor::impostor;
use super::mapping::Mapping;
use super::mapping::grid::Grid;
use super::{Reading, csv, gzip, iati, json, parquet, utf8, xlsx};

/// How files are read and checked; the same for every file of one call.
#[derive(Debug, Clone)]
pub struct Options {
    /// The UTC day of the load; events may not lie after it (Q06).
    pub today: NaiveDate,
    /// The table of every file, where its name does not say so.
    pub table: Option<String>,
    /// The one sheet of a workbook that is read.
    pub sheet: Option<String>,
    /// Accept files without rows: "this source now tells nothing".
    pub allow_empty: bool,
    /// Round money half up to cents and report the residue.
    pub round_cents: bool,
    /// Load the good rows and keep the others as rejects.
    pub quarantine: bool,
    /// What happens to the same iati-identifier twice.
    pub on_duplicate: OnDuplicate,
    /// Field delimiter of CSV files.
    pub delimiter: u8,
    /// The encoding that CSV and JSON files are declared to be written in; UTF-8 if none.
    pub encoding: Option<String>,
    /// The mapping of files in the layout of others.
    pub mapping: Option<Arc<Mapping>>,
}

impl Options {
    /// Canonical files and nothing forgiven.
    #[must_use]
    pub fn strict(today: NaiveDate) -> Self {
        Self {
            today,
            table: None,
            sheet: None,
            allow_empty: false,
            round_cents: false,
            quarantine: false,
            on_duplicate: OnDuplicate::Refuse,
            delimiter: b',',
            encoding: None,
            mapping: None,
        }
    }
}

/// One source file as read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its name without folders.
    pub name: String,
    /// Where it was found.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes, for the kept original; none where the file was too large to hold.
    pub bytes: Vec<u8>,
    /// Its bytes, compressed, where it was too large to hold.
    pub original: Option<Arc<File>>,
    /// What it holds.
    pub reading: Reading,
}

/// The suffixes that a folder is searched for.
const SUFFIXES: [&str; 8] =
    ["csv", "tsv", "json", "ndjson", "jsonl", "xml", "parquet", "xlsx"];

/// The SHA-256 of bytes, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal, lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The SHA-256 of what a file holds from here on, read in blocks.
///
/// # Errors
/// It cannot be read.
pub fn hash_of(mut file: &File) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut block = vec![0_u8; 1 << 16];
    loop {
        let read = file.read(&mut block)?;
        let Some(part) = block.get(..read).filter(|part| !part.is_empty()) else {
            return Ok(hash
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect());
        };
        hash.update(part);
    }
}

/// Returns the files that `paths` name: files as they are, folders as every file directly
/// inside with a known suffix, hidden and `~` files left out, ordered by name.
///
/// # Errors
/// A path that does not exist or is neither a file nor a folder; a folder without files.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let kind = kind_of(path)?;
        if kind.is_file() {
            files.push(path.clone());
        } else if kind.is_dir() && !has_known_suffix(path) {
            files.extend(files_inside(path)?);
        } else {
            return Err(no_file(path, kind));
        }
    }
    Ok(files)
}

fn files_inside(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| Error::io("read", folder, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Error::io("read", folder, error))?.path();
        let name = name_of(&path);
        let hidden =
            name.starts_with('.') || name.starts_with('~') || name.ends_with('~');
        if hidden || !has_known_suffix(&path) {
            continue;
        }
        // What only looks like a file would be missed by nobody.
        let kind = kind_of(&path)?;
        if !kind.is_file() {
            return Err(no_file(&path, kind));
        }
        files.push(path);
    }
    if files.is_empty() {
        return Err(Error::usage(format!("`{}` has no file to load", folder.display()))
            .fix(format!("files end in {}", SUFFIXES.join(", "))));
    }
    files.sort();
    Ok(files)
}

/// The kind of what a path leads to.
fn kind_of(path: &Path) -> Result<FileType> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(found.file_type()),
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            let what = format!("`{}` leads to a file that is not there", spoken(path));
            Err(Error::usage(what).fix("mend the link, or name the file itself"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Error::usage(format!("there is no file `{}`", spoken(path)))
                .fix("check the path"))
        }
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// A path in messages.
fn spoken(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

fn has_known_suffix(path: &Path) -> bool {
    SUFFIXES.contains(&suffix_of(path).as_str())
}

fn no_file(path: &Path, kind: FileType) -> Error {
    let (what, fix) = if kind.is_dir() {
        ("is a folder, although its name is that of a file", "name the files in it")
    } else {
        ("is neither a file nor a folder", "write its content into a file")
    };
    Error::usage(format!("`{}` {what}", spoken(path))).fix(fix)
}

/// The last part of a path as text, with nothing in it that a terminal would obey.
#[must_use]
pub fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    if name.chars().any(char::is_control) { visible(&name) } else { name }
}

/// The suffix that says what a file holds, in lower case, before any `.gz`.
fn suffix_of(path: &Path) -> String {
    let name = path.to_string_lossy();
    let inner = gzip::inner_name(&name).unwrap_or(&name);
    let suffix = Path::new(inner).extension();
    suffix.map(|s| s.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

/// Reads one file with the reader that its suffix names.
///
/// # Errors
/// The file cannot be read, or nothing says which table it holds. What is wrong inside
/// the file is in the reading, not here.
pub fn read_file(path: &Path, options: &Options) -> Result<SourceFile> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|error| Error::io("read", path, error))?;
    let name = name_of(path);
    let reading = read_bytes(&bytes, &name, options)?;
    Ok(SourceFile::held(name, path.to_owned(), bytes, reading))
}

impl SourceFile {
    /// A file whose bytes are held.
    #[must_use]
    pub fn held(name: String, path: PathBuf, bytes: Vec<u8>, reading: Reading) -> Self {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { name, path, sha256: sha256(&bytes), size, bytes, original: None, reading }
    }
}

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
    let sha256 = hash_of(&file).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    // Read whole, it is compressed still; what is wrong with it is then told in full.
    if !parquet::is_within_limits(&std::fs::read(path).map_err(failed)?) {
        return read_file(path, options);
    }
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

fn csv_options(suffix: &str, options: &Options) -> csv::CsvOptions {
    csv::CsvOptions {
        leave: cell::Leave { round_cents: options.round_cents, today: options.today },
        delimiter: if suffix == "tsv" { b'\t' } else { options.delimiter },
        allow_empty: options.allow_empty,
    }
}

/// Reads the bytes of one file named `name`.
///
/// # Errors
/// Nothing says which table it holds, or its suffix is not one that can be loaded.
pub fn read_bytes(bytes: &[u8], name: &str, options: &Options) -> Result<Reading> {
    if gzip::inner_name(name).is_some() {
        return match gzip::inflate(bytes, name) {
            Ok(inflated) => read_plain(&inflated, name, options),
            Err(problem) => Ok(faulty(vec![*problem])),
        };
    }
    read_plain(bytes, name, options)
}

/// The reading of a file that cannot be read.
fn faulty(faults: Vec<Problem>) -> Reading {
    Reading { faults, ..Reading::default() }
}

/// Reads bytes that are not compressed.
fn read_plain(bytes: &[u8], name: &str, options: &Options) -> Result<Reading> {
    let suffix = suffix_of(Path::new(name));
    let is_declared =
        matches!(suffix.as_str(), "csv" | "tsv" | "txt" | "json" | "ndjson" | "jsonl");
    if let Some(problem) = impostor(bytes, name, &suffix) {
        return Ok(faulty(vec![problem]));
    }
    let Some(encoding) = options.encoding.as_deref().filter(|_| is_declared) else {
        return read_kind(bytes, name, options);
    };
    match utf8::decode_as(bytes, name, Some(encoding)) {
        Err(problems) => Ok(faulty(problems)),
        Ok(text) => {
            let mut reading = read_kind(text.as_bytes(), name, options)?;
            let declared = Declared::parse(encoding)?;
            reading.warnings.extend(encoding::note(&text, name, declared));
            Ok(reading)
        }
    }
}

/// Reads bytes with the reader that the suffix names.
fn read_kind(bytes: &[u8], name: &str, options: &Options) -> Result<Reading> {
    let leave = cell::Leave { round_cents: options.round_cents, today: options.today };
    let suffix = suffix_of(Path::new(name));
    if let Some(mapping) = &options.mapping {
        return read_mapped(bytes, name, &suffix, mapping, options);
    }
    match suffix.as_str() {
        "xml" => {
            let on_duplicate = options.on_duplicate;
            let iati = iati::Options { leave, on_duplicate };
            let mut reading = iati::read(bytes, name, &iati);
            if !options.allow_empty && reading.tells_nothing() {
                let fix = "add `--allow-empty` if this source now tells nothing";
                let what = "the file has no activities";
                reading.faults.push(Problem::of_file(name, what, fix));
            }
            Ok(reading)
        }
        "csv" | "tsv" => {
            let table = table_of(name, options)?;
            Ok(csv::read(bytes, name, table, &csv_options(&suffix, options)))
        }
        "json" | "ndjson" | "jsonl" => {
            let allow_empty = options.allow_empty;
            let table = table_of(name, options)?;
            Ok(json::read(bytes, name, table, &json::JsonOptions { leave, allow_empty }))
        }
        "parquet" => {
            let table = table_of(name, options)?;
            Ok(parquet::read(bytes, name, table, leave, options.allow_empty))
        }
        "xlsx" => {
            let table = options.table.as_deref().map(|_| table_of(name, options));
            let options = xlsx::XlsxOptions {
                leave,
                allow_empty: options.allow_empty,
                table: table.transpose()?,
                sheet: options.sheet.as_deref(),
            };
            Ok(xlsx::read(bytes, name, &options))
        }
        _ => Err(Error::usage(format!("`{name}` is of no kind that can be loaded"))
            .fix(format!("files end in {}", SUFFIXES.join(", ")))),
    }
}

/// Reads a file in the layout of others.
fn read_mapped(
    bytes: &[u8],
    name: &str,
    suffix: &str,
    mapping: &Mapping,
    options: &Options,
) -> Result<Reading> {
    let leave = cell::Leave { round_cents: options.round_cents, today: options.today };
    // What was declared on the command line is decoded already, and wins.
    let encoding = mapping.encoding().filter(|_| options.encoding.is_none());
    let mut reading = match suffix {
        "csv" | "tsv" | "txt" => match utf8::decode_as(bytes, name, encoding) {
            Ok(text) => {
                let usual = if suffix == "tsv" { b'\t' } else { options.delimiter };
                let delimiter = mapping.delimiter().unwrap_or(usual);
                mapping.read_csv(&text, name, delimiter, leave)
            }
            Err(faults) => Reading { faults, ..Reading::default() },
        },
        "xlsx" => match xlsx::sheets(bytes, name) {
            Ok((sheets, warnings)) => {
                let grids: Vec<Grid> = sheets.into_iter().map(Grid::of_sheet).collect();
                let mut reading = mapping.read(&grids, name, leave);
                reading.warnings.splice(0..0, warnings);
                reading
            }
            Err(faults) => Reading { faults, ..Reading::default() },
        },
        _ => {
            let what = format!("`{name}`: a mapping cannot read such a file");
            return Err(Error::usage(what).fix("mappings read csv, tsv, txt and xlsx"));
        }
    };
    if !options.allow_empty && reading.tells_nothing() {
        let what = format!("mapping `{}` finds no rows in it", mapping.name);
        let fix = "is it the right file? allow it with `--allow-empty`";
        reading.faults.push(Problem::of_file(name, what, fix));
    }
    Ok(reading)
}

/// The table of a canonical file: `--table`, else the file's stem (Q05).
fn table_of(name: &str, options: &Options) -> Result<&'static Table> {
    let stem = Path::new(gzip::inner_name(name).unwrap_or(name))
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let wanted = options.table.as_deref().unwrap_or(&stem);
    table(wanted).ok_or_else(|| {
        let names = TABLES.iter().map(|table| table.name);
        let otherwise = "say which one with `--table NAME`";
        Error::usage(format!("`{name}`: there is no table `{wanted}`"))
            .fix(did_you_mean(wanted, names, otherwise))
    })
}
