//! What the engine says of a statement, in our words: where, what, and the nearest name.

mod names;
mod syntax;

use datafusion::error::DataFusionError;

use crate::error::{Error, did_you_mean};

use names::{missing_column, missing_function, missing_table, wrong_arguments};

/// The words that begin a statement which would change something, or set it.
const WRITES: [&str; 26] = [
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DEALLOCATE",
    "DELETE",
    "DROP",
    "EXECUTE",
    "GRANT",
    "INSERT",
    "LOCK",
    "MERGE",
    "PREPARE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SET",
    "START",
    "TRUNCATE",
    "UPDATE",
    "USE",
    "VACUUM",
];

/// What is told of a statement before it is an error.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// Line and character, where that is known.
    place: Option<(u64, u64)>,
    what: String,
    fix: String,
}

/// Returns the engine's error about a statement as ours; `names` are the tables there
/// are, `sql` is the statement or empty.
pub(super) fn from_engine(error: DataFusionError, names: &[String], sql: &str) -> Error {
    if let Some(own) = own(&error) {
        return Error::usage(own.what()).fix(own.how_to_fix()).caused_by(error);
    }
    let root = error.find_root().strip_backtrace();
    let Told { place, what, fix } = told(&root, names, sql);
    let place = match place {
        Some((line, column)) => format!("SQL line {line}, column {column}"),
        None => "SQL".to_owned(),
    };
    Error::usage(format!("{place}: {what}")).fix(fix).caused_by(error)
}

fn told(root: &str, names: &[String], sql: &str) -> Told {
    const PREFIXES: [&str; 8] = [
        "Error during planning: ",
        "SQL error: ",
        "Execution error: ",
        "Schema error: ",
        "Arrow error: ",
        "Cast error: ",
        "Parser error: ",
        "This feature is not implemented: ",
    ];
    let mut text = root;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest;
    }
    if let Some(told) = syntax::told(text, sql) {
        return told;
    }
    let first = syntax::words(sql).into_iter().next();
    if text.contains("not supported: ")
        || first.as_ref().is_some_and(|word| WRITES.contains(&word.upper().as_str()))
    {
        return Told {
            place: first.as_ref().map(|word| word.place),
            what: match &first {
                Some(word) if WRITES.contains(&word.upper().as_str()) => {
                    format!("`{}` is not run", word.upper())
                }
                _ => text.to_owned(),
            },
            fix: "SQL is read-only here: SELECT, EXPLAIN, SHOW and DESCRIBE".to_owned(),
        };
    }
    if let Some(name) = missing_table(text) {
        return Told {
            place: syntax::place_of(sql, &name),
            what: format!("there is no table `{name}`"),
            fix: did_you_mean(
                &name,
                names.iter().map(String::as_str),
                "`SHOW TABLES` lists what there is",
            ),
        };
    }
    missing_column(text, sql)
        .or_else(|| missing_function(text, sql))
        .or_else(|| wrong_arguments(text, sql))
        .or_else(|| names::wrong_value(text))
        .or_else(|| names::no_parameter(text))
        .or_else(|| names::not_grouped(text, sql))
        .unwrap_or_else(|| Told {
            place: None,
            what: text.lines().next().unwrap_or_default().to_owned(),
            fix: String::new(),
        })
}

/// An error that one of our own functions raised.
fn own(error: &DataFusionError) -> Option<&Error> {
    match error.find_root() {
        DataFusionError::External(cause) => cause.downcast_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(root: &str, sql: &str) -> String {
        let Told { place, what, fix } = told(root, &["transactions".to_owned()], sql);
        let place = place.map(|(line, column)| format!("{line}:{column} "));
        format!("{}{what}; {fix}", place.unwrap_or_default())
    }

    #[test]
    fn what_the_engine_says_is_told_in_our_words() {
        for (root, sql, expected) in [
            (
                "Error during planning: table 'ssrfund.public.trancation' not found",
                "SELECT *\n  FROM trancation",
                "2:8 there is no table `trancation`; did you mean `transactions`?",
            ),
            (
                "Schema error: No field named amout. Did you mean 'x.amount'?\nValid \
                 fields are x.amount, x.day.",
                "SELECT amout FROM x",
                "1:8 there is no column `amout`; did you mean `amount`?",
            ),
            (
                "Schema error: No field named zzz.\nValid fields are x.amount, x.day.",
                "SELECT 1, x.zzz FROM x",
                "1:13 there is no column `zzz`; the columns are amount, day",
            ),
            (
                "Error during planning: Invalid function 'nofunc'.\nDid you mean 'round'?",
                "SELECT nofunc(1)",
                "1:8 there is no function `nofunc`; `SHOW FUNCTIONS` lists what there is",
            ),
            (
                "Error during planning: Invalid function 'summ'.\nDid you mean 'sum'?",
                "SELECT summ(1)",
                "1:8 there is no function `summ`; did you mean `sum`?",
            ),
            (
                "Arrow error: Cast error: Cannot cast string 'x' to value of Int64 type",
                "SELECT 1",
                "`x` cannot be read as a whole number; ",
            ),
            (
                "Error during planning: No value found for placeholder with name $zz",
                "SELECT $zz",
                "`$zz` has no value; give it with `--param zz=VALUE`",
            ),
            (
                "Error during planning: Inconsistent data length across values list: got 1",
                "insert into x values (1)",
                "1:1 `INSERT` is not run; SQL is read-only here: SELECT, EXPLAIN, SHOW and \
                 DESCRIBE",
            ),
            (
                "Internal error: Function 'sum' failed to match any signature, errors: …\n \
                 No function matches the given name and argument types 'sum(Utf8)'. You",
                "SELECT sum(b) FROM x",
                "1:8 `sum` cannot take text; convert it first: `CAST(b AS DECIMAL(18, 2))`",
            ),
        ] {
            assert_eq!(of(root, sql), expected);
        }
    }
}
