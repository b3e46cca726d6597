//! The header of a canonical file: which field belongs to which column of the table.

use crate::error::{Problem, did_you_mean, nearest, visible};
use crate::tables::Table;

use super::records::Record;

/// The most columns that a file may have.
pub const MOST_COLUMNS: usize = 4096;

/// Characters that stand between fields somewhere in the world, and their names.
const DELIMITERS: [(char, &str); 4] =
    [(',', "commas"), (';', "semicolons"), ('\t', "tabs"), ('|', "bars")];

/// Which column of its table each field of a record belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The names as they stand, trimmed.
    names: Vec<String>,
    /// For each field the place of its column in the table.
    places: Vec<usize>,
}

impl Header {
    /// How many fields each record must have.
    #[must_use]
    pub fn width(&self) -> usize {
        self.places.len()
    }

    /// For each field the place of its column in the table.
    #[must_use]
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Whether a record is the header once more.
    #[must_use]
    pub fn is_repeated_by(&self, record: &Record<'_>) -> bool {
        record.fields.iter().map(|field| field.text.trim()).eq(self.names.iter())
    }
}

/// The place of the column that a name means, and whether the name is spelled exactly
/// so; case, spaces and hyphens are overlooked.
#[must_use]
pub fn column_place(table: &Table, name: &str) -> Option<(usize, bool)> {
    if let Some(place) = table.index(name) {
        return Some((place, true));
    }
    let plain = name.trim().to_lowercase().replace([' ', '-'], "_");
    table.index(&plain).map(|place| (place, false))
}

/// Says that no column of the table has this name.
#[must_use]
pub fn unknown_column(table: &Table, name: &str, file: &str, at: (u64, u64)) -> Problem {
    let names = table.columns.iter().map(|column| column.name);
    let all: Vec<&str> = names.clone().collect();
    let otherwise = format!("the columns of `{}` are {}", table.name, all.join(", "));
    let what = format!("`{}` is no column of `{}`", visible(name), table.name);
    let fix = did_you_mean(&beginning(name), names, &otherwise);
    Problem::at(file, at.0, at.1, what, fix).field(name, name)
}

/// As much of a name as is compared with others: a field may have a million characters.
fn beginning(name: &str) -> String {
    name.trim().chars().take(100).collect()
}

/// Says that a name is read as a column although it is spelled otherwise.
#[must_use]
pub fn other_spelling(name: &str, column: &str, file: &str, at: (u64, u64)) -> Problem {
    let what = format!("the column `{}` is read as `{column}`", visible(name));
    Problem::at(file, at.0, at.1, what, format!("write `{column}`")).field(column, name)
}

/// Says that the fields of a text are separated by another character than `delimiter`,
/// if more names of its first line are known by splitting there.
#[must_use]
pub fn other_delimiter(
    text: &str,
    file: &str,
    delimiter: u8,
    is_known: impl Fn(&str) -> bool,
) -> Option<Problem> {
    let line = text.lines().next().unwrap_or_default();
    let known = |delimiter: char| {
        line.split(delimiter)
            .filter(|name| is_known(name.trim_matches(['"', ' ', '\r'])))
            .count()
    };
    let given = char::from(delimiter);
    let wanted =
        DELIMITERS.iter().find(|(c, _)| *c == given).map_or("it", |(_, name)| name);
    let (found, name) = DELIMITERS
        .iter()
        .filter(|(c, _)| *c != given && line.contains(*c))
        .max_by_key(|(c, _)| known(*c))?;
    if known(*found) <= known(given) {
        return None;
    }
    let what = format!("the fields are separated by {name}, not by {wanted}");
    let flag = if *found == '\t' { "tab".to_owned() } else { format!("'{found}'") };
    let fix =
        format!("save the file with {wanted}, or load it with `--delimiter {flag}`");
    Some(Problem::at(file, 1, 1, what, fix))
}

/// Reads the header.
///
/// # Errors
/// All that is wrong with it.
pub fn read(
    record: &Record<'_>,
    file: &str,
    table: &Table,
    warnings: &mut Vec<Problem>,
) -> Result<Header, Vec<Problem>> {
    if let Some(problem) = unfit(record, file, table) {
        return Err(vec![problem]);
    }
    let mut faults = Vec::new();
    let mut header = Header { names: Vec::new(), places: Vec::new() };
    let mut seen: Vec<Option<u64>> = vec![None; table.columns.len()];
    for (index, field) in record.fields.iter().enumerate() {
        let at = (record.line, field.column);
        let name = field.text.trim();
        if name.is_empty() {
            let what = format!("column {} has no name", index.saturating_add(1));
            let fix = "name it, or remove the empty column";
            faults.push(Problem::at(file, at.0, at.1, what, fix));
            continue;
        }
        let Some((place, exact)) = column_place(table, name) else {
            faults.push(unknown_column(table, name, file, at));
            continue;
        };
        let column = table.columns.get(place).map_or("", |column| column.name);
        if let Some(first) = seen.get(place).copied().flatten() {
            let what = format!("the column `{column}` stands twice in the header");
            let fix = format!("remove one; the first is at column {first}");
            faults.push(Problem::at(file, at.0, at.1, what, fix).field(column, name));
            continue;
        }
        if !exact || field.text != name {
            warnings.push(other_spelling(&field.text, column, file, at));
        }
        if let Some(slot) = seen.get_mut(place) {
            *slot = Some(field.column);
        }
        header.names.push(name.to_owned());
        header.places.push(place);
    }
    for (column, place) in table.columns.iter().zip(&seen) {
        if column.required && place.is_none() {
            let what = format!("the column `{}` is missing", column.name);
            let fix = format!(
                "add it ({}), or load with a `--mapping` that says where it stands",
                column.doc
            );
            let problem = Problem::at(file, record.line, 0, what, fix);
            faults.push(problem.field(column.name, ""));
        }
    }
    if !header.places.is_sorted() {
        let what = format!("the columns stand in another order than in `{}`", table.name);
        let fix = "nothing need be done: they are read by name";
        warnings.push(Problem::at(file, record.line, 0, what, fix));
    }
    if faults.is_empty() { Ok(header) } else { Err(faults) }
}

/// Why a record cannot be a header at all.
fn unfit(record: &Record<'_>, file: &str, table: &Table) -> Option<Problem> {
    let width = record.fields.len();
    if width > MOST_COLUMNS {
        let what = format!("the file has {width} columns");
        let fix = format!("a file may have {MOST_COLUMNS}; are the line ends missing?");
        return Some(Problem::at(file, record.line, 0, what, fix));
    }
    let known = |name: &str| column_place(table, name.trim()).is_some();
    if record.fields.iter().any(|field| known(&field.text)) {
        return None;
    }
    let near = record.fields.iter().any(|field| {
        let names = table.columns.iter().map(|column| column.name);
        !nearest(&beginning(&field.text), names).is_empty()
    });
    if near && width > 1 {
        return None;
    }
    let required: Vec<&str> =
        table.columns.iter().filter(|c| c.required).map(|c| c.name).collect();
    let what = format!("the first line names no column of `{}`", table.name);
    let fix = format!("the first line must be the header, with {}", required.join(", "));
    Some(Problem::at(file, record.line, 1, what, fix))
}
