//! Writing so that a crash at any moment leaves the old state or the new one.
//!
//! A file is written aside in the folder where it will stand, synced, read back and
//! compared, renamed, and the folder is synced. What a dead writer left aside begins with
//! `.writing-`: nobody reads it, and the next writer removes it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::load::files::{hex, name_of};

/// What the names of unfinished files and folders begin with.
pub const ASIDE: &str = ".writing-";

/// The SHA-256 of a file in hexadecimal, read piece by piece.
///
/// # Errors
/// The file cannot be read.
pub fn hash_of(path: &Path) -> std::io::Result<String> {
    crate::load::files::hash_of(&File::open(path)?)
}

/// Passes bytes on to a file and sums them up, to compare with what is read back.
#[derive(Debug)]
pub struct Hashing<W> {
    inner: W,
    sum: Sha256,
}

impl<W: Write> Hashing<W> {
    /// Writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, sum: Sha256::new() }
    }

    /// What is written to.
    pub fn inner(&self) -> &W {
        &self.inner
    }

    /// The SHA-256 of all that was written, in hexadecimal.
    #[must_use]
    pub fn finish(self) -> String {
        hex(&self.sum.finalize())
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// Reads a file that was just written again and compares its hash.
///
/// # Errors
/// The disk gives back something else.
pub fn check_written(path: &Path, sha256: &str) -> Result<()> {
    let found = hash_of(path).map_err(|error| Error::io("read back", path, error))?;
    if found == sha256 {
        return Ok(());
    }
    let what = format!("`{}` reads otherwise than it was written", path.display());
    Err(Error::environment(what).fix("the disk or its file system is at fault"))
}

/// Makes a new file, whole under its name or not at all.
///
/// # Errors
/// The disk is full, or the folder cannot be written.
pub fn create_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let aside = folder.join(format!("{ASIDE}{}", std::process::id()));
    // What stands there is of a dead process, or a link that would lead elsewhere.
    let _ = std::fs::remove_file(&aside);
    let put = || {
        super::commit::write_synced(&aside, bytes)?;
        check_written(&aside, &crate::load::files::sha256(bytes))?;
        std::fs::rename(&aside, path).map_err(|error| Error::io("write", path, error))?;
        super::commit::sync_folder(folder)
    };
    put().inspect_err(|_| {
        // The error that is told is the first one: at worst something is left aside.
        let _ = std::fs::remove_file(&aside).or_else(|_| std::fs::remove_file(path));
    })
}

/// What unfinished writers left in a folder.
#[must_use]
pub fn left_aside(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| name_of(path).starts_with(ASIDE))
        .collect()
}

/// Removes what dead writers left in a folder in which only the caller writes now. What
/// cannot be removed harms nobody, so it is no error.
pub fn sweep(folder: &Path) {
    for path in left_aside(folder) {
        let _ = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::files::sha256;

    #[test]
    fn what_is_read_back_is_compared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut hashing = Hashing::new(File::create(&path).unwrap());
        hashing.write_all(b"one").unwrap();
        // More than is read at a time.
        hashing.write_all(&[7; 200_000]).unwrap();
        let sum = hashing.finish();
        assert_eq!(sum, sha256(&std::fs::read(&path).unwrap()));
        check_written(&path, &sum).unwrap();
        let error = check_written(&path, &sha256(b"one")).unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Environment);
        assert!(error.to_string().contains("reads otherwise"), "{error}");
    }

    #[test]
    fn a_file_is_made_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings");
        create_file(&path, b"all").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"all");
        // A folder stands where the file should go: nothing is left aside.
        let taken = folder.path().join("taken");
        std::fs::create_dir_all(taken.join("inside")).unwrap();
        let error = create_file(&taken, b"all").unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(left_aside(folder.path()), Vec::<PathBuf>::new());
    }

    #[test]
    fn only_what_was_left_aside_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".writing-a")).unwrap();
        std::fs::write(folder.path().join(".writing-a/x"), b"").unwrap();
        std::fs::write(folder.path().join(".writing-b"), b"").unwrap();
        std::fs::write(folder.path().join(".lock"), b"").unwrap();
        sweep(folder.path());
        let left: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| name_of(&entry.unwrap().path()))
            .collect();
        assert_eq!(left, [".lock"]);
    }
}
