//! An oracle in exact fractions against the gate, on projects at the edges of the rules.
//!
//! The projects are random and the same on every run. Their rows are loaded like any
//! others and decided in one pass a workspace; the oracle sees the plain facts from which
//! the rows were written, and shares nothing with the gate, the metrics or the recount.
//! `ORACLE_PROJECTS` says how many projects there are in all.

mod facts;
mod fraction;
mod generate;
mod generate_money;
mod generate_papers;
mod judge;
mod judge_lines;
mod verdict;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::NaiveDate;
use ssrfund::gate::Decision;
use ssrfund::workspace::Workspace;

use crate::workspaces::{decide, instant, load};
use facts::{Project, Tables};
use generate::{Dice, project};
use judge::{Oracle, Says};
use verdict::{Expected, expected};

/// How many projects a workspace has.
const EACH: usize = 1_000;
/// The days on which workspaces are asked: around the deadline of 30 April, the turn of
/// the year, a leap day, and plain days.
const DAYS: [&str; 7] = [
    "2024-06-30",
    "2024-04-30",
    "2024-05-01",
    "2024-02-29",
    "2024-12-31",
    "2025-01-01",
    "2023-10-15",
];

fn word(says: Says) -> &'static str {
    match says {
        Says::Apart => "NOT_APPLICABLE",
        Says::Pass => "PASS",
        Says::Unknown => "UNKNOWN",
        Says::Fail => "FAIL",
    }
}

/// What differs between a decision and what the oracle expects.
fn differences(p: &Project, decision: &Decision, expected: &Expected) -> Vec<String> {
    let mut out = Vec::new();
    let mut check = |what: &str, gate: String, oracle: String| {
        if gate != oracle {
            out.push(format!("{what}: gate {gate}, oracle {oracle}"));
        }
    };
    check("verdict", decision.verdict.word().to_owned(), expected.verdict.to_owned());
    let scope = serde_json::to_value(decision.scope).unwrap();
    check("scope", scope.to_string(), serde_json::json!(expected.scope).to_string());
    let amounts = |amounts: &[i128]| -> BTreeMap<&str, i128> {
        p.who.iter().map(|(name, _)| *name).zip(amounts.iter().copied()).collect()
    };
    let told: BTreeMap<&str, i128> = decision
        .recipients
        .iter()
        .map(|who| (who.recipient.as_str(), who.payable.cents()))
        .collect();
    check("payable", format!("{told:?}"), format!("{:?}", amounts(&expected.payable)));
    let all: i128 = expected.payable.iter().sum();
    check("payable in all", decision.payable.cents().to_string(), all.to_string());
    for (id, says) in &expected.rules {
        let found = decision.rules.iter().find(|finding| finding.rule_id == *id).unwrap();
        check(id, found.result.word().to_owned(), word(*says).to_owned());
    }
    for told in &decision.disagreements {
        out.push(format!("the evaluators disagree: {told:?}"));
    }
    out
}

/// One workspace of random projects; returns what differs, and counts verdicts.
fn one(seed: u64, each: usize, seen: &mut BTreeMap<String, usize>) -> Vec<String> {
    let at = usize::try_from(seed).unwrap() % DAYS.len();
    let day: NaiveDate = DAYS[at].parse().unwrap();
    let mut dice = Dice::new(seed);
    let mut tables = Tables::default();
    let projects: Vec<Project> = (0..each)
        .map(|number| project(&mut dice, format!("P-{seed}-{number:05}"), day))
        .collect();
    for one in &projects {
        tables.add(one);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (name, text) in tables.files() {
        let path = folder.path().join(format!("{name}.csv"));
        std::fs::write(&path, text).unwrap();
        files.push(path);
    }
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    load(&workspace, "random", &files, instant("2026-07-01T00:00:00Z"), false)
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let asked: Vec<(String, i64)> =
        projects.iter().map(|p| (p.id.clone(), p.k as i64)).collect();
    let mut wrong = Vec::new();
    for (p, decision) in projects.iter().zip(decide(&workspace, &asked, DAYS[at], None)) {
        let expected = expected(p, &Oracle::new(p, day));
        *seen.entry(format!("{} {:?}", expected.verdict, expected.scope)).or_default() +=
            1;
        for (rule, says) in &expected.rules {
            *seen.entry(format!("{rule} {}", word(*says))).or_default() += 1;
        }
        if expected.verdict.is_empty() {
            assert!(decision.disagreements.is_empty(), "{:?}", decision.disagreements);
            continue;
        }
        let found = differences(p, &decision, &expected);
        if !found.is_empty() {
            wrong.push(format!("{} as of {day}:\n  {}", p.id, found.join("\n  ")));
        }
    }
    wrong
}

/// Every verdict and every answer of a rule must have come up, else nothing was shown.
fn assert_seen(seen: &BTreeMap<String, usize>) {
    let verdicts = [
        "RELEASE Some(\"full\")",
        "PARTIAL Some(\"software_only\")",
        "PARTIAL Some(\"excluding_lines\")",
        "PARTIAL Some(\"up_to_ceiling\")",
        "HOLD None",
        "INDETERMINATE None",
        "INVALID None",
    ];
    let both = ["R01", "R02", "R03", "R05", "R06", "R07", "R08", "R15", "R17", "R22"]
        .map(|rule| format!("{rule} UNKNOWN"));
    let failing = ["R04", "R13", "R14", "R23"].map(|rule| format!("{rule} FAIL"));
    let wanted = verdicts.map(str::to_owned);
    for key in wanted.iter().chain(&both).chain(&failing) {
        assert!(seen.get(key).is_some_and(|count| *count > 0), "{key} never came up");
    }
}

#[test]
fn the_gate_agrees_with_exact_fractions() {
    let projects: usize =
        std::env::var("ORACLE_PROJECTS").map_or(3 * EACH, |count| count.parse().unwrap());
    let from: u64 = std::env::var("ORACLE_SEED").map_or(0, |seed| seed.parse().unwrap());
    let mut seen = BTreeMap::new();
    let mut wrong = Vec::new();
    for seed in 0..projects.div_ceil(EACH) as u64 {
        wrong.extend(one(from + seed, EACH.min(projects), &mut seen));
    }
    let mut told = String::new();
    for (what, count) in &seen {
        writeln!(told, "{what}: {count}").unwrap();
    }
    let first: Vec<&str> = wrong.iter().take(12).map(String::as_str).collect();
    let (count, first) = (wrong.len(), first.join("\n"));
    assert!(wrong.is_empty(), "{count} of {projects} projects differ:\n{first}\n{told}");
    if projects >= EACH {
        assert_seen(&seen);
    }
}
