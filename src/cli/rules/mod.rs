//! `ssrfund rules`: the rules of the gate, with their sources.
//!
//! [`lint`] looks for what is wrong without being an error, [`test`] runs scenarios,
//! [`diff`] compares two policies.

mod diff;
mod lint;
mod test;

use serde_json::json;

use crate::decision::assess::{PolicyFile, read_policy};
use crate::error::{Error, Result, did_you_mean, visible};
use crate::gate::{Policy, handbook};

use super::context::Context;
use super::data::{json as write_json, wants_json};
use super::flags::{RulesArgs, RulesCommand};
use super::output;

/// Runs a command of `rules`.
///
/// # Errors
/// There is no such rule, or the policy cannot be read.
pub fn run(context: &Context, args: &RulesArgs) -> Result<u8> {
    let policy = policy(context, None)?.policy;
    match &args.command {
        RulesCommand::List => {
            if wants_json(context) {
                let rules: Vec<serde_json::Value> = policy
                    .rules
                    .iter()
                    .map(|rule| {
                        json!({
                            "rule_id": rule.id, "title": rule.title,
                            "basis": rule.basis, "effect": rule.effect,
                        })
                    })
                    .collect();
                return write_json(context, &rules);
            }
            let mut out = String::new();
            for rule in &policy.rules {
                out.push_str(&format!(
                    "{}  {:<9} {:<18} {}\n",
                    rule.id,
                    rule.basis.to_string(),
                    rule.effect.to_string(),
                    rule.title
                ));
            }
            output::deliver(context, out.as_bytes(), false)?;
            Ok(0)
        }
        RulesCommand::Show { rule, all } => show(context, &policy, rule.as_deref(), *all),
        RulesCommand::Lint(args) => lint::run(context, args),
        RulesCommand::Test(args) => test::run(context, args),
        RulesCommand::Diff(args) => diff::run(context, args),
    }
}

/// One rule, or all of them, as Markdown; a terminal reads it as it stands.
fn show(context: &Context, policy: &Policy, rule: Option<&str>, all: bool) -> Result<u8> {
    let text = match rule {
        Some(id) => {
            let found = policy.rule(id).ok_or_else(|| {
                let known = policy.rules.iter().map(|rule| rule.id.as_str());
                Error::usage(format!("there is no rule `{}`", visible(id)))
                    .fix(did_you_mean(id, known, "`ssrfund rules list` names them"))
            })?;
            handbook::page(found)
        }
        None if all => handbook::pages(policy),
        None => {
            return Err(
                Error::usage("no rule is named").fix("name one, or write `--all`")
            );
        }
    };
    output::deliver(context, text.as_bytes(), false)?;
    Ok(0)
}

/// Parameters of reports, which no policy knows.
const OF_REPORTS: [&str; 2] = ["currency", "fund"];

/// The policy: a named file, else `policies/pbf.toml` of the library; its switches as
/// they stand at the as-of, or as `--param` sets them for this run.
///
/// # Errors
/// The file cannot be read or understood, or it has no parameter that `--param` names.
pub fn policy(context: &Context, file: Option<&std::path::Path>) -> Result<PolicyFile> {
    set_for_run(context, read(context, file)?)
}

/// A policy that was read, with what `--param` sets, at the as-of.
///
/// # Errors
/// It has no parameter that `--param` names, or that cannot have the value.
pub fn set_for_run(context: &Context, read: PolicyFile) -> Result<PolicyFile> {
    set(context, read, |_, name| !OF_REPORTS.contains(&name))
}

/// The policy of the library for commands whose `--param` may name other things too.
///
/// # Errors
/// The file cannot be read or understood, or a parameter of it cannot have that value.
pub fn policy_behind(context: &Context) -> Result<PolicyFile> {
    set(context, read(context, None)?, Policy::knows)
}

fn read(context: &Context, file: Option<&std::path::Path>) -> Result<PolicyFile> {
    let text = text(context, file)?;
    match file {
        Some(path) => read_policy(&path.display().to_string(), &text),
        None => read_policy("queries/policies/pbf.toml", &text),
    }
}

/// The text of the same file.
fn text(context: &Context, file: Option<&std::path::Path>) -> Result<String> {
    if let Some(path) = file {
        return std::fs::read_to_string(path)
            .map_err(|error| Error::io("read", path, error));
    }
    let workspace = context.workspace().ok();
    context.library(workspace.as_ref())?.text("policies/pbf.toml")
}

fn set(
    context: &Context,
    read: PolicyFile,
    is_meant: impl Fn(&Policy, &str) -> bool,
) -> Result<PolicyFile> {
    let PolicyFile { mut policy, sha256, text } = read;
    for (name, value) in &context.params {
        if is_meant(&policy, name) {
            policy.set(name, value)?;
        }
    }
    Ok(PolicyFile { policy: policy.on(context.as_of()?), sha256, text })
}
