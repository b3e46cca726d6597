//! The workspace: a folder of append-only loads, and the one place that writes data.
//!
//! A load is one folder with one Parquet file per table and a `load.json`; it is written
//! aside, synced, and committed by one rename, so a crash leaves the old state or the new
//! one. [`manifest`] is what `load.json` says, [`mod@commit`] writes a load, [`mod@effective`]
//! picks the loads that count at an instant, [`mod@open`] reads them, [`joined`] makes one row
//! of what several sources tell, [`lock`] keeps writers apart, [`derived`] keeps caches,
//! [`durable`] is how anything reaches the disk. [`mod@diff`] compares two states by
//! [`changes`] of rows, with [`restatement`] of amounts; [`states`] picks them; [`status`]
//! says what there is.

pub mod changes;
pub mod commit;
pub mod derived;
pub mod diff;
pub mod durable;
pub mod effective;
mod first;
pub mod joined;
pub mod layout;
pub mod lock;
pub mod manifest;
pub mod open;
pub mod restatement;
pub mod states;
pub mod status;
mod stored;

pub use commit::{Commit, commit};
pub use effective::{Effective, LoadRef, effective, loads};
pub use layout::Workspace;
pub use manifest::Manifest;
pub use open::{KeptRows, Snapshot, StoredFile, open};
