//! What a file named `.xlsx` is, where it is no workbook of that kind.

use crate::error::Problem;

use super::Fault;

/// The first bytes of Microsoft's older container, also around encrypted workbooks.
const OLE2: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// How far the names of streams are looked for.
const DIRECTORY: usize = 1 << 20;

const SAVE_AS: &str = "open it and save it as `.xlsx` (Excel workbook)";

/// Says what a file is that is no zip.
pub(super) fn other_than_zip(bytes: &[u8], file: &str) -> Fault {
    let (what, fix) = if bytes.is_empty() {
        (
            "the file is empty (0 bytes)",
            "give the file as it was saved; an empty file says nothing",
        )
    } else if bytes.starts_with(OLE2) {
        inside_ole2(bytes)
    } else {
        let head = bytes.get(..512).unwrap_or(bytes);
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        let text = text.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
        if text.starts_with("<!doctype html") || text.contains("<html") {
            ("the file is a web page, not a workbook", SAVE_AS)
        } else if text.contains("schemas-microsoft-com:office:spreadsheet") {
            ("the file is an XML spreadsheet of 2003, not a workbook", SAVE_AS)
        } else if text.starts_with("<?xml") {
            ("the file is XML, not a workbook", "give it its own ending, `.xml`")
        } else if text.starts_with("%pdf") {
            (
                "the file is a PDF, not a workbook",
                "get the workbook that it was made from",
            )
        } else if bytes.starts_with(b"PAR1") {
            ("the file is Parquet, not a workbook", "give it its own ending, `.parquet`")
        } else if head.iter().all(|byte| *byte >= 0x20 || b"\t\r\n".contains(byte)) {
            (
                "the file is text, not a workbook",
                "if it is CSV, let its name end in `.csv`",
            )
        } else {
            ("the file is not a workbook", SAVE_AS)
        }
    };
    Box::new(Problem::of_file(file, what, fix))
}

/// What stands in the older container: its streams have names in UTF-16.
fn inside_ole2(bytes: &[u8]) -> (&'static str, &'static str) {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        // The directory of streams may stand at either end of the file.
        let tail = bytes.len().saturating_sub(DIRECTORY);
        let head = bytes.get(..DIRECTORY).unwrap_or(bytes);
        let tail = bytes.get(tail..).unwrap_or(bytes);
        [head, tail].iter().any(|part| memchr::memmem::find(part, &wide).is_some())
    };
    if has("EncryptedPackage") {
        ("the workbook is protected by a password", "save it without a password")
    } else if has("Workbook") || has("Book") {
        ("the file is an `.xls` workbook (Excel 97 to 2003)", SAVE_AS)
    } else if has("WordDocument") {
        ("the file is a Word document, not a workbook", SAVE_AS)
    } else {
        ("the file is an old Office document, not an `.xlsx` workbook", SAVE_AS)
    }
}

/// Says what a zip is that is no workbook, by the parts that it has.
pub(super) fn other_than_workbook(
    has: impl Fn(&str) -> bool,
) -> Option<(&'static str, &'static str)> {
    if has("xl/workbook.bin") {
        Some(("an `.xlsb` workbook (binary)", SAVE_AS))
    } else if has("[Content_Types].xml") && has("_rels/.rels") {
        if has("word/document.xml") {
            Some(("a Word document, not a workbook", SAVE_AS))
        } else if has("ppt/presentation.xml") {
            Some(("a presentation, not a workbook", SAVE_AS))
        } else {
            None
        }
    } else if has("mimetype") && has("content.xml") {
        Some(("an OpenDocument file (`.ods`)", SAVE_AS))
    } else if has("Index/Document.iwa") {
        Some(("a Numbers document", "export it as `.xlsx`"))
    } else if has("xl/workbook.xml") {
        None
    } else {
        Some(("a zip, not a workbook", "unpack it and load what is inside"))
    }
}
