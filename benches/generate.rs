//! Makes a workspace of many synthetic transactions: `cargo bench --bench generate -- DIR ROWS`.
//! With the word `csv` after them it makes a folder of canonical CSV files to load.
//!
//! Expenditure in one currency, certified only, of 2,000 projects with 5 recipients each;
//! 50,000 distinct texts; no budget lines and no splits. The same number of rows gives
//! the same bytes. Rows are written in chunks, so memory stays bounded.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "row numbers, not money; an overflow stops the program"
)]

use std::error::Error;
use std::fs::{File, create_dir_all};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    new_null_array,
};
use chrono::{Days, NaiveDate};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use sha2::{Digest, Sha256};
use ssrfund::domain::KnownAt;
use ssrfund::domain::time::days_since_epoch;
use ssrfund::load::files::sha256;
use ssrfund::tables::batch::{stored_schema, to_batch};
use ssrfund::tables::schema::table;
use ssrfund::tables::{Cell, Row, TableRows};
use ssrfund::workspace::commit::{load_id, parquet_bytes, sync_folder, write_synced};
use ssrfund::workspace::manifest::{MoneyEntry, SourceEntry, TableEntry};
use ssrfund::workspace::{Manifest, Workspace};

type Outcome<T> = Result<T, Box<dyn Error>>;

const PROJECTS: u64 = 2_000;
const RECIPIENTS: u64 = 5;
const TEXTS: u64 = 50_000;
const CHUNK: u64 = 65_536;
/// 2010 to 2020.
const DAYS: u64 = 4_018;

const ACTIONS: [&str; 10] = [
    "procurement of",
    "delivery of",
    "training on",
    "rehabilitation of",
    "workshop on",
    "oversight of",
    "formation pour",
    "achat de",
    "technical advice on",
    "monitoring of",
];
const THINGS: [&str; 25] = [
    "patrol vehicles",
    "radio equipment",
    "human rights for police officers",
    "the parliamentary defence committee",
    "police stations",
    "prison staff",
    "border posts",
    "uniforms",
    "la gendarmerie",
    "community policing",
    "ammunition storage",
    "the ombudsman office",
    "civil society monitors",
    "the payroll system",
    "ICT equipment",
    "gender units",
    "military justice",
    "véhicules",
    "la réforme de la police",
    "internal inspection",
    "generators",
    "magistrates",
    "the security policy review",
    "office furniture",
    "veterans",
];

fn main() -> Outcome<()> {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let [root, rows, form @ ..] = words.as_slice() else {
        writeln!(
            std::io::stdout(),
            "usage: cargo bench --bench generate -- DIR ROWS [csv]"
        )?;
        return Ok(());
    };
    let rows: u64 = rows.replace('_', "").parse()?;
    if form.first().is_some_and(|form| form == "csv") {
        write_csv(Path::new(root), rows)?;
        return Ok(writeln!(std::io::stdout(), "{rows} transactions in {root}")?);
    }
    let (workspace, _) = Workspace::init(Path::new(root))?;
    let place = write_load(&workspace, rows)?;
    writeln!(std::io::stdout(), "{rows} transactions in {}", place.display())?;
    Ok(())
}

fn write_load(workspace: &Workspace, rows: u64) -> Outcome<PathBuf> {
    let aside = workspace.loads().join(".writing-generated");
    create_dir_all(&aside)?;
    let projects = (0..PROJECTS).map(project_cells).collect();
    let recipients = (0..PROJECTS * RECIPIENTS).map(recipient_cells).collect();
    let (cents, transactions) = write_transactions(&aside, rows)?;
    let tables = vec![
        write_small(&aside, "projects", projects)?,
        write_small(&aside, "recipients", recipients)?,
        transactions,
    ];
    let recorded_at =
        KnownAt::parse("2025-01-01T00:00:00Z").ok_or("the fixed instant is wrong")?;
    let manifest = Manifest {
        schema_version: 1,
        source: "generated".to_owned(),
        mode: "replace".to_owned(),
        recorded_at: recorded_at.to_string(),
        tool: concat!("ssrfund ", env!("CARGO_PKG_VERSION")).to_owned(),
        mapping: None,
        previous: None,
        sources: Vec::<SourceEntry>::new(),
        tables,
        money: vec![MoneyEntry {
            kind: "expenditure".to_owned(),
            currency: "USD".to_owned(),
            count: rows,
            sum: format!("{}.{:02}", cents / 100, cents % 100),
        }],
        rounding: Vec::new(),
        expected: Vec::new(),
        rejected_rows: 0,
        warnings: Vec::new(),
    };
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    write_synced(&aside.join("load.json"), &text)?;
    let place = workspace.loads().join(load_id(recorded_at, &sha256(&text)));
    std::fs::rename(&aside, &place)?;
    sync_folder(&workspace.loads())?;
    Ok(place)
}

/// Writes the same rows as canonical CSV files; every second description is quoted.
fn write_csv(folder: &Path, rows: u64) -> Outcome<()> {
    create_dir_all(folder)?;
    let small = |name: &str, rows: Vec<Vec<(&'static str, String)>>| -> Outcome<()> {
        let mut out = BufWriter::new(File::create(folder.join(name))?);
        let names: Vec<&str> =
            rows.iter().take(1).flatten().map(|(name, _)| *name).collect();
        writeln!(out, "{}", names.join(","))?;
        for row in &rows {
            let texts: Vec<&str> = row.iter().map(|(_, text)| text.as_str()).collect();
            writeln!(out, "{}", texts.join(","))?;
        }
        Ok(out.flush()?)
    };
    small("projects.csv", (0..PROJECTS).map(project_cells).collect())?;
    small("recipients.csv", (0..PROJECTS * RECIPIENTS).map(recipient_cells).collect())?;
    let texts: Vec<String> = (0..TEXTS).map(text).collect();
    let mut out = BufWriter::new(File::create(folder.join("transactions.csv"))?);
    writeln!(
        out,
        "transaction_id,project_id,kind,date,amount,currency,recipient,grade,description"
    )?;
    for number in 0..rows {
        let one = draw(number);
        let described = texts.get(usize::try_from(one.text)?).ok_or("no such text")?;
        let described = if one.text.is_multiple_of(2) {
            format!("\"{described}\"")
        } else {
            described.replace(',', "")
        };
        writeln!(
            out,
            "T{number:09},{},expenditure,{},{}.{:02},USD,{},certified,{described}",
            project_id(one.project),
            one.day,
            one.cents / 100,
            one.cents % 100,
            recipient(one.recipient),
        )?;
    }
    Ok(out.flush()?)
}

/// Writes a table of rows that name only some columns.
fn write_small(
    folder: &Path,
    name: &str,
    rows: Vec<Vec<(&'static str, String)>>,
) -> Outcome<TableEntry> {
    let table = table(name).ok_or("an unknown table")?;
    let rows: Vec<Row> = (1..)
        .zip(rows)
        .map(|(row, named)| {
            let cell = |column: &str| {
                named
                    .iter()
                    .find(|(name, _)| *name == column)
                    .map_or(Cell::Empty, |(_, text)| Cell::Text(text.clone()))
            };
            let cells = table.columns.iter().map(|column| cell(column.name)).collect();
            Row { cells, row, columns: Vec::new() }
        })
        .collect();
    let count = u64::try_from(rows.len())?;
    let batch =
        to_batch(&TableRows { rows, ..TableRows::new(table, &format!("{name}.csv")) })?;
    let bytes = parquet_bytes(&stored_schema(table), &[batch])?;
    let file = format!("{name}.parquet");
    write_synced(&folder.join(&file), &bytes)?;
    Ok(TableEntry { table: name.to_owned(), file, rows: count, sha256: sha256(&bytes) })
}

fn project_id(number: u64) -> String {
    format!("{:08}", 100_000 + number)
}

fn project_cells(number: u64) -> Vec<(&'static str, String)> {
    const COUNTRIES: [&str; 8] = ["BDI", "SLE", "LBR", "GIN", "GNB", "CIV", "KGZ", "GTM"];
    let country = COUNTRIES.iter().cycle().nth(usize::try_from(number % 8).unwrap_or(0));
    vec![
        ("project_id", project_id(number)),
        ("title", format!("Synthetic project {number} on police reform")),
        ("country", country.copied().unwrap_or_default().to_owned()),
        ("facility", if number.is_multiple_of(3) { "IRF" } else { "PRF" }.to_owned()),
        ("currency", "USD".to_owned()),
    ]
}

fn recipient_cells(number: u64) -> Vec<(&'static str, String)> {
    vec![
        ("project_id", project_id(number / RECIPIENTS)),
        ("recipient", recipient(number % RECIPIENTS).to_owned()),
        ("commitment_basis", "gross".to_owned()),
    ]
}

fn recipient(number: u64) -> &'static str {
    match number {
        0 => "UNDP",
        1 => "IOM",
        2 => "UNOPS",
        3 => "UNODC",
        _ => "UNICEF",
    }
}

/// Writes the transactions in chunks; returns their sum in cents and the file's entry.
fn write_transactions(folder: &Path, rows: u64) -> Outcome<(i128, TableEntry)> {
    let schema = stored_schema(table("transactions").ok_or("an unknown table")?);
    let texts: Vec<String> = (0..TEXTS).map(text).collect();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_created_by("ssrfund".to_owned())
        .build();
    let path = folder.join("transactions.parquet");
    let mut writer = ArrowWriter::try_new(
        File::create(&path)?,
        Arc::clone(&schema),
        Some(properties),
    )?;
    let mut sum = 0_i128;
    let mut from = 0;
    while from < rows {
        let until = rows.min(from + CHUNK);
        let drawn: Vec<Drawn> = (from..until).map(draw).collect();
        sum += drawn.iter().map(|one| one.cents).sum::<i128>();
        let arrays: Outcome<Vec<ArrayRef>> = schema
            .fields()
            .iter()
            .map(|field| match column(field.name(), &drawn, &texts)? {
                Some(array) => Ok(array),
                None => Ok(new_null_array(field.data_type(), drawn.len())),
            })
            .collect();
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), arrays?)?)?;
        from = until;
    }
    writer.into_inner()?.sync_all()?;
    let entry = TableEntry {
        table: "transactions".to_owned(),
        file: "transactions.parquet".to_owned(),
        rows,
        sha256: hash_of(&path)?,
    };
    Ok((sum, entry))
}

/// One transaction, drawn from its number alone.
struct Drawn {
    number: u64,
    project: u64,
    recipient: u64,
    text: u64,
    day: NaiveDate,
    cents: i128,
}

fn draw(number: u64) -> Drawn {
    let day = mixed(number, 4) % DAYS;
    let first = NaiveDate::from_ymd_opt(2010, 1, 1).unwrap_or_default();
    Drawn {
        number,
        project: mixed(number, 1) % PROJECTS,
        recipient: mixed(number, 2) % RECIPIENTS,
        text: mixed(number, 3) % TEXTS,
        day: first.checked_add_days(Days::new(day)).unwrap_or(first),
        cents: i128::from(mixed(number, 5) % 10_000_000) + 1,
    }
}

/// A number that looks random, the same for the same input (SplitMix64).
fn mixed(number: u64, salt: u64) -> u64 {
    let seed = number.wrapping_mul(8).wrapping_add(salt);
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn text(number: u64) -> String {
    let pick = |words: &'static [&'static str], salt| {
        let count = u64::try_from(words.len()).unwrap_or(1);
        let at = usize::try_from(mixed(number, salt) % count).unwrap_or(0);
        words.get(at).copied().unwrap_or_default()
    };
    format!("{} {}, lot {number}", pick(&ACTIONS, 6), pick(&THINGS, 7))
}

/// The column of that name; nothing where it stays empty.
fn column(name: &str, drawn: &[Drawn], texts: &[String]) -> Outcome<Option<ArrayRef>> {
    let words = |of: &dyn Fn(&Drawn) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(drawn.iter().map(of)))
    };
    Ok(Some(match name {
        "transaction_id" => words(&|one| format!("T{:09}", one.number)),
        "project_id" => words(&|one| project_id(one.project)),
        "kind" => words(&|_| "expenditure".to_owned()),
        "date" => {
            let days = drawn.iter().map(|one| days_since_epoch(one.day));
            Arc::new(Date32Array::from_iter_values(days))
        }
        "amount" => {
            let cents = drawn.iter().map(|one| one.cents);
            let array = Decimal128Array::from_iter_values(cents);
            Arc::new(array.with_precision_and_scale(18, 2)?)
        }
        "currency" => words(&|_| "USD".to_owned()),
        "recipient" => words(&|one| recipient(one.recipient).to_owned()),
        "grade" => words(&|_| "certified".to_owned()),
        "description" => {
            let described = drawn.iter().map(|one| {
                usize::try_from(one.text)
                    .ok()
                    .and_then(|at| texts.get(at))
                    .map(String::as_str)
            });
            Arc::new(described.collect::<StringArray>())
        }
        "source_file" => words(&|_| "transactions.csv".to_owned()),
        "source_row" => {
            let rows = drawn.iter().map(|one| i64::try_from(one.number).unwrap_or(0) + 2);
            Arc::new(Int64Array::from_iter_values(rows))
        }
        _ => return Ok(None),
    }))
}

/// The SHA-256 of a file too large to hold.
fn hash_of(path: &Path) -> Outcome<String> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut digest = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        let read = reader.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        digest.update(part);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
