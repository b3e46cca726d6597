//! Overrides: which count, what they never set aside, and what they release.

use super::*;
use crate::domain::verdict::{RuleResult, Scope, Verdict};
use crate::gate::overrides::REASONS;
use crate::gate::{Override, OverrideScope};

fn day(text: &str) -> chrono::NaiveDate {
    AsOf::parse(text).unwrap().0
}

fn signed(id: &str, rule: &str) -> Override {
    Override {
        override_id: id.to_owned(),
        rule_id: rule.to_owned(),
        scope: OverrideScope::Rule,
        reason_code: "TRUST_BUILDING_FIRST".to_owned(),
        justification: "The stations open before the rainy season.".to_owned(),
        evidence: "NOTE-7".to_owned(),
        signatory: "S. Laurent".to_owned(),
        signatory_role: "PBSO approver".to_owned(),
        signed_on: day("2024-01-15"),
        second_signatory: "M. Okafor".to_owned(),
        valid_from: day("2024-02-01"),
        valid_to: day("2024-07-31"),
        conditions: String::new(),
        recorded_by: "A. Diallo".to_owned(),
        revoked_on: None,
        row: Evidence {
            table: "overrides".to_owned(),
            key: id.to_owned(),
            load_id: "l1".to_owned(),
            file: "overrides.csv".to_owned(),
            row: 2,
        },
    }
}

/// The worked example with R01 failing and these overrides.
fn held_back(overrides: Vec<Override>) -> Case {
    let mut case = Case::worked().with("software_progress", exact(0, 10_000));
    case.request.overrides = overrides;
    case
}

fn said(decision: &Decision, begin: &str) -> bool {
    decision.warnings.iter().any(|warning| warning.starts_with(begin))
}

#[test]
fn waived_is_neither_failed_nor_passed() {
    let decision = held_back(vec![signed("O-1", "R01")]).decide();
    assert_eq!(decision.verdict, Verdict::Release);
    let finding = rule(&decision, "R01");
    assert_eq!(finding.result, RuleResult::Waived);
    assert!(
        finding.message.starts_with("Set aside by override O-1. Without it: Only 0%")
    );
    assert!(finding.numerator.is_some() && finding.levers.is_empty());
    assert_eq!(decision.overrides[0].released, cents("1357371.43"));
    assert_eq!(decision.waived.rules, ["R01"]);
    // The official layer never had R01, so that nothing changes there.
    assert_eq!(decision.verdict_official.verdict, Verdict::Release);
}

#[test]
fn an_override_that_does_not_count_says_why() {
    type Change = fn(&mut Override);
    let changes: [(Change, &str, &str); 11] = [
        (|o| o.valid_to = day("2024-06-29"), "NOT_IN_FORCE", "it ended on 2024-06-29"),
        (|o| o.valid_from = day("2024-07-01"), "NOT_IN_FORCE", "it holds from"),
        (|o| o.signed_on = day("2024-07-01"), "NOT_IN_FORCE", "it was not signed before"),
        (|o| o.revoked_on = Some(day("2024-06-30")), "NOT_IN_FORCE", "it was revoked"),
        (
            |o| o.valid_to = day("2024-08-02"),
            "REFUSED",
            "it holds for more than 6 months",
        ),
        (|o| o.reason_code = "URGENT".to_owned(), "REFUSED", "`URGENT` is not a reason"),
        (|o| o.justification = "Because.".to_owned(), "REFUSED", "its justification has"),
        (|o| o.evidence = " ".to_owned(), "REFUSED", "it names no evidence"),
        (
            |o| o.signatory = "a. diallo, PBSO".to_owned(),
            "REFUSED",
            "the person who signed",
        ),
        (|o| o.rule_id = "R99".to_owned(), "REFUSED", "there is no such rule"),
        (|o| o.scope = OverrideScope::Lines(Vec::new()), "REFUSED", "it names no lines"),
    ];
    for (change, code, why) in changes {
        let mut one = signed("O-1", "R01");
        change(&mut one);
        let wanted =
            format!("OVERRIDE_{code}: O-1 on {} is not applied: {why}", one.rule_id);
        let decision = held_back(vec![one]).decide();
        assert!(said(&decision, &wanted), "{wanted}: {:?}", decision.warnings);
        assert_eq!(decision.payable, cents("622128.57"));
        assert!(decision.overrides.is_empty() && decision.waived.rules.is_empty());
    }
    for reason in REASONS {
        let mut one = signed("O-1", "R01");
        one.reason_code = reason.to_owned();
        assert_eq!(held_back(vec![one]).decide().verdict, Verdict::Release);
    }
}

#[test]
fn rules_that_are_not_overridable_stay() {
    let policy = Policy::read(SHIPPED).unwrap();
    let fixed = policy.rules.iter().filter(|rule| !rule.overridable);
    let ids: Vec<&str> = fixed.map(|rule| rule.id.as_str()).collect();
    assert!(ids.contains(&"R14") && ids.contains(&"R13") && ids.contains(&"R23"));
    for id in ids {
        let decision = held_back(vec![signed("O-1", id)]).decide();
        let wanted =
            format!("OVERRIDE_REFUSED: O-1 on {id} is not applied: this rule cannot");
        assert!(said(&decision, &wanted), "{id}: {:?}", decision.warnings);
    }
}

#[test]
fn a_second_signature_is_of_somebody_else() {
    for (second, releases) in
        [("", false), ("S. Laurent", false), ("A. Diallo", false), ("M. Okafor", true)]
    {
        let mut one = signed("O-1", "R01");
        one.second_signatory = second.to_owned();
        let mut case = held_back(vec![one]);
        assert_eq!(case.decide().verdict, Verdict::Release, "without risk: {second}");
        case.request.risk_marker = Some(2);
        assert_eq!(case.decide().verdict == Verdict::Release, releases, "{second}");
    }
}

#[test]
fn weapons_and_no_support_are_never_set_aside() {
    for (metric, id, flag) in
        [("eligibility_screen", "R06", "E1"), ("due_diligence", "R07", "NO_SUPPORT")]
    {
        let mut fact = predicate(1, 1);
        fact.items =
            vec![item("line", "L2", "FAIL", flag), item("line", "L3", "UNKNOWN", "E5")];
        let mut case = Case::worked().with(metric, fact.clone());
        case.request.overrides = vec![signed("O-1", id)];
        let decision = case.decide();
        // What may be set aside is; the rest stays.
        let held: Vec<&str> =
            decision.blocked_lines.iter().map(|line| line.line_id.as_str()).collect();
        assert_eq!(held, ["L2"], "{id}");
        assert_eq!(rule(&decision, id).result, RuleResult::Fail);
        assert_eq!(decision.overrides.len(), 1);
        fact.items.truncate(1);
        let mut case = Case::worked().with(metric, fact);
        case.request.overrides = vec![signed("O-1", id)];
        let decision = case.decide();
        let wanted =
            format!("OVERRIDE_REFUSED: O-1 on {id} is not applied: {flag} is never");
        assert!(said(&decision, &wanted), "{:?}", decision.warnings);
        // Nothing measured is not nothing found.
        let mut case = Case::worked().without(metric);
        case.request.overrides = vec![signed("O-1", id)];
        assert_eq!(case.decide().verdict, Verdict::Indeterminate);
    }
}

#[test]
fn mitigation_of_one_line_may_be_set_aside() {
    let mut fact = predicate(2, 0);
    fact.items = vec![
        item("line", "L1", "FAIL", "MITIGATION_MISSING"),
        item("line", "L2", "FAIL", "MITIGATION_MISSING"),
    ];
    let mut one = signed("O-1", "R07");
    one.scope = OverrideScope::Lines(vec!["L1".to_owned()]);
    let mut case = Case::worked().with("due_diligence", fact);
    case.request.overrides = vec![one.clone()];
    assert_eq!(case.decide().scope, Some(Scope::SoftwareOnly));
    one.scope = OverrideScope::Lines(vec!["L1".to_owned(), "L2".to_owned()]);
    case.request.overrides = vec![one];
    assert_eq!(case.decide().verdict, Verdict::Release);
}

#[test]
fn a_gate_lets_go_of_lines_that_are_set_aside() {
    let police = Beneficiary::Police;
    let shares = vec![
        share("L1", "UNDP", Class::Hardware, police, "100.00"),
        share("L2", "UNDP", Class::Hardware, police, "50.00"),
        share("L3", "UNDP", Class::SectorWide, police, "50.00"),
    ];
    let mut one = signed("O-1", "R01");
    one.scope = OverrideScope::Lines(vec!["L2".to_owned()]);
    let mut case =
        Case::of(shares, &[("UNDP", "214.00")]).with("software_progress", exact(0, 1));
    case.request.overrides = vec![one];
    let decision = case.decide();
    assert_eq!(rule(&decision, "R01").result, RuleResult::Fail);
    assert_eq!(decision.by_class.hardware.payable, cents("50.00"));
    // 100.00 and 7% of it; without the override 50.00 and 3.50.
    assert_eq!(decision.payable, cents("107.00"));
    assert_eq!(decision.overrides[0].released, cents("53.50"));
    // Another gate still holds the line.
    let both = case.with("review_first", predicate(1, 0)).decide();
    assert_eq!(both.by_class.hardware.payable, Money::ZERO);
    assert_eq!(both.overrides[0].released, Money::ZERO);
}

#[test]
fn milestones_that_are_set_aside_leave_the_test() {
    let list =
        [("A", Some(10_000), 1, false), ("B", Some(0), 1, true), ("C", None, 2, false)];
    let with = |ids: &[&str]| {
        let mut one = signed("O-1", "R01");
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        one.scope = OverrideScope::Milestones(ids);
        let mut case = Case::worked().with("software_progress", milestones(&list));
        case.request.overrides = vec![one];
        let decision = case.decide();
        (rule(&decision, "R01").result, decision.overrides.len())
    };
    // The critical one fails; without it C decides; without both A alone is left.
    assert_eq!(with(&["B"]), (RuleResult::Unknown, 1));
    assert_eq!(with(&["B", "C"]), (RuleResult::Waived, 1));
    assert_eq!(with(&["C"]), (RuleResult::Fail, 1));
    // What is achieved is not set aside.
    assert_eq!(with(&["A"]), (RuleResult::Fail, 0));
}

#[test]
fn what_two_overrides_release_together_hangs_on_both() {
    let mut case = held_back(vec![signed("O-1", "R01"), signed("O-2", "R05")])
        .with("review_first", predicate(1, 0));
    let decision = case.decide();
    let each = decision.overrides.iter().map(|one| one.released);
    assert_eq!(each.collect::<Vec<_>>(), [cents("1357371.43"); 2]);
    assert_eq!(decision.waived.released, cents("1357371.43"));
    // Two for one rule: neither alone is needed, both together are.
    case.request.overrides = vec![signed("O-1", "R01"), signed("O-2", "R01")];
    let case = case.with("review_first", predicate(0, 0));
    let decision = case.decide();
    assert_eq!(decision.overrides.len(), 2);
    let none = decision.overrides.iter().all(|one| one.released == Money::ZERO);
    assert!(none && decision.waived.released == cents("1357371.43"));
}

#[test]
fn an_override_of_an_official_rule_counts_in_the_official_layer() {
    let mut case = Case::worked().with("reports_due", exact(1, 2));
    assert_eq!(case.decide().verdict_official.verdict, Verdict::Hold);
    case.request.overrides = vec![signed("O-1", "R03")];
    assert_eq!(case.decide().verdict_official.verdict, Verdict::Release);
}

#[test]
fn doubt_may_be_set_aside_where_the_rule_may() {
    let mut case = Case::worked().with("classification_coverage", exact(3, 100));
    case.request.overrides = vec![signed("O-1", "R01"), signed("O-2", "R08")];
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Release);
    assert_eq!(rule(&decision, "R23").result, RuleResult::Fail);
}
