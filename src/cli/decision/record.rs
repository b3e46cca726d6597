//! `gate check --record`: the verdict is in the log, on disk, before it is shown.

use crate::cli::context::{Context, Opened};
use crate::cli::flags::CheckArgs;
use crate::cli::{gate, output, rules};
use crate::decision::assess::read_policy;
use crate::decision::log::copies::Texts;
use crate::decision::log::line::Person;
use crate::decision::log::record;
use crate::error::{Error, Result};
use crate::workspace::{Workspace, loads};

/// The session and what was decided.
type Made = (Opened, gate::Wanted);

/// Decides what was asked and records it: every verdict or none.
///
/// All texts are read once, and what is decided with is what is kept.
///
/// # Errors
/// As `gate check`, or nothing could be recorded.
pub(in crate::cli) fn decide(
    context: &Context,
    check: &CheckArgs,
    by: &str,
) -> Result<Made> {
    let by = Person::parse(by)?;
    let workspace = context.workspace()?;
    let mut texts = Texts::of(&context.library(Some(&workspace))?)?;
    let policy = match &check.policy {
        Some(path) => {
            let policy = rules::policy(context, Some(path))?;
            let name = crate::load::files::name_of(path);
            texts.put(&format!("policies/{name}"), &policy.text);
            policy
        }
        None => {
            let text = texts.library().text("policies/pbf.toml")?;
            rules::set_for_run(context, read_policy("queries/policies/pbf.toml", &text)?)?
        }
    };
    let known_at = context.known_at()?;
    refuse_ahead(context, &workspace)?;
    let library = texts.library();
    let opened =
        context.open_to_decide_with(&workspace, library, known_at, &policy.policy)?;
    let decisions = gate::decide_wanted(context, check, &opened, &policy)?;
    if context.flags.dry_run {
        let text = format!("{} verdicts would be recorded", decisions.decisions.len());
        output::note(context, &text);
        return Ok((opened, decisions));
    }
    let made = &decisions.decisions;
    let recorded = record::record(&workspace, made, &texts, &by, context.now)?;
    if let Some(torn) = &recorded.torn {
        let text = format!(
            "warning: the log ended in {} bytes that a writer never finished; they are \
             kept as `decisions/torn-{}`",
            torn.bytes.len(),
            torn.sha256()
        );
        output::note(context, &text);
    }
    for (record, was_there) in &recorded.records {
        let already = if *was_there { "already " } else { "" };
        output::note(context, &format!("{already}recorded as {}", record.id));
    }
    Ok((opened, decisions))
}

/// Refuses an instant that is still to come: what will be known then is not known yet, so
/// the verdict could not be made again.
fn refuse_ahead(context: &Context, workspace: &Workspace) -> Result<()> {
    let Some(known_at) = context.known_at()? else { return Ok(()) };
    let newest = loads(workspace)?.last().map(|load| load.recorded_at);
    if known_at.0 < context.now || newest.is_some_and(|newest| known_at <= newest) {
        return Ok(());
    }
    Err(Error::usage(format!("`--known-at {known_at}` is still to come"))
        .fix("a verdict that is recorded rests on what is known now"))
}
