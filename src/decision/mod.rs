//! What is done with a decision: its exact JSON, and a note that a colleague would write.
//!
//! The object itself is [`crate::gate::Decision`]; [`assess`] gathers what it rests on,
//! [`log`] keeps it for good.

pub mod assess;
mod baseline;
mod beside;
pub mod calendar;
pub mod formats;
pub mod log;
mod note;
pub mod scenario;
mod signed;
mod text;
mod words;

#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use crate::gate::Decision;

pub use text::{explain, tell};

/// The decision as a JSON value, keys in the order of the decision object.
///
/// # Errors
/// An internal error where the object cannot be written.
pub fn to_value(decision: &Decision) -> Result<serde_json::Value> {
    serde_json::to_value(decision).map_err(unwritable)
}

/// The decision as indented JSON text without a line end.
///
/// # Errors
/// An internal error where the object cannot be written.
pub fn to_json(decision: &Decision) -> Result<String> {
    serde_json::to_string_pretty(decision).map_err(unwritable)
}

/// The decision as JSON on one line, without a line end.
///
/// # Errors
/// An internal error where the object cannot be written.
pub fn to_json_line(decision: &Decision) -> Result<String> {
    serde_json::to_string(decision).map_err(unwritable)
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::internal("the decision cannot be written as JSON").caused_by(error)
}
