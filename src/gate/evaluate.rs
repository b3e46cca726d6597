//! From facts to results: every rule of a policy on one request.
//!
//! A fact that is absent is UNKNOWN, never zero; a rule that casts doubt makes the rules
//! that it affects UNKNOWN whatever they were.

use std::collections::BTreeSet;

use crate::domain::dated::Dated;
use crate::domain::time::parse_day;
use crate::domain::verdict::RuleResult;
use crate::domain::{AsOf, Bounds, Bps, Money};
use crate::metrics::facts::{Fact, Facts, Item, NOT_APPLICABLE, Plan};

use super::Request;
use super::compare::{self, Overflow, three_valued};
use super::policy::{
    Effect, Measured, Parameter, Policy, Rule, SoftwareScope, Test, Threshold,
};
use super::waive::Waiver;

/// A rule with the fact that it was tested on and what came out.
#[derive(Debug, Clone)]
pub(super) struct Judged<'a> {
    pub(super) rule: &'a Rule,
    pub(super) fact: Option<&'a Fact>,
    pub(super) result: RuleResult,
    pub(super) codes: BTreeSet<String>,
    pub(super) missing: BTreeSet<String>,
    pub(super) threshold: Option<Bps>,
    /// The ratio would do; a critical item decides.
    pub(super) critical: bool,
    /// Another rule made it unknown.
    pub(super) doubted: bool,
    /// What overrides took out of its effect.
    pub(super) waiver: Option<Waiver>,
}

impl Judged<'_> {
    /// FAIL or UNKNOWN.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.result, RuleResult::Fail | RuleResult::Unknown)
    }

    fn settle(&mut self, result: RuleResult, code: &str) {
        self.result = result;
        self.codes.insert(code.to_owned());
    }
}

/// Judges every rule, in the order of the policy, before doubt is applied; a fact is
/// taken from the first facts that have it.
pub(super) fn judge_all<'a>(
    request: &Request,
    plan: &Plan,
    facts: [&'a Facts; 2],
    policy: &'a Policy,
) -> Vec<Judged<'a>> {
    let mut all: Vec<Judged<'a>> = policy
        .rules
        .iter()
        .map(|rule| match &rule.measured {
            None => not_built(rule),
            Some(measured) => {
                let name = metric_name(measured, request.software_scope);
                let fact = facts.into_iter().find_map(|facts| facts.0.get(name));
                judge(rule, measured, name, fact, request.as_of)
            }
        })
        .collect();
    for judged in &mut all {
        if judged.rule.effect == Effect::InvalidRequest {
            check_plan(judged, plan);
            if request.is_quarantined() {
                judged.settle(RuleResult::Unknown, QUARANTINED);
            }
        }
    }
    all
}

/// The code of a request whose data has rejected rows (`contract.md` F5).
pub(super) const QUARANTINED: &str = "QUARANTINED";
/// The code of a rule on which two evaluators came to different numbers.
pub const EVALUATORS_DISAGREE: &str = "EVALUATORS_DISAGREE";
/// The code of a rule that has no metric yet.
pub(super) const NOT_BUILT: &str = "NOT_BUILT";
/// The code of a rule whose metric was not measured.
pub(super) const NO_FACTS: &str = "NO_FACTS";
/// The code of numbers beyond 128 bits.
pub(super) const OVERFLOW: &str = "OVERFLOW";

/// The metric that a rule reads under a software scope.
pub(super) fn metric_name(measured: &Measured, scope: SoftwareScope) -> &str {
    match (scope, &measured.wide_metric) {
        (SoftwareScope::Wide, Some(wide)) => wide,
        _ => &measured.metric,
    }
}

fn blank<'a>(rule: &'a Rule, fact: Option<&'a Fact>) -> Judged<'a> {
    Judged {
        rule,
        fact,
        result: RuleResult::NotApplicable,
        codes: BTreeSet::new(),
        missing: BTreeSet::new(),
        threshold: None,
        critical: false,
        doubted: false,
        waiver: None,
    }
}

fn not_built(rule: &Rule) -> Judged<'_> {
    let mut judged = blank(rule, None);
    judged.codes.insert(NOT_BUILT.to_owned());
    judged
}

/// Judges one rule on one fact.
pub(super) fn judge<'a>(
    rule: &'a Rule,
    measured: &'a Measured,
    metric: &str,
    fact: Option<&'a Fact>,
    as_of: AsOf,
) -> Judged<'a> {
    let mut judged = blank(rule, fact);
    let day = day_of(rule, fact, as_of);
    let unset = |day: AsOf| rule.parameters.values().any(|all| all.on(day.0).is_none());
    if day.is_some_and(unset) {
        judged.codes.insert("NO_PARAMETER".to_owned());
        return judged;
    }
    judged.threshold = threshold(rule, measured, fact, as_of);
    let Some(fact) = fact else {
        judged.settle(RuleResult::Unknown, NO_FACTS);
        judged.missing.insert(format!("metric {metric}"));
        return judged;
    };
    judged.codes.extend(fact.codes.iter().filter(|c| *c != NOT_APPLICABLE).cloned());
    judged.missing.extend(fact.missing.iter().cloned());
    if fact.codes.iter().any(|code| code == NOT_APPLICABLE) {
        return judged;
    }
    match by_code(measured, fact) {
        Some(result) => judged.result = result,
        None => match test(measured, fact, judged.threshold) {
            Ok((result, critical)) => {
                judged.result = result;
                judged.critical = critical;
            }
            Err(Overflow) => judged.settle(RuleResult::Unknown, OVERFLOW),
        },
    }
    judged
}

/// The result that a code brings about: FAIL before UNKNOWN before PASS.
fn by_code(measured: &Measured, fact: &Fact) -> Option<RuleResult> {
    let found: Vec<RuleResult> =
        fact.codes.iter().filter_map(|code| measured.codes.get(code)).copied().collect();
    [RuleResult::Fail, RuleResult::Unknown, RuleResult::Pass, RuleResult::NotApplicable]
        .into_iter()
        .find(|result| found.contains(result))
}

/// The day that picks the parameters of a rule: the as-of, or the first day of the year
/// of the project's template (Q07); nothing where that year is not known.
pub(super) fn day_of(rule: &Rule, fact: Option<&Fact>, as_of: AsOf) -> Option<AsOf> {
    if !rule.by_template {
        return Some(as_of);
    }
    let year = number_of(fact?, "template_year")?;
    parse_day(&format!("{year:04}-01-01")).map(AsOf)
}

/// The parameter that is a rule's threshold for a fact.
pub(super) fn threshold_parameter<'a>(
    rule: &'a Rule,
    fact: Option<&Fact>,
    as_of: AsOf,
) -> Option<&'a Dated<Parameter>> {
    let name = match rule.measured.as_ref()?.threshold.as_ref()? {
        Threshold::Parameter(name) => name.as_str(),
        Threshold::Named(kind) => {
            &fact?.items.iter().find(|item| item.kind == *kind)?.flag
        }
        Threshold::Item(_) => return None,
    };
    rule.parameter_on(name, day_of(rule, fact, as_of)?)
}

/// The threshold of a rule for a fact.
pub(super) fn threshold(
    rule: &Rule,
    measured: &Measured,
    fact: Option<&Fact>,
    as_of: AsOf,
) -> Option<Bps> {
    match measured.threshold.as_ref()? {
        Threshold::Parameter(_) | Threshold::Named(_) => {
            threshold_parameter(rule, fact, as_of).map(|dated| Bps(dated.value.value))
        }
        Threshold::Item(kind) => {
            let number = number_of(fact?, kind)?;
            i64::try_from(number).ok().map(Bps)
        }
    }
}

/// The number of the first item of a kind.
pub(super) fn number_of(fact: &Fact, kind: &str) -> Option<i128> {
    fact.items.iter().find(|item| item.kind == kind)?.number
}

/// Applies the test of a rule; the flag says that a critical item decided.
fn test(
    measured: &Measured,
    fact: &Fact,
    threshold: Option<Bps>,
) -> Result<(RuleResult, bool), Overflow> {
    if measured.test == Test::EachItemPasses {
        let kind = measured.decided_by.as_deref().unwrap_or("");
        return Ok((
            worst_item(fact.items.iter().filter(|item| item.kind == kind)),
            false,
        ));
    }
    let Some(numerator) = fact.numerator else {
        return Ok((RuleResult::Unknown, false));
    };
    let Bounds { low, high } = numerator;
    let plain = match (measured.test, fact.denominator, threshold) {
        (Test::NoneFail, _, _) => three_valued(high <= 0, low <= 0),
        (Test::Positive, _, _) => three_valued(low > 0, high > 0),
        (Test::Informs, _, _) => RuleResult::Pass,
        (Test::Within, Some(of), _) => three_valued(high <= of.low, low <= of.high),
        (Test::AllMet, Some(of), _) => three_valued(low >= of.high, high >= of.low),
        (Test::AtLeast | Test::AtMost, Some(of), Some(threshold)) => {
            compare::compare(measured.test, numerator, of, threshold)?
        }
        _ => RuleResult::Unknown,
    };
    let critical = match &measured.critical_items {
        Some(kind) => worst_critical(fact, kind),
        None => RuleResult::Pass,
    };
    let both = worse(plain, critical);
    Ok((both, both != plain))
}

/// The worst of critical items: one that fails cannot be made up for.
fn worst_critical(fact: &Fact, kind: &str) -> RuleResult {
    let critical: Vec<&Item> = fact
        .items
        .iter()
        .filter(|item| item.kind == kind && item.flag == "critical")
        .collect();
    if critical.is_empty() { RuleResult::Pass } else { worst_item(critical) }
}

/// FAIL before UNKNOWN before PASS; no item at all is UNKNOWN.
fn worst_item<'i>(items: impl IntoIterator<Item = &'i Item>) -> RuleResult {
    let mut worst = None;
    for item in items {
        let result = match item.result.as_str() {
            "PASS" => RuleResult::Pass,
            "FAIL" => RuleResult::Fail,
            _ => RuleResult::Unknown,
        };
        worst = Some(worst.map_or(result, |before| worse(before, result)));
    }
    worst.unwrap_or(RuleResult::Unknown)
}

/// The worse of two results: FAIL, then UNKNOWN, then PASS.
fn worse(a: RuleResult, b: RuleResult) -> RuleResult {
    let rank = |result: RuleResult| match result {
        RuleResult::Fail => 2,
        RuleResult::Unknown => 1,
        _ => 0,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// Looks at what amounts rest on, whatever the metric said: a plan that contradicts
/// itself is never paid.
fn check_plan(judged: &mut Judged<'_>, plan: &Plan) {
    let sum = |amounts: Vec<Money>| Money::sum(amounts).ok();
    let planned = sum(plan.recipients.iter().map(|who| who.planned).collect());
    if planned.is_none_or(|planned| planned <= Money::ZERO) {
        judged.settle(RuleResult::Fail, "TRANCHE_NOT_PLANNED");
    }
    for who in &plan.recipients {
        if who.requested != who.planned {
            judged.settle(RuleResult::Fail, "REQUEST_DIFFERS_FROM_PLAN");
        }
    }
    let listed = |name: &str| plan.recipients.iter().find(|who| who.recipient == name);
    let names: BTreeSet<&str> =
        plan.shares.iter().map(|share| share.recipient.as_str()).collect();
    for name in names {
        let own = plan.shares.iter().filter(|share| share.recipient == name);
        let lines = sum(own.map(|share| share.amount).collect());
        let gross = listed(name).map_or(Money::ZERO, |who| who.planned);
        let negative = plan.shares.iter().any(|share| share.amount < Money::ZERO);
        if negative || lines.is_none_or(|lines| lines > gross) {
            judged.settle(RuleResult::Fail, "LINES_DO_NOT_ADD_UP");
        }
    }
}

/// Makes rules unknown on which two evaluators came to different numbers.
pub(super) fn apply_disagreements(all: &mut [Judged<'_>], request: &Request) {
    for judged in all {
        let ids = request.disagreements.iter().map(|told| &told.rule_id);
        if ids.into_iter().any(|id| *id == judged.rule.id) {
            judged.settle(RuleResult::Unknown, EVALUATORS_DISAGREE);
            judged.critical = false;
        }
    }
}

/// Makes rules unknown that rest on what a rule of doubt did not find good enough.
pub(super) fn apply_doubt(all: &mut [Judged<'_>]) {
    let doubts: Vec<(&[String], &str)> = all
        .iter()
        .filter(|judged| judged.rule.effect == Effect::Doubt && judged.is_open())
        .map(|judged| {
            let code = judged.rule.doubt_code.as_deref().unwrap_or("DOUBT");
            (judged.rule.affects.as_slice(), code)
        })
        .collect();
    for (affects, code) in doubts {
        for judged in all.iter_mut() {
            let hit = affects.contains(&judged.rule.id);
            if hit && judged.result != RuleResult::NotApplicable {
                judged.settle(RuleResult::Unknown, code);
                judged.doubted = true;
                judged.critical = false;
            }
        }
    }
}
