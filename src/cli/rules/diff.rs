//! `ssrfund rules diff`: two policies, key by key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::error::{Error, Result};

use super::super::context::Context;
use super::super::flags::PolicyDiffArgs;
use super::super::report::{Told, write};
use super::policy;

/// Lists the keys that differ between two policies.
///
/// # Errors
/// A policy cannot be read or used.
pub(super) fn run(context: &Context, args: &PolicyDiffArgs) -> Result<u8> {
    let before = keys(context, Some(&args.old))?;
    let after = keys(context, args.new.as_deref())?;
    let all: BTreeSet<&(String, String)> = before.keys().chain(after.keys()).collect();
    let rows: Vec<Value> = all
        .into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| {
            json!({
                "rule_id": key.0, "key": key.1,
                "before": before.get(key), "after": after.get(key),
            })
        })
        .collect();
    let rules: BTreeSet<&str> =
        rows.iter().filter_map(|row| row.get("rule_id")?.as_str()).collect();
    let notes = vec![format!("{} keys differ, in {} rules", rows.len(), rules.len())];
    let object = json!({
        "report": "rules-diff", "title": "Two policies", "rows": rows, "notes": notes,
    });
    write(context, &Told { object, rows, notes })?;
    Ok(0)
}

/// Every value of a policy file by rule and key; the policy must be one that can be used.
fn keys(
    context: &Context,
    file: Option<&Path>,
) -> Result<BTreeMap<(String, String), String>> {
    policy(context, file)?;
    let text = super::text(context, file)?;
    let table = text.parse::<toml::Table>();
    let table = table.map_err(|e| Error::rule("the policy is not TOML").caused_by(e))?;
    let mut out = BTreeMap::new();
    for (key, value) in &table {
        match value {
            toml::Value::Array(rules) if key == "rule" => {
                for rule in rules {
                    let id = rule.get("id").and_then(toml::Value::as_str).unwrap_or("");
                    flatten(id, "", rule, &mut out);
                }
            }
            other => flatten("", key, other, &mut out),
        }
    }
    Ok(out)
}

fn flatten(
    rule: &str,
    key: &str,
    value: &toml::Value,
    out: &mut BTreeMap<(String, String), String>,
) {
    let inner = |name: &str| match key {
        "" => name.to_owned(),
        key => format!("{key}.{name}"),
    };
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                flatten(rule, &inner(name), value, out);
            }
        }
        toml::Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                // A period is known by its day, not by its place.
                let from = value.get("from").map(ToString::to_string);
                let name = from.unwrap_or_else(|| index.saturating_add(1).to_string());
                flatten(rule, &inner(&name), value, out);
            }
        }
        toml::Value::String(text) => {
            out.insert((rule.to_owned(), key.to_owned()), text.clone());
        }
        other => {
            out.insert((rule.to_owned(), key.to_owned()), other.to_string());
        }
    }
}
