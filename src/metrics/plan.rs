//! What a tranche is planned to pay, and who asks for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::class::Subclass;
use crate::domain::evidence::Evidence;
use crate::domain::{AsOf, Beneficiary, Class, GateTreatment, Money};
use crate::engine::Engine;
use crate::engine::ledger::{Entry, entries};
use crate::error::{Error, Result};
use crate::tables::Cell;
use crate::workspace::Snapshot;

use super::column::Column;
use super::facts::Beyond;
use super::measure::Asked;
use super::{Plan, PlannedShare, RecipientRequest};

fn tranche_of(entry: &Entry<'_>) -> i64 {
    match entry.cell("tranche") {
        Cell::Whole(number) => *number,
        _ => 0,
    }
}

/// The next tranche of each project: the lowest planned one of which some recipient's
/// positive transfers, dated by the as-of, are below its planned amount (Q03).
///
/// # Errors
/// A stored file is damaged, or an amount exceeds 128 bits.
pub fn next_tranches(snapshot: &Snapshot, as_of: AsOf) -> Result<BTreeMap<String, i64>> {
    let planned = snapshot.kept("tranches")?;
    let mut paid: BTreeMap<(String, i64, String), Money> = BTreeMap::new();
    let transactions = snapshot.kept("transactions")?;
    let only = crate::engine::ledger::only_recipients(&snapshot.kept("recipients")?);
    let projects = snapshot.kept("projects")?;
    let currencies: BTreeMap<&str, &str> = entries(&projects)
        .filter_map(|entry| Some((entry.text("project_id")?, entry.text("currency")?)))
        .collect();
    for entry in entries(&transactions) {
        let project = entry.text("project_id").unwrap_or_default();
        let counts = entry.text("kind") == Some("disbursement")
            && entry.amount() > Money::ZERO
            // Money of another currency pays no planned amount (Q17).
            && entry.text("currency") == currencies.get(project).copied()
            && entry.day("date").is_some_and(|day| day <= as_of.0);
        let recipient =
            entry.text("recipient").or_else(|| only.get(project).map(String::as_str));
        if let (true, Some(recipient)) = (counts, recipient) {
            let key = (project.to_owned(), tranche_of(&entry), recipient.to_owned());
            let sum = paid.entry(key).or_default();
            *sum = sum.plus(entry.amount())?;
        }
    }
    let mut next: BTreeMap<String, i64> = BTreeMap::new();
    for entry in entries(&planned) {
        let project = entry.text("project_id").unwrap_or_default().to_owned();
        let tranche = tranche_of(&entry);
        let recipient = entry.text("recipient").unwrap_or_default().to_owned();
        let got = paid.get(&(project.clone(), tranche, recipient)).copied();
        if got.unwrap_or_default() < entry.amount() {
            let lowest = next.entry(project).or_insert(tranche);
            *lowest = tranche.min(*lowest);
        }
    }
    Ok(next)
}

/// Every project that plans tranche `tranche`.
///
/// # Errors
/// A stored file is damaged.
pub fn projects_planning(snapshot: &Snapshot, tranche: i64) -> Result<BTreeSet<String>> {
    Ok(entries(&snapshot.kept("tranches")?)
        .filter(|entry| tranche_of(entry) == tranche)
        .filter_map(|entry| entry.text("project_id").map(str::to_owned))
        .collect())
}

/// Returns the plan of every request, in its order.
///
/// # Errors
/// A stored file is damaged, or a project is unknown.
pub fn plans(
    engine: &Engine,
    snapshot: &Snapshot,
    asked: &[Asked],
    as_of: AsOf,
) -> Result<BTreeMap<Asked, Plan>> {
    let wanted: BTreeSet<&Asked> = asked.iter().collect();
    let mut plans = BTreeMap::new();
    let projects = snapshot.kept("projects")?;
    let by_id: BTreeMap<&str, Entry<'_>> = entries(&projects)
        .filter_map(|entry| Some((entry.text("project_id")?, entry)))
        .collect();
    for (project, tranche) in asked {
        let entry = by_id
            .get(project.as_str())
            .ok_or_else(|| Error::usage(format!("there is no project `{project}`")))?;
        let plan = Plan {
            project_id: project.clone(),
            title: entry.text("title").unwrap_or_default().to_owned(),
            tranche: *tranche,
            currency: entry.text("currency").unwrap_or_default().to_owned(),
            recipients: Vec::new(),
            shares: Vec::new(),
            beyond: Beyond::default(),
        };
        plans.insert((project.clone(), *tranche), plan);
    }
    add_recipients(snapshot, &wanted, as_of, &mut plans)?;
    add_shares(engine, &mut plans)?;
    Ok(plans)
}

/// A recipient requests its plan, unless a request by the as-of says otherwise (Q47).
fn add_recipients(
    snapshot: &Snapshot,
    wanted: &BTreeSet<&Asked>,
    as_of: AsOf,
    plans: &mut BTreeMap<Asked, Plan>,
) -> Result<()> {
    let mut amounts: BTreeMap<(Asked, String), (Option<Money>, Option<Money>)> =
        BTreeMap::new();
    for (table, is_plan) in [("tranches", true), ("requests", false)] {
        for entry in entries(&snapshot.kept(table)?) {
            let key = (
                entry.text("project_id").unwrap_or_default().to_owned(),
                tranche_of(&entry),
            );
            let happened =
                is_plan || entry.day("requested_on").is_some_and(|day| day <= as_of.0);
            if !wanted.contains(&key) || !happened {
                continue;
            }
            let recipient = entry.text("recipient").unwrap_or_default().to_owned();
            let known = amounts.entry((key, recipient)).or_default();
            let slot = if is_plan { &mut known.0 } else { &mut known.1 };
            *slot = Some(entry.amount());
        }
    }
    for ((key, recipient), (planned, requested)) in amounts {
        if let Some(plan) = plans.get_mut(&key) {
            let planned = planned.unwrap_or(Money::ZERO);
            plan.recipients.push(RecipientRequest {
                recipient,
                planned,
                requested: requested.unwrap_or(planned),
            });
        }
    }
    Ok(())
}

/// Gated lines and sector-wide lines of one request by activity.
type Activities = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;

/// Adds gated lines with the sector-wide lines of the same activity.
fn add_needs(activities: BTreeMap<Asked, Activities>, plans: &mut BTreeMap<Asked, Plan>) {
    for (key, own) in activities {
        let Some(plan) = plans.get_mut(&key) else { continue };
        for (hardware, software) in own.into_values() {
            for line in hardware.into_iter().filter(|_| !software.is_empty()) {
                let needed: Vec<String> = software.iter().cloned().collect();
                plan.beyond.needed_by.insert(line, needed);
            }
        }
    }
}

/// The evidence of a planned line.
fn evidence_of(
    line: &str,
    rata: bool,
    load: &str,
    file: &str,
    row: Option<i128>,
) -> Evidence {
    Evidence {
        table: if rata { "budget_lines" } else { "tranche_lines" }.to_owned(),
        key: line.to_owned(),
        load_id: load.to_owned(),
        file: file.to_owned(),
        row: row.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
    }
}

/// Adds up what the plan says beside the tranche: later money, and doubtful money.
fn beside(
    beyond: &mut Beyond,
    line: &str,
    class: Class,
    when: std::cmp::Ordering,
    amount: Money,
) -> Result<()> {
    if when.is_gt() {
        let sum = beyond.later.entry(class).or_default();
        *sum = sum.plus(amount)?;
    }
    if class.is_doubtful() {
        let sum = beyond.doubtful.entry(line.to_owned()).or_default();
        *sum = sum.plus(amount)?;
    }
    Ok(())
}

fn add_shares(engine: &Engine, plans: &mut BTreeMap<Asked, Plan>) -> Result<()> {
    let sql = "SELECT s.*, a.tranche AS asked_tranche, \
                      CONCAT_WS(' ', l.output, l.activity) AS activity, \
                      l.output IS NOT NULL AND l.activity IS NOT NULL AS has_activity \
               FROM planned_shares s \
               JOIN asked a ON a.project_id = s.project_id \
               LEFT JOIN budget_lines l ON l.line_id = s.line_id";
    let answer = engine.run(sql, &Vec::new())?;
    let mut activities: BTreeMap<Asked, Activities> = BTreeMap::new();
    for batch in &answer.batches {
        let column = |name| Column::of(batch, name);
        let (project, tranche) = (column("project_id")?, column("asked_tranche")?);
        let (planned_for, activity) = (column("tranche")?, column("activity")?);
        let has_activity = column("has_activity")?;
        let (line, recipient) = (column("line_id")?, column("recipient")?);
        let (class, subclass) = (column("class")?, column("subclass")?);
        let (beneficiary, gate) = (column("beneficiary")?, column("gate_treatment")?);
        let (amount, pro_rata) = (column("amount")?, column("pro_rata")?);
        let stale = column("stale")?;
        let (load, file, position) =
            (column("load_id")?, column("source_file")?, column("source_row")?);
        for row in 0..batch.num_rows() {
            let number = tranche.scaled(row, 0)?.and_then(|n| i64::try_from(n).ok());
            let key = (project.text(row)?.to_owned(), number.unwrap_or(0));
            let Some(plan) = plans.get_mut(&key) else { continue };
            let rata = pro_rata.truth(row)?;
            let class = Class::parse(class.text(row)?).unwrap_or(Class::Unclassified);
            let money = Money::from_cents(amount.scaled(row, 2)?.unwrap_or(0));
            let of = planned_for.scaled(row, 0)?.unwrap_or(0);
            let when = of.cmp(&number.map_or(0, i128::from));
            beside(&mut plan.beyond, line.text(row)?, class, when, money)?;
            if has_activity.truth(row)? && money > Money::ZERO && when.is_ge() {
                let own = activities.entry(key).or_default();
                let (hardware, software) =
                    own.entry(activity.text(row)?.to_owned()).or_default();
                if class == Class::SectorWide {
                    software.insert(line.text(row)?.to_owned());
                } else if gate.text(row)? == GateTreatment::Gated.code() && when.is_eq() {
                    hardware.insert(line.text(row)?.to_owned());
                }
            }
            if when.is_ne() {
                continue;
            }
            plan.shares.push(PlannedShare {
                line_id: line.text(row)?.to_owned(),
                recipient: recipient.text(row)?.to_owned(),
                class,
                subclass: Subclass::parse(subclass.text(row)?),
                beneficiary: Beneficiary::parse(beneficiary.text(row)?)
                    .unwrap_or(Beneficiary::Unknown),
                gate_treatment: GateTreatment::parse(gate.text(row)?)
                    .unwrap_or(GateTreatment::Gated),
                pro_rata: rata,
                stale: stale.truth(row)?,
                amount: money,
                evidence: evidence_of(
                    line.text(row)?,
                    rata,
                    load.text(row)?,
                    file.text(row)?,
                    position.scaled(row, 0)?,
                ),
            });
        }
    }
    add_needs(activities, plans);
    put_in_order(plans);
    Ok(())
}

/// Shares by line and class.
fn put_in_order(plans: &mut BTreeMap<Asked, Plan>) {
    for plan in plans.values_mut() {
        plan.shares.sort_by(|a, b| {
            (&a.line_id, a.class, a.subclass).cmp(&(&b.line_id, b.class, b.subclass))
        });
    }
}
