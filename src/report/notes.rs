//! What stands below every report: basis, clocks, loads, doubt, caveats.

use crate::domain::money::grouped;
use crate::domain::time::spoken;
use crate::domain::{Class, Money};
use crate::error::Result;
use crate::workspace::Snapshot;

use super::Wanted;
use super::allocation::{allocations, sentence};
use super::amounts::{Amounts, FundTotal};
use super::told_twice::ToldTwice;

/// Returns the notes of a report, one sentence each.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn notes(
    amounts: &Amounts,
    fund: Option<&FundTotal>,
    wanted: &Wanted,
    snapshot: &Snapshot,
) -> Result<Vec<String>> {
    let mut notes = vec![format!(
        "Events to {}, as known {}. Basis: {}, in {}. Shares are of hardware, training and \
         sector-wide together.",
        spoken(wanted.as_of.0),
        spoken(wanted.known_at.0.date_naive()),
        wanted.basis.word(),
        amounts.currency,
    )];
    let mut doubtful = Money::ZERO;
    for sums in amounts.groups.values() {
        doubtful =
            Money::sum([doubtful, sums.of(Class::Mixed), sums.of(Class::Unclassified)])?;
    }
    if doubtful != Money::ZERO {
        notes.push(format!(
            "Mixed and unclassified: {} {}; hardware shares are therefore ranges.",
            amounts.currency,
            grouped(doubtful)
        ));
    }
    notes.extend(of_money(amounts)?);
    notes.push(match fund {
        None => format!("No total of fund {} is loaded.", wanted.fund),
        Some(fund) if wanted.basis.fits(&fund.basis) => format!(
            "Share of fund {}: of {} {} ({}).",
            wanted.fund,
            amounts.currency,
            grouped(fund.amount),
            fund.basis
        ),
        Some(fund) => format!(
            "BASIS_MISMATCH: the fund's total is of basis {}, not {}; its share compares \
             unlike things.",
            fund.basis,
            wanted.basis.word()
        ),
    });
    notes.push(
        "The published 72/21/7 and 19% are a 2012 review finding, not a target. They set \
         money allocated against expenditure; against transfers (US$300.1M) the share is \
         14.7% (BASIS_MISMATCH)."
            .to_owned(),
    );
    let loads: Vec<String> = snapshot
        .effective
        .loads
        .iter()
        .map(|load| format!("{} ({})", load.manifest.source, load.load_id))
        .collect();
    notes.push(format!("Loads: {}.", loads.join(", ")));
    Ok(notes)
}

/// How the money came to its class, and what was spread, converted or left out.
fn of_money(amounts: &Amounts) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    let allocated = allocations(amounts)?;
    if !allocated.is_empty() {
        notes.push(sentence(&allocated, &amounts.currency));
    }
    if let Some(absorbed) = amounts.absorbed {
        notes.push(format!(
            "Support of {} {} is spread over hardware, training and sector-wide work of \
             its own project (absorb_support); {} stays support.",
            amounts.currency,
            grouped(absorbed.spread),
            grouped(absorbed.left)
        ));
    }
    notes.extend(amounts.told_twice.iter().map(ToldTwice::note));
    for (currency, (told, usd)) in &amounts.converted {
        notes.push(format!(
            "Converted at the value date: {currency} {} is USD {}.",
            grouped(*told),
            grouped(*usd)
        ));
    }
    for (currency, amount) in &amounts.left_out {
        notes.push(format!(
            "Left out, because it is in another currency: {currency} {}.",
            grouped(*amount)
        ));
    }
    Ok(notes)
}
