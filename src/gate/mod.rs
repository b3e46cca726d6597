//! The gate: dated, sourced rules on measured facts give a recommendation.
//!
//! Pure and synchronous: no table, no file, no clock, and no way to fail. What is not
//! known is a result of its own, and doubt never releases money. The line goes
//! [`policy`] (what the rules are) → `evaluate` (what each rule found) → `verdict` (what
//! is held) → `amounts` → [`outcome`] (the decision object).

mod amounts;
pub mod beside;
mod ceiling;
mod compare;
mod crosscheck;
mod evaluate;
mod finding;
mod graded;
pub mod handbook;
pub mod headroom;
mod levers;
mod lines;
mod messages;
mod milestones;
pub mod outcome;
pub mod overrides;
pub mod policy;
mod policy_checks;
mod policy_file;
mod policy_period;
mod readings;
mod revisions;
mod settings;
pub mod switches;
mod together;
mod verdict;
mod waive;
mod warnings;
mod weigh;

#[cfg(test)]
pub(crate) mod tests;

use crate::domain::{AsOf, KnownAt, Money};
use crate::metrics::facts::{Facts, Plan};

use beside::{AppliedOverride, Waived};
use evaluate::{Judged, apply_doubt};
use finding::finding;
use outcome::{LineAmounts, OfficialVerdict, PolicyStamp, SCHEMA_VERSION};
use switches::{SET_FOR_THIS_RUN, Stamps};
use together::together;
use weigh::{Weighed, weigh};

pub use evaluate::EVALUATORS_DISAGREE;
pub use outcome::{DataSource, Decision, Difference, Disagreement};
pub use overrides::{Override, OverrideScope};
pub use policy::{ParamValue, Policy, SoftwareScope};
pub use policy_checks::LEAST_RULES;
pub use warnings::is_assumed;

/// What is asked, and on which data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The project.
    pub project_id: String,
    /// The tranche.
    pub tranche: i64,
    /// Events to this day count.
    pub as_of: AsOf,
    /// Loads recorded to this instant count.
    pub known_at: KnownAt,
    /// Which milestones count as software.
    pub software_scope: SoftwareScope,
    /// The hash of the policy file.
    pub policy_sha256: String,
    /// The loads that were read.
    pub data: Vec<DataSource>,
    /// Name and version of this program.
    pub tool: String,
    /// Warnings of earlier stages, each beginning with its code in capitals; one with
    /// the code QUARANTINED makes the request indeterminate.
    pub warnings: Vec<String>,
    /// The overrides that are told for this project and tranche, by id.
    pub overrides: Vec<Override>,
    /// The project's risk marker, where it is told.
    pub risk_marker: Option<i64>,
    /// Where a second evaluator came to other numbers; one makes the request
    /// indeterminate.
    pub disagreements: Vec<Disagreement>,
}

impl Request {
    fn is_quarantined(&self) -> bool {
        let code = format!("{}:", evaluate::QUARANTINED);
        self.warnings.iter().any(|warning| warning.starts_with(&code))
    }
}

/// Decides on one tranche: verdict, every rule's finding, amounts, and levers.
#[must_use]
pub fn decide(
    request: &Request,
    plan: &Plan,
    facts: &Facts,
    policy: &Policy,
) -> Decision {
    let graded = graded::graded(facts, policy, request.as_of);
    let weighed = weigh(request, plan, [&graded, facts], policy);
    let official = official(&weighed, request, plan, policy);
    let warnings = warnings::warnings(request, plan, &weighed);
    let (overrides, waived) = set_aside(&weighed, request, plan, policy);
    let classification =
        readings::classification(request, plan, facts, policy, &weighed.settled);
    let levers =
        together(request, plan, facts, policy, &weighed.judged, &weighed.settled);
    let Weighed { judged, settled, .. } = weighed;
    let findings = judged.iter().map(|judge| finding(judge, request, facts)).collect();
    let mut data = request.data.clone();
    data.sort();
    Decision {
        schema_version: SCHEMA_VERSION,
        verdict: settled.verdict,
        scope: settled.scope,
        project_id: request.project_id.clone(),
        tranche: request.tranche,
        as_of: request.as_of,
        known_at: request.known_at,
        policy: PolicyStamp {
            id: policy.id.clone(),
            version: policy.version.clone(),
            sha256: request.policy_sha256.clone(),
        },
        software_scope: request.software_scope,
        currency: plan.currency.clone(),
        requested: settled.amounts.requested,
        payable: settled.amounts.payable,
        held: settled.amounts.held,
        recipients: settled.amounts.recipients,
        by_class: settled.amounts.by_class,
        rules: findings,
        blocked_lines: settled.blocked,
        overrides,
        warnings,
        data,
        tool: request.tool.clone(),
        verdict_official: official,
        project_title: plan.title.clone(),
        lines: by_line(plan, &settled.amounts.shares),
        waived,
        classification,
        levers,
        switches: switches(request, policy),
        disagreements: request.disagreements.clone(),
    }
}

/// The switches of the policy, with the software scope of the request.
fn switches(request: &Request, policy: &Policy) -> Stamps {
    let mut stamps = policy.stamps(request.as_of);
    let scope = ParamValue::Text(request.software_scope.to_string());
    if let Some(stamp) = stamps.get_mut("software_scope").filter(|s| s.value != scope) {
        stamp.value = scope;
        stamp.verified = false;
        stamp.reference = SET_FOR_THIS_RUN.to_owned();
        stamp.set_by = "param";
    }
    stamps
}

/// What is paid of each line, in the plan's order.
fn by_line(plan: &Plan, paid: &[Money]) -> Vec<LineAmounts> {
    let shares = plan.shares.iter().zip(paid);
    shares
        .map(|(share, payable)| LineAmounts {
            line_id: share.line_id.clone(),
            recipient: share.recipient.clone(),
            class: share.class,
            subclass: share.subclass,
            gate_treatment: share.gate_treatment,
            requested: share.amount,
            payable: *payable,
            held: amounts::minus(share.amount, *payable),
        })
        .collect()
}

/// The overrides that were applied, each with the money that hangs on it alone.
fn set_aside(
    weighed: &Weighed<'_>,
    request: &Request,
    plan: &Plan,
    policy: &Policy,
) -> (Vec<AppliedOverride>, Waived) {
    if weighed.applied.is_empty() {
        return (Vec::new(), Waived::default());
    }
    let payable = weighed.settled.amounts.payable;
    let more_than = |keep: &dyn Fn(&Override) -> bool| {
        let less = weighed.settled_with(request, plan, policy, keep);
        let cents = payable.cents().saturating_sub(less.amounts.payable.cents());
        Money::from_cents(cents)
    };
    let filled = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
    let mut applied: Vec<AppliedOverride> = request
        .overrides
        .iter()
        .filter(|one| weighed.applied.contains(&one.override_id))
        .map(|one| AppliedOverride {
            override_id: one.override_id.clone(),
            rule_id: one.rule_id.clone(),
            scope: one.scope.word(),
            scope_ids: one.scope.ids().to_vec(),
            reason_code: one.reason_code.clone(),
            signatory: one.signatory.clone(),
            signatory_role: one.signatory_role.clone(),
            second_signatory: filled(&one.second_signatory),
            signed_on: one.signed_on,
            valid_to: one.valid_to,
            conditions: filled(&one.conditions),
            released: more_than(&|other| other.override_id != one.override_id),
            evidence: one.row.clone(),
        })
        .collect();
    applied.sort_by(|a, b| a.override_id.cmp(&b.override_id));
    let rules = weighed.judged.iter().filter(|judge| judge.waiver.is_some());
    let waived = Waived {
        rules: rules.map(|judge| judge.rule.id.clone()).collect(),
        released: more_than(&|_| false),
    };
    (applied, waived)
}

/// The same algorithm over official conditions and integrity alone (`contract.md` G5a).
fn official(
    weighed: &Weighed<'_>,
    request: &Request,
    plan: &Plan,
    policy: &Policy,
) -> OfficialVerdict {
    let judged = weighed.plain.iter();
    let mut layer: Vec<Judged<'_>> =
        judged.filter(|judge| judge.rule.is_official()).cloned().collect();
    apply_doubt(&mut layer);
    let (standing, _) = overrides::standing(request, policy);
    overrides::apply(&mut layer, &standing, plan, request);
    // Whichever rule it is about: an evaluator that is wrong once is not trusted here.
    if let Some(judged) = layer.first_mut().filter(|_| !request.disagreements.is_empty())
    {
        judged.codes.insert(EVALUATORS_DISAGREE.to_owned());
    }
    let settled = verdict::settle(plan, &layer, policy, request.as_of);
    OfficialVerdict {
        verdict: settled.verdict,
        scope: settled.scope,
        payable: settled.amounts.payable,
        held: settled.amounts.held,
    }
}
