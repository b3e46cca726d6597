//! `gate check --emit-revised`: the plan after a partial payment (`contract.md` Q47).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::Money;
use crate::domain::verdict::Verdict;
use crate::error::{Error, Result};
use crate::gate::Decision;
use crate::render;

use super::super::context::{Context, Opened};
use super::super::output;

/// A table as text, with the load of each row.
struct Rows {
    header: Vec<String>,
    /// Load and cells.
    rows: Vec<(String, Vec<String>)>,
}

/// Writes `tranches.csv` and `tranche_lines.csv` of the sources that plan the project:
/// the tranche at what may be paid, and the held rest as a tranche after the last one.
///
/// # Errors
/// The verdict is not PARTIAL, the files are there already, or the disk refuses.
pub(super) fn write(
    context: &Context,
    opened: &Opened,
    decision: &Decision,
    folder: &Path,
) -> Result<()> {
    if decision.verdict != Verdict::Partial {
        let what = format!(
            "`--emit-revised` is for a PARTIAL release; this is {}",
            decision.verdict.word()
        );
        return Err(Error::usage(what).fix("leave the flag out"));
    }
    let plan = revised_tranches(opened, decision)?;
    let lines = revised_lines(opened, decision, plan.held_as)?;
    let files =
        [("tranches.csv", as_csv(&plan.rows)?), ("tranche_lines.csv", as_csv(&lines)?)];
    for (name, _) in &files {
        let path = folder.join(name);
        if path.exists() {
            let what = format!("`{}` is there already", path.display());
            return Err(Error::usage(what).fix("name another folder, or remove it"));
        }
    }
    if !context.flags.dry_run {
        std::fs::create_dir_all(folder).map_err(|e| Error::io("make", folder, e))?;
        for (name, bytes) in &files {
            output::replace(&folder.join(name), bytes)?;
        }
    }
    let note = format!(
        "wrote {}: tranche {} at what may be paid, the rest as tranche {}",
        folder.display(),
        decision.tranche,
        plan.held_as
    );
    output::note(context, &note);
    if plan.had_shares {
        output::note(context, "note: share_bps no longer fit the amounts and are empty");
    }
    let next = format!(
        "next: when it is paid, put both files in the place of those of {} and load it \
         again",
        sources(opened, &plan.rows)
    );
    output::note(context, &next);
    Ok(())
}

/// The revised `tranches`, and the number that the held rest gets.
struct Plan {
    rows: Rows,
    held_as: i64,
    had_shares: bool,
}

fn revised_tranches(opened: &Opened, decision: &Decision) -> Result<Plan> {
    let mut table = read(opened, "tranches")?;
    let at = |name: &str| place(&table.header, name);
    let (project, tranche) = (at("project_id")?, at("tranche")?);
    let (recipient, amount, share) = (at("recipient")?, at("amount")?, at("share_bps")?);
    keep_own_sources(&mut table, project, decision);
    let number =
        |cells: &[String]| cells.get(tranche).and_then(|t| t.parse::<i64>().ok());
    let own = |cells: &[String]| cells.get(project) == Some(&decision.project_id);
    let last = table.rows.iter().filter(|(_, cells)| own(cells));
    let last = last.filter_map(|(_, cells)| number(cells)).max().unwrap_or(0);
    let held_as = last.saturating_add(1);
    let mut rests: Vec<(String, Vec<String>)> = Vec::new();
    let mut had_shares = false;
    for (load, cells) in table.rows.iter_mut().filter(|(_, cells)| own(cells)) {
        had_shares |= cells.get(share).is_some_and(|text| !text.is_empty());
        set(cells, share, String::new());
        if number(cells) != Some(decision.tranche) {
            continue;
        }
        let who = cells.get(recipient).cloned().unwrap_or_default();
        let paid = decision.recipients.iter().find(|paid| paid.recipient == who);
        let Some(paid) = paid else { continue };
        if paid.held > Money::ZERO {
            let mut rest = cells.clone();
            set(&mut rest, tranche, held_as.to_string());
            set(&mut rest, amount, paid.held.to_string());
            rests.push((load.clone(), rest));
        }
        set(cells, amount, paid.payable.to_string());
    }
    table.rows.extend(rests);
    Ok(Plan { rows: table, held_as, had_shares })
}

fn revised_lines(opened: &Opened, decision: &Decision, held_as: i64) -> Result<Rows> {
    let mut table = read(opened, "tranche_lines")?;
    let at = |name: &str| place(&table.header, name);
    let (project, tranche) = (at("project_id")?, at("tranche")?);
    let (line, amount) = (at("line_id")?, at("amount")?);
    keep_own_sources(&mut table, project, decision);
    let mut open = amounts(decision)?;
    let is_asked = |cells: &[String]| {
        cells.get(project) == Some(&decision.project_id)
            && cells.get(tranche) == Some(&decision.tranche.to_string())
    };
    let row = |number: i64, id: &str, money: Money| {
        let mut cells = vec![String::new(); table.header.len()];
        set(&mut cells, project, decision.project_id.clone());
        set(&mut cells, tranche, number.to_string());
        set(&mut cells, line, id.to_owned());
        set(&mut cells, amount, money.to_string());
        (String::new(), cells)
    };
    let mut rests = Vec::new();
    for (_, cells) in table.rows.iter_mut().filter(|(_, cells)| is_asked(cells)) {
        let Some(id) = cells.get(line).cloned() else { continue };
        // A line of indirect cost is part of the residue and stays as it is.
        let Some((paid, held)) = open.remove(&id) else { continue };
        set(cells, amount, paid.to_string());
        rests.push((id, held));
    }
    // Lines that the plan did not state were split pro rata: now they are stated.
    let stated: Vec<_> =
        open.iter().map(|(id, (paid, _))| row(decision.tranche, id, *paid)).collect();
    rests.extend(open.into_iter().map(|(id, (_, held))| (id, held)));
    rests.retain(|(_, held)| *held > Money::ZERO);
    let rests: Vec<_> = rests.iter().map(|(id, held)| row(held_as, id, *held)).collect();
    table.rows.extend(stated);
    table.rows.extend(rests);
    Ok(table)
}

/// What is paid and held of each line.
fn amounts(decision: &Decision) -> Result<BTreeMap<String, (Money, Money)>> {
    let mut sums: BTreeMap<String, (Money, Money)> = BTreeMap::new();
    for part in &decision.lines {
        let (paid, held) = sums.entry(part.line_id.clone()).or_default();
        *paid = paid.plus(part.payable)?;
        *held = held.plus(part.held)?;
    }
    Ok(sums)
}

/// Rows of loads that tell nothing of the project stay where they are.
fn keep_own_sources(table: &mut Rows, project: usize, decision: &Decision) {
    let own: BTreeSet<String> = table
        .rows
        .iter()
        .filter(|(_, cells)| cells.get(project) == Some(&decision.project_id))
        .map(|(load, _)| load.clone())
        .collect();
    table.rows.retain(|(load, _)| own.contains(load));
}

fn read(opened: &Opened, table: &str) -> Result<Rows> {
    let columns = crate::tables::schema::table(table)
        .ok_or_else(|| Error::internal(format!("there is no table `{table}`")))?
        .columns
        .iter()
        .map(|column| column.name.to_owned())
        .collect::<Vec<_>>();
    let listed: Vec<String> = columns.iter().map(|name| format!("t.{name}")).collect();
    let sql = format!(
        "SELECT t.load_id, {} FROM {table} AS t \
         ORDER BY t.source_file, t.source_row",
        listed.join(", ")
    );
    let answer = opened.engine.run(&sql, &Vec::new())?;
    let rows = render::cells(&answer.schema, &answer.batches)?.rows;
    let rows = rows.into_iter().filter_map(|mut cells| {
        if cells.is_empty() {
            return None;
        }
        let load = cells.remove(0);
        Some((load, cells))
    });
    Ok(Rows { header: columns, rows: rows.collect() })
}

fn place(header: &[String], name: &str) -> Result<usize> {
    header
        .iter()
        .position(|column| column == name)
        .ok_or_else(|| Error::internal(format!("a table lacks the column `{name}`")))
}

fn set(cells: &mut [String], place: usize, text: String) {
    if let Some(cell) = cells.get_mut(place) {
        *cell = text;
    }
}

fn as_csv(table: &Rows) -> Result<Vec<u8>> {
    let failed = |error: csv::Error| Error::internal("cannot write CSV").caused_by(error);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.header).map_err(failed)?;
    for (_, cells) in &table.rows {
        writer.write_record(cells).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| {
        Error::internal("cannot write CSV").caused_by(error.into_error())
    })
}

/// The names of the sources that tell the rows.
fn sources(opened: &Opened, table: &Rows) -> String {
    let loads: BTreeSet<&str> =
        table.rows.iter().map(|(load, _)| load.as_str()).collect();
    let known = opened.snapshot.effective.loads.iter();
    let names: BTreeSet<String> = known
        .filter(|load| loads.contains(load.load_id.as_str()))
        .map(|load| format!("source `{}`", load.manifest.source))
        .collect();
    names.into_iter().collect::<Vec<_>>().join(" and ")
}
