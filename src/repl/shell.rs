//! What is typed, from a line to a result: the prompt without its terminal.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::engine::statements::{is_complete, split};
use crate::error::{Error, Result, did_you_mean, visible};
use crate::render::page::{Align, Block, Page, text};
use crate::render::{batches, cells, width};

use super::commands::{self, Command};
use super::{Session, Settings};

/// What the loop does after a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Reads on.
    Read,
    /// Offers a statement for editing.
    Edit(String),
    /// Ends.
    Leave,
}

/// Takes lines and runs what they say.
pub(super) struct Shell<'a> {
    session: &'a mut dyn Session,
    settings: Settings,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    /// The lines of a statement that has not ended.
    typed: String,
    /// The last statement, for `\e`.
    last: String,
    expanded: bool,
    timing: bool,
}

impl<'a> Shell<'a> {
    /// Starts with nothing typed.
    pub(super) fn new(
        session: &'a mut dyn Session,
        settings: Settings,
        out: &'a mut dyn Write,
        err: &'a mut dyn Write,
    ) -> Self {
        Self {
            session,
            settings,
            out,
            err,
            typed: String::new(),
            last: String::new(),
            expanded: false,
            timing: false,
        }
    }

    /// Whether the next line begins a statement.
    pub(super) fn is_between_statements(&self) -> bool {
        self.typed.is_empty()
    }

    /// Drops what was typed of a statement.
    pub(super) fn forget(&mut self) {
        self.typed.clear();
    }

    /// Takes what was typed or pasted; `remember` is told each whole entry before it
    /// runs.
    ///
    /// # Errors
    /// stdout or stderr cannot be written. What is wrong with a statement is told on
    /// stderr and is no error here.
    pub(super) fn take(
        &mut self,
        text: &str,
        mut remember: impl FnMut(&str),
    ) -> Result<Next> {
        for line in text.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            match self.take_line(line, &mut remember)? {
                Next::Read => {}
                other => return Ok(other),
            }
        }
        Ok(Next::Read)
    }

    fn take_line(&mut self, line: &str, remember: &mut impl FnMut(&str)) -> Result<Next> {
        if self.typed.is_empty() {
            if line.trim().is_empty() {
                return Ok(Next::Read);
            }
            match commands::parse(line) {
                Ok(None) => {}
                Ok(Some(command)) => {
                    remember(line.trim());
                    return self.obey(command);
                }
                Err(error) => {
                    remember(line.trim());
                    self.tell(&error)?;
                    return Ok(Next::Read);
                }
            }
        } else {
            self.typed.push('\n');
        }
        self.typed.push_str(line);
        if is_complete(&self.typed) {
            let statement = std::mem::take(&mut self.typed);
            remember(&statement);
            self.run(&statement)?;
            self.last = statement;
        }
        Ok(Next::Read)
    }

    fn obey(&mut self, command: Command) -> Result<Next> {
        match command {
            Command::Quit => return Ok(Next::Leave),
            Command::Edit if self.last.is_empty() => {
                self.note("there is no statement to edit yet")?;
            }
            Command::Edit => return Ok(Next::Edit(self.last.clone())),
            Command::Help => self.print(&commands::help())?,
            Command::Expanded => {
                self.expanded = !self.expanded;
                self.note(if self.expanded {
                    "one column a line"
                } else {
                    "one row a line"
                })?;
            }
            Command::Timing => {
                self.timing = !self.timing;
                self.note(if self.timing { "timing is on" } else { "timing is off" })?;
            }
            Command::Tables => self.list(["table", "about"], self.session.tables())?,
            Command::Describe(name) => self.describe(&name)?,
            Command::Include(path) => match (self.settings.read)(&path) {
                Ok(sql) => self.run(&sql)?,
                Err(error) => self.tell(&error)?,
            },
        }
        Ok(Next::Read)
    }

    fn describe(&mut self, name: &str) -> Result<()> {
        let mut columns = self.session.columns(name);
        if columns.is_empty() {
            columns = self.session.columns(&name.to_lowercase());
        }
        if !columns.is_empty() {
            return self.list(["column", "type"], columns);
        }
        let tables = self.session.tables();
        let names = tables.iter().map(|(name, _)| name.as_str());
        let fix = did_you_mean(name, names, "`\\d` lists the tables");
        let what = format!("there is no table `{}`", visible(name));
        self.tell(&Error::usage(what).fix(fix))
    }

    fn list(&mut self, names: [&str; 2], rows: Vec<(String, String)>) -> Result<()> {
        let table = Block::Table {
            columns: names.map(str::to_owned).to_vec(),
            rows: rows.into_iter().map(|(name, about)| vec![name, about]).collect(),
            align: vec![Align::Left; 2],
        };
        self.print(&text(&Page::default().with(table)))
    }

    /// Runs statements until one fails.
    fn run(&mut self, sql: &str) -> Result<()> {
        let statements = match split(sql) {
            Ok(statements) => statements,
            Err(error) => return self.tell(&error),
        };
        for statement in statements {
            let before = (self.settings.elapsed)();
            let answer = self.session.run(&statement.text);
            let took = (self.settings.elapsed)().saturating_sub(before);
            match answer {
                Ok((schema, rows)) => self.show(&schema, &rows)?,
                Err(error) => return self.tell(&error),
            }
            if self.timing {
                self.note(&format!("time: {} ms", took.as_millis()))?;
            }
        }
        Ok(())
    }

    fn show(&mut self, schema: &SchemaRef, rows: &[RecordBatch]) -> Result<()> {
        let written = if self.expanded {
            match expanded(schema, rows) {
                Ok(text) => text.into_bytes(),
                Err(error) => return self.tell(&error),
            }
        } else {
            let mut bytes = Vec::new();
            let Settings { format, table, .. } = &self.settings;
            if let Err(error) = batches(schema, rows, *format, &mut bytes, table) {
                return self.tell(&error);
            }
            bytes
        };
        self.out.write_all(&written).and_then(|()| self.out.flush()).map_err(closed)?;
        let count: usize = rows.iter().map(RecordBatch::num_rows).sum();
        self.note(&if count == 1 {
            "(1 row)".to_owned()
        } else {
            format!("({count} rows)")
        })
    }

    fn print(&mut self, text: &str) -> Result<()> {
        self.out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush())
            .map_err(closed)
    }

    fn note(&mut self, note: &str) -> Result<()> {
        writeln!(self.err, "{note}").map_err(closed)
    }

    fn tell(&mut self, error: &Error) -> Result<()> {
        writeln!(self.err, "error: {error}").map_err(closed)
    }
}

/// Keeps the cause, so that a closed pipe can be told apart.
fn closed(error: std::io::Error) -> Error {
    Error::environment(format!("cannot write to the terminal: {error}")).caused_by(error)
}

/// Rows below each other, one column a line.
fn expanded(schema: &SchemaRef, rows: &[RecordBatch]) -> Result<String> {
    let cells = cells(schema, rows)?;
    let widest = cells.names.iter().map(|name| width(name)).max().unwrap_or(0);
    let mut out = String::new();
    for (index, row) in cells.rows.iter().enumerate() {
        let number = index.saturating_add(1);
        out.extend(["-[ ", &number.to_string(), " ]-\n"]);
        for (name, value) in cells.names.iter().zip(row) {
            let gap = " ".repeat(widest.saturating_sub(width(name)));
            let line = format!("{name}{gap} | {value}");
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::time::Duration;

    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;
    use crate::render::{Format, TableOptions};

    /// Answers every statement with its text; one with `bad` fails.
    struct Echo(Vec<String>);

    impl Session for Echo {
        fn run(&mut self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>)> {
            if sql.contains("bad") {
                return Err(Error::usage("no column `bad`").fix("use `good`"));
            }
            self.0.push(sql.to_owned());
            let text: ArrayRef = Arc::new(StringArray::from(vec![sql]));
            let n: ArrayRef =
                Arc::new(Int64Array::from(vec![i64::try_from(self.0.len()).unwrap()]));
            let batch = RecordBatch::try_from_iter([("sql", text), ("n", n)]).unwrap();
            Ok((batch.schema(), vec![batch]))
        }

        fn tables(&self) -> Vec<(String, String)> {
            vec![("tranches".into(), "planned instalments".into())]
        }

        fn columns(&self, table: &str) -> Vec<(String, String)> {
            match table {
                "tranches" => vec![("amount".into(), "Decimal128(18, 2)".into())],
                _ => Vec::new(),
            }
        }
    }

    fn settings() -> Settings {
        let ticks = Cell::new(0);
        Settings {
            history: None,
            format: Format::Csv,
            table: TableOptions::default(),
            read: Box::new(|path| match path {
                "two.sql" => Ok("select 1;\nselect 2".to_owned()),
                _ => Err(Error::usage("no such file")),
            }),
            elapsed: Box::new(move || {
                ticks.set(ticks.get() + 7);
                Duration::from_millis(ticks.get())
            }),
        }
    }

    /// Types lines; returns stdout, stderr, the history and what came last.
    fn typed(lines: &[&str]) -> (String, String, Vec<String>, Next) {
        let (mut out, mut err, mut history) = (Vec::new(), Vec::new(), Vec::new());
        let mut session = Echo(Vec::new());
        let mut shell = Shell::new(&mut session, settings(), &mut out, &mut err);
        let mut next = Next::Read;
        for line in lines {
            next = shell.take(line, |entry| history.push(entry.to_owned())).unwrap();
        }
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(out), text(err), history, next)
    }

    #[test]
    fn statements_may_span_lines_and_lines_hold_statements() {
        let (out, err, history, _) = typed(&["select", " ';'", "", "; select 2;", ""]);
        assert_eq!(out, "sql,n\n\"select\n ';'\",1\nsql,n\nselect 2,2\n");
        assert_eq!(err, "(1 row)\n(1 row)\n");
        assert_eq!(history, ["select\n ';'\n\n; select 2;"]);
    }

    #[test]
    fn an_error_ends_a_statement_and_not_the_session() {
        let (out, err, _, next) =
            typed(&["select bad; select 1;", "\\nope", "select $$;", "$$; select 2;"]);
        assert_eq!(next, Next::Read);
        assert_eq!(out.lines().last(), Some("select 2,2"));
        assert!(err.starts_with(
            "error: no column `bad`; use `good`\nerror: there is no command `\\nope`; "
        ));
    }

    #[test]
    fn commands_answer() {
        let (out, err, _, next) = typed(&["\\d", "\\d Tranches", "\\d trances", "\\q"]);
        assert_eq!(
            out,
            "table     about\ntranches  planned instalments\n\
             column  type\namount  Decimal128(18, 2)\n"
        );
        assert_eq!(err, "error: there is no table `trances`; did you mean `tranches`?\n");
        assert_eq!(next, Next::Leave);
        let (out, err, _, _) = typed(&["\\i two.sql", "\\i none.sql"]);
        assert_eq!(out, "sql,n\nselect 1,1\nsql,n\nselect 2,2\n");
        assert_eq!(err, "(1 row)\n(1 row)\nerror: no such file\n");
    }

    #[test]
    fn switches_switch() {
        let (out, err, _, _) =
            typed(&["\\x", "\\timing", "select 1;", "\\x", "\\timing"]);
        assert_eq!(out, "-[ 1 ]-\nsql | select 1\nn   | 1\n");
        assert_eq!(
            err,
            "one column a line\ntiming is on\n(1 row)\ntime: 7 ms\none row a line\n\
             timing is off\n"
        );
    }

    #[test]
    fn the_last_statement_can_be_edited() {
        assert_eq!(typed(&["\\e"]).1, "there is no statement to edit yet\n");
        let (.., next) = typed(&["select", "1;", "\\e"]);
        assert_eq!(next, Next::Edit("select\n1;".to_owned()));
    }

    #[test]
    fn what_was_typed_can_be_dropped() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut session = Echo(Vec::new());
        let mut shell = Shell::new(&mut session, settings(), &mut out, &mut err);
        shell.take("select 'open", |_| ()).unwrap();
        assert!(!shell.is_between_statements());
        shell.forget();
        assert!(shell.is_between_statements());
        shell.take("select 1;\nselect 2", |_| ()).unwrap();
        assert_eq!(session.0, ["select 1"]);
    }
}
