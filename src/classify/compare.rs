//! What other rules would move: line by line, and from class to class in money.

use std::collections::BTreeMap;

use crate::domain::{Class, Money};
use crate::error::Result;

use super::lines::{ClassShare, ClassifiedLine, ClassifiedLines};

/// Money by the class that it has and the class that it would have.
pub type Matrix = BTreeMap<(Class, Class), Money>;

/// A line that other rules would read in another way.
#[derive(Debug, Clone)]
pub struct Moved<'a> {
    /// The line as it is.
    pub old: &'a ClassifiedLine,
    /// The line as it would be.
    pub new: &'a ClassifiedLine,
    /// How much of its money would have another class.
    pub money: Money,
}

/// The lines that would be read in another way, those that move most money first.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn moved<'a>(
    old: &'a ClassifiedLines,
    new: &'a ClassifiedLines,
) -> Result<Vec<Moved<'a>>> {
    let mut all = Vec::new();
    for (id, old) in &old.0 {
        let Some(new) = new.0.get(id) else { continue };
        if reading(old) == reading(new) {
            continue;
        }
        let away = flows(old, new)?.into_iter().filter(|((from, to), _)| from != to);
        let money = Money::sum(away.map(|(_, money)| money))?;
        all.push(Moved { old, new, money });
    }
    all.sort_by(|a, b| {
        b.money
            .cmp(&a.money)
            .then_with(|| b.old.amount.cmp(&a.old.amount))
            .then_with(|| a.old.line_id.cmp(&b.old.line_id))
    });
    Ok(all)
}

/// All that verdicts and reports read of a line's class.
fn reading(
    line: &ClassifiedLine,
) -> (&[ClassShare], &str, i64, crate::domain::Beneficiary) {
    (&line.shares, &line.rule_id, line.confidence_bps, line.beneficiary)
}

/// Where the money of a line stands and where it would stand: what a class keeps stays,
/// the rest goes from the classes that lose to those that gain, in the order of classes.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn flows(old: &ClassifiedLine, new: &ClassifiedLine) -> Result<Matrix> {
    let mut losing = by_class(old)?;
    let mut gaining = by_class(new)?;
    let mut flows = Matrix::new();
    for (class, had) in &mut losing {
        let Some(has) = gaining.get_mut(class) else { continue };
        let kept = (*had).min(*has);
        if kept > Money::ZERO {
            flows.insert((*class, *class), kept);
            *had = had.minus(kept)?;
            *has = has.minus(kept)?;
        }
    }
    for (from, left) in &mut losing {
        for (to, room) in &mut gaining {
            let part = (*left).min(*room);
            if part > Money::ZERO {
                let sum = flows.entry((*from, *to)).or_default();
                *sum = sum.plus(part)?;
                *left = left.minus(part)?;
                *room = room.minus(part)?;
            }
        }
    }
    Ok(flows)
}

/// Adds the flows of a line to a matrix.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn add(matrix: &mut Matrix, flows: &Matrix) -> Result<()> {
    for (cell, money) in flows {
        let sum = matrix.entry(*cell).or_default();
        *sum = sum.plus(*money)?;
    }
    Ok(())
}

fn by_class(line: &ClassifiedLine) -> Result<BTreeMap<Class, Money>> {
    let mut sums: BTreeMap<Class, Money> = BTreeMap::new();
    for (share, amount) in line.split(line.amount)? {
        let sum = sums.entry(share.class).or_default();
        *sum = sum.plus(amount)?;
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::class::Method;
    use crate::domain::{Beneficiary, GateTreatment};
    use crate::tables::Cell;

    fn line(cents: i128, shares: &[(Class, i64)]) -> ClassifiedLine {
        let shares = shares.iter().map(|(class, share_bps)| ClassShare {
            class: *class,
            subclass: None,
            share_bps: *share_bps,
            weight: i128::from(*share_bps),
            gate_treatment: GateTreatment::of(*class, Beneficiary::Police, false),
            eligibility: String::new(),
        });
        ClassifiedLine {
            line_id: "L".to_owned(),
            project_id: "P".to_owned(),
            recipient: "UNDP".to_owned(),
            amount: Money::from_cents(cents),
            beneficiary: Beneficiary::Police,
            subject_unit: None,
            method: Method::Lexicon,
            rule_id: "C5".to_owned(),
            matched: String::new(),
            runner_up: None,
            confidence_bps: 9000,
            shares: shares.collect(),
            provenance: [Cell::Empty, Cell::Empty, Cell::Empty],
            stale: None,
        }
    }

    #[test]
    fn what_a_class_keeps_stays() {
        let old = line(1000, &[(Class::Hardware, 6000), (Class::Training, 4000)]);
        let new = line(1000, &[(Class::Hardware, 5000), (Class::SectorWide, 5000)]);
        let flows = flows(&old, &new).unwrap();
        let of = |from, to| flows.get(&(from, to)).map(|money| money.cents());
        assert_eq!(of(Class::Hardware, Class::Hardware), Some(500));
        assert_eq!(of(Class::Hardware, Class::SectorWide), Some(100));
        assert_eq!(of(Class::Training, Class::SectorWide), Some(400));
        assert_eq!(flows.len(), 3);
    }

    fn shares() -> impl Strategy<Value = Vec<(Class, i64)>> {
        proptest::collection::vec((0..Class::ALL.len(), 1_i64..100), 1..6).prop_map(
            |raw| {
                let whole: i64 = raw.iter().map(|(_, weight)| weight).sum();
                let mut shares: Vec<(Class, i64)> = raw
                    .into_iter()
                    .map(|(class, weight)| (Class::ALL[class], weight * 10_000 / whole))
                    .collect();
                let sum: i64 = shares.iter().map(|(_, share)| share).sum();
                shares[0].1 += 10_000 - sum;
                shares
            },
        )
    }

    proptest! {
        #[test]
        fn flows_conserve_every_cent(
            cents in 0_i128..100_000_000_000,
            before in shares(),
            after in shares(),
        ) {
            let (old, new) = (line(cents, &before), line(cents, &after));
            let flows = flows(&old, &new).unwrap();
            for class in Class::ALL {
                let sum = |pick: &dyn Fn(&(Class, Class)) -> Class| -> i128 {
                    let cells = flows.iter().filter(|(cell, _)| pick(cell) == *class);
                    cells.map(|(_, money)| money.cents()).sum()
                };
                let of = |line: &ClassifiedLine| -> i128 {
                    by_class(line).unwrap().get(class).map_or(0, |money| money.cents())
                };
                prop_assert_eq!(sum(&|cell| cell.0), of(&old));
                prop_assert_eq!(sum(&|cell| cell.1), of(&new));
            }
        }
    }
}
