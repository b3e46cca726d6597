//! The decision object: what the gate says, field by field as it stands in JSON.
//!
//! Keys come in the order of `design.md` §6; keys that came later stand behind them.
//! Amounts are decimal text, shares are whole basis points, arrays are ordered.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use chrono::NaiveDate;

use crate::domain::class::Subclass;
use crate::domain::evidence::Evidence;
use crate::domain::verdict::{RuleResult, Scope, Verdict};
use crate::domain::{AsOf, Bounds, Class, GateTreatment, KnownAt, Money};

use super::beside::{AppliedOverride, Classification, Together, Waived};
use super::policy::{Basis, Effect, SoftwareScope, Unit};
use super::switches::Stamps;

/// The version of the decision object; keys are only ever added.
pub const SCHEMA_VERSION: u32 = 1;

/// A recommendation on one tranche, with every reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The answer.
    pub verdict: Verdict,
    /// Which part is released; nothing outside RELEASE and PARTIAL.
    pub scope: Option<Scope>,
    /// The project.
    pub project_id: String,
    /// The tranche asked for.
    pub tranche: i64,
    /// Events to this day count.
    pub as_of: AsOf,
    /// Loads recorded to this instant count.
    pub known_at: KnownAt,
    /// The rules that were applied.
    pub policy: PolicyStamp,
    /// Which milestones count as software.
    pub software_scope: SoftwareScope,
    /// ISO 4217.
    pub currency: String,
    /// What is asked for.
    pub requested: Money,
    /// What may be paid.
    pub payable: Money,
    /// The rest.
    pub held: Money,
    /// The same by recipient, by name.
    pub recipients: Vec<RecipientAmounts>,
    /// The same by class of cost.
    pub by_class: ByClass,
    /// Every rule, by id.
    pub rules: Vec<Finding>,
    /// Lines that may not be paid, by line and rule.
    pub blocked_lines: Vec<BlockedLine>,
    /// Overrides that were applied, by id.
    pub overrides: Vec<AppliedOverride>,
    /// Sentences that begin with a code, by code.
    pub warnings: Vec<String>,
    /// The loads that were read.
    pub data: Vec<DataSource>,
    /// Name and version of this program.
    pub tool: String,
    /// The answer of the official conditions alone.
    pub verdict_official: OfficialVerdict,
    /// The project's title.
    pub project_title: String,
    /// What is paid of each line, by line and class.
    pub lines: Vec<LineAmounts>,
    /// What overrides set aside, apart from what is met.
    pub waived: Waived,
    /// Whether money without a clear class decides.
    pub classification: Classification,
    /// What would have to be done together, over all rules.
    pub levers: Together,
    /// The choices of the policy that the answer rests on, and where they come from.
    pub switches: Stamps,
    /// Where the two evaluators came to different numbers; the verdict is then
    /// INDETERMINATE.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<Disagreement>,
}

/// A rule on which the two evaluators came to different numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The rule.
    pub rule_id: String,
    /// What differs.
    pub differences: Vec<Difference>,
    /// What the metric in SQL counted.
    pub metric_trace: Vec<String>,
    /// What the second evaluator counted.
    pub recount_trace: Vec<String>,
}

/// One number by both evaluators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which number.
    pub what: String,
    /// By the metric in SQL.
    pub metric: String,
    /// By the second evaluator.
    pub recount: String,
}

/// Which policy was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyStamp {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The hash of its file.
    pub sha256: String,
}

/// One load that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DataSource {
    /// The source's name.
    pub source: String,
    /// The load.
    pub load_id: String,
    /// The hash of its `load.json`.
    pub sha256: String,
}

/// What one recipient asked for and gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecipientAmounts {
    /// The recipient.
    pub recipient: String,
    /// What it asks for.
    pub requested: Money,
    /// What it may be paid.
    pub payable: Money,
    /// The rest.
    pub held: Money,
}

/// What one line plans and gets in the tranche, a class at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineAmounts {
    /// The budget line.
    pub line_id: String,
    /// Who is paid.
    pub recipient: String,
    /// What this part of the line buys.
    pub class: Class,
    /// Its detail, where known.
    pub subclass: Option<Subclass>,
    /// Whether the software gate holds it.
    pub gate_treatment: GateTreatment,
    /// Planned in this tranche, without indirect cost.
    pub requested: Money,
    /// What may be paid.
    pub payable: Money,
    /// The rest.
    pub held: Money,
}

/// What was asked for and may be paid for one class of cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ClassAmounts {
    /// Planned in this tranche.
    pub requested: Money,
    /// Released.
    pub payable: Money,
}

/// The amounts of all classes; indirect cost is what the plan has beyond its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ByClass {
    /// Hardware, exempt hardware included.
    pub hardware: ClassAmounts,
    /// Training.
    pub training: ClassAmounts,
    /// Sector-wide work.
    pub sector_wide: ClassAmounts,
    /// Several classes in one line, not told apart.
    pub mixed: ClassAmounts,
    /// Not known.
    pub unclassified: ClassAmounts,
    /// Other focus areas.
    pub out_of_scope: ClassAmounts,
    /// Support, without indirect cost.
    pub support: ClassAmounts,
    /// Indirect support cost.
    pub indirect: ClassAmounts,
}

impl ByClass {
    /// The amounts of a class.
    pub fn class_mut(&mut self, class: Class) -> &mut ClassAmounts {
        match class {
            Class::Hardware => &mut self.hardware,
            Class::Training => &mut self.training,
            Class::SectorWide => &mut self.sector_wide,
            Class::Mixed => &mut self.mixed,
            Class::Unclassified => &mut self.unclassified,
            Class::OutOfScope => &mut self.out_of_scope,
            Class::Support => &mut self.support,
        }
    }

    /// All classes with their names, in the order of the decision object.
    #[must_use]
    pub fn named(&self) -> [(&'static str, ClassAmounts); 8] {
        [
            ("hardware", self.hardware),
            ("training", self.training),
            ("sector_wide", self.sector_wide),
            ("mixed", self.mixed),
            ("unclassified", self.unclassified),
            ("out_of_scope", self.out_of_scope),
            ("support", self.support),
            ("indirect", self.indirect),
        ]
    }
}

/// A number with its bounds in a unit; written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// The bounds.
    pub bounds: Bounds,
    /// Their unit.
    pub unit: Unit,
}

impl Measure {
    /// A bound as text: decimal for money, else a whole number.
    #[must_use]
    pub fn text(&self, value: i128) -> String {
        match self.unit {
            Unit::Cents => Money::from_cents(value).to_string(),
            Unit::FineCents => whole_cents(value).to_string(),
            Unit::Count | Unit::WeightedBps | Unit::Predicate => value.to_string(),
        }
    }
}

/// Ten-thousandths of a cent as money, rounded down; comparisons use them all.
pub(super) fn whole_cents(value: i128) -> Money {
    Money::from_cents(value.div_euclid(10_000))
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Measure", 2)?;
        object.serialize_field("low", &self.text(self.bounds.low))?;
        object.serialize_field("high", &self.text(self.bounds.high))?;
        object.end()
    }
}

/// A share in basis points with its bounds, rounded towards failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ObservedBps {
    /// The least it can be.
    pub low: i64,
    /// The most it can be.
    pub high: i64,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `R01` and so on.
    pub rule_id: String,
    /// A few words.
    pub title: String,
    /// The result.
    pub result: RuleResult,
    /// What it does when it is not passed.
    pub effect: Effect,
    /// Who stands behind it.
    pub basis: Basis,
    /// Whether this result warns and holds nothing, by the rule's effect.
    #[serde(skip)]
    pub only_warns: bool,
    /// The upper number.
    pub numerator: Option<Measure>,
    /// The lower number.
    pub denominator: Option<Measure>,
    /// The threshold.
    pub threshold_bps: Option<i64>,
    /// The share that was observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_bps: Option<ObservedBps>,
    /// Reasons.
    pub codes: Vec<String>,
    /// Facts that are missing.
    pub missing: Vec<String>,
    /// One sentence for people.
    pub message: String,
    /// Where the rule comes from.
    pub reference: String,
    /// What would make it pass.
    pub levers: Vec<Lever>,
    /// The rows that it rests on.
    pub evidence: Vec<Evidence>,
    /// Where the threshold (or the leading parameter) comes from.
    pub threshold_basis: Option<String>,
    /// Whether a source for the rule's parameters has been read.
    pub verified: bool,
    /// The same test on other milestones (R01).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Alternatives>,
}

/// The same test with another reading of its facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Alternatives {
    /// Sector-wide milestones alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict: Option<Alternative>,
    /// Training milestones too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wide: Option<Alternative>,
    /// Milestones as they were first loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_approved: Option<Alternative>,
    /// All earlier tranches together instead of the previous one (R02).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cumulative: Option<Alternative>,
    /// The use of the previous tranche by class, as information (R02).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_class: Vec<ClassUse>,
}

/// How much of what the previous tranche planned for a class is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassUse {
    /// The class.
    pub class: String,
    /// The share used, rounded down.
    pub used_bps: i64,
    /// The result that the test would have.
    pub result: RuleResult,
}

/// The result of another reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternative {
    /// The result.
    pub result: RuleResult,
    /// The upper number.
    pub numerator: Option<Measure>,
    /// The lower number.
    pub denominator: Option<Measure>,
    /// The share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_bps: Option<ObservedBps>,
}

/// Something that would make a rule pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lever {
    /// Its kind: `more_used`, `milestone`, `report`, ….
    pub lever: &'static str,
    /// What it acts on.
    pub id: Option<String>,
    /// How much money, where it is money.
    pub amount: Option<Money>,
    /// The day on which the rule matures, where waiting is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// A sentence for people.
    pub text: String,
}

impl Lever {
    /// A lever of a kind that acts on nothing in particular.
    pub(super) fn new(lever: &'static str, text: String) -> Self {
        Self { lever, id: None, amount: None, date: None, text }
    }
}

/// A line that may not be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockedLine {
    /// The line.
    pub line_id: String,
    /// The rule that drops it.
    pub rule_id: String,
    /// The gravest flag.
    pub flag: String,
    /// Its planned amount in this tranche.
    pub amount: Money,
    /// FAIL or UNKNOWN.
    pub result: RuleResult,
    /// Its classes, joined by `;`.
    pub class: String,
    /// All flags, joined by `;`.
    pub flags: String,
}

/// The answer of the official conditions alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfficialVerdict {
    /// The answer.
    pub verdict: Verdict,
    /// Which part is released.
    pub scope: Option<Scope>,
    /// What may be paid.
    pub payable: Money,
    /// The rest.
    pub held: Money,
}
