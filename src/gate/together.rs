//! Levers of several rules at once: the largest amount of each, tried together.

use std::cmp::Ordering;

use crate::domain::AsOf;
use crate::domain::verdict::{RuleResult, Verdict};
use crate::metrics::facts::{Facts, Plan};

use super::Request;
use super::beside::{CombinedLever, Reading, Together};
use super::evaluate::{Judged, metric_name};
use super::graded::graded;
use super::levers::{Offer, offer};
use super::outcome::Lever;
use super::policy::{Effect, Policy, WhenMissing};
use super::verdict::Settlement;
use super::weigh::weigh;

/// The order of levers in a decision (`contract.md` Q69).
const ORDER: [&str; 9] = [
    "more_used",
    "more_non_hardware",
    "less_hardware",
    "milestone",
    "report",
    "review",
    "revision",
    "clearance",
    "date",
];

/// What would have to be done together; nothing where that would not pay more.
pub(super) fn together(
    request: &Request,
    plan: &Plan,
    facts: &Facts,
    policy: &Policy,
    judged: &[Judged<'_>],
    actual: &Settlement,
) -> Together {
    let mut changes = Vec::new();
    let mut all_of: Vec<CombinedLever> = Vec::new();
    let mut without = Vec::new();
    for judge in judged.iter().filter(|judge| holds(judge)) {
        let Some((metric, offer)) = usable(judge, request, request.as_of) else {
            without.push(judge.rule.id.clone());
            continue;
        };
        for lever in offer.levers.into_iter().take(offer.needed) {
            add(&mut all_of, lever, &judge.rule.id);
        }
        changes.extend(offer.changed.map(|fact| (metric, fact)));
    }
    if all_of.is_empty() {
        return Together { without, ..Together::default() };
    }
    let mut changed = facts.without_evidence();
    changed.0.extend(changes);
    let graded = graded(&changed, policy, request.as_of);
    let then = weigh(request, plan, [&graded, &changed], policy).settled;
    if then.amounts.payable <= actual.amounts.payable && !is_better(&then, actual) {
        return Together { without, ..Together::default() };
    }
    all_of.sort_by(|a, b| order(&a.lever).cmp(&order(&b.lever)));
    Together { all_of, gives: Some(Reading::of(&then)), without }
}

/// Whether a rule holds money back.
fn holds(judged: &Judged<'_>) -> bool {
    let only_warns = judged.result == RuleResult::Unknown
        && judged.rule.when_missing == WhenMissing::Warn;
    let effect = judged.rule.effect;
    judged.is_open() && !only_warns && !matches!(effect, Effect::Warn | Effect::Doubt)
}

/// The levers of a rule, where they make it pass.
fn usable(
    judged: &Judged<'_>,
    request: &Request,
    as_of: AsOf,
) -> Option<(String, Offer)> {
    let measured = judged.rule.measured.as_ref()?;
    let metric = metric_name(measured, request.software_scope).to_owned();
    let offer = offer(judged, as_of);
    (!offer.levers.is_empty() && offer.changed.is_some()).then_some((metric, offer))
}

/// Adds a lever, or raises the one of the same kind on the same thing.
fn add(all: &mut Vec<CombinedLever>, lever: Lever, rule: &str) {
    let same = |other: &&mut CombinedLever| {
        (other.lever.lever, &other.lever.id) == (lever.lever, &lever.id)
    };
    match all.iter_mut().find(same) {
        Some(other) => {
            other.rules.push(rule.to_owned());
            if (lever.amount, lever.date) > (other.lever.amount, other.lever.date) {
                other.lever = lever;
            }
        }
        None => all.push(CombinedLever { lever, rules: vec![rule.to_owned()] }),
    }
}

fn order(lever: &Lever) -> (usize, Option<&str>) {
    let place = ORDER.iter().position(|word| *word == lever.lever);
    (place.unwrap_or(ORDER.len()), lever.id.as_deref())
}

/// Whether an answer is nearer to a release.
fn is_better(then: &Settlement, now: &Settlement) -> bool {
    let rank = |verdict: Verdict| match verdict {
        Verdict::Release => 4,
        Verdict::Partial => 3,
        Verdict::Indeterminate => 2,
        Verdict::Hold => 1,
        Verdict::Invalid => 0,
    };
    rank(then.verdict).cmp(&rank(now.verdict)) == Ordering::Greater
}
