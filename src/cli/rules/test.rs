//! `ssrfund rules test`: scenarios against the rules, and what they cover.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::decision::scenario::coverage::{Beside, Coverage};
use crate::decision::scenario::read_all;
use crate::error::{Error, Result};

use super::super::context::Context;
use super::super::flags::TestArgs;
use super::super::output;
use super::super::report::{Told, write};
use super::policy;

/// Runs scenarios; what differs is listed on stderr.
///
/// # Errors
/// A scenario differs or cannot be run, or there is none.
pub(super) fn run(context: &Context, args: &TestArgs) -> Result<u8> {
    let policy = policy(context, args.policy.as_deref())?;
    let workspace = context.workspace().ok();
    let library = context.library(workspace.as_ref())?;
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => match &workspace {
            Some(workspace) => workspace.root().join("scenarios"),
            None => PathBuf::from("fixtures/scenarios"),
        },
    };
    let scenarios = read_all(&folder)?;
    let mut coverage = Coverage::of(&policy.policy);
    let (mut ran, mut wrong) = (0_usize, Vec::new());
    for scenario in scenarios.iter().filter(|scenario| scenario.is_for_gate()) {
        ran = ran.saturating_add(1);
        let told = scenario.decide(&library, &policy).and_then(|decision| {
            coverage.add(&decision, &policy.policy, &scenario.covers());
            scenario.differences(&decision)
        });
        match told {
            Ok(differences) => wrong.extend(
                differences.into_iter().map(|text| format!("{}: {text}", scenario.name)),
            ),
            Err(error) => wrong.push(format!("{}: {error}", scenario.name)),
        }
    }
    if args.coverage {
        write(context, &told(&coverage, ran))?;
    }
    for text in &wrong {
        output::note(context, text);
    }
    if wrong.is_empty() {
        output::note(context, &format!("{ran} scenarios give what they state"));
        return Ok(0);
    }
    Err(Error::rule(format!("{} differences in {ran} scenarios", wrong.len()))
        .fix("work the sum again before changing what a scenario states"))
}

/// The coverage as a table: results, and places beside the threshold.
fn told(coverage: &Coverage, ran: usize) -> Told {
    let results = ["PASS", "FAIL", "UNKNOWN", "NOT_APPLICABLE", "WAIVED"];
    let rows: Vec<Value> = coverage
        .0
        .iter()
        .map(|(id, seen)| {
            let mut row = serde_json::Map::new();
            row.insert("rule_id".to_owned(), json!(id));
            for result in results {
                let count = seen.results.get(result).copied().unwrap_or(0);
                row.insert(result.to_lowercase(), json!(count));
            }
            for place in Beside::ALL {
                let mark = if seen.beside.contains(&place) { "yes" } else { "" };
                row.insert(format!("threshold_{}", place.word()), json!(mark));
            }
            Value::Object(row)
        })
        .collect();
    let notes = vec![format!(
        "{ran} scenarios. below, exact, above: seen one unit on the failing side of the \
         threshold, at it, one unit on the passing side"
    )];
    let object = json!({
        "report": "rules-coverage", "title": "What the scenarios show of each rule",
        "scenarios": ran, "rows": rows, "notes": notes,
    });
    Told { object, rows, notes }
}
