//! `ssrfund rules lint`: what in a policy or its metrics is wrong without being an error.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::engine::Library;
use crate::error::{Error, Result};
use crate::gate::policy::{Policy, Rule, Threshold};
use crate::metrics::{file, lint};

use super::super::context::Context;
use super::super::flags::PolicyArgs;
use super::super::output;
use super::super::report::{Told, write};
use super::policy;

/// Codes that the gate adds by itself.
const OF_THE_GATE: [&str; 10] = [
    "STALE",
    "LOW_COVERAGE",
    "CRITICAL",
    "NO_PARAMETER",
    "NO_FACTS",
    "NOT_BUILT",
    "OVERFLOW",
    "QUARANTINED",
    "EVALUATORS_DISAGREE",
    "NOT_APPLICABLE",
];

/// Numbers that the gate itself takes: the rate of indirect cost of a partial release, and
/// the limits of its cross-checks.
const BY_THE_GATE: [&str; 4] =
    ["indirect_bps", "claimed_spend_bps", "little_progress_bps", "spent_share_bps"];

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Lint {
    place: String,
    kind: &'static str,
    what: String,
}

/// Lists what was found; finding nothing is a success.
///
/// # Errors
/// Something was found, or the policy cannot be read.
pub(super) fn run(context: &Context, args: &PolicyArgs) -> Result<u8> {
    let policy = policy(context, args.policy.as_deref())?.policy;
    let workspace = context.workspace().ok();
    let library = context.library(workspace.as_ref())?;
    let found = all(&policy, &library)?;
    if found.is_empty() {
        output::note(context, &format!("{} rules: nothing found", policy.rules.len()));
        return Ok(0);
    }
    let rows: Vec<Value> = found
        .iter()
        .map(|lint| json!({"place": lint.place, "kind": lint.kind, "what": lint.what}))
        .collect();
    let object =
        json!({"report": "rules-lint", "title": "What to look at", "rows": rows});
    write(context, &Told { object, rows, notes: Vec::new() })?;
    Err(Error::rule(format!("{} things to look at in the rules", found.len())))
}

fn all(policy: &Policy, library: &Library) -> Result<BTreeSet<Lint>> {
    let mut found = BTreeSet::new();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for name in file::names(library) {
        let text = library.text(&format!("metrics/{name}.sql"))?;
        for (line, what) in lint::sql(&text) {
            let place = format!("queries/metrics/{name}.sql:{line}");
            found.insert(Lint { place, kind: "arithmetic", what });
        }
        texts.insert(name, text);
    }
    for rule in &policy.rules {
        references(rule, &mut found);
        reach(rule, &texts, &mut found);
        periods(rule, &texts, &mut found);
    }
    overlaps(policy, &mut found);
    for (rule, what) in policy.remarks() {
        found.insert(Lint { place: rule, kind: "threshold", what });
    }
    let used: BTreeSet<&str> = policy.rules.iter().flat_map(metrics_of).collect();
    for name in texts.keys().filter(|name| !used.contains(name.as_str())) {
        let place = format!("queries/metrics/{name}.sql");
        let what = "no rule of this policy uses the metric".to_owned();
        found.insert(Lint { place, kind: "unreachable", what });
    }
    Ok(found)
}

/// The metrics that a rule names.
fn metrics_of(rule: &Rule) -> impl Iterator<Item = &str> {
    rule.measured.iter().flat_map(|measured| {
        [
            Some(measured.metric.as_str()),
            measured.wide_metric.as_deref(),
            measured.approved_metric.as_deref(),
        ]
        .into_iter()
        .flatten()
    })
}

fn references(rule: &Rule, found: &mut BTreeSet<Lint>) {
    let mut lacks = |what: String| {
        found.insert(Lint { place: rule.id.clone(), kind: "reference", what });
    };
    for (name, text) in [
        ("reference", &rule.reference),
        ("because", &rule.because),
        ("applies_to", &rule.applies_to),
    ] {
        if text.trim().is_empty() {
            lacks(format!("`{name}` is empty"));
        }
    }
    if rule.examples.is_empty() {
        lacks("no example is given".to_owned());
    }
    for (name, history) in &rule.parameters {
        for dated in
            history.all().iter().filter(|dated| dated.reference.trim().is_empty())
        {
            lacks(format!("`{name}` from {} names no reference", dated.from));
        }
    }
}

/// Rules, codes and sentences that can never come up.
fn reach(rule: &Rule, texts: &BTreeMap<String, String>, found: &mut BTreeSet<Lint>) {
    let mut never = |what: String| {
        found.insert(Lint { place: rule.id.clone(), kind: "unreachable", what });
    };
    if rule.measured.is_none() {
        never("the rule has no metric, so that it never applies".to_owned());
        return;
    }
    let own: Vec<&String> = metrics_of(rule).filter_map(|name| texts.get(name)).collect();
    for name in metrics_of(rule).filter(|name| !texts.contains_key(*name)) {
        // The metric on milestones as first loaded is not a file of its own.
        if rule.measured.as_ref().and_then(|m| m.approved_metric.as_deref()) != Some(name)
        {
            never(format!("there is no metric `{name}`"));
        }
    }
    let is_told = |code: &str| {
        OF_THE_GATE.contains(&code) || own.iter().any(|text| text.contains(code))
    };
    let codes = rule.measured.iter().flat_map(|measured| measured.codes.keys());
    for code in codes.filter(|code| !is_told(code)) {
        never(format!("no metric of the rule tells the code {code}"));
    }
    for key in rule.says.keys() {
        if let Some((_, code)) = key.split_once(' ')
            && !is_told(code)
        {
            never(format!("the sentence `{key}` is for a code that no metric tells"));
        }
    }
}

/// Numbers that nothing uses, and periods that change nothing.
fn periods(rule: &Rule, texts: &BTreeMap<String, String>, found: &mut BTreeSet<Lint>) {
    let threshold = rule.measured.as_ref().and_then(|m| m.threshold.as_ref());
    for (name, history) in &rule.parameters {
        let is_threshold =
            matches!(threshold, Some(Threshold::Parameter(used)) if used == name);
        // As a placeholder, or named by the metric as its threshold.
        let ways = [format!("${name}"), format!("'{name}'")];
        let is_used = is_threshold
            || BY_THE_GATE.contains(&name.as_str())
            || texts.values().any(|text| ways.iter().any(|way| text.contains(way)));
        if !is_used {
            let what = format!("nothing uses `{name}`");
            found.insert(Lint { place: rule.id.clone(), kind: "unreachable", what });
        }
        for pair in history.all().windows(2) {
            if let [before, after] = pair
                && before.value.value == after.value.value
            {
                let what = format!("`{name}` does not change on {}", after.from);
                found.insert(Lint { place: rule.id.clone(), kind: "overlap", what });
            }
        }
    }
}

/// Rules that ask the same of the same numbers.
fn overlaps(policy: &Policy, found: &mut BTreeSet<Lint>) {
    let mut first: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for rule in &policy.rules {
        let Some(measured) = &rule.measured else { continue };
        let key = (measured.metric.as_str(), measured.test.word());
        match first.get(&key) {
            None => {
                first.insert(key, &rule.id);
            }
            Some(other) => {
                let what = format!("asks the same of `{}` as {other}", measured.metric);
                found.insert(Lint { place: rule.id.clone(), kind: "overlap", what });
            }
        }
    }
}
