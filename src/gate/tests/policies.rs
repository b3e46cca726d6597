//! The shipped policy, and policies that cannot be used.

use super::*;
use crate::error::Kind;
use crate::gate::policy::{Basis, Effect, ParamValue};

fn refused(from: &str, to: &str) -> String {
    let text = SHIPPED.replacen(from, to, 1);
    assert_ne!(text, SHIPPED, "`{from}` is not in the policy");
    let error = Policy::read_as("mine.toml", &text).unwrap_err();
    assert_eq!(error.kind(), Kind::Rule);
    error.to_string()
}

#[test]
fn the_shipped_policy_has_the_28_rules() {
    let policy = Policy::read(SHIPPED).unwrap();
    assert_eq!((policy.id.as_str(), policy.version.as_str()), ("pbf", "1.0.0"));
    assert_eq!(policy.rules.len(), 28);
    let built: Vec<&str> = policy
        .rules
        .iter()
        .filter(|rule| rule.measured.is_some())
        .map(|rule| rule.id.as_str())
        .collect();
    let expected = "R01 R02 R03 R04 R05 R06 R07 R08 R09 R10 R11 R12 R13 R14 R15 \
                    R16 R17 R18 R19 R20 R21 R22 R23 R24 R25 R26 R27 R28";
    assert_eq!(built.join(" "), expected);
    for rule in &policy.rules {
        for (name, history) in &rule.parameters {
            let first = history.all().first().unwrap().from.to_string();
            assert_eq!(first, "2000-01-01", "{name}");
        }
    }
}

#[test]
fn nothing_proposed_is_called_official() {
    let policy = Policy::read(SHIPPED).unwrap();
    for rule in &policy.rules {
        if rule.is_official() {
            assert!(!rule.reference.contains("proposal"), "{}", rule.id);
        }
    }
    let basis = |id: &str| policy.rule(id).unwrap().basis;
    assert_eq!(basis("R01"), Basis::Seed);
    assert_eq!(basis("R08"), Basis::Policy);
    assert_eq!(basis("R14"), Basis::Integrity);
    assert_eq!(policy.rule("R07").unwrap().effect, Effect::BlockLine);
}

#[test]
fn parameters_are_dated() {
    let policy = Policy::read(SHIPPED).unwrap();
    let on = |day: &str| policy.parameters_on(AsOf::parse(day).unwrap());
    let limit = |day: &str| on(day)["reallocation_bps"].clone();
    assert_eq!(limit("2017-12-31"), ParamValue::Number(1500));
    assert_eq!(limit("2018-01-01"), ParamValue::Number(2000));
    let named = on("2024-06-30");
    assert_eq!(named["low_confidence_bps"], ParamValue::Number(5000));
    assert_eq!(named["ceiling_allowance_bps"], ParamValue::Number(500));
    assert_eq!(named["software_scope"], ParamValue::Text("strict".to_owned()));
    assert_eq!(named["gate_doubtful"], ParamValue::Flag(true));
    // Before every period no rule of a number applies.
    assert!(!on("1999-12-31").contains_key("progress_bps"));
    let mut case = Case::worked();
    case.request.as_of = AsOf::parse("1999-12-31").unwrap();
    let decision = case.decide();
    assert_eq!(rule(&decision, "R02").codes, ["NO_PARAMETER"]);
}

#[test]
fn faults_name_file_and_rule() {
    let effect = refused("effect = \"BLOCK_LINE\"", "effect = \"BLOCK_LINES\"");
    assert_eq!(
        effect.lines().next().unwrap(),
        "mine.toml: rule `R06`: `BLOCK_LINES` is not a value of `effect`; \
         did you mean `BLOCK_LINE`?"
    );
    let gap = refused("id = \"R05\"", "id = \"R06\"");
    assert!(gap.contains("rule id `R06` stands where `R05` is expected"), "{gap}");
    let key = refused("overridable = true", "overidable = true");
    assert!(key.starts_with("mine.toml:") && key.contains("rule `R01`"), "{key}");
    let float = refused("bps = 7500", "bps = 0.75");
    assert!(
        float.contains("R01") && float.contains("no whole number of basis points"),
        "{float}"
    );
    let unit = refused("days = 0", "bps = 0");
    assert!(
        unit.contains("rule `R03`: parameter `grace_days` is given in bps"),
        "{unit}"
    );
    let words = refused("{observed} of", "{obsreved} of");
    assert!(words.contains("did you mean `observed`?"), "{words}");
    let doubt = refused("affects = [\"R02\"]", "affects = [\"R99\"]");
    assert!(doubt.contains("rule `R24`: `affects` names `R99`"), "{doubt}");
    let test = refused("compare = \"at_least\"", "compare = \"more\"");
    assert!(test.contains("use one of at_least, at_most"), "{test}");
}

#[test]
fn a_policy_with_too_few_rules_is_refused() {
    let cut = SHIPPED.split("[[rule]]\nid = \"R27\"").next().unwrap();
    let error = Policy::read(cut).unwrap_err().to_string();
    assert!(error.contains("26 rules, not R01 to R28"), "{error}");
}

#[test]
fn a_policy_says_how_many_approve() {
    let policy = Policy::read(SHIPPED).unwrap();
    assert_eq!((policy.approvals, policy.recorder_may_approve), (1, false));
    let entry = |name: &str, value: &str| {
        let (head, rest) = SHIPPED.split_once(&format!("[[parameters.{name}]]")).unwrap();
        let (from, rest) = rest.split_once("value = ").unwrap();
        let (_, rest) = rest.split_once('\n').unwrap();
        format!("{head}[[parameters.{name}]]{from}value = {value}\n{rest}")
    };
    let policy = Policy::read(&entry("approvals", "2")).unwrap();
    assert_eq!(policy.approvals, 2);
    assert!(
        Policy::read(&entry("recorder_may_approve", "true"))
            .unwrap()
            .recorder_may_approve
    );
    let error = Policy::read(&entry("approvals", "0")).unwrap_err().to_string();
    assert!(error.contains("write a whole number of 1 or more"), "{error}");
}
