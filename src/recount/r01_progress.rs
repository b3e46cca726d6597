//! R01: progress of the software milestones due before the tranche (Q40).

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace};
use super::result::{WHOLE, both, reaches};
use super::rows::{Milestone, Observation};

pub(super) fn count(case: &Case<'_>, wide: bool, trace: &mut Trace) -> Option<Count> {
    if case.is_first() || !case.has_gated() {
        return Some(Count::apart());
    }
    let due: Vec<&Milestone> = case
        .project
        .milestones
        .iter()
        .filter(|m| m.class == "sector_wide" || (wide && m.class == "training"))
        .filter(|m| m.tranche < case.tranche && m.due_on <= case.day)
        .collect();
    if due.is_empty() {
        trace.say(|| "no software milestone is due before the tranche".to_owned());
        return Some(Count::plain(RuleResult::Fail));
    }
    let mut part = Bounds { low: 0, high: 0 };
    let mut of = 0_i128;
    let (mut all_critical, mut none_missed) = (true, true);
    for milestone in due {
        let reached = achievement(case, milestone)?;
        let weight = i128::from(milestone.weight);
        trace.say(|| {
            format!(
                "{}: weight {weight}, {} to {} basis points",
                milestone.id, reached.low, reached.high
            )
        });
        part.low = part.low.checked_add(weight.checked_mul(reached.low)?)?;
        part.high = part.high.checked_add(weight.checked_mul(reached.high)?)?;
        of = of.checked_add(weight.checked_mul(WHOLE)?)?;
        if milestone.is_critical {
            all_critical = all_critical && reached.low == WHOLE;
            none_missed = none_missed && reached.high == WHOLE;
        }
    }
    let least = case.number("progress_bps")?;
    let worst = reaches(part.low, of, least)? && all_critical;
    let best = reaches(part.high, of, least)? && none_missed;
    Some(Count::over(both(worst, best), part, of))
}

/// How far a milestone is, in basis points; anything where it is not known.
fn achievement(case: &Case<'_>, milestone: &Milestone) -> Option<Bounds> {
    let unknown = Bounds { low: 0, high: WHOLE };
    let counts = |seen: &&Observation| {
        let measured = if milestone.is_number {
            seen.value.is_some()
        } else {
            seen.verified.is_some()
        };
        seen.group.is_empty() && seen.has_evidence && measured && case.happened(seen.on)
    };
    let newest = milestone.seen.iter().filter(counts).max_by_key(|seen| seen.on);
    let Some(newest) = newest else { return Some(unknown) };
    if !milestone.is_number {
        let reached = if newest.verified == Some(true) { WHOLE } else { 0 };
        return Some(Bounds { low: reached, high: reached });
    }
    let (Some(from), Some(to), Some(at)) =
        (milestone.baseline, milestone.target, newest.value)
    else {
        return Some(unknown);
    };
    let way = to.checked_sub(from)?;
    if way == 0 {
        return Some(unknown);
    }
    let gone = at.checked_sub(from)?.checked_mul(WHOLE)?;
    // Rounded down before it is kept within the whole, also for a falling indicator.
    let down = if way < 0 {
        gone.checked_neg()?.checked_div_euclid(way.checked_neg()?)?
    } else {
        gone.checked_div_euclid(way)?
    };
    let reached = down.clamp(0, WHOLE);
    Some(Bounds { low: reached, high: reached })
}
