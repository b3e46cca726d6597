//! Who pays for what in security sector reform, and whether the next tranche may be paid.
//!
//! # Layout
//!
//! The modules stand in the order of the straight line from a file to a verdict. A module
//! uses only modules above it; a test reads this file and enforces that.

#![cfg_attr(
    test,
    expect(
        clippy::arithmetic_side_effects,
        reason = "a test may do sums; an overflow fails it"
    )
)]

// What went wrong, told so that the right person can mend it.
pub mod error;

// The words of the field as types: money, ratios, dates, classes, verdicts.
pub mod domain;

// The canonical tables: columns, strict cells, rows, their Arrow form.
pub mod tables;

// Files in: CSV, JSON, Parquet and IATI XML become canonical rows, or say why not.
pub mod load;

// The folder of append-only loads; the one place that writes data.
pub mod workspace;

// Arrow tables in one read-only SQL session.
#[cfg(feature = "engine")]
pub mod engine;

// What the money buys: class, eligibility and gate treatment.
#[cfg(feature = "engine")]
pub mod classify;

// Named numbers with bounds and evidence, as SQL.
#[cfg(feature = "engine")]
pub mod metrics;

// Dated, sourced rules over facts; pure, and it cannot fail.
#[cfg(feature = "engine")]
pub mod gate;

// Every rule counted again without the engine; a difference leaves the verdict open.
#[cfg(feature = "engine")]
pub mod recount;

// The verdict as JSON and as a colleague's note.
#[cfg(feature = "engine")]
pub mod decision;

// Rows and pages as bytes: table, plain, csv, tsv, json, ndjson, markdown, parquet.
#[cfg(feature = "engine")]
pub mod render;

// Composition of spending and hardware against governance.
#[cfg(feature = "engine")]
pub mod report;

// Asking in SQL at a prompt.
#[cfg(feature = "engine")]
pub mod repl;

// The command line; the only module that reads the clock.
#[cfg(feature = "engine")]
pub mod cli;
