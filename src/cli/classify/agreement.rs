//! `ssrfund classify agreement`: the text classifier against labelled lines.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::classify::agreement::Confusion;
use crate::classify::{Answer, Question, RuleSet};
use crate::domain::{Bps, Class, Money};
use crate::error::{Error, Problem, Result, visible};

use super::super::context::Context;
use super::super::data::{json as write_json, wants_json};
use super::super::output;

/// What was found: by line, by money where amounts are given, by language.
#[derive(Default)]
struct Found {
    lines: Confusion,
    money: Confusion,
    languages: BTreeMap<String, Confusion>,
    kinds: BTreeMap<(String, bool, bool), Kind>,
    wrong: Vec<Value>,
}

/// Answers of one rule, with or without a runner-up, in texts that name security or not.
#[derive(Default)]
struct Kind {
    lines: i64,
    right: i64,
    measured_bps: Option<i64>,
    measured_high: bool,
}

impl Found {
    /// Counts an answer with others of its rule.
    fn add_kind(&mut self, answer: &Answer, label: Class) {
        if answer.class == Class::Unclassified {
            return;
        }
        let key = (answer.rule_id.clone(), answer.runner_up.is_some(), answer.named);
        let kind = self.kinds.entry(key).or_default();
        kind.lines = kind.lines.saturating_add(1);
        kind.right = kind.right.saturating_add(i64::from(answer.class == label));
        kind.measured_bps = answer.measured.map(|found| found.at_least_bps);
        kind.measured_high = answer.measured_high();
    }
}

/// Compares the rules with a file of labelled lines.
///
/// # Errors
/// The file cannot be read, lacks a column, or has a class or amount that is none.
pub fn run(context: &Context, rules: &RuleSet, file: &Path) -> Result<u8> {
    let found = compare(rules, file)?;
    if wants_json(context) {
        return write_json(context, &as_json(&found));
    }
    output::deliver(context, as_text(&found).as_bytes(), false)?;
    Ok(0)
}

fn compare(rules: &RuleSet, file: &Path) -> Result<Found> {
    let mut reader = csv::Reader::from_path(file)
        .map_err(|error| Error::usage(format!("`{}`: {error}", file.display())))?;
    let broken =
        |error: csv::Error| Error::data(format!("`{}`: {error}", file.display()));
    let headers = reader.headers().map_err(broken)?.clone();
    let place = |name: &str| headers.iter().position(|header| header == name);
    let (Some(_), Some(_)) = (place("description"), place("class")) else {
        return Err(Error::data(format!("`{}` lacks a column", file.display()))
            .fix("it needs `description` and `class`; `lang` and `amount` are of use"));
    };
    let mut found = Found::default();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let field = |name: &str| {
            place(name).and_then(|at| record.get(at)).filter(|text| !text.is_empty())
        };
        let refused = |name: &str, fix: &str| {
            let row = record.position().map_or(0, csv::Position::line);
            let value = visible(field(name).unwrap_or_default());
            let what = format!("{name} `{value}` cannot be read");
            let shown = file.display().to_string();
            Error::data("a labelled line cannot be used")
                .problems(vec![Problem::at(&shown, row, 0, what, fix)])
        };
        let label = field("class")
            .and_then(Class::parse)
            .ok_or_else(|| refused("class", "use a class of the taxonomy"))?;
        let cents = match field("amount").map(Money::parse) {
            None => None,
            Some(Ok(amount)) => Some(amount.cents()),
            Some(Err(_)) => return Err(refused("amount", "write it as 1234.50")),
        };
        let answer = rules.classify(&Question {
            description: field("description").unwrap_or_default(),
            lang: field("lang"),
            scheme: Some("2012"),
            category: field("category"),
            beneficiary: field("beneficiary"),
            security: false,
        });
        found.lines.add(label, answer.class, 1);
        found.money.add(label, answer.class, cents.unwrap_or_default());
        found.languages.entry(answer.lang.clone()).or_default().add(
            label,
            answer.class,
            1,
        );
        found.add_kind(&answer, label);
        if answer.class != label && answer.class != Class::Unclassified {
            found.wrong.push(json!({
                "id": field("id"),
                "description": field("description"),
                "label": label.code(),
                "answer": answer.class.code(),
                "rule_id": answer.rule_id,
            }));
        }
    }
    Ok(found)
}

/// The figures of one confusion; weights are lines, or cents shown as money.
fn figures(confusion: &Confusion, weight: impl Fn(i128) -> Value) -> Value {
    let classes: Map<String, Value> = Class::ALL
        .iter()
        .map(|class| {
            let shares = json!({
                "precision_bps": confusion.precision(*class),
                "recall_bps": confusion.recall(*class),
            });
            (class.code().to_owned(), shares)
        })
        .collect();
    let cells: Vec<Value> = confusion
        .cells()
        .map(|(label, answer, sum)| {
            json!({"label": label.code(), "answer": answer.code(), "weight": weight(sum)})
        })
        .collect();
    json!({
        "total": weight(confusion.total()),
        "right": weight(confusion.right()),
        "abstained": weight(confusion.abstained()),
        "wrong": weight(confusion.wrong()),
        "abstention_bps": confusion.abstention(),
        "kappa_bps": confusion.kappa(),
        "classes": classes,
        "confusion": cells,
    })
}

fn lines(count: i128) -> Value {
    i64::try_from(count).map_or(Value::Null, Value::from)
}

fn cents(sum: i128) -> Value {
    Value::from(Money::from_cents(sum).to_string())
}

fn as_json(found: &Found) -> Value {
    let languages: Map<String, Value> = found
        .languages
        .iter()
        .map(|(lang, confusion)| (lang.clone(), figures(confusion, lines)))
        .collect();
    let kinds: Vec<Value> = found
        .kinds
        .iter()
        .map(|((rule, runner_up, named), kind)| {
            json!({
                "rule_id": rule,
                "runner_up": runner_up,
                "named": named,
                "lines": kind.lines,
                "right": kind.right,
                "measured_bps": kind.measured_bps,
                "measured_high": kind.measured_high,
            })
        })
        .collect();
    json!({
        "right": lines(found.lines.right()),
        "abstained": lines(found.lines.abstained()),
        "wrong": found.wrong.len(),
        "wrong_lines": found.wrong,
        "by_line": figures(&found.lines, lines),
        "by_money": (found.money.total() != 0).then(|| figures(&found.money, cents)),
        "by_language": languages,
        "by_kind": kinds,
    })
}

fn as_text(found: &Found) -> String {
    let all = &found.lines;
    let mut out = format!(
        "right {}, abstained {}, wrong {}\n",
        all.right(),
        all.abstained(),
        all.wrong()
    );
    let share = |bps: Option<i64>| {
        bps.map_or_else(|| "none".to_owned(), |bps| Bps(bps).percent())
    };
    out.push_str(&format!("agreement beyond chance (kappa) {}\n", share(all.kappa())));
    for class in Class::ALL {
        let (precision, recall) = (all.precision(*class), all.recall(*class));
        if precision.is_some() || recall.is_some() {
            out.push_str(&format!(
                "  {:<13} precision {}, recall {}\n",
                class.code(),
                share(precision),
                share(recall)
            ));
        }
    }
    if found.money.total() != 0 {
        out.push_str(&format!(
            "by money: right {}, abstained {}, wrong {}\n",
            Money::from_cents(found.money.right()),
            Money::from_cents(found.money.abstained()),
            Money::from_cents(found.money.wrong())
        ));
    }
    for (lang, one) in &found.languages {
        out.push_str(&format!(
            "{lang}: right {}, abstained {}, wrong {}\n",
            one.right(),
            one.abstained(),
            one.wrong()
        ));
    }
    for (label, answer, count) in all.cells().filter(|(l, a, _)| l != a) {
        out.push_str(&format!("  {count} x {label} answered {answer}\n"));
    }
    for line in &found.wrong {
        out.push_str(&format!("  {line}\n"));
    }
    out
}
