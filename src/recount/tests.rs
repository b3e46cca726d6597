//! Cases by hand: the golden numbers of the rules, counted by this evaluator alone.

use crate::domain::time::parse_day;
use crate::domain::verdict::RuleResult;
use crate::domain::{AsOf, Beneficiary, Bounds, Class};
use crate::gate::policy::{Policy, SoftwareScope};

use super::rows::{
    ClassPart, Figure, FigureKind, Instalment, Line, Milestone, Observation, Payment,
    Project, Rows,
};
use super::{Count, Recount, Terms, recount, trace};

const SHIPPED: &str = include_str!("../../queries/policies/pbf.toml");

fn day(text: &str) -> chrono::NaiveDate {
    parse_day(text).unwrap()
}

/// Two tranches of 1,000,000.00 each; the first is paid; the second plans hardware.
fn project() -> Project {
    let mut project = Project { currency: "USD".to_owned(), ..Project::default() };
    project.recipients.insert("UNDP".to_owned(), false);
    for tranche in [1, 2] {
        project.instalments.push(Instalment {
            tranche,
            recipient: "UNDP".to_owned(),
            share_bps: None,
            amount: 100_000_000,
        });
    }
    project.payments.push(Payment {
        date: day("2023-03-01"),
        amount: 100_000_000,
        currency: "USD".to_owned(),
        tranche: Some(1),
        recipient: "UNDP".to_owned(),
    });
    let line = Line {
        recipient: "UNDP".to_owned(),
        amount: 200_000_000,
        beneficiary: Beneficiary::Police,
        unit: String::new(),
        category: String::new(),
        gender_bps: None,
        is_monitoring: None,
        confidence_bps: 10_000,
        is_safety: false,
        classes: vec![ClassPart {
            class: Class::Hardware,
            subclass: None,
            weight: 10_000,
        }],
        flags: std::collections::BTreeMap::new(),
        decisions: Vec::new(),
    };
    project.lines.insert("L01".to_owned(), line);
    project
}

fn figure(kind: FigureKind, amount: i128) -> Figure {
    Figure {
        kind,
        date: day("2024-05-31"),
        start: None,
        amount,
        currency: "USD".to_owned(),
        recipient: String::new(),
        grade: "preliminary".to_owned(),
        line: String::new(),
        category: String::new(),
    }
}

fn counted(project: Project) -> Recount {
    let policy = Policy::read(SHIPPED).unwrap();
    let terms = Terms {
        policy: &policy,
        as_of: AsOf(day("2024-06-30")),
        software_scope: SoftwareScope::Strict,
    };
    let mut rows = Rows::default();
    rows.projects.insert("P".to_owned(), project);
    let found = recount(&rows, "P", 2, &terms);
    // Counting for people counts the same, and says how.
    let steps = trace(&rows, "P", 2, &terms, "R02");
    let told = if found.rules.get("R02").is_some_and(Option::is_some) {
        "1000000.00"
    } else {
        "exceeds 128 bits"
    };
    assert!(steps.iter().any(|step| step.contains(told)), "{steps:?}");
    found
}

fn rule(recount: &Recount, id: &str) -> Count {
    recount.rules.get(id).unwrap().clone().unwrap()
}

fn use_of(figures: &[Figure], gross: bool) -> Count {
    let mut project = project();
    project.recipients.insert("UNDP".to_owned(), gross);
    project.figures = figures.to_vec();
    rule(&counted(project), "R02")
}

#[test]
fn golden_g04_to_g06_use_to_the_cent() {
    use FigureKind::{Committed, Spent};
    let open = |committed| {
        use_of(&[figure(Spent, 70_000_000), figure(Committed, committed)], false)
    };
    assert_eq!(open(5_000_000).result, RuleResult::Pass);
    assert_eq!(open(4_999_999).result, RuleResult::Fail);
    assert_eq!(open(4_999_999).numerator, Some(Bounds::exact(74_999_999)));
    let gross = use_of(&[figure(Spent, 70_000_000), figure(Committed, 74_999_999)], true);
    assert_eq!(gross.result, RuleResult::Fail);
}

#[test]
fn a_missing_figure_is_a_range_and_a_better_one_replaces() {
    let missing = use_of(&[figure(FigureKind::Committed, 100)], false);
    assert_eq!(missing.numerator, Some(Bounds { low: 100, high: 100_000_000 }));
    assert_eq!(missing.result, RuleResult::Unknown);
    let certified =
        Figure { grade: "certified".to_owned(), ..figure(FigureKind::Spent, 80_000_000) };
    let both = use_of(&[figure(FigureKind::Spent, 99), certified.clone()], false);
    assert_eq!(both.numerator, Some(Bounds::exact(80_000_000)));
    let later = Figure { start: Some(day("2024-06-01")), ..certified };
    let both = use_of(&[figure(FigureKind::Spent, 99), later], false);
    assert_eq!(both.numerator, Some(Bounds::exact(80_000_099)));
}

fn milestone(id: &str, value: Option<i128>) -> Milestone {
    let seen = value.map(|value| Observation {
        on: day("2024-06-30"),
        group: String::new(),
        value: Some(value),
        verified: None,
        has_evidence: true,
    });
    Milestone {
        id: id.to_owned(),
        tranche: 1,
        class: "sector_wide".to_owned(),
        is_number: true,
        baseline: Some(40_000_000),
        target: Some(20_000_000),
        weight: 1,
        is_critical: false,
        due_on: day("2024-06-30"),
        seen: seen.into_iter().collect(),
    }
}

fn progress(milestones: Vec<Milestone>) -> Count {
    let mut project = project();
    project.milestones = milestones;
    rule(&counted(project), "R01")
}

#[test]
fn golden_g14_to_g19_progress() {
    assert_eq!(progress(Vec::new()).result, RuleResult::Fail);
    let done = || milestone("M-1", Some(20_000_000));
    let open = milestone("M-2", None);
    assert_eq!(progress(vec![done(), done(), open.clone()]).result, RuleResult::Unknown);
    let four = progress(vec![done(), done(), done(), open]);
    assert_eq!(four.result, RuleResult::Pass);
    assert_eq!(four.numerator, Some(Bounds { low: 30_000, high: 40_000 }));
    let falling = progress(vec![milestone("M-3", Some(25_000_000))]);
    assert_eq!(falling.numerator, Some(Bounds::exact(7_500)));
    let invalid = Milestone { target: Some(40_000_000), ..done() };
    assert_eq!(progress(vec![invalid]).result, RuleResult::Unknown);
    let critical = Milestone { is_critical: true, ..milestone("M-4", Some(20_000_001)) };
    let mut nine = vec![done(); 9];
    nine.push(critical);
    assert_eq!(progress(nine).result, RuleResult::Fail);
}

#[test]
fn numbers_that_do_not_fit_are_none() {
    let huge = vec![figure(FigureKind::Spent, i128::MAX), figure(FigureKind::Spent, 1)];
    let mut project = project();
    project.figures = huge;
    assert_eq!(counted(project).rules.get("R02"), Some(&None));
}
