//! R11: the share for gender equality, and R12: for monitoring and evaluation.

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace};
use super::r09_revisions::template_year;
use super::result::{WHOLE, at_least, both, gravest, reaches};
use super::rows::Line;

/// The first template that asks for a share, where the policy does not say.
const FIRST_TEMPLATE: i128 = 2018;

/// The budget, and the part of it that `share` gives in basis points; a line without a
/// share may be anything.
fn part(case: &Case<'_>, share: impl Fn(&Line) -> Option<i64>) -> Option<(Bounds, i128)> {
    let mut found = Bounds { low: 0, high: 0 };
    let mut whole = 0_i128;
    for line in case.project.lines.values() {
        let (low, high) = share(line).map_or((0, WHOLE), |told| {
            let told = i128::from(told);
            (told, told)
        });
        found.low = found.low.checked_add(line.amount.checked_mul(low)?)?;
        found.high = found.high.checked_add(line.amount.checked_mul(high)?)?;
        whole = whole.checked_add(line.amount)?;
    }
    Some((found, whole))
}

pub(super) fn gender(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let first = case.number("gender_template_year").unwrap_or(FIRST_TEMPLATE);
    let year = template_year(case);
    if year.is_some_and(|year| i128::from(year) < first) {
        return Some(Count::apart());
    }
    let (found, whole) = part(case, |line| line.gender_bps)?;
    if whole <= 0 {
        return Some(Count::apart());
    }
    trace.say(|| format!("gender {} to {} of {whole} x 10000", found.low, found.high));
    let of = whole.checked_mul(WHOLE)?;
    let Some(least) = year.and_then(|year| case.number_in("gender_bps", year)) else {
        return Some(Count::over(RuleResult::Unknown, found, of));
    };
    let share = at_least(found, of, least)?;
    let two = case.number("marker_two_bps").unwrap_or(3_000);
    let three = case.number("marker_three_bps").unwrap_or(8_000);
    let is = |at: i128, least: i128| reaches(at, of, least);
    let marker = match case.project.gender_marker {
        None => RuleResult::Unknown,
        Some(3) => both(is(found.low, three)?, is(found.high, three)?),
        Some(2) => both(is(found.low, two)?, is(found.high, two)?),
        Some(_) => both(!is(found.high, two)?, !is(found.low, two)?),
    };
    Some(Count::over(gravest([share, marker])?, found, of))
}

pub(super) fn monitoring(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let share = |line: &Line| line.is_monitoring.map(|is| if is { 10_000 } else { 0 });
    let (found, whole) = part(case, share)?;
    if whole <= 0 {
        return Some(Count::apart());
    }
    let down = |number: i128| number.checked_div(WHOLE);
    let found = Bounds { low: down(found.low)?, high: down(found.high)? };
    trace.say(|| format!("monitoring {} to {} of {whole}", found.low, found.high));
    Some(Count::over(
        at_least(found, whole, case.number("monitoring_bps")?)?,
        found,
        whole,
    ))
}
