//! A file read part by part says the same as one read whole.

use std::io::{Seek, Write};

use proptest::prelude::*;

use super::*;
use crate::domain::time::parse_day;
use crate::tables::batch::to_batch;
use crate::tables::cell::Leave;
use crate::tables::schema::table;

const HEADER: &str = "transaction_id,project_id,kind,date,amount,currency,recipient,period_start,description\n";

fn options(round_cents: bool) -> CsvOptions {
    let today = parse_day("2026-01-01").unwrap();
    let leave = Leave { round_cents, today };
    CsvOptions { leave, delimiter: b',', allow_empty: false }
}

fn in_parts(text: &str, options: &CsvOptions, part_bytes: usize) -> Option<Streamed> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("transactions.csv");
    File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    let how = How {
        folder: folder.path(),
        keeps_original: true,
        keeps_rejects: false,
        part_bytes,
        progress: &|_| {},
    };
    let table = table("transactions").unwrap();
    let read = read(&path, "transactions.csv", table, options, &how).unwrap()?;
    if let Some(packed) = &read.reading.tables[0].packed {
        finds_columns(text, packed);
    }
    Some(read)
}

/// Rows that are fetched again have the places that they had.
fn finds_columns(text: &str, packed: &crate::tables::Packed) {
    let wanted = crate::tables::fetched::Wanted {
        groups: packed.outline().groups.clone(),
        ..Default::default()
    };
    let whole = whole(text, &options(true));
    let (fetched, left) = packed.fetch(&wanted, usize::MAX).unwrap();
    let rows = fetched.iter().flat_map(|fetched| &fetched.rows.rows);
    let found: Vec<_> = rows.map(|row| (row.row, &row.columns)).collect();
    let held = whole.tables[0].rows.iter();
    let expected: Vec<_> = held.map(|row| (row.row, &row.columns)).collect();
    if expected.len() == found.len() {
        assert_eq!((found, left), (expected, 0));
    }
}

fn whole(text: &str, options: &CsvOptions) -> Reading {
    let table = table("transactions").unwrap();
    super::super::read(text.as_bytes(), "transactions.csv", table, options)
}

/// Compares all that both ways say; true where the file could be read part by part.
fn same(text: &str, options: &CsvOptions, part_bytes: usize) -> bool {
    let Some(parts) = in_parts(text, options, part_bytes) else { return false };
    let expected = whole(text, options);
    let reading = &parts.reading;
    assert_eq!(reading.rejects, expected.rejects, "{text}");
    assert_eq!(reading.warnings, expected.warnings, "{text}");
    assert_eq!(reading.faults, expected.faults, "{text}");
    assert_eq!(reading.tally, expected.tally, "{text}");
    assert_eq!(reading.residues, expected.residues, "{text}");
    let held = to_batch(&expected.tables[0]).unwrap();
    assert_eq!(reading.tables[0].len(), u64::try_from(held.num_rows()).unwrap());
    assert_eq!(reading.tables[0].cents(), expected.tables[0].cents());
    let mut batches = Vec::new();
    if let Some(packed) = &reading.tables[0].packed {
        packed
            .scan(None, |batch| {
                batches.push(batch.clone());
                Ok(())
            })
            .unwrap();
        let found =
            arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
        assert_eq!(found.columns(), held.columns(), "{text}");
    }
    assert_eq!(parts.sha256, crate::load::files::sha256(text.as_bytes()));
    let mut original = parts.original.unwrap();
    original.rewind().unwrap();
    assert_eq!(zstd::decode_all(original).unwrap(), text.as_bytes());
    true
}

#[test]
fn odd_files_say_the_same_in_parts() {
    let row = |n: u32| {
        format!("T{n},0010148{},disbursement,2024-03-04,{n}.5,USD,UNDP,,x\n", n % 10)
    };
    let rows: String = (0..40).map(row).collect();
    for (name, text) in [
        ("plain", format!("{HEADER}{rows}")),
        ("mark", format!("\u{feff}{HEADER}{rows}")),
        ("crlf", format!("{HEADER}{rows}").replace('\n', "\r\n")),
        ("mixed", format!("{HEADER}{rows}{}", rows.replace('\n', "\r\n"))),
        ("header alone", format!("{HEADER}{}", rows.replace('\n', "\r\n"))),
        ("open", format!("{HEADER}{}", rows.trim_end())),
        ("blank between", format!("{HEADER}{rows}\n\n{rows}\n\n")),
        ("quoted", format!("{HEADER}{rows}").replace(",x\n", ",\"a \"\"b\"\",\nc\"\n")),
        ("padded", format!("{HEADER}{rows}").replace("0010148", "10148")),
        ("again", format!("{HEADER}{rows}{HEADER}{rows}")),
        ("total", format!("{HEADER}{rows}Total,,,,100.00,,,,\n{rows}")),
        ("width", format!("{HEADER}{rows}T,1\n{rows}T,1,2,3,4,5,6,7,8,9,10\n")),
        ("spaces", format!("{HEADER}{rows}").replace(",USD,", ", USD ,")),
        ("money spaces", format!("{HEADER}{rows}").replace(".5,", ".5 ,")),
        ("kinds", format!("{HEADER}{rows}").replace("disbursement", "3")),
        (
            "negative",
            format!("{HEADER}{rows}")
                .replace("disbursement,2024-03-04,", "3,2024-03-04,-"),
        ),
        (
            "bad sign",
            format!("{HEADER}{rows}")
                .replace("disbursement,2024-03-04,", "1,2024-03-04,-"),
        ),
        ("zeros", format!("{HEADER}{rows}").replace(".5,", ".500,")),
        ("cents", format!("{HEADER}{rows}").replace(".5,", ".505,")),
        ("faults", format!("{HEADER}{rows}").replace("2024-03-04", "2024-3-4")),
        ("future", format!("{HEADER}{rows}").replace("2024-03-04", "2026-03-04")),
        ("accents", format!("{HEADER}{rows}").replace(",x", ",véhicules €")),
        ("hidden", format!("{HEADER}{rows}").replace("UNDP", "UN\u{200b}DP")),
        (
            "order",
            format!("{HEADER}{rows}")
                .replace("transaction_id,project_id", "Project ID,transaction_id"),
        ),
    ] {
        for part_bytes in [50, 160, 1000, 1 << 20] {
            for round in [false, true] {
                let is_read = same(&text, &options(round), part_bytes);
                // A record longer than a few parts is read whole.
                assert!(is_read || part_bytes == 50, "{name} {part_bytes}");
            }
        }
    }
}

#[test]
fn files_with_faults_are_read_whole() {
    let row = "T1,00101480,disbursement,2024-03-04,1.5,USD,UNDP,,x\n";
    for text in [
        String::new(),
        HEADER.to_owned(),
        format!("{HEADER}{row}{}", row.replace('x', "x\"y")),
        format!("{HEADER}{row}{}", row.replace('x', "\"x\" y")),
        format!("{HEADER}{row}{}", row.replace('x', "\"x")),
        format!("{HEADER}{row}").replace('\n', "\r"),
        format!("{HEADER}{row}").replace('x', "\0"),
        format!("{HEADER}{row}").replace(',', ";"),
        format!("{HEADER}{row}").replace("currency", "curency"),
        "a banner\n".to_owned(),
    ] {
        assert!(in_parts(&text, &options(false), 1000).is_none(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_text_says_the_same_in_parts(
        fields in prop::collection::vec(
            prop::sample::select(vec![
                "T1,", "00101480,", "7,", "disbursement,", "D,", "2024-03-04,", "2024-02-30,",
                "1.50,", "-1,", "1e3,", "USD,", "usd,", "UNDP,", ",", "\"a\",", "\"a,\nb\",",
                "\"\"\"\",", "\n", "\r\n", "\r", "\"", " ", "é",
                "T2,00101480,expenditure,2024-03-04,-2.25,USD,UNDP,2024-01-01,x\n",
                "T3,101481,E,2024-03-04,2.255,USD,\"UN DP\",,\"y \"\"z\"\"\"\n",
            ]),
            0..60,
        ),
        part_bytes in prop::sample::select(vec![40_usize, 120, 400]),
    ) {
        let text = format!("{HEADER}{}", fields.concat());
        same(&text, &options(true), part_bytes);
    }
}
