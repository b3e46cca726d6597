//! R21: clearance by the mission or the Resident Coordinator, and R25: a second signature
//! for high risk.

use std::collections::BTreeSet;

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace};
use super::r17_signatures::{head, is_signed};
use super::result::gravest;

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    // The first tranche is asked for with the project document.
    let of = if case.is_first() { 0 } else { case.tranche };
    let clearance = match head(case) {
        None => RuleResult::Unknown,
        Some(role) if is_signed(case, of, role) => RuleResult::Pass,
        Some(_) => RuleResult::Fail,
    };
    let armed = case.shares.iter().any(|share| share.is_gated() && share.is_defence());
    let basis = case.project.dsr_basis.as_str();
    let named = MANDATES.iter().any(|mandate| basis.starts_with(mandate));
    let mut count = Count::plain(clearance);
    count.gate = match (armed && !named, basis.is_empty()) {
        (false, _) => None,
        (true, true) => Some(RuleResult::Unknown),
        (true, false) => Some(RuleResult::Fail),
    };
    trace.say(|| format!("{:?}: {}; {:?}", head(case), clearance.word(), count.gate));
    count.result = gravest([clearance].into_iter().chain(count.gate))?;
    Some(count)
}

/// On what support to defence may rest (D§3.3).
const MANDATES: [&str; 3] = ["gov_request", "sc_resolution", "ga_mandate"];

pub(super) fn second_signature(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let highest = case.number("risk_marker_count").unwrap_or(2);
    let needed = case.number("signatures_count").unwrap_or(2);
    let marker = case.project.risk_marker.map(i128::from);
    if marker.is_some_and(|marker| marker < highest) {
        return Some(Count::apart());
    }
    let asked = if case.is_first() { 0 } else { case.tranche };
    let of = |tranche: i64| tranche == asked;
    let roles: BTreeSet<&str> = case
        .project
        .signatures
        .iter()
        .filter(|(tranche, _, on)| of(*tranche) && case.happened(*on))
        .map(|(_, role, _)| role.as_str())
        .collect();
    let there = i128::try_from(roles.len()).ok()?;
    trace.say(|| format!("marker {marker:?}, signed by {roles:?}"));
    let result = if there >= needed {
        RuleResult::Pass
    } else if marker.is_none() {
        RuleResult::Unknown
    } else {
        RuleResult::Fail
    };
    let count = Count::over(result, Bounds { low: there, high: there }, needed);
    // Without a marker it may be that none is needed.
    let least = if marker.is_none() { 0 } else { needed };
    Some(Count { denominator: Some(Bounds { low: least, high: needed }), ..count })
}
