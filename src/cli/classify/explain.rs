//! `ssrfund classify explain`: why a budget line has its class.

use serde_json::{Value, json};

use crate::classify::lines::{ClassifiedLine, ClassifiedLines};
use crate::classify::{Answer, Question, RuleSet, read_rules};
use crate::domain::class::Subclass;
use crate::domain::{Bps, Class};
use crate::engine::ledger::entries;
use crate::error::{Error, Result, did_you_mean, visible};
use crate::workspace;

use super::super::context::{Context, switched};
use super::super::data::{json as write_json, wants_json};
use super::super::rules as policies;
use super::super::{output, switches};
use super::{OF_CLASSES, object, told};

/// Shows a line's class shares, and what its text alone says.
///
/// # Errors
/// There is no such line; the nearest are given.
pub fn run(context: &Context, line: &str) -> Result<u8> {
    let workspace = context.workspace()?;
    let snapshot = workspace::open(&workspace, context.known_at()?)?;
    let policy = policies::policy(context, None)?.policy;
    let (rules, hash) = read_rules(&context.library(Some(&workspace))?)?;
    let (rules, _) = switched(rules, &hash, &policy);
    let lines = ClassifiedLines::derive(&snapshot, &rules)?;
    let found = lines.0.get(line).ok_or_else(|| {
        let near = did_you_mean(
            line,
            lines.0.keys().map(String::as_str),
            "`SELECT line_id FROM budget_lines` lists them",
        );
        Error::usage(format!("there is no budget line `{line}`")).fix(near)
    })?;
    let kept = snapshot.kept("budget_lines")?;
    let entry = entries(&kept)
        .find(|entry| entry.text("line_id") == Some(line))
        .ok_or_else(|| Error::internal("a classified line has no row"))?;
    let description = entry.text("description").unwrap_or_default();
    let answer = rules.classify(&Question {
        description,
        lang: entry.text("lang"),
        scheme: entry.text("category_scheme"),
        category: entry.text("category"),
        beneficiary: entry.text("beneficiary"),
        security: false,
    });
    let stamps = switches::told(&policy, context.as_of()?, &OF_CLASSES);
    if wants_json(context) {
        let mut object = as_json(found, description, &rules, &answer);
        if let Some(map) = object.as_object_mut() {
            map.insert("switches".to_owned(), json!(stamps));
        }
        return write_json(context, &object);
    }
    let mut out = as_text(found, description, &rules, &answer);
    out.push_str(&format!("\n{}\n", switches::sentence(&policy, &stamps)));
    output::deliver(context, out.as_bytes(), false)?;
    Ok(0)
}

fn as_json(
    found: &ClassifiedLine,
    description: &str,
    rules: &RuleSet,
    answer: &Answer,
) -> Value {
    let shares: Vec<Value> = found
        .shares
        .iter()
        .map(|share| {
            json!({
                "class": share.class.code(),
                "subclass": share.subclass.map(Subclass::code),
                "share_bps": share.share_bps,
                "gate_treatment": share.gate_treatment.code(),
                "eligibility": share.eligibility,
            })
        })
        .collect();
    let first = found.shares.first();
    json!({
        "line_id": found.line_id,
        "description": description,
        "class": first.map(|share| share.class.code()),
        "subclass": first.and_then(|share| share.subclass).map(Subclass::code),
        "beneficiary": found.beneficiary.code(),
        "gate_treatment": first.map(|share| share.gate_treatment.code()),
        "eligibility": first.map(|share| share.eligibility.as_str()),
        "method": found.method.code(),
        "rule_id": found.rule_id,
        "matched": found.matched,
        "runner_up": found.runner_up,
        "confidence_bps": found.confidence_bps,
        "features": answer.features,
        "shares": shares,
        "text_says": object(rules, description, answer),
        "stale": found.stale.is_some(),
        "decided_on_text": found.stale,
        "decide_with": decide_with(found, answer),
    })
}

/// What a manual decision would look like: the text's own class, or the stated shares.
fn decide_with(found: &ClassifiedLine, answer: &Answer) -> String {
    let mut command = format!("ssrfund classify decide {}", found.line_id);
    let shares = &found.shares;
    if shares.len() > 1 {
        for share in shares {
            let subclass = share.subclass.map(|s| format!("/{s}")).unwrap_or_default();
            let bps = share.share_bps;
            command.push_str(&format!(" --share {}{subclass}={bps}", share.class));
        }
    } else {
        let first = shares.first().map(|share| (share.class, share.subclass));
        let open = |class: Class| class.is_doubtful();
        match first.unwrap_or((answer.class, answer.subclass)) {
            (class, _) if open(class) => {
                command.push_str(" CLASS");
            }
            (class, subclass) => {
                command.push_str(&format!(" {class}"));
                if let Some(subclass) = subclass {
                    command.push_str(&format!(" --subclass {subclass}"));
                }
            }
        }
    }
    command + " --by \"NAME, ROLE\" --reason \"WHY\""
}

fn as_text(
    found: &ClassifiedLine,
    description: &str,
    rules: &RuleSet,
    answer: &Answer,
) -> String {
    let mut out = format!("{}: {}\n", found.line_id, visible(description));
    for share in &found.shares {
        let subclass = share.subclass.map(|s| format!("/{s}")).unwrap_or_default();
        let mut line = format!(
            "  {} {}{subclass}, {}",
            Bps(share.share_bps).percent(),
            share.class,
            share.gate_treatment,
        );
        if !share.eligibility.is_empty() {
            line.push_str(&format!(", {}", share.eligibility));
        }
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str(&format!(
        "  by {} ({}): {}\n",
        found.method, found.rule_id, found.matched
    ));
    if let Some(was) = &found.stale {
        out.push_str(&format!(
            "  stale: decided when the text was `{}`; it holds until it is made again\n",
            visible(was)
        ));
    }
    out.push_str("\nThe text alone says:\n");
    out.push_str(&told(rules, description, answer));
    out.push_str(&format!("\nTo decide: {}\n", decide_with(found, answer)));
    out
}
