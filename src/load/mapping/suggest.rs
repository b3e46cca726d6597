//! A draft of a mapping for a file in an unknown layout.
//!
//! Everything here is a guess, and says so: the draft is a mapping that can be read and
//! that refuses to load until a person has looked at it and removed `draft = true`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use memchr::memchr;

use crate::error::{Error, Problem, Result, visible};
use crate::load::csv::records::Records;
use crate::load::csv::stream::last_record_end;
use crate::load::paths::name_of;
use crate::load::sheet::{Sheet, SheetRow};
use crate::load::{encoding, utf8, xlsx};
use crate::tables::Table;
use crate::tables::schema::{Kind, TABLES};

use super::grid::{Grid, texts};
use super::guess::{self, Guess};
use super::pattern::{Pattern, fold};

/// How many rows are looked at.
const LOOKED_AT: usize = 500;

/// One source column: its name, its texts, and the canonical column it may be.
struct Source {
    name: String,
    texts: Vec<String>,
    fills: Option<&'static str>,
}

/// As many bytes of a large text are read; far more than the rows that are looked at.
const HEAD_BYTES: u64 = 4 << 20;

/// A draft of a mapping for a CSV file or a workbook on disk, of which a large text is
/// read no further than needed.
///
/// # Errors
/// The file cannot be read, or is no text in any encoding that we know.
pub fn draft_of_file(path: &Path) -> Result<String> {
    let failed = |error| Error::io("read", path, error);
    let name = name_of(path);
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let read = (&file).take(HEAD_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    let is_cut = u64::try_from(read).is_ok_and(|read| read == HEAD_BYTES);
    // A workbook is read whole, and so is text of two bytes a letter.
    if is_cut && !bytes.starts_with(b"PK\x03\x04") && memchr(0, &bytes).is_none() {
        let end = last_record_end(&bytes).unwrap_or(0);
        let head = bytes.get(..end).filter(|head| !head.is_empty());
        if let Some(Ok(draft)) = head.map(|head| draft(head, &name)) {
            return Ok(draft);
        }
    }
    file.read_to_end(&mut bytes).map_err(failed)?;
    draft(&bytes, &name)
}

/// A draft of a mapping for a CSV file or a workbook.
///
/// # Errors
/// The bytes are no text in any encoding that we know.
pub fn draft(bytes: &[u8], name: &str) -> Result<String> {
    if bytes.starts_with(b"PK\x03\x04") {
        let (sheets, _) = xlsx::sheets(bytes, name).map_err(refused)?;
        return Ok(draft_of_sheets(&sheets, name));
    }
    let mut out = opening(name);
    let (text, encoding) = text_of(bytes, name)?;
    if let Some(encoding) = encoding {
        out.push_str(&format!(
            "# The file is not UTF-8; it looks like this. Check letters with accents.\n\
             encoding = {}\n",
            quoted(encoding)
        ));
    }
    let delimiter = delimiter_of(&text, name);
    if delimiter != ',' {
        let said =
            if delimiter == '\t' { "tab".to_owned() } else { delimiter.to_string() };
        out.push_str(&format!("delimiter = {}\n", quoted(&said)));
    }
    let byte = u8::try_from(delimiter).unwrap_or(b',');
    let grid = Grid::of_csv(&text, name, byte, &mut Vec::new()).map_err(refused)?;
    describe(&[grid.sheet], false, &mut out);
    Ok(out)
}

/// A draft of a mapping for the sheets of a workbook.
fn draft_of_sheets(sheets: &[Sheet], name: &str) -> String {
    let mut out = opening(name);
    let formulas = sheets
        .iter()
        .flat_map(|sheet| &sheet.rows)
        .flat_map(|row| &row.cells)
        .filter(|cell| cell.is_formula)
        .count();
    if formulas > 0 {
        out.push_str(&format!(
            "# {formulas} cells are cached results of formulas; remove the mark to read \
             them.\n# accept_cached_formulas = true\n"
        ));
    }
    describe(sheets, true, &mut out);
    out
}

fn refused(problems: Vec<Problem>) -> Error {
    Error::data("no draft can be made").problems(problems)
}

fn opening(name: &str) -> String {
    format!(
        "# A draft for `{}`, guessed from its first {LOOKED_AT} rows. Nothing was \
         loaded.\n# Look at each line, mend it, then remove `draft = true`.\n\
         # The keys are described in docs/mappings.md.\n\
         draft = true\ntitle = {}\n",
        visible(name).replace('\n', " "),
        quoted(name)
    )
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(texts: &[&str]) -> String {
    let all: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", all.join(", "))
}

fn text_of(bytes: &[u8], name: &str) -> Result<(String, Option<&'static str>)> {
    match utf8::decode(bytes, name) {
        Ok(text) => Ok((text.to_owned(), None)),
        Err(first) => {
            let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
            let guess = if marked {
                "utf-16"
            } else {
                encoding::looks_like(bytes).ok_or_else(|| refused(first))?.name()
            };
            let text = utf8::decode_as(bytes, name, Some(guess)).map_err(refused)?;
            Ok((text.into_owned(), Some(guess)))
        }
    }
}

/// The character that parts most of the first lines into the same number of fields.
fn delimiter_of(text: &str, name: &str) -> char {
    let mut best = (0_usize, ',');
    for candidate in [',', ';', '\t', '|'] {
        let mut records = Records::new(text, name, u8::try_from(candidate).unwrap_or(0));
        let mut widths: Vec<usize> = Vec::new();
        while let Some(record) = records.read().filter(|_| widths.len() < 50) {
            widths.push(record.fields.len());
        }
        let widest = widths.iter().copied().max().unwrap_or(0);
        let same = widths.iter().filter(|width| **width == widest).count();
        let score = if widest > 1 { same.saturating_mul(widest) } else { 0 };
        if score > best.0 && records.faults.is_empty() {
            best = (score, candidate);
        }
    }
    best.1
}

fn describe(sheets: &[Sheet], is_workbook: bool, out: &mut String) {
    let mut blocks = String::new();
    let mut all: Vec<Source> = Vec::new();
    for (number, sheet) in (1_usize..).zip(sheets.iter().filter(|s| !s.rows.is_empty())) {
        blocks.push_str(&format!("\n[[block]]\nname = \"table-{number}\"\n"));
        if is_workbook {
            blocks.push_str(&format!("sheet = {}\n", quoted(&sheet.name)));
        }
        all.extend(block(sheet, &mut blocks));
    }
    let empty: Vec<&str> =
        sheets.iter().filter(|s| s.rows.is_empty()).map(|s| s.name.as_str()).collect();
    if !empty.is_empty() {
        out.push_str(&format!("ignored_sheets = {}\n", list(&empty)));
    }
    formats(&all, out);
    out.push_str(&blocks);
}

/// How numbers and days seem to be written, over all columns that hold them.
fn formats(all: &[Source], out: &mut String) {
    let of = |wanted: fn(Kind) -> bool| -> Vec<&str> {
        all.iter()
            .filter(|source| source.fills.and_then(kind_of).is_some_and(wanted))
            .flat_map(|source| source.texts.iter().map(String::as_str))
            .collect()
    };
    let mut section = |name: &str, guess: &Guess| {
        out.push_str(&format!("\n[{name}]\n{}\n", guess.best));
        if guess.unread > 0 {
            let (count, example) = (guess.unread, visible(&guess.example));
            out.push_str(&format!(
                "# {count} texts are not read so, such as `{example}`\n"
            ));
        }
        for other in &guess.others {
            let line = other.replace('\n', "; ");
            out.push_str(&format!("# or, which reads as many: {line}\n"));
        }
    };
    let numbers = of(|kind| matches!(kind, Kind::Money(_)));
    if !numbers.is_empty() {
        section("number", &guess::number(&numbers));
    }
    let days = of(|kind| matches!(kind, Kind::Day(_)));
    if !days.is_empty() {
        section("date", &guess::date(&days));
    }
}

/// The kind of a canonical column by its name; a name means one kind in every table.
fn kind_of(name: &str) -> Option<Kind> {
    TABLES.iter().find_map(|table| table.column(name)).map(|column| column.kind)
}

fn block(sheet: &Sheet, out: &mut String) -> Vec<Source> {
    let at = header_of(&sheet.rows);
    let Some(header) = sheet.rows.get(at) else { return Vec::new() };
    if at > 0 {
        out.push_str(&format!("# Rows above the header, which are passed over: {at}.\n"));
    }
    let below: Vec<&SheetRow> =
        sheet.rows.iter().skip(at.saturating_add(1)).take(LOOKED_AT).collect();
    let mut sources: Vec<Source> = texts(header)
        .into_iter()
        .map(|(column, name)| {
            let texts = below.iter().filter_map(|row| row.cell(column));
            let texts = texts.map(|cell| super::pattern::tidy(&cell.text)).collect();
            Source { name, texts, fills: None }
        })
        .collect();
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let shown: Vec<&str> = names.iter().take(4).map(String::as_str).collect();
    let row = header.row;
    out.push_str(&format!("header = {} # row {row}\n", list(&shown)));
    let total = below
        .iter()
        .find(|row| crate::load::csv::is_total_word(&super::grid::first_text(row)));
    if let Some(total) = total {
        out.push_str(&format!(
            "# Row {} looks like a total: check it with [[block.total]].\n",
            total.row
        ));
    }
    let table = guess::table(&names);
    for source in &mut sources {
        source.fills = guess::column(table, &source.name);
    }
    once_each(&mut sources);
    ignored(&sources, table, out);
    years(&sources, out);
    into(&sources, table, out);
    sources
}

/// The row that looks most like a header: the first with about as many texts as the
/// widest row, none of them a number.
fn header_of(rows: &[SheetRow]) -> usize {
    let first = rows.iter().take(40);
    let widest = first.clone().map(|row| row.cells.len()).max().unwrap_or(0);
    let is_header = |row: &SheetRow| {
        let names = row.cells.iter().filter(|cell| {
            let text = super::pattern::tidy(&cell.text);
            Pattern::new("####").is_like(&text) || text.chars().any(char::is_alphabetic)
        });
        let wide = row.cells.len().saturating_mul(5) >= widest.saturating_mul(3);
        wide && names.count() == row.cells.len()
    };
    first.clone().position(is_header).unwrap_or(0)
}

/// A canonical column is filled by the first source column that looks like it; one that
/// holds something goes before one that is empty.
fn once_each(sources: &mut [Source]) {
    let mut seen: Vec<&'static str> = Vec::new();
    let is_empty = |source: &Source| source.texts.iter().all(String::is_empty);
    let mut in_turn: Vec<&mut Source> = sources.iter_mut().collect();
    in_turn.sort_by_key(|source| is_empty(source));
    for source in in_turn {
        match source.fills {
            Some(column) if seen.contains(&column) => source.fills = None,
            Some(column) => seen.push(column),
            None => {}
        }
    }
}

fn samples(source: &Source) -> String {
    let mut shown: Vec<String> = Vec::new();
    for text in &source.texts {
        let text = visible(&text.chars().take(30).collect::<String>());
        if !shown.contains(&text) {
            shown.push(text);
        }
        if shown.len() == 3 {
            break;
        }
    }
    if shown.is_empty() { "always empty".to_owned() } else { shown.join(" | ") }
}

fn ignored(sources: &[Source], table: &'static Table, out: &mut String) {
    let rest: Vec<&Source> = sources.iter().filter(|s| s.fills.is_none()).collect();
    if rest.is_empty() {
        return;
    }
    out.push_str("ignored = [\n");
    for source in rest {
        let near = guess::nearest_column(table, &source.name);
        let near = near.map(|name| format!("; nearest: `{name}`")).unwrap_or_default();
        let samples = samples(source);
        out.push_str(&format!("  {}, # {samples}{near}\n", quoted(&source.name)));
    }
    out.push_str("]\n");
}

/// Several columns named after years are one column that was spread out.
fn years(sources: &[Source], out: &mut String) {
    let year = Pattern::new("*{####}*");
    let spread: Vec<&str> = sources
        .iter()
        .filter(|source| source.fills.is_none())
        .filter(|source| {
            let part = year.part(&source.name).unwrap_or_default();
            part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))
        })
        .map(|source| source.name.as_str())
        .collect();
    if spread.len() > 1 {
        out.push_str(&format!(
            "# Columns of years can become rows, below [[block.into]]:\n\
             # across = {{ columns = {} }}\n\
             # with `amount = {{ value = true }}` and `date = {{ heading = true, date = \
             {{ formats = [\"YYYY\"], year = \"last\" }} }}`\n",
            list(&spread)
        ));
    }
}

fn into(sources: &[Source], table: &'static Table, out: &mut String) {
    out.push_str(&format!(
        "\n[[block.into]]\ntable = {} # {}\n[block.into.columns]\n",
        quoted(table.name),
        table.doc
    ));
    for column in table.columns {
        let source = sources.iter().find(|source| source.fills == Some(column.name));
        match source {
            Some(source) => out.push_str(&format!(
                "{} = {} # {}\n",
                column.name,
                quoted(&source.name),
                samples(source)
            )),
            None if column.required => out.push_str(&format!(
                "{} = {{ constant = \"\" }} # needed, and no column looks like it: {}\n",
                column.name, column.doc
            )),
            None => {}
        }
    }
}

/// Whether two names are the same to a reader.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
    };
    plain(one) == plain(other)
}
