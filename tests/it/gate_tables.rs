//! What `gate` writes beside a verdict: forms, revised plans, boards, simulations.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::broken::xlsx::build::edited;
use crate::workspaces::{csv_files, fixtures};

const AS_OF: &str = "2024-06-30";

/// Runs `ssrfund` in a folder.
fn ssrfund(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ssrfund"))
        .current_dir(folder)
        .env_remove("SSRFUND_WORKSPACE")
        .args(arguments)
        .output()
        .unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output =
        ssrfund(folder, &[arguments, &["-F", "json", "--as-of", AS_OF]].concat());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {told}"))
}

/// A workspace over a copy of the portfolio's files, which `change` may alter.
fn portfolio(change: impl Fn(&str, String) -> String) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let files = place.path().join("files");
    std::fs::create_dir_all(&files).unwrap();
    for file in csv_files(&fixtures("portfolio")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = change(&name, std::fs::read_to_string(&file).unwrap());
        std::fs::write(files.join(name), text).unwrap();
    }
    let fund = place.path().join("fund");
    assert!(ssrfund(place.path(), &["init", "fund"]).status.success());
    let loaded = ssrfund(&fund, &["load", "--source", "portfolio", "../files"]);
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    (place, fund)
}

fn rule<'a>(decision: &'a Value, id: &str) -> &'a Value {
    let rules = decision["rules"].as_array().unwrap();
    rules.iter().find(|rule| rule["rule_id"] == id).unwrap()
}

#[test]
fn a_revised_plan_loads_and_lets_the_held_rest_be_asked_for() {
    let (place, fund) = portfolio(|_, text| text);
    let check = ["gate", "check", "00112233", "--as-of", AS_OF, "--emit-revised"];
    let output = ssrfund(&fund, &[&check[..], &["revised"]].concat());
    assert_eq!(output.status.code(), Some(5));
    let before = json(&fund, &["gate", "check", "00112233"]);
    assert_eq!(before["payable"], "622128.57");

    // The part is paid, and the revised files take the place of the old ones.
    let files = place.path().join("files");
    for name in ["tranches.csv", "tranche_lines.csv"] {
        std::fs::copy(fund.join("revised").join(name), files.join(name)).unwrap();
    }
    let requests = files.join("requests.csv");
    let asked = std::fs::read_to_string(&requests).unwrap();
    let asked = asked.replace("1979500.00", "622128.57");
    std::fs::write(&requests, asked).unwrap();
    let path = files.join("transactions.csv");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let header: Vec<String> =
        text.lines().next().unwrap().split(',').map(str::to_owned).collect();
    let row: Vec<&str> = header
        .iter()
        .map(|column| match column.as_str() {
            "transaction_id" => "PAID-2",
            "project_id" => "00112233",
            "kind" => "disbursement",
            "date" => "2024-06-30",
            "amount" => "622128.57",
            "currency" => "USD",
            "tranche" => "2",
            "recipient" => "UNDP",
            _ => "",
        })
        .collect();
    text.push_str(&format!("{}\n", row.join(",")));
    std::fs::write(&path, text).unwrap();
    let loaded = ssrfund(&fund, &["load", "--source", "portfolio", "../files"]);
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));

    let after = json(&fund, &["gate", "check", "00112233"]);
    assert_eq!(
        (&after["tranche"], &after["requested"]),
        (&3.into(), &"1357371.43".into())
    );
    assert_eq!(rule(&after, "R14")["result"], "PASS", "{}", rule(&after, "R14"));
    assert_eq!(after["by_class"]["hardware"]["requested"], "1200000.00");
}

#[test]
fn only_a_partial_release_has_a_revised_plan() {
    let (_place, fund) = portfolio(|_, text| text);
    let check = ["gate", "check", "00112244", "--as-of", AS_OF, "--emit-revised", "out"];
    let output = ssrfund(&fund, &check);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("is for a PARTIAL release; this is RELEASE"), "{told}");
    assert!(!fund.join("out").exists());
}

#[test]
fn a_form_asks_for_what_is_missing_and_loads_back_when_filled() {
    let (_place, fund) = portfolio(|_, text| text);
    let check = ["gate", "check", "00112266", "--as-of", AS_OF, "--todo", "todo.xlsx"];
    assert_eq!(ssrfund(&fund, &check).status.code(), Some(4));
    let bytes = std::fs::read(fund.join("todo.xlsx")).unwrap();
    // UNODC reports what it spent: date and amount are all that the form lacks.
    let filled = edited(&bytes, |name, text| {
        if name != "xl/worksheets/sheet2.xml" {
            return text;
        }
        let style = |column: &str| {
            let (_, after) = text.split_once(&format!("<col min=\"{column}\"")).unwrap();
            let (_, after) = after.split_once("style=\"").unwrap();
            after.split_once('"').unwrap().0.to_owned()
        };
        let (date, amount) = (style("4"), style("5"));
        let mut out = text.clone();
        let cells = format!(
            "<c r=\"D2\" s=\"{date}\"><v>45473</v></c>\
             <c r=\"E2\" s=\"{amount}\"><v>300000</v></c>"
        );
        // In the second row cells D and E are not there; F is the next one.
        let at = out.find("<c r=\"F2\"").unwrap();
        out.insert_str(at, &cells);
        out
    });
    std::fs::write(fund.join("filled.xlsx"), filled).unwrap();
    let load = ["load", "--source", "field", "--append", "filled.xlsx"];
    let loaded = ssrfund(&fund, &load);
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let after = json(&fund, &["gate", "check", "00112266"]);
    assert_ne!(rule(&after, "R02")["result"], "UNKNOWN", "{}", rule(&after, "R02"));
}

#[test]
fn a_form_where_nothing_is_missing_is_not_written() {
    let (_place, fund) = portfolio(|_, text| text);
    let check = ["gate", "check", "00112244", "--as-of", AS_OF, "--todo", "todo.xlsx"];
    let output = ssrfund(&fund, &check);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_told = told.contains("nothing is missing");
    assert_eq!(is_told, !fund.join("todo.xlsx").exists(), "{told}");
}

/// The shipped policy with another threshold of R01.
fn laxer(fund: &Path) -> PathBuf {
    let shipped = fixtures("../queries/policies/pbf.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let (before, after) = text.split_once("[[rule.parameters.progress_bps]]").unwrap();
    let after = after.replacen("bps = 7500", "bps = 6000", 1);
    let path = fund.join("laxer.toml");
    let text = format!("{before}[[rule.parameters.progress_bps]]{after}");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_simulation_lists_what_flips_with_its_money() {
    let (_place, fund) = portfolio(|_, text| text);
    let policy = laxer(&fund);
    let simulate = ["gate", "simulate", "--policy", policy.to_str().unwrap()];
    let told = json(&fund, &simulate);
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(told["compared"], 12);
    let own = rows.iter().find(|row| row["project_id"] == "00112233").unwrap();
    assert_eq!(
        (&own["verdict"], &own["other_verdict"]),
        (&"PARTIAL".into(), &"RELEASE".into())
    );
    assert_eq!(
        (&own["difference"], &own["binding"]),
        (&"1357371.43".into(), &"R01".into())
    );
    // Over time: no quarter before the milestone's day is affected by it.
    let over = [&simulate[..], &["--each", "quarter", "--since", "2024-01-01"]].concat();
    let told = json(&fund, &over);
    let days: Vec<&str> = told["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["project_id"] == "00112233")
        .map(|row| row["as_of"].as_str().unwrap())
        .collect();
    assert_eq!(days, [AS_OF]);
    // The policy against itself flips nothing.
    let same = fixtures("../queries/policies/pbf.toml");
    let told = json(&fund, &["gate", "simulate", "--policy", same.to_str().unwrap()]);
    assert_eq!(told["rows"], Value::Array(Vec::new()));
}

#[test]
fn lines_add_up_to_recipients_and_classes() {
    let (_place, fund) = portfolio(|_, text| text);
    let cents = |value: &Value| -> i128 {
        value.as_str().unwrap().replace('.', "").parse().unwrap()
    };
    for decision in json(&fund, &["gate", "check", "--all"]).as_array().unwrap() {
        let lines = decision["lines"].as_array().unwrap();
        for class in ["hardware", "training", "sector_wide", "mixed", "support"] {
            let own = lines.iter().filter(|line| line["class"] == class);
            let paid: i128 = own.map(|line| cents(&line["payable"])).sum();
            let id = &decision["project_id"];
            assert_eq!(
                paid,
                cents(&decision["by_class"][class]["payable"]),
                "{id} {class}"
            );
        }
        for line in lines {
            let sum = cents(&line["payable"]) + cents(&line["held"]);
            assert_eq!(sum, cents(&line["requested"]));
        }
    }
}
