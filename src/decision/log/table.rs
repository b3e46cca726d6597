//! The log as a table: one row a record.

use std::path::Path;

use arrow::array::RecordBatch;
use serde_json::Value;

use crate::domain::{AsOf, KnownAt, Money};
use crate::error::Result;
use crate::tables::Cell;
use crate::tables::build::{Columns, Made, Maker};

use super::approvals::Policies;
use super::chain::Chain;
use super::line::{Kind, Record};

/// The name of the table.
pub const NAME: &str = "decisions";

/// What it holds, in a few words.
pub const DOC: &str = "recorded verdicts, and what people answered";

/// Its columns.
pub const COLUMNS: &Columns = &[
    ("line", Made::Whole),
    ("kind", Made::Word),
    ("record_id", Made::Text),
    ("decision_id", Made::Text),
    ("recorded_at", Made::Text),
    ("recorded_by", Made::Text),
    ("project_id", Made::Text),
    ("tranche", Made::Whole),
    ("as_of", Made::Day),
    ("known_at", Made::Text),
    ("verdict", Made::Word),
    ("scope", Made::Word),
    ("currency", Made::Word),
    ("requested", Made::Money),
    ("payable", Made::Money),
    ("held", Made::Money),
    ("standing", Made::Word),
    ("comment", Made::Text),
    ("policy", Made::Text),
    ("policy_sha256", Made::Text),
    ("queries_sha256", Made::Text),
    ("decision_sha256", Made::Text),
    ("public_key", Made::Text),
    ("previous_sha256", Made::Text),
    ("sha256", Made::Text),
];

/// Columns of `decision list`.
pub const LIST: &Columns = &[
    ("decision_id", Made::Text),
    ("recorded_at", Made::Text),
    ("project_id", Made::Text),
    ("tranche", Made::Whole),
    ("as_of", Made::Day),
    ("verdict", Made::Word),
    ("currency", Made::Word),
    ("payable", Made::Money),
    ("held", Made::Money),
    ("standing", Made::Word),
    ("recorded_by", Made::Text),
    ("answered_by", Made::Text),
];

/// The records to an instant (all without one) as rows of [`COLUMNS`]. How a decision
/// stands is unknown where its policy's copy cannot be read.
///
/// # Errors
/// An internal error where a batch cannot be built.
pub fn batch(
    chain: &Chain,
    folder: &Path,
    known_at: Option<KnownAt>,
) -> Result<RecordBatch> {
    let mut maker = Maker::new(COLUMNS);
    let earlier = known_at.map(|at| chain.to(at));
    let shown = earlier.as_ref().unwrap_or(chain);
    let mut policies = Policies::default();
    for record in &shown.records {
        let is_decision = record.kind == Kind::Decision;
        let about = if is_decision {
            Some(record)
        } else {
            chain.decisions().find(|other| other.id == record.text("decision_id"))
        };
        let of = |key: &str| text(about.map_or("", |about| about.text(key)));
        let standing =
            if is_decision { policies.standing(shown, folder, record) } else { None };
        let policy = ["id", "version"].map(|key| record.inner("policy", key)).join(" ");
        maker.add(&[
            Cell::Whole(i64::try_from(record.line).unwrap_or(i64::MAX)),
            text(record.kind.word()),
            text(&record.id),
            text(record.text("decision_id")),
            text(record.text("recorded_at")),
            text(record.text("recorded_by")),
            of("project_id"),
            about.map_or(Cell::Empty, |about| Cell::Whole(about.tranche())),
            day(record),
            text(record.text("known_at")),
            text(record.text("verdict")),
            text(record.text("scope")),
            text(record.text("currency")),
            money(record, "requested"),
            money(record, "payable"),
            money(record, "held"),
            text(standing.map_or("", |standing| standing.word)),
            text(record.text("comment")),
            text(policy.trim()),
            text(record.inner("policy", "sha256")),
            text(record.text("queries_sha256")),
            text(record.text("decision_sha256")),
            text(record.text("public_key")),
            text(record.text("previous_sha256")),
            text(&record.sha256),
        ])?;
    }
    maker.finish()
}

/// The decisions as rows of [`LIST`].
///
/// # Errors
/// As [`batch`].
pub fn list(chain: &Chain, folder: &Path) -> Result<RecordBatch> {
    let mut maker = Maker::new(LIST);
    let mut policies = Policies::default();
    for record in chain.decisions() {
        let standing = policies.standing(chain, folder, record);
        let answered: Vec<&str> =
            chain.answers(&record.id).map(|answer| answer.text("recorded_by")).collect();
        maker.add(&[
            text(&record.id),
            text(record.text("recorded_at")),
            text(record.text("project_id")),
            Cell::Whole(record.tranche()),
            day(record),
            text(record.text("verdict")),
            text(record.text("currency")),
            money(record, "payable"),
            money(record, "held"),
            text(standing.map_or("", |standing| standing.word)),
            text(record.text("recorded_by")),
            text(&answered.join("; ")),
        ])?;
    }
    maker.finish()
}

fn text(text: &str) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
}

fn day(record: &Record) -> Cell {
    AsOf::parse(record.text("as_of")).map_or(Cell::Empty, |as_of| Cell::Day(as_of.0))
}

fn money(record: &Record, key: &str) -> Cell {
    match record.head.get(key) {
        Some(Value::String(amount)) => {
            Money::parse(amount).map_or(Cell::Empty, Cell::Money)
        }
        _ => Cell::Empty,
    }
}
