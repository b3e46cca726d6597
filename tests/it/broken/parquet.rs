//! Parquet files: cut off, damaged, or with columns that lose digits or days.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Int64Type, Schema};
use ssrfund::load::files::read_bytes;
use ssrfund::load::read_file;
use ssrfund::tables::batch::{stored_schema, to_batch};
use ssrfund::workspace::commit::parquet_bytes;

use super::{Case, NOW, file};
use crate::workspaces::{fixtures, instant, options};

/// The base project as a Parquet file that can be loaded.
fn good_parquet() -> Vec<u8> {
    let file = fixtures("scenarios/_base/projects.csv");
    let read = read_file(&file, &options(instant(NOW))).unwrap();
    let rows = &read.reading.tables[0];
    parquet_bytes(&stored_schema(rows.table), &[to_batch(rows).unwrap()]).unwrap()
}

const NO_PARQUET: &str = "projects.parquet: not a readable Parquet file: it does not begin and end with \
     `PAR1`; export or copy the file again\nnothing was loaded: 1 problem in 1 file";

#[test]
fn a_truncated_parquet_file_is_refused_at_every_length() {
    let case = Case::default();
    let good = good_parquet();
    for length in 0..good.len() {
        let cut = &good[..length];
        let reading =
            read_bytes(cut, "projects.parquet", &options(instant(NOW))).unwrap();
        assert!(reading.tables.is_empty(), "{length} bytes");
        let told = reading.faults[0].to_string();
        assert!(NO_PARQUET.starts_with(&told), "{length} bytes: {told}");
    }
    for length in [0, 4, 8, 12, good.len() / 2, good.len() - 1] {
        case.refuses("projects.parquet", &good[..length], NO_PARQUET);
    }
    // The whole file is good: it was the truncation that was refused.
    let (_folder, path) = file("projects.parquet", &good);
    let (_place, workspace) = case.workspace(&[]);
    let load = case.load(&workspace, &[path]).unwrap();
    assert_eq!((load.manifest.tables.len(), load.manifest.tables[0].rows), (1, 1));
}

#[test]
fn a_parquet_file_with_its_middle_cut_out_is_refused() {
    let good = good_parquet();
    for length in (12..good.len() - 8).step_by(97) {
        let mut closed = good[..length].to_vec();
        closed.extend_from_slice(&good[good.len() - 8..]);
        let (_place, path) = file("projects.parquet", &closed);
        let told = Case::default().refused(&[path], &[]).unwrap();
        let began = "projects.parquet: not a readable Parquet file: ";
        assert!(told.starts_with(began), "{length} bytes: {told}");
        assert_eq!(told.lines().count(), 2, "{length} bytes: {told}");
    }
}

/// A changed bit in a value cannot be seen in a file of others; whatever it hits, reading
/// ends in an error of the file or in all of its rows.
#[test]
fn a_flipped_bit_never_panics_and_never_drops_a_row() {
    let good = good_parquet();
    let options = options(instant(NOW));
    let mut refused = 0;
    for at in (0..good.len()).step_by(5) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        let reading = read_bytes(&bytes, "projects.parquet", &options).unwrap();
        if reading.faults.is_empty() && reading.rejects.is_empty() {
            assert_eq!(reading.tables[0].rows.len(), 1, "byte {at}");
        } else {
            refused += 1;
        }
    }
    assert!(refused > 100, "only {refused} flips were noticed");
}

/// A Parquet file of table `requests`, with these columns instead of or beside its own.
pub(super) fn requests(others: &[(&str, ArrayRef)]) -> Vec<u8> {
    let days = Date32Array::from(vec![19_884]);
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("project_id", Arc::new(StringArray::from(vec!["00112233"]))),
        ("tranche", Arc::new(Int64Array::from(vec![3]))),
        ("recipient", Arc::new(StringArray::from(vec!["UNDP"]))),
        ("requested_on", Arc::new(days)),
        ("amount", decimal(Some(100_000), 2)),
    ];
    for (name, array) in others {
        match columns.iter_mut().find(|(column, _)| column == name) {
            Some(column) => column.1 = Arc::clone(array),
            None => columns.push((name, Arc::clone(array))),
        }
    }
    parquet(columns)
}

pub(super) fn decimal(units: Option<i128>, scale: i8) -> ArrayRef {
    let array = Decimal128Array::from(vec![units]);
    Arc::new(array.with_precision_and_scale(18, scale).unwrap())
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
    parquet_bytes(&schema, &[batch]).unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of cases")]
fn parquet_files_that_lose_or_lack_something_are_refused() {
    let case = Case::on_base();
    let (_folder, path) = file("requests.parquet", requests(&[]));
    let (_place, workspace) = case.workspace(&[]);
    case.load(&workspace, &[path]).unwrap();

    let amount = |array: ArrayRef| requests(&[("amount", array)]);
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)])]);
    let instants = Arc::new(TimestampMicrosecondArray::from(vec![1_718_000_000_000_000]));
    let lossy = "store money as DECIMAL(18,2) or text, days as DATE";
    let id: ArrayRef = Arc::new(StringArray::from(vec!["00112233"]));
    let no_rows: ArrayRef = Arc::new(StringArray::from(Vec::<&str>::new()));
    let none = ["project_id", "tranche", "recipient", "requested_on", "amount"]
        .map(|name| (name, Arc::clone(&no_rows)));
    for (bytes, expected) in [
        (
            amount(Arc::new(Float64Array::from(vec![1000.10]))),
            format!(
                "requests.parquet: column `amount` is stored as Float64, which loses digits \
                 or days; {lossy}"
            ),
        ),
        (
            amount(Arc::new(list)),
            format!(
                "requests.parquet: column `amount` is stored as List(Int64), which loses \
                 digits or days; {lossy}"
            ),
        ),
        (
            requests(&[("requested_on", instants)]),
            format!(
                "requests.parquet: column `requested_on` is stored as Timestamp(µs), which \
                 loses digits or days; {lossy}"
            ),
        ),
        (
            amount(decimal(Some(10_005), 3)),
            "requests.parquet:1: `10.005` has more than two decimals; give cents, or load \
             with `--round cents`"
                .to_owned(),
        ),
        (
            amount(decimal(None, 2)),
            "requests.parquet:1: `amount` is empty; every row must fill it".to_owned(),
        ),
        (
            requests(&[("Amount", decimal(Some(1), 2))]),
            "requests.parquet: `Amount` is not a column of `requests`; did you mean \
             `amount`?"
                .to_owned(),
        ),
        (
            parquet(none.to_vec()),
            "requests.parquet: the file has no rows; add `--allow-empty` if this source now \
             tells nothing"
                .to_owned(),
        ),
    ] {
        let all = format!("{expected}\nnothing was loaded: 1 problem in 1 file");
        case.refuses("requests.parquet", &bytes, &all);
    }
    let twice = vec![("project_id", Arc::clone(&id)), ("project_id", Arc::clone(&id))];
    let (_place, path) = file("requests.parquet", parquet(twice));
    let told = case.refused(&[path], &[]).unwrap();
    assert!(told.contains("the column `project_id` stands twice; remove one"), "{told}");
    case.refuses(
        "requests.parquet",
        &parquet(vec![("project_id", id)]),
        "requests.parquet: column `amount` is missing; `requests` needs it in every row\n\
         requests.parquet: column `recipient` is missing; `requests` needs it in every row\n\
         requests.parquet: column `requested_on` is missing; `requests` needs it in every \
         row\n\
         requests.parquet: column `tranche` is missing; `requests` needs it in every row\n\
         nothing was loaded: 4 problems in 1 file",
    );
}

#[test]
fn files_that_are_no_parquet_are_refused() {
    let case = Case::default();
    let csv = std::fs::read(fixtures("scenarios/_base/projects.csv")).unwrap();
    let mut loud = b"PAR1".to_vec();
    loud.extend_from_slice(&[0xff; 4]);
    loud.extend_from_slice(b"PAR1");
    for bytes in [&b""[..], b"PAR1", b"PAR1PAR1", &csv] {
        case.refuses("projects.parquet", bytes, NO_PARQUET);
    }
    let (_place, path) = file("projects.parquet", &loud);
    let told = case.refused(&[path], &[]).unwrap();
    assert!(
        told.starts_with("projects.parquet: not a readable Parquet file: "),
        "{told}"
    );
}
