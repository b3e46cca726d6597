//! Verdicts and amounts of `contract.md` Q34, Q45, Q51 and Q60 to Q67.

use super::*;
use crate::domain::verdict::{RuleResult, Scope, Verdict};

use Beneficiary::{OversightFormal, Police};

/// The ceiling fails; budget share 46.42% and 5% more; nothing paid before.
fn over_ceiling(cap: i128, past_direct: i128, past_hardware: i128) -> Fact {
    let mut fact = exact(120_000_000 + past_hardware, 175_000_000 + past_direct);
    fact.items = vec![
        number("cap_bps", "", cap),
        number("past_direct", "", past_direct),
        number("past_hardware_high", "", past_hardware),
        number("k_hardware_low", "", 120_000_000),
        number("k_hardware_high", "", 120_000_000),
    ];
    fact
}

#[test]
fn q45_hardware_is_released_up_to_the_ceiling() {
    // x = ⌊5142 × 550,000.00 / 4858⌋ = 582,153.14; D = 1,132,153.14;
    // S = half up of 100,000.00 × 1,132,153.14 / 1,750,000.00 = 64,694.47;
    // I = half up of 7% of 1,196,847.61 = 83,779.33.
    let decision =
        Case::worked().with("hardware_ceiling", over_ceiling(5142, 0, 0)).decide();
    assert_eq!(decision.scope, Some(Scope::UpToCeiling));
    assert_eq!(decision.by_class.hardware.payable, cents("582153.14"));
    assert_eq!(decision.by_class.support.payable, cents("64694.47"));
    assert_eq!(decision.by_class.indirect.payable, cents("83779.33"));
    assert_eq!(decision.payable, cents("1280626.94"));
    let finding = rule(&decision, "R08");
    assert_eq!((finding.result, finding.threshold_bps), (RuleResult::Fail, Some(5142)));
    // ⌈10000 × 1,200,000.00 / 5142 − 1,750,000.00⌉ and its counterpart.
    let amounts: Vec<_> =
        finding.levers.iter().map(|l| (l.lever, l.amount.unwrap())).collect();
    assert_eq!(
        amounts,
        [
            ("more_non_hardware", cents("583722.29")),
            ("less_hardware", cents("617846.86")),
        ]
    );
}

#[test]
fn q45_earlier_tranches_count_and_never_below_zero() {
    // x = ⌊(3772 × 1,384,579.44 − 10000 × 300,000.00) / 6228⌋ = 356,877.81…
    let fact = over_ceiling(3772, 83_457_944, 30_000_000);
    let decision = Case::worked().with("hardware_ceiling", fact).decide();
    let x = (3772 * 138_457_944 - 10_000 * 30_000_000) / 6228;
    assert_eq!(decision.by_class.hardware.payable.cents(), x);
    let none = over_ceiling(1000, 83_457_944, 70_000_000);
    let decision = Case::worked().with("hardware_ceiling", none).decide();
    assert_eq!(decision.scope, Some(Scope::SoftwareOnly));
    assert_eq!(decision.payable, cents("622128.57"));
}

#[test]
fn q45_another_gate_or_doubt_releases_none() {
    let ceiling = over_ceiling(5142, 0, 0);
    let both = Case::worked()
        .with("hardware_ceiling", ceiling.clone())
        .with("review_first", predicate(0, 1))
        .decide();
    assert_eq!(both.scope, Some(Scope::SoftwareOnly));
    let doubt = Case::worked()
        .with("hardware_ceiling", ceiling)
        .with("classification_coverage", exact(3, 100))
        .decide();
    assert_eq!(rule(&doubt, "R08").result, RuleResult::Unknown);
    assert_eq!(rule(&doubt, "R08").codes, ["LOW_COVERAGE"]);
    assert_eq!(rule(&doubt, "R01").codes, ["LOW_COVERAGE"]);
    assert_eq!(doubt.scope, Some(Scope::SoftwareOnly));
}

#[test]
fn q45_room_goes_to_gated_shares_with_ties_by_line() {
    let shares = vec![
        share("B", "UNDP", Class::Hardware, Police, "1.00"),
        share("A", "UNDP", Class::Hardware, Police, "1.00"),
        share("C", "UNDP", Class::SectorWide, Police, "1.01"),
    ];
    let mut fact = exact(200, 301);
    fact.items = vec![
        number("cap_bps", "", 5000),
        number("past_direct", "", 0),
        number("past_hardware_high", "", 0),
    ];
    let case = Case::of(shares, &[("UNDP", "3.01")]).with("hardware_ceiling", fact);
    // Room is 1.01, so that line A gets the odd cent.
    let decision = case.decide();
    assert_eq!(decision.by_class.hardware.payable, cents("1.01"));
    let gated: Vec<&PlannedShare> = case.plan.shares.iter().take(2).collect();
    let parts = super::super::ceiling::spread(cents("1.01"), &gated).unwrap();
    assert_eq!(parts, [cents("0.50"), cents("0.51")]);
    // Of equal remainders the larger amount has the cent: 2 × 3/4 and 2 × 1/4.
    let small = share("A", "UNDP", Class::Hardware, Police, "0.01");
    let large = share("B", "UNDP", Class::Hardware, Police, "0.03");
    let parts = super::super::ceiling::spread(cents("0.02"), &[&small, &large]).unwrap();
    assert_eq!(parts, [cents("0.00"), cents("0.02")]);
}

#[test]
fn q34_mixed_and_unclassified_are_held_with_hardware() {
    let mut case = Case::worked().with("software_progress", exact(0, 10_000));
    case.plan.shares[1].class = Class::Unclassified;
    case.plan.shares[1].gate_treatment = GateTreatment::Gated;
    let held = case.decide();
    assert_eq!(held.by_class.unclassified.payable, Money::ZERO);
    case.policy.gate_doubtful = false;
    let paid = case.decide();
    assert_eq!(paid.by_class.unclassified.payable, cents("300000.00"));
}

#[test]
fn q51_which_unknown_matters() {
    let unknown = |metric: &str| Case::worked().without(metric).decide();
    for (metric, id) in [
        ("previous_tranche_use", "R02"),
        ("reports_due", "R03"),
        ("certified_statements", "R04"),
        ("project_in_time", "R15"),
        ("signatures", "R17"),
    ] {
        let decision = unknown(metric);
        assert_eq!(decision.verdict, Verdict::Indeterminate, "{metric}");
        assert_eq!(rule(&decision, id).codes, ["NO_FACTS"]);
        assert_eq!(decision.held, cents("1979500.00"));
    }
    let warned = unknown("indirect_cost");
    assert_eq!(warned.verdict, Verdict::Release);
    assert!(warned.warnings.iter().any(|w| w.starts_with("NOT_KNOWN: R13")));
    assert_eq!(unknown("tranche_arithmetic").verdict, Verdict::Invalid);
    assert_eq!(unknown("freshness").verdict, Verdict::Indeterminate);
    assert_eq!(rule(&unknown("freshness"), "R02").codes, ["STALE"]);
    assert_eq!(unknown("oversight_present").scope, Some(Scope::SoftwareOnly));
    let mut fails = exact(701, 10_000);
    fails.items = vec![item("recipient", "UNDP", "FAIL", "")];
    let held = Case::worked().with("indirect_cost", fails).decide();
    assert_eq!(held.verdict, Verdict::Hold);
}

#[test]
fn a_line_rule_without_facts_releases_no_line() {
    let decision = Case::worked().without("eligibility_screen").decide();
    assert_eq!(decision.verdict, Verdict::Indeterminate);
    assert_eq!(decision.blocked_lines.len(), 4);
    assert_eq!(decision.blocked_lines[0].flag, "NO_FACTS");
}

#[test]
fn r07_drops_lines_and_missing_mitigation_holds_hardware() {
    let mut drops = predicate(0, 1);
    drops.items = vec![item("line", "L2", "UNKNOWN", "NO_UNIT")];
    let decision = Case::worked().with("due_diligence", drops).decide();
    assert_eq!(decision.scope, Some(Scope::ExcludingLines));
    assert_eq!(decision.blocked_lines[0].rule_id, "R07");
    let mut gate = predicate(1, 0);
    gate.items = vec![item("line", "L2", "FAIL", "MITIGATION_MISSING")];
    let decision = Case::worked().with("due_diligence", gate).decide();
    assert_eq!(decision.scope, Some(Scope::SoftwareOnly));
    assert!(decision.blocked_lines.is_empty());
    assert_eq!(decision.payable, cents("622128.57"));
}

#[test]
fn q60_order_of_the_last_tests() {
    let support = vec![share("L4", "UNDP", Class::Support, Police, "100.00")];
    let decision = Case::of(support, &[("UNDP", "107.00")]).decide();
    assert_eq!(decision.verdict, Verdict::Release);
    // All hardware exempt: the ceiling fails and drops nothing.
    let mut case = Case::worked().with("hardware_ceiling", over_ceiling(5142, 0, 0));
    case.plan.shares[0] =
        share("L1", "UNDP", Class::Hardware, OversightFormal, "1200000.00");
    let decision = case.decide();
    assert_eq!((decision.verdict, decision.scope), (Verdict::Release, Some(Scope::Full)));
    assert!(decision.warnings.iter().any(|w| w.starts_with("EXEMPT_HARDWARE:")));
}

#[test]
fn q61_all_dropped_by_facts_is_hold_else_indeterminate() {
    let hardware = || vec![share("L1", "UNDP", Class::Hardware, Police, "100.00")];
    let case = |fact| {
        Case::of(hardware(), &[("UNDP", "107.00")]).with("software_progress", fact)
    };
    let fails = exact(0, 10_000);
    let unknown = milestones(&[("A", None, 1, false)]);
    assert_eq!(case(fails.clone()).decide().verdict, Verdict::Hold);
    assert_eq!(case(unknown.clone()).decide().verdict, Verdict::Indeterminate);
    // Dropped by a fact and by ignorance: by a fact.
    let mut screen = predicate(0, 1);
    screen.items = vec![item("line", "L1", "UNKNOWN", "E5")];
    let both = case(fails).with("eligibility_screen", screen.clone()).decide();
    assert_eq!(both.verdict, Verdict::Hold);
    let doubt = case(unknown).with("eligibility_screen", screen).decide();
    assert_eq!(doubt.verdict, Verdict::Indeterminate);
}

#[test]
fn q62_scope_when_several_reasons_meet() {
    let mut screen = predicate(1, 0);
    screen.items = vec![item("line", "L2", "FAIL", "E1")];
    let case = Case::worked().with("eligibility_screen", screen.clone());
    let gate = case.clone().with("software_progress", exact(0, 10_000)).decide();
    assert_eq!(gate.scope, Some(Scope::SoftwareOnly));
    let ceiling = case.with("hardware_ceiling", over_ceiling(5142, 0, 0)).decide();
    assert_eq!(ceiling.scope, Some(Scope::UpToCeiling));
    // The line that drops is the hardware: the gate drops nothing more.
    screen.items = vec![item("line", "L1", "FAIL", "E1")];
    let line = Case::worked()
        .with("eligibility_screen", screen)
        .with("software_progress", exact(0, 10_000))
        .decide();
    assert_eq!(line.scope, Some(Scope::ExcludingLines));
}

#[test]
fn q63_to_q65_recipients_are_rounded_alone() {
    let shares = vec![
        share("A1", "FAO", Class::Support, Police, "10.00"),
        share("B1", "UNDP", Class::Hardware, Police, "100.00"),
        share("B2", "UNDP", Class::SectorWide, Police, "33.33"),
        share("B3", "UNDP", Class::Support, Police, "10.00"),
        share("C1", "UNOPS", Class::Training, Police, "50.00"),
    ];
    // UNDP planned no more than 1.00 of indirect cost, UNOPS none.
    let requests = [("FAO", "10.70"), ("UNDP", "144.33"), ("UNOPS", "50.00")];
    let case = Case::of(shares, &requests).with("software_progress", exact(0, 10_000));
    let decision = case.decide();
    let payable = |index: usize| decision.recipients[index].payable;
    assert_eq!(payable(0), cents("10.70"));
    // 33.33 + half up of 10.00 × 33.33 / 133.33 = 2.50, and 1.00 rather than 2.51.
    assert_eq!(payable(1), cents("36.83"));
    assert_eq!(payable(2), cents("50.00"));
    assert_eq!(decision.payable, cents("97.53"));
    assert_eq!(decision.held, cents("107.50"));
}

#[test]
fn q66_classes_sum_to_request_and_payment_also_when_invalid() {
    let mut case = Case::worked();
    case.plan.recipients[0].requested = cents("2000000.00");
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Invalid);
    assert_eq!(rule(&decision, "R14").codes, ["REQUEST_DIFFERS_FROM_PLAN"]);
    let sum: i128 =
        decision.by_class.named().iter().map(|(_, of)| of.requested.cents()).sum();
    assert_eq!(sum, decision.requested.cents());
    assert_eq!(decision.by_class.named().len(), 8);
}

#[test]
fn q67_invalid_lists_every_rule_and_holds_all() {
    let mut fact = predicate(1, 0);
    fact.codes = vec!["ALREADY_TRANSFERRED".to_owned()];
    let decision = Case::worked()
        .with("tranche_arithmetic", fact)
        .with("reports_due", exact(0, 1))
        .decide();
    assert_eq!((decision.verdict, decision.scope), (Verdict::Invalid, None));
    assert_eq!(decision.rules.len(), 28);
    assert_eq!(decision.recipients[0].held, cents("1979500.00"));
    assert_eq!(decision.verdict_official.verdict, Verdict::Invalid);
}

#[test]
fn a_plan_that_contradicts_itself_is_never_paid() {
    let mut lines = Case::worked();
    lines.plan.shares[0].amount = cents("1900000.00");
    assert_eq!(rule(&lines.decide(), "R14").codes, ["LINES_DO_NOT_ADD_UP"]);
    assert_eq!(lines.decide().verdict, Verdict::Invalid);
    let mut empty = Case::worked();
    empty.plan.recipients.clear();
    empty.plan.shares.clear();
    assert_eq!(rule(&empty.decide(), "R14").codes, ["TRANCHE_NOT_PLANNED"]);
}

#[test]
fn rejected_rows_make_it_indeterminate() {
    let mut case = Case::worked().with("reports_due", exact(0, 1));
    case.request.warnings = vec!["QUARANTINED: 2 rows of reports.csv".to_owned()];
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Indeterminate);
    assert_eq!(rule(&decision, "R14").codes, ["QUARANTINED"]);
    assert_eq!(decision.payable, Money::ZERO);
}

#[test]
fn numbers_too_large_to_compare_are_unknown() {
    let huge = exact(i128::MAX, i128::MAX);
    let decision = Case::worked().with("previous_tranche_use", huge).decide();
    assert_eq!(rule(&decision, "R02").codes, ["OVERFLOW"]);
    assert_eq!(decision.verdict, Verdict::Indeterminate);
}
