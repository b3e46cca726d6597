//! What one override takes out of the effect of one rule.

use std::collections::BTreeSet;

use crate::domain::verdict::RuleResult;
use crate::domain::{Bounds, Bps, Money};
use crate::metrics::facts::{Fact, Item, Plan};

use super::Request;
use super::evaluate::{Judged, judge};
use super::lines::result_of;
use super::overrides::{Override, OverrideScope};
use super::policy::Effect;

/// What overrides took out of the effect of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiver {
    /// The overrides, by id.
    pub(super) by: BTreeSet<String>,
    /// What the rule was before.
    pub(super) was: RuleResult,
    /// Items that no longer count, by id and flag.
    pub(super) items: BTreeSet<(String, String)>,
    /// Lines that a hardware gate no longer holds.
    pub(super) lines: BTreeSet<String>,
}

/// Applies an override that counts to a rule that is open; says why where it cannot.
pub(super) fn waive(
    judged: &mut Judged<'_>,
    one: &Override,
    plan: &Plan,
    request: &Request,
) -> Result<(), String> {
    let mut waiver = judged.waiver.clone().unwrap_or_else(|| Waiver {
        by: BTreeSet::new(),
        was: judged.result,
        items: BTreeSet::new(),
        lines: BTreeSet::new(),
    });
    waiver.by.insert(one.override_id.clone());
    let result = match (&one.scope, judged.rule.effect) {
        (OverrideScope::Rule, Effect::BlockLine) => {
            waive_items(judged, &mut waiver, None)?
        }
        (OverrideScope::Lines(ids), Effect::BlockLine) => {
            waive_items(judged, &mut waiver, Some(ids))?
        }
        (OverrideScope::Lines(ids), _) => waive_lines(judged, &mut waiver, ids, plan)?,
        (OverrideScope::Milestones(ids), _) => waive_milestones(judged, ids, request)?,
        (OverrideScope::Rule, _) => RuleResult::Waived,
    };
    judged.result = result;
    judged.waiver = Some(waiver);
    Ok(())
}

/// Line items that are not passed.
fn open_lines(fact: &Fact) -> impl Iterator<Item = &Item> {
    fact.items.iter().filter(|item| item.kind == "line" && item.result != "PASS")
}

/// Takes line items out, all or those of named lines; what no override sets aside stays.
fn waive_items(
    judged: &Judged<'_>,
    waiver: &mut Waiver,
    ids: Option<&[String]>,
) -> Result<RuleResult, String> {
    let never = &judged.rule.never_waived;
    let Some(fact) = judged.fact.filter(|fact| open_lines(fact).next().is_some()) else {
        return Err("it is not known which lines it would set aside".to_owned());
    };
    let named = |item: &&Item| ids.is_none_or(|ids| ids.contains(&item.id));
    if !open_lines(fact).any(|item| named(&item)) {
        return Err("none of its lines is held by this rule".to_owned());
    }
    let free: Vec<&Item> = open_lines(fact)
        .filter(named)
        .filter(|item| !never.contains(&item.flag))
        .collect();
    if free.is_empty() {
        return Err(format!("{} is never set aside", never.join(", ")));
    }
    waiver
        .items
        .extend(free.into_iter().map(|item| (item.id.clone(), item.flag.clone())));
    let left = open_lines(fact)
        .filter(|item| !waiver.items.contains(&(item.id.clone(), item.flag.clone())))
        .map(result_of)
        .max_by_key(|result| *result == RuleResult::Fail);
    Ok(left.unwrap_or(RuleResult::Waived))
}

/// Frees gated money of named lines from a hardware gate.
fn waive_lines(
    judged: &Judged<'_>,
    waiver: &mut Waiver,
    ids: &[String],
    plan: &Plan,
) -> Result<RuleResult, String> {
    let gated = || {
        plan.shares.iter().filter(|share| {
            share.gate_treatment == crate::domain::GateTreatment::Gated
                && share.amount > Money::ZERO
        })
    };
    if !gated().any(|share| ids.contains(&share.line_id)) {
        return Err("none of its lines has gated money in this tranche".to_owned());
    }
    waiver.lines.extend(ids.iter().cloned());
    let all = gated().all(|share| waiver.lines.contains(&share.line_id));
    Ok(if all { RuleResult::Waived } else { judged.result })
}

/// Tests the rule without named milestones: they count neither as achieved nor as due.
fn waive_milestones(
    judged: &Judged<'_>,
    ids: &[String],
    request: &Request,
) -> Result<RuleResult, String> {
    let (Some(fact), Some(measured)) = (judged.fact, &judged.rule.measured) else {
        return Err("its milestones were not measured".to_owned());
    };
    if judged.doubted {
        return Err("the milestones are not what makes this rule unknown".to_owned());
    }
    let open = |item: &&Item| {
        item.kind == "milestone" && item.result != "PASS" && ids.contains(&item.id)
    };
    if !fact.items.iter().any(|item| open(&item)) {
        return Err("none of its milestones is open before this tranche".to_owned());
    }
    let less = without(fact, ids).ok_or("the weights of its milestones are not known")?;
    if less.denominator.is_some_and(|of| of.high <= 0) {
        return Ok(RuleResult::Waived);
    }
    let again = judge(judged.rule, measured, "", Some(&less), request.as_of);
    match again.result {
        RuleResult::Pass => Ok(RuleResult::Waived),
        other => Ok(other),
    }
}

/// The fact without open milestones of these ids.
fn without(fact: &Fact, ids: &[String]) -> Option<Fact> {
    let mut less = fact.clone();
    let (Bounds { mut low, mut high }, of) = (fact.numerator?, fact.denominator?);
    let whole = i128::from(Bps::WHOLE.0);
    let mut weights = 0_i128;
    for item in fact.items.iter().filter(|item| {
        item.kind == "milestone" && item.result != "PASS" && ids.contains(&item.id)
    }) {
        let told = |other: &&Item| other.kind == "weight" && other.id == item.id;
        let weight = fact.items.iter().find(told)?.number?;
        let part = |achieved: i128| weight.checked_mul(achieved);
        let achieved = item.number;
        low = low.checked_sub(part(achieved.unwrap_or(0))?)?;
        high = high.checked_sub(part(achieved.unwrap_or(whole))?)?;
        weights = weights.checked_add(part(whole)?)?;
        less.items.retain(|other| other.id != item.id);
    }
    less.numerator = Some(Bounds { low, high });
    less.denominator = Some(Bounds {
        low: of.low.checked_sub(weights)?,
        high: of.high.checked_sub(weights)?,
    });
    Some(less)
}
