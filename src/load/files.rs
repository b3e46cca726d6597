//! Which reader a file gets, and what it may forgive.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::error::{Error, Problem, Result, did_you_mean};
use crate::tables::cell;
use crate::tables::schema::{TABLES, Table, table};

use super::encoding::{self, Declared};
use super::iati::OnDuplicate;
use super::impostor::impostor;
use super::mapping::Mapping;
use super::mapping::grid::Grid;
use super::paths::{SUFFIXES, suffix_of};
pub use super::paths::{gather, name_of};
pub use super::together::{Reads, read_files};
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
            return Ok(hex(&hash.finalize()));
        };
        hash.update(part);
    }
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

pub(super) fn csv_options(suffix: &str, options: &Options) -> csv::CsvOptions {
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
pub(super) fn table_of(name: &str, options: &Options) -> Result<&'static Table> {
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
