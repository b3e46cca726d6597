//! Names that are not there, and values that are of another kind.

use std::collections::BTreeSet;

use crate::error::{did_you_mean, visible};

use super::Told;
use super::syntax::{place_of, words};

/// How many columns are listed.
const LISTED: usize = 12;

/// The bare name in the engine's `table 'a.b.c' not found`.
pub(super) fn missing_table(text: &str) -> Option<String> {
    let rest = text.strip_prefix("table '")?;
    let (path, end) = rest.split_once('\'')?;
    end.contains("not found").then(|| path.rsplit('.').next().unwrap_or(path).to_owned())
}

/// The engine's `No field named x.`, with the columns that there are.
pub(super) fn missing_column(text: &str, sql: &str) -> Option<Told> {
    let rest = text.strip_prefix("No field named ")?;
    let (first, others) = rest.split_once('\n').unwrap_or((rest, ""));
    let (path, hint) =
        first.split_once(". ").unwrap_or((first.trim_end_matches('.'), ""));
    let name = bare(path);
    let valid = others.lines().find_map(|line| line.strip_prefix("Valid fields are "));
    let columns: Vec<&str> = valid
        .unwrap_or_default()
        .trim_end_matches('.')
        .split(", ")
        .map(bare)
        .filter(|column| !column.is_empty())
        .collect();
    let hinted = hint.split('\'').nth(1).map(bare);
    let listed = match columns.as_slice() {
        [] => String::new(),
        all => {
            let more = if all.len() > LISTED { ", …" } else { "" };
            let some: Vec<&str> = all.iter().take(LISTED).copied().collect();
            format!("the columns are {}{more}", some.join(", "))
        }
    };
    let known: BTreeSet<&str> = columns.into_iter().chain(hinted).collect();
    Some(Told {
        place: place_of(sql, name),
        what: format!("there is no column `{}`", visible(name)),
        fix: did_you_mean(name, known, &listed),
    })
}

/// The last part of a path of names, without quotes.
fn bare(path: &str) -> &str {
    let last = path.trim().rsplit('.').next().unwrap_or(path);
    last.trim_matches('"')
}

/// The engine's `Invalid function 'x'`.
pub(super) fn missing_function(text: &str, sql: &str) -> Option<Told> {
    let rest = text.strip_prefix("Invalid function '")?;
    let (name, others) = rest.split_once('\'')?;
    let hinted = others.split('\'').nth(1);
    Some(Told {
        place: place_of(sql, name),
        what: format!("there is no function `{}`", visible(name)),
        fix: did_you_mean(name, hinted, "`SHOW FUNCTIONS` lists what there is"),
    })
}

/// The engine's list of all that a function could have taken.
pub(super) fn wrong_arguments(text: &str, sql: &str) -> Option<Told> {
    let (_, rest) = text.split_once("given name and argument types '")?;
    let (call, _) = rest.split_once('\'')?;
    let (name, types) = call.split_once('(')?;
    let types = types.trim_end_matches(')');
    let kinds: Vec<String> = types.split(", ").map(kind).collect();
    let kinds = if types.is_empty() { "nothing".to_owned() } else { kinds.join(", ") };
    let is_number = ["sum", "avg", "round", "abs"].contains(&name);
    let fix = if is_number && types.contains("Utf8") {
        format!("convert it first: `CAST({} AS DECIMAL(18, 2))`", argument(sql, name))
    } else {
        format!("`SHOW FUNCTIONS LIKE '{name}'` shows what it takes")
    };
    Some(Told {
        place: place_of(sql, name),
        what: format!("`{name}` cannot take {kinds}"),
        fix,
    })
}

/// The word after a function's bracket.
fn argument(sql: &str, name: &str) -> String {
    let words = words(sql);
    let mut after = words.iter().skip_while(|word| !word.text.eq_ignore_ascii_case(name));
    after.nth(1).map_or_else(|| "x".to_owned(), |word| word.text.clone())
}

/// The engine's `Cannot cast string 'x' to value of T type`.
pub(super) fn wrong_value(text: &str) -> Option<Told> {
    let rest = text.strip_prefix("Cannot cast string '")?;
    let (value, rest) = rest.split_once("' to value of ")?;
    let to = kind(rest.trim_end_matches(" type"));
    let what = format!("`{}` cannot be read as {to}", visible(value));
    Some(Told { place: None, what, fix: String::new() })
}

/// The engine's word for a `$name` that nobody told.
pub(super) fn no_parameter(text: &str) -> Option<Told> {
    let name = text.strip_prefix("No value found for placeholder with name $")?;
    Some(Told {
        place: None,
        what: format!("`${name}` has no value"),
        fix: format!("give it with `--param {name}=VALUE`"),
    })
}

/// The engine's word for a column that is neither grouped nor summed.
pub(super) fn not_grouped(text: &str, sql: &str) -> Option<Told> {
    let (_, rest) = text.split_once("column \"")?;
    let (path, rest) = rest.split_once('"')?;
    rest.contains("must appear in the GROUP BY clause").then(|| {
        let name = bare(path);
        Told {
            place: place_of(sql, name),
            what: format!("`{}` is neither grouped nor summed", visible(name)),
            fix: "name it in GROUP BY, or put it into SUM, MIN or COUNT".to_owned(),
        }
    })
}

/// A type as people call it.
fn kind(engine: &str) -> String {
    let starts = |start: &str| engine.starts_with(start);
    if starts("Utf8") || starts("LargeUtf8") || starts("Dictionary") {
        "text".to_owned()
    } else if starts("Int") && !starts("Interval") || starts("UInt") {
        "a whole number".to_owned()
    } else if starts("Decimal") || starts("Float") {
        "a number".to_owned()
    } else if starts("Date") {
        "a day".to_owned()
    } else if starts("Timestamp") {
        "an instant".to_owned()
    } else if starts("Boolean") {
        "true or false".to_owned()
    } else {
        engine.to_owned()
    }
}
