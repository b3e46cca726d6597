//! `ssrfund load`: files in, all or nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Problem, Result, did_you_mean, visible};
use crate::load::encoding::Declared;
use crate::load::files::name_of;
use crate::load::iati::OnDuplicate;
use crate::load::mapping::{Mapping, suggest as suggestion};
use crate::load::totals::Totals;
use crate::load::{
    Known, Loaded, Options, SourceFile, check, check_alone, gather, read_file,
};
use crate::workspace::lock::WriterLock;
use crate::workspace::manifest::MoneyEntry;
use crate::workspace::{Commit, LoadRef, Snapshot, Workspace, commit, effective, loads};

use super::context::Context;
use super::flags::LoadArgs;
use super::output;

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
    let mut files = Vec::new();
    for path in gather(&args.files)? {
        files.push(read_file(&path, &options)?);
    }
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
    let expected = Totals::of(&loaded.tables)?.check(&args.expect)?;
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
        let bytes =
            std::fs::read(&path).map_err(|error| Error::io("read", &path, error))?;
        let draft = suggestion::draft(&bytes, &name_of(&path))?;
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
    for entry in &load.manifest.tables {
        say(format!("  {:<22} {:>9} rows", entry.table, entry.rows));
    }
    for MoneyEntry { kind, currency, count, sum } in &load.manifest.money {
        say(format!("  {kind:<22} {count:>9} amounts  {currency} {sum}"));
    }
    for MoneyEntry { kind, currency, sum, .. } in &load.manifest.rounding {
        say(format!("  rounding took {currency} {sum} from {kind}"));
    }
    if !loaded.rejects.is_empty() {
        let count = loaded.rejects.len();
        say(format!("  {count} problems kept rows out: see table `rejects`"));
    }
    tell_warnings(context, &loaded.warnings);
    say("next: ssrfund report run composition, or ssrfund gate check --all".to_owned());
}

fn tell_warnings(context: &Context, warnings: &[Problem]) {
    const SHOWN: usize = 10;
    let shown = if context.flags.verbose { warnings.len() } else { SHOWN };
    for warning in warnings.iter().take(shown) {
        output::note(context, &format!("warning: {warning}"));
    }
    let more = warnings.len().saturating_sub(shown);
    if more > 0 {
        output::note(context, &format!("warning: {more} more (`-v` shows them)"));
    }
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
                Totals::of(&loaded.tables)?.check(&args.expect)?;
                Ok(loaded)
            }))
        }
        _ => None,
    };
    if checked.is_none() {
        output::note(
            context,
            "references to other tables were not checked: no workspace",
        );
    }
    let mut shape = serde_json::json!({ "files": summaries });
    if let (Some(mapping), Some(keys)) = (&options.mapping, shape.as_object_mut()) {
        keys.insert("mapping".to_owned(), mapping.said().into());
    }
    if context.flags.format.as_deref() == Some("json") {
        let text = serde_json::to_string_pretty(&shape).map_err(|error| {
            Error::internal("cannot write the summary").caused_by(error)
        })?;
        output::deliver(context, format!("{text}\n").as_bytes(), false)?;
    } else {
        output::deliver(context, spoken(&shape).as_bytes(), false)?;
    }
    match checked {
        Some(Err(error)) => Err(error),
        None if own > 0 && !options.quarantine => Ok(3),
        _ => Ok(0),
    }
}

/// One file of a dry run (`contract.md` G2).
fn summary(file: &SourceFile, among: &[Problem]) -> serde_json::Value {
    let reading = &file.reading;
    let tables: Vec<serde_json::Value> = reading
        .tables
        .iter()
        .map(
            |rows| serde_json::json!({"table": rows.table.name, "rows": rows.rows.len()}),
        )
        .collect();
    let refused = |problem: &Problem| {
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
    let all: Vec<serde_json::Value> = reading
        .faults
        .iter()
        .chain(reading.rejects.iter().map(|reject| &reject.problem))
        .chain(among.iter().filter(|problem| problem.file == file.name))
        .map(refused)
        .collect();
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

/// How many refusals of a file are told to people.
const MOST_REFUSED: usize = 100;

fn spoken(shape: &serde_json::Value) -> String {
    let mut out = String::new();
    let list = |value: &serde_json::Value, key: &str| {
        value.get(key).and_then(|v| v.as_array()).cloned().unwrap_or_default()
    };
    let word = |value: &serde_json::Value, key: &str| match value.get(key) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    if shape.get("mapping").is_some() {
        out.push_str(&format!("mapping {}\n", word(shape, "mapping")));
    }
    for file in list(shape, "files") {
        out.push_str(&format!("{}\n", word(&file, "file")));
        for table in list(&file, "tables") {
            let (name, rows) = (word(&table, "table"), word(&table, "rows"));
            out.push_str(&format!("  {name:<22} {rows:>9} rows\n"));
        }
        for money in list(&file, "money") {
            out.push_str(&format!(
                "  {:<22} {:>9} amounts  {} {}\n",
                word(&money, "kind"),
                word(&money, "count"),
                word(&money, "currency"),
                word(&money, "sum"),
            ));
        }
        let name = word(&file, "file");
        let all = list(&file, "refused");
        let more = all.len().saturating_sub(MOST_REFUSED);
        for refused in all.iter().take(MOST_REFUSED) {
            let mut place = name.clone();
            for part in ["row", "character"].map(|key| word(refused, key)) {
                if part != "0" {
                    place.push_str(&format!(":{part}"));
                }
            }
            out.push_str(&format!(
                "  refused: {place}: {}; {}\n",
                word(refused, "what"),
                word(refused, "fix"),
            ));
        }
        if more > 0 {
            out.push_str(&format!("  refused: {more} more (`-F json` lists them)\n"));
        }
        for warning in list(&file, "warnings") {
            out.push_str(&format!(
                "  warning: {}\n",
                warning.as_str().unwrap_or_default()
            ));
        }
    }
    out
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
    let mut files = Vec::new();
    for path in gather(&args_files)? {
        files.push(read_file(&path, &options)?);
    }
    let lock = WriterLock::take(workspace)?;
    let known = known(workspace, how.source, how.append)?;
    let loaded = check(&mut files, &known, &options)?;
    let load = commit(workspace, &lock, &loaded, &files, how)?;
    if context.flags.verbose {
        tell(context, &load, &loaded);
    }
    Ok(load)
}
