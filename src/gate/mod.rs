//! The gate: dated, sourced rules on measured facts give a recommendation.
//!
//! Pure and synchronous: no table, no file, no clock, and no way to fail. What is not
//! known is a result of its own, and doubt never releases money. The line goes
//! [`policy`] (what the rules are) → `evaluate` (what each rule found) → `verdict` (what
//! is held) → `amounts` → [`outcome`] (the decision object).

mod amounts;
mod ceiling;
mod compare;
mod evaluate;
mod levers;
mod lines;
mod messages;
mod milestones;
pub mod outcome;
pub mod policy;
mod policy_checks;
mod policy_file;
mod verdict;
mod warnings;

#[cfg(test)]
pub(crate) mod tests;

use crate::domain::verdict::RuleResult;
use crate::domain::{AsOf, KnownAt};
use crate::metrics::facts::{Fact, Facts, Plan};

use compare::observed;
use evaluate::{Judged, apply_disagreements, apply_doubt, judge, judge_all};
use outcome::{
    Alternative, Alternatives, Finding, Measure, OfficialVerdict, PolicyStamp,
    SCHEMA_VERSION,
};
use policy::{Measured, Test, Unit};

pub use evaluate::EVALUATORS_DISAGREE;
pub use outcome::{DataSource, Decision, Difference, Disagreement};
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
    let before_doubt = judge_all(request, plan, facts, policy);
    let mut judged = before_doubt.clone();
    apply_doubt(&mut judged);
    apply_disagreements(&mut judged, request);
    let settled = verdict::settle(plan, &judged, policy, request.as_of);
    let official = official(&before_doubt, request, plan, policy);
    let warnings = warnings::warnings(request, plan, &judged, &settled);
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
        overrides: Vec::new(),
        warnings,
        data,
        tool: request.tool.clone(),
        verdict_official: official,
        project_title: plan.title.clone(),
        disagreements: request.disagreements.clone(),
    }
}

/// The same algorithm over official conditions and integrity alone (`contract.md` G5a).
fn official(
    judged: &[Judged<'_>],
    request: &Request,
    plan: &Plan,
    policy: &Policy,
) -> OfficialVerdict {
    let mut layer: Vec<Judged<'_>> =
        judged.iter().filter(|judge| judge.rule.is_official()).cloned().collect();
    apply_doubt(&mut layer);
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

/// A rule's finding as it stands in the decision.
fn finding(judged: &Judged<'_>, request: &Request, facts: &Facts) -> Finding {
    let rule = judged.rule;
    let numbers = Numbers::of(judged);
    let leading =
        rule.leading_parameter().and_then(|name| rule.parameter_on(name, request.as_of));
    let in_force = rule.parameters.values().filter_map(|all| all.on(request.as_of.0));
    let mut evidence = judged.fact.map(|fact| fact.evidence.clone()).unwrap_or_default();
    evidence.sort();
    evidence.dedup();
    Finding {
        rule_id: rule.id.clone(),
        title: rule.title.clone(),
        result: judged.result,
        effect: rule.effect,
        basis: rule.basis,
        numerator: numbers.numerator,
        denominator: numbers.denominator,
        threshold_bps: judged.threshold.map(|threshold| threshold.0),
        observed_bps: numbers.observed,
        codes: judged.codes.iter().cloned().collect(),
        missing: judged.missing.iter().cloned().collect(),
        message: messages::sentence(judged, request.as_of),
        reference: rule.reference.clone(),
        levers: levers::levers(judged, request.as_of),
        evidence,
        threshold_basis: leading.map(|dated| dated.reference.clone()),
        verified: in_force.into_iter().all(|dated| dated.value.verified),
        alternatives: alternatives(judged, request, facts),
    }
}

/// The numbers of a finding, where they mean something (`contract.md` Q21, Q68).
struct Numbers {
    numerator: Option<Measure>,
    denominator: Option<Measure>,
    observed: Option<outcome::ObservedBps>,
}

impl Numbers {
    fn of(judged: &Judged<'_>) -> Self {
        let none = Self { numerator: None, denominator: None, observed: None };
        let (Some(measured), Some(fact)) = (&judged.rule.measured, judged.fact) else {
            return none;
        };
        if measured.unit == Unit::Predicate || judged.result == RuleResult::NotApplicable
        {
            return none;
        }
        let measure = |bounds| Measure { bounds, unit: measured.unit };
        Self {
            numerator: fact.numerator.map(measure),
            denominator: fact.denominator.map(measure),
            observed: Self::observed(judged, measured, fact),
        }
    }

    fn observed(
        judged: &Judged<'_>,
        measured: &Measured,
        fact: &Fact,
    ) -> Option<outcome::ObservedBps> {
        let threshold = judged.threshold?.0;
        let share = observed(measured.test, fact.numerator?, fact.denominator?)?;
        // A rule decided by its items allows each a cent; the sum is told only where it
        // says the same.
        let agrees = match judged.result {
            RuleResult::Pass => share.high <= threshold,
            RuleResult::Fail => share.low > threshold,
            _ => true,
        };
        (measured.test != Test::EachItemPasses || agrees).then_some(share)
    }
}

/// The same test with the other software scope, and on milestones as first loaded.
fn alternatives(
    judged: &Judged<'_>,
    request: &Request,
    facts: &Facts,
) -> Option<Alternatives> {
    let measured = judged.rule.measured.as_ref()?;
    let wide = measured.wide_metric.as_ref()?;
    let read = |metric: &str| {
        let fact = facts.0.get(metric)?;
        let mut other = judge(judged.rule, measured, metric, Some(fact), request.as_of);
        if judged.doubted && other.result != RuleResult::NotApplicable {
            other.result = RuleResult::Unknown;
        }
        let numbers = Numbers::of(&other);
        Some(Alternative {
            result: other.result,
            numerator: numbers.numerator,
            denominator: numbers.denominator,
            observed_bps: numbers.observed,
        })
    };
    let as_approved = measured.approved_metric.as_deref().and_then(read);
    let found = match request.software_scope {
        SoftwareScope::Strict => {
            Alternatives { wide: read(wide), as_approved, strict: None }
        }
        SoftwareScope::Wide => {
            Alternatives { strict: read(&measured.metric), as_approved, wide: None }
        }
    };
    (found != Alternatives::default()).then_some(found)
}
