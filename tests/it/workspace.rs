//! Loads: atomic, append-only, known-at, verified.

use std::path::{Path, PathBuf};

use ssrfund::domain::KnownAt;
use ssrfund::error::Kind;
use ssrfund::workspace::lock::WriterLock;
use ssrfund::workspace::{self, Workspace};

use crate::workspaces::{csv_files, fixtures, instant, load, portfolio};

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

fn empty() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    (folder, workspace)
}

const PROJECT: &str = "project_id,title,currency\n00000001,One,USD\n";

#[test]
fn a_replacing_load_takes_the_place_of_the_one_before() {
    let (folder, workspace) = empty();
    let first = file(folder.path(), "a/projects.csv", PROJECT);
    let second = file(
        folder.path(),
        "b/projects.csv",
        "project_id,title,currency\n00000001,One again,USD\n00000002,Two,USD\n",
    );
    let at = instant("2024-01-01T00:00:00Z");
    load(&workspace, "hq", &[first], at, false).unwrap();
    // The clock stands: the next load is a microsecond later all the same.
    let later = load(&workspace, "hq", &[second], at, false).unwrap();
    assert_eq!(later.recorded_at.to_string(), "2024-01-01T00:00:00.000001Z");
    assert_eq!(workspace::open(&workspace, None).unwrap().rows("projects"), 2);
    let before = KnownAt::parse("2024-01-01T00:00:00Z").unwrap();
    assert_eq!(workspace::open(&workspace, Some(before)).unwrap().rows("projects"), 1);
    let too_early = KnownAt::parse("2023-12-31T23:59:59Z").unwrap();
    let error = workspace::open(&workspace, Some(too_early)).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.to_string().contains("the first load is of 2024-01-01"), "{error}");
}

#[test]
fn an_append_adds_and_may_not_repeat_a_key() {
    let (folder, workspace) = empty();
    let at = instant("2024-01-01T00:00:00Z");
    let first = file(folder.path(), "a/projects.csv", PROJECT);
    load(&workspace, "hq", std::slice::from_ref(&first), at, false).unwrap();
    let more = file(
        folder.path(),
        "b/projects.csv",
        "project_id,title,currency\n00000002,Two,USD\n",
    );
    load(&workspace, "hq", &[more], at, true).unwrap();
    assert_eq!(workspace::open(&workspace, None).unwrap().rows("projects"), 2);
    let again = file(
        folder.path(),
        "c/projects.csv",
        "project_id,title,currency\n00000001,Other,USD\n",
    );
    let error = load(&workspace, "hq", &[again], at, true).unwrap_err();
    assert_eq!(error.kind(), Kind::Data);
}

#[test]
fn a_table_that_would_silently_disappear_is_refused() {
    let (folder, workspace) = empty();
    let at = instant("2024-01-01T00:00:00Z");
    let projects = file(folder.path(), "a/projects.csv", PROJECT);
    let reports = file(
        folder.path(),
        "a/reports.csv",
        "report_id,project_id,kind,due_on\nR1,00000001,annual,2024-11-15\n",
    );
    load(&workspace, "hq", &[projects.clone(), reports], at, false).unwrap();
    let error = load(&workspace, "hq", &[projects], at, false).unwrap_err();
    assert!(error.to_string().contains("`reports`"), "{error}");
    assert_eq!(workspace::loads(&workspace).unwrap().len(), 1);
}

#[test]
fn a_load_that_orphans_rows_of_another_source_is_refused() {
    let (folder, workspace) = empty();
    let at = instant("2024-01-01T00:00:00Z");
    let projects = file(folder.path(), "a/projects.csv", PROJECT);
    let reports = file(
        folder.path(),
        "a/reports.csv",
        "report_id,project_id,kind,due_on\nR1,00000001,annual,2024-11-15\n",
    );
    load(&workspace, "hq", &[projects], at, false).unwrap();
    load(&workspace, "office", &[reports], at, false).unwrap();
    let other = file(
        folder.path(),
        "b/projects.csv",
        "project_id,title,currency\n00000009,Nine,USD\n",
    );
    let error = load(&workspace, "hq", &[other], at, false).unwrap_err();
    assert!(error.to_string().contains("source `office` still needs this"), "{error}");
}

#[test]
fn sources_may_tell_different_columns_of_a_project() {
    let (folder, workspace) = empty();
    let at = instant("2024-01-01T00:00:00Z");
    let one = file(folder.path(), "a/projects.csv", PROJECT);
    let two = file(
        folder.path(),
        "b/projects.csv",
        "project_id,title,country,currency\n1,One,LBR,USD\n",
    );
    load(&workspace, "hq", &[one], at, false).unwrap();
    load(&workspace, "field", &[two], at, false).unwrap();
    let snapshot = workspace::open(&workspace, None).unwrap();
    let kept = snapshot.kept("projects").unwrap();
    let rows: Vec<_> = kept.iter().flat_map(|group| &group.rows.rows).collect();
    assert_eq!(rows.len(), 1);
    let table = kept[0].rows.table;
    assert_eq!(rows[0].text(table, "country"), Some("LBR"));
    let three = file(
        folder.path(),
        "c/projects.csv",
        "project_id,title,country,currency\n1,One,SLE,USD\n",
    );
    let error = load(&workspace, "other", &[three], at, false).unwrap_err();
    assert!(error.to_string().contains("another value of `country`"), "{error}");
}

#[test]
fn what_a_writer_left_aside_is_no_load() {
    let (_folder, workspace) = portfolio();
    let aside = workspace.loads().join(".writing-abc");
    std::fs::create_dir(&aside).unwrap();
    std::fs::write(aside.join("projects.parquet"), b"PAR1").unwrap();
    assert_eq!(workspace::loads(&workspace).unwrap().len(), 1);
    workspace::open(&workspace, None).unwrap();
}

#[test]
fn a_changed_byte_is_noticed_before_it_is_read() {
    let (_folder, workspace) = portfolio();
    let load = workspace::loads(&workspace).unwrap().remove(0);
    assert!(workspace::open::verify(&workspace).is_ok());
    for name in ["tranches.parquet", "load.json"] {
        let path = load.folder.join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(workspace::open::verify(&workspace).is_err(), "{name}");
        let read = workspace::open(&workspace, None).and_then(|s| s.read("tranches"));
        assert!(read.is_err(), "{name}");
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(workspace::open::verify(&workspace).is_ok());
}

#[test]
fn a_load_that_was_taken_away_is_noticed() {
    let (folder, workspace) = empty();
    let at = instant("2024-01-01T00:00:00Z");
    let projects = file(folder.path(), "a/projects.csv", PROJECT);
    for _ in 0..3 {
        load(&workspace, "hq", std::slice::from_ref(&projects), at, false).unwrap();
    }
    let all = workspace::loads(&workspace).unwrap();
    std::fs::remove_dir_all(&all[1].folder).unwrap();
    let error = workspace::loads(&workspace).unwrap_err();
    assert!(error.to_string().contains("does not follow"), "{error}");
}

#[test]
fn one_writer_at_a_time() {
    let (_folder, workspace) = empty();
    let held = WriterLock::take(&workspace).unwrap();
    let error = WriterLock::take(&workspace).unwrap_err();
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    drop(held);
    WriterLock::take(&workspace).unwrap();
}

#[test]
fn the_same_files_give_the_same_tables() {
    let files = csv_files(&fixtures("portfolio"));
    let hashes = || {
        let (_folder, workspace) = empty();
        let at = instant("2026-07-01T00:00:00Z");
        load(&workspace, "portfolio", &files, at, false).unwrap().load_id
    };
    assert_eq!(hashes(), hashes());
}
