//! `ssrfund gate board`: the next tranches of many projects as a table.

use serde_json::{Value, json};

use crate::domain::Money;
use crate::domain::verdict::{RuleResult, Verdict};
use crate::error::Result;
use crate::gate::Decision;

use super::super::context::Context;
use super::super::flags::BoardArgs;
use super::super::report::{Told, write};
use super::super::rules;
use super::ask::Wanted;
use super::write::not_passed;
use super::{all_unless_named, ask, decide_over};

/// Writes the board; a board that ran is a success whatever it shows.
///
/// # Errors
/// The data or policy cannot be used, or the output cannot be written.
pub(super) fn run(context: &Context, args: &BoardArgs) -> Result<u8> {
    let policy = rules::policy(context, args.policy.as_deref())?;
    let opened = context.open_to_decide_by(&policy.policy)?;
    let as_of = context.as_of()?;
    let select = all_unless_named(&args.select);
    let wanted = ask::wanted(context, &select, &opened.snapshot, as_of)?;
    let decisions = decide_over(&opened, &policy, as_of, &wanted.asked)?;
    let rows: Vec<Value> =
        decisions.iter().map(|one| row(one, &wanted, select.due)).collect();
    let notes = notes(&decisions)?;
    let object = json!({
        "report": "gate-board",
        "title": "Next tranches",
        "as_of": as_of,
        "known_at": opened.snapshot.known_at(),
        "policy": {"id": policy.policy.id, "version": policy.policy.version,
                   "sha256": policy.sha256},
        "rows": rows,
        "notes": notes,
    });
    write(context, &Told { object, rows, notes })?;
    Ok(0)
}

fn row(decision: &Decision, wanted: &Wanted, shows_due: bool) -> Value {
    let missing: usize = decision.rules.iter().map(|rule| rule.missing.len()).sum();
    let waived = decision.rules.iter().filter(|rule| rule.result == RuleResult::Waived);
    let mut row = json!({
        "project_id": decision.project_id,
        "tranche": decision.tranche,
        "verdict": decision.verdict.word(),
        "official": decision.verdict_official.verdict.word(),
        "currency": decision.currency,
        "requested": decision.requested,
        "payable": decision.payable,
        "held": decision.held,
        "not_passed": not_passed(decision).join(" "),
        "waived": waived.map(|rule| rule.rule_id.as_str()).collect::<Vec<_>>().join(" "),
        "facts_missing": missing,
        "title": decision.project_title,
    });
    if let (true, Some(object)) = (shows_due, row.as_object_mut()) {
        let key = (decision.project_id.clone(), decision.tranche);
        let due: Vec<String> = wanted
            .due
            .get(&key)
            .into_iter()
            .flatten()
            .map(|due| format!("{} {}", due.on, due.what))
            .collect();
        object.insert("due".to_owned(), json!(due.join("; ")));
    }
    row
}

/// The sums by currency, and how many projects each verdict has.
fn notes(decisions: &[Decision]) -> Result<Vec<String>> {
    use std::collections::BTreeMap;
    let mut sums: BTreeMap<&str, [Money; 3]> = BTreeMap::new();
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for decision in decisions {
        let [requested, payable, held] =
            sums.entry(decision.currency.as_str()).or_default();
        *requested = requested.plus(decision.requested)?;
        *payable = payable.plus(decision.payable)?;
        *held = held.plus(decision.held)?;
        let count = counts.entry(decision.verdict).or_default();
        *count = count.saturating_add(1);
    }
    let grouped = crate::domain::money::grouped;
    let mut notes: Vec<String> = sums
        .into_iter()
        .map(|(currency, [requested, payable, held])| {
            format!(
                "{currency}: requested {}, payable {}, held {}",
                grouped(requested),
                grouped(payable),
                grouped(held)
            )
        })
        .collect();
    let counts: Vec<String> =
        counts.into_iter().map(|(v, count)| format!("{} {count}", v.word())).collect();
    if !counts.is_empty() {
        notes.push(counts.join(", "));
    }
    Ok(notes)
}
