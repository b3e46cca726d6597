//! The command line: what was typed, resolved once, and one file per command.
//!
//! Only this module and `repl` print; only this module reads the clock. stdout carries
//! results, everything else goes to stderr. [`flags`] is what may be typed, [`context`]
//! what it means, [`output`] where results go.

pub mod classify;
pub mod context;
pub mod data;
pub mod decision;
pub mod demo;
pub mod flags;
pub mod gate;
pub mod init;
pub mod load;
pub mod metric;
pub mod output;
pub mod progress;
pub mod report;
pub mod rules;
pub mod sql;
pub mod summary;
mod switches;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::error::{Error, Problem, Result};
use context::Context;
use flags::{Command, Flags};

/// Parses the arguments of this process, runs the command, returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    survive_size_limits();
    let outcome = std::panic::catch_unwind(|| run(std::env::args_os()));
    ExitCode::from(outcome.unwrap_or_else(|_| {
        let error = Error::internal("ssrfund stopped on a fault of its own")
            .fix("please report what you typed and this message");
        tell(&error, false);
        2
    }))
}

/// Makes a write beyond the limit on file sizes (`ulimit -f`) an error like a full disk;
/// without it the system would end the process without a word. A signal that is listened
/// to once keeps its handler, so nothing needs to be kept. Where this is refused, the
/// process is only as it was.
fn survive_size_limits() {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if let Ok(runtime) =
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    {
        /// SIGXFSZ has one number on all that we build for.
        const BEYOND_LIMIT: i32 = 25;
        let _entered = runtime.enter();
        let kind = tokio::signal::unix::SignalKind::from_raw(BEYOND_LIMIT);
        let _ = tokio::signal::unix::signal(kind);
    }
}

/// Runs one command line and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> u8 {
    let flags = match Flags::try_parse_from(arguments) {
        Ok(flags) => flags,
        Err(error) => {
            let help = !error.use_stderr();
            let _ = error.print();
            return if help { 0 } else { 2 };
        }
    };
    let as_json = flags.common.error_format == flags::ErrorFormat::Json;
    let exit_zero = flags.common.exit_zero;
    match dispatch(flags) {
        Ok(code) if exit_zero && code != 2 => 0,
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => 0,
        Err(error) => {
            tell(&error, as_json);
            error.kind().exit_code()
        }
    }
}

fn dispatch(flags: Flags) -> Result<u8> {
    let Some(command) = flags.command else {
        let help = Flags::command().render_help();
        output::print(&help.to_string())?;
        return Ok(0);
    };
    let context = Context::new(flags.common)?;
    warn_of_far_day(&context);
    match command {
        Command::Init(args) => init::run(&context, &args),
        Command::Load(args) => load::run(&context, &args),
        Command::Data(args) => data::run(&context, &args),
        Command::Sql(args) => sql::run(&context, &args),
        Command::Metric(args) => metric::run(&context, &args),
        Command::Classify(args) => classify::run(&context, &args),
        Command::Rules(args) => rules::run(&context, &args),
        Command::Gate(args) => gate::run(&context, &args),
        Command::Decision(args) => decision::run(&context, &args),
        Command::Report(args) => report::run(&context, &args),
        Command::Demo(args) => demo::run(&context, &args),
        Command::Completions(args) => {
            let mut command = Flags::command();
            let mut bytes = Vec::new();
            clap_complete::generate(args.shell, &mut command, "ssrfund", &mut bytes);
            output::write(&bytes)?;
            Ok(0)
        }
    }
}

/// Says that an as-of is so far ahead that it is likely a slip. A day that is none is
/// refused where it is used.
fn warn_of_far_day(context: &Context) {
    const FAR: chrono::Days = chrono::Days::new(366);
    let (Some(text), Ok(as_of)) = (&context.flags.as_of, context.as_of()) else { return };
    let today = context.now.date_naive();
    if today.checked_add_days(FAR).is_some_and(|far| as_of.0 > far) {
        let warning = format!(
            "warning: `--as-of {text}` lies more than a year after today, {today}: all that \
             falls due until then counts as due, and nothing that happens until then is known"
        );
        output::note(context, &warning);
    }
}

/// A reader that went away is no error: `ssrfund … | head` is a success.
fn is_closed_pipe(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::BrokenPipe
        {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// Writes an error to stderr, as text or as one JSON object a line.
fn tell(error: &Error, as_json: bool) {
    let mut stderr = anstream::stderr();
    if !as_json {
        let _ = writeln!(stderr, "ssrfund: {}", output::harmless(&error.to_string()));
        return;
    }
    let object = |problem: &Problem| {
        serde_json::json!({
            "file": problem.file, "line": problem.row, "column": problem.column,
            "what": problem.what, "fix": problem.fix,
        })
    };
    for problem in error.places() {
        let _ = writeln!(stderr, "{}", object(problem));
    }
    if !error.what().is_empty() {
        let whole = Problem::of_file("", error.what(), error.how_to_fix());
        let _ = writeln!(stderr, "{}", object(&whole));
    }
}
