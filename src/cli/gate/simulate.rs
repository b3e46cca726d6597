//! `ssrfund gate simulate`: the same requests under another policy, side by side.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::decision::assess::PolicyFile;
use crate::domain::money::grouped;
use crate::domain::verdict::Verdict;
use crate::domain::{AsOf, Money};
use crate::error::Result;
use crate::gate::Decision;

use super::super::context::Context;
use super::super::flags::SimulateArgs;
use super::super::report::{Told, write};
use super::super::rules;
use super::write::not_passed;
use super::{all_unless_named, ask, days, decide_over};

/// The two answers of one request on one day.
struct Pair {
    now: Decision,
    then: Decision,
}

impl Pair {
    fn flips(&self) -> bool {
        self.now.verdict != self.then.verdict || self.now.payable != self.then.payable
    }

    /// The rules that one of the two policies lets pass and the other does not.
    fn binding(&self) -> String {
        let now = not_passed(&self.now);
        let then = not_passed(&self.then);
        let apart = now.iter().filter(|id| !then.contains(id));
        let apart = apart.chain(then.iter().filter(|id| !now.contains(id)));
        let mut ids: Vec<&str> = apart.copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.join(" ")
    }
}

/// Writes the requests on which the two policies differ, with the money between them.
///
/// # Errors
/// A policy or the data cannot be used.
pub(super) fn run(context: &Context, args: &SimulateArgs) -> Result<u8> {
    let shipped = rules::policy(context, None)?;
    let other = rules::policy(context, Some(&args.policy))?;
    // What a line is classified as depends on the policy too.
    let opened = context.open_to_decide_by(&shipped.policy)?;
    let beside = context.open_to_decide_by(&other.policy)?;
    let select = all_unless_named(&args.select);
    let mut pairs: Vec<Pair> = Vec::new();
    for as_of in days(context, args.each, args.since.as_deref())? {
        let asked = ask::wanted_then(context, &select, &opened.snapshot, as_of)?;
        let now = decide_over(&opened, &shipped, as_of, &asked)?;
        let then = decide_over(&beside, &other, as_of, &asked)?;
        pairs.extend(now.into_iter().zip(then).map(|(now, then)| Pair { now, then }));
    }
    let rows: Vec<Value> =
        pairs.iter().filter(|pair| pair.flips()).map(row).collect::<Result<_>>()?;
    let notes = notes(&pairs, args.each.is_some())?;
    let stamp = |file: &PolicyFile| json!({"id": file.policy.id, "version": file.policy.version, "sha256": file.sha256});
    let object = json!({
        "report": "simulation",
        "title": "What another policy would say",
        "as_of": context.as_of()?,
        "known_at": opened.snapshot.known_at(),
        "policy": stamp(&shipped),
        "other_policy": stamp(&other),
        "compared": pairs.len(),
        "rows": rows,
        "notes": notes,
    });
    write(context, &Told { object, rows, notes })?;
    Ok(0)
}

fn row(pair: &Pair) -> Result<Value> {
    let (now, then) = (&pair.now, &pair.then);
    Ok(json!({
        "as_of": now.as_of,
        "project_id": now.project_id,
        "tranche": now.tranche,
        "verdict": now.verdict.word(),
        "other_verdict": then.verdict.word(),
        "currency": now.currency,
        "payable": now.payable,
        "other_payable": then.payable,
        "difference": then.payable.minus(now.payable)?,
        "binding": pair.binding(),
        "title": now.project_title,
    }))
}

/// How many verdicts flip, the money on each day, and when each tranche would first be
/// paid something.
fn notes(pairs: &[Pair], over_time: bool) -> Result<Vec<String>> {
    let flips = pairs.iter().filter(|pair| pair.flips()).count();
    let mut notes =
        vec![format!("{flips} of {} requests would be answered otherwise", pairs.len())];
    let mut money: BTreeMap<(AsOf, &str), (Money, Money)> = BTreeMap::new();
    for pair in pairs {
        let change = pair.then.payable.minus(pair.now.payable)?;
        let key = (pair.now.as_of, pair.now.currency.as_str());
        let (more, less) = money.entry(key).or_default();
        let side = if change > Money::ZERO { more } else { less };
        *side = side.plus(change)?;
    }
    for ((as_of, currency), (more, less)) in money {
        if (more, less) != (Money::ZERO, Money::ZERO) {
            let (more, less) = (grouped(more), grouped(Money::ZERO.minus(less)?));
            notes.push(format!(
                "{as_of}: {currency} {more} more released, {less} more held"
            ));
        }
    }
    if over_time {
        notes.extend(first_paid(pairs));
    }
    Ok(notes)
}

/// The tranches that one policy would have begun to pay on another day than the other.
fn first_paid(pairs: &[Pair]) -> Vec<String> {
    let mut first: BTreeMap<(&str, i64), [Option<AsOf>; 2]> = BTreeMap::new();
    for pair in pairs {
        let key = (pair.now.project_id.as_str(), pair.now.tranche);
        let [now, then] = first.entry(key).or_default();
        for (slot, decision) in [(now, &pair.now), (then, &pair.then)] {
            let pays = matches!(decision.verdict, Verdict::Release | Verdict::Partial);
            if pays && slot.is_none_or(|day| decision.as_of < day) {
                *slot = Some(decision.as_of);
            }
        }
    }
    let day = |day: Option<AsOf>| match day {
        Some(day) => day.to_string(),
        None => "not in this time".to_owned(),
    };
    first
        .into_iter()
        .filter(|(_, [now, then])| now != then)
        .map(|((project, tranche), [now, then])| {
            format!(
                "{project} tranche {tranche}: first payable {} under this policy, {} \
                 under the other",
                day(now),
                day(then)
            )
        })
        .collect()
}
