//! Which files a call names.

use std::fs::FileType;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, visible};

use super::gzip;

/// The suffixes that a folder is searched for.
pub(super) const SUFFIXES: [&str; 8] =
    ["csv", "tsv", "json", "ndjson", "jsonl", "xml", "parquet", "xlsx"];

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
pub(super) fn suffix_of(path: &Path) -> String {
    let name = path.to_string_lossy();
    let inner = gzip::inner_name(&name).unwrap_or(&name);
    let suffix = Path::new(inner).extension();
    suffix.map(|s| s.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}
