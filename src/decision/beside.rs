//! Overrides, money without a clear class, and levers over all rules, in words.

use crate::domain::Money;
use crate::domain::money::grouped;
use crate::domain::time::spoken;
use crate::domain::verdict::RuleResult;
use crate::gate::Decision;
use crate::gate::beside::{AppliedOverride, Reading};
use crate::gate::outcome::{ClassUse, Finding, Lever};

use super::note::Note;

/// What overrides set aside, apart from what is met.
pub(super) fn waived(note: &mut Note, decision: &Decision) {
    for one in &decision.overrides {
        note.blank();
        note.wrapped("", 4, &override_words(one));
    }
    if decision.overrides.len() > 1 {
        let released = grouped(decision.waived.released);
        note.blank();
        note.wrapped("", 4, &format!("Payable only because of overrides: {released}."));
    }
}

fn override_words(one: &AppliedOverride) -> String {
    let part = if one.scope_ids.is_empty() {
        String::new()
    } else {
        format!(" for {} {}", one.scope, one.scope_ids.join(", "))
    };
    let second =
        one.second_signatory.as_ref().map_or(String::new(), |who| format!(" and {who}"));
    let condition = one
        .conditions
        .as_ref()
        .map_or(String::new(), |what| format!(" Condition: {what}."));
    format!(
        "{} waived{part} by override {} ({}), signed by {}, {}{second}, until {}; without it \
         {} less would be payable.{condition}",
        one.rule_id,
        one.override_id,
        one.reason_code,
        one.signatory,
        one.signatory_role,
        spoken(one.valid_to),
        grouped(one.released),
    )
}

/// Whether the answer hangs on money without a clear class.
pub(super) fn classification(note: &mut Note, decision: &Decision) {
    let told = &decision.classification;
    if told.doubtful <= Money::ZERO {
        return;
    }
    let doubtful = grouped(told.doubtful);
    let (Some(software), Some(hardware)) = (&told.as_software, &told.as_hardware) else {
        return;
    };
    let words = if told.decides {
        let largest = told.lines.first().map_or(String::new(), |line| {
            format!("; the largest is line {} ({})", line.line_id, grouped(line.amount))
        });
        format!(
            "What the {doubtful} without a clear class is decides: {} if it is software, {} \
             if it is hardware{largest}.",
            reading(software),
            reading(hardware)
        )
    } else {
        format!(
            "The answer is the same whatever the {doubtful} without a clear class turns out \
             to be."
        )
    };
    note.blank();
    note.wrapped("", 2, &words);
}

fn reading(reading: &Reading) -> String {
    format!("{} with {} payable", reading.verdict.word(), grouped(reading.payable))
}

/// The answer once every lever is pulled.
pub(super) fn together(note: &mut Note, decision: &Decision) {
    let Some(gives) = &decision.levers.gives else { return };
    let without = if decision.levers.without.is_empty() {
        String::new()
    } else {
        format!(
            " Nothing that can be done is known for {}.",
            decision.levers.without.join(", ")
        )
    };
    note.blank();
    // A figure that is still to be told decides by what it is.
    let told = |lever: &Lever| lever.lever == "more_used" && lever.amount.is_none();
    let best = decision.levers.all_of.iter().any(|one| told(&one.lever));
    let best = if best { ", at best" } else { "" };
    let words =
        format!("With what is marked > above: {}{best}.{without}", reading(gives));
    note.wrapped("", 2, &words);
}

/// The use of the previous tranche by class, as information.
pub(super) fn class_use(finding: &Finding) -> Option<String> {
    let uses = finding.alternatives.as_ref().map(|others| others.by_class.as_slice())?;
    let share = |one: &ClassUse| {
        let used = crate::domain::Bps(one.used_bps).percent();
        let least = if one.result == RuleResult::Unknown { "at least " } else { "" };
        format!("{} {least}{used}", one.class.replace('_', "-"))
    };
    let told: Vec<String> = uses.iter().map(share).collect();
    (!told.is_empty()).then(|| {
        format!("By class, of what the previous tranche planned: {}.", told.join(", "))
    })
}
