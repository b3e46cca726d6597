//! `ssrfund data validate`: what a careful reader would ask of files, or of what is loaded.
//!
//! Files are read with the rules of the IATI rule set and loaded into an empty workspace
//! of their own; then, as for a workspace, each file of `queries/validation` is asked for
//! rows that break its rule. A rule of IATI is told by its id (`IATI-7.5.3`; `IATI-XSD` is
//! the schema of the standard), ours by a word.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use clap::Parser;
use serde::Serialize;

use crate::engine::tables::register_held;
use crate::engine::{Library, Params, Value};
use crate::error::{Error, Kind, Problem, Result};
use crate::load::files::name_of;
use crate::load::{gather, iati};
use crate::metrics::column::Column;
use crate::tables::Cell;
use crate::tables::build::{Columns, Made, Maker};
use crate::tables::cell::Leave;

use super::super::context::{Context, Opened};
use super::super::flags::{FailOn, Flags, ValidateArgs};
use super::super::{dispatch, output};
use super::{json, wants_json};

/// Columns of `load_sources`, which only the rules of this command read.
const SOURCES: &Columns = &[("load_id", Made::Text), ("source", Made::Text)];

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    /// `load` refuses it.
    Refused,
    /// `load` takes it.
    Warning,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Finding {
    severity: Severity,
    file: String,
    row: u64,
    column: u64,
    rule: String,
    what: String,
    fix: String,
}

impl Finding {
    fn new(severity: Severity, rule: &str, problem: &Problem) -> Self {
        Self {
            severity,
            file: problem.file.clone(),
            row: problem.row,
            column: problem.column,
            rule: rule.to_owned(),
            what: problem.what.clone(),
            fix: problem.fix.clone(),
        }
    }

    /// A warning, whose rule stands before what it says.
    fn warning(problem: &Problem) -> Self {
        let mut finding = Self::new(Severity::Warning, "", problem);
        if let Some((rule, what)) = problem.what.split_once(": ")
            && is_rule(rule)
        {
            (finding.rule, finding.what) = (rule.to_owned(), what.to_owned());
        }
        finding
    }

    /// One line for people.
    fn line(&self) -> String {
        let word = match self.severity {
            Severity::Refused => "refused",
            Severity::Warning => "warning",
        };
        let rule = if self.rule.is_empty() { "-" } else { self.rule.as_str() };
        let problem =
            Problem::at(&self.file, self.row, self.column, &*self.what, &*self.fix);
        format!("{word:<8} {rule:<12} {problem}\n")
    }
}

fn is_rule(word: &str) -> bool {
    word.len() > 3
        && word
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_-.".contains(&b))
}

/// Validates files, or without any the workspace.
///
/// # Errors
/// A file cannot be read, there is no workspace, or a rule's SQL fails.
pub fn run(context: &Context, args: &ValidateArgs) -> Result<u8> {
    let mut findings = if args.files.is_empty() {
        of_rows(context, &context.open()?)?
    } else {
        of_files(context, &args.files)?
    };
    findings.sort();
    findings.dedup();
    tell(context, &findings)?;
    let any = |severity| findings.iter().any(|one| one.severity == severity);
    let is_raised = context.flags.fail_on == Some(FailOn::Warn);
    Ok(if any(Severity::Refused) {
        Kind::Data.exit_code()
    } else {
        u8::from(is_raised && any(Severity::Warning))
    })
}

fn tell(context: &Context, findings: &[Finding]) -> Result<()> {
    let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for one in findings {
        let count = counts.entry((one.severity, &one.rule)).or_default();
        *count = count.saturating_add(1);
    }
    if wants_json(context) {
        let rules: Vec<serde_json::Value> = counts
            .iter()
            .map(|((severity, rule), count)| {
                serde_json::json!({"severity": severity, "rule": rule, "findings": count})
            })
            .collect();
        let shape = serde_json::json!({"rules": rules, "findings": findings});
        return json(context, &shape).map(drop);
    }
    let mut out: String = findings.iter().map(Finding::line).collect();
    let of = |wanted| findings.iter().filter(|one| one.severity == wanted).count();
    let (refused, warnings) = (of(Severity::Refused), of(Severity::Warning));
    out.push_str(&format!("{refused} refused, {warnings} warnings\n"));
    output::deliver(context, out.as_bytes(), false)
}

/// What is found in files: row by row, then between the rows of all of them.
fn of_files(context: &Context, paths: &[PathBuf]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut rules: BTreeMap<(String, u64, String), String> = BTreeMap::new();
    let paths = gather(paths)?;
    for path in &paths {
        let is_xml = path.extension().is_some_and(|suffix| suffix == "xml");
        if !is_xml {
            continue;
        }
        let bytes =
            std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
        let today = context.now.date_naive();
        let options = iati::Options {
            leave: Leave { round_cents: false, today },
            on_duplicate: iati::OnDuplicate::Refuse,
        };
        let reading = iati::validate(&bytes, &name_of(path), &options);
        findings.extend(reading.warnings.iter().map(Finding::warning));
        for reject in &reading.rejects {
            let rule = match iati::rule_of(&reject.table, &reject.problem) {
                "" => String::new(),
                rule => format!("IATI-{rule}"),
            };
            let problem = &reject.problem;
            rules.insert((problem.file.clone(), problem.row, problem.what.clone()), rule);
        }
    }
    let aside = tempfile::tempdir().map_err(|error| {
        Error::io("write in", Path::new("the temporary folder"), error)
    })?;
    match load_aside(aside.path(), &paths) {
        Ok(()) => {
            let mut flags = context.flags.clone();
            flags.workspace = Some(aside.path().join("fund"));
            flags.known_at = None;
            let inner = Context::new(flags)?;
            findings.extend(of_rows(&inner, &inner.open()?)?);
        }
        Err(error) if error.kind() == Kind::Data => {
            for problem in error.places() {
                let key = (problem.file.clone(), problem.row, problem.what.clone());
                let rule = rules.get(&key).map_or("", String::as_str);
                findings.push(Finding::new(Severity::Refused, rule, problem));
            }
            if error.places().is_empty() {
                let problem = Problem::of_file("", error.what(), error.how_to_fix());
                findings.push(Finding::new(Severity::Refused, "", &problem));
            }
        }
        Err(error) => return Err(error),
    }
    Ok(findings)
}

/// Loads files into an empty workspace, by the command that people use for it.
fn load_aside(folder: &Path, paths: &[PathBuf]) -> Result<()> {
    let root = folder.join("fund").into_os_string();
    let words = |list: &[&str]| -> Vec<std::ffi::OsString> {
        list.iter().map(Into::into).collect()
    };
    let mut init = words(&["ssrfund", "init", "-q"]);
    init.push(root.clone());
    let mut load = words(&["ssrfund", "load", "-q", "--no-originals", "--workspace"]);
    load.push(root);
    load.extend(words(&["--source", "validated", "--"]));
    load.extend(paths.iter().map(|path| path.clone().into_os_string()));
    for command in [init, load] {
        let flags = Flags::try_parse_from(command).map_err(|error| {
            Error::internal("cannot load the files aside").caused_by(error)
        })?;
        dispatch(flags)?;
    }
    Ok(())
}

/// What the rules between rows find in an opened workspace.
fn of_rows(context: &Context, opened: &Opened) -> Result<Vec<Finding>> {
    let mut sources = Maker::new(SOURCES);
    for load in &opened.snapshot.effective.loads {
        let source = load.manifest.source.clone();
        sources.add(&[Cell::Text(load.load_id.clone()), Cell::Text(source)])?;
    }
    register_held(&opened.engine, "load_sources", &[sources.finish()?])?;
    let as_of = vec![("as_of".to_owned(), Value::Day(context.as_of()?))];
    let mut findings = Vec::new();
    for path in opened.library.list("validation") {
        let rule = Rule::read(&opened.library, &path)?;
        let params = if rule.takes_as_of { as_of.clone() } else { Params::new() };
        for batch in &opened.engine.run(&rule.sql, &params)?.batches {
            rule.found(batch, &mut findings)?;
        }
    }
    Ok(findings)
}

/// A rule between rows, as its file says.
struct Rule {
    id: String,
    title: String,
    fix: String,
    takes_as_of: bool,
    sql: String,
}

impl Rule {
    fn read(library: &Library, path: &str) -> Result<Self> {
        let sql = library.text(path)?;
        let line = |key: &str| {
            let start = format!("-- {key}: ");
            sql.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
        };
        let need = |key: &str| {
            let what = format!("queries/{path}: the header has no `{key}`");
            line(key).ok_or_else(|| Error::rule(what))
        };
        let (id, title, fix) = (need("rule")?, need("title")?, need("fix")?);
        let takes_as_of = line("params").is_some_and(|names| names.contains("as_of"));
        Ok(Self { id, title, fix, takes_as_of, sql })
    }

    /// Adds a finding for each row of an answer.
    fn found(&self, batch: &RecordBatch, findings: &mut Vec<Finding>) -> Result<()> {
        let file = Column::of(batch, "source_file")?;
        let (row, about) =
            (Column::of(batch, "source_row")?, Column::of(batch, "about")?);
        for index in 0..batch.num_rows() {
            let line = row.scaled(index, 0)?.unwrap_or(0);
            let line = u64::try_from(line).unwrap_or(0);
            let what = format!("{}: {}", self.title, about.text(index)?);
            let problem = Problem::at(file.text(index)?, line, 0, what, &*self.fix);
            findings.push(Finding::new(Severity::Warning, &self.id, &problem));
        }
        Ok(())
    }
}

/// The ids of all rules between rows, sorted.
///
/// # Errors
/// A rule's file lacks a header line.
pub fn ids(library: &Library) -> Result<BTreeSet<String>> {
    let paths = library.list("validation");
    paths.iter().map(|path| Rule::read(library, path).map(|rule| rule.id)).collect()
}
