//! One batch of every kind of column, in every format.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Float64Array, Int64Array, ListArray, MapBuilder, NullArray, RecordBatch, StringArray,
    StringBuilder, StructArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use parquet_reader::ParquetRecordBatchReaderBuilder;

use super::*;

use ::parquet::arrow::arrow_reader as parquet_reader;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

fn rows() -> RecordBatch {
    let amounts = Decimal128Array::from(vec![Some(1_234_567_890), Some(-5), None])
        .with_precision_and_scale(18, 2)
        .unwrap();
    let codes: DictionaryArray<Int32Type> =
        vec![Some("D"), None, Some("E")].into_iter().collect();
    batch(vec![
        (
            "id",
            Arc::new(StringArray::from(vec!["007", "=1+1", "a,\"b\"|\nc\t\\\u{202e}"])),
        ),
        (
            "n",
            Arc::new(Int64Array::from(vec![Some(9_007_199_254_740_993), None, Some(-1)])),
        ),
        ("amount", Arc::new(amounts)),
        ("day", Arc::new(Date32Array::from(vec![Some(19_782), None, Some(0)]))),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("code", Arc::new(codes)),
    ])
}

fn nested() -> RecordBatch {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
        Some(vec![Some(1), None]),
        None,
    ]);
    let cents =
        Decimal128Array::from(vec![150, 250]).with_precision_and_scale(10, 2).unwrap();
    let codes: DictionaryArray<Int32Type> = vec!["a\"", "b"].into_iter().collect();
    let parts = StructArray::from(vec![
        (
            Arc::new(Field::new("m", cents.data_type().clone(), true)),
            Arc::new(cents) as ArrayRef,
        ),
        (
            Arc::new(Field::new("c", codes.data_type().clone(), true)),
            Arc::new(codes) as ArrayRef,
        ),
    ]);
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.keys().append_value("k");
    map.values().append_value("v");
    map.append(true).unwrap();
    map.append(true).unwrap();
    let times = TimestampMicrosecondArray::from(vec![Some(1_720_137_600_000_001), None])
        .with_timezone("UTC");
    batch(vec![
        ("list", Arc::new(list)),
        ("part", Arc::new(parts)),
        ("map", Arc::new(map.finish())),
        ("at", Arc::new(times)),
        ("float", Arc::new(Float64Array::from(vec![Some(0.5), None]))),
        ("none", Arc::new(NullArray::new(2))),
    ])
}

fn written(batch: &RecordBatch, format: Format) -> String {
    let mut out = Vec::new();
    let options = TableOptions::default();
    batches(&batch.schema(), std::slice::from_ref(batch), format, &mut out, &options)
        .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn csv_is_rfc_4180() {
    assert_eq!(
        written(&rows(), Format::Csv),
        "id,n,amount,day,ok,code\n\
         007,9007199254740993,12345678.90,2024-02-29,true,D\n\
         '=1+1,,-0.05,,false,\n\
         \"a,\"\"b\"\"|\nc\t\\\u{202e}\",-1,,1970-01-01,,E\n"
    );
    assert_eq!(
        written(&nested(), Format::Csv),
        "list,part,map,at,float,none\n\
         \"[1,null]\",\"{\"\"m\"\":\"\"1.50\"\",\"\"c\"\":\"\"a\\\"\"\"\"}\",\
         \"{\"\"k\"\":\"\"v\"\"}\",2024-07-05T00:00:00.000001Z,0.5,\n\
         ,\"{\"\"m\"\":\"\"2.50\"\",\"\"c\"\":\"\"b\"\"}\",{},,,\n"
    );
    let one = batch(vec![("a", Arc::new(StringArray::from(vec![None, Some("x")])))]);
    assert_eq!(written(&one, Format::Csv), "a\n\"\"\nx\n");
}

#[test]
fn tsv_keeps_one_line_a_row() {
    let text = written(&rows(), Format::Tsv);
    assert_eq!(
        text.lines().last(),
        Some("a,\"b\"|\\nc\\t\\\\\u{202e}\t-1\t\t1970-01-01\t\tE")
    );
    assert_eq!(text.lines().count(), 4);
}

#[test]
fn json_keeps_digits_and_column_order() {
    let text = written(&rows(), Format::Json);
    assert_eq!(
        text.lines().nth(1),
        Some(
            r#"{"id":"007","n":9007199254740993,"amount":"12345678.90","day":"2024-02-29","ok":true,"code":"D"},"#
        )
    );
    let parsed: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(&text).unwrap();
    assert_eq!(parsed[1]["amount"], "-0.05");
    assert!(parsed[1]["n"].is_null() && parsed[2]["amount"].is_null());
    assert_eq!(parsed[2]["id"], "a,\"b\"|\nc\t\\\u{202e}");
    assert_eq!(
        written(&nested(), Format::Ndjson).lines().collect::<Vec<_>>(),
        [
            r#"{"list":[1,null],"part":{"m":"1.50","c":"a\""},"map":{"k":"v"},"at":"2024-07-05T00:00:00.000001Z","float":0.5,"none":null}"#,
            r#"{"list":null,"part":{"m":"2.50","c":"b"},"map":{},"at":null,"float":null,"none":null}"#,
        ]
    );
    let empty = rows().slice(0, 0);
    assert_eq!(
        (written(&empty, Format::Json), written(&empty, Format::Ndjson)),
        ("[]\n".into(), String::new())
    );
}

#[test]
fn json_refuses_two_columns_of_one_name() {
    let array: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let field = Field::new("a", DataType::Int64, true);
    let schema = Arc::new(Schema::new(vec![field.clone(), field]));
    let twice =
        RecordBatch::try_new(Arc::clone(&schema), vec![Arc::clone(&array), array])
            .unwrap();
    let mut out = Vec::new();
    let error =
        batches(&schema, &[twice], Format::Json, &mut out, &TableOptions::default());
    assert_eq!(
        error.unwrap_err().to_string(),
        "two columns are called `a`; name one of them with AS"
    );
}

#[test]
fn plain_columns_have_fixed_widths() {
    assert_eq!(
        written(&rows(), Format::Plain),
        "id                                   n       amount  day         ok     code\n\
         007                   9007199254740993  12345678.90  2024-02-29  true   D\n\
         =1+1                                          -0.05              false\n\
         a,\"b\"|\\nc\\t\\\\u{202e}                -1               1970-01-01         E\n"
    );
    assert_eq!(
        written(&rows().slice(0, 0), Format::Plain),
        "id  n  amount  day  ok  code\n"
    );
}

#[test]
fn markdown_tables_escape_bars() {
    let text = written(&rows(), Format::Markdown);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "| id | n | amount | day | ok | code |");
    assert_eq!(lines[1], "|---|---:|---:|---|---|---|");
    assert!(
        lines[4].starts_with("| a,\"b\"\\|\\\\nc\\\\t\\\\\\\\u{202e} | -1 |"),
        "{}",
        lines[4]
    );
}

#[test]
fn tables_have_lines_and_wrap_to_the_width() {
    let small = batch(vec![
        ("name", Arc::new(StringArray::from(vec![Some("reform of the police"), None]))),
        ("n", Arc::new(Int64Array::from(vec![1, 22]))),
    ]);
    assert_eq!(
        written(&small, Format::Table),
        "┌──────────────────────┬────┐\n\
         │ name                 ┆  n │\n\
         ╞══════════════════════╪════╡\n\
         │ reform of the police ┆  1 │\n\
         │                      ┆ 22 │\n\
         └──────────────────────┴────┘\n"
    );
    let table = |width, colour| {
        let mut out = Vec::new();
        let options = TableOptions { width, colour };
        let schema = small.schema();
        batches(&schema, std::slice::from_ref(&small), Format::Table, &mut out, &options)
            .unwrap();
        String::from_utf8(out).unwrap()
    };
    let narrow = table(Some(20), false);
    assert!(narrow.lines().all(|line| width(line) <= 20), "{narrow}");
    assert!(table(None, true).contains('\u{1b}'));
    assert!(!narrow.contains('\u{1b}'));
}

#[test]
fn parquet_bytes_are_reproducible_and_whole() {
    let file = |batch: &RecordBatch| {
        let mut out = Vec::new();
        let options = TableOptions::default();
        batches(
            &batch.schema(),
            std::slice::from_ref(batch),
            Format::Parquet,
            &mut out,
            &options,
        )
        .unwrap();
        out
    };
    let first = file(&rows());
    assert_eq!(first, file(&rows()));
    let noted = rows().schema().as_ref().clone().with_metadata(
        [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into(),
    );
    let noted = rows().with_schema(Arc::new(noted)).unwrap();
    assert_eq!(first, file(&noted));
    for batch in [rows(), nested()] {
        let path = tempfile(&file(&batch));
        let mut reader =
            ParquetRecordBatchReaderBuilder::try_new(path).unwrap().build().unwrap();
        let read = reader.next().unwrap().unwrap();
        assert_eq!(written(&read, Format::Json), written(&batch, Format::Json));
    }
}

fn tempfile(bytes: &[u8]) -> std::fs::File {
    use std::io::Seek;
    let mut file = ::tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn formats_have_names_and_suffixes() {
    for (format, name) in NAMES {
        assert_eq!(Format::parse(name).unwrap(), format);
        assert_eq!(format.to_string(), name);
    }
    assert_eq!(Format::parse("md").unwrap(), Format::Markdown);
    assert_eq!(
        Format::parse("xml").unwrap_err().to_string(),
        "there is no format `xml`; use one of table, plain, csv, tsv, json, ndjson, \
         markdown, parquet"
    );
    assert_eq!(Format::of_path(Path::new("a/b.JSONL")), Some(Format::Ndjson));
    assert_eq!(Format::of_path(Path::new("a.xlsx")), None);
    assert_eq!(Format::of_path(Path::new("csv")), None);
}

#[test]
fn a_closed_pipe_can_be_told_apart() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let options = TableOptions::default();
    let error = batches(&rows().schema(), &[rows()], Format::Csv, &mut Closed, &options);
    let error = error.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    let io = source.downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(io.kind(), std::io::ErrorKind::BrokenPipe);
}
