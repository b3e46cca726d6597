//! Files in: the one stage that turns what others wrote into canonical rows.
//!
//! [`read_file`] picks the reader by suffix and content; every reader ends in a
//! [`reading::Reading`]. [`check()`] then looks at all files of one call together with what
//! other sources already tell, and returns [`Loaded`]: rows that are safe to keep, or
//! every reason why not. Nothing is written here.

mod aside;
pub mod check;
pub mod csv;
pub mod encoding;
pub mod files;
pub mod grants;
pub mod gzip;
pub mod iati;
pub mod impostor;
pub mod infer;
mod joins;
pub mod json;
pub mod mapping;
pub mod parquet;
mod paths;
pub mod reading;
pub mod references;
pub mod remarks;
pub mod rows;
pub mod shares;
pub mod sheet;
mod together;
pub mod totals;
pub mod utf8;
pub mod xlsx;

pub use check::{Known, Loaded, check, check_alone};
pub use files::{Options, Reads, SourceFile, gather, read_file, read_files};
pub use reading::{Exact, Reading, Reject, Tally};
