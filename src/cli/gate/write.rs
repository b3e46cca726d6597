//! Decisions in the format asked for.

use std::collections::BTreeMap;

use crate::decision::calendar::Due;
use crate::decision::{self, formats};
use crate::domain::money::grouped;
use crate::domain::time::spoken;
use crate::domain::verdict::RuleResult;
use crate::error::{Error, Result, visible};
use crate::gate::Decision;
use crate::metrics::measure::Asked;

use super::super::context::Context;
use super::super::output;

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// One request: its reasons.
    Reasons,
    /// One or many requests: every rule and its rows.
    Everything,
    /// Many requests: a line each.
    Lines,
}

/// Writes decisions; `due` is told beside them where people read.
///
/// # Errors
/// The format is none of ours, or the output cannot be written.
pub(super) fn write(
    context: &Context,
    decisions: &[Decision],
    due: &BTreeMap<Asked, Vec<Due>>,
    detail: Detail,
    is_array: bool,
) -> Result<()> {
    let suffix = context.flags.output.as_deref().and_then(by_suffix);
    let text = match context.flags.format.as_deref().or(suffix) {
        Some("json") if is_array => array(decisions)?,
        Some("json") => each(decisions, decision::to_json)?,
        Some("ndjson" | "jsonl") => each(decisions, decision::to_json_line)?,
        None | Some("table" | "plain") => spoken_text(decisions, due, detail),
        Some(other) => match formats::write(other, decisions)? {
            Some(text) => text,
            None => {
                let what = format!("a verdict cannot be written as `{}`", visible(other));
                return Err(Error::usage(what)
                    .fix("use table, plain, json, ndjson, junit, sarif, tap or github"));
            }
        },
    };
    output::deliver(context, text.as_bytes(), false)
}

/// The format that a file's suffix asks for.
fn by_suffix(path: &std::path::Path) -> Option<&'static str> {
    match path.extension()?.to_str()? {
        "json" => Some("json"),
        "ndjson" | "jsonl" => Some("ndjson"),
        "xml" => Some("junit"),
        "sarif" => Some("sarif"),
        "tap" => Some("tap"),
        _ => None,
    }
}

fn spoken_text(
    decisions: &[Decision],
    due: &BTreeMap<Asked, Vec<Due>>,
    detail: Detail,
) -> String {
    match detail {
        Detail::Everything => {
            decisions.iter().map(decision::explain).collect::<Vec<_>>().join("\n")
        }
        Detail::Reasons => decisions
            .iter()
            .map(|one| decision::tell(one, 80))
            .collect::<Vec<_>>()
            .join("\n"),
        Detail::Lines => decisions.iter().map(|one| line(one, due)).collect(),
    }
}

fn each(
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

/// The rules that do not pass, by id.
pub(super) fn not_passed(decision: &Decision) -> Vec<&str> {
    let is_open = |result| matches!(result, RuleResult::Fail | RuleResult::Unknown);
    let open = decision.rules.iter().filter(|rule| is_open(rule.result));
    open.filter(|rule| !rule.only_warns).map(|rule| rule.rule_id.as_str()).collect()
}

/// One line per project: the verdict, what is payable and held, what does not pass; below
/// it what is due, where that was asked for.
fn line(decision: &Decision, due: &BTreeMap<Asked, Vec<Due>>) -> String {
    let line = format!(
        "{:<14} tranche {:<2} {:<13} {} payable {:>15}  held {:>15}  {}",
        decision.project_id,
        decision.tranche,
        decision.verdict.word(),
        decision.currency,
        grouped(decision.payable),
        grouped(decision.held),
        not_passed(decision).join(" "),
    );
    let mut out = format!("{}\n", line.trim_end());
    for one in
        due.get(&(decision.project_id.clone(), decision.tranche)).into_iter().flatten()
    {
        out.push_str(&format!("    {}: {}\n", spoken(one.on), visible(&one.what)));
    }
    out
}
