//! The golden tests of D§10.2 that the gate decides.

use super::*;
use crate::domain::verdict::{RuleResult, Scope, Verdict};

fn r01(fact: Fact) -> RuleResult {
    let decision = Case::worked().with("software_progress", fact).decide();
    rule(&decision, "R01").result
}

#[test]
fn everything_passes_is_full_release() {
    let decision = Case::worked().decide();
    assert_eq!(decision.verdict, Verdict::Release);
    assert_eq!(decision.scope, Some(Scope::Full));
    assert_eq!(decision.payable, cents("1979500.00"));
    assert_eq!(decision.held, Money::ZERO);
    assert_eq!(decision.verdict_official.verdict, Verdict::Release);
}

#[test]
fn g04_to_g06_previous_tranche_to_the_cent() {
    let used =
        |cents| Case::worked().with("previous_tranche_use", exact(cents, 100_000_000));
    let passes = used(75_000_000).decide();
    assert_eq!(rule(&passes, "R02").result, RuleResult::Pass);
    let fails = used(74_999_999).decide();
    let finding = rule(&fails, "R02");
    assert_eq!(finding.result, RuleResult::Fail);
    assert_eq!(finding.observed_bps.unwrap().low, 7499);
    assert!(finding.message.contains("74.999999%"), "{}", finding.message);
    assert!(finding.message.contains("unverified default"), "{}", finding.message);
    assert_eq!(fails.verdict, Verdict::Hold);
}

#[test]
fn g08_a_missing_recipient_is_unknown_with_its_range() {
    let mut fact = exact(0, 741_412_700);
    fact.numerator = Some(Bounds { low: 320_531_600, high: 728_531_600 });
    fact.missing = vec!["expenditure of UNOPS".to_owned()];
    fact.items = vec![item("recipient", "UNOPS", "UNKNOWN", "")];
    let decision = Case::worked().with("previous_tranche_use", fact).decide();
    let finding = rule(&decision, "R02");
    assert_eq!(finding.result, RuleResult::Unknown);
    assert_eq!(
        finding.message,
        "43.2% to 98.3% of the previous tranche is spent or committed, and 75% \
         (unverified default) is needed; not known: expenditure of UNOPS."
    );
    assert_eq!(finding.levers[0].id.as_deref(), Some("UNOPS"));
    assert_eq!(finding.levers[0].amount, None);
}

#[test]
fn g14_no_software_milestone_fails() {
    let case = Case::worked().with("software_progress", coded("NO_SOFTWARE_MILESTONES"));
    let decision = case.decide();
    let finding = rule(&decision, "R01");
    assert_eq!(finding.result, RuleResult::Fail);
    assert_eq!(finding.codes, ["NO_SOFTWARE_MILESTONES"]);
    assert_eq!(finding.numerator, None);
    assert_eq!(decision.scope, Some(Scope::SoftwareOnly));
    assert_eq!(r01(coded("NO_SOFTWARE_MILESTONE_DUE")), RuleResult::Fail);
}

#[test]
fn g15_to_g17_milestones_at_both_bounds() {
    let all = Some(10_000);
    let third =
        milestones(&[("A", all, 1, false), ("B", all, 1, false), ("C", None, 1, false)]);
    assert_eq!(r01(third), RuleResult::Unknown);
    let four = milestones(&[
        ("A", all, 1, false),
        ("B", all, 1, false),
        ("C", all, 1, false),
        ("D", None, 1, false),
    ]);
    assert_eq!(r01(four), RuleResult::Pass);
    let critical = milestones(&[("A", all, 9, false), ("B", Some(0), 1, true)]);
    let decision = Case::worked().with("software_progress", critical).decide();
    let finding = rule(&decision, "R01");
    assert_eq!(finding.result, RuleResult::Fail);
    assert!(finding.message.contains("not every critical one: B"), "{}", finding.message);
    let unknown = milestones(&[("A", all, 9, false), ("B", None, 1, true)]);
    assert_eq!(r01(unknown), RuleResult::Unknown);
    let hopeless = milestones(&[("A", Some(0), 9, false), ("B", None, 1, true)]);
    assert_eq!(r01(hopeless), RuleResult::Fail);
}

#[test]
fn g18_g19_achievement_comes_from_the_metric() {
    // A falling indicator from 40 to 20 that stands at 25 is 7500 of 10000.
    assert_eq!(r01(milestones(&[("A", Some(7500), 1, false)])), RuleResult::Pass);
    assert_eq!(r01(milestones(&[("A", Some(7499), 1, false)])), RuleResult::Fail);
    let mut invalid = milestones(&[("A", None, 1, false)]);
    invalid.codes = vec!["INVALID_MILESTONE".to_owned()];
    assert_eq!(r01(invalid), RuleResult::Unknown);
}

#[test]
fn g20_no_gated_hardware_is_not_applicable() {
    let case = Case::worked().with("software_progress", coded("NOT_APPLICABLE"));
    let decision = case.decide();
    assert_eq!(rule(&decision, "R01").result, RuleResult::NotApplicable);
    assert!(rule(&decision, "R01").codes.is_empty());
    assert_eq!(rule(&decision, "R01").threshold_bps, Some(7500));
    assert_eq!(decision.verdict, Verdict::Release);
}

#[test]
fn g21_worked_example() {
    let case = Case::worked().with("software_progress", exact(6000, 10_000));
    let decision = case.decide();
    assert_eq!(decision.verdict, Verdict::Partial);
    assert_eq!(decision.scope, Some(Scope::SoftwareOnly));
    assert_eq!(decision.payable, cents("622128.57"));
    assert_eq!(decision.held, cents("1357371.43"));
    assert_eq!(decision.by_class.support.payable, cents("31428.57"));
    assert_eq!(decision.by_class.indirect.payable, cents("40700.00"));
    assert_eq!(decision.by_class.indirect.requested, cents("129500.00"));
    assert_eq!(decision.verdict_official.payable, cents("1979500.00"));
}

#[test]
fn g22_to_g25_facts_beat_ignorance() {
    let fails = exact(6000, 10_000);
    let both = Case::worked()
        .with("software_progress", fails.clone())
        .with("reports_due", exact(1, 2))
        .decide();
    assert_eq!((both.verdict, both.scope), (Verdict::Hold, None));
    assert_eq!((both.payable, both.held), (Money::ZERO, cents("1979500.00")));

    let unknown = milestones(&[("A", None, 1, false)]);
    let soft = Case::worked().with("software_progress", unknown).decide();
    assert_eq!(soft.scope, Some(Scope::SoftwareOnly));
    assert_eq!(soft.payable, cents("622128.57"));

    let range = Fact { numerator: Some(Bounds { low: 0, high: 100 }), ..exact(0, 100) };
    let r02 = Case::worked().with("previous_tranche_use", range);
    assert_eq!(r02.decide().verdict, Verdict::Indeterminate);
    assert_eq!(r02.with("reports_due", exact(1, 2)).decide().verdict, Verdict::Hold);
}

#[test]
fn g26_a_blocked_line_is_dropped_and_the_rest_released() {
    let mut fact = predicate(1, 0);
    fact.items = vec![item("line", "L2", "FAIL", "E1"), item("line", "L1", "PASS", "")];
    let decision = Case::worked().with("eligibility_screen", fact).decide();
    assert_eq!(decision.scope, Some(Scope::ExcludingLines));
    let line = &decision.blocked_lines[0];
    assert_eq!((line.line_id.as_str(), line.rule_id.as_str()), ("L2", "R06"));
    assert_eq!((line.flag.as_str(), line.amount), ("E1", cents("300000.00")));
    assert_eq!(decision.by_class.hardware.payable, cents("1200000.00"));
    assert_eq!(decision.by_class.training.payable, Money::ZERO);
    // A seed rule: the official conditions alone release everything.
    assert_eq!(decision.verdict_official.scope, Some(Scope::Full));
}

#[test]
fn g29_exempt_hardware_is_released_and_counts_as_hardware() {
    let mut case = Case::worked().with("software_progress", exact(0, 10_000));
    let laptops = "50000.00";
    let parliament = Beneficiary::OversightFormal;
    case.plan.shares.push(share("L5", "UNDP", Class::Hardware, parliament, laptops));
    case.plan.recipients[0].planned = cents("2033000.00");
    case.plan.recipients[0].requested = cents("2033000.00");
    let decision = case.decide();
    assert_eq!(decision.by_class.hardware.requested, cents("1250000.00"));
    assert_eq!(decision.by_class.hardware.payable, cents(laptops));
    assert_eq!(decision.scope, Some(Scope::SoftwareOnly));
}

#[test]
fn g30_a_ceiling_between_bounds_is_unknown() {
    let mut fact = passing_facts().0["hardware_ceiling"].clone();
    fact.numerator = Some(Bounds { low: 40, high: 80 });
    let decision = Case::worked().with("hardware_ceiling", fact).decide();
    assert_eq!(rule(&decision, "R08").result, RuleResult::Unknown);
    assert_eq!(rule(&decision, "R08").threshold_bps, Some(5000));
    assert_eq!(decision.scope, Some(Scope::SoftwareOnly));
}
