//! The XML reader alone, from memory: `cargo bench --bench read -- FILE…`.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "counts and times, not money; an overflow stops the program"
)]

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use chrono::NaiveDate;
use ssrfund::load::Options;
use ssrfund::load::files::{name_of, read_bytes};
use ssrfund::tables::TableRows;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    let mut out = std::io::stdout();
    if paths.is_empty() {
        writeln!(out, "usage: cargo bench --bench read -- FILE…")?;
        return Ok(());
    }
    let options = Options::strict(
        NaiveDate::from_ymd_opt(2025, 1, 1).ok_or("the fixed day is wrong")?,
    );
    let mut files = Vec::new();
    for path in &paths {
        files.push((name_of(path), std::fs::read(path)?));
    }
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut micros = Vec::new();
    let mut rows = 0;
    for _ in 0..RUNS {
        let began = Instant::now();
        rows = 0;
        for (name, bytes) in &files {
            let reading = read_bytes(bytes, name, &options)?;
            rows += reading.tables.iter().map(TableRows::len).sum::<u64>();
        }
        micros.push(began.elapsed().as_micros());
    }
    micros.sort_unstable();
    let median = micros.get(RUNS / 2).copied().unwrap_or(1).max(1);
    let speed = u128::try_from(bytes)? / median;
    writeln!(out, "{bytes} bytes, {rows} rows, median {median} µs: {speed} MB/s")?;
    Ok(())
}
