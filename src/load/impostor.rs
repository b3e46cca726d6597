//! Files that are not what their name says: named for what they are, where that shows.

use crate::error::Problem;

/// How files of other kinds begin, what they are, and what to do instead.
const KINDS: [(&[u8], &str, &str); 9] = [
    (b"\x1f\x8b", "compressed with gzip", "let its name end in `.gz`"),
    (
        b"PK\x03\x04",
        "a zip archive or a workbook",
        "load a workbook as `.xlsx`; unpack an archive first",
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a workbook or document of old Office (`.xls`, `.doc`)",
        "save it as `.xlsx` or as CSV",
    ),
    (b"%PDF-", "a PDF document", "ask for the data as CSV or as a workbook"),
    (b"PAR1", "a Parquet file", "let its name end in `.parquet`"),
    (b"{\\rtf", "an RTF document", "ask for the data as CSV or as a workbook"),
    (b"<?xml", "an XML file", "let its name end in `.xml`"),
    (b"BZh", "compressed with bzip2", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it first"),
];

/// How web pages begin, in lower case.
const PAGES: [&str; 2] = ["<!doctype html", "<html"];

/// The suffixes of files that hold text.
const TEXTS: [&str; 6] = ["csv", "tsv", "json", "ndjson", "jsonl", "xml"];

/// Says what a file of text named `file` is instead of what its suffix says.
#[must_use]
pub fn impostor(bytes: &[u8], file: &str, suffix: &str) -> Option<Problem> {
    if !TEXTS.contains(&suffix) {
        return None;
    }
    let told = |what: &str, fix: &str| {
        Some(Problem::of_file(file, format!("the file is {what}"), fix))
    };
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let found = KINDS.iter().find(|(mark, ..)| body.starts_with(mark));
    if suffix == "xml" && body.starts_with(b"<") {
        return None;
    }
    if let Some((_, what, fix)) = found {
        return told(what, fix);
    }
    let head = body.trim_ascii_start();
    let is_page = PAGES.iter().any(|page| {
        head.get(..page.len()).is_some_and(|h| h.eq_ignore_ascii_case(page.as_bytes()))
    });
    if is_page {
        let fix = "open it in a browser: it may say why there is no data";
        return told("a web page", fix);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::impostor;

    #[test]
    fn what_a_file_is_shows_in_its_first_bytes() {
        for (bytes, what) in [
            (&b"PK\x03\x04\x14"[..], "a zip archive or a workbook"),
            (b"\x1f\x8b\x08", "compressed with gzip"),
            (b"\xef\xbb\xbf<?xml version", "an XML file"),
            (b"\n <!DOCTYPE HTML><html>", "a web page"),
            (b"%PDF-1.7", "a PDF document"),
        ] {
            let told = impostor(bytes, "f.csv", "csv").unwrap().to_string();
            assert!(told.starts_with(&format!("f.csv: the file is {what}; ")), "{told}");
        }
        for text in ["", "a,b\n", "[{}]", "PK,a\n", "<b>,a"] {
            assert_eq!(impostor(b"<?xml", "f.xml", "xml"), None);
            assert!(impostor(b"\x1f\x8b", "f.xml", "xml").is_some());
            assert_eq!(impostor(text.as_bytes(), "f", "csv"), None, "{text}");
        }
    }
}
