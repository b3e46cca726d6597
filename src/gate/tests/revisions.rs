//! Rules that ask for a revision or only warn, and rules that hold a part (R09 to R21).

use super::*;
use crate::domain::verdict::{RuleResult, Scope, Verdict};
use crate::gate::policy::Effect;

fn decided(metric: &str, fact: Fact, id: &str) -> (RuleResult, Verdict) {
    let decision = Case::worked().with(metric, fact).decide();
    (rule(&decision, id).result, decision.verdict)
}

/// One change of a category of 100,000.00 under a template of a year.
fn change(year: i128, cents: i128) -> Fact {
    let mut fact = exact(cents, 10_000_000);
    fact.items = vec![
        number("category", "3", cents),
        number("category_of", "3", 10_000_000),
        number("template_year", "", year),
    ];
    fact
}

#[test]
fn golden_g31_the_template_picks_the_limit() {
    let metric = "category_reallocation";
    use RuleResult::{Fail, Pass, Unknown};
    for (year, cents, wanted) in [
        (2014, 1_500_000, (Pass, Verdict::Release)),
        (2014, 1_500_001, (Fail, Verdict::Hold)),
        (2017, 2_000_000, (Fail, Verdict::Hold)),
        (2018, 2_000_000, (Pass, Verdict::Release)),
        (2018, 2_000_001, (Fail, Verdict::Hold)),
    ] {
        assert_eq!(decided(metric, change(year, cents), "R09"), wanted, "{year} {cents}");
    }
    let mut unknown = change(2014, 1);
    unknown.items.retain(|item| item.kind != "template_year");
    assert_eq!(decided(metric, unknown, "R09"), (Unknown, Verdict::Release));
    // Before every period of the parameter there is nothing to test.
    let decision = Case::worked().with(metric, change(1999, 1)).decide();
    assert_eq!(rule(&decision, "R09").codes, ["NO_PARAMETER"]);
    let old = Case::worked().with(metric, change(2014, 1)).decide();
    let (old, basis) =
        (rule(&old, "R09"), "template 3.5: more than 15% of any budget category");
    assert_eq!((old.threshold_bps, old.verified), (Some(1500), true));
    assert_eq!(old.threshold_basis.as_deref(), Some(basis));
}

#[test]
fn only_some_rules_change_a_verdict() {
    let (fails, unknown) = (exact(0, 100), Fact { numerator: None, ..exact(0, 100) });
    for (metric, id) in [
        ("monitoring_allocation", "R12"),
        ("funds_available", "R18"),
        ("absorption", "R16"),
        ("asset_sustainability", "R19"),
    ] {
        let failing = match id {
            "R16" => exact(151, 100),
            "R19" => predicate(1, 0),
            _ => fails.clone(),
        };
        assert_eq!(decided(metric, failing, id), (RuleResult::Fail, Verdict::Release));
        let none = (RuleResult::Unknown, Verdict::Release);
        assert_eq!(decided(metric, unknown.clone(), id), none);
    }
    let over = |fails: i128| {
        let mut fact = exact(fails, 100);
        fact.items = vec![
            number("category", "1", fails),
            number("category_high", "1", 121),
            number("category_of", "1", 100),
            number("template_year", "", 2020),
        ];
        decided("category_spending", fact, "R10")
    };
    assert_eq!(over(121), (RuleResult::Fail, Verdict::Hold));
    assert_eq!(over(120), (RuleResult::Unknown, Verdict::Release));
    let refunds = |fact| decided("refunds_outstanding", fact, "R20");
    assert_eq!(refunds(predicate(1, 0)), (RuleResult::Fail, Verdict::Hold));
    assert_eq!(refunds(predicate(0, 1)), (RuleResult::Unknown, Verdict::Release));
}

#[test]
fn a_strict_policy_holds_hardware_for_assets_without_upkeep() {
    let mut case = Case::worked().with("asset_sustainability", predicate(0, 1));
    assert_eq!(rule(&case.decide(), "R19").effect, Effect::Warn);
    case.policy.set("strict", "true").unwrap();
    let decision = case.decide();
    assert_eq!(rule(&decision, "R19").effect, Effect::BlockHardware);
    assert_eq!(decision.scope, Some(Scope::SoftwareOnly));
    assert!(!decision.warnings.iter().any(|w| w.contains("R19 holds nothing")));
}

#[test]
fn a_mandate_that_is_missing_holds_hardware_and_a_clearance_everything() {
    let with = |clearance: &str, mandate: &str| {
        let states = [clearance, mandate];
        let count = |word| states.iter().filter(|state| **state == word).count() as i128;
        let mut fact = predicate(count("FAIL"), count("UNKNOWN"));
        fact.items = vec![
            item("signature", "srsg", clearance, ""),
            item("dsr", "mandate", mandate, "NO_MANDATE"),
        ];
        let decision = Case::worked().with("mission_clearance", fact).decide();
        (rule(&decision, "R21").result, decision.verdict)
    };
    use RuleResult::{Fail, Unknown};
    assert_eq!(with("PASS", "FAIL"), (Fail, Verdict::Partial));
    assert_eq!(with("PASS", "UNKNOWN"), (Unknown, Verdict::Partial));
    assert_eq!(with("FAIL", "PASS"), (Fail, Verdict::Hold));
    assert_eq!(with("FAIL", "UNKNOWN"), (Fail, Verdict::Hold));
    assert_eq!(with("UNKNOWN", "FAIL"), (Fail, Verdict::Indeterminate));
    let absent = Case::worked().without("mission_clearance").decide();
    assert_eq!(absent.verdict, Verdict::Indeterminate);
}

#[test]
fn a_gender_share_is_compared_with_every_fraction_of_a_cent() {
    let share = |numerator: i128, name: &str| {
        let mut fact = exact(numerator, 2_784_579_440_000);
        fact.items =
            vec![item("least_share", "", "", name), number("template_year", "", 2020)];
        let decision = Case::worked().with("gender_allocation", fact).decide();
        let finding = rule(&decision, "R11");
        let lever = finding.levers.first().and_then(|lever| lever.amount);
        (finding.result, finding.threshold_bps.unwrap(), lever)
    };
    use RuleResult::{Fail, Pass};
    assert_eq!(share(835_373_832_000, "marker_two_bps"), (Pass, 3000, None));
    // A ten-thousandth of a cent is lacking; money moves in whole cents.
    let cent = Some(cents("0.01"));
    assert_eq!(share(835_373_831_999, "marker_two_bps"), (Fail, 3000, cent));
    assert_eq!(share(835_373_831_999, "gender_bps"), (Pass, 1500, None));
    assert_eq!(share(835_373_832_000, "marker_three_bps").1, 8000);
}
