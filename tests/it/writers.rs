//! Several processes at one workspace: one writes, the others wait or are told who does.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use ssrfund::error::Kind;
use ssrfund::workspace::lock::WriterLock;
use ssrfund::workspace::{self, Workspace, open::verify};

use crate::workspaces::{instant, load};

fn workspace_in(folder: &Path) -> (Workspace, PathBuf) {
    let (workspace, _) = Workspace::init(&folder.join("fund")).unwrap();
    let file = folder.join("projects.csv");
    std::fs::write(&file, "project_id,title,currency\n00000001,One,USD\n").unwrap();
    (workspace, file)
}

/// The binary loading a file, as another process.
fn loading(workspace: &Workspace, source: &str, file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssrfund"));
    command
        .args(["load", "-q", "--source", source, "--workspace"])
        .arg(workspace.root())
        .arg(file)
        .stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_second_writer_is_told_who_writes_and_since_when() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, file) = workspace_in(folder.path());
    let held = WriterLock::take(&workspace).unwrap();
    let output = loading(&workspace, "hq", &file).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = said(&output);
    let who = format!("is being written by process {} since 20", std::process::id());
    assert!(told.contains(&who), "{told}");
    assert!(told.contains("; try again when it has finished"), "{told}");
    drop(held);
    assert!(loading(&workspace, "hq", &file).status().unwrap().success());
}

#[test]
fn a_second_writer_waits_for_a_short_one() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, file) = workspace_in(folder.path());
    let held = WriterLock::take(&workspace).unwrap();
    let waiting = loading(&workspace, "hq", &file).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(workspace::loads(&workspace).unwrap().len(), 0);
    drop(held);
    let output = waiting.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(workspace::loads(&workspace).unwrap().len(), 1);
}

#[test]
fn writers_at_once_come_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, file) = workspace_in(folder.path());
    let sources = ["a", "b", "c", "d"];
    let all: Vec<_> = sources
        .iter()
        .map(|source| loading(&workspace, source, &file).spawn().unwrap())
        .collect();
    for one in all {
        let output = one.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    // Each load names the one before it, so none was written beside another.
    let mut told: Vec<String> = verify(&workspace)
        .unwrap()
        .into_iter()
        .map(|load| load.manifest.source)
        .collect();
    told.sort();
    assert_eq!(told, sources);
}

#[test]
fn a_writer_whose_lock_file_was_deleted_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = workspace_in(folder.path());
    let lock_file = workspace.loads().join(".lock");
    let held = WriterLock::take(&workspace).unwrap();
    held.still_holds().unwrap();
    std::fs::remove_file(&lock_file).unwrap();
    let error = held.still_holds().unwrap_err();
    assert_eq!(error.kind(), Kind::Environment);
    // Another one takes a new file; the first still does not hold that.
    let other = WriterLock::take(&workspace).unwrap();
    assert!(held.still_holds().is_err());
    other.still_holds().unwrap();
    assert!(error.to_string().contains("nothing was loaded"), "{error}");
}

/// A link in the place of the lock would have its target overwritten.
#[cfg(unix)]
#[test]
fn a_lock_that_leads_elsewhere_is_refused_and_its_target_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, file) = workspace_in(folder.path());
    let target = folder.path().join("diary.txt");
    std::fs::write(&target, "mine").unwrap();
    let lock_file = workspace.loads().join(".lock");
    for to in [target.clone(), folder.path().join("not-there")] {
        std::os::unix::fs::symlink(&to, &lock_file).unwrap();
        let output = loading(&workspace, "hq", &file).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let expected = format!(
            "ssrfund: `{}` is a link to another file; remove the link; the lock is a file \
             of its own\n",
            lock_file.display()
        );
        assert_eq!(said(&output), expected);
        std::fs::remove_file(&lock_file).unwrap();
    }
    assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    assert!(!folder.path().join("not-there").exists());
    assert!(workspace::loads(&workspace).unwrap().is_empty());
}

/// The folder of loads is swapped for a link while a writer is at work.
#[cfg(unix)]
#[test]
fn a_writer_whose_folder_was_swapped_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, file) = workspace_in(folder.path());
    let held = WriterLock::take(&workspace).unwrap();
    let elsewhere = folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join(".lock"), "").unwrap();
    std::fs::rename(workspace.loads(), folder.path().join("moved")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, workspace.loads()).unwrap();
    let error = held.still_holds().unwrap_err();
    assert_eq!(error.kind(), Kind::Environment);
    drop(held);
    // Where the link was there before, it is where the workspace keeps its loads.
    assert!(loading(&workspace, "hq", &file).status().unwrap().success());
    assert_eq!(verify(&workspace).unwrap().len(), 1);
}

/// What looks like a dead writer's folder and leads elsewhere is removed as a link.
#[cfg(unix)]
#[test]
fn sweeping_follows_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, file) = workspace_in(folder.path());
    let precious = folder.path().join("precious");
    std::fs::create_dir(&precious).unwrap();
    std::fs::write(precious.join("only-copy"), "x").unwrap();
    let link = workspace.loads().join(".writing-x");
    std::os::unix::fs::symlink(&precious, &link).unwrap();
    assert!(loading(&workspace, "hq", &file).status().unwrap().success());
    assert!(!link.is_symlink());
    assert_eq!(std::fs::read(precious.join("only-copy")).unwrap(), b"x");
}

#[test]
fn a_writer_removes_what_dead_writers_left() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, file) = workspace_in(folder.path());
    let aside = workspace.loads().join(".writing-dead");
    std::fs::create_dir_all(aside.join("originals")).unwrap();
    std::fs::write(aside.join("projects.parquet"), b"PAR1").unwrap();
    load(&workspace, "hq", &[file], instant("2026-07-01T00:00:00Z"), false).unwrap();
    assert!(!aside.exists());
}

#[test]
fn an_interrupted_init_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("fund");
    std::fs::create_dir_all(root.join("loads")).unwrap();
    std::fs::write(root.join(".writing-1"), b"# Sett").unwrap();
    let (workspace, was_there) = Workspace::init(&root).unwrap();
    assert!(!was_there);
    assert!(!root.join(".writing-1").exists());
    assert_eq!(workspace::loads(&workspace).unwrap().len(), 0);
    // What someone else put there is never taken over.
    let other = folder.path().join("other");
    std::fs::create_dir_all(other.join("loads/mine")).unwrap();
    assert_eq!(Workspace::init(&other).unwrap_err().kind(), Kind::Usage);
}
