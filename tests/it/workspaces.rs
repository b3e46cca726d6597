//! Workspaces made from folders of canonical files, at stated instants.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ssrfund::classify;
use ssrfund::decision::assess::{self, PolicyFile, read_policy};
use ssrfund::domain::{AsOf, KnownAt};
use ssrfund::engine::session::Limits;
use ssrfund::engine::{self, Engine, Library, Profile};
use ssrfund::error::Result;
use ssrfund::gate::Decision;
use ssrfund::load::{Known, Options, check, read_file};
use ssrfund::workspace::derived::Cache;
use ssrfund::workspace::lock::WriterLock;
use ssrfund::workspace::{self, Commit, LoadRef, Snapshot, Workspace, commit};

pub(crate) fn fixtures(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(inside)
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

pub(crate) fn options(now: DateTime<Utc>) -> Options {
    Options::strict(now.date_naive())
}

/// Loads files as one load of `source`.
pub(crate) fn load(
    workspace: &Workspace,
    source: &str,
    files: &[PathBuf],
    now: DateTime<Utc>,
    append: bool,
) -> Result<LoadRef> {
    load_with(workspace, source, files, now, |_, how| how.append = append)
}

/// Loads files as one load of `source`, in a way that `change` says.
pub(crate) fn load_with(
    workspace: &Workspace,
    source: &str,
    files: &[PathBuf],
    now: DateTime<Utc>,
    change: impl FnOnce(&mut Options, &mut Commit<'_>),
) -> Result<LoadRef> {
    let mut options = options(now);
    let mut how = Commit {
        source,
        append: false,
        drop_tables: false,
        originals: false,
        now,
        expected: Vec::new(),
    };
    change(&mut options, &mut how);
    let mut read = Vec::new();
    for file in files {
        read.push(read_file(file, &options)?);
    }
    let all = workspace::loads(workspace)?;
    let known = match workspace::effective(&all, None) {
        Ok(effective) => {
            Snapshot::of(effective).known(if how.append { "" } else { source })?
        }
        Err(_) => Known::default(),
    };
    let loaded = check(&mut read, &known, &options)?;
    let lock = WriterLock::take(workspace)?;
    commit(workspace, &lock, &loaded, &read, &how)
}

/// A session for verdicts.
pub(crate) fn open_to_decide(
    workspace: &Workspace,
    known_at: Option<KnownAt>,
) -> (Snapshot, Engine, Library) {
    let snapshot = workspace::open(workspace, known_at).unwrap();
    let library = Library::new(None);
    let engine = Engine::new(Profile::Decide, Limits::default()).unwrap();
    engine::tables::register(&engine, &snapshot).unwrap();
    engine::ledger::register(&engine, &snapshot).unwrap();
    let (rules, _) = classify::read_rules(&library).unwrap();
    classify::register_plan(&engine, &snapshot, &rules).unwrap();
    (snapshot, engine, library)
}

/// A session for questions.
pub(crate) fn open_to_ask(workspace: &Workspace) -> (Snapshot, Engine, Library) {
    let snapshot = workspace::open(workspace, None).unwrap();
    let library = Library::new(None);
    let engine = Engine::new(Profile::Ask, Limits::default()).unwrap();
    engine::tables::register(&engine, &snapshot).unwrap();
    engine::levels::register(&engine).unwrap();
    engine::ledger::register(&engine, &snapshot).unwrap();
    let (rules, hash) = classify::read_rules(&library).unwrap();
    let cache = Cache::of(workspace, &snapshot, "classified_transactions", &hash);
    classify::register(&engine, &snapshot, &Arc::new(rules), &cache).unwrap();
    engine::tables::register_views(&engine, &library).unwrap();
    (snapshot, engine, library)
}

pub(crate) fn policy() -> PolicyFile {
    let text = Library::new(None).text("policies/pbf.toml").unwrap();
    read_policy("queries/policies/pbf.toml", &text).unwrap()
}

/// Decides requests over a workspace.
pub(crate) fn decide(
    workspace: &Workspace,
    asked: &[(String, i64)],
    as_of: &str,
    known_at: Option<KnownAt>,
) -> Vec<Decision> {
    let (snapshot, engine, library) = open_to_decide(workspace, known_at);
    let policy = policy();
    let basis = assess::Basis {
        engine: &engine,
        snapshot: &snapshot,
        library: &library,
        policy: &policy,
        as_of: AsOf::parse(as_of).unwrap(),
        software_scope: policy.policy.software_scope,
    };
    assess::assess(&basis, asked).unwrap()
}

/// The CSV files of a folder, sorted.
pub(crate) fn csv_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "csv"))
        .collect();
    files.sort();
    files
}

/// A workspace of the synthetic portfolio.
pub(crate) fn portfolio() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    let files = csv_files(&fixtures("portfolio"));
    load(&workspace, "portfolio", &files, instant("2026-07-01T00:00:00Z"), false)
        .unwrap();
    (folder, workspace)
}
