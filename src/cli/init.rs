//! `ssrfund init`: make a workspace.

use std::path::PathBuf;

use crate::error::Result;
use crate::workspace::Workspace;

use super::context::Context;
use super::flags::InitArgs;
use super::output;

/// Makes a workspace, or leaves one as it is.
///
/// # Errors
/// The folder holds something else.
pub fn run(context: &Context, args: &InitArgs) -> Result<u8> {
    let root = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let (workspace, was_there) = Workspace::init(&root)?;
    let place = workspace.root().display();
    if was_there {
        output::note(
            context,
            &format!("{place} is a workspace already; it is left as it is"),
        );
    } else {
        output::note(context, &format!("made a workspace in {place}"));
        output::note(context, "next: ssrfund load --source NAME FILE…");
    }
    Ok(0)
}
