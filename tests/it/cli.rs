//! Command lines and what they print, exactly; README.md is one of them.
//!
//! Every file runs in a folder of its own, beside a copy of the fixtures that it names.

use std::path::{Path, PathBuf};

use crate::workspaces::fixtures;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// Copies a file of commands to where it can run: its folder, and an empty expectation
/// of what it leaves behind (which is what makes the folder a throw-away one).
fn stage(folder: &Path, source: &Path) -> PathBuf {
    let name = source.file_stem().unwrap().to_string_lossy().into_owned();
    let suffix = source.extension().unwrap().to_string_lossy().into_owned();
    let inside = folder.join(format!("{name}.in"));
    let named = ["scenarios/_base", "portfolio", "loads", "mappings", "broken", "iati"];
    for fixture in named {
        copy(&fixtures(fixture), &inside.join("fixtures").join(fixture));
    }
    std::fs::create_dir_all(folder.join(format!("{name}.out"))).unwrap();
    let place = folder.join(format!("{name}.{suffix}"));
    std::fs::copy(source, &place).unwrap();
    place
}

/// Runs a file of commands; with `TRYCMD=overwrite` what they print is written back.
fn run(source: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let staged = stage(folder.path(), source);
    let cases = trycmd::TestCases::new();
    cases
        .env("NO_COLOR", "1")
        .env("COLUMNS", "80")
        .timeout(std::time::Duration::from_secs(300))
        .case(&staged);
    // The cases run when they are dropped.
    drop(cases);
    if std::env::var("TRYCMD").as_deref() == Ok("overwrite") {
        std::fs::copy(&staged, source).unwrap();
    }
}

#[test]
fn readme() {
    run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
}

#[test]
fn command_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        run(&file);
    }
}
