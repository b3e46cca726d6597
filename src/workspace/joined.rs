//! One row of a project or recipient from what several sources tell of it (F4b).
//!
//! Sources may each tell different columns of one key. The effective row takes each
//! column from the first source that fills it, and its load, file and row from the first
//! that tells the key at all; [`Joined::told`] says of every column who told it. That no
//! two sources tell different values is checked when they are loaded, and here again.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{cast, concat_batches, take};
use arrow::datatypes::{DataType, Int64Type};

use crate::error::{Error, Result, visible};
use crate::tables::Table;
use crate::tables::batch::{LOAD_ID, SOURCE_FILE, SOURCE_ROW};

/// Who told one column of a row that several sources tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToldColumn {
    /// The row's key, its parts separated by a space.
    pub key: String,
    /// The column.
    pub column: &'static str,
    /// The load that told it first.
    pub load_id: String,
    /// Its file.
    pub file: String,
    /// Line, Excel row or XML position.
    pub row: i64,
}

/// Rows of which every key stands once.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The rows, in the order in which their keys were first told.
    pub rows: RecordBatch,
    /// Who told what, for keys that more than one row tells; by key, then column.
    pub told: Vec<ToldColumn>,
}

/// Returns one row per key of `batches`, which have the columns of `table` with file, row
/// and load; nothing where there is no batch.
///
/// # Errors
/// Two rows tell different values of one column, or a batch is not of this table.
pub fn join(table: &'static Table, batches: &[RecordBatch]) -> Result<Option<Joined>> {
    let Some(first) = batches.first() else { return Ok(None) };
    let broken = |error| Error::internal("cannot join rows").caused_by(error);
    let all = concat_batches(&first.schema(), batches).map_err(broken)?;
    let keys = keys(table, &all)?;
    let groups = groups(&keys);
    let mut told = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(all.num_columns());
    for (field, array) in all.schema().fields().iter().zip(all.columns()) {
        let column = table.columns.iter().find(|c| c.name == field.name().as_str());
        let mut indices = Vec::with_capacity(groups.len());
        for rows in &groups {
            let filled = match column {
                Some(_) => filled(array, rows, &all, field.name())?,
                None => None,
            };
            if let (Some(column), Some(row), true) = (column, filled, rows.len() > 1) {
                told.push(told_column(column.name, &keys, &all, row)?);
            }
            indices.push(filled.or(rows.first().copied()));
        }
        let indices = UInt32Array::from(
            indices
                .into_iter()
                .map(|row| row.and_then(|row| u32::try_from(row).ok()))
                .collect::<Vec<Option<u32>>>(),
        );
        columns.push(take(array, &indices, None).map_err(broken)?);
    }
    told.sort();
    let rows = RecordBatch::try_new(all.schema(), columns).map_err(broken)?;
    Ok(Some(Joined { rows, told }))
}

/// The key of each row as text.
fn keys(table: &Table, all: &RecordBatch) -> Result<Vec<String>> {
    let mut keys = vec![String::new(); all.num_rows()];
    for name in table.key {
        let array = texts(all, name)?;
        for (row, key) in keys.iter_mut().enumerate() {
            if !key.is_empty() {
                key.push('\u{1f}');
            }
            key.push_str(if array.is_null(row) { "" } else { array.value(row) });
        }
    }
    Ok(keys)
}

/// Row numbers by key, in the order in which keys were first told.
fn groups(keys: &[String]) -> Vec<Vec<usize>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (row, key) in keys.iter().enumerate() {
        let next = groups.len();
        let place = *places.entry(key).or_insert(next);
        match groups.get_mut(place) {
            Some(rows) => rows.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// The first of `rows` that fills a column; the others must say the same or nothing.
fn filled(
    array: &ArrayRef,
    rows: &[usize],
    all: &RecordBatch,
    column: &str,
) -> Result<Option<usize>> {
    let mut told = rows.iter().copied().filter(|row| array.is_valid(*row));
    let Some(first) = told.next() else { return Ok(None) };
    for other in told {
        if array.slice(first, 1) != array.slice(other, 1) {
            let loads = texts(all, LOAD_ID)?;
            let what = format!(
                "`{}` of one row is told with two values, by load `{}` and load `{}`",
                visible(column),
                loads.value(first),
                loads.value(other)
            );
            return Err(Error::data(what).fix("replace one of the two sources"));
        }
    }
    Ok(Some(first))
}

fn told_column(
    column: &'static str,
    keys: &[String],
    all: &RecordBatch,
    row: usize,
) -> Result<ToldColumn> {
    let numbers = all
        .column_by_name(SOURCE_ROW)
        .and_then(|array| array.as_primitive_opt::<Int64Type>())
        .ok_or_else(|| Error::internal("a stored row has no position"))?;
    Ok(ToldColumn {
        key: keys.get(row).map(|key| key.replace('\u{1f}', " ")).unwrap_or_default(),
        column,
        load_id: texts(all, LOAD_ID)?.value(row).to_owned(),
        file: texts(all, SOURCE_FILE)?.value(row).to_owned(),
        row: numbers.value(row),
    })
}

/// A column as text.
fn texts(all: &RecordBatch, name: &str) -> Result<StringArray> {
    let broken = || Error::internal(format!("a stored row has no text `{name}`"));
    let array = all.column_by_name(name).ok_or_else(broken)?;
    let array =
        cast(array, &DataType::Utf8).map_err(|error| broken().caused_by(error))?;
    array.as_string_opt::<i32>().cloned().ok_or_else(broken)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::tables::schema::table;
    use crate::workspace::Snapshot;
    use arrow::array::new_null_array;

    /// One row of `projects` told by a load.
    fn project(load: &str, row: i64, cells: &[(&str, &str)]) -> RecordBatch {
        let schema = Snapshot::schema("projects");
        let columns = schema
            .fields()
            .iter()
            .map(|field| -> ArrayRef {
                let told = cells.iter().find(|(name, _)| name == field.name());
                match (field.name().as_str(), told) {
                    (LOAD_ID, _) => Arc::new(StringArray::from(vec![load])),
                    (SOURCE_FILE, _) => Arc::new(StringArray::from(vec!["p.csv"])),
                    (SOURCE_ROW, _) => {
                        Arc::new(arrow::array::Int64Array::from(vec![row]))
                    }
                    (_, Some((_, text))) => {
                        let text: ArrayRef = Arc::new(StringArray::from(vec![*text]));
                        cast(&text, field.data_type()).unwrap()
                    }
                    (_, None) => new_null_array(field.data_type(), 1),
                }
            })
            .collect();
        RecordBatch::try_new(schema, columns).unwrap()
    }

    fn text(joined: &Joined, column: &str, row: usize) -> Option<String> {
        let array = texts(&joined.rows, column).unwrap();
        array.is_valid(row).then(|| array.value(row).to_owned())
    }

    #[test]
    fn each_column_comes_from_the_first_that_fills_it() {
        let one = [("project_id", "1"), ("title", "One"), ("currency", "USD")];
        let other = [("project_id", "2"), ("title", "Two"), ("currency", "USD")];
        let more = [
            ("project_id", "1"),
            ("country", "LBR"),
            ("title", "One"),
            ("ssr_weight_bps", "5000"),
        ];
        let batches =
            [project("a", 2, &one), project("a", 3, &other), project("b", 7, &more)];
        let joined = join(table("projects").unwrap(), &batches).unwrap().unwrap();
        assert_eq!(joined.rows.num_rows(), 2);
        assert_eq!(text(&joined, "country", 0).as_deref(), Some("LBR"));
        assert_eq!(text(&joined, "ssr_weight_bps", 0).as_deref(), Some("5000"));
        assert_eq!(text(&joined, "country", 1), None);
        assert_eq!(text(&joined, LOAD_ID, 0).as_deref(), Some("a"));
        assert_eq!(text(&joined, LOAD_ID, 1).as_deref(), Some("a"));
        let told: Vec<(&str, &str, i64)> =
            joined.told.iter().map(|t| (t.column, t.load_id.as_str(), t.row)).collect();
        assert_eq!(
            told,
            [
                ("country", "b", 7),
                ("currency", "a", 2),
                ("project_id", "a", 2),
                ("ssr_weight_bps", "b", 7),
                ("title", "a", 2),
            ]
        );
    }

    #[test]
    fn two_values_are_refused_and_name_both_loads() {
        let batches = [
            project("a", 2, &[("project_id", "1"), ("country", "LBR")]),
            project("b", 2, &[("project_id", "1"), ("country", "SLE")]),
        ];
        let error = join(table("projects").unwrap(), &batches).unwrap_err();
        assert_eq!(
            error.what(),
            "`country` of one row is told with two values, by load `a` and load `b`"
        );
        assert!(join(table("projects").unwrap(), &[]).unwrap().is_none());
    }
}
