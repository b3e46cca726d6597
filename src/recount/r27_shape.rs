//! R19: large assets, R27: dialogue and grass-roots, and R28: hardware in phases.

use std::collections::BTreeMap;

use crate::domain::class::Subclass;
use crate::domain::verdict::RuleResult;
use crate::domain::{Bounds, Class};

use super::case::{Case, Count, Trace, is_direct, money, sum};
use super::plan::{budget, planned};

/// No table holds an owner, a maintenance plan or a running cost, so that a large asset
/// is always a question.
pub(super) fn assets(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let least = case.number("asset_cents")?;
    let mut lines: BTreeMap<&str, i128> = BTreeMap::new();
    for share in &case.shares {
        let asset = matches!(share.subclass, Some(Subclass::H1 | Subclass::H2));
        if asset && share.class == Class::Hardware {
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

/// Gated hardware above an amount, all of it in the first tranche.
pub(super) fn phases(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    if !case.is_first() || !case.has_gated() {
        return Some(Count::apart());
    }
    let most = case.number("phasing_cents").unwrap_or(10_000_000);
    let here = case.sum(|share| share.is_gated())?;
    let mut later = 0_i128;
    for tranche in case.project.tranches().into_iter().filter(|n| *n > case.tranche) {
        let shares = planned(case.project, tranche)?;
        let gated = shares.iter().filter(|share| share.is_gated());
        later = later.checked_add(sum(gated.map(|share| share.amount))?)?;
    }
    trace.say(|| format!("gated hardware {} now, {} later", money(here), money(later)));
    let at_once = if later > 0 { 0 } else { here };
    let result = if at_once > most { RuleResult::Fail } else { RuleResult::Pass };
    Some(Count::over(result, Bounds { low: here, high: here }, most))
}
