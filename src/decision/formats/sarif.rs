//! SARIF 2.1.0: one run, a rule for each rule of the policy, a result for each finding.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::gate::Decision;
use crate::gate::outcome::Finding;

use super::{Outcome, of_verdict, outcome, subject, summary};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(decisions: &[Decision]) -> Result<String> {
    let results: Vec<Value> = decisions.iter().flat_map(results).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "ssrfund",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules(decisions),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let text = serde_json::to_string_pretty(&log)
        .map_err(|error| Error::internal("cannot write JSON").caused_by(error))?;
    Ok(format!("{text}\n"))
}

/// The rules that the results name: the verdict's, and those of the policy.
fn rules(decisions: &[Decision]) -> Vec<Value> {
    let verdict = json!({
        "id": "verdict",
        "shortDescription": { "text": "Whether the tranche may be paid" },
    });
    let of_policy = decisions.first().into_iter().flat_map(|first| &first.rules);
    let rules = of_policy.map(|finding| {
        json!({
            "id": finding.rule_id,
            "shortDescription": { "text": finding.title },
            "fullDescription": { "text": finding.reference },
            "properties": { "basis": finding.basis, "effect": finding.effect },
        })
    });
    std::iter::once(verdict).chain(rules).collect()
}

fn results(decision: &Decision) -> Vec<Value> {
    let mut verdict = result("verdict", of_verdict(decision.verdict), &summary(decision));
    verdict.insert("locations".to_owned(), json!([location(decision, None)]));
    verdict.insert(
        "properties".to_owned(),
        json!({
            "verdict": decision.verdict, "currency": decision.currency,
            "requested": decision.requested, "payable": decision.payable,
            "held": decision.held, "as_of": decision.as_of, "known_at": decision.known_at,
        }),
    );
    let rules = decision.rules.iter().map(|finding| {
        let outcome = outcome(finding);
        let mut object = result(&finding.rule_id, outcome, &finding.message);
        let places = [location(decision, Some(finding))];
        object.insert("locations".to_owned(), json!(places));
        if outcome == Outcome::Waived {
            object.insert("suppressions".to_owned(), json!([{ "kind": "external" }]));
        }
        Value::Object(object)
    });
    std::iter::once(Value::Object(verdict)).chain(rules).collect()
}

fn result(rule: &str, outcome: Outcome, message: &str) -> Map<String, Value> {
    let (kind, level) = match outcome {
        Outcome::Passed => ("pass", "none"),
        Outcome::Warned => ("fail", "warning"),
        Outcome::Failed | Outcome::Waived => ("fail", "error"),
        Outcome::Open | Outcome::Unsure => ("open", "none"),
        Outcome::Skipped => ("notApplicable", "none"),
    };
    let mut object = Map::new();
    object.insert("ruleId".to_owned(), json!(rule));
    object.insert("kind".to_owned(), json!(kind));
    object.insert("level".to_owned(), json!(level));
    object.insert("message".to_owned(), json!({ "text": message }));
    object
}

/// The tranche, and the first row that a finding rests on.
fn location(decision: &Decision, finding: Option<&Finding>) -> Value {
    let name = subject(decision);
    let mut place = json!({
        "logicalLocations": [{ "fullyQualifiedName": name, "kind": "tranche" }],
    });
    if let (Some(row), Some(object)) =
        (finding.and_then(|finding| finding.evidence.first()), place.as_object_mut())
    {
        object.insert(
            "physicalLocation".to_owned(),
            json!({
                "artifactLocation": { "uri": uri(&row.file) },
                "region": { "startLine": row.row.max(1) },
            }),
        );
    }
    place
}

/// A file's name as a relative reference.
fn uri(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
