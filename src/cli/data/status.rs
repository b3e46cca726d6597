//! `ssrfund data status`: is the workspace sound, what is in it, what next.

use crate::cli::context::Context;
use crate::cli::output;
use crate::error::Result;
use crate::workspace;
use crate::workspace::status::{Status, status};

use super::{json, wants_json};

/// Shows what is effective; exit code 3 where a file is not as it was written.
///
/// # Errors
/// There is no workspace or no data, or a `load.json` is damaged.
pub(super) fn show(context: &Context) -> Result<u8> {
    let place = context.workspace()?;
    let snapshot = workspace::open(&place, context.known_at()?)?;
    let damage = workspace::open::verify(&place).err().map(|error| error.to_string());
    let status = status(&snapshot, context.as_of()?, damage);
    if wants_json(context) {
        json(context, &status)?;
    } else {
        output::deliver(context, spoken(&status).as_bytes(), false)?;
    }
    Ok(if status.damage.is_some() { 3 } else { 0 })
}

/// The first line of a status: whether all is well, and if not, why.
fn verdict(status: &Status) -> String {
    match &status.damage {
        Some(damage) => format!("damaged: {damage}\n"),
        None if status.rejected_rows > 0 => {
            format!("incomplete: {} rows were kept out\n", status.rejected_rows)
        }
        None => {
            "sound: every file is as it was written, no row was kept out\n".to_owned()
        }
    }
}

fn spoken(status: &Status) -> String {
    let count = |number: u64, word: &str| {
        format!("{number} {word}{}", if number == 1 { "" } else { "s" })
    };
    let lengths = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let mut out = verdict(status);
    out.push_str(&format!("as of {}, known at {}\n", status.as_of, status.known_at));
    let totals = [
        count(lengths(status.sources.len()), "load"),
        count(status.rows, "row"),
        count(lengths(status.tables.len()), "table"),
        count(status.warnings, "warning"),
        format!("{} rejected", status.rejected_rows),
    ];
    out.push_str(&format!("{}\n", totals.join(", ")));
    for source in &status.sources {
        let mode = if source.mode == "append" { ", appended" } else { "" };
        out.push_str(&format!("\n{}  (load {}{mode})\n", source.source, source.load_id));
        for table in &source.tables {
            out.push_str(&format!("  {:<22} {:>9} rows\n", table.table, table.rows));
        }
        for money in &source.money {
            let sum = format!("{} {}", money.currency, money.sum);
            let line =
                format!("  {:<22} {:>9} amounts  {sum}\n", money.kind, money.count);
            out.push_str(&line);
        }
        if source.warnings > 0 {
            out.push_str(&format!("  {}\n", count(source.warnings, "warning")));
        }
    }
    if !status.next.is_empty() {
        out.push_str("\nnext:\n");
        for step in &status.next {
            out.push_str(&format!("  {step}\n"));
        }
    }
    out
}
