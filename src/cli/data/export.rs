//! `ssrfund data export`: everything effective as files with stable names.
//!
//! One file per table, one for the classified lines, and `columns`, which says what each
//! column means. All files are written aside first and then renamed, so that a program
//! that refreshes from the folder never meets half a file.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::classify::lines::CLASSIFIED;
use crate::cli::context::{Context, Opened};
use crate::cli::flags::ExportArgs;
use crate::cli::output;
use crate::engine::Answer;
use crate::error::{Error, Result};
use crate::render::{self, Format, TableOptions};
use crate::tables::build::{Columns, Made, Maker};
use crate::tables::schema::{Kind, TABLES};
use crate::tables::{Cell, Table};

/// The view of classes beside the canonical tables.
const CLASSES: &str = "classified_lines";

/// What the columns of [`CLASSES`] mean.
const MEANINGS: [(&str, &str); 16] = [
    ("line_id", "the budget line"),
    ("project_id", "the project (an IATI activity)"),
    ("recipient", "the recipient organisation"),
    ("class", "class of this share of the line"),
    ("subclass", "its detail"),
    ("beneficiary", "who gets it"),
    ("gate_treatment", "gated, exempt_oversight, exempt_safety or not_hardware"),
    ("eligibility", "eligibility flags, E1 to E13"),
    ("method", "manual, split, lexicon, category_prior or none"),
    ("rule_id", "the rule that decided"),
    ("matched", "the words that decided"),
    ("runner_up", "the class that came second"),
    ("confidence_bps", "confidence in the class"),
    ("share_bps", "share of the line; the shares of a line sum to 10000"),
    ("amount", "amount of this share; the shares of a line sum to its amount"),
    ("stale", "whether the line's text changed after its class was decided"),
];

/// The file that says what the columns mean.
const DEFINITIONS: &str = "columns";

const DEFINED: &Columns = &[
    ("table", Made::Text),
    ("column", Made::Text),
    ("type", Made::Text),
    ("unit", Made::Text),
    ("required", Made::Bool),
    ("key", Made::Bool),
    ("doc", Made::Text),
    ("values", Made::Text),
];

/// Writes the files.
///
/// # Errors
/// There is no data, the format is neither of the two, or the disk refuses.
pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<u8> {
    let format = match context.flags.format.as_deref() {
        None => Format::Csv,
        Some(name) => Format::parse(name)?,
    };
    if !matches!(format, Format::Csv | Format::Parquet) {
        let what = format!("data cannot be exported as {format}");
        return Err(Error::usage(what).fix("use `-F csv` or `-F parquet`"));
    }
    let opened = context.open_classified()?;
    let folder = &args.dir;
    if !context.flags.dry_run {
        std::fs::create_dir_all(folder)
            .map_err(|error| Error::io("make", folder, error))?;
    }
    let mut aside = Vec::new();
    let mut write = |name: &str, answer: &Answer| {
        let rows = answer.rows();
        if !context.flags.dry_run {
            let place = folder.join(format!("{name}.{format}"));
            aside.push((written_aside(folder, answer, format)?, place));
        }
        output::note(context, &format!("  {name:<22} {rows:>9} rows"));
        Ok(())
    };
    for table in TABLES {
        write(table.name, &all(&opened, table.name, table.key)?)?;
    }
    write(CLASSES, &all(&opened, CLASSES, &["line_id"])?)?;
    write(DEFINITIONS, &definitions()?)?;
    put_in_place(aside)?;
    let known_at = opened.snapshot.known_at();
    output::note(context, &format!("exported as known at {known_at}"));
    Ok(0)
}

/// All rows of a table, ordered by its key and then by what remains.
fn all(opened: &Opened, name: &str, key: &[&str]) -> Result<Answer> {
    let columns = opened.engine.columns(name);
    let rest = columns.iter().map(|(column, _)| column.as_str());
    let rest = rest.filter(|column| !key.contains(column));
    let order: Vec<String> =
        key.iter().copied().chain(rest).map(|c| format!("\"{c}\"")).collect();
    let sql = format!("SELECT * FROM {name} ORDER BY {}", order.join(", "));
    opened.engine.run(&sql, &Vec::new())
}

fn written_aside(
    folder: &Path,
    answer: &Answer,
    format: Format,
) -> Result<NamedTempFile> {
    let failed = |error| Error::io("write", folder, error);
    let mut file = output::written_aside(folder).map_err(failed)?;
    let mut out = std::io::BufWriter::new(file.as_file_mut());
    let options = TableOptions::default();
    render::batches(&answer.schema, &answer.batches, format, &mut out, &options)?;
    out.flush().map_err(failed)?;
    drop(out);
    file.as_file().sync_all().map_err(failed)?;
    Ok(file)
}

fn put_in_place(files: Vec<(NamedTempFile, PathBuf)>) -> Result<()> {
    for (file, place) in files {
        file.persist(&place).map_err(|error| Error::io("write", &place, error.error))?;
    }
    Ok(())
}

/// What every exported column means.
fn definitions() -> Result<Answer> {
    let mut maker = Maker::new(DEFINED);
    for table in TABLES {
        for column in table.columns {
            let values = match column.kind {
                Kind::Code(list) => Cell::Text(list.codes.join(";")),
                _ => Cell::Empty,
            };
            maker.add(&[
                text(table.name),
                text(column.name),
                text(type_name(column.kind)),
                unit(table, column.kind),
                Cell::Bool(column.required),
                Cell::Bool(table.key.contains(&column.name)),
                text(column.doc),
                values,
            ])?;
        }
    }
    for (name, doc) in MEANINGS {
        let made = CLASSIFIED.iter().find(|(column, _)| *column == name);
        let (kind, unit) = match made.map(|(_, made)| *made) {
            Some(Made::Money) => ("money", text("currency of the project")),
            Some(Made::Bps) => ("share", text("basis points")),
            Some(Made::Bool) => ("true or false", Cell::Empty),
            _ => ("text", Cell::Empty),
        };
        let is_required = ["line_id", "project_id", "class", "amount"].contains(&name);
        maker.add(&[
            text(CLASSES),
            text(name),
            text(kind),
            unit,
            Cell::Bool(is_required),
            Cell::Bool(["line_id", "class", "subclass"].contains(&name)),
            text(doc),
            Cell::Empty,
        ])?;
    }
    let batch = maker.finish()?;
    Ok(Answer { schema: batch.schema(), batches: vec![batch] })
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Id | Kind::ProjectId => "id",
        Kind::Code(_) => "code",
        Kind::Country => "country",
        Kind::Currency => "currency",
        Kind::Money(_) => "money",
        Kind::Day(_) => "date",
        Kind::Bps => "share",
        Kind::Whole(_) => "whole number",
        Kind::Decimal => "decimal",
        Kind::Bool => "true or false",
    }
}

fn unit(table: &Table, kind: Kind) -> Cell {
    match kind {
        Kind::Money(_) if table.column("currency").is_some() => {
            text("currency of the row")
        }
        Kind::Money(_) => text("currency of the project"),
        Kind::Bps => text("basis points"),
        _ => Cell::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::batch::{LOAD_ID, SOURCE_FILE, SOURCE_ROW};

    #[test]
    fn every_column_of_the_classes_is_explained() {
        let plain = CLASSIFIED
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| ![LOAD_ID, SOURCE_FILE, SOURCE_ROW].contains(name));
        let explained = MEANINGS.iter().map(|(name, _)| *name);
        assert!(plain.eq(explained));
    }

    #[test]
    fn every_column_is_defined_once() {
        let columns: usize = TABLES.iter().map(|table| table.columns.len()).sum();
        assert_eq!(definitions().unwrap().rows(), columns + MEANINGS.len());
    }
}
