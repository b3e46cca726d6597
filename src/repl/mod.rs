//! The prompt: statements typed by people, one after the other.
//!
//! The loop reads lines; [`shell`] takes them and runs statements on a [`Session`];
//! [`commands`] are the words that begin with `\`; [`complete`] knows what may follow.
//! Results go to stdout, everything else to stderr; an error ends a statement, never the
//! session. Files and the clock come in from outside as functions.

mod commands;
mod complete;
mod shell;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use crate::error::{Error, Result};
use crate::render::{Format, TableOptions};

use complete::{Completion, Vocabulary};
use shell::{Next, Shell};

/// The prompt of a new statement.
const PROMPT: &str = "ssrfund> ";
/// The prompt of a further line of a statement.
const FURTHER: &str = "      -> ";

/// What runs statements. Ctrl-C during a statement is the session's to notice: it ends
/// the statement with an error.
pub trait Session {
    /// Runs one statement.
    ///
    /// # Errors
    /// The statement cannot be run.
    fn run(&mut self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>)>;

    /// The tables and views with one line about each.
    fn tables(&self) -> Vec<(String, String)>;

    /// The columns of a table with their types; none where there is no such table.
    fn columns(&self, table: &str) -> Vec<(String, String)>;
}

/// Reads the SQL text of a file.
pub type ReadFile = Box<dyn FnMut(&str) -> Result<String>>;
/// The time since some fixed moment.
pub type Elapsed = Box<dyn Fn() -> Duration>;

/// What the prompt is given from outside.
pub struct Settings {
    /// The history file, in the user's state folder; none to keep no history.
    pub history: Option<PathBuf>,
    /// How results are written.
    pub format: Format,
    /// What tables may use of the terminal.
    pub table: TableOptions,
    /// Reads the file that `\i` names.
    pub read: ReadFile,
    /// The clock of `\timing`.
    pub elapsed: Elapsed,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("history", &self.history)
            .field("format", &self.format)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

/// Reads statements from the terminal until the user leaves; returns the exit code.
///
/// # Errors
/// The terminal cannot be read or written.
pub fn run(engine: &mut dyn Session, settings: Settings) -> Result<u8> {
    let history = settings.history.clone();
    let mut out = std::io::stdout();
    let mut err = std::io::stderr();
    let mut editor = editor(Vocabulary::of(engine))?;
    if let Some(path) = &history {
        load_history(&mut editor, path, &mut err);
    }
    let mut shell = Shell::new(engine, settings, &mut out, &mut err);
    let mut draft = String::new();
    loop {
        let prompt = if shell.is_between_statements() { PROMPT } else { FURTHER };
        let text = match editor.readline_with_initial(prompt, (&draft, "")) {
            Ok(text) => text,
            Err(ReadlineError::Interrupted) => {
                draft.clear();
                shell.forget();
                continue;
            }
            Err(ReadlineError::Eof) => return Ok(0),
            Err(error) => {
                let what = format!("cannot read the terminal: {error}");
                return Err(Error::environment(what).caused_by(error));
            }
        };
        draft.clear();
        let remembered = |entry: &str| remember(&mut editor, history.as_deref(), entry);
        match shell.take(&text, remembered)? {
            Next::Read => {}
            Next::Edit(statement) => draft = statement,
            Next::Leave => return Ok(0),
        }
    }
}

type Terminal = Editor<Completion, FileHistory>;

fn editor(vocabulary: Vocabulary) -> Result<Terminal> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .build();
    let mut editor: Terminal = Editor::with_config(config).map_err(|error| {
        Error::environment(format!("cannot open the terminal: {error}")).caused_by(error)
    })?;
    editor.set_helper(Some(Completion(vocabulary)));
    Ok(editor)
}

/// Loads the history, making its folder; a failure is told and costs only the history.
fn load_history(editor: &mut Terminal, path: &Path, err: &mut dyn Write) {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let loaded = match editor.load_history(path) {
        Err(ReadlineError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(())
        }
        other => other,
    };
    let why = match (folder, loaded) {
        (Err(error), _) => error.to_string(),
        (_, Err(error)) => error.to_string(),
        _ => return,
    };
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(err, "note: no history from `{}`: {why}", path.display());
}

/// Keeps what was typed before it runs, so that it is there after a crash.
fn remember(editor: &mut Terminal, path: Option<&Path>, entry: &str) {
    let added = editor.add_history_entry(entry).unwrap_or(false);
    if let (true, Some(path)) = (added, path) {
        // A history that cannot be written was told of at the start.
        let _ = editor.append_history(path);
    }
}
