//! Bytes as text: UTF-8 or what is declared, and the place of each character.
//!
//! Nothing is replaced and nothing is guessed: a file in an encoding that nobody declared
//! is refused with the place of its first foreign bytes, because a guessed letter in a
//! name or an id cannot be told from a true one later.

use std::borrow::Cow;

use encoding_rs::Encoding;

use crate::error::{Problem, visible};

use super::encoding::{Declared, looks_like, transcode};

/// How many lines with foreign bytes are listed one by one.
const LISTED: usize = 20;

/// The text of a file, without a byte order mark.
///
/// # Errors
/// Says where the bytes are not text: an empty file, UTF-16, bytes that are not UTF-8,
/// NUL characters.
pub fn decode<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str, Vec<Problem>> {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if body.is_empty() {
        return Err(vec![empty(file)]);
    }
    if let Some(problem) = wide(bytes, file) {
        return Err(vec![problem]);
    }
    let text = std::str::from_utf8(body).map_err(|_| foreign_bytes(body, file))?;
    without_nul(text, file).map(|()| text)
}

/// The text of a file in the encoding that the caller or a mapping declares, without a
/// byte order mark; UTF-8 where none is declared.
///
/// # Errors
/// As [`decode`], and where no such encoding is known or the bytes contradict it.
pub fn decode_as<'a>(
    bytes: &'a [u8],
    file: &str,
    encoding: Option<&str>,
) -> Result<Cow<'a, str>, Vec<Problem>> {
    let declared = match encoding.map(Declared::parse) {
        None => return decode(bytes, file).map(Cow::Borrowed),
        Some(Ok(declared)) if declared.is_utf8() => {
            return decode(bytes, file).map(Cow::Borrowed);
        }
        Some(Ok(declared)) => declared,
        Some(Err(error)) => {
            return Err(vec![Problem::of_file(file, error.what(), error.how_to_fix())]);
        }
    };
    let text = transcode(bytes, file, declared).map_err(|problem| vec![*problem])?;
    without_nul(&text, file)?;
    Ok(Cow::Owned(text))
}

/// Says that a file holds nothing.
pub(super) fn empty(file: &str) -> Problem {
    let fix = "give the file as it was exported; an empty file says nothing";
    Problem::of_file(file, "the file is empty (0 bytes)", fix)
}

fn without_nul(text: &str, file: &str) -> Result<(), Vec<Problem>> {
    let Some(at) = text.bytes().position(|byte| byte == 0) else { return Ok(()) };
    let (line, column) = Places::new(text).of(at);
    let fix = "the file is damaged or not text; export it again";
    Err(vec![Problem::at(file, line, column, "a NUL character", fix)])
}

/// Says that a file is UTF-16 or UTF-32, which shows in its mark or in a NUL beside its
/// first letter.
fn wide(bytes: &[u8], file: &str) -> Option<Problem> {
    let name = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => None,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("utf-16"),
        [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => None,
        [0, 1..=255, 0, _, ..] => Some("utf-16be"),
        [1..=255, 0, _, 0, ..] => Some("utf-16le"),
        _ => return None,
    };
    let save = "save it as UTF-8 (in Excel: CSV UTF-8)";
    let (what, fix) = match name {
        None => ("the file is UTF-32 text", save.to_owned()),
        Some(name) => (
            "the file is UTF-16 text",
            format!("load it with `--encoding {name}`, or {save}"),
        ),
    };
    Some(Problem::of_file(file, what, fix))
}

/// The first foreign byte of each line, and how many stand beside it.
fn foreign_bytes(bytes: &[u8], file: &str) -> Vec<Problem> {
    let likely = looks_like(bytes);
    let mut problems: Vec<Problem> = Vec::new();
    // Line, column and byte of the first foreign byte of a line, and how many it has.
    let mut found: Option<(u64, u64, u8, u64)> = None;
    let mut lines: usize = 0;
    let (mut line, mut column) = (1_u64, 1_u64);
    let mut tell = |first: Option<(u64, u64, u8, u64)>| {
        let Some((line, column, byte, count)) = first else { return };
        lines = lines.saturating_add(1);
        if lines <= LISTED {
            let mut what = format!("the byte 0x{byte:02X} is not UTF-8");
            if count > 1 {
                what.push_str(&format!(", the first of {count} on this line"));
            }
            let fix = other_fix(byte, likely);
            problems.push(Problem::at(file, line, column, what, fix));
        }
    };
    for chunk in bytes.utf8_chunks() {
        let end = chunk.valid().len();
        let (passed, columns) = Places::new(chunk.valid()).of(end);
        column = if passed > 1 {
            columns
        } else {
            column.saturating_add(columns).saturating_sub(1)
        };
        line = line.saturating_add(passed).saturating_sub(1);
        let Some(byte) = chunk.invalid().first() else { continue };
        match &mut found {
            Some((at, .., count)) if *at == line => *count = count.saturating_add(1),
            _ => tell(found.replace((line, column, *byte, 1))),
        }
        column = column.saturating_add(1);
    }
    tell(found);
    if lines > LISTED {
        let more = lines.saturating_sub(LISTED);
        let what = format!("{more} more lines have bytes that are not UTF-8");
        problems.push(Problem::of_file(file, what, "save the file as UTF-8"));
    }
    problems
}

/// How to load a file that is not UTF-8: by saying what it looks like.
fn other_fix(byte: u8, likely: Option<&'static Encoding>) -> String {
    let Some(encoding) = likely else {
        return "save the file as UTF-8, or declare its `--encoding`".to_owned();
    };
    let name = encoding.name().to_lowercase();
    let byte = [byte];
    let letter = encoding
        .is_single_byte()
        .then(|| encoding.decode_without_bom_handling_and_without_replacement(&byte))
        .flatten()
        .filter(|letter| !letter.chars().any(char::is_control))
        .map(|letter| format!(" (there it is `{}`)", visible(&letter)))
        .unwrap_or_default();
    format!(
        "it looks like {name}{letter}: load it with `--encoding {name}`, or save it as UTF-8"
    )
}

/// Adds a part of the file to a text; copies only where there are several parts.
pub fn append<'a>(text: &mut Cow<'a, str>, part: &'a str) {
    if text.is_empty() {
        *text = Cow::Borrowed(part);
    } else {
        text.to_mut().push_str(part);
    }
}

/// Finds line and character column of byte offsets, asked in rising order.
///
/// A line ends with LF, CR LF or CR, inside quotes too, as an editor counts them.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    column: u64,
}

impl<'a> Places<'a> {
    /// Starts at line 1, column 1.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, column: 1 }
    }

    /// Line and column of `offset`, both from 1. An offset before the last one asked
    /// gives the place of the last one.
    pub fn of(&mut self, offset: usize) -> (u64, u64) {
        let bytes = self.text.as_bytes();
        let passed = bytes.get(self.at..offset).unwrap_or_default();
        for (index, byte) in passed.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => {
                    let next = self.at.saturating_add(index).saturating_add(1);
                    bytes.get(next) != Some(&b'\n')
                }
                _ => false,
            };
            if ends {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else if byte & 0xc0 != 0x80 {
                self.column = self.column.saturating_add(1);
            }
        }
        self.at = self.at.max(offset);
        (self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> String {
        decode(bytes, "f.csv").unwrap_err()[0].to_string()
    }

    #[test]
    fn text_is_taken_with_or_without_a_mark() {
        assert_eq!(decode(b"\xef\xbb\xbfa,b\n", "f"), Ok("a,b\n"));
        assert_eq!(decode("é".as_bytes(), "f"), Ok("é"));
    }

    #[test]
    fn other_bytes_are_refused_where_they_stand() {
        assert!(fault(b"").contains("empty (0 bytes)"));
        assert!(fault(b"\xef\xbb\xbf").contains("empty (0 bytes)"));
        assert!(fault(b"\xff\xfea\0,\0").contains("UTF-16"));
        assert!(fault(b"a\0,\0b\0").contains("UTF-16"));
        assert!(
            fault(b"\0a\0,\0b")
                .contains("UTF-16 text; load it with `--encoding utf-16be`")
        );
        assert!(fault(b"\xff\xfe\0\0a\0\0\0").contains("UTF-32 text; save it"));
        assert_eq!(
            fault(b"id,title\n1,Caf\xe9\n"),
            "f.csv:2:6: the byte 0xE9 is not UTF-8; it looks like windows-1252 (there it \
             is `é`): load it with `--encoding windows-1252`, or save it as UTF-8"
        );
        assert!(fault(b"a,b\n1,\0\n").starts_with("f.csv:2:3: a NUL character"));
    }

    #[test]
    fn what_is_declared_is_read() {
        let read = |bytes: &[u8], name: Option<&str>| {
            decode_as(bytes, "f.csv", name)
                .map(Cow::into_owned)
                .map_err(|problems| problems[0].to_string())
        };
        assert_eq!(read(b"Caf\xe9", Some("windows-1252")), Ok("Café".to_owned()));
        assert_eq!(read("é".as_bytes(), Some("UTF-8")), Ok("é".to_owned()));
        assert_eq!(read("é".as_bytes(), None), Ok("é".to_owned()));
        assert!(read(b"\xe9", Some("utf-8")).is_err());
        assert!(read(b"\xe9", None).is_err());
        let nul = read(b"a\xe9abc\0", Some("windows-1252")).unwrap_err();
        assert!(nul.starts_with("f.csv:1:6: a NUL character"), "{nul}");
        assert_eq!(
            read(b"a", Some("utf-9")).unwrap_err(),
            "f.csv: `utf-9` is no encoding that can be read; did you mean `utf-8` or `utf-16`?"
        );
    }

    #[test]
    fn lines_with_foreign_bytes_are_listed_up_to_a_limit() {
        let problems = decode(b"\xe9 \xe9\n\xe8", "f").unwrap_err();
        let places: Vec<_> = problems.iter().map(|p| (p.row, p.column)).collect();
        assert_eq!(places, [(1, 1), (2, 1)]);
        let what = "the byte 0xE9 is not UTF-8, the first of 2 on this line";
        assert_eq!(problems[0].what, what);
        assert_eq!(problems[1].what, "the byte 0xE8 is not UTF-8");
        let many = decode(&b"\xe9\n".repeat(25), "f").unwrap_err();
        assert_eq!(many.len(), 21);
        assert_eq!(many[20].what, "5 more lines have bytes that are not UTF-8");
    }

    #[test]
    fn places_count_lines_as_an_editor_does() {
        let mut places = Places::new("é,b\r\nc\rd\ne");
        assert_eq!(places.of(0), (1, 1));
        assert_eq!(places.of(3), (1, 3));
        assert_eq!(places.of(6), (2, 1));
        assert_eq!(places.of(8), (3, 1));
        assert_eq!(places.of(10), (4, 1));
    }
}
