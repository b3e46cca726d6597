//! `ssrfund data history`: every load, what it brought, and whether it still counts.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::flags::HistoryArgs;
use crate::cli::output;
use crate::error::Result;
use crate::workspace::commit::REJECTS;
use crate::workspace::states::known_source;
use crate::workspace::{LoadRef, effective, loads};

use super::{json as write_json, wants_json};

/// Shows all loads, oldest first.
///
/// # Errors
/// There is no workspace or no such source, or a load is damaged.
pub(super) fn show(context: &Context, args: &HistoryArgs) -> Result<u8> {
    let all = loads(&context.workspace()?)?;
    let known_at = context.known_at()?;
    let counts: BTreeSet<String> = if all.is_empty() {
        BTreeSet::new()
    } else {
        let effective = effective(&all, known_at)?;
        effective.loads.into_iter().map(|load| load.load_id).collect()
    };
    let source = args.source.as_ref().map(|name| known_source(&all, name)).transpose()?;
    let shown = all.iter().filter(|load| {
        source.as_ref().is_none_or(|source| load.manifest.source == *source)
            && known_at.is_none_or(|at| load.recorded_at <= at)
    });
    if wants_json(context) {
        let entries: Vec<Value> = shown
            .map(|load| {
                json!({
                    "load_id": load.load_id,
                    "effective": counts.contains(&load.load_id),
                    "rows": rows(load),
                    "load": load.manifest,
                })
            })
            .collect();
        return write_json(context, &entries);
    }
    let texts: Vec<String> =
        shown.map(|load| spoken(context, load, counts.contains(&load.load_id))).collect();
    let mut out = texts.join("\n");
    if out.is_empty() {
        out.push_str("no load yet\n");
    }
    output::deliver(context, out.as_bytes(), false)?;
    Ok(0)
}

/// Rows that a load keeps, without those that it kept out.
pub(super) fn rows(load: &LoadRef) -> u64 {
    let tables = load.manifest.tables.iter().filter(|entry| entry.table != REJECTS);
    tables.fold(0_u64, |sum, entry| sum.saturating_add(entry.rows))
}

fn spoken(context: &Context, load: &LoadRef, counts: bool) -> String {
    let manifest = &load.manifest;
    let mut out = format!(
        "{}  {} {}{}\n",
        manifest.recorded_at,
        if manifest.mode == "append" { "appended to" } else { "replaced" },
        manifest.source,
        if counts { "" } else { "  (no longer counts)" },
    );
    let mut tell = |name: &str, text: String| {
        if !text.is_empty() {
            out.push_str(&format!("  {name:<9} {text}\n"));
        }
    };
    tell("load", load.load_id.clone());
    let files: Vec<String> = manifest
        .sources
        .iter()
        .map(|file| format!("{} ({} bytes)", file.file, file.bytes))
        .collect();
    tell("files", files.join(", "));
    tell("mapping", manifest.mapping.clone().unwrap_or_default());
    let tables: Vec<String> = manifest
        .tables
        .iter()
        .filter(|entry| entry.table != REJECTS)
        .map(|entry| format!("{} {}", entry.table, entry.rows))
        .collect();
    tell("rows", format!("{}: {}", rows(load), tables.join(", ")));
    for money in &manifest.money {
        let sum = format!("{} {} {}", money.kind, money.currency, money.sum);
        tell("money", format!("{sum} ({} amounts)", money.count));
    }
    for money in &manifest.rounding {
        tell("rounding", format!("{} {} {}", money.kind, money.currency, money.sum));
    }
    tell("expected", manifest.expected.join(", "));
    tell("warnings", number(manifest.warnings.len()));
    tell(
        "rejects",
        number(usize::try_from(manifest.rejected_rows).unwrap_or(usize::MAX)),
    );
    if context.flags.verbose {
        for warning in &manifest.warnings {
            out.push_str(&format!("    warning: {warning}\n"));
        }
    }
    out
}

fn number(count: usize) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}
