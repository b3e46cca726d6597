//! `ssrfund gate`: whether a tranche may be paid, why, and what would change it.

use std::collections::BTreeSet;

use crate::decision::assess::PolicyFile;
use crate::decision::{self, assess};
use crate::domain::codes::country_alpha3;
use crate::domain::ids;
use crate::domain::verdict::{Verdict, worst_exit};
use crate::engine::ledger::entries;
use crate::error::{Error, Result, did_you_mean};
use crate::gate::{Decision, SoftwareScope};
use crate::metrics::measure::Asked;
use crate::metrics::plan::{next_tranches, projects_planning};

use super::context::{Context, Opened};
use super::flags::{CheckArgs, FailOn, GateArgs, GateCommand};
use super::{output, rules};

/// Runs a command of `gate`.
///
/// # Errors
/// A project is unknown, or the data or policy cannot be used.
pub fn run(context: &Context, args: &GateArgs) -> Result<u8> {
    match &args.command {
        GateCommand::Check(check) => {
            let decisions = made(context, check)?;
            write(context, check, &decisions, false)?;
            Ok(exit_code(context, &decisions))
        }
        GateCommand::Explain(check) => {
            let decisions = made(context, check)?;
            write(context, check, &decisions, true)?;
            Ok(exit_code(context, &decisions))
        }
    }
}

/// Decides; with `--record` the verdicts are in the log when this returns.
fn made(context: &Context, check: &CheckArgs) -> Result<Vec<Decision>> {
    match &check.by {
        Some(by) if check.record => super::decision::record::decide(context, check, by),
        _ => decide(context, check),
    }
}

fn exit_code(context: &Context, decisions: &[Decision]) -> u8 {
    let worst = worst_exit(decisions.iter().map(|decision| decision.verdict.exit_code()));
    let raised = match context.flags.fail_on {
        None => false,
        Some(FailOn::Warn) => decisions.iter().any(|d| !d.warnings.is_empty()),
        Some(FailOn::Partial) => decisions.iter().any(|d| d.verdict == Verdict::Partial),
        Some(FailOn::Indeterminate) => {
            decisions.iter().any(|d| d.verdict == Verdict::Indeterminate)
        }
    };
    if worst == 0 && raised { 1 } else { worst }
}

/// Decides what was asked, in one pass.
///
/// # Errors
/// A project is unknown, or the data or policy cannot be used.
pub fn decide(context: &Context, check: &CheckArgs) -> Result<Vec<Decision>> {
    let policy = rules::policy(context, check.policy.as_deref())?;
    let opened = context.open_to_decide()?;
    let asked = asked(context, check, &opened)?;
    decide_over(context, &opened, &policy, &asked)
}

/// Decides stated requests with the shipped policy, in one pass.
///
/// # Errors
/// A project is unknown, or the data or policy cannot be used.
pub fn decide_all(context: &Context, asked: &[Asked]) -> Result<Vec<Decision>> {
    let policy = rules::policy(context, None)?;
    decide_over(context, &context.open_to_decide()?, &policy, asked)
}

/// Decides requests over an opened workspace, in one pass.
///
/// # Errors
/// A parameter, the data or the policy cannot be used.
pub(super) fn decide_over(
    context: &Context,
    opened: &Opened,
    policy: &PolicyFile,
    asked: &[Asked],
) -> Result<Vec<Decision>> {
    let software_scope = match context.params.get("software_scope") {
        None => policy.policy.software_scope,
        Some(word) => SoftwareScope::parse(word).ok_or_else(|| {
            Error::usage(format!("`{word}` is no software scope"))
                .fix("write `strict` or `wide`")
        })?,
    };
    let basis = assess::Basis {
        engine: &opened.engine,
        snapshot: &opened.snapshot,
        library: &opened.library,
        policy,
        as_of: context.as_of()?,
        software_scope,
    };
    assess::assess(&basis, asked)
}

/// The requests: one project's, or those of many (Q03), ordered by project.
///
/// # Errors
/// There is no such project, tranche or country.
pub(super) fn asked(
    context: &Context,
    check: &CheckArgs,
    opened: &Opened,
) -> Result<Vec<Asked>> {
    let snapshot = &opened.snapshot;
    let projects = snapshot.kept("projects")?;
    if let Some(typed) = &check.project {
        let id = ids::project_id(typed);
        let known: BTreeSet<&str> =
            entries(&projects).filter_map(|entry| entry.text("project_id")).collect();
        if !known.contains(id.as_str()) {
            let near = did_you_mean(
                &id,
                known.iter().copied(),
                "`SELECT project_id, title FROM projects` lists them",
            );
            return Err(Error::usage(format!("there is no project `{id}`")).fix(near));
        }
        if id != *typed {
            output::note(context, &format!("note: `{typed}` is read as project `{id}`"));
        }
        let tranche = match check.tranche {
            Some(tranche) => tranche,
            None => {
                *next_tranches(snapshot, context.as_of()?)?.get(&id).ok_or_else(|| {
                    Error::usage(format!("project `{id}` has no next tranche"))
                        .fix("name one with `--tranche N`")
                })?
            }
        };
        return Ok(vec![(id, tranche)]);
    }
    let country = match &check.country {
        None => None,
        Some(text) => Some(
            country_alpha3(text)
                .ok_or_else(|| Error::usage(format!("`{text}` is not a country code")))?,
        ),
    };
    let shared = snapshot.kept("project_countries")?;
    let of_country = |entry: &crate::engine::ledger::Entry<'_>, id: &str| match country {
        None => true,
        Some(code) => {
            entry.text("country") == Some(code)
                || entries(&shared).any(|row| {
                    row.text("project_id") == Some(id)
                        && row.text("country") == Some(code)
                })
        }
    };
    let wanted: BTreeSet<&str> = entries(&projects)
        .filter_map(|entry| Some((entry.text("project_id")?, entry)))
        .filter(|(id, entry)| of_country(entry, id))
        .map(|(id, _)| id)
        .collect();
    let asked: Vec<Asked> = match check.tranche {
        Some(tranche) => projects_planning(snapshot, tranche)?
            .into_iter()
            .filter(|id| wanted.contains(id.as_str()))
            .map(|id| (id, tranche))
            .collect(),
        None => next_tranches(snapshot, context.as_of()?)?
            .into_iter()
            .filter(|(id, _)| wanted.contains(id.as_str()))
            .collect(),
    };
    let left_out = wanted.len().saturating_sub(asked.len());
    if left_out > 0 {
        let text = format!("{left_out} projects have no such tranche and are left out");
        output::note(context, &text);
    }
    Ok(asked)
}

fn write(
    context: &Context,
    check: &CheckArgs,
    decisions: &[Decision],
    whole: bool,
) -> Result<()> {
    let many = check.project.is_none();
    let text = match context.flags.format.as_deref() {
        Some("json") if many => array(decisions)?,
        Some("json") => lines(decisions, decision::to_json)?,
        Some("ndjson" | "jsonl") => lines(decisions, decision::to_json_line)?,
        None | Some("table" | "plain") if whole => {
            decisions.iter().map(decision::explain).collect::<Vec<_>>().join("\n")
        }
        None | Some("table" | "plain") if many => board(decisions),
        None | Some("table" | "plain") => decisions
            .iter()
            .map(|one| decision::tell(one, 80))
            .collect::<Vec<_>>()
            .join("\n"),
        Some(other) => {
            return Err(Error::usage(format!(
                "a verdict cannot be written as `{other}`"
            ))
            .fix("use table, plain, json or ndjson"));
        }
    };
    output::deliver(context, text.as_bytes(), false)
}

fn lines(
    decisions: &[Decision],
    write: impl Fn(&Decision) -> Result<String>,
) -> Result<String> {
    let mut out = String::new();
    for decision in decisions {
        out.push_str(&write(decision)?);
        out.push('\n');
    }
    Ok(out)
}

fn array(decisions: &[Decision]) -> Result<String> {
    let values: Result<Vec<serde_json::Value>> =
        decisions.iter().map(decision::to_value).collect();
    let text = serde_json::to_string_pretty(&values?)
        .map_err(|error| Error::internal("cannot write JSON").caused_by(error))?;
    Ok(format!("{text}\n"))
}

/// One line per project: the verdict, what is payable and held, what does not pass.
fn board(decisions: &[Decision]) -> String {
    let mut out = String::new();
    for decision in decisions {
        let open: Vec<&str> = decision
            .rules
            .iter()
            .filter(|rule| {
                matches!(
                    rule.result,
                    crate::domain::verdict::RuleResult::Fail
                        | crate::domain::verdict::RuleResult::Unknown
                )
            })
            .map(|rule| rule.rule_id.as_str())
            .collect();
        let line = format!(
            "{:<14} tranche {:<2} {:<13} {} payable {:>15}  held {:>15}  {}",
            decision.project_id,
            decision.tranche,
            decision.verdict.word(),
            decision.currency,
            crate::domain::money::grouped(decision.payable),
            crate::domain::money::grouped(decision.held),
            open.join(" "),
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
