//! What two metrics say together: money beside progress (D§7.3), a review beside the
//! first contract for hardware (D§7.5), a class that holds the others back (D§7.4).
//!
//! None of it changes a result; each is a code on the rule that it is about.

use crate::domain::AsOf;
use crate::domain::Bps;
use crate::domain::verdict::RuleResult;
use crate::metrics::facts::{Fact, Facts, NOT_APPLICABLE};

use super::compare::fractions;
use super::evaluate::{Judged, number_of};
use super::policy::LeverKind;

/// Progress is claimed with little money spent on it.
pub(super) const CLAIMED: &str = "CLAIMED_WITHOUT_SPEND";
/// Money is spent with little progress shown.
pub(super) const SPENT: &str = "SPENT_WITHOUT_RESULT";
/// Hardware was contracted before the review was completed.
pub(super) const OUT_OF_ORDER: &str = "OUT_OF_ORDER";
/// Hardware that is not used up holds back software that is.
pub(super) const HOSTAGE: &str = "SOFTWARE_HOSTAGE";

/// Adds the codes to rules that name a companion metric.
pub(super) fn cross_check(all: &mut [Judged<'_>], facts: &Facts, as_of: AsOf) {
    for judged in all {
        let Some(measured) = &judged.rule.measured else { continue };
        let other = measured.companion.as_ref().and_then(|name| facts.0.get(name));
        let (Some(other), Some(fact)) = (other, judged.fact) else { continue };
        if fact.codes.iter().any(|code| code == NOT_APPLICABLE) {
            continue;
        }
        let code = match measured.lever {
            Some(LeverKind::Milestone) => progress_and_money(judged, fact, other, as_of),
            Some(LeverKind::Review) => out_of_order(judged, fact, other),
            Some(LeverKind::MoreUsed) => hostage(judged, other),
            _ => None,
        };
        judged.codes.extend(code.map(str::to_owned));
    }
}

/// Claimed where progress reaches its threshold for certain while little was spent, and
/// the other way round.
fn progress_and_money(
    judged: &Judged<'_>,
    fact: &Fact,
    other: &Fact,
    as_of: AsOf,
) -> Option<&'static str> {
    let parameter = |name: &str| Some(judged.rule.parameter_on(name, as_of)?.value.value);
    let (least, most) = fractions(fact.numerator?, fact.denominator?)?;
    let ratio = |(n, d)| crate::domain::Ratio::new(n, d);
    let reaches = |share, bps: i64| Some(ratio(share)?.compare(Bps(bps))?.is_ge());
    let rate = |kind| number_of(other, kind);
    let threshold = judged.threshold?.0;
    let claimed = reaches(least, threshold)?
        && rate("software_rate_high_bps")
            .zip(parameter("claimed_spend_bps"))
            .is_some_and(|(rate, limit)| rate < i128::from(limit));
    let spent = rate("software_rate_low_bps")
        .zip(parameter("spent_share_bps"))
        .is_some_and(|(rate, limit)| rate >= i128::from(limit))
        && !reaches(most, parameter("little_progress_bps")?)?;
    match (claimed, spent) {
        (true, _) => Some(CLAIMED),
        (false, true) => Some(SPENT),
        (false, false) => None,
    }
}

/// A review that passes by its completion, but not before the first hardware.
fn out_of_order(judged: &Judged<'_>, fact: &Fact, other: &Fact) -> Option<&'static str> {
    let first = number_of(other, "first_hardware_day")?;
    let late = fact.items.iter().any(|item| {
        item.kind == "review"
            && item.result == "PASS"
            && item.number.is_some_and(|completed| completed >= first)
    });
    (judged.result == RuleResult::Pass && late).then_some(OUT_OF_ORDER)
}

/// The whole is not used up, software is, and hardware is not: all for certain.
fn hostage(judged: &Judged<'_>, other: &Fact) -> Option<&'static str> {
    let of = |class: &str, result: &str| {
        other
            .items
            .iter()
            .any(|i| i.kind == "class_use" && i.id == class && i.result == result)
    };
    let hostage = judged.result == RuleResult::Fail
        && of("sector_wide", "PASS")
        && of("hardware", "FAIL");
    hostage.then_some(HOSTAGE)
}
