//! Each format on a decision with every result, and on texts that would break it.

use super::write;
use crate::domain::verdict::RuleResult;
use crate::gate::Decision;
use crate::gate::tests::{Case, milestones};

/// PARTIAL: R01 fails; one rule is waived, one unknown, and one only warns.
fn partial() -> Decision {
    let fact = milestones(&[("M-17", Some(0), 2, false)]);
    let mut decision = Case::worked().with("software_progress", fact).decide();
    decision.project_id = "0011%2233".to_owned();
    let rules = &mut decision.rules;
    rules[1].result = RuleResult::Waived;
    rules[2].result = RuleResult::Unknown;
    rules[2].message = "not known: a <b> & \"c\" ]]> \u{1b} # 100%\nnext".to_owned();
    rules[3].result = RuleResult::Fail;
    rules[3].only_warns = true;
    rules[4].result = RuleResult::NotApplicable;
    decision
}

fn text(name: &str) -> String {
    write(name, &[partial()]).unwrap().unwrap()
}

#[test]
fn another_name_is_none_of_these_formats() {
    assert_eq!(write("json", &[]).unwrap(), None);
}

#[test]
fn junit_counts_failures_errors_and_skipped_and_stays_well_formed() {
    let xml = text("junit");
    // The verdict and R01 fail; R03 is open; R02 is waived and R05 skipped.
    assert!(xml.contains("failures=\"2\" errors=\"1\""), "{xml}");
    assert!(xml.contains("<skipped message="), "{xml}");
    assert!(xml.contains("&lt;b&gt; &amp; &quot;c&quot;"), "{xml}");
    let mut reader = quick_xml::Reader::from_str(&xml);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            _ => continue,
        }
    }
    assert!(!xml.contains('\u{1b}'));
}

#[test]
fn what_only_warns_fails_no_case() {
    let mut decision = partial();
    let before = write("junit", &[decision.clone()]).unwrap().unwrap();
    assert!(before.contains("errors=\"1\""), "{before}");
    decision.rules[2].only_warns = true;
    let after = write("junit", &[decision.clone()]).unwrap().unwrap();
    assert!(after.contains("errors=\"0\""), "{after}");
    let tap = write("tap", &[decision]).unwrap().unwrap();
    assert_eq!(tap.lines().filter(|line| line.starts_with("not ok")).count(), 2);
}

#[test]
fn tap_has_a_line_for_the_verdict_and_each_rule_and_no_stray_directive() {
    let tap = text("tap");
    let decision = partial();
    let plan = format!("1..{}", decision.rules.len() + 1);
    assert_eq!(tap.lines().nth(1), Some(plan.as_str()));
    let points = tap.lines().filter(|l| l.starts_with("ok ") || l.starts_with("not ok "));
    assert_eq!(points.clone().count(), decision.rules.len() + 1);
    assert_eq!(points.filter(|l| l.starts_with("not ok")).count(), 3);
    assert!(tap.contains("# SKIP WAIVED"), "{tap}");
    assert!(tap.contains("result: UNKNOWN\n  message: \"not known"), "{tap}");
}

#[test]
fn sarif_says_open_for_unknown_and_suppresses_what_is_waived() {
    let log: serde_json::Value = serde_json::from_str(&text("sarif")).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results[0]["ruleId"], "verdict");
    assert_eq!(results[1]["kind"], "fail");
    assert_eq!(results[2]["suppressions"][0]["kind"], "external");
    assert_eq!(
        (&results[3]["kind"], &results[3]["level"]),
        (&"open".into(), &"none".into())
    );
    assert_eq!(results[4]["level"], "warning");
    assert_eq!(results[5]["kind"], "notApplicable");
    let ids: Vec<&str> = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    for result in results {
        assert!(ids.contains(&result["ruleId"].as_str().unwrap()));
    }
}

#[test]
fn github_annotations_are_one_line_each_with_escapes() {
    let log = text("github");
    assert!(log.starts_with("::error title=0011%252233 tranche 2::PARTIAL"), "{log}");
    assert!(log.contains("# 100%25%0Anext"), "{log}");
    assert!(log.lines().all(|line| line.starts_with("::")), "{log}");
    assert!(log.contains("::warning "), "{log}");
    assert!(log.contains("WAIVED"), "{log}");
}
