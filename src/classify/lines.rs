//! Class shares of budget lines, and what each tranche plans to pay of them.
//!
//! A line's class is its newest decision, whatever the as-of (Q37), else what its text
//! says. Amounts are split over class shares by largest remainder, ties to the larger
//! share, then class order (Q33). A tranche without `tranche_lines` is planned pro rata
//! (Q32); indirect cost (X1) is never planned by line (Q31).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::RecordBatch;

use crate::domain::class::{Method, Subclass};
use crate::domain::{Beneficiary, Class, GateTreatment, Money, apportion};
use crate::engine::Engine;
use crate::engine::ledger::{Entry, entries};
use crate::engine::tables::register_held;
use crate::error::Result;
use crate::tables::Cell;
use crate::tables::build::{Columns, Made, Maker};
use crate::workspace::{KeptRows, Snapshot};

use super::answer::Answer;
use super::{Question, RuleSet};

/// Columns of `classified_lines`.
pub const CLASSIFIED: &Columns = &[
    ("line_id", Made::Text),
    ("project_id", Made::Text),
    ("recipient", Made::Text),
    ("class", Made::Text),
    ("subclass", Made::Text),
    ("beneficiary", Made::Text),
    ("gate_treatment", Made::Text),
    ("eligibility", Made::Text),
    ("method", Made::Text),
    ("rule_id", Made::Text),
    ("matched", Made::Text),
    ("runner_up", Made::Text),
    ("confidence_bps", Made::Bps),
    ("share_bps", Made::Bps),
    ("amount", Made::Money),
    ("load_id", Made::Text),
    ("source_file", Made::Text),
    ("source_row", Made::Whole),
];

/// Columns of `planned_shares`.
pub const PLANNED: &Columns = &[
    ("project_id", Made::Text),
    ("tranche", Made::Whole),
    ("recipient", Made::Text),
    ("line_id", Made::Text),
    ("class", Made::Text),
    ("subclass", Made::Text),
    ("beneficiary", Made::Text),
    ("gate_treatment", Made::Text),
    ("eligibility", Made::Text),
    ("subject_unit", Made::Text),
    ("confidence_bps", Made::Bps),
    ("amount", Made::Money),
    ("pro_rata", Made::Bool),
    ("load_id", Made::Text),
    ("source_file", Made::Text),
    ("source_row", Made::Whole),
];

/// One class share of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassShare {
    /// What the share buys.
    pub class: Class,
    /// Its detail.
    pub subclass: Option<Subclass>,
    /// Share of the line, in basis points.
    pub share_bps: i64,
    /// Whether the software gate holds it.
    pub gate_treatment: GateTreatment,
    /// Eligibility flags, joined by `;`; a `?` says that it needs review.
    pub eligibility: String,
}

/// A budget line with its class shares, in the order in which ties are settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassifiedLine {
    /// The line.
    pub line_id: String,
    /// Its project.
    pub project_id: String,
    /// Its recipient.
    pub recipient: String,
    /// Approved amount.
    pub amount: Money,
    /// Who gets it.
    pub beneficiary: Beneficiary,
    /// The unit that due diligence looks at.
    pub subject_unit: Option<String>,
    /// How the class was found.
    pub method: Method,
    /// The rule that decided.
    pub rule_id: String,
    /// The words that decided.
    pub matched: String,
    /// What else it could have been.
    pub runner_up: Option<String>,
    /// How sure that is.
    pub confidence_bps: i64,
    /// The shares; they sum to 10000.
    pub shares: Vec<ClassShare>,
    /// Load, file and row.
    pub provenance: [Cell; 3],
}

impl ClassifiedLine {
    /// Whether the whole line is indirect cost (Q31).
    #[must_use]
    pub fn is_indirect(&self) -> bool {
        self.shares.iter().any(|share| share.subclass == Some(Subclass::X1))
    }

    /// Splits an amount of this line over its shares; the parts sum to it.
    ///
    /// # Errors
    /// An amount exceeds 128 bits.
    pub fn split(&self, amount: Money) -> Result<Vec<(&ClassShare, Money)>> {
        let weights: Vec<i128> =
            self.shares.iter().map(|share| i128::from(share.share_bps)).collect();
        Ok(self.shares.iter().zip(apportion(amount, &weights)?).collect())
    }
}

/// All budget lines by id.
#[derive(Debug, Clone, Default)]
pub struct ClassifiedLines(pub BTreeMap<String, ClassifiedLine>);

/// One class of an analyst's decision.
struct Decided {
    class: Class,
    subclass: Option<Subclass>,
    share_bps: i64,
    by: String,
}

impl ClassifiedLines {
    /// Classifies every budget line of a snapshot.
    ///
    /// # Errors
    /// A stored file is damaged.
    pub fn derive(snapshot: &Snapshot, rules: &RuleSet) -> Result<Self> {
        let decisions = snapshot.kept("class_decisions")?;
        let newest = newest_decisions(&decisions);
        let mut answers: HashMap<TextKey, Answer> = HashMap::new();
        let mut lines = BTreeMap::new();
        for entry in entries(&snapshot.kept("budget_lines")?) {
            let line = classify_line(&entry, &newest, rules, &mut answers);
            lines.insert(line.line_id.clone(), line);
        }
        Ok(Self(lines))
    }

    /// Registers `classified_lines`.
    ///
    /// # Errors
    /// An amount exceeds 128 bits.
    pub fn register(&self, engine: &Engine) -> Result<()> {
        register_held(engine, "classified_lines", &[self.batch()?])
    }

    fn batch(&self) -> Result<RecordBatch> {
        let mut maker = Maker::new(CLASSIFIED);
        for line in self.0.values() {
            for (share, amount) in line.split(line.amount)? {
                let [load, file, row] = line.provenance.clone();
                maker.add(&[
                    text(&line.line_id),
                    text(&line.project_id),
                    text(&line.recipient),
                    text(share.class.code()),
                    share.subclass.map_or(Cell::Empty, |s| text(s.code())),
                    text(line.beneficiary.code()),
                    text(share.gate_treatment.code()),
                    text(&share.eligibility),
                    text(line.method.code()),
                    text(&line.rule_id),
                    text(&line.matched),
                    line.runner_up.as_deref().map_or(Cell::Empty, text),
                    Cell::Whole(line.confidence_bps),
                    Cell::Whole(share.share_bps),
                    Cell::Money(amount),
                    load,
                    file,
                    row,
                ])?;
            }
        }
        maker.finish()
    }
}

/// What an answer depends on.
type TextKey = (String, Option<String>, Option<String>, Option<String>, Option<String>);

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

/// The newest decision of each line, all its rows of that day together.
fn newest_decisions(decisions: &[KeptRows]) -> HashMap<String, Vec<Decided>> {
    let mut by_line: HashMap<&str, BTreeMap<chrono::NaiveDate, Vec<Decided>>> =
        HashMap::new();
    for entry in entries(decisions) {
        let (Some(line), Some(day), Some(class)) = (
            entry.text("line_id"),
            entry.day("decided_on"),
            entry.text("class").and_then(Class::parse),
        ) else {
            continue;
        };
        let share_bps = match entry.cell("share_bps") {
            Cell::Whole(bps) => *bps,
            _ => 0,
        };
        by_line.entry(line).or_default().entry(day).or_default().push(Decided {
            class,
            subclass: entry.text("subclass").and_then(Subclass::parse),
            share_bps,
            by: entry.text("decided_by").unwrap_or_default().to_owned(),
        });
    }
    by_line
        .into_iter()
        .filter_map(|(line, mut days)| Some((line.to_owned(), days.pop_last()?.1)))
        .collect()
}

fn classify_line(
    entry: &Entry<'_>,
    decisions: &HashMap<String, Vec<Decided>>,
    rules: &RuleSet,
    answers: &mut HashMap<TextKey, Answer>,
) -> ClassifiedLine {
    let owned = |column: &str| entry.text(column).map(str::to_owned);
    let key = (
        owned("description").unwrap_or_default(),
        owned("lang"),
        owned("category_scheme"),
        owned("category"),
        owned("beneficiary"),
    );
    let answer = answers.entry(key).or_insert_with_key(|key| {
        rules.classify(&Question {
            description: &key.0,
            lang: key.1.as_deref(),
            scheme: key.2.as_deref(),
            category: key.3.as_deref(),
            beneficiary: key.4.as_deref(),
        })
    });
    let line_id = owned("line_id").unwrap_or_default();
    let beneficiary = entry
        .text("beneficiary")
        .and_then(Beneficiary::parse)
        .unwrap_or(answer.beneficiary);
    let mut line = ClassifiedLine {
        project_id: owned("project_id").unwrap_or_default(),
        recipient: owned("recipient").unwrap_or_default(),
        amount: entry.amount(),
        beneficiary,
        subject_unit: owned("subject_unit"),
        method: answer.method,
        rule_id: answer.rule_id.clone(),
        matched: answer.matched_words(),
        runner_up: answer.runner_up.as_ref().map(|other| other.class.code().to_owned()),
        confidence_bps: answer.confidence_bps,
        shares: Vec::new(),
        provenance: entry.provenance(),
        line_id,
    };
    let flags = answer.flag_text();
    match decisions.get(&line.line_id) {
        Some(decided) => take_decision(&mut line, decided, &flags),
        None => {
            let share = class_share(answer.class, answer.subclass, 10_000, &line, &flags);
            line.shares.push(share);
        }
    }
    line
}

/// A manual decision wins over the text; the eligibility screens still read the text.
fn take_decision(line: &mut ClassifiedLine, decided: &[Decided], flags: &str) {
    line.method = if decided.len() > 1 { Method::Split } else { Method::Manual };
    line.rule_id = "C0".to_owned();
    line.matched =
        decided.first().map(|part| format!("decided by {}", part.by)).unwrap_or_default();
    line.runner_up = None;
    line.confidence_bps = 10_000;
    let mut shares: Vec<ClassShare> = decided
        .iter()
        .filter(|part| part.share_bps > 0)
        .map(|part| class_share(part.class, part.subclass, part.share_bps, line, flags))
        .collect();
    shares.sort_by_key(|share| {
        (std::cmp::Reverse(share.share_bps), share.class, share.subclass)
    });
    line.shares = shares;
}

fn class_share(
    class: Class,
    subclass: Option<Subclass>,
    share_bps: i64,
    line: &ClassifiedLine,
    flags: &str,
) -> ClassShare {
    let mut eligibility: BTreeSet<&str> =
        flags.split(';').filter(|flag| !flag.is_empty()).collect();
    if is_in_due_diligence_scope(class, subclass, line.beneficiary) {
        eligibility.insert("E8");
    }
    ClassShare {
        class,
        subclass,
        share_bps,
        gate_treatment: GateTreatment::of(class, line.beneficiary, false),
        eligibility: eligibility.into_iter().collect::<Vec<_>>().join(";"),
    }
}

/// Whether support of this kind to this body falls under human rights due diligence:
/// goods, operations and ordinary training for a force. Norms (T3), advice, oversight
/// and governance are exempt by activity (D§3.4); what is not known counts as in scope.
#[must_use]
pub fn is_in_due_diligence_scope(
    class: Class,
    subclass: Option<Subclass>,
    beneficiary: Beneficiary,
) -> bool {
    let activity = match class {
        Class::Hardware | Class::Mixed | Class::Unclassified => true,
        Class::Training => subclass != Some(Subclass::T3),
        Class::SectorWide | Class::Support | Class::OutOfScope => false,
    };
    activity && beneficiary.is_force()
}

/// What is planned of one line in one tranche.
struct PlannedLine<'a> {
    project: &'a str,
    tranche: i64,
    line: &'a ClassifiedLine,
    amount: Money,
    pro_rata: bool,
    provenance: [Cell; 3],
}

/// Derives and registers `planned_shares`.
///
/// # Errors
/// A stored file is damaged, or an amount exceeds 128 bits.
pub fn register_planned(
    engine: &Engine,
    snapshot: &Snapshot,
    lines: &ClassifiedLines,
) -> Result<()> {
    let stated = snapshot.kept("tranche_lines")?;
    let tranches = snapshot.kept("tranches")?;
    let mut planned = Vec::new();
    let mut stated_tranches: BTreeSet<(&str, i64)> = BTreeSet::new();
    for entry in entries(&stated) {
        let (Some(project), Some(tranche)) =
            (entry.text("project_id"), tranche_of(&entry))
        else {
            continue;
        };
        stated_tranches.insert((project, tranche));
        let line = entry.text("line_id").and_then(|id| lines.0.get(id));
        if let Some(line) = line.filter(|line| !line.is_indirect()) {
            planned.push(PlannedLine {
                project,
                tranche,
                line,
                amount: entry.amount(),
                pro_rata: false,
                provenance: entry.provenance(),
            });
        }
    }
    plan_pro_rata(&tranches, lines, &stated_tranches, &mut planned)?;
    planned.sort_by(|a, b| {
        (a.project, a.tranche, &a.line.line_id).cmp(&(
            b.project,
            b.tranche,
            &b.line.line_id,
        ))
    });
    register_held(engine, "planned_shares", &[planned_batch(&planned)?])
}

fn tranche_of(entry: &Entry<'_>) -> Option<i64> {
    match entry.cell("tranche") {
        Cell::Whole(number) => Some(*number),
        _ => None,
    }
}

/// Plans every tranche without stated lines: per recipient, its lines' sum times its
/// share of the tranche, split over its lines by largest remainder (Q32).
fn plan_pro_rata<'a>(
    tranches: &'a [KeptRows],
    lines: &'a ClassifiedLines,
    stated: &BTreeSet<(&str, i64)>,
    planned: &mut Vec<PlannedLine<'a>>,
) -> Result<()> {
    let mut totals: BTreeMap<(&str, &str), BTreeMap<i64, Money>> = BTreeMap::new();
    for entry in entries(tranches) {
        if let (Some(project), Some(recipient), Some(tranche)) =
            (entry.text("project_id"), entry.text("recipient"), tranche_of(&entry))
        {
            totals
                .entry((project, recipient))
                .or_default()
                .insert(tranche, entry.amount());
        }
    }
    let mut by_recipient: BTreeMap<(&str, &str), Vec<&ClassifiedLine>> = BTreeMap::new();
    for line in lines.0.values().filter(|line| !line.is_indirect()) {
        let key = (line.project_id.as_str(), line.recipient.as_str());
        by_recipient.entry(key).or_default().push(line);
    }
    for lines in by_recipient.values_mut() {
        lines.sort_by(|a, b| b.amount.cmp(&a.amount).then(a.line_id.cmp(&b.line_id)));
    }
    for ((project, recipient), by_tranche) in totals {
        let lines =
            by_recipient.get(&(project, recipient)).map_or(&[][..], Vec::as_slice);
        let all = Money::sum(by_tranche.values().copied())?;
        let direct = Money::sum(lines.iter().map(|line| line.amount))?;
        if all <= Money::ZERO || direct <= Money::ZERO {
            continue;
        }
        let weights: Vec<i128> = lines.iter().map(|line| line.amount.cents()).collect();
        for (tranche, amount) in by_tranche {
            if stated.contains(&(project, tranche)) {
                continue;
            }
            let part = direct.times(amount.cents(), all.cents())?;
            for (line, amount) in lines.iter().zip(apportion(part, &weights)?) {
                planned.push(PlannedLine {
                    project,
                    tranche,
                    line,
                    amount,
                    pro_rata: true,
                    provenance: line.provenance.clone(),
                });
            }
        }
    }
    Ok(())
}

fn planned_batch(planned: &[PlannedLine<'_>]) -> Result<RecordBatch> {
    let mut maker = Maker::new(PLANNED);
    for plan in planned {
        let mut parts = plan.line.split(plan.amount)?;
        parts.sort_by_key(|(share, _)| (share.class, share.subclass));
        for (share, amount) in parts {
            let [load, file, row] = plan.provenance.clone();
            maker.add(&[
                text(plan.project),
                Cell::Whole(plan.tranche),
                text(&plan.line.recipient),
                text(&plan.line.line_id),
                text(share.class.code()),
                share.subclass.map_or(Cell::Empty, |s| text(s.code())),
                text(plan.line.beneficiary.code()),
                text(share.gate_treatment.code()),
                text(&share.eligibility),
                plan.line.subject_unit.as_deref().map_or(Cell::Empty, text),
                Cell::Whole(plan.line.confidence_bps),
                Cell::Money(amount),
                Cell::Bool(plan.pro_rata),
                load,
                file,
                row,
            ])?;
        }
    }
    maker.finish()
}
