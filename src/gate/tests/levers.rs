//! Levers are exact: with them the rule passes, with one cent or milestone less not.

use super::*;
use crate::domain::verdict::RuleResult;

fn result_of(case: &Case, id: &str) -> RuleResult {
    rule(&case.decide(), id).result
}

#[test]
fn more_used_counts_from_below_zero() {
    // Used 10.00 less than earlier tranches took: the lever makes up for that too.
    let paid = 100_033;
    let with = |unclamped: i128| {
        let mut fact = exact(unclamped.max(0), paid);
        fact.items = vec![number("used_unclamped_low", "", unclamped)];
        Case::worked().with("previous_tranche_use", fact)
    };
    let decision = with(-1000).decide();
    let lever = &rule(&decision, "R02").levers[0];
    let amount = lever.amount.unwrap().cents();
    assert_eq!((lever.lever, amount), ("more_used", 76_025));
    assert_eq!(result_of(&with(-1000 + amount), "R02"), RuleResult::Pass);
    assert_eq!(result_of(&with(-1000 + amount - 1), "R02"), RuleResult::Fail);
}

#[test]
fn hardware_levers_are_exact() {
    let with = |hardware: i128, direct: i128| {
        let mut fact = exact(hardware, direct);
        fact.items = vec![
            number("cap_bps", "", 4321),
            number("past_direct", "", 0),
            number("past_hardware_high", "", 0),
            number("k_hardware_high", "", hardware),
        ];
        Case::worked().with("hardware_ceiling", fact)
    };
    let (hardware, direct) = (70_007, 100_003);
    let decision = with(hardware, direct).decide();
    let levers = &rule(&decision, "R08").levers;
    let more = levers[0].amount.unwrap().cents();
    let less = levers[1].amount.unwrap().cents();
    assert_eq!(result_of(&with(hardware, direct + more), "R08"), RuleResult::Pass);
    assert_eq!(result_of(&with(hardware, direct + more - 1), "R08"), RuleResult::Fail);
    assert_eq!(result_of(&with(hardware - less, direct - less), "R08"), RuleResult::Pass);
    let not_enough = with(hardware - less + 1, direct - less + 1);
    assert_eq!(result_of(&not_enough, "R08"), RuleResult::Fail);
}

#[test]
fn less_hardware_is_left_out_where_the_tranche_has_not_that_much() {
    let mut fact = exact(70, 100);
    fact.items = vec![
        number("cap_bps", "", 5000),
        number("past_direct", "", 80),
        number("past_hardware_high", "", 60),
        number("k_hardware_high", "", 10),
    ];
    let decision = Case::worked().with("hardware_ceiling", fact).decide();
    let names: Vec<_> = rule(&decision, "R08").levers.iter().map(|l| l.lever).collect();
    assert_eq!(names, ["more_non_hardware"]);
}

#[test]
fn milestones_are_the_fewest_that_do() {
    let list = [
        ("A", Some(10_000), 5, false),
        ("B", Some(2000), 1, false),
        ("C", None, 2, false),
        ("D", Some(0), 3, false),
        ("E", Some(5000), 1, true),
    ];
    // 5×10000 + 2000 + 5000 of 120000; 90000 are needed: E for itself, D, then C.
    let decision = Case::worked().with("software_progress", milestones(&list)).decide();
    let levers = &rule(&decision, "R01").levers;
    let ids: Vec<_> = levers.iter().map(|lever| lever.id.clone().unwrap()).collect();
    assert_eq!(ids, ["E", "D"]);
    let verified = |ids: &[&str]| {
        let list = list.map(|(id, a, w, c)| {
            (id, if ids.contains(&id) { Some(10_000) } else { a }, w, c)
        });
        let case = Case::worked().with("software_progress", milestones(&list));
        result_of(&case, "R01")
    };
    assert_eq!(verified(&["E", "D"]), RuleResult::Pass);
    assert_ne!(verified(&["E"]), RuleResult::Pass);
    assert_ne!(verified(&["D"]), RuleResult::Pass);
}

#[test]
fn things_that_are_missing_are_named() {
    let mut reports = exact(1, 2);
    reports.items =
        vec![item("report", "REP-1", "PASS", ""), item("report", "REP-2", "FAIL", "")];
    let mut review = predicate(1, 0);
    review.items = vec![item("review", "sector", "FAIL", "")];
    let mut clearance = predicate(1, 0);
    clearance.items = vec![item("line", "L1", "FAIL", "EXPIRED")];
    let decision = Case::worked()
        .with("reports_due", reports)
        .with("review_first", review)
        .with("due_diligence", clearance)
        .decide();
    let named = |id: &str| {
        let levers = &rule(&decision, id).levers;
        levers
            .iter()
            .map(|l| format!("{} {}", l.lever, l.id.as_deref().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(named("R03"), ["report REP-2"]);
    assert_eq!(named("R05"), ["review sector"]);
    assert_eq!(named("R07"), ["clearance L1"]);
}

#[test]
fn doubt_and_passing_rules_have_no_lever() {
    let decision = Case::worked()
        .with("software_progress", milestones(&[("A", Some(0), 1, false)]))
        .with("classification_coverage", exact(3, 100))
        .decide();
    assert!(rule(&decision, "R01").levers.is_empty());
    assert!(rule(&decision, "R02").levers.is_empty());
}

#[test]
fn without_weights_all_milestones_are_named() {
    let mut fact = milestones(&[
        ("A", Some(0), 1, false),
        ("B", Some(0), 2, false),
        ("C", Some(10_000), 4, false),
    ]);
    fact.items.retain(|item| item.kind == "milestone");
    let decision = Case::worked().with("software_progress", fact).decide();
    let ids = |decision: &Decision| {
        let levers = &rule(decision, "R01").levers;
        levers.iter().map(|lever| lever.id.clone().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&decision), ["A", "B"]);
    // Even weights need not be told.
    let mut even = milestones(&[
        ("A", Some(0), 3, false),
        ("B", Some(0), 3, false),
        ("C", Some(10_000), 3, false),
        ("D", Some(10_000), 3, false),
    ]);
    even.items.retain(|item| item.kind == "milestone");
    assert_eq!(ids(&Case::worked().with("software_progress", even).decide()), ["A"]);
}

#[test]
fn a_start_comes_and_an_end_is_moved() {
    let with = |id: &str, result: &str, text: &str| {
        let mut fact = predicate(1, 0);
        if result == "UNKNOWN" {
            fact = predicate(0, 1);
        }
        let mut date = item("date", id, result, "");
        date.text = text.to_owned();
        fact.items = vec![date];
        let decision = Case::worked().with("project_in_time", fact).decide();
        let finding = rule(&decision, "R15").clone();
        let lever = finding.levers[0].clone();
        (format!("{} {}", lever.lever, lever.text), finding.message)
    };
    let (lever, message) = with("end", "FAIL", "end on 2024-05-31");
    assert_eq!(lever, "revision Approve an extension of the end: end on 2024-05-31.");
    assert!(message.contains("outside its time: end on 2024-05-31"), "{message}");
    let (lever, _) = with("start", "FAIL", "start on 2024-09-01");
    assert_eq!(lever, "date Wait for the start: start on 2024-09-01.");
    assert_eq!(with("end", "UNKNOWN", "").0, "date Tell the end.");
}
