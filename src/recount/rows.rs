//! The effective rows of the projects asked about, typed and grouped by project.
//!
//! Nothing is judged here: no row is left out because of its date, its currency or its
//! sign. Each rule selects for itself. Amounts are cents.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::class::Subclass;
use crate::domain::{Beneficiary, Class};

/// Everything that is told about one project.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// ISO 4217.
    pub currency: String,
    /// `mission`, `non_mission`, or empty.
    pub setting: String,
    /// Year of the template.
    pub template_version: Option<i64>,
    /// Gender marker 0 to 3.
    pub gender_marker: Option<i64>,
    /// Risk marker 0 to 2.
    pub risk_marker: Option<i64>,
    /// The mandate for defence reform, or empty.
    pub dsr_basis: String,
    /// Whether a concurrent oversight programme is named.
    pub has_concurrent_oversight: bool,
    /// Whether the register lists every submission.
    pub register_complete: Option<bool>,
    /// Day of approval.
    pub approved_on: Option<NaiveDate>,
    /// Stated day of the first transfer.
    pub first_transfer_on: Option<NaiveDate>,
    /// First approved end.
    pub original_end: Option<NaiveDate>,
    /// End as extended.
    pub current_end: Option<NaiveDate>,
    /// Recipients with their commitment basis: true where it is gross.
    pub recipients: BTreeMap<String, bool>,
    /// Budget lines.
    pub lines: BTreeMap<String, Line>,
    /// Planned instalments.
    pub instalments: Vec<Instalment>,
    /// Stated amounts of lines by tranche.
    pub stated: Vec<(i64, String, i128)>,
    /// Disbursements.
    pub payments: Vec<Payment>,
    /// Recipients' own figures, and approvals by the Fund.
    pub figures: Vec<Figure>,
    /// Milestones.
    pub milestones: Vec<Milestone>,
    /// Reports.
    pub reports: Vec<Report>,
    /// Review states.
    pub reviews: Vec<Review>,
    /// Due diligence.
    pub clearances: Vec<Clearance>,
    /// Tranche, role, day.
    pub signatures: Vec<(i64, String, NaiveDate)>,
    /// Reallocations.
    pub revisions: Vec<Revision>,
    /// Tranche, recipient, day, amount.
    pub requests: Vec<(i64, String, NaiveDate, i128)>,
}

/// A budget line with its classes.
#[derive(Debug, Clone)]
pub struct Line {
    /// Who gets the money.
    pub recipient: String,
    /// Approved amount.
    pub amount: i128,
    /// Who benefits.
    pub beneficiary: Beneficiary,
    /// The unit that due diligence looks at.
    pub unit: String,
    /// Budget category.
    pub category: String,
    /// Share for gender equality.
    pub gender_bps: Option<i64>,
    /// Whether it is monitoring and evaluation.
    pub is_monitoring: Option<bool>,
    /// How sure its class is.
    pub confidence_bps: i64,
    /// Whether its text is about safe storage or life safety, and the switch that lets
    /// this past the software gate is on.
    pub is_safety: bool,
    /// Its classes.
    pub classes: Vec<ClassPart>,
    /// Screens that its text trips; true where only a look is needed.
    pub flags: BTreeMap<String, bool>,
    /// Decisions on flags: flag, day, state.
    pub decisions: Vec<(String, NaiveDate, String)>,
}

/// One class of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassPart {
    /// The class.
    pub class: Class,
    /// Its detail.
    pub subclass: Option<Subclass>,
    /// What amounts are split by.
    pub weight: i128,
}

/// A planned instalment.
#[derive(Debug, Clone)]
pub struct Instalment {
    /// From 1.
    pub tranche: i64,
    /// Who gets it.
    pub recipient: String,
    /// Stated share.
    pub share_bps: Option<i64>,
    /// Gross amount.
    pub amount: i128,
}

/// A disbursement; a refund is negative.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Its day.
    pub date: NaiveDate,
    /// Its amount.
    pub amount: i128,
    /// ISO 4217.
    pub currency: String,
    /// The instalment, where told.
    pub tranche: Option<i64>,
    /// Who got it, or empty.
    pub recipient: String,
}

/// What a figure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FigureKind {
    /// Money spent.
    Spent,
    /// Contracts of a recipient.
    Committed,
}

/// A recipient's own figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Spent or committed.
    pub kind: FigureKind,
    /// End of its period.
    pub date: NaiveDate,
    /// First day of its period; nothing reaches back for ever.
    pub start: Option<NaiveDate>,
    /// Its amount.
    pub amount: i128,
    /// ISO 4217.
    pub currency: String,
    /// Whose it is, or empty.
    pub recipient: String,
    /// `certified`, `interim`, or anything else for preliminary.
    pub grade: String,
    /// The line, or empty.
    pub line: String,
    /// Budget category, or empty.
    pub category: String,
}

/// A milestone with what was seen of it.
#[derive(Debug, Clone)]
pub struct Milestone {
    /// Its id.
    pub id: String,
    /// Planned in this tranche.
    pub tranche: i64,
    /// The class of the work.
    pub class: String,
    /// Whether its measure is a number.
    pub is_number: bool,
    /// Value at the start, in millionths.
    pub baseline: Option<i128>,
    /// Value to reach, in millionths.
    pub target: Option<i128>,
    /// Its weight.
    pub weight: i64,
    /// Whether it must be reached in full.
    pub is_critical: bool,
    /// When it falls due.
    pub due_on: NaiveDate,
    /// What was seen.
    pub seen: Vec<Observation>,
}

/// What was seen of a milestone.
#[derive(Debug, Clone)]
pub struct Observation {
    /// When.
    pub on: NaiveDate,
    /// Of which group; empty is everybody.
    pub group: String,
    /// The value, in millionths.
    pub value: Option<i128>,
    /// Whether it is reached.
    pub verified: Option<bool>,
    /// Whether means of verification are named.
    pub has_evidence: bool,
}

/// A report that is due or came in.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its id.
    pub id: String,
    /// When it falls due.
    pub due_on: NaiveDate,
    /// When it came in.
    pub submitted_on: Option<NaiveDate>,
    /// Whether it was accepted.
    pub accepted: Option<bool>,
}

/// A state of a review.
#[derive(Debug, Clone)]
pub struct Review {
    /// `sector` or a beneficiary.
    pub scope: String,
    /// The state.
    pub status: String,
    /// Its day.
    pub on: NaiveDate,
    /// Whether a signed note is named.
    pub has_note: bool,
}

/// Due diligence on a unit.
#[derive(Debug, Clone)]
pub struct Clearance {
    /// The unit.
    pub unit: String,
    /// Its day.
    pub on: NaiveDate,
    /// Last day of its validity.
    pub until: Option<NaiveDate>,
    /// What was concluded.
    pub conclusion: String,
    /// State of mitigation.
    pub mitigation: String,
    /// First day of a suspension.
    pub suspended_from: Option<NaiveDate>,
    /// Last day of a suspension.
    pub suspended_to: Option<NaiveDate>,
}

/// A reallocation of a category.
#[derive(Debug, Clone)]
pub struct Revision {
    /// The category.
    pub category: String,
    /// When it was proposed.
    pub proposed_on: NaiveDate,
    /// When it was approved.
    pub approved_on: Option<NaiveDate>,
    /// As approved before.
    pub before: i128,
    /// As proposed.
    pub after: i128,
}

/// A total of a fund.
#[derive(Debug, Clone)]
pub struct FundTotal {
    /// The fund.
    pub fund: String,
    /// What it measures.
    pub basis: String,
    /// Its day.
    pub as_of: NaiveDate,
    /// The total.
    pub amount: i128,
    /// ISO 4217.
    pub currency: String,
}

/// Everything that is told about the projects asked about.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// By project.
    pub projects: BTreeMap<String, Project>,
    /// Totals of funds.
    pub funds: Vec<FundTotal>,
}

impl Line {
    /// Whether the line is indirect cost (X1).
    #[must_use]
    pub fn is_indirect(&self) -> bool {
        self.classes.iter().any(|part| part.subclass == Some(Subclass::X1))
    }
}

impl Project {
    /// The recipient of a row: as told, else the only one that the project has.
    #[must_use]
    pub fn whose<'a>(&'a self, told: &'a str) -> Option<&'a str> {
        if !told.is_empty() {
            return Some(told);
        }
        match self.recipients.len() {
            1 => self.recipients.keys().next().map(String::as_str),
            _ => None,
        }
    }

    /// The tranches that plan something, to the one with this number.
    #[must_use]
    pub fn tranches_to(&self, last: i64) -> BTreeSet<i64> {
        let stated = self.stated.iter().map(|(tranche, ..)| *tranche);
        self.tranches().into_iter().chain(stated).filter(|n| *n <= last).collect()
    }

    /// The numbers of the planned tranches.
    #[must_use]
    pub fn tranches(&self) -> BTreeSet<i64> {
        self.instalments.iter().map(|instalment| instalment.tranche).collect()
    }
}
