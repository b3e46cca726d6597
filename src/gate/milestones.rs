//! The fewest milestones whose verification would show enough progress.

use crate::domain::{Bounds, Bps};
use crate::metrics::facts::{Fact, Item};

use super::levers::{Offer, Trial, sentence};
use super::outcome::Lever;

/// A milestone that is not achieved, or not known to be.
struct Open<'a> {
    item: &'a Item,
    critical: bool,
    /// What verifying it adds to the low and the high numerator.
    gain: Bounds,
}

/// One lever a milestone; all of them together make the rule pass, and none can be left
/// out. Critical milestones come first, then those that add most.
pub(super) fn levers(trial: &Trial<'_>) -> Offer {
    let Some(mut open) = open(trial.fact) else {
        return all(trial);
    };
    open.sort_by(|a, b| {
        let key = |m: &Open<'_>| (!m.critical, std::cmp::Reverse(m.gain.low));
        key(a).cmp(&key(b)).then_with(|| a.item.id.cmp(&b.item.id))
    });
    let critical = open.iter().filter(|milestone| milestone.critical).count();
    for count in critical.max(1)..=open.len() {
        let chosen: Vec<&Open<'_>> = open.iter().take(count).collect();
        let changed = verified(trial.fact, &chosen);
        if let Some(changed) = changed.filter(|changed| trial.passes(changed)) {
            let levers = chosen.iter().map(|milestone| lever(milestone.item, count));
            return Offer::all_of(levers.collect(), changed);
        }
    }
    Offer::default()
}

/// All milestones that are not achieved, where verifying them all is enough.
fn all(trial: &Trial<'_>) -> Offer {
    let mut changed = trial.fact.clone();
    changed.numerator = changed.denominator;
    for item in changed.items.iter_mut().filter(|item| item.kind == "milestone") {
        "PASS".clone_into(&mut item.result);
    }
    if !trial.passes(&changed) {
        return Offer::default();
    }
    let items = trial.fact.items.iter();
    let open: Vec<&Item> =
        items.filter(|item| item.kind == "milestone" && item.result != "PASS").collect();
    let levers = open.iter().map(|item| lever(item, open.len())).collect();
    Offer::all_of(levers, changed)
}

fn lever(item: &Item, count: usize) -> Lever {
    let act = match count {
        1 => "Verify milestone".to_owned(),
        _ => format!("Verify, with all {count} named here, milestone"),
    };
    Lever { id: Some(item.id.clone()), ..Lever::new("milestone", sentence(&act, item)) }
}

/// Milestones that are not achieved, with what each would add; nothing where the weights
/// are neither told nor even, because then it cannot be said which of them would do.
fn open(fact: &Fact) -> Option<Vec<Open<'_>>> {
    let milestones = || fact.items.iter().filter(|item| item.kind == "milestone");
    let mut sums = Bounds::exact(0);
    let mut open = Vec::new();
    for item in milestones() {
        let weight = weight(fact, item, milestones().count())?;
        let reached = reached(item);
        let part = |achieved: i128| weight.checked_mul(achieved);
        sums.low = sums.low.checked_add(part(reached.low)?)?;
        sums.high = sums.high.checked_add(part(reached.high)?)?;
        if item.result != "PASS" {
            let left =
                |achieved: i128| part(i128::from(Bps::WHOLE.0).checked_sub(achieved)?);
            let gain = Bounds { low: left(reached.low)?, high: left(reached.high)? };
            open.push(Open { item, critical: item.flag == "critical", gain });
        }
    }
    (fact.numerator == Some(sums)).then_some(open)
}

/// How far a milestone is, in basis points.
fn reached(item: &Item) -> Bounds {
    let whole = i128::from(Bps::WHOLE.0);
    match item.result.as_str() {
        "PASS" => Bounds::exact(whole),
        "UNKNOWN" => Bounds { low: 0, high: whole },
        _ => Bounds::exact(item.number.unwrap_or(0)),
    }
}

/// The weight that the metric tells, else the same for each.
fn weight(fact: &Fact, item: &Item, count: usize) -> Option<i128> {
    let told =
        fact.items.iter().find(|other| other.kind == "weight" && other.id == item.id);
    match told.and_then(|weight| weight.number) {
        Some(weight) => Some(weight),
        None => {
            let each =
                i128::try_from(count).ok()?.checked_mul(i128::from(Bps::WHOLE.0))?;
            fact.denominator?.high.checked_div(each)
        }
    }
}

/// The fact as it would be with these milestones verified.
fn verified(fact: &Fact, chosen: &[&Open<'_>]) -> Option<Fact> {
    let mut changed = fact.clone();
    let Bounds { mut low, mut high } = fact.numerator?;
    for milestone in chosen {
        low = low.checked_add(milestone.gain.low)?;
        high = high.checked_add(milestone.gain.high)?;
        let same =
            |item: &&mut Item| item.kind == "milestone" && item.id == milestone.item.id;
        if let Some(item) = changed.items.iter_mut().find(same) {
            "PASS".clone_into(&mut item.result);
        }
    }
    changed.numerator = Some(Bounds { low, high });
    Some(changed)
}
