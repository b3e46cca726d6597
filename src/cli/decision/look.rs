//! Looking at the log: list, show, verify, diff, checkpoint.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::data::{json as write_json, wants_json};
use crate::cli::flags::VerifyArgs;
use crate::cli::output;
use crate::decision::log::approvals::Policies;
use crate::decision::log::compare::{Difference, differences};
use crate::decision::log::keys::Known;
use crate::decision::log::verify::{Report, verify as verify_log};
use crate::decision::log::{Checkpoint, chain, table, told};
use crate::engine::Answer;
use crate::error::{Error, Result};
use crate::tables::Cell;
use crate::tables::build::{Columns, Made, Maker};

use super::read;

/// Lists the decisions, oldest first.
pub(super) fn list(context: &Context) -> Result<u8> {
    let (workspace, chain) = read(context)?;
    let batch = table::list(&chain, &chain::folder(&workspace))?;
    let answer = Answer { schema: batch.schema(), batches: vec![batch] };
    output::answer(context, &answer)?;
    Ok(0)
}

/// Shows one decision.
pub(super) fn show(context: &Context, id: &str) -> Result<u8> {
    let (workspace, chain) = read(context)?;
    let record = chain.decision(id)?;
    if wants_json(context) {
        return write_json(context, &record.object());
    }
    let folder = chain::folder(&workspace);
    let standing = Policies::default().standing(&chain, &folder, record);
    let answers: Vec<_> = chain.answers(&record.id).collect();
    let text = told::tell(record, standing.as_ref(), &answers);
    output::deliver(context, text.as_bytes(), false)?;
    Ok(0)
}

/// Prints where the log stands.
pub(super) fn checkpoint(context: &Context) -> Result<u8> {
    let (_, chain) = read(context)?;
    let text = format!("{}\n", chain.checkpoint());
    output::deliver(context, text.as_bytes(), false)?;
    Ok(0)
}

/// Checks everything.
pub(super) fn verify(context: &Context, args: &VerifyArgs) -> Result<u8> {
    let workspace = context.workspace()?;
    let known = Known::read(&workspace, args.keys.as_deref())?;
    let checkpoint = args.checkpoint.as_deref().map(Checkpoint::parse).transpose()?;
    let report = verify_log(&workspace, &known, checkpoint.as_ref())?;
    if wants_json(context) {
        write_json(context, &as_json(&report))?;
        return Ok(if report.problems.is_empty() { 0 } else { 3 });
    }
    for note in &report.notes {
        output::note(context, &format!("note: {note}"));
    }
    if !report.problems.is_empty() {
        return Err(
            Error::data("the log is not as it was written").problems(report.problems)
        );
    }
    let count = |number: usize, word: &str| {
        format!("{number} {word}{}", if number == 1 { "" } else { "s" })
    };
    let text = format!(
        "sound: every line, copy and load is as it was written\n{}, {}, {}, {}, {}\n{}\n",
        count(report.decisions, "decision"),
        count(report.answers, "answer"),
        count(report.signed, "known signature"),
        count(report.copies, "copied text"),
        count(report.loads, "load"),
        report.checkpoint
    );
    output::deliver(context, text.as_bytes(), false)?;
    Ok(0)
}

fn as_json(report: &Report) -> Value {
    let problems: Vec<Value> = report
        .problems
        .iter()
        .map(|problem| {
            json!({
                "file": problem.file, "line": problem.row,
                "what": problem.what, "fix": problem.fix,
            })
        })
        .collect();
    json!({
        "sound": report.problems.is_empty(), "lines": report.lines,
        "decisions": report.decisions, "answers": report.answers,
        "known_signatures": report.signed, "copies": report.copies, "loads": report.loads,
        "checkpoint": report.checkpoint, "problems": problems, "notes": report.notes,
    })
}

/// Shows what differs between two decisions.
pub(super) fn diff(context: &Context, before: &str, after: &str) -> Result<u8> {
    let (_, chain) = read(context)?;
    let (one, other) = (chain.decision(before)?, chain.decision(after)?);
    let found = differences(&one.decision(), &other.decision());
    write_differences(context, &found)?;
    if found.is_empty() {
        output::note(context, &format!("{} and {} say the same", one.id, other.id));
    }
    Ok(0)
}

const DIFFERENCES: &Columns =
    &[("field", Made::Text), ("before", Made::Text), ("after", Made::Text)];

/// Writes fields that differ, one row each.
pub(super) fn write_differences(context: &Context, found: &[Difference]) -> Result<()> {
    let mut maker = Maker::new(DIFFERENCES);
    let cell = |text: &Option<String>| match text {
        Some(text) => Cell::Text(text.clone()),
        None => Cell::Empty,
    };
    for one in found {
        let field = Cell::Text(one.field.clone());
        maker.add(&[field, cell(&one.before), cell(&one.after)])?;
    }
    let batch = maker.finish()?;
    output::answer(context, &Answer { schema: batch.schema(), batches: vec![batch] })
}
