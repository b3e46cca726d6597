//! Facts: what a metric measured for one request, with bounds, codes and evidence.
//!
//! This is the boundary between the SQL engine and the gate. The gate sees facts and
//! nothing else: no table, no query. A fact that is absent is doubt, never zero.

use std::collections::BTreeMap;

use crate::domain::class::Subclass;
use crate::domain::evidence::Evidence;
use crate::domain::{Beneficiary, Bounds, Class, GateTreatment, Money};

/// One measured number, or the reason why it cannot be measured.
///
/// `numerator` and `denominator` are whole numbers in the metric's unit: cents for money,
/// counts for counts, weighted basis points for progress. `codes` holds the reasons as
/// upper-case words; the code [`NOT_APPLICABLE`] says that the rule does not concern the
/// request. `missing` names the facts that would settle it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fact {
    /// The upper number; nothing for a predicate or where it cannot be known.
    pub numerator: Option<Bounds>,
    /// The lower number; nothing where the metric has none.
    pub denominator: Option<Bounds>,
    /// Reasons, sorted.
    pub codes: Vec<String>,
    /// Facts that are missing, sorted.
    pub missing: Vec<String>,
    /// Single things behind the number, in the order of the metric's item statement.
    pub items: Vec<Item>,
    /// The source rows, sorted by table and key.
    pub evidence: Vec<Evidence>,
}

/// The code of a fact that says: this rule does not concern the request.
pub const NOT_APPLICABLE: &str = "NOT_APPLICABLE";

/// One thing behind a fact: a milestone, a report, a line, a unit, a scope, a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// What it is: `milestone`, `report`, `line`, `recipient`, `review`, `signature`,
    /// `clearance`, or the name of a number that the gate needs (`cap_bps`,
    /// `past_direct`, `past_hardware_high`, `used_unclamped_low`, `template_year`, …).
    /// A `category` without a result is compared by the gate: its number (`category_high`
    /// at the high bound) over that of `category_of`, by id.
    pub kind: String,
    /// Its id; for a line followed by its flag in `flag`.
    pub id: String,
    /// `PASS`, `FAIL`, `UNKNOWN`, or empty where it is only a number.
    pub result: String,
    /// An eligibility flag or a code, or empty.
    pub flag: String,
    /// A whole number in the unit that the kind implies (cents for money).
    pub number: Option<i128>,
    /// What to say about it.
    pub text: String,
}

/// The facts of one request by metric name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(pub BTreeMap<String, Fact>);

impl Facts {
    /// The facts without their source rows, for trying what a change would do.
    #[must_use]
    pub fn without_evidence(&self) -> Self {
        let bare = |fact: &Fact| Fact {
            numerator: fact.numerator,
            denominator: fact.denominator,
            codes: fact.codes.clone(),
            missing: fact.missing.clone(),
            items: fact.items.clone(),
            evidence: Vec::new(),
        };
        Self(self.0.iter().map(|(name, fact)| (name.clone(), bare(fact))).collect())
    }
}

/// One class share of one line in one tranche: the grain at which money is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedShare {
    /// The budget line.
    pub line_id: String,
    /// Who is paid.
    pub recipient: String,
    /// What the share buys.
    pub class: Class,
    /// Its detail, where known.
    pub subclass: Option<Subclass>,
    /// Who gets it.
    pub beneficiary: Beneficiary,
    /// Whether the software gate holds it.
    pub gate_treatment: GateTreatment,
    /// Whether the amount was stated per line or derived pro rata (Q32).
    pub pro_rata: bool,
    /// Whether the text of the line changed after its class was decided.
    pub stale: bool,
    /// Planned direct (or support) amount in the tranche, without indirect cost.
    pub amount: Money,
    /// The source row of the line.
    pub evidence: Evidence,
}

/// What one recipient asks for in the tranche.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientRequest {
    /// The recipient.
    pub recipient: String,
    /// Planned gross amount T_k,r; zero where the recipient has no plan row.
    pub planned: Money,
    /// The request: the `requests` row, else the plan (Q47).
    pub requested: Money,
}

/// A tranche as planned: what the gate pays or holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The project.
    pub project_id: String,
    /// Its title.
    pub title: String,
    /// The tranche asked for.
    pub tranche: i64,
    /// ISO 4217.
    pub currency: String,
    /// Everyone with a plan or request row, by name.
    pub recipients: Vec<RecipientRequest>,
    /// The class shares of tranche k, without X1, by line id, class order, subclass.
    pub shares: Vec<PlannedShare>,
    /// What the plan of the whole project says beside this tranche.
    pub beyond: Beyond,
}

/// What the plan of a project says beside the tranche asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beyond {
    /// Planned amounts of later tranches by class.
    pub later: BTreeMap<Class, Money>,
    /// Mixed and unclassified money of all tranches by line.
    pub doubtful: BTreeMap<String, Money>,
    /// Gated lines of this tranche, with sector-wide lines of this or later tranches that
    /// belong to the same activity of the same output.
    pub needed_by: BTreeMap<String, Vec<String>>,
}
