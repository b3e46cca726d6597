//! Files named on the command line: a table of typed columns, without loss.
//!
//! A column gets a type only if every one of its values is written in that type's one
//! form, so that no value changes: `007` and `1E5` stay text, `12.50` becomes a decimal
//! with two places. All values are looked at, not the first thousand. Empty is NULL.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray,
};
use arrow::datatypes::{Field, Schema};

use crate::domain::time::{days_since_epoch, parse_day};
use crate::error::{Error, Problem, Result, visible};
use crate::load::csv::header::{MOST_COLUMNS, other_delimiter};
use crate::load::csv::records::{Record, Records};
use crate::load::json::lexer::Value;
use crate::load::json::objects::Objects;
use crate::load::utf8;

/// A column of text before it has a type.
struct RawColumn<'a> {
    name: String,
    values: Vec<Option<Cow<'a, str>>>,
}

/// Reads a CSV file (a TSV file if its name ends in `.tsv` or `.tab`).
///
/// # Errors
/// All that is wrong with its form, with places.
pub fn infer_csv(bytes: &[u8], file: &str) -> Result<RecordBatch> {
    let text = utf8::decode(bytes, file).map_err(|problems| refused(file, problems))?;
    let suffix = Path::new(file).extension().unwrap_or_default();
    let tabs = ["tsv", "tab"].iter().any(|tab| suffix.eq_ignore_ascii_case(tab));
    let delimiter = if tabs { b'\t' } else { b',' };
    let first_line = text.lines().next().unwrap_or_default();
    if !first_line.contains(char::from(delimiter)) {
        let is_name = |name: &str| !name.is_empty();
        if let Some(problem) = other_delimiter(text, file, delimiter, is_name) {
            let fix = "save the file with commas (or with tabs and the ending `.tsv`)";
            return Err(refused(file, vec![Problem { fix: fix.to_owned(), ..problem }]));
        }
    }
    let mut records = Records::new(text, file, delimiter);
    let header = records.read().unwrap_or_default();
    let mut columns = named_columns(&header, file)?;
    let mut problems = Vec::new();
    let mut blank: Vec<u64> = Vec::new();
    while let Some(record) = records.read() {
        if columns.len() > 1 && record.is_blank() {
            blank.push(record.line);
            continue;
        }
        for line in blank.drain(..) {
            let what = "an empty line between rows";
            problems.push(Problem::at(file, line, 0, what, "remove it"));
        }
        if record.fields.len() != columns.len() {
            let (found, wanted) = (record.fields.len(), columns.len());
            let noun = if found == 1 { "field" } else { "fields" };
            let what = format!("the row has {found} {noun}, the header has {wanted}");
            let fix = "put a field that holds a delimiter in quotes";
            problems.push(Problem::at(file, record.line, 0, what, fix));
            continue;
        }
        for (column, field) in columns.iter_mut().zip(record.fields) {
            column.values.push(Some(field.text).filter(|text| !text.is_empty()));
        }
    }
    problems.append(&mut records.faults);
    problems.sort();
    if problems.is_empty() { batch(&columns) } else { Err(refused(file, problems)) }
}

/// Reads a JSON file: an array of objects, or one object a line. Arrays and objects
/// inside a row become their JSON text.
///
/// # Errors
/// All that is wrong with its form, with places.
pub fn infer_json(bytes: &[u8], file: &str) -> Result<RecordBatch> {
    let text = utf8::decode(bytes, file).map_err(|problems| refused(file, problems))?;
    let mut columns: Vec<RawColumn<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    let mut count: usize = 0;
    for object in Objects::new(text, file) {
        let object = object.map_err(|problem| refused(file, vec![*problem]))?;
        for member in object.members {
            let place =
                *places.entry(member.name.trim().to_owned()).or_insert_with(|| {
                    let name = member.name.trim().to_owned();
                    columns.push(RawColumn { name, values: Vec::new() });
                    columns.len().saturating_sub(1)
                });
            let Some(column) = columns.get_mut(place) else { continue };
            if column.values.len() > count {
                let (line, at) = member.name_at;
                let what = format!("the name `{}` stands twice", visible(&member.name));
                let problem = Problem::at(file, line, at, what, "remove one");
                return Err(refused(file, vec![problem]));
            }
            column.values.resize(count, None);
            column.values.push(json_text(member.value));
        }
        count = count.saturating_add(1);
        if columns.len() > MOST_COLUMNS {
            let what = format!("the rows have more than {MOST_COLUMNS} different names");
            return Err(refused(file, vec![Problem::of_file(file, what, "")]));
        }
    }
    if columns.is_empty() {
        let fix = "a table needs at least one row with a name";
        return Err(refused(file, vec![Problem::of_file(file, "no column", fix)]));
    }
    for column in &mut columns {
        column.values.resize(count, None);
    }
    batch(&columns)
}

fn refused(file: &str, problems: Vec<Problem>) -> Error {
    Error::data(format!("`{}` cannot be read as a table", visible(file)))
        .problems(problems)
}

fn json_text(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::Bool(truth) => Some(Cow::Borrowed(if truth { "true" } else { "false" })),
        Value::Number(text) | Value::Nested(text) => Some(Cow::Borrowed(text)),
        Value::Text(text) => Some(text).filter(|text| !text.is_empty()),
    }
}

fn named_columns<'a>(header: &Record<'_>, file: &str) -> Result<Vec<RawColumn<'a>>> {
    let width = header.fields.len();
    if width > MOST_COLUMNS {
        let what = format!("the file has {width} columns");
        let fix = format!("a file may have {MOST_COLUMNS}; are the line ends missing?");
        return Err(refused(file, vec![Problem::at(file, header.line, 0, what, fix)]));
    }
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let mut columns = Vec::new();
    for (index, field) in header.fields.iter().enumerate() {
        let name = field.text.trim();
        let what = if name.is_empty() {
            format!("column {} has no name", index.saturating_add(1))
        } else if seen.insert(name) {
            columns.push(RawColumn { name: name.to_owned(), values: Vec::new() });
            continue;
        } else {
            format!("the column `{}` stands twice in the header", visible(name))
        };
        let fix = "give every column a name of its own";
        problems.push(Problem::at(file, header.line, field.column, what, fix));
    }
    if problems.is_empty() { Ok(columns) } else { Err(refused(file, problems)) }
}

fn batch(columns: &[RawColumn<'_>]) -> Result<RecordBatch> {
    let rows = columns.first().map_or(0, |column| column.values.len());
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for column in columns {
        let array = typed(column)?;
        fields.push(Field::new(&column.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
        .map_err(|error| Error::internal("cannot build a record batch").caused_by(error))
}

/// Gives a column the narrowest type that keeps every value.
fn typed(column: &RawColumn<'_>) -> Result<ArrayRef> {
    let values = || column.values.iter().map(Option::as_deref);
    let all = |fits: fn(&str) -> bool| values().flatten().all(fits);
    if values().flatten().next().is_none() {
        return Ok(Arc::new(values().collect::<StringArray>()));
    }
    if all(is_int64) {
        let numbers = values().map(|value| value.and_then(|text| text.parse().ok()));
        return Ok(Arc::new(numbers.collect::<Int64Array>()));
    }
    if let Some(array) = decimals(column)? {
        return Ok(array);
    }
    if all(|text| parse_day(text).is_some()) {
        let days = values().map(|value| value.and_then(parse_day).map(days_since_epoch));
        return Ok(Arc::new(days.collect::<Date32Array>()));
    }
    if all(|text| matches!(text, "true" | "false")) {
        let truths = values().map(|value| value.map(|text| text == "true"));
        return Ok(Arc::new(truths.collect::<BooleanArray>()));
    }
    Ok(Arc::new(values().collect::<StringArray>()))
}

/// Whether a text is a whole number of at most 18 digits in its one form.
fn is_int64(text: &str) -> bool {
    decimal_parts(text).is_some_and(|(integer, fraction)| {
        fraction.is_empty() && !text.contains('.') && integer.len() <= 18
    })
}

/// The digits before and after the point of a plain decimal.
fn decimal_parts(text: &str) -> Option<(&str, &str)> {
    let body = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = match body.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (body, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = integer.len() > 1 && integer.starts_with('0');
    let plain =
        !integer.is_empty() && !leading_zero && digits(integer) && digits(fraction);
    plain.then_some((integer, fraction))
}

/// The column as decimals with the most places that any value has, if all fit.
fn decimals(column: &RawColumn<'_>) -> Result<Option<ArrayRef>> {
    const PRECISION: u8 = 38;
    let (mut before, mut places) = (0_usize, 0_usize);
    for text in column.values.iter().flatten() {
        let Some((integer, fraction)) = decimal_parts(text) else { return Ok(None) };
        before = before.max(integer.len());
        places = places.max(fraction.len());
    }
    let Ok(scale) = i8::try_from(places) else { return Ok(None) };
    if before.saturating_add(places) > usize::from(PRECISION) {
        return Ok(None);
    }
    let unscaled = |text: &str| {
        let (integer, fraction) = decimal_parts(text)?;
        let sign = if text.starts_with('-') { "-" } else { "" };
        format!("{sign}{integer}{fraction:0<places$}").parse::<i128>().ok()
    };
    let numbers = column.values.iter().map(|value| value.as_deref().and_then(unscaled));
    let array = numbers
        .collect::<Decimal128Array>()
        .with_precision_and_scale(PRECISION, scale)
        .map_err(|error| Error::internal("a decimal does not fit").caused_by(error))?;
    Ok(Some(Arc::new(array)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::DataType::{Boolean, Date32, Decimal128, Int64, Utf8};
    use arrow::datatypes::{DataType, Decimal128Type, Int64Type};

    fn types(batch: &RecordBatch) -> Vec<DataType> {
        batch.schema().fields().iter().map(|f| f.data_type().clone()).collect()
    }

    fn type_of(values: &[&str]) -> DataType {
        let text = format!("a,b\n{},x\n", values.join(",x\n"));
        let batch = infer_csv(text.as_bytes(), "f.csv").unwrap();
        batch.schema().field(0).data_type().clone()
    }

    #[test]
    fn a_type_is_given_only_where_nothing_is_lost() {
        assert_eq!(type_of(&["1", "-20", "", "0"]), Int64);
        assert_eq!(type_of(&["123456789012345678"]), Int64);
        assert_eq!(type_of(&["1234567890123456789"]), Decimal128(38, 0));
        assert_eq!(type_of(&["1", "2.50", "-0.125"]), Decimal128(38, 3));
        assert_eq!(type_of(&["2024-02-29", ""]), Date32);
        assert_eq!(type_of(&["true", "false"]), Boolean);
        for text in [
            "007",
            "1E5",
            "NaN",
            "inf",
            "+5",
            ".5",
            "5.",
            "1,5",
            "2023-02-29",
            "2024-3-4",
            "TRUE",
            " 1",
            "-",
            "00.5",
            "1_000",
            "٣",
        ] {
            assert_eq!(type_of(&["1", &format!("\"{text}\"")]), Utf8, "{text}");
            assert_eq!(type_of(&[&format!("\"{text}\"")]), Utf8, "{text}");
        }
        assert_eq!(type_of(&["", ""]), Utf8);
        let long = "9".repeat(39);
        assert_eq!(type_of(&[&long]), Utf8);
        assert_eq!(type_of(&[&"9".repeat(38)]), Decimal128(38, 0));
        assert_eq!(type_of(&[&"9".repeat(38), "0.1"]), Utf8);
    }

    #[test]
    fn values_are_exact_and_empty_is_null() {
        let text = "a, b ,c\n1,0.1,\n,12.345,x\n";
        let batch = infer_csv(text.as_bytes(), "f.csv").unwrap();
        assert_eq!(types(&batch), [Int64, Decimal128(38, 3), Utf8]);
        assert_eq!(batch.schema().field(1).name(), "b");
        assert!(batch.column(0).as_primitive::<Int64Type>().is_null(1));
        let decimals = batch.column(1).as_primitive::<Decimal128Type>();
        assert_eq!(decimals.values().as_ref(), [100, 12_345]);
        assert!(batch.column(2).as_string::<i32>().is_null(0));
    }

    #[test]
    fn csv_faults_are_all_told() {
        let error =
            |text: &str| infer_csv(text.as_bytes(), "f.csv").unwrap_err().to_string();
        assert_eq!(
            error("a,a,\n1,2,3\n"),
            "f.csv:1:3: the column `a` stands twice in the header; give every column a \
             name of its own\n\
             f.csv:1:5: column 3 has no name; give every column a name of its own\n\
             `f.csv` cannot be read as a table"
        );
        let told = error("a,b\n1\n\n\"x\" y,2\n1,2,3\n");
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 5, "{told}");
        assert!(lines[0].starts_with("f.csv:2: the row has 1 field,"));
        assert!(lines[1].starts_with("f.csv:3: an empty line"));
        assert!(lines[2].starts_with("f.csv:4:4: text follows a closing quote"));
        assert!(lines[3].starts_with("f.csv:5: the row has 3 fields"));
        assert!(error("a;b\n1;2\n").contains("separated by semicolons, not by commas"));
        assert!(error("").contains("0 bytes"));
    }

    #[test]
    fn one_column_tables_and_tabs_are_read() {
        let batch = infer_csv(b"a\n1\n\n2\n", "f.csv").unwrap();
        assert_eq!((batch.num_rows(), batch.column(0).null_count()), (3, 1));
        let batch = infer_csv(b"a\tb\n1\t2,5\n", "f.TSV").unwrap();
        assert_eq!(types(&batch), [Int64, Utf8]);
        let batch = infer_csv(b"a,b\n", "f.csv").unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (0, 2));
    }

    #[test]
    fn json_rows_may_lack_names() {
        let text = "[{\"b\": 1, \"a\": \"1.50\"}, {\"c\": [1, {\"x\": 2}], \"a\": 2},\n\
                    {\"d\": true, \"b\": null}]";
        let batch = infer_json(text.as_bytes(), "f.json").unwrap();
        let schema = batch.schema();
        let names: Vec<&str> =
            schema.fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!(names, ["b", "a", "c", "d"]);
        assert_eq!(types(&batch), [Int64, Decimal128(38, 2), Utf8, Boolean]);
        assert_eq!(batch.column(2).as_string::<i32>().value(1), "[1, {\"x\": 2}]");
        assert_eq!(batch.num_rows(), 3);
        for (text, what) in [
            ("[]", "no column"),
            ("{\"a\": 1, \"a \": 2}", "stands twice"),
            ("{\"a\": 1", "f.json:1:8: the file ends"),
        ] {
            let error = infer_json(text.as_bytes(), "f.json").unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
