//! R11: the share for gender equality, and R12: for monitoring and evaluation.

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace};
use super::r09_revisions::template_year;
use super::result::{WHOLE, at_least, both, gravest, reaches};
use super::rows::Line;

/// The first template that asks for a share, where the policy does not say.
const FIRST_TEMPLATE: i128 = 2018;

/// The budget without indirect cost, and the part of it that `share` gives in basis
/// points; a line without a share may be anything. Nothing where there is no line.
fn part(
    case: &Case<'_>,
    share: impl Fn(&Line) -> Option<i64>,
) -> Option<Option<(Bounds, i128)>> {
    let mut found = Bounds { low: 0, high: 0 };
    let mut whole = None;
    for line in case.project.lines.values().filter(|line| !line.is_indirect()) {
        let (low, high) = share(line).map_or((0, WHOLE), |told| {
            let told = i128::from(told);
            (told, told)
        });
        found.low = found.low.checked_add(line.amount.checked_mul(low)?)?;
        found.high = found.high.checked_add(line.amount.checked_mul(high)?)?;
        whole = Some(whole.unwrap_or(0_i128).checked_add(line.amount)?);
    }
    Some(whole.map(|whole| (found, whole)))
}

/// At least a share of a whole; of nothing, nothing is known.
fn enough(found: Bounds, of: i128, least: Option<i128>) -> Option<RuleResult> {
    match least {
        Some(least) if of > 0 => at_least(found, of, least),
        _ => Some(RuleResult::Unknown),
    }
}

pub(super) fn gender(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let first = case.number("gender_template_year").unwrap_or(FIRST_TEMPLATE);
    let year = template_year(case);
    if year.is_some_and(|year| i128::from(year) < first) {
        return Some(Count::apart());
    }
    let Some((found, whole)) = part(case, |line| line.gender_bps)? else {
        return Some(Count::plain(RuleResult::Unknown));
    };
    trace.say(|| format!("gender {} to {} of {whole} x 10000", found.low, found.high));
    let of = whole.checked_mul(WHOLE)?;
    let in_template = |name: &str, plain: Option<i128>| {
        year.and_then(|year| case.number_in(name, year).or(plain))
    };
    let marker = case.project.gender_marker;
    // A marker of 2 or 3 asks for more; a lower one is too low for what is a lot.
    let share = match marker {
        Some(3..) => enough(found, of, in_template("marker_three_bps", Some(8_000)))?,
        Some(2) => enough(found, of, in_template("marker_two_bps", Some(3_000)))?,
        _ => enough(found, of, in_template("gender_bps", None))?,
    };
    let two = case.number("marker_two_bps").unwrap_or(3_000);
    let fits = match marker {
        Some(..2) => both(!reaches(found.high, of, two)?, !reaches(found.low, of, two)?),
        _ => RuleResult::Pass,
    };
    Some(Count::over(gravest([share, fits])?, found, of))
}

pub(super) fn monitoring(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let share = |line: &Line| line.is_monitoring.map(|is| if is { 10_000 } else { 0 });
    let Some((found, whole)) = part(case, share)? else {
        return Some(Count::apart());
    };
    let down = |number: i128| number.checked_div(WHOLE);
    let found = Bounds { low: down(found.low)?, high: down(found.high)? };
    trace.say(|| format!("monitoring {} to {} of {whole}", found.low, found.high));
    let result = enough(found, whole, case.number("monitoring_bps"))?;
    Some(Count::over(result, found, whole))
}
