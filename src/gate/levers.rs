//! Levers: what would make a rule pass, in exact cents or by name.
//!
//! Every lever is checked by testing the rule again with the change applied, and left
//! out where that does not pass. Calling money by another class is never a lever.
//! [`offer`] gives the changed fact too, so that levers of several rules can be tried
//! together.

use chrono::{Days, NaiveDate};

use crate::domain::money::grouped;
use crate::domain::verdict::RuleResult;
use crate::domain::{AsOf, Bounds, Bps, Money};
use crate::metrics::facts::{Fact, Item};

use super::evaluate::{Judged, judge, number_of};
use super::milestones;
use super::outcome::Lever;
use super::policy::{LeverKind, Measured};
use super::revisions;

/// The levers of one rule, and its fact with them applied.
#[derive(Debug, Clone, Default)]
pub(super) struct Offer {
    /// The levers; of money that may be moved in two ways, both.
    pub(super) levers: Vec<Lever>,
    /// How many of the levers, from the first, make the changed fact.
    pub(super) needed: usize,
    /// The fact with those levers applied; the rule passes on it.
    pub(super) changed: Option<Fact>,
}

impl Offer {
    /// Levers that are needed together.
    pub(super) fn all_of(levers: Vec<Lever>, changed: Fact) -> Self {
        Self { needed: levers.len(), levers, changed: Some(changed) }
    }
}

/// The levers of a finding; none where it is passed, or where only better data helps.
pub(super) fn levers(judged: &Judged<'_>, as_of: AsOf) -> Vec<Lever> {
    offer(judged, as_of).levers
}

/// The levers of a rule with what they would change.
pub(super) fn offer(judged: &Judged<'_>, as_of: AsOf) -> Offer {
    let (Some(measured), Some(fact)) = (&judged.rule.measured, judged.fact) else {
        return Offer::default();
    };
    if !judged.is_open() || judged.doubted {
        return Offer::default();
    }
    let trial = Trial { judged, measured, fact, as_of };
    match measured.lever {
        Some(LeverKind::MoreUsed) => more_used(&trial),
        Some(LeverKind::HardwareShare) => hardware_share(&trial),
        Some(LeverKind::Milestone) => milestones::levers(&trial),
        Some(LeverKind::LessChange) => revisions::less_change(&trial),
        Some(LeverKind::MoreBudget) => revisions::more_budget(&trial),
        Some(LeverKind::MoreShare) => revisions::more_share(&trial),
        Some(kind) => items(&trial, kind),
        None => Offer::default(),
    }
}

/// A rule that is tested again on changed facts.
pub(super) struct Trial<'a> {
    pub(super) judged: &'a Judged<'a>,
    pub(super) measured: &'a Measured,
    pub(super) fact: &'a Fact,
    pub(super) as_of: AsOf,
}

impl Trial<'_> {
    /// Whether the rule passes on another fact.
    pub(super) fn passes(&self, changed: &Fact) -> bool {
        let again = judge(self.judged.rule, self.measured, "", Some(changed), self.as_of);
        again.result == RuleResult::Pass
    }
}

/// A sentence about an item, with what its metric says of it.
pub(super) fn sentence(act: &str, item: &Item) -> String {
    let more =
        if item.text.is_empty() { String::new() } else { format!(": {}", item.text) };
    format!("{act} {}{more}.", item.id)
}

/// How much more of the earlier tranches must be spent or committed (Q18); where a
/// recipient's figure is missing, that figure.
fn more_used(trial: &Trial<'_>) -> Offer {
    if trial.judged.result == RuleResult::Unknown {
        let silent = trial
            .fact
            .items
            .iter()
            .filter(|item| item.kind == "recipient" && item.result == "UNKNOWN");
        let told: Vec<Lever> = silent
            .map(|item| Lever {
                id: Some(item.id.clone()),
                ..Lever::new(
                    "more_used",
                    format!("Report what {} has spent and committed.", item.id),
                )
            })
            .collect();
        // The figure decides: with the most that it can be, the rule passes.
        let mut changed = trial.fact.clone();
        changed.numerator = changed.numerator.map(|used| Bounds::exact(used.high));
        let passes = !told.is_empty() && trial.passes(&changed);
        return if passes { Offer::all_of(told, changed) } else { Offer::default() };
    }
    more_used_amount(trial).map_or_else(Offer::default, |(amount, changed)| {
        let words =
            format!("Spend or commit {} more of what was transferred.", grouped(amount));
        let lever = Lever { amount: Some(amount), ..Lever::new("more_used", words) };
        Offer::all_of(vec![lever], changed)
    })
}

fn more_used_amount(trial: &Trial<'_>) -> Option<(Money, Fact)> {
    let (used, of) = (trial.fact.numerator?, trial.fact.denominator?);
    let unclamped = match number_of(trial.fact, "used_unclamped_low") {
        Some(number) => number,
        // Where use is above zero it was not clamped.
        None => Some(used.low).filter(|low| *low > 0)?,
    };
    let cents = shortfall(unclamped, of.high, trial.judged.threshold?)?;
    let low = unclamped.checked_add(cents)?.max(0);
    let mut changed = trial.fact.clone();
    changed.numerator = Some(Bounds { low, high: used.high.max(low) });
    trial.passes(&changed).then(|| (Money::from_cents(cents), changed))
}

/// ⌈(p·d − q·n) / q⌉ with p/q the threshold: what the numerator lacks.
pub(super) fn shortfall(
    numerator: i128,
    denominator: i128,
    threshold: Bps,
) -> Option<i128> {
    let whole = i128::from(Bps::WHOLE.0);
    let wanted = denominator.checked_mul(i128::from(threshold.0))?;
    ceiling(wanted.checked_sub(numerator.checked_mul(whole)?)?, whole)
}

/// `a / b` rounded up.
pub(super) fn ceiling(a: i128, b: i128) -> Option<i128> {
    a.checked_neg()?.checked_div_euclid(b)?.checked_neg()
}

/// How much other cost would carry the hardware, or how much hardware is too much (Q45);
/// both at the high bound.
fn hardware_share(trial: &Trial<'_>) -> Offer {
    if trial.judged.result != RuleResult::Fail {
        return Offer::default();
    }
    let more = more_non_hardware(trial).map(|(amount, changed)| {
        let words = format!("Plan {} more of what is not hardware.", grouped(amount));
        let lever = Lever::new("more_non_hardware", words);
        (Lever { amount: Some(amount), ..lever }, changed)
    });
    let less = less_hardware(trial).map(|(amount, changed)| {
        let words = format!("Plan {} less of hardware in this tranche.", grouped(amount));
        (Lever { amount: Some(amount), ..Lever::new("less_hardware", words) }, changed)
    });
    // Either of the two is enough.
    let (levers, mut facts): (Vec<Lever>, Vec<Fact>) =
        more.into_iter().chain(less).unzip();
    facts.truncate(1);
    Offer { levers, needed: 1, changed: facts.pop() }
}

/// q·H − p·T: by how much hardware stands above its ceiling, times 10000.
fn excess(trial: &Trial<'_>) -> Option<(i128, i128)> {
    let (hardware, direct) = (trial.fact.numerator?.high, trial.fact.denominator?.low);
    let cap = i128::from(trial.judged.threshold?.0);
    let scaled = hardware.checked_mul(i128::from(Bps::WHOLE.0))?;
    Some((scaled.checked_sub(direct.checked_mul(cap)?)?, cap))
}

fn more_non_hardware(trial: &Trial<'_>) -> Option<(Money, Fact)> {
    let (excess, cap) = excess(trial)?;
    if cap <= 0 {
        return None;
    }
    let cents = ceiling(excess, cap)?;
    let changed = moved(trial, 0, cents)?;
    trial.passes(&changed).then(|| (Money::from_cents(cents), changed))
}

fn less_hardware(trial: &Trial<'_>) -> Option<(Money, Fact)> {
    let (excess, cap) = excess(trial)?;
    let left = i128::from(Bps::WHOLE.0).checked_sub(cap)?;
    let cents = ceiling(excess, Some(left).filter(|left| *left > 0)?)?;
    let most = number_of(trial.fact, "k_hardware_high")?;
    let minus = cents.checked_neg()?;
    let changed = moved(trial, minus, minus)?;
    let passes = trial.passes(&changed);
    (cents <= most && passes).then(|| (Money::from_cents(cents), changed))
}

/// The fact with both bounds of hardware and of direct cost moved.
fn moved(trial: &Trial<'_>, hardware: i128, direct: i128) -> Option<Fact> {
    let shift = |bounds: Bounds, by: i128| {
        let (low, high) = (bounds.low.checked_add(by)?, bounds.high.checked_add(by)?);
        Some(Bounds { low, high })
    };
    let mut changed = trial.fact.clone();
    changed.numerator = Some(shift(trial.fact.numerator?, hardware)?);
    changed.denominator = Some(shift(trial.fact.denominator?, direct)?);
    Some(changed)
}

/// One lever for each thing that is not there, where all of them together would do.
fn items(trial: &Trial<'_>, kind: LeverKind) -> Offer {
    let open = |item: &&Item| matches!(item.result.as_str(), "FAIL" | "UNKNOWN");
    let mut changed = trial.fact.clone();
    for item in &mut changed.items {
        "PASS".clone_into(&mut item.result);
    }
    changed.codes.retain(|code| !trial.measured.codes.contains_key(code));
    changed.numerator = changed.numerator.map(|_| {
        changed.denominator.map_or(Bounds::exact(0), |of| Bounds::exact(of.high))
    });
    if !trial.passes(&changed) {
        return Offer::default();
    }
    let open = trial.fact.items.iter().filter(open);
    Offer::all_of(open.map(|item| lever_on(item, kind)).collect(), changed)
}

/// The day that an item names, as days since 1970-01-01.
fn day(item: &Item) -> Option<NaiveDate> {
    let days = u64::try_from(item.number?).ok()?;
    NaiveDate::default().checked_add_days(Days::new(days))
}

fn lever_on(item: &Item, kind: LeverKind) -> Lever {
    // A suspension that ends is waited for; the clearance itself stands.
    let ends = kind == LeverKind::Clearance && item.flag == "SUSPENDED";
    if let (true, Some(date)) = (ends, day(item)) {
        let act = format!("Wait until {date} for the unit of line");
        let lever = Lever::new("date", sentence(&act, item));
        return Lever { id: Some(item.id.clone()), date: Some(date), ..lever };
    }
    let (lever, act) = match (kind, item.id.as_str(), item.result.as_str()) {
        // A day that is not known is to be told; a start comes, an end is moved.
        (LeverKind::Date, _, "UNKNOWN") => ("date", "Tell the"),
        (LeverKind::Date, "end", _) => ("revision", "Approve an extension of the"),
        (LeverKind::Date, _, _) => ("date", "Wait for the"),
        (LeverKind::Report, _, _) => ("report", "Submit, and have accepted,"),
        (LeverKind::Review, _, _) => ("review", "Complete a review of"),
        (LeverKind::Clearance, _, _) => match item.kind.as_str() {
            "signature" => ("clearance", "Have the request signed by the"),
            "dsr" => ("clearance", "Record the mandate, a"),
            _ => ("clearance", "Clear the unit of line"),
        },
        (kind, _, _) => (kind.word(), "Approve a revision for"),
    };
    let date = if lever == "date" { day(item) } else { None };
    Lever { id: Some(item.id.clone()), date, ..Lever::new(lever, sentence(act, item)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortfall_is_exact_to_the_cent() {
        let tranche = 100_000_000;
        assert_eq!(shortfall(74_999_999, tranche, Bps(7500)), Some(1));
        assert_eq!(shortfall(-5, tranche, Bps(7500)), Some(75_000_005));
        // 7500 × 33 / 10000 = 24.75, so that 25 cents are needed.
        assert_eq!(shortfall(0, 33, Bps(7500)), Some(25));
    }
}
