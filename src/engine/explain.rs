//! The SQL engine's errors in our words.

use datafusion::error::DataFusionError;

use crate::error::{Error, did_you_mean};

/// The engine's error in our words: what, and the nearest name where one is misspelt.
pub(super) fn from_engine(error: DataFusionError, names: &[String]) -> Error {
    if let Some(own) = own(&error) {
        return Error::usage(own.what()).fix(own.how_to_fix()).caused_by(error);
    }
    let root = error.find_root().strip_backtrace();
    let text = root
        .trim_start_matches("Error during planning: ")
        .trim_start_matches("SQL error: ")
        .trim_start_matches("Execution error: ")
        .to_owned();
    let mut told = Error::usage(format!("SQL: {text}"));
    if let Some(name) = missing_table(&text) {
        let near = did_you_mean(
            &name,
            names.iter().map(String::as_str),
            "`SHOW TABLES` lists what there is",
        );
        told = Error::usage(format!("SQL: there is no table `{name}`")).fix(near);
    } else if text.contains("not supported: ") {
        told = told.fix("SQL is read-only here: SELECT, EXPLAIN, SHOW and DESCRIBE");
    }
    told.caused_by(error)
}

/// An error that one of our own functions raised.
fn own(error: &DataFusionError) -> Option<&Error> {
    match error.find_root() {
        DataFusionError::External(cause) => cause.downcast_ref(),
        _ => None,
    }
}

/// The bare name in the engine's `table 'a.b.c' not found`.
fn missing_table(text: &str) -> Option<String> {
    let rest = text.strip_prefix("table '")?;
    let (path, end) = rest.split_once('\'')?;
    end.contains("not found").then(|| path.rsplit('.').next().unwrap_or(path).to_owned())
}
