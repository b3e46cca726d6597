//! `ssrfund rules`: the rules of the gate, with their sources.

use serde_json::json;

use crate::decision::assess::{PolicyFile, read_policy};
use crate::error::{Error, Result, did_you_mean};
use crate::gate::Policy;

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
        RulesCommand::Show { rule } => {
            let found = policy.rule(rule).ok_or_else(|| {
                let known = policy.rules.iter().map(|rule| rule.id.as_str());
                Error::usage(format!("there is no rule `{rule}`")).fix(did_you_mean(
                    rule,
                    known,
                    "`ssrfund rules list` names them",
                ))
            })?;
            let mut out = format!("{} {}\n\n{}\n", found.id, found.title, found.because);
            out.push_str(&format!("\nsource  {} ({})\n", found.reference, found.basis));
            out.push_str(&format!("effect  {}\n", found.effect));
            for (name, history) in &found.parameters {
                for dated in history.all() {
                    let mark =
                        if dated.value.verified { "" } else { ", unverified default" };
                    out.push_str(&format!(
                        "{name}  {} from {} ({}{mark})\n",
                        dated.value.value, dated.from, dated.reference
                    ));
                }
            }
            for example in &found.examples {
                out.push_str(&format!("example  {example}\n"));
            }
            output::deliver(context, out.as_bytes(), false)?;
            Ok(0)
        }
    }
}

/// Parameters of reports, which no policy knows.
const OF_REPORTS: [&str; 2] = ["currency", "fund"];

/// The policy: a named file, else `policies/pbf.toml` of the library; its switches as
/// they stand at the as-of, or as `--param` sets them for this run.
///
/// # Errors
/// The file cannot be read or understood, or it has no parameter that `--param` names.
pub fn policy(context: &Context, file: Option<&std::path::Path>) -> Result<PolicyFile> {
    let read = read(context, file)?;
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
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::io("read", path, error))?;
        return read_policy(&path.display().to_string(), &text);
    }
    let workspace = context.workspace().ok();
    let text = context.library(workspace.as_ref())?.text("policies/pbf.toml")?;
    read_policy("queries/policies/pbf.toml", &text)
}

fn set(
    context: &Context,
    read: PolicyFile,
    is_meant: impl Fn(&Policy, &str) -> bool,
) -> Result<PolicyFile> {
    let PolicyFile { mut policy, sha256 } = read;
    for (name, value) in &context.params {
        if is_meant(&policy, name) {
            policy.set(name, value)?;
        }
    }
    Ok(PolicyFile { policy: policy.on(context.as_of()?), sha256 })
}
