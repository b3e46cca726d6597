//! What each fuzz target feeds, and what must hold for any input: shared by the targets
//! and by the test that replays the corpus without a fuzzer.

use std::io::{Cursor, Write};
use std::sync::Arc;

use chrono::NaiveDate;
use ssrfund::domain::money::AmountFault;
use ssrfund::domain::time::{day_from_epoch, days_since_epoch, parse_day};
use ssrfund::domain::{KnownAt, Money};
use ssrfund::load::csv::CsvOptions;
use ssrfund::load::csv::stream::How;
use ssrfund::load::files::{read_bytes, sha256};
use ssrfund::load::iati::OnDuplicate;
use ssrfund::load::mapping::{Mapping, suggest, validate};
use ssrfund::load::{Exact, Options, Reading, Tally};
use ssrfund::tables::Cell;
use ssrfund::tables::batch::{from_batch, to_batch};
use ssrfund::tables::cell::Leave;
use ssrfund::tables::schema::table;

/// Takes an input, and panics where something does not hold.
pub(crate) type Entry = fn(&[u8]);

/// Every target by the name of its corpus folder.
pub(crate) const TARGETS: &[(&str, Entry)] = &[
    ("amount", amount),
    ("csv", csv),
    ("date", date),
    ("draft", draft),
    ("json", json),
    ("mapping", mapping),
    ("parquet", parquet),
    ("stream", stream),
    ("xlsx", xlsx),
    ("xml", xml),
];

/// The grammar of amounts once more, as slowly and plainly as it can be written.
fn plain_amount(text: &str, round: bool) -> Result<i128, AmountFault> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let parts: Vec<&str> = body.split('.').collect();
    let digits =
        |part: &str| !part.is_empty() && part.chars().all(|c| "0123456789".contains(c));
    if parts.len() > 2 || !parts.iter().all(|part| digits(part)) {
        return Err(AmountFault::NotAnAmount);
    }
    let (whole, fraction) = (parts[0], parts.get(1).copied().unwrap_or(""));
    let fraction: String = fraction.chars().chain("000".chars()).collect();
    let (kept, rest) = fraction.split_at(2);
    if !round && rest.chars().any(|c| c != '0') {
        return Err(AmountFault::TooManyDecimals);
    }
    let text: String = whole.chars().chain(kept.chars()).collect();
    let text = text.trim_start_matches('0');
    if text.len() > 18 {
        return Err(AmountFault::TooLarge);
    }
    let up = i128::from(round && rest.as_bytes()[0] >= b'5');
    let cents = text.chars().fold(0, |sum, c| sum * 10 + (c as i128 - '0' as i128)) + up;
    if cents > 999_999_999_999_999_999 {
        return Err(AmountFault::TooLarge);
    }
    Ok(if negative { -cents } else { cents })
}

/// Amounts: as the plain grammar reads them, and as they are written again.
pub(crate) fn amount(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let strict = Money::parse(text);
    assert_eq!(strict.map(Money::cents), plain_amount(text, false), "`{text}`");
    let rounded = Money::parse_rounded(text);
    assert_eq!(rounded.map(Money::cents), plain_amount(text, true), "`{text}` rounded");
    match strict {
        Ok(money) => {
            assert_eq!(Ok(money), rounded, "`{text}` needs no rounding");
            assert_eq!(Money::parse(&money.to_string()), Ok(money), "`{text}` again");
        }
        Err(fault) => {
            let (what, fix) = fault.explain(text);
            sayable(&what);
            sayable(&fix);
        }
    }
    if let Some(exact) = Exact::parse(text) {
        assert_eq!(Exact::parse(&exact.to_string()), Some(exact), "`{text}` exactly");
    }
}

/// Days and instants: what is read is written again as it was.
pub(crate) fn date(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(day) = parse_day(text) {
        assert_eq!(day.to_string(), text);
        assert_eq!(day_from_epoch(days_since_epoch(day)), Some(day));
    }
    if let Some(at) = KnownAt::parse(text) {
        let again = KnownAt::parse(&at.to_string()).expect("what we write, we read");
        assert_eq!(again.0.timestamp_micros(), at.0.timestamp_micros());
    }
}

/// CSV: the first line names the table (and `round`), the rest is the file.
pub(crate) fn csv(data: &[u8]) {
    let (name, file, options) = headed(data, "csv");
    let Some(reading) = reading(file, &name, &options) else { return };
    if is_accepted(&reading) {
        sums_agree(&reading);
        assert_eq!(csv_rows(file), rows(&reading), "rows by another reader");
    }
}

/// A CSV file read part by part says what it says when it is read whole. The first byte is
/// the size of a part, then transactions follow; where they have no header, a usual one.
pub(crate) fn stream(data: &[u8]) {
    const HEADER: &[u8] = b"transaction_id,project_id,kind,date,amount,currency\n";
    let Some((size, body)) = data.split_first() else { return };
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let head = if body.starts_with(b"transaction_id") { &[][..] } else { HEADER };
    let text = [head, body].concat();
    file.write_all(&text).expect("room");
    let table = table("transactions").expect("it is there");
    let leave = Leave { round_cents: size & 1 == 1, today: options(false).today };
    let csv = CsvOptions { leave, delimiter: b',', allow_empty: false };
    let folder = file.path().parent().expect("it has one");
    let how = How {
        folder,
        keeps_original: false,
        keeps_rejects: false,
        part_bytes: usize::from(*size).max(1),
        progress: &|_| {},
    };
    let parts = ssrfund::load::csv::stream::read(file.path(), "t.csv", table, &csv, &how);
    let Some(parts) = parts.expect("the disk is at hand") else { return };
    let whole = ssrfund::load::csv::read(&text, "t.csv", table, &csv);
    hold(&whole);
    let read = &parts.reading;
    assert_eq!(parts.sha256, sha256(&text));
    assert_eq!(read.rejects, whole.rejects);
    assert_eq!(read.warnings, whole.warnings);
    assert_eq!(read.faults, whole.faults);
    assert_eq!((&read.tally, &read.residues), (&whole.tally, &whole.residues));
    let mut rows = whole.tables.iter().flat_map(|rows| &rows.rows);
    for packed in read.tables.iter().filter_map(|rows| rows.packed.as_ref()) {
        let seen = packed.scan(None, |batch| {
            for row in from_batch(table, batch)?.iter().flat_map(|group| &group.rows) {
                let held = rows.next().expect("no row is made");
                assert_eq!((&row.cells, row.row), (&held.cells, held.row));
            }
            Ok(())
        });
        seen.expect("what we packed, we read");
    }
    assert!(rows.next().is_none(), "no row is lost");
}

/// JSON: the first line names the table (and `round`), the rest is the file.
pub(crate) fn json(data: &[u8]) {
    let (name, file, options) = headed(data, "json");
    let Some(reading) = reading(file, &name, &options) else { return };
    if is_accepted(&reading) {
        sums_agree(&reading);
        assert_eq!(json_rows(file), Some(rows(&reading)), "rows by another reader");
    }
}

/// IATI.
pub(crate) fn xml(data: &[u8]) {
    for on_duplicate in [OnDuplicate::Refuse, OnDuplicate::Merge] {
        let options = Options { on_duplicate, ..options(false) };
        reading(data, "activities.xml", &options);
    }
}

/// Parquet of others.
pub(crate) fn parquet(data: &[u8]) {
    reading(data, "tranches.parquet", &options(false));
}

/// Workbooks: a zip as it is, or else its parts as text, each below a line `=== NAME`, so
/// that the fuzzer need not learn to deflate.
pub(crate) fn xlsx(data: &[u8]) {
    let packed;
    let book = if data.starts_with(b"PK") {
        data
    } else {
        packed = pack(data);
        &packed
    };
    reading(book, "book.xlsx", &options(false));
}

/// A zip of the parts that a text lists.
fn pack(data: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored);
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        if let Some(name) = line.strip_prefix(b"=== ") {
            let name = String::from_utf8_lossy(name.trim_ascii_end());
            // A name that stands twice is refused: its text goes to the part before.
            let _ = zip.start_file(name, stored);
        } else {
            let _ = zip.write_all(line);
        }
    }
    zip.finish().map_or_else(|_| Vec::new(), Cursor::into_inner)
}

/// Drafts of mappings for unknown files: each is a mapping.
pub(crate) fn draft(data: &[u8]) {
    if let Ok(draft) = suggest::draft(data, "sheet.csv")
        && let Err(error) = validate::read("draft", &draft)
    {
        panic!("{error} in the draft\n{draft}");
    }
}

/// Mappings: the TOML above a line `---` reads the CSV file below it.
pub(crate) fn mapping(data: &[u8]) {
    const END: &[u8] = b"\n---\n";
    let place = data.windows(END.len()).position(|window| window == END);
    let (toml, file) =
        place.map_or((data, data), |at| (&data[..at], &data[at + END.len()..]));
    let Ok(toml) = std::str::from_utf8(toml) else { return };
    let parameters = match validate::read("fuzz", toml) {
        Ok(mapping) => mapping.parameters.into_keys(),
        Err(error) => return refused(&error),
    };
    let parameters = parameters.map(|name| (name, "2026-01-01".to_owned())).collect();
    if let Ok(mapping) = Mapping::parse("fuzz", toml, &parameters) {
        let options = Options { mapping: Some(Arc::new(mapping)), ..options(false) };
        reading(file, "sheet.csv", &options);
    }
}

/// What the reader says, held to what must hold; nothing where it refuses the file at once,
/// as something else than its name says.
fn reading(file: &[u8], name: &str, options: &Options) -> Option<Reading> {
    match read_bytes(file, name, options) {
        Ok(reading) => {
            hold(&reading);
            Some(reading)
        }
        Err(error) => {
            refused(&error);
            None
        }
    }
}

/// A refusal, each of its lines.
fn refused(error: &ssrfund::error::Error) {
    error.to_string().lines().for_each(sayable);
}

fn options(round_cents: bool) -> Options {
    let today = NaiveDate::from_ymd_opt(2026, 7, 1).expect("a day");
    Options { round_cents, ..Options::strict(today) }
}

/// Takes the first line off as the table's name; without one the table is transactions.
fn headed<'d>(data: &'d [u8], suffix: &str) -> (String, &'d [u8], Options) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let line = std::str::from_utf8(&data[..end]).unwrap_or_default();
    let (name, round) = match line.split_once(' ') {
        Some((name, flag)) => (name, flag == "round"),
        None => (line, false),
    };
    if table(name).is_some() {
        (format!("{name}.{suffix}"), &data[end + 1..], options(round))
    } else {
        (format!("transactions.{suffix}"), data, options(false))
    }
}

/// What must hold for every reading: rows fit their tables and survive the way to disk
/// and back, messages show no control characters.
fn hold(reading: &Reading) {
    for rows in &reading.tables {
        let batch = to_batch(rows).expect("accepted rows fit their table");
        let back = from_batch(rows.table, &batch).expect("what we store, we read");
        let mut stored = back.iter().flat_map(|group| &group.rows);
        for row in &rows.rows {
            let again = stored.next().expect("no row is lost");
            assert_eq!((&row.cells, row.row), (&again.cells, again.row));
            assert!(row.row > 0, "a row has a place");
        }
        assert!(stored.next().is_none(), "no row is made");
    }
    let rejects = reading.rejects.iter().map(|reject| &reject.problem);
    for problem in rejects.chain(&reading.faults).chain(&reading.warnings) {
        for text in [&problem.what, &problem.fix, &problem.field, &problem.value] {
            sayable(text);
        }
    }
}

/// A message cannot steer a terminal.
fn sayable(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

fn is_accepted(reading: &Reading) -> bool {
    reading.faults.is_empty() && reading.rejects.is_empty()
}

fn rows(reading: &Reading) -> usize {
    reading.tables.iter().map(|rows| rows.rows.len()).sum()
}

/// The tally of an accepted file is the sum of its rows, unless cents were rounded.
fn sums_agree(reading: &Reading) {
    if !reading.residues.is_empty() {
        return;
    }
    let mut summed = Tally::default();
    for rows in reading.tables.iter().filter(|rows| rows.table.name == "transactions") {
        for row in &rows.rows {
            let text = |column| row.text(rows.table, column).unwrap_or_default();
            if let Cell::Money(money) = row.cell(rows.table, "amount") {
                let exact = Exact::of_money(*money).expect("cents fit");
                assert!(summed.add(text("kind"), text("currency"), exact));
            }
        }
    }
    assert_eq!(summed, reading.tally);
}

/// Data rows as the `csv` crate counts them.
fn csv_rows(file: &[u8]) -> usize {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let filled = |record: &csv::StringRecord| record.iter().any(|f| !f.trim().is_empty());
    reader.records().filter(|record| record.as_ref().is_ok_and(filled)).count()
}

/// Rows as serde_json counts them, in an array or one a line.
fn json_rows(file: &[u8]) -> Option<usize> {
    use serde::de::IgnoredAny;
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    if file.trim_ascii_start().starts_with(b"[") {
        return serde_json::from_slice::<Vec<IgnoredAny>>(file).ok().map(|all| all.len());
    }
    let mut count = 0;
    for value in serde_json::Deserializer::from_slice(file).into_iter::<IgnoredAny>() {
        value.ok()?;
        count += 1;
    }
    Some(count)
}
