//! R17: signatures on the project document and the tranche (Q53).

use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace};
use super::result::gravest;

/// Who signs for the United Nations in the country, where the setting says so.
pub(super) fn head(case: &Case<'_>) -> Option<&'static str> {
    match case.project.setting.as_str() {
        "mission" => Some("srsg"),
        "non_mission" => Some("resident_coordinator"),
        _ => None,
    }
}

/// Whether a role has signed for a tranche by the as-of.
pub(super) fn is_signed(case: &Case<'_>, tranche: i64, role: &str) -> bool {
    case.project
        .signatures
        .iter()
        .any(|(of, who, on)| *of == tranche && who == role && case.happened(*on))
}

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let mut results = Vec::new();
    let mut need = |tranche: i64, role: Option<&str>| {
        let result = match role {
            None => RuleResult::Unknown,
            Some(role) if is_signed(case, tranche, role) => RuleResult::Pass,
            Some(_) => RuleResult::Fail,
        };
        trace.say(|| format!("tranche {tranche}, {role:?}: {}", result.word()));
        results.push(result);
    };
    for recipient in case.project.recipients.keys() {
        need(0, Some(&format!("recipient:{recipient}")));
    }
    need(0, Some("national_authority"));
    need(0, Some("pbso"));
    need(0, head(case));
    if !case.is_first() {
        need(case.tranche, head(case));
    }
    Some(Count::plain(gravest(results)?))
}
