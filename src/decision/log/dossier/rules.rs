//! What the rules found: those that are open with what would help, then all of them.

use serde_json::Value;

use super::super::compare::shown;
use super::super::line::Record;
use super::html::Html;
use super::{money, word};

/// The rules that did not pass, and the lines that they hold.
pub(super) fn open(page: &mut Html, record: &Record) {
    page.element("h2", "Reasons");
    let mut any = false;
    for rule in &record.list("rules") {
        let result = word(rule, "result");
        if !matches!(result.as_str(), "FAIL" | "UNKNOWN" | "WAIVED") {
            continue;
        }
        any = true;
        let head = format!("{} {}: {result}", word(rule, "rule_id"), word(rule, "title"));
        page.element("h3", &head);
        page.element("p", &word(rule, "message"));
        let list =
            |key: &str| rule.get(key).and_then(Value::as_array).into_iter().flatten();
        for missing in list("missing") {
            page.element("p", &format!("Missing: {}", shown(missing)));
        }
        for lever in list("levers") {
            page.element("p", &format!("It would help: {}", word(lever, "text")));
        }
    }
    if !any {
        page.element("p", "No rule failed, and none was left open.");
    }
    let blocked = record.list("blocked_lines");
    if !blocked.is_empty() {
        page.element("h3", "Lines that may not be paid");
        let rows: Vec<Vec<String>> = blocked
            .iter()
            .map(|line| {
                let mut row: Vec<String> = ["line_id", "rule_id", "flags", "class"]
                    .map(|key| word(line, key))
                    .into();
                row.push(money(&word(line, "amount")));
                row
            })
            .collect();
        page.table(&["line", "rule", "flags", "class", "#amount"], &rows);
    }
}

/// Basis points as a share in percent.
fn percent(bps: &str) -> String {
    match bps.parse::<i64>() {
        Ok(bps) => {
            format!("{}.{:02}%", bps.div_euclid(100), bps.rem_euclid(100))
        }
        Err(_) => bps.to_owned(),
    }
}

/// The share that a rule observed, or its bounds.
fn observed(rule: &Value) -> String {
    let Some(share) = rule.get("observed_bps") else { return String::new() };
    let (low, high) = (percent(&word(share, "low")), percent(&word(share, "high")));
    if low == high { low } else { format!("{low} to {high}") }
}

/// Every rule on one line.
pub(super) fn all(page: &mut Html, record: &Record) {
    page.element("h2", "Every rule");
    let bounds = |rule: &Value, key: &str| {
        let Some(measure) = rule.get(key).filter(|value| !value.is_null()) else {
            return String::new();
        };
        let (low, high) = (word(measure, "low"), word(measure, "high"));
        if low == high { low } else { format!("{low} to {high}") }
    };
    let rows: Vec<Vec<String>> = record
        .list("rules")
        .iter()
        .map(|rule| {
            vec![
                word(rule, "rule_id"),
                word(rule, "result"),
                format!("{} ({})", word(rule, "title"), word(rule, "basis")),
                bounds(rule, "numerator"),
                bounds(rule, "denominator"),
                observed(rule),
                percent(&word(rule, "threshold_bps")),
                format!("{} [{}]", word(rule, "message"), word(rule, "reference")),
            ]
        })
        .collect();
    let columns = [
        "rule",
        "result",
        "title",
        "#numerator",
        "#denominator",
        "#bps",
        "#needed",
        "why",
    ];
    page.table(&columns, &rows);
}
