//! Every folder of `fixtures/scenarios` gives what its `scenario.toml` expects.

use std::path::{Path, PathBuf};

use serde_json::Value;
use ssrfund::decision::scenario::Scenario;
use ssrfund::domain::AsOf;
use ssrfund::engine::Library;
use ssrfund::report::{self, Basis, GroupBy, Period, Wanted, amounts};

use crate::workspaces::{fixtures, open_to_ask, policy};

fn read(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn text<'a>(table: &'a toml::Table, key: &str) -> Option<&'a str> {
    table.get(key).and_then(toml::Value::as_str)
}

fn json(value: &toml::Value) -> Value {
    serde_json::to_value(value).unwrap()
}

fn check_gate(folder: &Path) -> Vec<String> {
    let scenario = Scenario::read(folder).unwrap();
    match scenario.decide(&Library::new(None), &policy()) {
        Ok(found) => scenario.differences(&found).unwrap(),
        Err(error) => vec![error.to_string()],
    }
}

fn check_report(folder: &Path, scenario: &toml::Table) -> Vec<String> {
    let place = tempfile::tempdir().unwrap();
    let workspace = Scenario::read(folder).unwrap().build(place.path()).unwrap();
    let (snapshot, engine, library) = open_to_ask(&workspace);
    let wanted = Wanted {
        group_by: GroupBy::parse(text(scenario, "group_by").unwrap_or("fund")).unwrap(),
        basis: Basis::parse(text(scenario, "basis").unwrap_or("expenditure")).unwrap(),
        period: Period::always(),
        fund: "PBF".to_owned(),
        currency: None,
        absorb_support: false,
        as_of: AsOf::parse(text(scenario, "as_of").unwrap()).unwrap(),
        known_at: snapshot.known_at(),
    };
    let sums = amounts::measure(&engine, &library, &wanted).unwrap();
    let fund = amounts::fund_total(&engine, &wanted, &sums.currency).unwrap();
    let rows: Vec<Value> = if text(scenario, "report") == Some("composition") {
        let rows = report::composition::rows(&sums, fund.as_ref(), &wanted).unwrap();
        rows.iter().map(|row| serde_json::to_value(row).unwrap()).collect()
    } else {
        let rows = report::governance::rows(&sums, fund.as_ref(), &wanted).unwrap();
        rows.iter().map(|row| serde_json::to_value(row).unwrap()).collect()
    };
    let mut out: Vec<String> = Vec::new();
    let mut expect = |what: &str, wanted: &Value, found: &Value| {
        if wanted != found {
            out.push(format!("{what}: expected {wanted}, found {found}"));
        }
    };
    let expected = scenario["expect"]["composition"].as_table().unwrap();
    let row = match text(expected, "group") {
        Some(group) => rows.iter().find(|row| row["group"] == group).unwrap(),
        None => {
            assert_eq!(rows.len(), 1, "{folder:?}");
            &rows[0]
        }
    };
    for (key, value) in expected {
        if key == "null" {
            for field in value.as_array().unwrap() {
                let field = field.as_str().unwrap();
                expect(field, &Value::Null, &row[field]);
            }
        } else {
            expect(key, &json(value), &row[key]);
        }
    }
    out
}

fn run(prefixes: &[&str]) {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(fixtures("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("scenario.toml").is_file())
        .collect();
    folders.sort();
    let only = std::env::var("SCENARIO").ok();
    let mut wrong = Vec::new();
    let mut ran = 0;
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let wanted = prefixes.iter().any(|prefix| name.starts_with(prefix));
        if !wanted || only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        ran += 1;
        let scenario = read(&folder.join("scenario.toml"));
        let differences = if scenario.contains_key("report") {
            check_report(&folder, &scenario)
        } else {
            check_gate(&folder)
        };
        for difference in differences {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    assert!(ran > 0 || only.is_some(), "no scenario ran");
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn golden() {
    run(&["c3", "g"]);
}

#[test]
fn contract_to_q39() {
    run(&["q0", "q1", "q2", "q3"]);
}

#[test]
fn contract_from_q40() {
    run(&["q4", "q5", "q6", "q7"]);
}

#[test]
fn rules_and_domain() {
    run(&["d", "r0", "r1", "r2"]);
}

#[test]
fn reports() {
    run(&["rep-"]);
}
