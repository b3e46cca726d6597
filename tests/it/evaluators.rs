//! A fault planted in one evaluator leaves the verdict open and says where.

use std::path::Path;

use ssrfund::decision::{assess, explain, tell, to_value};
use ssrfund::domain::AsOf;
use ssrfund::domain::verdict::{RuleResult, Verdict};
use ssrfund::engine::Library;
use ssrfund::gate::{Decision, EVALUATORS_DISAGREE, SoftwareScope};
use ssrfund::metrics::file;
use ssrfund::metrics::file::Unit;
use ssrfund::metrics::plan::next_tranches;
use ssrfund::metrics::{Metric, measure::Asked};
use ssrfund::recount;

use crate::workspaces::{open_to_decide, policy, portfolio};

const AS_OF: &str = "2024-06-30";

/// Decides with metrics from an overlay, where one is given.
fn decide(
    workspace: &ssrfund::workspace::Workspace,
    overlay: Option<&Path>,
) -> Vec<Decision> {
    let (snapshot, engine, _) = open_to_decide(workspace, None);
    let library = Library::new(overlay.map(Path::to_path_buf));
    let policy = policy();
    let as_of = AsOf::parse(AS_OF).unwrap();
    let basis = assess::Basis {
        engine: &engine,
        snapshot: &snapshot,
        library: &library,
        policy: &policy,
        as_of,
        software_scope: policy.policy.software_scope,
    };
    let asked: Vec<Asked> =
        next_tranches(&snapshot, as_of).unwrap().into_iter().collect();
    assess::assess(&basis, &asked).unwrap()
}

/// Writes a metric whose numerator is one unit more than it should be.
fn plant(folder: &Path, name: &str) -> Unit {
    let library = Library::new(None);
    let metric = Metric::read(&library, name).unwrap();
    let text = library.text(&format!("metrics/{name}.sql")).unwrap();
    let unit = match metric.unit {
        Unit::Cents => "CAST(0.01 AS DECIMAL(18, 2))",
        _ => "1",
    };
    let wrapped = format!(
        "SELECT project_id, tranche, numerator_low + {unit} AS numerator_low, \
         numerator_high + {unit} AS numerator_high, denominator_low, denominator_high, \
         codes, missing FROM (\n{}\n) AS sound",
        metric.facts
    );
    let altered = text.replacen(&metric.facts, &wrapped, 1);
    assert_ne!(altered, text, "{name}");
    std::fs::create_dir_all(folder.join("metrics")).unwrap();
    std::fs::write(folder.join(format!("metrics/{name}.sql")), altered).unwrap();
    metric.unit
}

/// Whether one unit more changes what a sound decision says of a rule.
fn would_show(sound: &Decision, rule: &str, unit: Unit) -> bool {
    let finding = sound.rules.iter().find(|finding| finding.rule_id == rule).unwrap();
    match finding.result {
        RuleResult::NotApplicable => false,
        // The number of a predicate is not told; more that fail change a PASS alone.
        result if unit == Unit::Predicate => result == RuleResult::Pass,
        _ => finding.numerator.is_some(),
    }
}

#[test]
fn a_unit_more_in_any_metric_is_noticed() {
    let (_folder, workspace) = portfolio();
    let sound = decide(&workspace, None);
    assert!(sound.len() >= 10, "{}", sound.len());
    for decision in &sound {
        assert!(decision.disagreements.is_empty(), "{:?}", decision.disagreements);
    }
    let policy = policy().policy;
    let known = file::names(&Library::new(None));
    let mut planted = 0;
    for rule in &policy.rules {
        let Some(measured) = &rule.measured else { continue };
        if !known.contains(&measured.metric) || !recount::is_counted(&rule.id) {
            continue;
        }
        let overlay = tempfile::tempdir().unwrap();
        let unit = plant(overlay.path(), &measured.metric);
        let mut shown = 0;
        for (before, after) in sound.iter().zip(decide(&workspace, Some(overlay.path())))
        {
            if !would_show(before, &rule.id, unit) {
                continue;
            }
            shown += 1;
            let named: Vec<&str> =
                after.disagreements.iter().map(|told| told.rule_id.as_str()).collect();
            assert!(
                named.contains(&rule.id.as_str()),
                "{} {}",
                rule.id,
                after.project_id
            );
            assert_eq!(after.verdict, Verdict::Indeterminate);
            assert_eq!(after.verdict_official.verdict, Verdict::Indeterminate);
            assert_eq!((after.payable.cents(), after.held), (0, after.requested));
        }
        planted += usize::from(shown > 0);
    }
    assert!(planted >= 15, "{planted} faults are shown by some project");
}

#[test]
fn every_tranche_on_many_days_is_counted_the_same() {
    let (_folder, workspace) = portfolio();
    let (snapshot, engine, library) = open_to_decide(&workspace, None);
    let policy = policy();
    let first = AsOf::parse("2000-01-01").unwrap();
    let projects = next_tranches(&snapshot, first).unwrap().into_keys();
    // Also tranches that nobody planned.
    let asked: Vec<Asked> =
        projects.flat_map(|id| [1, 2, 3, 7].map(|k| (id.clone(), k))).collect();
    let days = ["2000-01-01", "2023-04-30", "2024-05-01", "2025-03-31", "2026-06-30"];
    let mut decided = 0;
    for (number, day) in days.into_iter().enumerate() {
        let scope = [SoftwareScope::Strict, SoftwareScope::Wide][number % 2];
        let basis = assess::Basis {
            engine: &engine,
            snapshot: &snapshot,
            library: &library,
            policy: &policy,
            as_of: AsOf::parse(day).unwrap(),
            software_scope: scope,
        };
        for decision in assess::assess(&basis, &asked).unwrap() {
            let (id, tranche) = (&decision.project_id, decision.tranche);
            let told = &decision.disagreements;
            assert!(told.is_empty(), "{id} {tranche} {day}: {told:?}");
            decided += 1;
        }
    }
    assert!(decided >= 100, "{decided}");
}

#[test]
fn both_traces_are_told() {
    let (_folder, workspace) = portfolio();
    let overlay = tempfile::tempdir().unwrap();
    plant(overlay.path(), "previous_tranche_use");
    let decisions = decide(&workspace, Some(overlay.path()));
    let decision = decisions.iter().find(|d| d.project_id == "00112244").unwrap();
    let value = to_value(decision).unwrap();
    assert_eq!(value["verdict"], "INDETERMINATE");
    let rules = value["rules"].as_array().unwrap();
    let rule = rules.iter().find(|rule| rule["rule_id"] == "R02").unwrap();
    assert_eq!(rule["result"], "UNKNOWN");
    let codes = rule["codes"].as_array().unwrap();
    assert!(codes.iter().any(|code| code == EVALUATORS_DISAGREE), "{codes:?}");
    let told = &value["disagreements"][0];
    assert_eq!(told["rule_id"], "R02");
    let difference = &told["differences"][0];
    assert_eq!(difference["what"], "numerator");
    let cents = |by: &str| -> i128 {
        difference[by].as_str().unwrap().replace('.', "").parse().unwrap()
    };
    assert_eq!(cents("metric"), cents("recount") + 1);
    for trace in ["metric_trace", "recount_trace"] {
        assert!(!told[trace].as_array().unwrap().is_empty(), "{trace}");
    }
    let note = tell(decision, 80);
    assert!(note.contains("two evaluators disagree"), "{note}");
    assert!(note.contains("by the recount"), "{note}");
    let long = explain(decision);
    for words in ["metric: numerator", "recount: prior tranches"] {
        assert!(long.contains(words), "{long}");
    }
}

#[test]
fn a_sound_decision_says_nothing_of_it() {
    let (_folder, workspace) = portfolio();
    for decision in decide(&workspace, None) {
        let value = to_value(&decision).unwrap();
        assert!(value.get("disagreements").is_none());
        assert!(!value.to_string().contains(EVALUATORS_DISAGREE));
    }
}
