//! `ssrfund sql`: statements from the command line, a file, stdin or a prompt.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::classify;
use crate::decision::log;
use crate::engine::statements::split;
use crate::engine::{Engine, Params, Profile, Space, Value};
use crate::error::{Error, Result};
use crate::load::{files::name_of, infer, parquet, xlsx};
use crate::repl;

use super::context::Context;
use super::flags::SqlArgs;
use super::output;

/// Runs statements and writes the rows of each; stops at the first that fails.
///
/// # Errors
/// A statement cannot be run, or a file cannot be read.
pub fn run(context: &Context, args: &SqlArgs) -> Result<u8> {
    output::spare(context, &args.files)?;
    let engine = session(context, args)?;
    let params = params(context)?;
    let mut texts = args.command.clone();
    if let Some(file) = &args.file {
        texts.push(if file == Path::new("-") { stdin()? } else { read(file)? });
    }
    if texts.is_empty() {
        if std::io::stdin().is_terminal() {
            return prompt(context, engine);
        }
        texts.push(stdin()?);
    }
    let mut ran = 0_usize;
    for text in &texts {
        for statement in split(text)? {
            let answer = engine.run(&statement.in_place(), &params).map_err(|error| {
                // What has no place of its own is told of the statement.
                let what = match error.what().strip_prefix("SQL: ") {
                    Some(what) => format!("SQL line {}: {what}", statement.line),
                    None => error.what().to_owned(),
                };
                Error::new(error.kind(), what).fix(error.how_to_fix().to_owned())
            })?;
            output::answer(context, &answer)?;
            ran = ran.saturating_add(1);
        }
    }
    if ran == 0 {
        return Err(Error::usage("there is no statement to run")
            .fix("give one with `-c`, `-f` or on stdin"));
    }
    Ok(0)
}

/// The workspace's session, or one over the named files alone (`contract.md` G1).
fn session(context: &Context, args: &SqlArgs) -> Result<Engine> {
    let engine = if args.files.is_empty() || context.flags.workspace.is_some() {
        context.open()?.engine
    } else {
        let engine = Engine::new(Profile::Ask, context.limits()?)?;
        let (rules, _) = classify::read_rules(&context.library(None)?)?;
        engine.function(classify::function::classify(Arc::new(rules)));
        engine
    };
    for file in &args.files {
        register_file(&engine, file, &table_name(file))?;
    }
    Ok(engine)
}

/// The stem of a file as a table name.
fn table_name(file: &Path) -> String {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    identifier(&stem.unwrap_or_default())
}

/// Letters, digits and underscores, not beginning with a digit.
fn identifier(text: &str) -> String {
    let mut name: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

/// Refuses a name that a table of the session has already.
fn check_free(engine: &Engine, file: &Path, name: &str) -> Result<()> {
    if engine.has(name) {
        let what = format!("`{}` would hide table `{name}`", file.display());
        return Err(Error::usage(what).fix("rename the file"));
    }
    Ok(())
}

/// A workbook: its only sheet under the file's name, several under both names.
fn register_workbook(engine: &Engine, file: &Path, stem: &str) -> Result<()> {
    let sheets = xlsx::in_place(&bytes(file)?, &name_of(file))?;
    let is_only = sheets.len() == 1;
    for (sheet, batch) in sheets {
        let name = if is_only {
            stem.to_owned()
        } else {
            identifier(&format!("{stem}_{sheet}"))
        };
        check_free(engine, file, &name)?;
        engine.register(Space::Public, &name, &batch.schema(), vec![batch])?;
    }
    Ok(())
}

fn register_file(engine: &Engine, file: &Path, name: &str) -> Result<()> {
    let suffix = file.extension().map(|s| s.to_string_lossy().to_ascii_lowercase());
    if suffix.as_deref() == Some("xlsx") {
        return register_workbook(engine, file, name);
    }
    check_free(engine, file, name)?;
    let shown = name_of(file);
    let batch = match suffix.as_deref() {
        Some("csv" | "tsv" | "tab") => infer::infer_csv(&bytes(file)?, &shown)?,
        Some("json" | "ndjson" | "jsonl") => infer::infer_json(&bytes(file)?, &shown)?,
        Some("parquet") => {
            let batches = parquet::batches_of_others(&bytes(file)?, &shown)
                .map_err(|problem| Error::data("").problems(vec![*problem]))?;
            let schema = batches
                .first()
                .map(RecordBatch::schema)
                .ok_or_else(|| Error::data(format!("`{shown}` has no rows")))?;
            return engine.register(Space::Public, name, &schema, batches);
        }
        _ => {
            return Err(Error::usage(format!("`{shown}` cannot be asked in place"))
                .fix("name CSV, TSV, JSON, NDJSON, Parquet or XLSX files"));
        }
    };
    engine.register(Space::Public, name, &batch.schema(), vec![batch])
}

fn bytes(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| Error::io("read", file, error))
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| Error::io("read", file, error))
}

fn stdin() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Error::io("read", Path::new("-"), error))?;
    Ok(text)
}

/// `--param` as parameters of statements, with the as-of.
fn params(context: &Context) -> Result<Params> {
    let mut params: Params = vec![("as_of".to_owned(), Value::Day(context.as_of()?))];
    for (name, text) in &context.params {
        let value = match text.parse::<i64>() {
            Ok(number) => Value::Whole(number),
            Err(_) => Value::Text(text.clone()),
        };
        params.push((name.clone(), value));
    }
    Ok(params)
}

/// The session behind the prompt.
struct Asking {
    engine: Engine,
}

impl repl::Session for Asking {
    fn run(&mut self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let answer = self.engine.run(sql, &Vec::new())?;
        Ok((answer.schema, answer.batches))
    }

    fn tables(&self) -> Vec<(String, String)> {
        self.engine
            .names()
            .into_iter()
            .map(|name| {
                let doc = match crate::tables::schema::table(&name) {
                    Some(table) => table.doc,
                    None if name == log::table::NAME => log::table::DOC,
                    None => "",
                };
                (name, doc.to_owned())
            })
            .collect()
    }

    fn columns(&self, table: &str) -> Vec<(String, String)> {
        self.engine.columns(table)
    }
}

fn prompt(context: &Context, engine: Engine) -> Result<u8> {
    let started = Instant::now();
    let settings = repl::Settings {
        history: history(),
        format: output::format(context)?,
        table: crate::render::TableOptions {
            width: None,
            colour: output::colour(context),
        },
        read: Box::new(|path| read(Path::new(path))),
        elapsed: Box::new(move || started.elapsed()),
    };
    repl::run(&mut Asking { engine }, settings)
}

/// The history file in the XDG state folder.
fn history() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(|| {
        Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state"))
    })?;
    let folder = state.join("ssrfund");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}
