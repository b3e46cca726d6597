//! `ssrfund classify decide`: an analyst's decision, as a load like any other (Q04).

use crate::domain::class::{Class, Subclass};
use crate::error::{Error, Result};
use crate::load::iati::OnDuplicate;
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
    let bytes = rows(context, args, &parts(args)?)?;
    let workspace = context.workspace()?;
    let lock = WriterLock::take(&workspace)?;
    let options = Options {
        today: context.now.date_naive(),
        table: Some(SOURCE.to_owned()),
        allow_empty: false,
        round_cents: false,
        quarantine: false,
        on_duplicate: OnDuplicate::Refuse,
        delimiter: b',',
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
    let load = commit(&workspace, &lock, &loaded, &files, &how)?;
    let text = format!("{}: decided by {} (load {})", args.line, args.by, load.load_id);
    output::note(context, &text);
    Ok(0)
}

/// One part of a decision: class, subclass or nothing, basis points.
type Part = (String, String, String);

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
fn share(text: &str) -> Result<Part> {
    let wrong = || {
        Error::usage(format!("`{text}` is not CLASS[/SUBCLASS]=BPS"))
            .fix("for example `--share hardware/H2=6000 --share training=4000`")
    };
    let (what, bps) = text.split_once('=').ok_or_else(wrong)?;
    let (class, subclass) = what.split_once('/').unwrap_or((what, ""));
    let known = Class::parse(class).is_some()
        && (subclass.is_empty() || Subclass::parse(subclass).is_some())
        && bps.parse::<u32>().is_ok();
    if !known {
        return Err(wrong());
    }
    Ok((class.to_owned(), subclass.to_owned(), bps.to_owned()))
}

/// The decision as a canonical CSV file.
fn rows(context: &Context, args: &DecideArgs, parts: &[Part]) -> Result<Vec<u8>> {
    let failed =
        |error: csv::Error| Error::internal("cannot write a row").caused_by(error);
    let table =
        table(SOURCE).ok_or_else(|| Error::internal("there is no table of decisions"))?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(table.columns.iter().map(|column| column.name))
        .map_err(failed)?;
    let today = context.now.date_naive().to_string();
    for (class, subclass, bps) in parts {
        let row = [&args.line, class, subclass, bps, &args.by, &today, &args.reason];
        writer.write_record(row).map_err(failed)?;
    }
    writer.into_inner().map_err(|_| Error::internal("cannot write a row"))
}
