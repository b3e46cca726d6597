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
    let signed = |role: &str| {
        is_signed(case, case.tranche, role)
            || (case.is_first() && is_signed(case, 0, role))
    };
    let clearance = match head(case) {
        None => RuleResult::Unknown,
        Some(role) if signed(role) => RuleResult::Pass,
        Some(_) => RuleResult::Fail,
    };
    let armed = case.shares.iter().any(|share| share.is_gated() && share.is_defence());
    let mut count = Count::plain(clearance);
    if armed && !case.project.has_dsr_basis {
        count.gate = Some(RuleResult::Fail);
    }
    trace.say(|| format!("{:?}: {}; {:?}", head(case), clearance.word(), count.gate));
    count.result = gravest([clearance].into_iter().chain(count.gate))?;
    Some(count)
}

pub(super) fn second_signature(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let highest = case.number("risk_marker_count").unwrap_or(2);
    let needed = case.number("signatures_count").unwrap_or(2);
    let marker = case.project.risk_marker.map(i128::from);
    if marker.is_some_and(|marker| marker < highest) {
        return Some(Count::apart());
    }
    let of = |tranche: i64| tranche == case.tranche || (case.is_first() && tranche == 0);
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
    Some(Count::over(result, Bounds { low: there, high: there }, needed))
}
