//! The shape of findings: numbers, alternatives, codes, warnings, and the two layers.

use super::*;
use crate::domain::verdict::{RuleResult, Scope, Verdict};

#[test]
fn numbers_stand_where_they_mean_something() {
    let decision = Case::worked().decide();
    let ids: Vec<&str> = decision.rules.iter().map(|f| f.rule_id.as_str()).collect();
    assert!(ids.is_sorted());
    for id in ["R05", "R06", "R07", "R14", "R15", "R17", "R24", "R09"] {
        let finding = rule(&decision, id);
        assert_eq!((finding.numerator, finding.denominator), (None, None), "{id}");
        assert_eq!(finding.observed_bps, None, "{id}");
    }
    let oversight = rule(&decision, "R22");
    assert!(oversight.numerator.is_some() && oversight.denominator.is_none());
    let reports = rule(&decision, "R03");
    assert!(reports.numerator.is_some() && reports.threshold_bps.is_none());
    assert_eq!(rule(&decision, "R01").threshold_bps, Some(7500));
}

#[test]
fn observed_always_agrees_with_the_result() {
    let cases = [
        ("previous_tranche_use", exact(74_996, 100_000), "R02"),
        ("previous_tranche_use", exact(75_000, 100_000), "R02"),
        ("classification_coverage", exact(20_001, 1_000_000), "R23"),
        ("classification_coverage", exact(20_000, 1_000_000), "R23"),
    ];
    for (metric, fact, id) in cases {
        let decision = Case::worked().with(metric, fact).decide();
        let finding = rule(&decision, id);
        let (seen, threshold) =
            (finding.observed_bps.unwrap().low, finding.threshold_bps.unwrap());
        let holds = if id == "R02" { seen >= threshold } else { seen <= threshold };
        assert_eq!(holds, finding.result == RuleResult::Pass, "{id} {seen}");
    }
    // One cent of rounding is allowed to each recipient, so that the sum is not told.
    let mut fact = exact(701, 10_008);
    fact.items = vec![item("recipient", "UNDP", "PASS", "")];
    let decision = Case::worked().with("indirect_cost", fact).decide();
    assert_eq!(rule(&decision, "R13").observed_bps, None);
    assert_eq!(rule(&decision, "R13").result, RuleResult::Pass);
}

#[test]
fn rules_not_built_are_listed_and_warned_of() {
    let mut case = Case::worked();
    for rule in case.policy.rules.iter_mut().filter(|rule| rule.id.as_str() >= "R20") {
        rule.measured = None;
    }
    let decision = case.decide();
    let finding = rule(&decision, "R20");
    assert_eq!(finding.result, RuleResult::NotApplicable);
    assert_eq!(finding.codes, ["NOT_BUILT"]);
    let warning =
        decision.warnings.iter().find(|w| w.starts_with("NOT_BUILT: ")).unwrap();
    assert!(warning.contains("R20, R21, R22, R23, R24"), "{warning}");
    assert!(decision.warnings.is_sorted());
}

#[test]
fn r01_shows_the_other_scope_and_the_approved_milestones() {
    let mut case = Case::worked()
        .with("software_progress", exact(6000, 10_000))
        .with("software_progress_wide", exact(8000, 10_000));
    let strict = case.decide();
    let others = rule(&strict, "R01").alternatives.clone().unwrap();
    assert_eq!(others.wide.as_ref().unwrap().result, RuleResult::Pass);
    assert_eq!(others.wide.unwrap().observed_bps.unwrap().low, 8000);
    assert_eq!((others.strict, others.as_approved), (None, None));
    case.request.software_scope = SoftwareScope::Wide;
    let case = case.with("software_progress_as_approved", exact(0, 10_000));
    let wide = case.decide();
    assert_eq!(rule(&wide, "R01").result, RuleResult::Pass);
    let others = rule(&wide, "R01").alternatives.clone().unwrap();
    assert_eq!(others.strict.unwrap().result, RuleResult::Fail);
    assert_eq!(others.as_approved.unwrap().result, RuleResult::Fail);
    assert_eq!(others.wide, None);
}

#[test]
fn oversight_of_others_passes_and_warns() {
    let mut fact = coded("CONCURRENT");
    fact.numerator = Some(Bounds::exact(0));
    let decision = Case::worked().with("oversight_present", fact).decide();
    let finding = rule(&decision, "R22");
    assert_eq!(finding.result, RuleResult::Pass);
    assert!(finding.message.starts_with("Another programme"), "{}", finding.message);
    assert!(decision.warnings.iter().any(|w| w.starts_with("CONCURRENT: R22")));
    let alone = Fact { numerator: Some(Bounds::exact(0)), ..Fact::default() };
    let decision = Case::worked().with("oversight_present", alone).decide();
    assert_eq!(rule(&decision, "R22").result, RuleResult::Fail);
}

#[test]
fn stale_figures_make_even_a_failure_unknown_but_not_officially() {
    let decision = Case::worked()
        .with("previous_tranche_use", exact(10, 100))
        .with("freshness", predicate(1, 0))
        .decide();
    assert_eq!(rule(&decision, "R02").result, RuleResult::Unknown);
    assert_eq!(decision.verdict, Verdict::Indeterminate);
    // Freshness is a proposal: the official layer sees the figures as they are.
    assert_eq!(decision.verdict_official.verdict, Verdict::Hold);
}

#[test]
fn zero_previous_tranche_and_missing_obligations_are_unknown() {
    let zero = Fact { codes: vec!["ZERO_PREVIOUS_TRANCHE".to_owned()], ..exact(0, 0) };
    let decision = Case::worked().with("previous_tranche_use", zero).decide();
    assert_eq!(rule(&decision, "R02").result, RuleResult::Unknown);
    let none = Fact { codes: vec!["NO_REPORT_OBLIGATIONS".to_owned()], ..exact(0, 0) };
    let decision = Case::worked().with("reports_due", none).decide();
    assert_eq!(rule(&decision, "R03").result, RuleResult::Unknown);
    let decision = Case::worked().with("reports_due", exact(0, 0)).decide();
    assert_eq!(rule(&decision, "R03").result, RuleResult::Pass);
}

#[test]
fn warnings_of_a_partial_payment() {
    let mut case = Case::worked().with("software_progress", exact(0, 10_000));
    for share in &mut case.plan.shares {
        share.pro_rata = true;
    }
    case.plan.shares[2].class = Class::Training;
    case.request.warnings = vec!["NOT_APPLIED: overrides are not applied yet".to_owned()];
    let decision = case.decide();
    assert_eq!(decision.scope, Some(Scope::SoftwareOnly));
    let codes: Vec<&str> =
        decision.warnings.iter().map(|w| w.split(':').next().unwrap()).collect();
    assert_eq!(codes, ["DEADLOCK", "NOT_APPLIED", "PARTIAL_PAYMENT", "PRO_RATA"]);
    assert!(decision.warnings[3].contains("ASSUMED"));
}

#[test]
fn the_gravest_flag_of_a_line_is_told_first() {
    let mut fact = predicate(1, 1);
    fact.items = vec![
        item("line", "L1", "UNKNOWN", "E5"),
        item("line", "L1", "FAIL", "E10"),
        item("line", "L1", "FAIL", "E2"),
    ];
    let decision = Case::worked().with("eligibility_screen", fact).decide();
    assert_eq!(decision.blocked_lines.len(), 1);
    assert_eq!(decision.blocked_lines[0].flag, "E2");
    assert_eq!(decision.blocked_lines[0].flags, "E2;E10;E5");
}

#[test]
fn a_passed_due_diligence_line_with_an_open_item_result_only_counts_once() {
    let mut fact = predicate(0, 0);
    fact.items = vec![item("line", "L1", "PASS", "in_place")];
    let decision = Case::worked().with("due_diligence", fact).decide();
    assert_eq!(decision.verdict, Verdict::Release);
    assert!(decision.blocked_lines.is_empty());
}
