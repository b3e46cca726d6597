//! Mappings: each shipped one against a file in its layout, what is refused and how, the
//! examples of docs/mappings.md, and drafts.
//!
//! With `SSRFUND_UPDATE=1` the expected rows are written instead of compared; read them.

mod documented;
mod drafts;
mod refused;
mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use ssrfund::error::Result;
use ssrfund::load::files::read_bytes;
use ssrfund::load::mapping::Mapping;
use ssrfund::load::{Options, Reading, Tally};
use ssrfund::tables::{Cell, TableRows};

/// What `case.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    mapping: String,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn options(mapping: Option<Mapping>) -> Options {
    Options {
        mapping: mapping.map(Arc::new),
        ..Options::strict("2026-07-02".parse().unwrap())
    }
}

/// The text of a shipped mapping.
fn shipped(name: &str) -> String {
    std::fs::read_to_string(root().join(format!("queries/mappings/{name}.toml"))).unwrap()
}

fn parse(name: &str, text: &str, parameters: &[(&str, &str)]) -> Result<Mapping> {
    let parameters =
        parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Mapping::parse(name, text, &parameters)
}

/// Reads a file's text with a mapping.
fn read(mapping: &str, file: &str, text: &str) -> Reading {
    let mapping = parse("m", mapping, &[]).unwrap();
    read_bytes(text.as_bytes(), file, &options(Some(mapping))).unwrap()
}

/// Everything that is wrong with a reading.
fn wrong(reading: &Reading) -> Vec<String> {
    let rejects = reading.rejects.iter().map(|reject| &reject.problem);
    reading.faults.iter().chain(rejects).map(ToString::to_string).collect()
}

/// Rows as canonical CSV: the columns that some row fills, with the row of the source.
fn canonical(rows: &TableRows) -> String {
    let columns: Vec<usize> = (0..rows.table.columns.len())
        .filter(|index| rows.rows.iter().any(|row| row.cells[*index] != Cell::Empty))
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names = columns.iter().map(|index| rows.table.columns[*index].name);
    writer.write_record(names.chain(["source_row"])).unwrap();
    for row in &rows.rows {
        let cells = columns.iter().map(|index| row.cells[*index].key_text());
        writer.write_record(cells.chain([row.row.to_string()])).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn sums(name: &str, tally: &Tally) -> String {
    tally
        .entries()
        .map(|(kind, currency, count, sum)| {
            format!("{name}: {kind} {currency} {count} {sum}\n")
        })
        .collect()
}

/// What a fixture's files become: file name in `expected/`, and text.
fn outcome(name: &str, readings: &[Reading]) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    let mut notes = String::new();
    for reading in readings {
        assert_eq!(wrong(reading), Vec::<String>::new(), "{name}");
        for rows in &reading.tables {
            out.insert(format!("{}.csv", rows.table.name), canonical(rows));
        }
        notes.push_str(&sums("sum", &reading.tally));
        notes.push_str(&sums("residue", &reading.residues));
        for warning in &reading.warnings {
            notes.push_str(&format!("note: {warning}\n"));
        }
    }
    out.insert("notes.txt".to_owned(), notes);
    out
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The inputs of a fixture: its files, or the workbook that is made for it.
fn inputs(name: &str) -> Vec<(String, Vec<u8>)> {
    if name == "pbf-budget-workbook" {
        return vec![("budget.xlsx".to_owned(), workbook::budget(&|_, _| {}))];
    }
    files_in(&root().join(format!("fixtures/mappings/{name}/input")))
        .into_iter()
        .map(|path| {
            let file = path.file_name().unwrap().to_str().unwrap().to_owned();
            (file, std::fs::read(&path).unwrap())
        })
        .collect()
}

fn case(name: &str) -> Mapping {
    let folder = root().join(format!("fixtures/mappings/{name}"));
    let text = std::fs::read_to_string(folder.join("case.toml")).unwrap();
    let case: Case = toml::from_str(&text).unwrap();
    Mapping::parse(&case.mapping, &shipped(&case.mapping), &case.parameters).unwrap()
}

#[test]
fn each_shipped_mapping_reads_a_file_in_its_layout() {
    let shipped: Vec<String> = files_in(&root().join("queries/mappings"))
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(shipped.len() >= 7, "{shipped:?}");
    for name in shipped {
        let options = options(Some(case(&name)));
        let readings: Vec<Reading> = inputs(&name)
            .iter()
            .map(|(file, bytes)| read_bytes(bytes, file, &options).unwrap())
            .collect();
        let found = outcome(&name, &readings);
        let folder = root().join(format!("fixtures/mappings/{name}/expected"));
        if std::env::var_os("SSRFUND_UPDATE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            for (file, text) in &found {
                std::fs::write(folder.join(file), text).unwrap();
            }
        }
        let expected: BTreeMap<String, String> = files_in(&folder)
            .into_iter()
            .map(|path| {
                let file = path.file_name().unwrap().to_str().unwrap().to_owned();
                (file, std::fs::read_to_string(&path).unwrap())
            })
            .collect();
        for (file, text) in &expected {
            assert_eq!(Some(text), found.get(file), "{name}/{file}");
        }
        assert_eq!(expected.len(), found.len(), "{name}: {:?}", found.keys());
    }
}
