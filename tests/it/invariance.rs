//! What must not change a verdict: the order of rows, and days on which nothing happens.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Days, NaiveDate};
use serde_json::Value;
use ssrfund::decision::assess::{self, Basis};
use ssrfund::decision::to_value;
use ssrfund::domain::AsOf;
use ssrfund::workspace::Workspace;

use crate::workspaces::{
    csv_files, decide, fixtures, instant, load, open_to_decide, policy,
};

/// Takes out what names files, rows and loads.
fn without_places(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["evidence", "data", "known_at"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(without_places);
        }
        Value::Array(values) => values.iter_mut().for_each(without_places),
        _ => {}
    }
}

/// The decisions on tranche 2 of some projects of the portfolio.
fn decided(folder: &Path) -> Vec<Value> {
    let place = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&place.path().join("fund")).unwrap();
    let files = csv_files(folder);
    load(&workspace, "portfolio", &files, instant("2026-07-01T00:00:00Z"), false)
        .unwrap();
    let projects = ["00112233", "00112255", "00112277", "00112288", "00113302"];
    let asked: Vec<(String, i64)> =
        projects.iter().map(|id| ((*id).to_owned(), 2)).collect();
    let found = decide(&workspace, &asked, "2024-06-30", None);
    let value = |one| {
        let mut value = to_value(one).unwrap();
        without_places(&mut value);
        value
    };
    found.iter().map(value).collect()
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let turned = tempfile::tempdir().unwrap();
    for file in csv_files(&fixtures("portfolio")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut rows = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let to = turned.path().join(file.file_name().unwrap());
        let mut out = csv::Writer::from_path(to).unwrap();
        out.write_record(rows.headers().unwrap()).unwrap();
        let all: Result<Vec<csv::StringRecord>, _> = rows.records().collect();
        for row in all.unwrap().iter().rev() {
            out.write_record(row).unwrap();
        }
        out.flush().unwrap();
    }
    assert_eq!(decided(&fixtures("portfolio")), decided(turned.path()));
}

/// Every day that stands in the base project, and those that follow from one.
fn boundaries(from: NaiveDate, until: NaiveDate) -> Vec<NaiveDate> {
    let mut days: BTreeSet<NaiveDate> = BTreeSet::from([from, until]);
    for file in csv_files(&fixtures("scenarios/_base")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for word in text.split([',', '\n']) {
            let Some(day) = AsOf::parse(word).map(|day| day.0) else { continue };
            // What holds to a day ends the day after; figures are fresh for 120 days.
            for later in [0, 1, 121] {
                days.insert(day.checked_add_days(Days::new(later)).unwrap());
            }
        }
    }
    for year in 2023..2026 {
        days.insert(NaiveDate::from_ymd_opt(year, 5, 1).unwrap());
    }
    days.into_iter().filter(|day| (from..=until).contains(day)).collect()
}

#[test]
fn a_verdict_changes_only_at_a_boundary_date() {
    let place = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&place.path().join("fund")).unwrap();
    let files = csv_files(&fixtures("scenarios/_base"));
    load(&workspace, "base", &files, instant("2024-07-01T00:00:00Z"), false).unwrap();
    let (snapshot, engine, library) = open_to_decide(&workspace, None);
    let policy = policy();
    let on = |day: NaiveDate| {
        let basis = Basis {
            engine: &engine,
            snapshot: &snapshot,
            library: &library,
            policy: &policy,
            as_of: AsOf(day),
            software_scope: policy.policy.software_scope,
        };
        let asked = [("00112233".to_owned(), 2)];
        let found = assess::assess(&basis, &asked).unwrap().remove(0);
        let results: Vec<_> =
            found.rules.iter().map(|rule| (rule.rule_id.clone(), rule.result)).collect();
        (found.verdict, found.scope, found.payable, results)
    };
    let day = |text: &str| AsOf::parse(text).unwrap().0;
    let days = boundaries(day("2024-01-01"), day("2025-01-10"));
    let mut seen = BTreeSet::new();
    for pair in days.windows(2) {
        let [first, next] = pair else { continue };
        let last = next.pred_opt().unwrap();
        let before = on(*first);
        seen.insert(before.0.word());
        if last > *first {
            assert_eq!(before, on(last), "from {first} to {last}");
        }
    }
    assert!(seen.len() > 1, "no verdict ever changed: {seen:?}");
}
