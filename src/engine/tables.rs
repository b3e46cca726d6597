//! A workspace's snapshot as tables: plain ones for people, full ones for evidence.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::{Error, Result};
use crate::tables::Cell;
use crate::tables::batch::{LOAD_ID, SOURCE_FILE, SOURCE_ROW};
use crate::tables::build::{Columns, Made, Maker};
use crate::tables::schema::{TABLES, table};
use crate::workspace::Snapshot;
use crate::workspace::commit::REJECTS;

use super::{Engine, Library, Profile, Space, levels, rates};

/// Milestones as each was first told (`contract.md` G5c), for verdicts.
pub const MILESTONES_FIRST: &str = "milestones_first";

/// Tables with more rows than this are scanned where they lie instead of held.
pub const HELD_ROWS: u64 = 500_000;

/// Registers every canonical table of a snapshot, empty ones included, and `usd`.
///
/// # Errors
/// A stored file is damaged.
pub fn register(engine: &Engine, snapshot: &Snapshot) -> Result<()> {
    for table in TABLES {
        register_one(engine, snapshot, table.name)?;
    }
    // No conversion inside the gate (Q17).
    if engine.profile() == Profile::Ask {
        engine.function(rates::usd(Arc::new(rates::read(snapshot)?)));
        register_told(engine, snapshot)?;
    } else {
        let first = snapshot.first_told("milestones")?;
        let first = first.map_or_else(|| snapshot.read("milestones"), Ok)?;
        let schema = Snapshot::schema("milestones");
        register_shaped(engine, MILESTONES_FIRST, &schema, &first)?;
    }
    register_one(engine, snapshot, REJECTS)
}

/// Columns of `told_columns`: who told which column of a row that several sources tell.
const TOLD: &Columns = &[
    ("table_name", Made::Text),
    ("key", Made::Text),
    ("column_name", Made::Text),
    ("source", Made::Text),
    ("load_id", Made::Text),
    ("source_file", Made::Text),
    ("source_row", Made::Whole),
];

/// Registers `told_columns`: the evidence of rows joined from several sources (F4b).
fn register_told(engine: &Engine, snapshot: &Snapshot) -> Result<()> {
    let mut maker = Maker::new(TOLD);
    let text = |text: &str| Cell::Text(text.to_owned());
    for table in TABLES.iter().filter(|table| table.joins()) {
        let Some(joined) = snapshot.joined(table.name)? else { continue };
        for told in &joined.told {
            let mut files = snapshot.files(table.name).iter();
            let source = files.find(|file| file.load_id == told.load_id);
            maker.add(&[
                text(table.name),
                text(&told.key),
                text(told.column),
                text(source.map_or("", |file| &file.source)),
                text(&told.load_id),
                text(&told.file),
                Cell::Whole(told.row),
            ])?;
        }
    }
    let batch = maker.finish()?;
    for space in [Space::Public, Space::Evidence] {
        engine.register(space, "told_columns", &batch.schema(), vec![batch.clone()])?;
    }
    Ok(())
}

fn register_one(engine: &Engine, snapshot: &Snapshot, name: &str) -> Result<()> {
    // Joined rows do not lie in any one file.
    let is_joined = table(name).is_some_and(|table| snapshot.is_joined(table));
    if snapshot.rows(name) > HELD_ROWS && !is_joined {
        // The engine reads these files by itself, so they are checked before.
        snapshot.check(name)?;
        let files: Vec<(String, Vec<(String, String)>)> = snapshot
            .files(name)
            .iter()
            .map(|file| {
                let load = (LOAD_ID.to_owned(), file.load_id.clone());
                (file.path.to_string_lossy().into_owned(), vec![load])
            })
            .collect();
        engine.register_files(Space::Evidence, name, &files)?;
        let columns: Vec<String> = Snapshot::schema(name)
            .fields()
            .iter()
            .filter(|field| !is_provenance(name, field.name()))
            .map(|field| format!("\"{}\"", field.name()))
            .collect();
        let sql = format!("SELECT {} FROM evidence.{name}", columns.join(", "));
        return engine.view(Space::Public, name, &sql);
    }
    register_held(engine, name, &snapshot.read(name)?)
}

/// A SELECT of a derived evidence table's columns without provenance.
#[must_use]
pub fn plain_columns(columns: &Columns, name: &str) -> String {
    let shown: Vec<&str> = columns
        .iter()
        .map(|(column, _)| *column)
        .filter(|column| !is_provenance(name, column))
        .collect();
    format!("SELECT {} FROM evidence.{name}", shown.join(", "))
}

/// Registers rows with provenance in both spaces, without it in the public one.
///
/// # Errors
/// The batches do not fit together.
pub fn register_held(engine: &Engine, name: &str, batches: &[RecordBatch]) -> Result<()> {
    let schema =
        batches.first().map_or_else(|| Snapshot::schema(name), RecordBatch::schema);
    register_shaped(engine, name, &schema, batches)
}

fn register_shaped(
    engine: &Engine,
    name: &str,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<()> {
    engine.register(Space::Evidence, name, schema, batches.to_vec())?;
    let shown: Vec<usize> = schema
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| !is_provenance(name, field.name()))
        .map(|(index, _)| index)
        .collect();
    let project = |error| Error::internal("cannot project a table").caused_by(error);
    let plain_schema = schema.project(&shown).map_err(project)?;
    let plain: Result<Vec<RecordBatch>> =
        batches.iter().map(|batch| batch.project(&shown).map_err(project)).collect();
    engine.register(Space::Public, name, &Arc::new(plain_schema), plain?)
}

/// Rejected rows show where they stood: that is what they are about.
fn is_provenance(table: &str, column: &str) -> bool {
    match column {
        LOAD_ID => true,
        SOURCE_FILE | SOURCE_ROW => table != REJECTS,
        _ => false,
    }
}

/// Registers the views of `queries/views`, each in a file of its own name, in an order
/// in which each finds what it reads.
///
/// # Errors
/// A view is not one SELECT over tables and other views.
pub fn register_views(engine: &Engine, library: &Library) -> Result<()> {
    if !engine.has("levels") {
        levels::register(engine)?;
    }
    let mut waiting: Vec<(String, String)> = Vec::new();
    for path in library.list("views") {
        if let Some(name) =
            path.strip_prefix("views/").and_then(|p| p.strip_suffix(".sql"))
        {
            waiting.push((name.to_owned(), library.text(&path)?));
        }
    }
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut refused = None;
        let mut again = Vec::new();
        for (name, sql) in waiting {
            match engine.view(Space::Public, &name, &sql) {
                Ok(()) => {}
                Err(error) => {
                    refused.get_or_insert((name.clone(), error));
                    again.push((name, sql));
                }
            }
        }
        waiting = again;
        if let Some((name, error)) = refused
            && waiting.len() == before
        {
            return Err(Error::rule(format!("view `{name}`: {}", error.what()))
                .fix(error.how_to_fix()));
        }
    }
    Ok(())
}
