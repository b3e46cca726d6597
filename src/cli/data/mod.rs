//! `ssrfund data`: what the workspace holds.

mod export;
mod template;

use crate::error::{Error, Result};
use crate::workspace::{self, loads, status};

use super::context::Context;
use super::flags::{DataArgs, DataCommand};
use super::output;

/// Runs a command of `data`.
///
/// # Errors
/// There is no workspace, or a load is damaged.
pub fn run(context: &Context, args: &DataArgs) -> Result<u8> {
    match &args.command {
        DataCommand::Status => show_status(context),
        DataCommand::History => show_history(context),
        DataCommand::Template(args) => template::run(context, args),
        DataCommand::Export(args) => export::run(context, args),
        DataCommand::Verify => {
            let all = workspace::open::verify(&context.workspace()?)?;
            output::print(&format!("{} loads are as they were written\n", all.len()))?;
            Ok(0)
        }
    }
}

/// Whether the result is wanted as JSON.
pub fn wants_json(context: &Context) -> bool {
    context.flags.format.as_deref() == Some("json")
}

/// Writes any value as JSON, with a newline.
///
/// # Errors
/// The output cannot be written.
pub fn json(context: &Context, value: &impl serde::Serialize) -> Result<u8> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::internal("cannot write JSON").caused_by(error))?;
    text.push('\n');
    output::deliver(context, text.as_bytes(), false)?;
    Ok(0)
}

fn show_status(context: &Context) -> Result<u8> {
    let snapshot = workspace::open(&context.workspace()?, context.known_at()?)?;
    let status = status::status(&snapshot, context.as_of()?);
    if wants_json(context) {
        return json(context, &status);
    }
    let mut out = format!("as of {}, known at {}\n", status.as_of, status.known_at);
    for source in &status.sources {
        out.push_str(&format!("\n{}  (load {})\n", source.source, source.load_id));
        for table in &source.tables {
            out.push_str(&format!("  {:<22} {:>9} rows\n", table.table, table.rows));
        }
    }
    output::deliver(context, out.as_bytes(), false)?;
    Ok(0)
}

fn show_history(context: &Context) -> Result<u8> {
    let all = loads(&context.workspace()?)?;
    if wants_json(context) {
        let entries: Vec<serde_json::Value> = all
            .iter()
            .map(|load| serde_json::json!({"load_id": load.load_id, "load": load.manifest}))
            .collect();
        return json(context, &entries);
    }
    let mut out = String::new();
    for load in &all {
        let rows: u64 = load.manifest.tables.iter().map(|entry| entry.rows).sum();
        out.push_str(&format!(
            "{}  {:<8} {:<16} {:>9} rows\n",
            load.load_id, load.manifest.mode, load.manifest.source, rows
        ));
    }
    output::deliver(context, out.as_bytes(), false)?;
    Ok(0)
}
