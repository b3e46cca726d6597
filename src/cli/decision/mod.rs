//! `ssrfund decision`: the log of verdicts and of what people answered.

mod answer;
mod look;
pub mod record;
mod replay;

use std::path::Path;

use crate::decision::log::{self, Chain};
use crate::error::{Error, Result};
use crate::workspace::Workspace;

use super::context::Context;
use super::flags::{DecisionArgs, DecisionCommand};
use super::output;

/// Runs a command of `decision`.
///
/// # Errors
/// There is no such decision, or the log or what it names cannot be used.
pub fn run(context: &Context, args: &DecisionArgs) -> Result<u8> {
    match &args.command {
        DecisionCommand::List => look::list(context),
        DecisionCommand::Show { id } => look::show(context, id),
        DecisionCommand::Verify(args) => look::verify(context, args),
        DecisionCommand::Diff { before, after } => look::diff(context, before, after),
        DecisionCommand::Checkpoint => look::checkpoint(context),
        DecisionCommand::Replay { id } => replay::replay(context, id),
        DecisionCommand::Dossier { id } => replay::dossier(context, id),
        DecisionCommand::Approve(args) => answer::approve(context, args),
        DecisionCommand::Reject(args) => answer::reject(context, args),
        DecisionCommand::Keygen { by } => answer::keygen(context, by.as_deref()),
    }
}

/// The log; what a crash left behind it is told.
fn read(context: &Context) -> Result<(Workspace, Chain)> {
    let workspace = context.workspace()?;
    let chain = log::read(&workspace)?;
    if let Some(torn) = &chain.torn {
        output::note(context, &format!("warning: {}", torn.problem()));
    }
    Ok((workspace, chain))
}

/// The file that `-o` names.
fn named_output(context: &Context) -> Result<&Path> {
    let output = context.flags.output.as_deref();
    output
        .filter(|path| *path != Path::new("-"))
        .ok_or_else(|| Error::usage("this goes to a file").fix("name one with `-o FILE`"))
}
