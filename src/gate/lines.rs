//! Lines that may not be paid: which rule drops them, by which flag.

use std::collections::BTreeMap;

use crate::domain::verdict::RuleResult;
use crate::domain::{Class, Money};
use crate::metrics::facts::{Item, Plan, PlannedShare};

use super::amounts;
use super::evaluate::{Judged, OVERFLOW};
use super::outcome::BlockedLine;
use super::policy::Effect;

/// The line items of a rule that are not passed; those with a gate flag apart.
pub(super) fn open_items<'a>(
    judged: &'a Judged<'_>,
    gate: bool,
) -> impl Iterator<Item = &'a Item> {
    let applies = judged.result != RuleResult::NotApplicable
        && judged.rule.effect == Effect::BlockLine;
    judged.fact.iter().flat_map(|fact| &fact.items).filter(move |item| {
        applies
            && item.kind == "line"
            && item.result != "PASS"
            && judged.rule.gate_flags.contains(&item.flag) == gate
    })
}

/// The items of a rule that are not passed and hold gated hardware, not more.
pub(super) fn gate_items<'a>(judged: &'a Judged<'_>) -> impl Iterator<Item = &'a Item> {
    let applies = judged.is_open() && judged.rule.effect == Effect::BlockAll;
    let flagged = judged.fact.iter().flat_map(|fact| &fact.items).filter(move |item| {
        applies && is_open(item) && judged.rule.gate_flags.contains(&item.flag)
    });
    open_items(judged, true).chain(flagged)
}

/// What a rule says of the whole tranche: items that hold only hardware are left aside.
pub(super) fn whole_result(judged: &Judged<'_>) -> RuleResult {
    if gate_items(judged).next().is_none() || judged.codes.contains(OVERFLOW) {
        return judged.result;
    }
    let rest = judged.fact.iter().flat_map(|fact| &fact.items);
    rest.filter(|item| is_open(item) && !judged.rule.gate_flags.contains(&item.flag))
        .map(result_of)
        .max_by_key(|result| *result == RuleResult::Fail)
        .unwrap_or(RuleResult::Pass)
}

fn is_open(item: &Item) -> bool {
    matches!(item.result.as_str(), "FAIL" | "UNKNOWN")
}

/// FAIL or UNKNOWN, as an item says.
pub(super) fn result_of(item: &Item) -> RuleResult {
    if item.result == "FAIL" { RuleResult::Fail } else { RuleResult::Unknown }
}

/// The lines of this tranche that may not be paid, by line and rule, whatever the verdict.
pub(super) fn blocked_lines(plan: &Plan, judged: &[Judged<'_>]) -> Vec<BlockedLine> {
    let mut lines: BTreeMap<&str, Vec<&PlannedShare>> = BTreeMap::new();
    for share in plan.shares.iter().filter(|share| share.amount > Money::ZERO) {
        lines.entry(&share.line_id).or_default().push(share);
    }
    let mut blocked = Vec::new();
    for (line_id, shares) in lines {
        for judge in judged.iter().filter(|j| j.rule.effect == Effect::BlockLine) {
            let mut hits: Vec<(RuleResult, String)> = open_items(judge, false)
                .filter(|item| item.id == line_id)
                .map(|item| (result_of(item), item.flag.clone()))
                .collect();
            let names_none = open_items(judge, false).next().is_none()
                && open_items(judge, true).next().is_none();
            if judge.is_open() && names_none {
                // The rule is not passed and names no line: it may be any of them.
                let code = judge.codes.first().cloned().unwrap_or_default();
                hits.push((judge.result, code));
            }
            // A fact beats ignorance, then the first flag.
            hits.sort_by_key(|(result, flag)| {
                (*result != RuleResult::Fail, flag_key(flag))
            });
            hits.dedup();
            if let Some((result, flag)) = hits.first() {
                blocked.push(blocked_line(line_id, judge, *result, flag, &hits, &shares));
            }
        }
    }
    blocked
}

/// Sorts `E2` before `E10`.
fn flag_key(flag: &str) -> (usize, String) {
    (flag.len(), flag.to_owned())
}

fn blocked_line(
    line_id: &str,
    judged: &Judged<'_>,
    result: RuleResult,
    flag: &str,
    hits: &[(RuleResult, String)],
    shares: &[&PlannedShare],
) -> BlockedLine {
    let mut classes: Vec<Class> = shares.iter().map(|share| share.class).collect();
    classes.sort_unstable();
    classes.dedup();
    let classes: Vec<&str> = classes.into_iter().map(Class::code).collect();
    let flags: Vec<&str> = hits.iter().map(|(_, flag)| flag.as_str()).collect();
    BlockedLine {
        line_id: line_id.to_owned(),
        rule_id: judged.rule.id.clone(),
        flag: flag.to_owned(),
        amount: amounts::total(shares.iter().map(|share| share.amount)),
        result,
        class: classes.join(";"),
        flags: flags.join(";"),
    }
}
