//! Scenarios: a question put to the gate and the answer that the rules give, as files.
//!
//! A scenario is a folder with `scenario.toml` and canonical CSV files; the format stands
//! in `fixtures/scenarios/README.md`. [`Scenario::decide`] loads the files into a
//! workspace that is thrown away and asks, [`Scenario::differences`] compares, and
//! [`coverage`] counts which rules were seen with which result.

pub mod coverage;
mod expect;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::classify;
use crate::domain::{AsOf, KnownAt};
use crate::engine::session::Limits;
use crate::engine::{self, Engine, Library, Profile};
use crate::error::{Error, Result};
use crate::gate::{Decision, SoftwareScope};
use crate::load::{Known, Options, check, read_file};
use crate::workspace::lock::WriterLock;
use crate::workspace::{self, Commit, Snapshot, Workspace, commit};

use super::assess::{Basis, PolicyFile, assess};

/// The folder of tables that scenarios start from.
const BASE: &str = "_base";

/// When a scenario's tables are loaded unless it says otherwise.
const RECORDED_AT: &str = "2024-07-01T00:00:00Z";

/// A question with its answer.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The folder's name.
    pub name: String,
    folder: PathBuf,
    text: toml::Table,
}

/// The scenarios of a folder by name; a folder that is one itself is one.
///
/// # Errors
/// The folder cannot be read, holds none, or a `scenario.toml` is not TOML.
pub fn read_all(folder: &Path) -> Result<Vec<Scenario>> {
    if folder.join("scenario.toml").is_file() {
        return Ok(vec![Scenario::read(folder)?]);
    }
    let listed =
        std::fs::read_dir(folder).map_err(|error| Error::io("read", folder, error))?;
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in listed {
        let path = entry.map_err(|error| Error::io("read", folder, error))?.path();
        if path.join("scenario.toml").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    if folders.is_empty() {
        let what = format!("`{}` holds no scenario", folder.display());
        return Err(Error::usage(what).fix("name a folder of folders with scenario.toml"));
    }
    folders.iter().map(|folder| Scenario::read(folder)).collect()
}

impl Scenario {
    /// Reads one folder.
    ///
    /// # Errors
    /// `scenario.toml` is not there or not TOML.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("scenario.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Error::io("read", &path, error))?;
        let text: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().and_then(|span| text.get(..span.start));
            let line = line.unwrap_or("").lines().count().max(1);
            let what = format!("{}:{line}: {}", path.display(), error.message());
            Error::rule(what).caused_by(error)
        })?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self { name: name.unwrap_or_default(), folder: folder.to_owned(), text })
    }

    /// Whether the question is one for the gate; others ask a report.
    #[must_use]
    pub fn is_for_gate(&self) -> bool {
        self.text.contains_key("project")
    }

    /// What it is about, in a sentence.
    #[must_use]
    pub fn title(&self) -> &str {
        self.str("title").unwrap_or_default()
    }

    /// What it says that it covers beyond what can be seen: `R24 exact`, `R03 below`.
    #[must_use]
    pub fn covers(&self) -> Vec<String> {
        let list = self.text.get("covers").and_then(toml::Value::as_array);
        let words = list.into_iter().flatten().filter_map(toml::Value::as_str);
        words.map(str::to_owned).collect()
    }

    /// Loads the files and asks the gate.
    ///
    /// # Errors
    /// The files do not load, a key is missing or wrong, or the question cannot be asked.
    pub fn decide(&self, library: &Library, policy: &PolicyFile) -> Result<Decision> {
        let place = tempfile::tempdir().map_err(|error| {
            Error::environment("no temporary folder").caused_by(error)
        })?;
        let workspace = self.build(place.path())?;
        let known_at = match self.str("known_at") {
            None => None,
            Some(text) => {
                Some(KnownAt::parse(text).ok_or_else(|| self.wrong("known_at"))?)
            }
        };
        let as_of = self.str("as_of").and_then(AsOf::parse);
        let as_of = as_of.ok_or_else(|| self.wrong("as_of"))?;
        let project = self.str("project").ok_or_else(|| self.wrong("project"))?;
        let tranche = self.text.get("tranche").and_then(toml::Value::as_integer);
        let tranche = tranche.ok_or_else(|| self.wrong("tranche"))?;
        let scope = match self.str("software_scope") {
            None => policy.policy.software_scope,
            Some(word) => {
                SoftwareScope::parse(word).ok_or_else(|| self.wrong("software_scope"))?
            }
        };
        let snapshot = workspace::open(&workspace, known_at)?;
        let engine = Engine::new(Profile::Decide, Limits::default())?;
        engine::tables::register(&engine, &snapshot)?;
        engine::ledger::register(&engine, &snapshot)?;
        let (rules, _) = classify::read_rules(library)?;
        classify::register_plan(&engine, &snapshot, &rules)?;
        let basis = Basis {
            engine: &engine,
            snapshot: &snapshot,
            library,
            policy,
            as_of,
            software_scope: scope,
        };
        let mut found = assess(&basis, &[(project.to_owned(), tranche)])?;
        found.pop().ok_or_else(|| Error::internal("a question got no answer"))
    }

    /// What differs between the answer that the scenario states and the one found.
    ///
    /// # Errors
    /// There is no `[expect]`, or the decision cannot be written.
    pub fn differences(&self, found: &Decision) -> Result<Vec<String>> {
        let expected = self.text.get("expect").and_then(toml::Value::as_table);
        let expected = expected.ok_or_else(|| self.wrong("[expect]"))?;
        expect::differences(expected, found)
    }

    fn str(&self, key: &str) -> Option<&str> {
        self.text.get(key).and_then(toml::Value::as_str)
    }

    fn wrong(&self, key: &str) -> Error {
        let what = format!("{}/scenario.toml: `{key}` is missing or wrong", self.name);
        Error::rule(what).fix("see fixtures/scenarios/README.md")
    }

    /// Loads the base, replaced by the scenario's own files, then what came later.
    fn build(&self, place: &Path) -> Result<Workspace> {
        let (workspace, _) = Workspace::init(&place.join("fund"))?;
        let mut files = self.files()?;
        let now = self.instant("recorded_at", RECORDED_AT)?;
        let mut apart: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        let sources = self.text.get("sources").and_then(toml::Value::as_table);
        for (table, source) in sources.into_iter().flatten() {
            let source = source.as_str().ok_or_else(|| self.wrong("[sources]"))?;
            let file = files.remove(&format!("{table}.csv"));
            let file = file.ok_or_else(|| self.wrong("[sources]"))?;
            apart.entry(source.to_owned()).or_default().push(file);
        }
        let files: Vec<PathBuf> = files.into_values().collect();
        load(&workspace, "base", &files, now)?;
        for (source, files) in apart {
            load(&workspace, &source, &files, now)?;
        }
        let later = self.folder.join("later");
        if later.is_dir() {
            let source =
                self.str("later_source").ok_or_else(|| self.wrong("later_source"))?;
            let at = self.instant("later_recorded_at", "")?;
            let files: Vec<PathBuf> = csv_files(&later)?.into_values().collect();
            load(&workspace, source, &files, at)?;
        }
        Ok(workspace)
    }

    /// The files by name: the base's, but for those that the scenario has itself or
    /// leaves out.
    fn files(&self) -> Result<BTreeMap<String, PathBuf>> {
        let mut files = BTreeMap::new();
        if self.str("base") != Some("none") {
            let base = self.folder.parent().unwrap_or(Path::new(".")).join(BASE);
            files = csv_files(&base)?;
        }
        files.extend(csv_files(&self.folder)?);
        let without = self.text.get("without").and_then(toml::Value::as_array);
        for name in without.into_iter().flatten() {
            let name = name.as_str().ok_or_else(|| self.wrong("without"))?;
            files.remove(&format!("{name}.csv"));
        }
        Ok(files)
    }

    fn instant(&self, key: &str, otherwise: &str) -> Result<DateTime<Utc>> {
        let text = self.str(key).unwrap_or(otherwise);
        KnownAt::parse(text).map(|at| at.0).ok_or_else(|| self.wrong(key))
    }
}

/// The CSV files of a folder by name.
fn csv_files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let listed =
        std::fs::read_dir(folder).map_err(|error| Error::io("read", folder, error))?;
    let mut files = BTreeMap::new();
    for entry in listed {
        let path = entry.map_err(|error| Error::io("read", folder, error))?.path();
        if path.extension().is_some_and(|suffix| suffix == "csv")
            && let Some(name) = path.file_name()
        {
            files.insert(name.to_string_lossy().into_owned(), path.clone());
        }
    }
    Ok(files)
}

/// Loads files as one replacing load.
fn load(
    workspace: &Workspace,
    source: &str,
    files: &[PathBuf],
    now: DateTime<Utc>,
) -> Result<()> {
    let options = Options::strict(now.date_naive());
    let how = Commit {
        source,
        append: false,
        drop_tables: false,
        originals: false,
        now,
        expected: Vec::new(),
    };
    let mut read = Vec::new();
    for file in files {
        read.push(read_file(file, &options)?);
    }
    let all = workspace::loads(workspace)?;
    let known = match workspace::effective(&all, None) {
        Ok(effective) => Snapshot::of(effective).known(source)?,
        Err(_) => Known::default(),
    };
    let loaded = check(&mut read, &known, &options)?;
    let lock = WriterLock::take(workspace)?;
    commit(workspace, &lock, &loaded, &read, &how)?;
    Ok(())
}
