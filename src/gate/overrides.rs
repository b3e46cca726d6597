//! Signed exceptions to rules: which of them count, and what they set aside.
//!
//! Source: D§9.6 with `contract.md` Q72. An override turns FAIL or UNKNOWN into WAIVED,
//! never into PASS, for a rule or for the lines or milestones that it names. What it may
//! never set aside (a request that contradicts itself, weapons, a conclusion of no
//! support) stays; an override that does not count is told with the reason.

use chrono::{Months, NaiveDate};

use crate::domain::AsOf;
use crate::domain::evidence::Evidence;
use crate::domain::verdict::RuleResult;
use crate::metrics::facts::Plan;

use super::Request;
use super::evaluate::Judged;
use super::policy::{Effect, OverrideLimits, Policy, Rule};
use super::waive;

/// The reasons that an override may have (D§9.6).
pub const REASONS: [&str; 7] = [
    "TRUST_BUILDING_FIRST",
    "CONCURRENT_REVIEW",
    "SOFTWARE_HOSTAGE",
    "FORCE_MAJEURE",
    "LIFE_SAFETY",
    "DATA_CORRECTION_PENDING",
    "OTHER",
];

/// How much of a rule an override sets aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverrideScope {
    /// All of it.
    Rule,
    /// The milestones with these ids.
    Milestones(Vec<String>),
    /// The lines with these ids.
    Lines(Vec<String>),
}

impl OverrideScope {
    /// Reads the scope of an override and its ids, joined by `;`.
    #[must_use]
    pub fn parse(word: &str, ids: &str) -> Option<Self> {
        let ids = || {
            let mut ids: Vec<String> = ids
                .split(';')
                .map(str::trim)
                .filter(|id| !id.is_empty())
                .map(str::to_owned)
                .collect();
            ids.sort();
            ids.dedup();
            ids
        };
        match word {
            "rule" => Some(Self::Rule),
            "milestones" => Some(Self::Milestones(ids())),
            "lines" => Some(Self::Lines(ids())),
            _ => None,
        }
    }

    /// The word as it stands in the table.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Milestones(_) => "milestones",
            Self::Lines(_) => "lines",
        }
    }

    /// The ids that it names.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        match self {
            Self::Rule => &[],
            Self::Milestones(ids) | Self::Lines(ids) => ids,
        }
    }
}

/// A signed exception, as its row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Its id.
    pub override_id: String,
    /// The rule that it sets aside.
    pub rule_id: String,
    /// How much of it.
    pub scope: OverrideScope,
    /// Why, as a code of [`REASONS`].
    pub reason_code: String,
    /// Why, in words.
    pub justification: String,
    /// The documents that show it.
    pub evidence: String,
    /// Who signed.
    pub signatory: String,
    /// In which role.
    pub signatory_role: String,
    /// The day of the signature.
    pub signed_on: NaiveDate,
    /// Who signed too; empty where nobody did.
    pub second_signatory: String,
    /// The first day on which it holds.
    pub valid_from: NaiveDate,
    /// The last day on which it holds.
    pub valid_to: NaiveDate,
    /// What must happen by when.
    pub conditions: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// The day from which it no longer holds.
    pub revoked_on: Option<NaiveDate>,
    /// The row.
    pub row: Evidence,
}

/// Overrides that count, and what is said of those that do not.
pub(super) fn standing<'r>(
    request: &'r Request,
    policy: &Policy,
) -> (Vec<&'r Override>, Vec<String>) {
    let mut count = Vec::new();
    let mut told = Vec::new();
    for one in &request.overrides {
        let out_of_force = not_in_force(one, request.as_of);
        let refused = policy
            .rule(&one.rule_id)
            .map_or(Some("there is no such rule".to_owned()), |rule| {
                refusal(one, rule, &policy.overrides, request.risk_marker)
            });
        match (out_of_force, refused) {
            (Some(why), _) => told.push(sentence("OVERRIDE_NOT_IN_FORCE", one, &why)),
            (None, Some(why)) => told.push(sentence("OVERRIDE_REFUSED", one, &why)),
            (None, None) => count.push(one),
        }
    }
    count.sort_by(|a, b| a.override_id.cmp(&b.override_id));
    (count, told)
}

/// A warning about an override.
pub(super) fn sentence(code: &str, one: &Override, why: &str) -> String {
    format!("{code}: {} on {} is not applied: {why}", one.override_id, one.rule_id)
}

/// Why an override does not hold on a day.
fn not_in_force(one: &Override, as_of: AsOf) -> Option<String> {
    let day = as_of.0;
    if let Some(revoked) = one.revoked_on.filter(|revoked| *revoked <= day) {
        return Some(format!("it was revoked on {revoked}"));
    }
    if one.signed_on > day {
        return Some(format!("it was not signed before {}", one.signed_on));
    }
    if one.valid_from > day {
        return Some(format!("it holds from {} on", one.valid_from));
    }
    (one.valid_to < day).then(|| format!("it ended on {}", one.valid_to))
}

/// Why an override can never count.
fn refusal(
    one: &Override,
    rule: &Rule,
    limits: &OverrideLimits,
    risk_marker: Option<i64>,
) -> Option<String> {
    if !rule.overridable || rule.effect == Effect::InvalidRequest {
        return Some("this rule cannot be set aside".to_owned());
    }
    if !REASONS.contains(&one.reason_code.as_str()) {
        return Some(format!("`{}` is not a reason code", one.reason_code));
    }
    if one.justification.trim().chars().count() < limits.justification {
        let least = limits.justification;
        return Some(format!("its justification has fewer than {least} characters"));
    }
    if one.evidence.trim().is_empty() {
        return Some("it names no evidence".to_owned());
    }
    if person(&one.signatory) == person(&one.recorded_by) {
        return Some("the person who signed it recorded it".to_owned());
    }
    let risky = risk_marker.is_some_and(|marker| marker >= limits.risk_marker);
    if (rule.second_signature || risky) && second_signature(one).is_none() {
        return Some("it needs a second signature of somebody else".to_owned());
    }
    let longest = one.valid_from.checked_add_months(Months::new(limits.months));
    if longest.is_none_or(|longest| one.valid_to > longest) {
        return Some(format!("it holds for more than {} months", limits.months));
    }
    unfit_scope(one, rule)
}

/// The second signatory, where it is neither the first nor the recorder.
fn second_signature(one: &Override) -> Option<String> {
    let second = person(&one.second_signatory);
    let others = [person(&one.signatory), person(&one.recorded_by)];
    (!second.is_empty() && !others.contains(&second)).then_some(second)
}

/// A name without the role behind its comma, as it compares.
fn person(text: &str) -> String {
    text.split(',').next().unwrap_or("").trim().to_lowercase()
}

/// Why a rule has no such part.
fn unfit_scope(one: &Override, rule: &Rule) -> Option<String> {
    let measured = rule.measured.as_ref();
    let fits = match &one.scope {
        OverrideScope::Rule => return None,
        OverrideScope::Milestones(_) => {
            measured.is_some_and(|measured| measured.critical_items.is_some())
        }
        OverrideScope::Lines(_) => {
            matches!(rule.effect, Effect::BlockLine | Effect::BlockHardware)
        }
    };
    if !fits {
        return Some(format!("this rule has no {} of its own", one.scope.word()));
    }
    one.scope.ids().is_empty().then(|| format!("it names no {}", one.scope.word()))
}

/// Sets aside what overrides that count cover; returns the ids of those that changed
/// something, and what is said of the others.
pub(super) fn apply(
    judged: &mut [Judged<'_>],
    overrides: &[&Override],
    plan: &Plan,
    request: &Request,
) -> (Vec<String>, Vec<String>) {
    let (mut applied, mut told) = (Vec::new(), Vec::new());
    for one in overrides {
        let Some(judge) = judged.iter_mut().find(|judge| judge.rule.id == one.rule_id)
        else {
            continue;
        };
        if judge.result == RuleResult::Waived {
            // Another override covers it too.
            applied.push(one.override_id.clone());
            continue;
        }
        if !judge.is_open() {
            let why = format!("it is not needed, the rule is {}", judge.result.word());
            told.push(sentence("OVERRIDE_NOT_NEEDED", one, &why));
            continue;
        }
        match waive::waive(judge, one, plan, request) {
            Ok(()) => applied.push(one.override_id.clone()),
            Err(why) => told.push(sentence("OVERRIDE_REFUSED", one, &why)),
        }
    }
    (applied, told)
}
