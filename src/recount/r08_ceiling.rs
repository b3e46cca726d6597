//! R08: hardware up to this tranche under its ceiling (Q45), and R23: how much of the
//! tranche has no sure class (Q50).

use crate::domain::{Bounds, Class};

use super::case::{Case, Count, Trace, is_direct, is_doubtful, money, sum};
use super::plan::{budget, planned};
use super::result::{WHOLE, at_most};

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let concerned = |class: Class| class == Class::Hardware || is_doubtful(class);
    if case.sum(|share| concerned(share.class))? <= 0 {
        return Some(Count::apart());
    }
    let approved = budget(case.project)?;
    let of = |test: &dyn Fn(Class) -> bool| {
        sum(approved.iter().filter(|share| test(share.class)).map(|share| share.amount))
    };
    let direct = of(&is_direct)?;
    if direct <= 0 {
        return Some(Count::apart());
    }
    let hardware = of(&|class| class == Class::Hardware)?;
    let share = hardware.checked_mul(WHOLE)?.checked_div(direct)?;
    let cap = share.checked_add(case.number("ceiling_allowance_bps")?)?.min(WHOLE);
    trace.say(|| {
        let (hardware, direct) = (money(hardware), money(direct));
        format!("approved hardware {hardware} of {direct}: ceiling {cap}")
    });
    let (mut low, mut doubt, mut whole) = (0_i128, 0_i128, 0_i128);
    let mut past = (0_i128, 0_i128);
    for tranche in case.project.tranches_to(case.tranche) {
        if tranche == case.tranche {
            past = (whole, low.checked_add(doubt)?);
        }
        for share in planned(case.project, tranche)? {
            if share.class == Class::Hardware {
                low = low.checked_add(share.amount)?;
            } else if is_doubtful(share.class) {
                doubt = doubt.checked_add(share.amount)?;
            }
            if is_direct(share.class) {
                whole = whole.checked_add(share.amount)?;
            }
        }
        trace.say(|| {
            let (low, doubt, whole) = (money(low), money(doubt), money(whole));
            format!(
                "to tranche {tranche}: hardware {low}, doubtful {doubt}, direct {whole}"
            )
        });
    }
    let part = Bounds { low, high: low.checked_add(doubt)? };
    let mut count = Count::over(at_most(part, whole, cap)?, part, whole);
    count.threshold = i64::try_from(cap).ok();
    count.numbers.insert("past_direct", past.0);
    count.numbers.insert("past_hardware_high", past.1);
    Some(count)
}

pub(super) fn coverage(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let direct = case.sum(|share| is_direct(share.class))?;
    if direct <= 0 {
        return Some(Count::apart());
    }
    let least = case.number("low_confidence_bps")?;
    let unsure = case.sum(|share| {
        let low = i128::from(share.line.confidence_bps) < least;
        is_direct(share.class) && (is_doubtful(share.class) || low)
    })?;
    trace.say(|| format!("no sure class: {} of {}", money(unsure), money(direct)));
    let part = Bounds { low: unsure, high: unsure };
    Some(Count::over(at_most(part, direct, case.number("coverage_bps")?)?, part, direct))
}
