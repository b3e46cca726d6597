//! Class shares of transactions: from their line, else from their own words.
//!
//! `allocation_method` says where a class comes from: `line` (the budget line's shares),
//! `text` (the transaction's description), `title` (no description: the project's title),
//! `category` (its category's prior), `sector` (its purpose codes, else its project's,
//! settled what the words left open), `none`. Splits conserve every cent.

use std::collections::HashMap;

use arrow::array::RecordBatch;
use chrono::NaiveDate;

use crate::domain::class::{Method, Subclass};
use crate::domain::{Beneficiary, Class, GateTreatment, Money, apportion};
use crate::engine::ledger::{Entry, Replacements, entries, only_recipients};
use crate::engine::tables::{HELD_ROWS, plain_columns, register_held};
use crate::engine::{Engine, Space};
use crate::error::Result;
use crate::tables::Cell;
use crate::tables::build::{Columns, Made, Maker, schema};
use crate::workspace::Snapshot;
use crate::workspace::derived::Cache;

use super::answer::Answer;
use super::lines::{ClassifiedLine, ClassifiedLines, divide_answer};
use super::sectors::{Spoken, classify_with};
use super::{Question, RuleSet};

/// Columns of `classified_transactions`.
pub const CLASSIFIED: &Columns = &[
    ("transaction_id", Made::Text),
    ("project_id", Made::Word),
    ("recipient", Made::Word),
    ("kind", Made::Word),
    ("date", Made::Day),
    ("currency", Made::Word),
    ("tranche", Made::Whole),
    ("line_id", Made::Text),
    ("grade", Made::Word),
    ("superseded_on", Made::Day),
    ("class", Made::Word),
    ("subclass", Made::Word),
    ("beneficiary", Made::Word),
    ("gate_treatment", Made::Word),
    ("method", Made::Word),
    ("rule_id", Made::Word),
    ("matched", Made::Text),
    ("runner_up", Made::Word),
    ("confidence_bps", Made::Bps),
    ("allocation_method", Made::Word),
    ("share_bps", Made::Bps),
    ("amount", Made::Money),
    ("load_id", Made::Word),
    ("source_file", Made::Word),
    ("source_row", Made::Whole),
];

/// Rows in one batch of the derived table.
const BATCH_ROWS: usize = 65_536;

/// Derives and registers `classified_transactions`: in memory, or in a cache and scanned
/// there where the transactions are many.
///
/// # Errors
/// A stored file is damaged, or an amount exceeds 128 bits.
pub fn register(
    engine: &Engine,
    snapshot: &Snapshot,
    lines: &ClassifiedLines,
    rules: &RuleSet,
    cache: &Cache,
) -> Result<()> {
    let name = "classified_transactions";
    if snapshot.rows("transactions") <= HELD_ROWS {
        let mut batches = Vec::new();
        derive(snapshot, lines, rules, &mut |batch| {
            batches.push(batch);
            Ok(())
        })?;
        return register_held(engine, name, &batches);
    }
    let path = match cache.found() {
        Some(path) => path,
        None => cache
            .write(&schema(CLASSIFIED), |sink| derive(snapshot, lines, rules, sink))?,
    };
    let file = path.to_string_lossy().into_owned();
    engine.register_files(Space::Evidence, name, &[(file, Vec::new())])?;
    engine.view(Space::Public, name, &plain_columns(CLASSIFIED, name))
}

/// One transaction with what the table says of it besides its class.
struct Context<'a> {
    entry: Entry<'a>,
    recipient: Option<&'a str>,
    superseded_on: Option<NaiveDate>,
}

/// Classifies every transaction of a snapshot and hands the rows on batch by batch; at
/// least one batch, which may be empty.
///
/// # Errors
/// A stored file is damaged, an amount exceeds 128 bits, or what `sink` returns.
pub fn derive(
    snapshot: &Snapshot,
    lines: &ClassifiedLines,
    rules: &RuleSet,
    sink: &mut dyn FnMut(RecordBatch) -> Result<()>,
) -> Result<()> {
    let only = only_recipients(&snapshot.kept("recipients")?);
    let projects = snapshot.kept("projects")?;
    let titles: HashMap<&str, &str> = entries(&projects)
        .filter_map(|entry| Some((entry.text("project_id")?, entry.text("title")?)))
        .collect();
    let replacements = Replacements::read(snapshot, &only)?;
    let sectors = Sectors::read(snapshot, rules)?;
    let mut texts = Texts { rules, answers: HashMap::new() };
    let mut maker = Maker::new(CLASSIFIED);
    snapshot.scan("transactions", |kept| {
        for entry in entries(kept) {
            let project = entry.text("project_id").unwrap_or_default();
            let context = Context {
                recipient: entry
                    .text("recipient")
                    .or_else(|| only.get(project).map(String::as_str)),
                superseded_on: replacements.of(&entry, &only),
                entry,
            };
            match entry.text("line_id").and_then(|id| lines.0.get(id)) {
                Some(line) => add_from_line(&mut maker, &context, line)?,
                None => {
                    let title = titles.get(project).copied();
                    let spoken = sectors.of(&entry);
                    let (answer, method) = texts.answer(&entry, title, spoken);
                    let own = entry.text("description").or(title).unwrap_or_default();
                    let safety = rules.is_exempt_for_safety(own, answer);
                    add_from_text(&mut maker, &context, answer, (method, safety))?;
                }
            }
        }
        if maker.rows() >= BATCH_ROWS { sink(maker.finish()?) } else { Ok(()) }
    })?;
    sink(maker.finish()?)
}

fn add_from_line(
    maker: &mut Maker,
    context: &Context<'_>,
    line: &ClassifiedLine,
) -> Result<()> {
    for (share, amount) in line.split(context.entry.amount())? {
        let told = Told {
            class: share.class,
            subclass: share.subclass.map(Subclass::code),
            beneficiary: line.beneficiary,
            gate_treatment: share.gate_treatment,
            method: line.method,
            rule_id: &line.rule_id,
            matched: line.matched.clone(),
            runner_up: line.runner_up.as_deref(),
            confidence_bps: line.confidence_bps,
            allocation_method: "line",
            share_bps: share.share_bps,
        };
        add(maker, context, &told, amount)?;
    }
    Ok(())
}

fn add_from_text(
    maker: &mut Maker,
    context: &Context<'_>,
    answer: &Answer,
    (allocation_method, safety): (&'static str, bool),
) -> Result<()> {
    let whole = context.entry.amount();
    let divided = divide_answer(answer, whole)?;
    let weights: Vec<i128> = divided.shares.iter().map(|share| share.weight).collect();
    for (share, amount) in divided.shares.iter().zip(apportion(whole, &weights)?) {
        let told = Told {
            class: share.class,
            subclass: share.subclass.map(Subclass::code),
            beneficiary: answer.beneficiary,
            gate_treatment: GateTreatment::of(
                share.class,
                answer.beneficiary,
                safety && share.class == Class::Hardware,
            ),
            method: answer.method,
            rule_id: &divided.rule_id,
            matched: divided.matched.clone(),
            runner_up: answer.runner_up.as_ref().map(|other| other.class.code()),
            confidence_bps: answer.confidence_bps,
            allocation_method,
            share_bps: share.share_bps,
        };
        add(maker, context, &told, amount)?;
    }
    Ok(())
}

/// What is said of one share of a transaction.
struct Told<'a> {
    class: Class,
    subclass: Option<&'static str>,
    beneficiary: Beneficiary,
    gate_treatment: GateTreatment,
    method: Method,
    rule_id: &'a str,
    matched: String,
    runner_up: Option<&'a str>,
    confidence_bps: i64,
    allocation_method: &'static str,
    share_bps: i64,
}

fn add(
    maker: &mut Maker,
    context: &Context<'_>,
    told: &Told<'_>,
    amount: Money,
) -> Result<()> {
    let entry = &context.entry;
    let [load, file, row] = entry.provenance();
    let text = |value: &str| Cell::Text(value.to_owned());
    let grade = match (entry.text("grade"), entry.text("kind")) {
        (Some(grade), _) => text(grade),
        (None, Some("expenditure")) => text("preliminary"),
        _ => Cell::Empty,
    };
    maker.add(&[
        entry.cell("transaction_id").clone(),
        entry.cell("project_id").clone(),
        context.recipient.map_or(Cell::Empty, text),
        entry.cell("kind").clone(),
        entry.cell("date").clone(),
        entry.cell("currency").clone(),
        entry.cell("tranche").clone(),
        entry.cell("line_id").clone(),
        grade,
        context.superseded_on.map_or(Cell::Empty, Cell::Day),
        text(told.class.code()),
        told.subclass.map_or(Cell::Empty, text),
        text(told.beneficiary.code()),
        text(told.gate_treatment.code()),
        text(told.method.code()),
        text(told.rule_id),
        Cell::Text(told.matched.clone()),
        told.runner_up.map_or(Cell::Empty, text),
        Cell::Whole(told.confidence_bps),
        text(told.allocation_method),
        Cell::Whole(told.share_bps),
        Cell::Money(amount),
        load,
        file,
        row,
    ])
}

/// What the purpose codes of transactions and projects say.
struct Sectors {
    transactions: HashMap<String, Spoken>,
    projects: HashMap<String, Spoken>,
}

impl Sectors {
    fn read(snapshot: &Snapshot, rules: &RuleSet) -> Result<Self> {
        let mut sectors = Self { transactions: HashMap::new(), projects: HashMap::new() };
        snapshot.scan("sectors", |kept| {
            for entry in entries(kept) {
                let (Some(owner), Some(vocabulary), Some(code)) = (
                    entry.text("owner_id"),
                    entry.text("vocabulary"),
                    entry.text("code"),
                ) else {
                    continue;
                };
                let Some(spoken) = rules.sectors().of(vocabulary, code) else { continue };
                let owners = match entry.text("owner_kind") {
                    Some("transaction") => &mut sectors.transactions,
                    _ => &mut sectors.projects,
                };
                owners
                    .entry(owner.to_owned())
                    .and_modify(|known| *known = known.and(spoken))
                    .or_insert(spoken);
            }
            Ok(())
        })?;
        Ok(sectors)
    }

    /// What the codes of a transaction say, else those of its project.
    fn of(&self, entry: &Entry<'_>) -> Option<Spoken> {
        let own = entry.text("transaction_id").and_then(|id| self.transactions.get(id));
        let project = || entry.text("project_id").and_then(|id| self.projects.get(id));
        own.or_else(project).copied()
    }
}

/// What an answer to a transaction's own words depends on.
type TextKey = (String, Option<String>, Option<String>, Option<Spoken>);

/// Answers per distinct text, each with whether sectors decided.
struct Texts<'a> {
    rules: &'a RuleSet,
    answers: HashMap<TextKey, (Answer, bool)>,
}

impl Texts<'_> {
    /// The answer for a transaction's own words, and where they come from.
    fn answer(
        &mut self,
        entry: &Entry<'_>,
        title: Option<&str>,
        spoken: Option<Spoken>,
    ) -> (&Answer, &'static str) {
        let own = entry.text("description");
        let description = own.or(title).unwrap_or_default();
        let key = (
            description.to_owned(),
            entry.text("lang").map(str::to_owned),
            entry.text("category").map(str::to_owned),
            spoken,
        );
        let rules = self.rules;
        let (answer, by_sector) = self.answers.entry(key).or_insert_with_key(|key| {
            let question = Question {
                description: &key.0,
                lang: key.1.as_deref(),
                scheme: Some("2012"),
                category: key.2.as_deref(),
                beneficiary: None,
                security: false,
            };
            classify_with(rules, &question, key.3)
        });
        let method = match (answer.method, own) {
            _ if *by_sector => "sector",
            (Method::None, _) => "none",
            (Method::CategoryPrior, _) => "category",
            (_, Some(_)) => "text",
            (_, None) => "title",
        };
        (answer, method)
    }
}
