//! Parquet files that announce more than they hold, inflate beyond measure, or store
//! values in ways that only look lossy.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, DictionaryArray, Int64Array, RecordBatch, StringArray,
    StructArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int96, Int96Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use ssrfund::load::files::read_bytes;

use super::parquet::{decimal, requests};
use super::{Case, NOW, file};
use crate::workspaces::{instant, options};

const NAME: &str = "requests.parquet";

/// Asserts that the file is refused with `what`.
fn refused(bytes: &[u8], what: &str) {
    let all = format!(
        "{NAME}: not a readable Parquet file: {what}\nnothing was loaded: 1 problem in 1 \
         file"
    );
    Case::on_base().refuses(NAME, bytes, &all);
}

/// A table of one text column, compressed.
fn texts(values: &[&str], compression: Compression) -> Vec<u8> {
    let array: DictionaryArray<Int32Type> = values.iter().copied().collect();
    let array: ArrayRef = Arc::new(array);
    let field = Field::new("recipient", array.data_type().clone(), false);
    let schema = Arc::new(Schema::new(vec![field]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![array]).unwrap();
    let how = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(how)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// A file whose footer is these bytes.
fn with_footer(footer: &[u8]) -> Vec<u8> {
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1", footer, &length, b"PAR1"].concat()
}

/// Where the footer of a file begins.
fn footer_start(bytes: &[u8]) -> usize {
    let end = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap());
    end - usize::try_from(length).unwrap()
}

#[test]
fn footers_that_announce_more_than_the_file_holds_are_refused() {
    let lies =
        "its footer announces more than the file holds; export or copy the file again";
    // Two thousand million row groups; a schema of as many elements; a text of 2 GiB.
    refused(&with_footer(&[0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0]), lies);
    refused(&with_footer(&[0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0]), lies);
    refused(&with_footer(&[0x68, 0xff, 0xff, 0xff, 0xff, 0x07, 0]), lies);
    let mut long = requests(&[]);
    let end = long.len() - 8;
    long[end..end + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    refused(&long, lies);
}

/// Whatever a byte of the footer is changed to, reading ends soon, in an error of the
/// file or in its one row, and asks for no memory that the file does not fill.
#[test]
fn no_byte_of_the_footer_ends_the_program() {
    let good = requests(&[]);
    let options = options(instant(NOW));
    let start = footer_start(&good);
    for at in start..good.len() {
        for value in [0x00, 0x0f, 0x7f, 0x80, 0xfc, 0xff, good[at] ^ 1, good[at] ^ 0x10] {
            let mut bytes = good.clone();
            bytes[at] = value;
            let reading = read_bytes(&bytes, NAME, &options).unwrap();
            let rows = reading.tables.first().map_or(0, |table| table.rows.len());
            let refused = reading.faults.len() + reading.rejects.len() > 0;
            assert!(refused || rows == 1, "byte {at} as {value}");
        }
    }
}

#[test]
fn pages_that_inflate_beyond_measure_are_refused() {
    let bomb = "x".repeat(24 << 20);
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let bytes = texts(&[&bomb], zstd);
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    let split =
        "its pages inflate to over 200 times its size; split it, or export it as CSV";
    refused(&bytes, split);
    // A million rows that are one value.
    let bytes = texts(&vec!["UNDP"; 1_000_000], zstd);
    let told = format!(
        "it announces 1000000 rows in {} bytes; split it, or export it as CSV",
        bytes.len()
    );
    refused(&bytes, &told);
    // One long value that a dictionary repeats: 8 KiB by 16000 rows.
    let long = "x".repeat(8 << 10);
    let bytes = texts(&vec![long.as_str(); 16_000], zstd);
    refused(
        &bytes,
        "its rows take over 1000 times its size; split it, or export it as CSV",
    );
}

#[test]
fn encrypted_files_and_other_compressions_are_named() {
    let mut encrypted = requests(&[]);
    let end = encrypted.len() - 4;
    encrypted[end..].copy_from_slice(b"PARE");
    refused(&encrypted, "it is encrypted; export it without encryption");

    // The codec of a column follows its name in the footer: snappy is 1, gzip 2, and 42 is
    // none.
    let good = texts(&["UNDP"], Compression::SNAPPY);
    let start = footer_start(&good);
    let named = b"recipient\x15\x02";
    let at = good[start..].windows(named.len()).position(|w| w == named).unwrap();
    let codec = start + at + named.len() - 1;
    let with = |code: u8| {
        let mut bytes = good.clone();
        bytes[codec] = code;
        bytes
    };
    refused(
        &with(4),
        "its pages are compressed with gzip; write it with zstd, snappy or no compression",
    );
    let (_place, path) = file(NAME, with(84));
    let told = Case::on_base().refused(&[path], &[]).unwrap();
    assert!(
        told.starts_with(&format!("{NAME}: not a readable Parquet file: ")),
        "{told}"
    );
}

/// Times of the old kind carry a time of day and a zone that nobody wrote down.
#[test]
fn days_stored_as_int96_are_refused() {
    let schema = "message m { required binary project_id (UTF8); \
                  required int96 requested_on; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let how = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, how).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let id = [ByteArray::from("00112233")];
    column.typed::<ByteArrayType>().write_batch(&id, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let mut day = Int96::new();
    day.set_data(0, 0, 2_460_000);
    column.typed::<Int96Type>().write_batch(&[day], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    let (_place, path) = file(NAME, writer.into_inner().unwrap());
    let told = Case::on_base().refused(&[path], &[]).unwrap();
    let line = format!(
        "{NAME}: column `requested_on` is stored as Timestamp(ns), which loses digits or \
         days; store money as DECIMAL(18,2) or text, days as DATE"
    );
    assert!(told.lines().any(|l| l == line), "{told}");
}

/// Statistics that lie change nothing: every row is read.
#[test]
fn statistics_are_not_believed() {
    let mut bytes = requests(&[]);
    let start = footer_start(&bytes);
    let mut changed = 0;
    for at in start..bytes.len() - 8 {
        if bytes[at..].starts_with(b"00112233") {
            bytes[at..at + 8].copy_from_slice(b"99999999");
            changed += 1;
        }
    }
    assert!(changed >= 2, "a minimum and a maximum stand in the footer: {changed}");
    assert_eq!(rows(&bytes), ["00112233|3|UNDP|2024-06-10|1000.00"]);
}

/// The rows of a file that must load.
fn rows(bytes: &[u8]) -> Vec<String> {
    let reading = read_bytes(bytes, NAME, &options(instant(NOW))).unwrap();
    let problems: Vec<String> = reading
        .faults
        .iter()
        .chain(reading.rejects.iter().map(|reject| &reject.problem))
        .map(ToString::to_string)
        .collect();
    assert_eq!(problems, [""; 0]);
    let cells = |row: &ssrfund::tables::Row| {
        let texts: Vec<String> =
            row.cells.iter().map(ssrfund::tables::Cell::key_text).collect();
        texts.join("|").trim_end_matches('|').to_owned()
    };
    reading.tables[0].rows.iter().map(cells).collect()
}

#[test]
fn values_stored_without_loss_are_read() {
    let plain = ["00112233|3|UNDP|2024-06-10|1000.00"];
    let ids: DictionaryArray<Int32Type> = ["UNDP"].into_iter().collect();
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1000.00"]));
    let whole: ArrayRef = Arc::new(Int64Array::from(vec![1000]));
    let wide = Decimal128Array::from(vec![1_000_000_000_i128])
        .with_precision_and_scale(38, 6)
        .unwrap();
    for other in [
        ("recipient", Arc::new(ids) as ArrayRef),
        ("amount", decimal(Some(100_000), 2)),
        ("amount", decimal(Some(10_000_000), 4)),
        ("amount", Arc::new(wide)),
        ("amount", text),
        ("amount", whole),
    ] {
        assert_eq!(rows(&requests(std::slice::from_ref(&other))), plain, "{other:?}");
    }
}

#[test]
fn nested_amounts_and_unclear_names_are_refused() {
    let inner: ArrayRef = Arc::new(StringArray::from(vec!["1000.00"]));
    let field = Arc::new(Field::new("USD", DataType::Utf8, true));
    let nested: ArrayRef = Arc::new(StructArray::from(vec![(field, inner)]));
    let one: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    let case = Case::on_base();
    let last = "nothing was loaded: 1 problem in 1 file";
    case.refuses(
        NAME,
        &requests(&[("amount", nested)]),
        &format!(
            "{NAME}: column `amount` is stored as Struct(\"USD\": Utf8), which loses digits \
             or days; store money as DECIMAL(18,2) or text, days as DATE\n{last}"
        ),
    );
    for (name, fix) in [
        ("amount.usd", "remove the column, or use a mapping"),
        ("Recipient", "did you mean `recipient`?"),
        ("requested on", "did you mean `requested_on`?"),
    ] {
        case.refuses(
            NAME,
            &requests(&[(name, Arc::clone(&one))]),
            &format!("{NAME}: `{name}` is not a column of `requests`; {fix}\n{last}"),
        );
    }
}
