//! What the verdict would be if money without a clear class were software, or hardware.
//!
//! The bounds of `contract.md` Q34 and Q45: metrics carry doubtful money as a range, and
//! each end is put to the same rules again. What holds at both ends and as it stands
//! holds whatever the money turns out to be.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::{Bounds, Class, GateTreatment, Money};
use crate::metrics::facts::{Fact, Facts, NOT_APPLICABLE, Plan};

use super::beside::{Classification, DoubtfulLine, Reading};
use super::evaluate::number_of;
use super::graded::graded;
use super::policy::{Effect, LeverKind, Measured, Policy, Test};
use super::verdict::Settlement;
use super::weigh::{Weighed, weigh};
use super::{Request, amounts};

/// Whether money without a clear class decides, and which lines it stands on.
pub(super) fn classification(
    request: &Request,
    plan: &Plan,
    facts: &Facts,
    policy: &Policy,
    actual: &Settlement,
) -> Classification {
    let lines = doubtful_lines(plan);
    if lines.is_empty() {
        return Classification::default();
    }
    let read = |as_hardware| {
        let (plan, facts) = reading(plan, facts, policy, as_hardware);
        let graded = graded(&facts, policy, request.as_of);
        let weighed = weigh(request, &plan, [&graded, &facts], policy);
        let Weighed { settled, .. } = weighed;
        Reading::of(&settled)
    };
    let (as_software, as_hardware) = (read(false), read(true));
    let actual = Reading::of(actual);
    let decides = actual != as_software || actual != as_hardware;
    Classification {
        decides,
        doubtful: amounts::total(lines.iter().map(|line| line.amount)),
        as_software: Some(as_software),
        as_hardware: Some(as_hardware),
        lines: if decides { lines } else { Vec::new() },
    }
}

/// Lines with mixed or unclassified money in any tranche, the largest first.
fn doubtful_lines(plan: &Plan) -> Vec<DoubtfulLine> {
    let mut by_line: BTreeMap<&str, Money> = BTreeMap::new();
    if plan.beyond.doubtful.is_empty() {
        for share in plan.shares.iter().filter(|share| share.class.is_doubtful()) {
            let sum = by_line.entry(&share.line_id).or_default();
            *sum = amounts::total([*sum, share.amount]);
        }
    } else {
        by_line.extend(plan.beyond.doubtful.iter().map(|(id, sum)| (id.as_str(), *sum)));
    }
    let mut lines: Vec<DoubtfulLine> = by_line
        .into_iter()
        .filter(|(_, amount)| *amount > Money::ZERO)
        .map(|(line_id, amount)| DoubtfulLine { line_id: line_id.to_owned(), amount })
        .collect();
    lines.sort_by_key(|line| (Reverse(line.amount), line.line_id.clone()));
    lines
}

/// The plan and the facts as they would be.
fn reading(
    plan: &Plan,
    facts: &Facts,
    policy: &Policy,
    as_hardware: bool,
) -> (Plan, Facts) {
    let doubtful = amounts::total(
        plan.shares.iter().filter(|s| s.class.is_doubtful()).map(|s| s.amount),
    );
    let mut read = plan.clone();
    for share in read.shares.iter_mut().filter(|share| share.class.is_doubtful()) {
        share.class = if as_hardware { Class::Hardware } else { Class::SectorWide };
        if !as_hardware {
            share.gate_treatment = GateTreatment::NotHardware;
        }
    }
    let mut changed = facts.without_evidence();
    for rule in &policy.rules {
        let Some(measured) = &rule.measured else { continue };
        let Some(fact) = changed.0.get_mut(&measured.metric) else { continue };
        if fact.codes.iter().any(|code| code == NOT_APPLICABLE) {
            continue;
        }
        match (rule.effect, measured.test) {
            (Effect::Doubt, Test::AtMost) => less_doubt(fact, doubtful),
            _ if measured.lever == Some(LeverKind::HardwareShare) => {
                ceiling(fact, as_hardware);
            }
            _ => at_one_end(fact, measured, as_hardware),
        }
    }
    (read, changed)
}

/// Money whose class is known casts no doubt.
fn less_doubt(fact: &mut Fact, doubtful: Money) {
    if let Some(bounds) = fact.numerator {
        let less = |value: i128| value.saturating_sub(doubtful.cents()).max(0);
        fact.numerator = Some(Bounds { low: less(bounds.low), high: less(bounds.high) });
    }
}

/// Hardware under its ceiling: all of the range, or none of it.
fn ceiling(fact: &mut Fact, as_hardware: bool) {
    let Some(bounds) = fact.numerator else { return };
    if as_hardware {
        fact.numerator = Some(Bounds::exact(bounds.high));
        return;
    }
    fact.numerator = Some(Bounds::exact(bounds.low));
    let own = number_of(fact, "k_hardware_low");
    if own == Some(0) {
        fact.codes.push(NOT_APPLICABLE.to_owned());
    }
    let past = own.map(|own| bounds.low.saturating_sub(own));
    for item in &mut fact.items {
        if item.kind == "past_hardware_high" {
            item.number = past.or(item.number);
        }
    }
}

/// A number of the budget that must be above zero: software adds to it, hardware not.
fn at_one_end(fact: &mut Fact, measured: &Measured, as_hardware: bool) {
    if let (Test::Positive, Some(bounds)) = (measured.test, fact.numerator) {
        let end = if as_hardware { bounds.low } else { bounds.high };
        fact.numerator = Some(Bounds::exact(end));
    }
}
