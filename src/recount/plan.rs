//! What a tranche plans to pay of every class of every line (Q31 to Q33).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::case::{Share, sum};
use super::result::divide_half_up;
use super::rows::{Line, Project};

/// Splits an amount in proportion to weights: each part rounded down, then one cent more
/// for the parts with the largest remainders, earlier ones first.
pub(super) fn split(amount: i128, weights: &[i128]) -> Option<Vec<i128>> {
    let whole = sum(weights.iter().copied())?;
    if whole <= 0 {
        return Some(vec![0; weights.len()]);
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut rests = Vec::with_capacity(weights.len());
    for (place, weight) in weights.iter().enumerate() {
        let exact = amount.checked_mul(*weight)?;
        parts.push(exact.checked_div(whole)?);
        rests.push((Reverse(exact.checked_rem(whole)?), place));
    }
    let mut left = amount.checked_sub(sum(parts.iter().copied())?)?;
    rests.sort_unstable();
    for (_, place) in rests {
        if left <= 0 {
            break;
        }
        let part = parts.get_mut(place)?;
        *part = part.checked_add(1)?;
        left = left.checked_sub(1)?;
    }
    Some(parts)
}

/// The class shares of an amount of a line.
pub(super) fn shares_of<'a>(
    id: &'a str,
    line: &'a Line,
    amount: i128,
) -> Option<Vec<Share<'a>>> {
    let mut parts = line.classes.clone();
    parts.sort_by_key(|part| (Reverse(part.weight), part.class, part.subclass));
    let weights: Vec<i128> = parts.iter().map(|part| part.weight).collect();
    let amounts = split(amount, &weights)?;
    let shares = parts.iter().zip(amounts).map(|(part, amount)| Share {
        id,
        line,
        class: part.class,
        subclass: part.subclass,
        amount,
    });
    Some(shares.collect())
}

/// The class shares of the approved budget, indirect cost included.
pub(super) fn budget(project: &Project) -> Option<Vec<Share<'_>>> {
    let mut all = Vec::new();
    for (id, line) in &project.lines {
        all.extend(shares_of(id, line, line.amount)?);
    }
    Some(all)
}

/// The class shares of one tranche, indirect cost left out, by line.
pub(super) fn planned(project: &Project, tranche: i64) -> Option<Vec<Share<'_>>> {
    let mut amounts: BTreeMap<&str, i128> = BTreeMap::new();
    let mut is_stated = false;
    for (of, id, amount) in &project.stated {
        if *of == tranche {
            is_stated = true;
            amounts.insert(id, *amount);
        }
    }
    if !is_stated {
        amounts = in_proportion(project, tranche)?;
    }
    let mut all = Vec::new();
    for (id, amount) in amounts {
        let Some((id, line)) = project.lines.get_key_value(id) else { continue };
        if !line.is_indirect() {
            all.extend(shares_of(id, line, amount)?);
        }
    }
    Some(all)
}

/// Lines in proportion to the recipient's part of its instalments (Q32).
fn in_proportion(project: &Project, tranche: i64) -> Option<BTreeMap<&str, i128>> {
    let mut whole: BTreeMap<&str, i128> = BTreeMap::new();
    let mut part: BTreeMap<&str, i128> = BTreeMap::new();
    for instalment in &project.instalments {
        let all = whole.entry(&instalment.recipient).or_insert(0);
        *all = all.checked_add(instalment.amount)?;
        if instalment.tranche == tranche {
            let here = part.entry(&instalment.recipient).or_insert(0);
            *here = here.checked_add(instalment.amount)?;
        }
    }
    let mut amounts = BTreeMap::new();
    for (recipient, here) in part {
        let mut lines: Vec<(&str, i128)> = project
            .lines
            .iter()
            .filter(|(_, line)| line.recipient == recipient && !line.is_indirect())
            .map(|(id, line)| (id.as_str(), line.amount))
            .collect();
        lines.sort_by_key(|(id, amount)| (Reverse(*amount), *id));
        let budget = sum(lines.iter().map(|(_, amount)| *amount))?;
        let all = whole.get(recipient).copied().unwrap_or(0);
        if budget <= 0 || all <= 0 {
            continue;
        }
        let share = divide_half_up(budget.checked_mul(here)?, all)?;
        let weights: Vec<i128> = lines.iter().map(|(_, amount)| *amount).collect();
        for ((id, _), amount) in lines.iter().zip(split(share, &weights)?) {
            amounts.insert(*id, amount);
        }
    }
    Some(amounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_go_to_the_largest_remainder_then_to_the_first() {
        assert_eq!(split(100, &[1, 1, 1]), Some(vec![34, 33, 33]));
        assert_eq!(split(101, &[5000, 5000]), Some(vec![51, 50]));
        assert_eq!(split(10, &[6667, 3333]), Some(vec![7, 3]));
        assert_eq!(split(0, &[1, 2]), Some(vec![0, 0]));
        assert_eq!(split(5, &[]), Some(vec![]));
    }
}
