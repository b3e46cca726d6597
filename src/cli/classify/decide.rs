//! `ssrfund classify decide`: an analyst's decision, as a load like any other (Q04).

use crate::domain::class::{Class, Subclass};
use crate::error::{Error, Result};
use crate::load::{Options, SourceFile, check, files};
use crate::tables::schema::table;
use crate::workspace::lock::WriterLock;
use crate::workspace::{self, Commit, commit};

use super::super::context::Context;
use super::super::flags::DecideArgs;
use super::super::output;

/// The reserved source of decisions.
const SOURCE: &str = "class_decisions";

/// Writes a decision as an appended load of the reserved source.
///
/// # Errors
/// The shares are not of the form asked for or do not sum, or the line is unknown.
pub fn run(context: &Context, args: &DecideArgs) -> Result<u8> {
    let decision = Decision {
        line_id: args.line.clone(),
        parts: parts(args)?,
        by: args.by.clone(),
        reason: args.reason.clone(),
    };
    let load = record(context, &[decision])?;
    let text = format!("{}: decided by {} (load {load})", args.line, args.by);
    output::note(context, &text);
    Ok(0)
}

/// What was decided of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The line.
    pub line_id: String,
    /// Its class, or its parts.
    pub parts: Vec<Part>,
    /// Who decides.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Writes decisions as one appended load of the reserved source; returns its id.
///
/// # Errors
/// A line is unknown, or the disk refuses.
pub fn record(context: &Context, decisions: &[Decision]) -> Result<String> {
    let bytes = rows(context, decisions)?;
    let workspace = context.workspace()?;
    let lock = WriterLock::take(&workspace)?;
    let options = Options {
        table: Some(SOURCE.to_owned()),
        ..Options::strict(context.now.date_naive())
    };
    let name = "class_decisions.csv";
    let reading = files::read_bytes(&bytes, name, &options)?;
    let mut files = [SourceFile::held(name.to_owned(), name.into(), bytes, reading)];
    let known = workspace::open(&workspace, None)?.known("")?;
    let loaded = check(&mut files, &known, &options)?;
    let how = Commit {
        source: SOURCE,
        append: true,
        drop_tables: false,
        originals: true,
        now: context.now,
        expected: Vec::new(),
    };
    Ok(commit(&workspace, &lock, &loaded, &files, &how)?.load_id)
}

/// One part of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    class: String,
    /// Empty where none was given.
    subclass: String,
    bps: u32,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slash = if self.subclass.is_empty() { "" } else { "/" };
        write!(f, "{}{slash}{}={}", self.class, self.subclass, self.bps)
    }
}

/// Refuses parts that are not the whole.
///
/// # Errors
/// Names the sum.
pub fn check_sum(parts: &[Part]) -> Result<()> {
    let sum = parts.iter().fold(0_u32, |sum, part| sum.saturating_add(part.bps));
    if sum == 10_000 {
        return Ok(());
    }
    Err(Error::usage(format!("the shares sum to {sum}, not to 10000"))
        .fix("shares are basis points: 60% is 6000"))
}

/// One class for the whole line, or several shares.
fn parts(args: &DecideArgs) -> Result<Vec<Part>> {
    match (&args.class, args.share.is_empty()) {
        (Some(class), true) => {
            let subclass = args.subclass.as_deref().unwrap_or_default();
            Ok(vec![share(&format!("{class}/{subclass}=10000"))?])
        }
        (None, false) => args.share.iter().map(|text| share(text)).collect(),
        _ => Err(Error::usage("a decision is one class or several shares")
            .fix("give CLASS, or `--share` for each part")),
    }
}

/// Reads `CLASS[/SUBCLASS]=BPS`.
///
/// # Errors
/// It is not of that form, or one of the names is unknown.
pub fn share(text: &str) -> Result<Part> {
    let wrong = || {
        Error::usage(format!("`{text}` is not CLASS[/SUBCLASS]=BPS"))
            .fix("for example `--share hardware/H2=6000 --share training=4000`")
    };
    let (what, bps) = text.split_once('=').ok_or_else(wrong)?;
    let (class, subclass) = what.split_once('/').unwrap_or((what, ""));
    let known = Class::parse(class).is_some()
        && (subclass.is_empty() || Subclass::parse(subclass).is_some());
    match bps.parse() {
        Ok(bps) if known => {
            Ok(Part { class: class.to_owned(), subclass: subclass.to_owned(), bps })
        }
        _ => Err(wrong()),
    }
}

/// The decisions as a canonical CSV file.
fn rows(context: &Context, decisions: &[Decision]) -> Result<Vec<u8>> {
    let failed =
        |error: csv::Error| Error::internal("cannot write a row").caused_by(error);
    let table =
        table(SOURCE).ok_or_else(|| Error::internal("there is no table of decisions"))?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(table.columns.iter().map(|column| column.name))
        .map_err(failed)?;
    let today = context.now.date_naive().to_string();
    for decision in decisions {
        for part in &decision.parts {
            let bps = part.bps.to_string();
            let Decision { line_id, by, reason, .. } = decision;
            let row = [line_id, &part.class, &part.subclass, &bps, by, &today, reason];
            writer.write_record(row).map_err(failed)?;
        }
    }
    writer.into_inner().map_err(|_| Error::internal("cannot write a row"))
}
