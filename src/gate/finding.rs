//! A rule's finding as it stands in the decision, with the same test in other readings.

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;
use crate::metrics::facts::{Fact, Facts};

use super::Request;
use super::compare::observed;
use super::evaluate::{Judged, day_of, judge, number_of, threshold_parameter};
use super::outcome::{self, Alternative, Alternatives, ClassUse, Finding, Measure};
use super::policy::{
    Effect, LeverKind, Measured, SoftwareScope, Test, Unit, WhenMissing,
};
use super::{levers, messages};

/// A rule's finding as it stands in the decision.
pub(super) fn finding(judged: &Judged<'_>, request: &Request, facts: &Facts) -> Finding {
    let rule = judged.rule;
    let numbers = Numbers::of(judged);
    let day = day_of(rule, judged.fact, request.as_of).unwrap_or(request.as_of);
    let leading = threshold_parameter(rule, judged.fact, request.as_of)
        .or_else(|| rule.parameter_on(rule.leading_parameter()?, day));
    let in_force = rule.parameters.values().filter_map(|all| all.on(day.0));
    let mut evidence = judged.fact.map(|fact| fact.evidence.clone()).unwrap_or_default();
    evidence.sort();
    evidence.dedup();
    Finding {
        rule_id: rule.id.clone(),
        title: rule.title.clone(),
        result: judged.result,
        effect: rule.effect,
        basis: rule.basis,
        only_warns: rule.effect == Effect::Warn
            || (judged.result == RuleResult::Unknown
                && rule.when_missing == WhenMissing::Warn),
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

/// The same test in other readings of its facts; nothing where there is none.
fn alternatives(
    judged: &Judged<'_>,
    request: &Request,
    facts: &Facts,
) -> Option<Alternatives> {
    let measured = judged.rule.measured.as_ref()?;
    let found = match (&measured.wide_metric, measured.lever) {
        (Some(wide), _) => of_milestones(judged, measured, wide, request, facts),
        (None, Some(LeverKind::MoreUsed)) => of_use(judged, measured, request, facts),
        _ => Alternatives::default(),
    };
    (found != Alternatives::default()).then_some(found)
}

/// What the rule would say of another fact.
fn alternative(
    judged: &Judged<'_>,
    measured: &Measured,
    fact: &Fact,
    request: &Request,
) -> Alternative {
    let metric = &measured.metric;
    let mut other = judge(judged.rule, measured, metric, Some(fact), request.as_of);
    if judged.doubted && other.result != RuleResult::NotApplicable {
        other.result = RuleResult::Unknown;
    }
    let numbers = Numbers::of(&other);
    Alternative {
        result: other.result,
        numerator: numbers.numerator,
        denominator: numbers.denominator,
        observed_bps: numbers.observed,
    }
}

/// The same test with the other software scope, and on milestones as first loaded.
fn of_milestones(
    judged: &Judged<'_>,
    measured: &Measured,
    wide: &str,
    request: &Request,
    facts: &Facts,
) -> Alternatives {
    let read = |metric: &str| {
        let fact = facts.0.get(metric)?;
        Some(alternative(judged, measured, fact, request))
    };
    let as_approved = measured.approved_metric.as_deref().and_then(read);
    let none = Alternatives { as_approved, ..Alternatives::default() };
    match request.software_scope {
        SoftwareScope::Strict => Alternatives { wide: read(wide), ..none },
        SoftwareScope::Wide => Alternatives { strict: read(&measured.metric), ..none },
    }
}

/// The same test over all earlier tranches, and by class (D§7.4); only where the metric
/// told what they need.
fn of_use(
    judged: &Judged<'_>,
    measured: &Measured,
    request: &Request,
    facts: &Facts,
) -> Alternatives {
    let cumulative = judged.fact.and_then(|fact| {
        let fact = cumulative(fact)?;
        Some(alternative(judged, measured, &fact, request))
    });
    let other = measured.companion.as_ref().and_then(|name| facts.0.get(name));
    let by_class = other.map(class_use).unwrap_or_default();
    Alternatives { cumulative, by_class, ..Alternatives::default() }
}

/// All that was used over all that was transferred before.
fn cumulative(fact: &Fact) -> Option<Fact> {
    let before = number_of(fact, "transferred_before")?;
    let of = fact.denominator?;
    let used = |kind: &str| Some(number_of(fact, kind)?.checked_add(before)?.max(0));
    let mut all = fact.clone();
    all.numerator = Some(Bounds {
        low: used("used_unclamped_low")?,
        high: used("used_unclamped_high")?,
    });
    all.denominator = Some(Bounds {
        low: of.low.checked_add(before)?,
        high: of.high.checked_add(before)?,
    });
    // The first tranche is the previous one where nothing was transferred before it.
    (before != 0).then_some(all)
}

fn class_use(other: &Fact) -> Vec<ClassUse> {
    let items = other.items.iter().filter(|item| item.kind == "class_use");
    items
        .filter_map(|item| {
            Some(ClassUse {
                class: item.id.clone(),
                used_bps: i64::try_from(item.number?).ok()?,
                result: match item.result.as_str() {
                    "PASS" => RuleResult::Pass,
                    "FAIL" => RuleResult::Fail,
                    _ => RuleResult::Unknown,
                },
            })
        })
        .collect()
}
