//! `ssrfund load`: files in, all or nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Problem, Result, did_you_mean, visible};
use crate::load::encoding::Declared;
use crate::load::files::name_of;
use crate::load::iati::OnDuplicate;
use crate::load::mapping::{Mapping, suggest as suggestion};
use crate::load::totals;
use crate::load::{
    Known, Loaded, Options, Reads, SourceFile, check, check_alone, gather, read_files,
};
use crate::workspace::lock::WriterLock;
use crate::workspace::manifest::MoneyEntry;
use crate::workspace::{Commit, LoadRef, Snapshot, Workspace, commit, effective, loads};

use super::context::Context;
use super::flags::LoadArgs;
use super::output;
use super::progress::Meter;
use super::summary::Summary;

/// Reads, checks and commits files as one load, or says every reason why not.
///
/// # Errors
/// A file or row is at fault, another writer is at work, or the disk refuses.
pub fn run(context: &Context, args: &LoadArgs) -> Result<u8> {
    output::spare(context, &args.files)?;
    if args.suggest {
        return suggest(context, args);
    }
    let options = options(context, args)?;
    let mut files = read(context, &gather(&args.files)?, &options, !args.no_originals)?;
    if context.flags.dry_run {
        return dry_run(context, args, &mut files, &options);
    }
    let source = args.source.as_deref().ok_or_else(|| {
        Error::usage("a load needs the name of its source").fix("add `--source NAME`")
    })?;
    check_source_name(source)?;
    let workspace = context.workspace()?;
    let lock = WriterLock::take(&workspace)?;
    let known = known(&workspace, source, args.append)?;
    let loaded = check(&mut files, &known, &options)?;
    let expected = totals::check(&loaded.tables, &args.expect)?;
    let how = Commit {
        source,
        append: args.append,
        drop_tables: args.drop_tables,
        originals: !args.no_originals,
        now: context.now,
        expected,
    };
    let load = commit(&workspace, &lock, &loaded, &files, &how)?;
    tell(context, &load, &loaded);
    Ok(0)
}

/// Reads files, with a bar. What is too large to hold is set aside in the workspace.
fn read(
    context: &Context,
    paths: &[PathBuf],
    options: &Options,
    keeps_originals: bool,
) -> Result<Vec<SourceFile>> {
    let loads = context.workspace().ok().map(|workspace| workspace.loads());
    let folder =
        loads.filter(|_| !context.flags.dry_run).unwrap_or_else(std::env::temp_dir);
    let keeps_originals = keeps_originals && !context.flags.dry_run;
    let meter = Meter::new(context, paths);
    let progress = |bytes| meter.add(bytes);
    let how = Reads { folder: &folder, keeps_originals, progress: &progress };
    read_files(paths, options, &how)
}

fn options(context: &Context, args: &LoadArgs) -> Result<Options> {
    let delimiter = match args.delimiter.as_str() {
        "tab" | "\t" | "\\t" => b'\t',
        one if one.len() == 1 => one.bytes().next().unwrap_or(b','),
        other => {
            return Err(Error::usage(format!("`--delimiter {other}` is no character")));
        }
    };
    if let Some(encoding) = &args.encoding {
        Declared::parse(encoding)?;
    }
    Ok(Options {
        today: context.now.date_naive(),
        table: args.table.clone(),
        sheet: args.sheet.clone(),
        allow_empty: args.allow_empty,
        round_cents: args.round.is_some(),
        quarantine: args.quarantine,
        on_duplicate: if args.on_duplicate == "merge" {
            OnDuplicate::Merge
        } else {
            OnDuplicate::Refuse
        },
        delimiter,
        encoding: args.encoding.clone(),
        mapping: mapping(context, args)?,
    })
}

/// The mapping that `--mapping` names: a file, else one of `queries/mappings`.
fn mapping(context: &Context, args: &LoadArgs) -> Result<Option<Arc<Mapping>>> {
    let Some(wanted) = &args.mapping else { return Ok(None) };
    let is_file = wanted.ends_with(".toml") || wanted.contains(['/', '\\']);
    let text = if is_file {
        let path = Path::new(wanted);
        std::fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?
    } else {
        let library = context.library(context.workspace().ok().as_ref())?;
        library.text(&format!("mappings/{wanted}.toml")).map_err(|_| {
            let files = library.list("mappings");
            let names: Vec<&str> = files
                .iter()
                .filter_map(|file| file.strip_prefix("mappings/")?.strip_suffix(".toml"))
                .collect();
            let otherwise = format!("there is {}", names.join(", "));
            Error::usage(format!("there is no mapping `{}`", visible(wanted)))
                .fix(did_you_mean(wanted, names.iter().copied(), &otherwise))
        })?
    };
    let name = if is_file { name_of(Path::new(wanted)) } else { wanted.clone() };
    Mapping::parse(&name, &text, &context.params).map(|found| Some(Arc::new(found)))
}

/// Prints a draft of a mapping for each file.
fn suggest(context: &Context, args: &LoadArgs) -> Result<u8> {
    for path in gather(&args.files)? {
        let draft = suggestion::draft_of_file(&path)?;
        output::deliver(context, draft.as_bytes(), false)?;
    }
    Ok(0)
}

/// A source's name is a word: letters, digits, `_`, `-` and `.`.
fn check_source_name(name: &str) -> Result<()> {
    let fits = !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
        && name.chars().count() <= 64;
    if fits {
        return Ok(());
    }
    Err(Error::usage(format!("`{}` cannot name a source", visible(name)))
        .fix("use letters, digits, `_`, `-` and `.`"))
}

/// What the other sources tell, and what this one said before where it is added to.
fn known(workspace: &Workspace, source: &str, append: bool) -> Result<Known> {
    let all = loads(workspace)?;
    if all.is_empty() {
        return Ok(Known::default());
    }
    let snapshot = Snapshot::of(effective(&all, None)?);
    snapshot.known(if append { "" } else { source })
}

fn tell(context: &Context, load: &LoadRef, loaded: &Loaded) {
    let say = |text: String| output::note(context, &text);
    say(format!("load {} of source `{}`", load.load_id, load.manifest.source));
    if let Some(mapping) = &load.manifest.mapping {
        say(format!("  mapping {mapping}"));
    }
    let summary = Summary::of(loaded);
    let facts = summary.facts().into_iter();
    facts.chain(summary.warnings(context.flags.verbose)).for_each(say);
    say(summary.next().to_owned());
}

/// Reads and checks everything, writes nothing, prints what was found per file.
fn dry_run(
    context: &Context,
    args: &LoadArgs,
    files: &mut [SourceFile],
    options: &Options,
) -> Result<u8> {
    let among = check_alone(files);
    let summaries: Vec<serde_json::Value> =
        files.iter().map(|file| summary(file, &among)).collect();
    let before: Vec<(String, Summary)> = files
        .iter()
        .map(|file| (file.name.clone(), Summary::of_reading(&file.reading)))
        .collect();
    let refused: Vec<Problem> =
        files.iter().flat_map(|file| refused(file, &among)).cloned().collect();
    let own: usize = files
        .iter()
        .map(|file| file.reading.faults.len().saturating_add(file.reading.rejects.len()))
        .sum::<usize>()
        .saturating_add(among.len());
    let workspace = context.workspace().ok();
    let checked = match (&workspace, &args.source) {
        (Some(workspace), Some(source)) => {
            let known = known(workspace, source, args.append)?;
            Some(check(files, &known, options).and_then(|loaded| {
                totals::check(&loaded.tables, &args.expect)?;
                Ok(loaded)
            }))
        }
        _ => None,
    };
    if checked.is_none() {
        let why = match workspace {
            Some(_) => "name the source with `--source` to check them",
            None => "no workspace",
        };
        let note = format!("references to other tables were not checked: {why}");
        output::note(context, &note);
    }
    let mut shape = serde_json::json!({ "files": summaries });
    let said = options.mapping.as_ref().map(|mapping| mapping.said());
    if let (Some(said), Some(keys)) = (&said, shape.as_object_mut()) {
        keys.insert("mapping".to_owned(), said.as_str().into());
    }
    if context.flags.format.as_deref() == Some("json") {
        let text = serde_json::to_string_pretty(&shape).map_err(|error| {
            Error::internal("cannot write the summary").caused_by(error)
        })?;
        output::deliver(context, format!("{text}\n").as_bytes(), false)?;
    } else {
        let text = spoken(context, said.as_deref(), &before, &refused, checked.as_ref());
        output::deliver(context, text.as_bytes(), false)?;
    }
    match checked {
        Some(Err(error)) => Err(error),
        None if own > 0 && !options.quarantine => Ok(3),
        None => check_totals(files, &args.expect).map(|()| 0),
        _ => Ok(0),
    }
}

/// Checks control totals against what the files hold, where nothing else is known.
fn check_totals(files: &mut [SourceFile], expected: &[String]) -> Result<()> {
    if expected.is_empty() {
        return Ok(());
    }
    let tables = files.iter_mut().map(|file| std::mem::take(&mut file.reading.tables));
    totals::check(&tables.flatten().collect::<Vec<_>>(), expected).map(|_| ())
}

/// One file of a dry run (`contract.md` G2).
fn summary(file: &SourceFile, among: &[Problem]) -> serde_json::Value {
    let reading = &file.reading;
    let tables: Vec<serde_json::Value> = reading
        .tables
        .iter()
        .map(|rows| serde_json::json!({"table": rows.table.name, "rows": rows.len()}))
        .collect();
    let told = |problem: &Problem| {
        serde_json::json!({
            "row": problem.row,
            "character": problem.column,
            "column": if problem.field.is_empty() {
                serde_json::Value::from(problem.column)
            } else {
                serde_json::Value::from(problem.field.as_str())
            },
            "what": problem.what,
            "fix": problem.fix,
        })
    };
    let all: Vec<serde_json::Value> = refused(file, among).map(told).collect();
    let warnings: Vec<String> =
        reading.warnings.iter().map(ToString::to_string).collect();
    serde_json::json!({
        "file": file.name,
        "sha256": file.sha256,
        "tables": tables,
        "money": MoneyEntry::of(&reading.tally),
        "refused": all,
        "warnings": warnings,
    })
}

/// Every reason why rows or the file cannot be loaded, with those `among` all files.
fn refused<'a>(
    file: &'a SourceFile,
    among: &'a [Problem],
) -> impl Iterator<Item = &'a Problem> {
    let rejects = file.reading.rejects.iter().map(|reject| &reject.problem);
    let own = among.iter().filter(|problem| is_of(problem, &file.name));
    file.reading.faults.iter().chain(rejects).chain(own)
}

/// Whether a problem is of a file, or of a sheet of it: `book.xlsx[sheet]`.
fn is_of(problem: &Problem, name: &str) -> bool {
    problem.file.strip_prefix(name).is_some_and(|sheet| {
        sheet.is_empty() || (sheet.starts_with('[') && sheet.ends_with(']'))
    })
}

/// How many refusals of a file are told to people.
const MOST_REFUSED: usize = 100;

/// A dry run as text: what each file holds and what of it was refused, then the same
/// summary as after a load.
fn spoken(
    context: &Context,
    mapping: Option<&str>,
    files: &[(String, Summary)],
    refused: &[Problem],
    checked: Option<&Result<Loaded>>,
) -> String {
    let mut lines = Vec::new();
    if let Some(mapping) = mapping {
        lines.push(format!("mapping {mapping}"));
    }
    for (name, summary) in files {
        lines.push(name.clone());
        lines.extend(summary.facts());
        let own = refused.iter().filter(|problem| is_of(problem, name));
        let own: Vec<&Problem> = own.collect();
        let told = own.iter().take(MOST_REFUSED);
        lines.extend(told.map(|problem| format!("  refused: {problem}")));
        let more = own.len().saturating_sub(MOST_REFUSED);
        if more > 0 {
            lines.push(format!("  refused: {more} more (`-F json` lists them)"));
        }
    }
    let whole = match checked {
        Some(Ok(loaded)) => Summary::of(loaded),
        _ => Summary::joined(files.iter().map(|(_, summary)| summary)),
    };
    if files.len() > 1 {
        lines.push("all files".to_owned());
        lines.extend(whole.facts());
    }
    lines.extend(whole.warnings(context.flags.verbose));
    if !context.flags.quiet {
        let next = match checked {
            Some(Ok(_)) => "next: the same without `--dry-run`",
            Some(Err(_)) => "next: mend what is refused",
            None if refused.is_empty() => {
                "next: ssrfund load --source NAME in a workspace"
            }
            None => "next: mend what is refused, or add `--quarantine`",
        };
        lines.push(next.to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The files of an embedded or named folder, for `demo`.
///
/// # Errors
/// A file or row is at fault.
pub fn load_folder(
    context: &Context,
    workspace: &Workspace,
    folder: PathBuf,
    how: &Commit<'_>,
) -> Result<LoadRef> {
    let args_files = [folder];
    let options = Options::strict(how.now.date_naive());
    let mut files = read(context, &gather(&args_files)?, &options, how.originals)?;
    let lock = WriterLock::take(workspace)?;
    let known = known(workspace, how.source, how.append)?;
    let loaded = check(&mut files, &known, &options)?;
    let load = commit(workspace, &lock, &loaded, &files, how)?;
    if context.flags.verbose {
        tell(context, &load, &loaded);
    }
    Ok(load)
}
