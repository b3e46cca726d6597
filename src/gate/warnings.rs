//! Warnings: what does not change the verdict but should not be overlooked.
//!
//! Each begins with a code in capitals; they are sorted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, Months};

use crate::domain::money::grouped;
use crate::domain::verdict::{RuleResult, Verdict};
use crate::domain::{Class, Money};
use crate::metrics::facts::Plan;

use super::Request;
use super::amounts::total;
use super::crosscheck;
use super::evaluate::{Judged, NOT_BUILT, number_of};
use super::messages;
use super::outcome::Decision;
use super::policy::{Effect, SoftwareScope, WhenMissing};
use super::verdict::Settlement;
use super::weigh::Weighed;

/// The code of a plan whose lines were split by the tool.
pub(super) const PRO_RATA: &str = "PRO_RATA";
/// Fewer months than this before the end leave little time to finish (D§9.3).
const LITTLE_TIME: Months = Months::new(6);

/// All warnings of a decision, sorted and each once.
pub(super) fn warnings(
    request: &Request,
    plan: &Plan,
    weighed: &Weighed<'_>,
) -> Vec<String> {
    let Weighed { judged, settled, refused, .. } = weighed;
    let mut all: BTreeSet<String> = request.warnings.iter().cloned().collect();
    all.extend(refused.iter().cloned());
    all.extend(of_plan(plan));
    all.extend(stale_decisions(plan));
    all.extend(not_built(judged));
    for judge in judged {
        all.extend(of_codes(judge));
        all.extend(without_effect(judge));
        all.extend(ends_soon(judge, request));
    }
    all.extend(of_settlement(judged, settled));
    all.extend(deadlock(request, plan, judged, settled));
    all.extend(prerequisite(plan, settled));
    all.into_iter().collect()
}

fn of_plan(plan: &Plan) -> Option<String> {
    plan.shares.iter().any(|share| share.pro_rata).then(|| {
        format!(
            "{PRO_RATA}: no amounts by line are stated for this tranche; those shown are \
             ASSUMED, split in proportion to the budget"
        )
    })
}

/// Lines that say something else since their class was decided, with their money.
fn stale_decisions(plan: &Plan) -> Option<String> {
    let mut lines: BTreeMap<&str, Money> = BTreeMap::new();
    for share in plan.shares.iter().filter(|share| share.stale) {
        let sum = lines.entry(&share.line_id).or_default();
        *sum = total([*sum, share.amount]);
    }
    let named = lines.iter().map(|(line, sum)| format!("{line} ({})", grouped(*sum)));
    messages::list(named).map(|named| {
        format!(
            "STALE_DECISION: decided on another text than the line has now: {named}; the \
             decision holds until it is made again"
        )
    })
}

fn not_built(judged: &[Judged<'_>]) -> Option<String> {
    let ids: Vec<&str> = judged
        .iter()
        .filter(|judge| judge.codes.contains(NOT_BUILT))
        .map(|judge| judge.rule.id.as_str())
        .collect();
    (!ids.is_empty())
        .then(|| format!("{NOT_BUILT}: not evaluated yet: {}", ids.join(", ")))
}

/// Codes that a rule carries although it may be passed.
fn of_codes(judged: &Judged<'_>) -> Vec<String> {
    const TOLD: [(&str, &str); 8] = [
        (
            crosscheck::CLAIMED,
            "software progress is claimed with little money spent on it",
        ),
        (
            "CONCURRENT",
            "accepted because another programme or a review goes on at the same time",
        ),
        ("NOT_PHASED", "not phased: the 2012 review recommends two phases"),
        (
            crosscheck::OUT_OF_ORDER,
            "the first contract for hardware is not younger than the completed review",
        ),
        ("REVIEW_IN_PROGRESS", "the review is not completed"),
        (
            "TEMPLATE_ASSUMED",
            "no template is recorded, so the year of approval stands for its version",
        ),
        (
            crosscheck::HOSTAGE,
            "hardware that is not used up holds back software that is; an override may have \
             this code as its reason",
        ),
        (crosscheck::SPENT, "software money is spent with little progress shown"),
    ];
    TOLD.iter()
        .filter(|(code, _)| judged.codes.contains(*code))
        .map(|(code, what)| format!("{code}: {}: {what}", judged.rule.id))
        .collect()
}

/// Rules that are not passed and hold nothing.
fn without_effect(judged: &Judged<'_>) -> Option<String> {
    let rule = judged.rule;
    let only_warns = rule.effect == Effect::Warn && judged.is_open();
    let unknown =
        judged.result == RuleResult::Unknown && rule.when_missing == WhenMissing::Warn;
    (only_warns || unknown).then(|| {
        let code =
            if judged.result == RuleResult::Fail { "NOT_MET" } else { "NOT_KNOWN" };
        format!("{code}: {} holds nothing, but: {}", rule.id, rule.title)
    })
}

fn ends_soon(judged: &Judged<'_>, request: &Request) -> Option<String> {
    let days = u64::try_from(number_of(judged.fact?, "days_left")?).ok()?;
    let end = request.as_of.0.checked_add_days(Days::new(days))?;
    let enough = request.as_of.0.checked_add_months(LITTLE_TIME)?;
    (end < enough).then(|| {
        format!("ENDS_SOON: {days} days are left before the project ends on {end}")
    })
}

/// Hardware is held that belongs to the same activity as software work to come: the
/// office in which the oversight body will sit.
fn prerequisite(plan: &Plan, settled: &Settlement) -> Vec<String> {
    let held = settled.gate_held.iter();
    held.filter_map(|line| {
        let software = messages::list(plan.beyond.needed_by.get(line)?.iter().cloned())?;
        Some(format!(
            "PREREQUISITE: held hardware line {line} belongs to the same activity as software \
             line {software}; look whether that waits for it"
        ))
    })
    .collect()
}

fn of_settlement(judged: &[Judged<'_>], settled: &Settlement) -> Vec<String> {
    let mut found = Vec::new();
    if settled.overflow {
        found.push("OVERFLOW: amounts are too large to be split".to_owned());
    }
    if settled.gate_holds_nothing {
        let gates = judged.iter().filter(|judge| {
            judge.rule.effect == Effect::BlockHardware && judge.is_open()
        });
        let ids = messages::list(gates.map(|judge| judge.rule.id.clone()));
        found.push(format!(
            "EXEMPT_HARDWARE: {} not passed, but no money in this tranche is held for it, \
             because what is left of hardware is exempt",
            ids.unwrap_or_else(|| "a hardware gate is".to_owned())
        ));
    }
    if settled.verdict == Verdict::Partial {
        found.push(
            "PARTIAL_PAYMENT: after paying a part, load `tranches` and `tranche_lines` again \
             with this tranche at what was paid and the rest as a tranche of its own"
                .to_owned(),
        );
    }
    found
}

/// Software progress is not shown, and nothing is paid that could bring it about.
fn deadlock(
    request: &Request,
    plan: &Plan,
    judged: &[Judged<'_>],
    settled: &Settlement,
) -> Option<String> {
    let gate = judged.iter().find(|judge| {
        let measured = judge.rule.measured.as_ref();
        judge.is_open() && measured.is_some_and(|m| m.critical_items.is_some())
    })?;
    let mut paid = settled.amounts.by_class;
    let wide = request.software_scope == SoftwareScope::Wide;
    let planned = |class: Class, now: Money| {
        let later = plan.beyond.later.get(&class).copied().unwrap_or_default();
        now > Money::ZERO || later > Money::ZERO
    };
    let software =
        planned(Class::SectorWide, paid.class_mut(Class::SectorWide).requested)
            || (wide
                && planned(Class::Training, paid.class_mut(Class::Training).requested));
    (!software).then(|| {
        format!(
            "DEADLOCK: {} is not passed and neither this nor a later tranche plans software \
             work that could change it",
            gate.rule.id
        )
    })
}

/// Whether a decision rests on amounts that were split by the tool.
#[must_use]
pub fn is_assumed(decision: &Decision) -> bool {
    decision.warnings.iter().any(|warning| warning.starts_with(PRO_RATA))
}
