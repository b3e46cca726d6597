//! `ssrfund data`: what the workspace holds, and what changed in it.

pub mod diff;
pub mod export;
pub mod history;
pub mod status;
pub mod template;
pub mod validate;

use crate::error::{Error, Result};
use crate::workspace;

use super::context::Context;
use super::flags::{DataArgs, DataCommand};
use super::output;

/// Runs a command of `data`.
///
/// # Errors
/// There is no workspace, or a load is damaged.
pub fn run(context: &Context, args: &DataArgs) -> Result<u8> {
    match &args.command {
        DataCommand::Status => status::show(context),
        DataCommand::History(args) => history::show(context, args),
        DataCommand::Diff(args) => diff::show(context, args),
        DataCommand::Restatements(args) => diff::restatements(context, args),
        DataCommand::Validate(args) => validate::run(context, args),
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
