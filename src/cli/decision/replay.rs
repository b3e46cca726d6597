//! Years later: does the same come out again, and a file for those who ask.

use crate::cli::context::{Context, Opened};
use crate::cli::output;
use crate::decision::assess::{self, Basis};
use crate::decision::log::approvals::Policies;
use crate::decision::log::chain;
use crate::decision::log::dossier::{Evidence, Material, html};
use crate::decision::log::line::Record;
use crate::decision::log::replay::{Given, compare};
use crate::error::{Error, Result};
use crate::workspace::{self, Snapshot, Workspace};

use super::{look, named_output, read};

/// Decides again and compares; exit code 3 where something came out otherwise.
pub(super) fn replay(context: &Context, id: &str) -> Result<u8> {
    let (workspace, chain) = read(context)?;
    let record = chain.decision(id)?;
    let given = Given::of(&chain::folder(&workspace), record)?;
    let again = decide_again(context, &workspace, &given)?;
    let replayed = compare(record, &again)?;
    if let Some(tool) = &replayed.other_tool {
        let text = format!("note: recorded with {tool}, replayed with {}", again.tool);
        output::note(context, &text);
    }
    if replayed.differences.is_empty() {
        let text = format!("{}: the same comes out, byte for byte\n", record.id);
        output::deliver(context, text.as_bytes(), false)?;
        return Ok(0);
    }
    look::write_differences(context, &replayed.differences)?;
    let count = replayed.differences.len();
    output::note(context, &format!("{}: {count} fields came out otherwise", record.id));
    Ok(3)
}

fn decide_again(
    context: &Context,
    workspace: &Workspace,
    given: &Given,
) -> Result<crate::gate::Decision> {
    let opened: Opened = context.open_to_decide_with(
        workspace,
        given.texts.library(),
        Some(given.known_at),
        &given.policy.policy,
    )?;
    let basis = Basis {
        engine: &opened.engine,
        snapshot: &opened.snapshot,
        library: &opened.library,
        policy: &given.policy,
        as_of: given.as_of,
        software_scope: given.software_scope,
    };
    let decisions = assess::assess(&basis, std::slice::from_ref(&given.asked))?;
    decisions
        .into_iter()
        .next()
        .ok_or_else(|| Error::internal("a request has no verdict"))
}

/// Writes the dossier of a decision.
pub(super) fn dossier(context: &Context, id: &str) -> Result<u8> {
    let path = named_output(context)?;
    let (workspace, chain) = read(context)?;
    let record = chain.decision(id)?;
    let folder = chain::folder(&workspace);
    let given = Given::of(&folder, record)?;
    let all = workspace::loads(&workspace)?;
    let snapshot = Snapshot::of(workspace::effective(&all, Some(given.known_at))?);
    let evidence = Evidence::read(&snapshot, record)?;
    let text = html(&Material {
        record,
        answers: chain.answers(&record.id).collect::<Vec<&Record>>(),
        standing: Policies::default()
            .standing(&chain, &folder, record)
            .map_or("unknown", |standing| standing.word),
        given: &given,
        loads: &all,
        evidence: &evidence,
    })?;
    output::replace(path, text.as_bytes())?;
    output::note(context, &format!("wrote `{}`", path.display()));
    Ok(0)
}
