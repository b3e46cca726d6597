//! Workbooks made of strings, so that anything in them can be wrong.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The columns of the sheets made here.
pub(crate) const HEADER: [&str; 6] =
    ["transaction_id", "project_id", "kind", "date", "amount", "currency"];

/// A zip of parts.
pub(crate) fn zipped(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The parts of a zip.
fn unzipped(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut entry = zip.by_index(index).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.name().unwrap().into_owned(), text)
        })
        .collect()
}

/// A workbook of sheets whose XML is given, with more parts or others in their place.
pub(crate) fn book(sheets: &[(&str, &str)], more: &[(&str, &str)]) -> Vec<u8> {
    let relation = |id: usize, kind: &str, target: &str| {
        format!(
            "<Relationship Id=\"r{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/>"
        )
    };
    let mut list = String::new();
    let mut related = relation(98, "sharedStrings", "sharedStrings.xml");
    related += &relation(99, "styles", "styles.xml");
    let mut parts: Vec<(String, String)> = Vec::new();
    for (index, (name, inside)) in sheets.iter().enumerate() {
        let number = index + 1;
        list +=
            &format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"r{number}\"/>");
        let target = format!("worksheets/sheet{number}.xml");
        related += &relation(number, "worksheet", &target);
        parts.push((format!("xl/{target}"), format!("<worksheet>{inside}</worksheet>")));
    }
    for (name, kind) in more.iter().filter(|(name, _)| !name.contains('/')) {
        related += &relation(100 + related.len(), kind, name);
    }
    let fixed = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "_rels/.rels",
            format!(
                "<Relationships>{}</Relationships>",
                relation(1, "officeDocument", "xl/workbook.xml")
            ),
        ),
        ("xl/workbook.xml", format!("<workbook><sheets>{list}</sheets></workbook>")),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships>{related}</Relationships>"),
        ),
        ("xl/sharedStrings.xml", "<sst><si><t>T1</t></si></sst>".to_owned()),
        (
            "xl/styles.xml",
            "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>\
             </styleSheet>"
                .to_owned(),
        ),
    ];
    parts.extend(fixed.into_iter().map(|(name, text)| (name.to_owned(), text)));
    for (name, text) in more.iter().filter(|(name, _)| name.contains('/')) {
        parts.retain(|(known, _)| known != name);
        parts.push(((*name).to_owned(), (*text).to_owned()));
    }
    zipped(&parts)
}

/// A workbook of sheets of transactions below their header.
pub(crate) fn workbook(
    sheets: &[(&str, &[Vec<String>])],
    more: &[(&str, &str)],
) -> Vec<u8> {
    let made: Vec<(&str, String)> =
        sheets.iter().map(|(name, rows)| (*name, sheet_data(rows))).collect();
    let made: Vec<(&str, &str)> =
        made.iter().map(|(name, inside)| (*name, inside.as_str())).collect();
    book(&made, more)
}

/// A workbook of one sheet of transactions.
pub(crate) fn sheet(name: &str, rows: &[Vec<String>]) -> Vec<u8> {
    workbook(&[(name, rows)], &[])
}

/// A workbook of one sheet of transactions with more below its rows.
pub(crate) fn sheet_with(name: &str, rows: &[Vec<String>], more: &str) -> Vec<u8> {
    book(&[(name, &format!("{}{more}", sheet_data(rows)))], &[])
}

/// Header and rows; a row without cells is left out.
pub(crate) fn sheet_data(rows: &[Vec<String>]) -> String {
    let header: Vec<String> = HEADER.iter().map(|name| text(name)).collect();
    let mut out = "<sheetData>".to_owned();
    for (index, cells) in std::iter::once(&header).chain(rows).enumerate() {
        let row = index + 1;
        if cells.is_empty() {
            continue;
        }
        out += &format!("<row r=\"{row}\">");
        for (letter, cell) in ('A'..).zip(cells) {
            out += &cell.replacen("<c", &format!("<c r=\"{letter}{row}\""), 1);
        }
        out += "</row>";
    }
    out + "</sheetData>"
}

/// The cells of a good transaction.
pub(crate) fn transaction() -> Vec<String> {
    vec![
        shared("0"),
        text("00112233"),
        text("disbursement"),
        day("45355"),
        number("1000.5"),
        text("USD"),
    ]
}

/// A cell with attributes and what is inside.
pub(crate) fn raw(attributes: &str, inside: &str) -> String {
    format!("<c {attributes}>{inside}</c>")
}

/// A cell of text.
pub(crate) fn text(text: &str) -> String {
    raw("t=\"inlineStr\"", &format!("<is><t>{text}</t></is>"))
}

/// A cell of shared text.
pub(crate) fn shared(index: &str) -> String {
    raw("t=\"s\"", &format!("<v>{index}</v>"))
}

/// A cell of a number.
pub(crate) fn number(text: &str) -> String {
    raw("", &format!("<v>{text}</v>"))
}

/// A cell of a day.
pub(crate) fn day(serial: &str) -> String {
    raw("s=\"1\"", &format!("<v>{serial}</v>"))
}

/// A cell of a formula with its last value.
pub(crate) fn formula(formula: &str, value: &str) -> String {
    raw("", &format!("<f>{formula}</f><v>{value}</v>"))
}

/// The workbook with each of its parts, by name, as `change` returns it.
pub(crate) fn edited(bytes: &[u8], change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let parts: Vec<(String, String)> = unzipped(bytes)
        .into_iter()
        .map(|(name, text)| {
            let text = change(&name, text);
            (name, text)
        })
        .collect();
    zipped(&parts)
}

/// The workbook with a text of its parts replaced.
pub(crate) fn patched(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    edited(bytes, |_, text| text.replace(from, to))
}

/// The workbook with bytes replaced as they stand, such as a part's name.
pub(crate) fn renamed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for start in 0..out.len() - from.len() {
        if out[start..].starts_with(from.as_bytes()) {
            out[start..start + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    out
}

/// The workbook without one of its parts.
pub(crate) fn without(bytes: &[u8], part: &str) -> Vec<u8> {
    let mut parts = unzipped(bytes);
    parts.retain(|(name, _)| name != part);
    zipped(&parts)
}

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";

/// The workbook with every part said to be encrypted.
pub(crate) fn flagged(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for start in 0..out.len() - 10 {
        if out[start..].starts_with(LOCAL) {
            out[start + 6] |= 1;
        } else if out[start..].starts_with(CENTRAL) {
            out[start + 8] |= 1;
        }
    }
    out
}

/// The workbook with another inflated size of each part in its directory.
pub(crate) fn lying(bytes: &[u8], size: u32) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for start in 0..out.len() - 28 {
        if out[start..].starts_with(CENTRAL) {
            out[start + 24..start + 28].copy_from_slice(&size.to_le_bytes());
        }
    }
    out
}
