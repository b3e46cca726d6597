//! The decision log: one line of canonical JSON for each verdict that was recorded and for
//! each answer that people gave, every line chained to the one before it.
//!
//! [`canonical`] is how an object is written so that it has one form only; [`mod@line`] is one
//! record; [`chain`] reads all of them and refuses what was changed; [`append`] writes
//! more, all or nothing; [`copies`] keeps what a replay needs under its hash; [`record`]
//! records verdicts; [`approvals`] records what people answered, [`keys`] signs that;
//! [`replay`] and [`compare`] say whether the same comes out again; [`verify`] looks at
//! everything; [`table`] shows the log in SQL, [`told`] in words; [`dossier`] writes one decision for those
//! who do not have this tool.
//!
//! Nothing here reads the clock: the instant is handed in.

pub mod append;
pub mod approvals;
pub mod canonical;
pub mod chain;
pub mod compare;
pub mod copies;
pub mod dossier;
pub mod keys;
pub mod line;
pub mod record;
pub mod replay;
pub mod table;
pub mod told;
pub mod verify;

#[cfg(test)]
mod tests;

pub use chain::{Chain, Checkpoint, read};
pub use line::{Kind, Record};

/// The log's file in a workspace.
pub const LOG: &str = "decisions.jsonl";
/// The folder of copies beside it.
pub const FOLDER: &str = "decisions";
