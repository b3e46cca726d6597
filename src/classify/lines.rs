//! Class shares of budget lines.
//!
//! A line's class is its newest decision, whatever the as-of (Q37), else what its text
//! says. Amounts are split over class shares by largest remainder, ties to the larger
//! share, then class order (Q33). A text that states amounts (rule C3) splits by their
//! cents where they are exactly the line's amount; else the line is mixed (C4).

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
use crate::workspace::Snapshot;

use super::answer::Answer;
use super::decided::{Decided, newest_decisions};
use super::parts::{Division, Weighed, divide};
use super::stale::stale;
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
    ("stale", Made::Bool),
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
    /// What amounts are split by: the basis points, or the cents that the text states.
    pub weight: i128,
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
    /// The text that was decided on, where the line says something else since.
    pub stale: Option<String>,
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
        let weights: Vec<i128> = self.shares.iter().map(|share| share.weight).collect();
        Ok(self.shares.iter().zip(apportion(amount, &weights)?).collect())
    }
}

/// All budget lines by id.
#[derive(Debug, Clone, Default)]
pub struct ClassifiedLines(pub BTreeMap<String, ClassifiedLine>);

impl ClassifiedLines {
    /// Classifies every budget line of a snapshot.
    ///
    /// # Errors
    /// A stored file is damaged.
    pub fn derive(snapshot: &Snapshot, rules: &RuleSet) -> Result<Self> {
        let decisions = snapshot.kept("class_decisions")?;
        let newest = newest_decisions(&decisions);
        let kept = snapshot.kept("budget_lines")?;
        let mut stale = stale(snapshot, &decisions, &kept)?;
        let mut answers: HashMap<TextKey, Answer> = HashMap::new();
        let mut lines = BTreeMap::new();
        for entry in entries(&kept) {
            let mut line = classify_line(&entry, &newest, rules, &mut answers)?;
            line.stale = stale.remove(&line.line_id);
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
                    Cell::Bool(line.stale.is_some()),
                ])?;
            }
        }
        maker.finish()
    }
}

/// What an answer depends on.
type TextKey = (String, Option<String>, Option<String>, Option<String>, Option<String>);

pub(super) fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

fn classify_line(
    entry: &Entry<'_>,
    decisions: &HashMap<String, Vec<Decided>>,
    rules: &RuleSet,
    answers: &mut HashMap<TextKey, Answer>,
) -> Result<ClassifiedLine> {
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
            security: false,
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
        stale: None,
        line_id,
    };
    let flags = answer.flag_text();
    let safety =
        rules.is_exempt_for_safety(entry.text("description").unwrap_or_default(), answer);
    match decisions.get(&line.line_id) {
        Some(decided) => take_decision(&mut line, decided, &flags),
        None => take_answer(&mut line, answer, &flags)?,
    }
    if safety {
        exempt(&mut line);
    }
    Ok(line)
}

/// Takes what is hardware of a line of safe storage or life safety out of the gate.
fn exempt(line: &mut ClassifiedLine) {
    for share in &mut line.shares {
        let safety = share.class == Class::Hardware;
        share.gate_treatment = GateTreatment::of(share.class, line.beneficiary, safety);
    }
}

/// What the text says: its stated parts where they make the amount, else one class.
fn take_answer(line: &mut ClassifiedLine, answer: &Answer, flags: &str) -> Result<()> {
    let told = divide_answer(answer, line.amount)?;
    line.rule_id = told.rule_id;
    line.matched = told.matched;
    for part in told.shares {
        let share = ClassShare {
            weight: part.weight,
            ..class_share(part.class, part.subclass, part.share_bps, line, flags)
        };
        line.shares.push(share);
    }
    Ok(())
}

/// An answer, applied to an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divided {
    /// The rule that decides: C3 turns into C4 where the stated amounts are others.
    pub rule_id: String,
    /// The words that decided.
    pub matched: String,
    /// Class shares, largest first.
    pub shares: Vec<Weighed>,
}

/// Applies an answer to an amount: split by the stated amounts, or one class.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn divide_answer(answer: &Answer, amount: Money) -> Result<Divided> {
    let mut divided = Divided {
        rule_id: answer.rule_id.clone(),
        matched: answer.matched_words(),
        shares: vec![Weighed {
            class: answer.class,
            subclass: answer.subclass,
            weight: 10_000,
            share_bps: 10_000,
        }],
    };
    match divide(&answer.parts, amount)? {
        Division::Shares(shares) if shares.is_empty() => {}
        Division::Shares(shares) => {
            let items = answer.parts.iter().map(|part| {
                let class = part.class.code();
                format!("{}: {} ({class})", part.text, part.amount)
            });
            divided.matched = items.collect::<Vec<_>>().join("; ");
            divided.shares = shares;
        }
        Division::Other(sum) => {
            divided.rule_id = "C4".to_owned();
            divided.matched =
                format!("{}; stated amounts make {sum}, not {amount}", divided.matched);
        }
    }
    Ok(divided)
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
        weight: i128::from(share_bps),
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
