//! One decision as one HTML file: no scripts, nothing loaded, readable without this tool.
//!
//! The same record, loads and answers give the same bytes.

mod evidence;
mod html;
mod rules;

use serde_json::Value;

use crate::domain::Money;
use crate::domain::money::grouped;
use crate::error::Result;
use crate::workspace::LoadRef;

use super::compare::shown;
use super::line::Record;
use super::replay::Given;

pub use evidence::Evidence;
use html::Html;

/// What a dossier is written from.
#[derive(Debug)]
pub struct Material<'a> {
    /// The decision.
    pub record: &'a Record,
    /// What people answered.
    pub answers: Vec<&'a Record>,
    /// `open`, `approved` or `rejected`.
    pub standing: &'a str,
    /// The policy and the other texts.
    pub given: &'a Given,
    /// The loads that it names, as they are on disk.
    pub loads: &'a [LoadRef],
    /// The rows that it rests on.
    pub evidence: &'a Evidence,
}

/// Writes the dossier of a decision.
///
/// # Errors
/// An internal error where the record cannot be written.
pub fn html(material: &Material<'_>) -> Result<String> {
    let record = material.record;
    let mut page = Html::new(&format!("Decision {}", record.id));
    opening(&mut page, material);
    answers(&mut page, material);
    rules::open(&mut page, record);
    amounts(&mut page, record);
    rules::all(&mut page, record);
    evidence_rows(&mut page, material);
    data(&mut page, material);
    policy(&mut page, material);
    by_hand(&mut page, record)?;
    page.element("h2", "The policy, as it was");
    page.exact(&material.given.policy.text);
    Ok(page.finish())
}

/// A text of an object, or empty.
fn word(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(value) => shown(value),
    }
}

/// An amount as people write it.
fn money(text: &str) -> String {
    Money::parse(text).map_or_else(|_| text.to_owned(), grouped)
}

fn opening(page: &mut Html, material: &Material<'_>) {
    let record = material.record;
    page.element("h1", &format!("Decision {}", record.id));
    let title = record.text("project_title");
    let dash = if title.is_empty() { "" } else { ", " };
    page.element(
        "p",
        &format!(
            "Tranche {} of project {}{dash}{title}",
            record.tranche(),
            record.text("project_id")
        ),
    );
    let currency = record.text("currency");
    let amount = |key: &str| format!("{currency} {}", money(record.text(key)));
    let scope = record.text("scope").replace('_', " ");
    let scope = if scope.is_empty() { scope } else { format!(" ({scope})") };
    page.banner(
        &format!("{}{scope}", record.text("verdict")),
        &[
            format!("requested {}", amount("requested")),
            format!("payable {}", amount("payable")),
            format!("held {}", amount("held")),
        ],
    );
    let official = record.head.get("verdict_official").cloned().unwrap_or_default();
    page.table(
        &["", ""],
        &[
            ("events to", record.text("as_of").to_owned()),
            ("as known at", record.text("known_at").to_owned()),
            ("recorded at", record.text("recorded_at").to_owned()),
            ("recorded by", record.text("recorded_by").to_owned()),
            ("made by", record.text("tool").to_owned()),
            (
                "official conditions alone",
                format!(
                    "{}, payable {currency} {}",
                    word(&official, "verdict"),
                    money(&word(&official, "payable"))
                ),
            ),
            ("software means", record.text("software_scope").to_owned()),
            ("standing", material.standing.to_owned()),
        ]
        .map(|(name, text)| vec![name.to_owned(), text]),
    );
    page.element(
        "p",
        "The tool recommends; people decide. What they answered stands below.",
    );
    for warning in record.list("warnings") {
        page.element("p", &format!("! {}", shown(&warning)));
    }
}

fn answers(page: &mut Html, material: &Material<'_>) {
    page.element("h2", "What people answered");
    if material.answers.is_empty() {
        page.element("p", "Nobody has answered yet.");
        return;
    }
    let rows: Vec<Vec<String>> = material
        .answers
        .iter()
        .map(|answer| {
            let key = answer.text("public_key");
            vec![
                answer.kind.word().to_owned(),
                answer.text("recorded_by").to_owned(),
                answer.text("recorded_at").to_owned(),
                answer.text("comment").to_owned(),
                if key.is_empty() { "no".to_owned() } else { format!("with key {key}") },
                format!("line {}, {}", answer.line, answer.sha256),
            ]
        })
        .collect();
    page.table(&["answer", "by", "at", "comment", "signed", "record"], &rows);
}

fn amounts(page: &mut Html, record: &Record) {
    page.element("h2", "Amounts");
    let rows: Vec<Vec<String>> = record
        .list("recipients")
        .iter()
        .map(|who| {
            let mut row = vec![word(who, "recipient")];
            row.extend(
                ["requested", "payable", "held"].map(|key| money(&word(who, key))),
            );
            row
        })
        .collect();
    page.table(&["recipient", "#requested", "#payable", "#held"], &rows);
    let object = record.object();
    let classes = object.get("by_class").and_then(Value::as_object);
    let mut rows: Vec<Vec<String>> = classes
        .into_iter()
        .flatten()
        .map(|(class, amounts)| {
            let mut row = vec![class.replace('_', " ")];
            row.extend(["requested", "payable"].map(|key| money(&word(amounts, key))));
            row
        })
        .collect();
    rows.sort();
    page.table(&["class", "#requested", "#payable"], &rows);
}

fn evidence_rows(page: &mut Html, material: &Material<'_>) {
    page.element("h2", "Evidence");
    page.element(
        "p",
        "The rows that the rules rest on, with the file and row in which they came.",
    );
    for rule in &material.record.list("rules") {
        let entries = rule.get("evidence").and_then(Value::as_array);
        let rows: Vec<Vec<String>> = entries
            .into_iter()
            .flatten()
            .map(|entry| {
                vec![
                    word(entry, "table"),
                    word(entry, "key"),
                    material.evidence.values(entry).to_owned(),
                    format!("{}:{}", word(entry, "file"), word(entry, "row")),
                    word(entry, "load_id"),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let head = format!("{} {}", word(rule, "rule_id"), word(rule, "title"));
            page.element("h3", &head);
            page.table(&["table", "key", "values", "file and row", "load"], &rows);
        }
    }
}

fn data(page: &mut Html, material: &Material<'_>) {
    page.element("h2", "The loads, and the files that they were read from");
    let mut rows = Vec::new();
    for named in material.record.list("data") {
        let load_id = word(&named, "load_id");
        rows.push(vec![
            word(&named, "source"),
            load_id.clone(),
            "load.json".to_owned(),
            String::new(),
            word(&named, "sha256"),
        ]);
        let load = material.loads.iter().find(|load| load.load_id == load_id);
        for file in load.map_or(&[][..], |load| &load.manifest.sources) {
            rows.push(vec![
                String::new(),
                String::new(),
                file.file.clone(),
                file.bytes.to_string(),
                file.sha256.clone(),
            ]);
        }
        if load.is_none() {
            let text = "this load is not in the workspace any more";
            rows.push(vec![String::new(), text.to_owned()]);
        }
    }
    page.table(&["source", "load", "file", "#bytes", "SHA-256"], &rows);
}

fn policy(page: &mut Html, material: &Material<'_>) {
    let policy = &material.given.policy.policy;
    page.element("h2", "Policy, parameters and texts");
    page.element(
        "p",
        &format!(
            "{} {}: {}. SHA-256 {}. Its text stands at the end.",
            policy.id, policy.version, policy.title, material.given.policy.sha256
        ),
    );
    let mut rows = Vec::new();
    for rule in &policy.rules {
        for (name, history) in &rule.parameters {
            let Some(dated) = history.on(material.given.as_of.0) else { continue };
            let mark = if dated.value.verified { "" } else { " (unverified default)" };
            rows.push(vec![
                rule.id.clone(),
                name.clone(),
                dated.value.value.to_string(),
                dated.from.to_string(),
                format!("{}{mark}", dated.reference),
            ]);
        }
    }
    page.table(&["rule", "parameter", "#value", "in force from", "source"], &rows);
    page.element(
        "p",
        "Lexicon, classification rules, metrics and views that it was made with, each kept \
         in the folder `decisions` under its hash:",
    );
    let rows: Vec<Vec<String>> = material
        .given
        .texts
        .hashes()
        .map(|(path, hash)| vec![path.to_owned(), hash])
        .collect();
    page.table(&["file", "SHA-256"], &rows);
}

/// How to check all of it with nothing but a shell.
fn by_hand(page: &mut Html, record: &Record) -> Result<()> {
    page.element("h2", "How to verify this by hand");
    page.element(
        "p",
        &format!(
            "This decision is line {} of the file `decisions.jsonl` of the workspace. Its \
             hash is the SHA-256 of that line without the hash itself. In a shell, beside \
             the file, this prints {}:",
            record.line, record.sha256
        ),
    );
    page.exact(&format!(
        "sed -n {line}p decisions.jsonl | sed 's/\"sha256\":\"{hash}\",//' | tr -d '\\n' \
         | sha256sum\n",
        line = record.line,
        hash = record.sha256
    ));
    page.element(
        "p",
        "`previous_sha256` of each line is the `sha256` of the line before it, so the whole \
         file can be followed to its first line. A checkpoint that was kept elsewhere \
         (count, last hash, instant) shows whether lines were cut off at its end.",
    );
    page.element(
        "p",
        "The texts: their list is the copy named `queries_sha256`, in the form that \
         `sha256sum` writes. A short text is a file named by its hash, a long one is packed:",
    );
    page.exact(&format!(
        "cat decisions/{list}\nsha256sum decisions/HASH\nzstd -dc decisions/HASH.zst | \
         sha256sum\n",
        list = record.text("queries_sha256")
    ));
    page.element("p", "The line, byte for byte:");
    page.exact(record.canonical());
    Ok(())
}
