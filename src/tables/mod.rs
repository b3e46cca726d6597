//! The canonical tables: their columns, what may stand in a cell, and their Arrow form.
//!
//! [`schema`] is the one place that says which tables and columns exist; help, checks,
//! SQL column comments and the README table are made from it. [`cell`] reads one field
//! of text by the strict grammar of its column. [`row`] holds rows as read, with file
//! and line. [`batch`] turns them into Arrow; [`build`] makes tables that are derived.
//! Of tables too large to hold, [`columns`] fills Arrow columns at once, [`packed`] sets
//! them aside as Parquet ([`joined`]), [`outline`] keeps what the checks between rows
//! need, and [`fetched`] reads the few rows that they must see.

pub mod batch;
pub mod build;
pub mod cell;
pub mod columns;
pub mod fetched;
pub mod joined;
pub mod outline;
pub mod packed;
pub mod row;
pub mod schema;

pub use cell::Cell;
pub use packed::Packed;
pub use row::{Row, TableRows};
pub use schema::{Column, Table};
