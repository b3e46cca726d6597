//! R19: large assets, R27: dialogue and grass-roots, and R28: hardware in phases.

use std::collections::BTreeMap;

use crate::domain::class::Subclass;
use crate::domain::verdict::RuleResult;
use crate::domain::{Bounds, Class};

use super::case::{Case, Count, Share, Trace, is_direct, money, sum};
use super::plan::{budget, planned};
use super::result::both;

/// No table holds an owner, a maintenance plan or a running cost, so that a large asset
/// is always a question.
pub(super) fn assets(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let least = case.number("asset_cents")?;
    let mut lines: BTreeMap<&str, i128> = BTreeMap::new();
    for share in &case.shares {
        if share.subclass != Some(Subclass::H3) && share.class == Class::Hardware {
            let line = lines.entry(share.id).or_insert(0);
            *line = line.checked_add(share.amount)?;
        }
    }
    lines.retain(|_, amount| *amount > least);
    trace.say(|| format!("large assets: {lines:?}"));
    Some(if lines.is_empty() {
        Count::apart()
    } else {
        Count::plain(RuleResult::Unknown)
    })
}

/// Information only: dialogue (S4) and community security (S11) in direct cost.
pub(super) fn dialogue(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let shares = budget(case.project)?;
    let of = |test: &dyn Fn(Class, Option<Subclass>) -> bool| {
        let picked = shares.iter().filter(|share| test(share.class, share.subclass));
        sum(picked.map(|share| share.amount))
    };
    let direct = of(&|class, _| is_direct(class))?;
    if direct <= 0 {
        return Some(Count::apart());
    }
    let low = of(&|_, sub| matches!(sub, Some(Subclass::S4 | Subclass::S11)))?;
    let open = of(&|class, sub| {
        (class == Class::SectorWide && sub.is_none()) || super::case::is_doubtful(class)
    })?;
    trace.say(|| format!("dialogue {}, perhaps {} more", money(low), money(open)));
    let part = Bounds { low, high: low.checked_add(open)? };
    Some(Count::over(RuleResult::Pass, part, direct))
}

/// Gated hardware above an amount, all of it in the first tranche; money without a
/// clear class may be hardware or not.
pub(super) fn phases(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    if !case.is_first() || !case.has_gated() {
        return Some(Count::apart());
    }
    let most = case.number("phasing_cents").unwrap_or(10_000_000);
    let now = gated(case.shares.iter())?;
    let mut later = Bounds { low: 0, high: 0 };
    for tranche in case.project.tranches_to(i64::MAX).into_iter().filter(|n| *n > 1) {
        let shares = planned(case.project, tranche)?;
        let more = gated(shares.iter())?;
        later.low = later.low.checked_add(more.low)?;
        later.high = later.high.checked_add(more.high)?;
    }
    trace.say(|| format!("gated hardware {now:?} cents now, {later:?} later"));
    let at_once = Bounds {
        low: if later.high > 0 { 0 } else { now.low },
        high: if later.low > 0 { 0 } else { now.high },
    };
    let result = both(at_once.high <= most, at_once.low <= most);
    Some(Count::over(result, at_once, most))
}

/// Gated money that is hardware, and that may be.
fn gated<'s>(shares: impl Iterator<Item = &'s Share<'s>> + Clone) -> Option<Bounds> {
    let gated = shares.filter(|share| share.is_gated());
    let sure = gated.clone().filter(|share| share.class == Class::Hardware);
    Some(Bounds {
        low: sum(sure.map(|share| share.amount))?,
        high: sum(gated.map(|share| share.amount))?,
    })
}
