//! From the bytes of an XML file to its text: UTF-8, UTF-16, or the two Western encodings.
//!
//! A file that declares one encoding and is written in another would load with its names
//! spoilt and nobody told, so a contradiction refuses the file. UTF-16 shows in the mark
//! at its start, or in its first character, which is a `<`, together with a declaration.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::place::Place;
use super::xml::Fault;
use crate::error::{Problem, visible};
use crate::load::encoding::decode_strictly;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the text of an XML file, borrowed where it is UTF-8 already.
///
/// # Errors
/// Says which byte or declaration stands in the way.
pub(super) fn text_of<'a>(bytes: &'a [u8], file: &str) -> Result<Cow<'a, str>, Fault> {
    if bytes.is_empty() {
        let fix = "give an IATI activity file; its root is `iati-activities`";
        return Err(Box::new(Problem::of_file(file, "the file is empty", fix)));
    }
    if is_utf32(bytes) {
        let what = "the file is written in UTF-32";
        return Err(Box::new(Problem::of_file(file, what, "save it as UTF-8")));
    }
    if let Some(encoding) = utf16(bytes) {
        let text = wide(bytes, file, encoding)?;
        check_characters(&text, file)?;
        return Ok(Cow::Owned(text));
    }
    let marked = bytes.starts_with(UTF8_MARK);
    let body = if marked { bytes.get(UTF8_MARK.len()..).unwrap_or(&[]) } else { bytes };
    let declared = declared_encoding(body);
    let text = match declared.as_deref() {
        None | Some("utf-8" | "utf8" | "us-ascii" | "ascii") => {
            Cow::Borrowed(utf8(body, file)?)
        }
        Some(
            "iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" | "windows-1252" | "cp1252",
        ) => western(body, file, declared.as_deref().unwrap_or(""), marked)?,
        Some(other) if is_utf16_name(other) => {
            return Err(contradicted(file, other, "UTF-8"));
        }
        Some(other) => {
            let what = format!("the declared encoding `{}` is not read", visible(other));
            let fix = "save the file as UTF-8 and declare that";
            return Err(Box::new(Problem::at(file, 1, 1, what, fix)));
        }
    };
    check_characters(&text, file)?;
    Ok(text)
}

fn is_utf32(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe\0\0")
        || bytes.starts_with(b"\0\0\xfe\xff")
        || bytes.starts_with(b"<\0\0\0")
        || bytes.starts_with(b"\0\0\0<")
}

/// The byte order of a UTF-16 file, by its mark or by its first character.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] | [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    }
}

fn is_utf16_name(name: &str) -> bool {
    ["utf-16", "utf16", "utf-16le", "utf-16be"].contains(&name)
}

/// The text of a UTF-16 file. What it declares must be that, in the order that it has; a
/// file without a mark must declare it.
fn wide(bytes: &[u8], file: &str, encoding: &'static Encoding) -> Result<String, Fault> {
    let text = decode_strictly(bytes, file, encoding)?;
    let order = encoding.name().to_lowercase();
    match declared_encoding(text.as_bytes()) {
        Some(name) if name == "utf-16" || name == "utf16" || name == order => Ok(text),
        Some(name) => Err(contradicted(file, &name, encoding.name())),
        None if matches!(bytes.first(), Some(0xff | 0xfe)) => Ok(text),
        None => {
            let what =
                format!("the file is written in {} and does not say so", encoding.name());
            let fix = "save it as UTF-8, or as UTF-16 with a byte order mark";
            Err(Box::new(Problem::at(file, 1, 1, what, fix)))
        }
    }
}

fn contradicted(file: &str, declared: &str, written: &str) -> Fault {
    let what =
        format!("the file declares `{}` but is written in {written}", visible(declared));
    let fix = format!("declare `encoding=\"{written}\"`");
    Box::new(Problem::at(file, 1, 1, what, fix))
}

/// The encoding that the XML declaration names, in lower case.
fn declared_encoding(body: &[u8]) -> Option<String> {
    const LONGEST_DECLARATION: usize = 256;
    let head = body.get(..body.len().min(LONGEST_DECLARATION))?;
    let head = String::from_utf8_lossy(head);
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    let after = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?;
    let quoted = after.trim_start();
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = quoted.strip_prefix(quote)?.split(quote).next()?;
    Some(name.trim().to_ascii_lowercase())
}

fn utf8<'a>(body: &'a [u8], file: &str) -> Result<&'a str, Fault> {
    std::str::from_utf8(body).map_err(|error| {
        let place = Place::START.forward(body, error.valid_up_to());
        let byte = body.get(error.valid_up_to()).copied().unwrap_or(0);
        let what = format!("byte 0x{byte:02X} is not UTF-8");
        let fix = "save the file as UTF-8, or declare `encoding=\"windows-1252\"` \
                   if it is written in that";
        Box::new(Problem::at(file, place.line, u64::from(place.column), what, fix))
    })
}

fn western<'a>(
    body: &'a [u8],
    file: &str,
    declared: &str,
    marked: bool,
) -> Result<Cow<'a, str>, Fault> {
    // Bytes above 0x7F that form valid UTF-8 by chance are all but impossible in a text
    // of Western letters: such a file is UTF-8 with a wrong declaration.
    if !body.is_ascii() && (marked || std::str::from_utf8(body).is_ok()) {
        return Err(contradicted(file, declared, "UTF-8"));
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(body);
    Ok(text)
}

/// XML 1.0 has no control characters but tab and the line ends.
fn check_characters(text: &str, file: &str) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    let forbidden = |b: &u8| *b < 0x20 && !matches!(*b, b'\t' | b'\n' | b'\r');
    // A pass without an early end lets the compiler look at many bytes at once.
    if !bytes.iter().fold(false, |found, b| found | forbidden(b)) {
        return Ok(());
    }
    let at = bytes.iter().position(forbidden).unwrap_or(0);
    let place = Place::START.forward(bytes, at);
    let byte = bytes.get(at).copied().unwrap_or(0);
    let what = format!("not XML: the control character U+{byte:04X} stands in the file");
    let fix = "remove it; XML allows no control characters but tabs and line ends";
    Err(Box::new(Problem::at(file, place.line, u64::from(place.column), what, fix)))
}
