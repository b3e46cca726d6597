//! What a decision says beside verdict and rules: overrides that were applied, money
//! without a clear class, and levers over all rules.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::Money;
use crate::domain::evidence::Evidence;
use crate::domain::verdict::{Scope, Verdict};

use super::outcome::Lever;
use super::verdict::Settlement;

/// An override that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppliedOverride {
    /// Its id.
    pub override_id: String,
    /// The rule that it sets aside.
    pub rule_id: String,
    /// `rule`, `milestones` or `lines`.
    pub scope: &'static str,
    /// The lines or milestones.
    pub scope_ids: Vec<String>,
    /// Why.
    pub reason_code: String,
    /// Who signed.
    pub signatory: String,
    /// In which role.
    pub signatory_role: String,
    /// Who signed too.
    pub second_signatory: Option<String>,
    /// The day of the signature.
    pub signed_on: NaiveDate,
    /// The last day on which it holds.
    pub valid_to: NaiveDate,
    /// What must happen by when.
    pub conditions: Option<String>,
    /// What is payable with it and not without it, all others applied.
    pub released: Money,
    /// Its row.
    pub evidence: Evidence,
}

/// What overrides set aside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Waived {
    /// Rules that are set aside, wholly or in part.
    pub rules: Vec<String>,
    /// What is payable only because of overrides.
    pub released: Money,
}

/// The answer in another reading of the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The answer.
    pub verdict: Verdict,
    /// Which part is released.
    pub scope: Option<Scope>,
    /// What may be paid.
    pub payable: Money,
}

impl Reading {
    /// The answer of a settlement.
    pub(super) fn of(settled: &Settlement) -> Self {
        Self {
            verdict: settled.verdict,
            scope: settled.scope,
            payable: settled.amounts.payable,
        }
    }
}

/// Whether money without a clear class decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Classification {
    /// Whether verdict or amounts hang on it.
    pub decides: bool,
    /// How much of the whole plan has no clear class.
    pub doubtful: Money,
    /// The answer if all of it were software.
    pub as_software: Option<Reading>,
    /// The answer if all of it were hardware.
    pub as_hardware: Option<Reading>,
    /// The lines that decide, the largest first; none where it does not decide.
    pub lines: Vec<DoubtfulLine>,
}

/// A line with mixed or unclassified money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoubtfulLine {
    /// The line.
    pub line_id: String,
    /// How much of it has no clear class, over all tranches.
    pub amount: Money,
}

/// Levers of all rules that hold money, and the answer once all of them are pulled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Together {
    /// What has to be done, all of it.
    pub all_of: Vec<CombinedLever>,
    /// The answer then, at best where a figure is still to be told; nothing where there is
    /// no lever.
    pub gives: Option<Reading>,
    /// Rules that hold money and have no lever.
    pub without: Vec<String>,
}

/// A lever with the rules that ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CombinedLever {
    /// The lever, at the largest amount that a rule asks for.
    #[serde(flatten)]
    pub lever: Lever,
    /// The rules.
    pub rules: Vec<String>,
}
