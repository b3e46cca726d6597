//! `ssrfund gate headroom`: how far each threshold is away, over time.

use serde_json::{Value, json};

use crate::domain::Bps;
use crate::domain::verdict::RuleResult;
use crate::error::{Error, Result};
use crate::gate::Decision;
use crate::gate::headroom::headroom;
use crate::gate::policy::Policy;

use super::super::context::Context;
use super::super::flags::HeadroomArgs;
use super::super::report::{Told, write};
use super::super::rules;
use super::{all_unless_named, ask, days, decide_over};

/// Writes a row for each rule with a threshold, at each day.
///
/// # Errors
/// The data or policy cannot be used, or no rule has a threshold to measure.
pub(super) fn run(context: &Context, args: &HeadroomArgs) -> Result<u8> {
    let policy = rules::policy(context, args.policy.as_deref())?;
    let opened = context.open_to_decide_by(&policy.policy)?;
    let select = all_unless_named(&args.select);
    let mut rows: Vec<Value> = Vec::new();
    for as_of in days(context, args.each, args.since.as_deref())? {
        let asked = ask::wanted_then(context, &select, &opened.snapshot, as_of)?;
        let decisions = decide_over(&opened, &policy, as_of, &asked)?;
        for decision in &decisions {
            rows.extend(rows_of(decision, &policy.policy));
        }
    }
    if rows.is_empty() {
        return Err(Error::data("no rule compares a share with a threshold here")
            .fix("name a later tranche with `--tranche N`, or another day"));
    }
    rows.sort_by_key(|row| {
        ["project_id", "rule", "as_of"]
            .map(|key| row.get(key).and_then(Value::as_str).unwrap_or("").to_owned())
    });
    let notes = vec![
        "headroom: how far the bound nearest to failing stands from the threshold; \
         below zero it is lacking"
            .to_owned(),
    ];
    let object = json!({
        "report": "headroom",
        "title": "Distance to each threshold",
        "as_of": context.as_of()?,
        "known_at": opened.snapshot.known_at(),
        "rows": rows,
        "notes": notes,
    });
    write(context, &Told { object, rows, notes })?;
    Ok(0)
}

fn rows_of(decision: &Decision, policy: &Policy) -> Vec<Value> {
    let mut rows = Vec::new();
    for finding in &decision.rules {
        let measured = finding.result != RuleResult::NotApplicable;
        let room = policy.rule(&finding.rule_id).and_then(|rule| headroom(finding, rule));
        let (true, Some(room), Some(threshold), Some(observed)) =
            (measured, room, finding.threshold_bps, finding.observed_bps)
        else {
            continue;
        };
        rows.push(json!({
            "project_id": decision.project_id,
            "tranche": decision.tranche,
            "rule": finding.rule_id,
            "as_of": decision.as_of,
            "result": finding.result.word(),
            "observed": range(observed.low, observed.high),
            "threshold": Bps(threshold).percent(),
            "headroom_bps": room.share.0,
            "headroom_money": room.money,
            "title": finding.title,
        }));
    }
    rows
}

/// A share, or its range.
fn range(low: i64, high: i64) -> String {
    if low == high {
        return Bps(low).percent();
    }
    format!("{}–{}", Bps(low).percent().trim_end_matches('%'), Bps(high).percent())
}
