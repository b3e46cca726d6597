//! R05: review first (Q43), and R22: oversight beside hardware for defence (Q49).

use std::collections::BTreeSet;

use crate::domain::verdict::RuleResult;
use crate::domain::{Bounds, Class};

use super::case::{Case, Count, Trace, is_doubtful, money, sum};
use super::plan::budget;
use super::result::gravest;
use super::rows::Review;

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let bodies: BTreeSet<&str> = case
        .shares
        .iter()
        .filter(|share| share.is_gated())
        .map(|share| share.line.beneficiary.code())
        .collect();
    if bodies.is_empty() {
        return Some(Count::apart());
    }
    let results: Vec<RuleResult> = bodies
        .into_iter()
        .map(|body| {
            let states: Vec<bool> = [newest(case, "sector"), newest(case, body)]
                .into_iter()
                .flatten()
                .map(|state| passes(case, state))
                .collect();
            let result = if states.contains(&true) {
                RuleResult::Pass
            } else if states.is_empty() {
                RuleResult::Unknown
            } else {
                RuleResult::Fail
            };
            trace.say(|| format!("{body}: {}", result.word()));
            result
        })
        .collect();
    Some(Count::plain(gravest(results).unwrap_or(RuleResult::Unknown)))
}

/// The state of a scope: its newest row by the as-of.
fn newest<'a>(case: &Case<'a>, scope: &str) -> Option<&'a Review> {
    let rows = case.project.reviews.iter();
    rows.filter(|row| row.scope == scope && case.happened(row.on))
        .max_by_key(|row| row.on)
}

fn passes(case: &Case<'_>, state: &Review) -> bool {
    match state.status.as_str() {
        "completed" | "adopted" => true,
        "in_progress" => state.has_note || case.is_first(),
        "not_required" => state.has_note,
        _ => false,
    }
}

pub(super) fn oversight(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    if !case.shares.iter().any(|share| share.is_gated() && share.is_defence()) {
        return Some(Count::apart());
    }
    let shares = budget(case.project)?;
    let of = |test: &dyn Fn(Class) -> bool| {
        sum(shares.iter().filter(|share| test(share.class)).map(|share| share.amount))
    };
    let low = of(&|class| class == Class::SectorWide)?;
    let high = low.checked_add(of(&is_doubtful)?)?;
    trace.say(|| format!("sector-wide in the budget: {} to {}", money(low), money(high)));
    let result = if low > 0 || case.project.has_concurrent_oversight {
        RuleResult::Pass
    } else if high <= 0 {
        RuleResult::Fail
    } else {
        RuleResult::Unknown
    };
    Some(Count { numerator: Some(Bounds { low, high }), ..Count::plain(result) })
}
