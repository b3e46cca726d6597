//! Malformed input is refused with one clear error, and nothing is written.
//!
//! Every folder of `fixtures/broken` holds files to load, perhaps a `case.toml` and a
//! `setup/` that is loaded before, and in `expected.txt` the whole error. Run with
//! `SSRFUND_BLESS=1` to write what is told now, then read it before it is kept. Files
//! that are binary or large are made by the tests in [`parquet`], [`xlsx`] and [`limits`].

mod accepted;
#[cfg(unix)]
mod arguments;
mod limits;
mod listed;
mod parquet;
mod parquet_limits;
mod places;
mod quarantine;
mod rules;
mod statements;
pub(crate) mod xlsx;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use ssrfund::error::{Kind, Result};
use ssrfund::load::iati::OnDuplicate;
use ssrfund::load::{Known, Loaded, Options, SourceFile, check, read_file};
use ssrfund::workspace::lock::WriterLock;
use ssrfund::workspace::{self, Commit, LoadRef, Snapshot, Workspace, commit};

use crate::workspaces::{csv_files, fixtures, instant, load, options};

const BEFORE: &str = "2026-07-01T00:00:00Z";
const NOW: &str = "2026-07-02T00:00:00Z";
const HEADER: &str = "transaction_id,project_id,kind,date,amount,currency\n";

/// What `case.toml` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    /// Whether the scenarios' base tables are loaded first, as source `base`.
    base: bool,
    /// The source of the load that fails; `case` if not given.
    source: Option<String>,
    append: bool,
    drop_tables: bool,
    /// `usage` where the caller is at fault and not the data.
    kind: Option<String>,
    table: Option<String>,
    allow_empty: bool,
    quarantine: bool,
    merge: bool,
    delimiter: Option<String>,
    encoding: Option<String>,
}

impl Case {
    fn read(folder: &Path) -> Self {
        std::fs::read_to_string(folder.join("case.toml"))
            .map_or_else(|_| Self::default(), |text| toml::from_str(&text).unwrap())
    }

    fn on_base() -> Self {
        Self { base: true, ..Self::default() }
    }

    fn options(&self) -> Options {
        let on_duplicate =
            if self.merge { OnDuplicate::Merge } else { OnDuplicate::Refuse };
        Options {
            table: self.table.clone(),
            allow_empty: self.allow_empty,
            quarantine: self.quarantine,
            on_duplicate,
            delimiter: self.delimiter.as_ref().map_or(b',', |text| text.as_bytes()[0]),
            encoding: self.encoding.clone(),
            ..options(instant(NOW))
        }
    }

    fn kind(&self) -> Kind {
        if self.kind.as_deref() == Some("usage") { Kind::Usage } else { Kind::Data }
    }

    /// A new workspace with what was loaded before.
    fn workspace(&self, setup: &[PathBuf]) -> (tempfile::TempDir, Workspace) {
        let place = tempfile::tempdir().unwrap();
        let (workspace, _) = Workspace::init(&place.path().join("fund")).unwrap();
        if self.base {
            let files = csv_files(&fixtures("scenarios/_base"));
            load(&workspace, "base", &files, instant(BEFORE), false).unwrap();
        }
        if !setup.is_empty() {
            load(&workspace, "setup", setup, instant(BEFORE), false).unwrap();
        }
        (place, workspace)
    }

    /// Reads, checks and commits files as `ssrfund load` does.
    fn load(&self, workspace: &Workspace, files: &[PathBuf]) -> Result<LoadRef> {
        let source = self.source.as_deref().unwrap_or("case");
        let (loaded, read) = self.check(workspace, source, files)?;
        let how = Commit {
            source,
            append: self.append,
            drop_tables: self.drop_tables,
            originals: true,
            now: instant(NOW),
            expected: Vec::new(),
        };
        commit(workspace, &WriterLock::take(workspace)?, &loaded, &read, &how)
    }

    fn check(
        &self,
        workspace: &Workspace,
        source: &str,
        files: &[PathBuf],
    ) -> Result<(Loaded, Vec<SourceFile>)> {
        let options = self.options();
        let read: Result<Vec<_>> =
            files.iter().map(|file| read_file(file, &options)).collect();
        let mut read = read?;
        let all = workspace::loads(workspace)?;
        let known = match workspace::effective(&all, None) {
            Ok(effective) => {
                Snapshot::of(effective).known(if self.append { "" } else { source })?
            }
            Err(_) => Known::default(),
        };
        Ok((check(&mut read, &known, &options)?, read))
    }

    /// The error of a load that must fail and write nothing.
    fn refused(&self, files: &[PathBuf], setup: &[PathBuf]) -> Result<String, String> {
        let (_place, workspace) = self.workspace(setup);
        drop(WriterLock::take(&workspace).unwrap());
        let before = everything(&workspace.loads());
        let told = match self.load(&workspace, files) {
            Ok(_) => return Err("was loaded".to_owned()),
            Err(error) if error.kind() != self.kind() => {
                return Err(format!("is of kind {:?}: {error}", error.kind()));
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(everything(&workspace.loads()), before, "something was written");
        Ok(told)
    }

    /// Asserts that a file made here is refused with this error.
    fn refuses(&self, name: &str, bytes: &[u8], expected: &str) {
        let (_place, path) = file(name, bytes);
        assert_eq!(self.refused(&[path], &[]).as_deref(), Ok(expected));
    }
}

/// A file of its own folder.
fn file(name: &str, bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (place, path)
}

/// Every path below a folder, hidden ones too, with its size.
fn everything(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        found.push((entry.path(), metadata.len()));
        if metadata.is_dir() {
            found.extend(everything(&entry.path()));
        }
    }
    found.sort();
    found
}

/// The input files of a case, sorted; none where the folder is not there.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let told = ["case.toml", "expected.txt"];
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .filter(|path| !told.iter().any(|name| path.ends_with(name)))
        .collect();
    files.sort();
    files
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(fixtures("broken"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn every_broken_folder_is_refused_as_it_expects() {
    let bless = std::env::var_os("SSRFUND_BLESS").is_some();
    let folders = folders();
    assert!(folders.len() >= 100, "only {} cases", folders.len());
    let mut differences = Vec::new();
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let place = folder.join("expected.txt");
        let found =
            Case::read(&folder).refused(&inputs(&folder), &inputs(&folder.join("setup")));
        match found {
            Err(why) => differences.push(format!("{name} {why}")),
            Ok(told) if bless => std::fs::write(&place, format!("{told}\n")).unwrap(),
            Ok(told) => {
                let expected = std::fs::read_to_string(&place).unwrap_or_default();
                if format!("{told}\n") != expected {
                    differences.push(format!("{name}\n{told}\ninstead of\n{expected}"));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

/// Lower case, no full stop, no folder names, nothing that a terminal would obey.
#[test]
fn every_expected_error_keeps_the_wording_of_the_house() {
    for folder in folders() {
        let text = std::fs::read_to_string(folder.join("expected.txt")).unwrap();
        assert!(!text.trim().is_empty(), "{}", folder.display());
        for line in text.lines() {
            let what = line.split_once(": ").map_or(line, |(_, what)| what);
            let shouts =
                what.starts_with(char::is_uppercase) && !what.starts_with("JSON ");
            assert!(!shouts, "{}: {line}", folder.display());
            assert!(!line.ends_with('.'), "{}: {line}", folder.display());
            assert!(!line.contains("fixtures/"), "{}: {line}", folder.display());
            let hidden = |c: char| c.is_control() || "\u{200b}\u{202e}".contains(c);
            assert!(!line.contains(hidden), "{}: {line}", folder.display());
        }
    }
}

#[test]
fn a_workspace_without_data_says_what_to_do() {
    let (_place, workspace) = Case::default().workspace(&[]);
    let error = workspace::open(&workspace, None).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert_eq!(
        error.to_string(),
        "the workspace has no data yet; load some: `ssrfund load --source NAME FILE…`"
    );
}
