//! Every folder of `fixtures/scenarios` gives what its `scenario.toml` expects.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use ssrfund::decision;
use ssrfund::domain::{AsOf, KnownAt};
use ssrfund::report::{self, Basis, GroupBy, Period, Wanted, amounts};
use ssrfund::workspace::Workspace;

use crate::workspaces::{csv_files, decide, fixtures, instant, load, open_to_ask};

fn read(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn text<'a>(table: &'a toml::Table, key: &str) -> Option<&'a str> {
    table.get(key).and_then(toml::Value::as_str)
}

/// Loads the base, replaced by the scenario's own files, then what came later.
fn build(folder: &Path, scenario: &toml::Table) -> (tempfile::TempDir, Workspace) {
    let place = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&place.path().join("fund")).unwrap();
    let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut take = |from: &Path| {
        for path in csv_files(from) {
            files.insert(path.file_name().unwrap().to_string_lossy().into_owned(), path);
        }
    };
    if text(scenario, "base") != Some("none") {
        take(&fixtures("scenarios/_base"));
    }
    take(folder);
    if let Some(without) = scenario.get("without").and_then(toml::Value::as_array) {
        for name in without {
            files.remove(&format!("{}.csv", name.as_str().unwrap()));
        }
    }
    let now = instant(text(scenario, "recorded_at").unwrap_or("2024-07-01T00:00:00Z"));
    let mut apart: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    if let Some(sources) = scenario.get("sources").and_then(toml::Value::as_table) {
        for (table, source) in sources {
            let path = files.remove(&format!("{table}.csv")).unwrap();
            apart.entry(source.as_str().unwrap().to_owned()).or_default().push(path);
        }
    }
    let files: Vec<PathBuf> = files.into_values().collect();
    load(&workspace, "base", &files, now, false)
        .unwrap_or_else(|e| panic!("{folder:?}\n{e}"));
    for (source, files) in apart {
        load(&workspace, &source, &files, now, false).unwrap();
    }
    if folder.join("later").is_dir() {
        let source = text(scenario, "later_source").unwrap();
        let at = instant(text(scenario, "later_recorded_at").unwrap());
        load(&workspace, source, &csv_files(&folder.join("later")), at, false).unwrap();
    }
    (place, workspace)
}

/// Collects what differs, so that one run shows all of it.
struct Differences(Vec<String>);

impl Differences {
    fn expect(&mut self, what: &str, wanted: &Value, found: &Value) {
        if wanted != found {
            self.0.push(format!("{what}: expected {wanted}, found {found}"));
        }
    }
}

fn json(value: &toml::Value) -> Value {
    serde_json::to_value(value).unwrap()
}

fn check_rule(id: &str, wanted: &toml::Table, found: &Value, out: &mut Differences) {
    for (key, value) in wanted {
        let at = |path: &str| found.pointer(path).cloned().unwrap_or(Value::Null);
        let what = format!("{id}.{key}");
        match key.as_str() {
            "codes" => {
                let has = at("/codes");
                for code in value.as_array().unwrap() {
                    if !has.as_array().unwrap().contains(&json(code)) {
                        out.0.push(format!("{what}: {code} is not in {has}"));
                    }
                }
            }
            "lever" => {
                let levers = at("/levers");
                let fits = |lever: &Value| {
                    value
                        .as_table()
                        .unwrap()
                        .iter()
                        .all(|(k, v)| lever.get(k) == Some(&json(v)))
                };
                if !levers.as_array().unwrap().iter().any(fits) {
                    out.0.push(format!("{what}: {value} is not in {levers}"));
                }
            }
            "numerator_low" => out.expect(&what, &json(value), &at("/numerator/low")),
            "numerator_high" => out.expect(&what, &json(value), &at("/numerator/high")),
            "denominator_low" => out.expect(&what, &json(value), &at("/denominator/low")),
            "denominator_high" => {
                out.expect(&what, &json(value), &at("/denominator/high"));
            }
            "observed_bps_low" => {
                out.expect(&what, &json(value), &at("/observed_bps/low"));
            }
            "observed_bps_high" => {
                out.expect(&what, &json(value), &at("/observed_bps/high"));
            }
            other => out.expect(&what, &json(value), &at(&format!("/{other}"))),
        }
    }
}

fn check_decision(
    expected: &toml::Table,
    found: &Value,
    exit: u8,
    out: &mut Differences,
) {
    for (key, value) in expected {
        match key.as_str() {
            "exit" => out.expect(key, &json(value), &Value::from(exit)),
            "rules" => {
                for (id, wanted) in value.as_table().unwrap() {
                    let rules = found["rules"].as_array().unwrap();
                    let rule = rules.iter().find(|rule| rule["rule_id"] == *id.as_str());
                    check_rule(id, wanted.as_table().unwrap(), rule.unwrap(), out);
                }
            }
            "by_class" => {
                for (class, amount) in value.as_table().unwrap() {
                    let is = &found["by_class"][class]["payable"];
                    out.expect(&format!("by_class.{class}"), &json(amount), is);
                }
            }
            "recipients" | "blocked_lines" => {
                let list = found[key].as_array().unwrap();
                for wanted in value.as_array().unwrap() {
                    let wanted = wanted.as_table().unwrap();
                    let fits = |one: &Value| {
                        wanted.iter().all(|(k, v)| one.get(k) == Some(&json(v)))
                    };
                    if !list.iter().any(fits) {
                        out.0.push(format!("{key}: {wanted:?} is not in {list:?}"));
                    }
                }
            }
            _ => out.expect(key, &json(value), &found[key]),
        }
    }
    if !expected.contains_key("scope") && expected.contains_key("verdict") {
        out.expect("scope", &Value::Null, &found["scope"]);
    }
}

fn check_gate(folder: &Path, scenario: &toml::Table) -> Vec<String> {
    let (_place, workspace) = build(folder, scenario);
    let asked = [(
        text(scenario, "project").unwrap().to_owned(),
        scenario["tranche"].as_integer().unwrap(),
    )];
    let known_at = text(scenario, "known_at").map(|at| KnownAt::parse(at).unwrap());
    let as_of = text(scenario, "as_of").unwrap();
    let found = decide(&workspace, &asked, as_of, known_at).remove(0);
    let mut out = Differences(Vec::new());
    let expected = scenario["expect"].as_table().unwrap();
    let value = decision::to_value(&found).unwrap();
    check_decision(expected, &value, found.verdict.exit_code(), &mut out);
    // Every verdict, whatever the scenario is about: cents are conserved.
    let cents = |field: &str| {
        let text = value[field].as_str().unwrap();
        ssrfund::domain::Money::parse(text).unwrap().cents()
    };
    if cents("payable") + cents("held") != cents("requested") {
        out.0.push("payable and held do not sum to the request".to_owned());
    }
    out.0
}

fn check_report(folder: &Path, scenario: &toml::Table) -> Vec<String> {
    let (_place, workspace) = build(folder, scenario);
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
    let mut out = Differences(Vec::new());
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
                out.expect(field, &Value::Null, &row[field]);
            }
        } else {
            out.expect(key, &json(value), &row[key]);
        }
    }
    out.0
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
            check_gate(&folder, &scenario)
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
fn reports() {
    run(&["rep-"]);
}
