//! `ssrfund data template`: forms for the facts that have no source system.
//!
//! [`known`] finds what the workspace already tells of a project, [`columns`] says what
//! may stand in a column, [`book`] lays both out as a workbook; [`form`] is a workbook
//! with a row for each fact that is missing. The same workspace gives
//! the same bytes.

mod book;
mod columns;
mod form;
mod known;

use std::path::Path;

use crate::cli::context::Context;
use crate::cli::flags::TemplateArgs;
use crate::cli::output;
use crate::error::{Error, Result};
use crate::load::xlsx::template::TABLES;
use crate::tables::Table;
use crate::tables::schema::table;
use crate::workspace::commit::sync_folder;

use known::Known;

pub(in crate::cli) use form::{Form, bytes as form_bytes};

/// Writes a template: one workbook, or a folder of CSV files.
///
/// # Errors
/// The place is taken, the project is unknown, or the disk refuses.
pub(super) fn run(context: &Context, args: &TemplateArgs) -> Result<u8> {
    let known = match &args.project {
        Some(project) => Known::of(context, project)?,
        None => Known::default(),
    };
    let place = &args.place;
    if place.exists() {
        let what = format!("`{}` is there already", place.display());
        return Err(Error::usage(what).fix("name another place, or remove it"));
    }
    let suffix = place.extension().map(|suffix| suffix.to_string_lossy().to_lowercase());
    let is_book = match suffix.as_deref() {
        Some("xlsx") => true,
        None => false,
        Some(other) => {
            let what = format!("a template cannot be a `.{other}` file");
            return Err(Error::usage(what).fix("name a file `.xlsx`, or a folder"));
        }
    };
    if is_book {
        let bytes = book::bytes(&known)?;
        if !context.flags.dry_run {
            output::replace(place, &bytes)?;
        }
    } else {
        write_folder(context, place, &known)?;
    }
    let name = place.display();
    output::note(context, &format!("wrote {name}: {}", names().join(", ")));
    let empty = if is_book { "" } else { " --allow-empty" };
    let next =
        format!("next: fill it, then ssrfund load --source NAME --append{empty} {name}");
    output::note(context, &next);
    Ok(0)
}

/// The tables of a template.
fn tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter_map(|(name, _)| table(name))
}

fn names() -> Vec<&'static str> {
    tables().map(|table| table.name).collect()
}

/// CSV files with a header each, and a text that says how to fill them; the folder is
/// there whole or not at all.
fn write_folder(context: &Context, folder: &Path, known: &Known) -> Result<()> {
    if context.flags.dry_run {
        return Ok(());
    }
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let failed = |error| Error::io("make", folder, error);
    std::fs::create_dir_all(parent).map_err(failed)?;
    let aside = output::folder_aside(parent).map_err(failed)?;
    for table in tables() {
        let header: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let text = format!("{}\n", header.join(","));
        let name = format!("{}.csv", table.name);
        output::write_synced(&aside.path().join(name), text.as_bytes())
            .map_err(failed)?;
    }
    let mut text = String::new();
    for line in columns::read_me(known, false) {
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    let place = aside.path().join("README.txt");
    output::write_synced(&place, text.as_bytes()).map_err(failed)?;
    sync_folder(aside.path())?;
    std::fs::rename(aside.path(), folder).map_err(failed)?;
    // The folder has its name now: nothing is left to clean up.
    let _ = aside.keep();
    Ok(())
}
