//! Levers: what would make a rule pass, in exact cents or by name.
//!
//! Every lever is checked by testing the rule again with the change applied, and left
//! out where that does not pass. Calling money by another class is never a lever.

use crate::domain::money::grouped;
use crate::domain::verdict::RuleResult;
use crate::domain::{AsOf, Bounds, Bps, Money};
use crate::metrics::facts::{Fact, Item};

use super::evaluate::{Judged, judge, number_of};
use super::milestones;
use super::outcome::Lever;
use super::policy::{LeverKind, Measured};
use super::revisions;

/// The levers of a finding; none where it is passed, or where only better data helps.
pub(super) fn levers(judged: &Judged<'_>, as_of: AsOf) -> Vec<Lever> {
    let (Some(measured), Some(fact)) = (&judged.rule.measured, judged.fact) else {
        return Vec::new();
    };
    if !judged.is_open() || judged.doubted {
        return Vec::new();
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
        None => Vec::new(),
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
fn more_used(trial: &Trial<'_>) -> Vec<Lever> {
    if trial.judged.result == RuleResult::Unknown {
        let silent = trial
            .fact
            .items
            .iter()
            .filter(|item| item.kind == "recipient" && item.result == "UNKNOWN");
        return silent
            .map(|item| Lever {
                lever: "more_used",
                id: Some(item.id.clone()),
                amount: None,
                text: format!("Report what {} has spent and committed.", item.id),
            })
            .collect();
    }
    match more_used_amount(trial) {
        Some(amount) => vec![Lever {
            lever: "more_used",
            id: None,
            amount: Some(amount),
            text: format!(
                "Spend or commit {} more of what was transferred.",
                grouped(amount)
            ),
        }],
        None => Vec::new(),
    }
}

fn more_used_amount(trial: &Trial<'_>) -> Option<Money> {
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
    trial.passes(&changed).then(|| Money::from_cents(cents))
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
fn hardware_share(trial: &Trial<'_>) -> Vec<Lever> {
    if trial.judged.result != RuleResult::Fail {
        return Vec::new();
    }
    let more = more_non_hardware(trial).map(|amount| Lever {
        lever: "more_non_hardware",
        id: None,
        amount: Some(amount),
        text: format!("Plan {} more of what is not hardware.", grouped(amount)),
    });
    let less = less_hardware(trial).map(|amount| Lever {
        lever: "less_hardware",
        id: None,
        amount: Some(amount),
        text: format!("Plan {} less of hardware in this tranche.", grouped(amount)),
    });
    more.into_iter().chain(less).collect()
}

/// q·H − p·T: by how much hardware stands above its ceiling, times 10000.
fn excess(trial: &Trial<'_>) -> Option<(i128, i128)> {
    let (hardware, direct) = (trial.fact.numerator?.high, trial.fact.denominator?.low);
    let cap = i128::from(trial.judged.threshold?.0);
    let scaled = hardware.checked_mul(i128::from(Bps::WHOLE.0))?;
    Some((scaled.checked_sub(direct.checked_mul(cap)?)?, cap))
}

fn more_non_hardware(trial: &Trial<'_>) -> Option<Money> {
    let (excess, cap) = excess(trial)?;
    if cap <= 0 {
        return None;
    }
    let cents = ceiling(excess, cap)?;
    trial.passes(&moved(trial, 0, cents)?).then(|| Money::from_cents(cents))
}

fn less_hardware(trial: &Trial<'_>) -> Option<Money> {
    let (excess, cap) = excess(trial)?;
    let left = i128::from(Bps::WHOLE.0).checked_sub(cap)?;
    let cents = ceiling(excess, Some(left).filter(|left| *left > 0)?)?;
    let most = number_of(trial.fact, "k_hardware_high")?;
    let minus = cents.checked_neg()?;
    let passes = trial.passes(&moved(trial, minus, minus)?);
    (cents <= most && passes).then(|| Money::from_cents(cents))
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
fn items(trial: &Trial<'_>, kind: LeverKind) -> Vec<Lever> {
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
        return Vec::new();
    }
    trial.fact.items.iter().filter(open).map(|item| lever_on(item, kind)).collect()
}

fn lever_on(item: &Item, kind: LeverKind) -> Lever {
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
    let text = sentence(act, item);
    Lever { lever, id: Some(item.id.clone()), amount: None, text }
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
