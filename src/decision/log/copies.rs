//! Copies of everything that a replay needs, each under its own hash.
//!
//! `decisions/<sha256>` is a text as it was; a long one is `decisions/<sha256>.zst`,
//! compressed, and the hash is that of the text. The list of a decision's texts is a copy
//! too, in the form of `sha256sum`; its hash is the decision's `queries_sha256`.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::engine::Library;
use crate::error::{Error, Result};
use crate::load::files::sha256;
use crate::workspace::durable;

/// From this many bytes on a copy is compressed.
const LARGE: usize = 32 << 10;
/// No text of ours is longer; a damaged copy that claims to be is not unpacked.
const LONGEST: u64 = 256 << 20;
/// Folders of the library that a verdict does not depend on.
const APART: [&str; 3] = ["mappings/", "reports/", "validation/"];

/// The texts that verdicts rest on, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    by_path: BTreeMap<String, String>,
    list: String,
}

impl Texts {
    /// Reads everything of a library that a verdict may depend on.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn of(library: &Library) -> Result<Self> {
        let mut by_path = BTreeMap::new();
        for path in library.list_all() {
            if !APART.iter().any(|apart| path.starts_with(apart)) {
                let text = library.text(&path)?;
                by_path.insert(path, text);
            }
        }
        Ok(Self::from_map(by_path))
    }

    /// Adds a text, or puts it in place of the one at `path`.
    pub fn put(&mut self, path: &str, text: &str) {
        self.by_path.insert(path.to_owned(), text.to_owned());
        self.list = list(&self.by_path);
    }

    fn from_map(by_path: BTreeMap<String, String>) -> Self {
        let list = list(&by_path);
        Self { by_path, list }
    }

    /// A library of these texts and nothing else.
    #[must_use]
    pub fn library(&self) -> Library {
        Library::of_texts(self.by_path.clone())
    }

    /// The hash of the list of all texts: `queries_sha256`.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(self.list.as_bytes())
    }

    /// The paths, sorted, each with the hash of its text.
    pub fn hashes(&self) -> impl Iterator<Item = (&str, String)> {
        self.by_path.iter().map(|(path, text)| (path.as_str(), sha256(text.as_bytes())))
    }

    /// The text with a hash.
    #[must_use]
    pub fn with_hash(&self, hash: &str) -> Option<(&str, &str)> {
        self.by_path
            .iter()
            .find(|(_, text)| sha256(text.as_bytes()) == hash)
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Writes what is not there yet, and waits until it is on disk.
    ///
    /// # Errors
    /// The disk.
    pub fn keep(&self, folder: &Path) -> Result<()> {
        for text in self.by_path.values().chain([&self.list]) {
            keep(folder, text)?;
        }
        // Also where nothing was written: who wrote it may have died before this.
        crate::workspace::commit::sync_folder(folder)
    }

    /// Reads the texts of a decision from their copies.
    ///
    /// # Errors
    /// A copy is missing or is not what its name says.
    pub fn read(folder: &Path, queries_sha256: &str) -> Result<Self> {
        let list = read(folder, queries_sha256)?;
        let mut by_path = BTreeMap::new();
        for line in list.lines() {
            let (hash, path) = line.split_once("  ").ok_or_else(|| {
                Error::data(format!("`{queries_sha256}` is no list of copies"))
            })?;
            by_path.insert(path.to_owned(), read(folder, hash)?);
        }
        Ok(Self::from_map(by_path))
    }
}

fn list(by_path: &BTreeMap<String, String>) -> String {
    let mut list = String::new();
    for (path, text) in by_path {
        list.push_str(&format!("{}  {path}\n", sha256(text.as_bytes())));
    }
    list
}

fn places(folder: &Path, hash: &str) -> [PathBuf; 2] {
    [folder.join(hash), folder.join(format!("{hash}.zst"))]
}

/// Keeps one text, unless it is there.
fn keep(folder: &Path, text: &str) -> Result<()> {
    let hash = sha256(text.as_bytes());
    if read(folder, &hash).is_ok() {
        return Ok(());
    }
    let [plain, packed] = places(folder, &hash);
    if text.len() < LARGE {
        return write_aside(&plain, text.as_bytes());
    }
    let bytes = zstd::bulk::compress(text.as_bytes(), 6)
        .map_err(|error| Error::io("compress", &packed, error))?;
    write_aside(&packed, &bytes)
}

/// Writes a file aside, reads it back, and gives it its name; the folder is synced later,
/// once for all.
///
/// # Errors
/// The disk.
pub fn write_aside(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |error| Error::io("write", path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(durable::ASIDE);
    // Whoever may read the log may read its copies.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut aside = builder.tempfile_in(folder).map_err(failed)?;
    aside.write_all(bytes).map_err(failed)?;
    aside.as_file().sync_all().map_err(failed)?;
    durable::check_written(aside.path(), &sha256(bytes))?;
    aside.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Reads the copy with a hash.
///
/// # Errors
/// It is missing, or is not what its name says.
pub fn read(folder: &Path, hash: &str) -> Result<String> {
    let damaged = |why: &str| {
        Error::data(format!("the copy `{}` {why}", crate::error::visible(hash)))
            .fix("restore the folder `decisions` from a backup")
    };
    if hash.is_empty() || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(damaged("has no possible name"));
    }
    let [plain, packed] = places(folder, hash);
    let bytes = match std::fs::read(&plain) {
        Ok(bytes) => bytes,
        Err(_) => unpacked(&packed).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => damaged("is missing"),
            _ => damaged("cannot be unpacked"),
        })?,
    };
    if sha256(&bytes) != hash {
        return Err(damaged("was changed after it was written"));
    }
    String::from_utf8(bytes).map_err(|_| damaged("is no text"))
}

fn unpacked(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    zstd::stream::read::Decoder::new(file)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Texts {
        let long = "a line of a lexicon\n".repeat(4000);
        Texts::from_map(BTreeMap::from([
            ("metrics/one.sql".to_owned(), "SELECT 1\n".to_owned()),
            ("classification/en.csv".to_owned(), long),
        ]))
    }

    #[test]
    fn what_is_kept_reads_as_it_was_and_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let texts = texts();
        texts.keep(folder.path()).unwrap();
        let again = Texts::read(folder.path(), &texts.sha256()).unwrap();
        assert_eq!(again, texts);
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 3);
        assert_eq!(durable::left_aside(folder.path()), Vec::<PathBuf>::new());
        let hash = sha256(b"SELECT 1\n");
        assert_eq!(texts.with_hash(&hash), Some(("metrics/one.sql", "SELECT 1\n")));
        let library = again.library();
        assert_eq!(library.text("metrics/one.sql").unwrap(), "SELECT 1\n");
        // Nothing shipped shines through.
        assert_eq!(library.list("metrics"), ["metrics/one.sql"]);
        assert!(library.text("policies/pbf.toml").is_err());
    }

    #[test]
    fn a_changed_or_missing_copy_is_refused_and_made_good() {
        let folder = tempfile::tempdir().unwrap();
        let texts = texts();
        texts.keep(folder.path()).unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let whole = std::fs::read(&path).unwrap();
            for at in (0..whole.len()).step_by(7) {
                let mut changed = whole.clone();
                changed[at] ^= 1;
                std::fs::write(&path, &changed).unwrap();
                // A frame of zstd has bits that mean nothing; the text must be the same.
                if let Ok(read) = Texts::read(folder.path(), &texts.sha256()) {
                    assert_eq!(read, texts, "byte {at} of {path:?}");
                }
            }
            std::fs::remove_file(&path).unwrap();
            let error = Texts::read(folder.path(), &texts.sha256()).unwrap_err();
            assert!(error.to_string().contains("is missing"), "{error}");
            texts.keep(folder.path()).unwrap();
            assert_eq!(Texts::read(folder.path(), &texts.sha256()).unwrap(), texts);
        }
        assert!(read(folder.path(), "../../etc").is_err());
    }
}
