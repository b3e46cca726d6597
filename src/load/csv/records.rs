//! Records of a CSV text: a strict RFC 4180 state machine that knows its place.
//!
//! Quoted fields may hold line breaks; a quote elsewhere is a fault and never repaired.
//! After a fault that leaves no doubt where the next field begins reading goes on, so
//! that all faults of a file are told at once.

use std::borrow::Cow;

use crate::error::Problem;
use crate::load::utf8::{Places, append};

/// The longest field that is read, in bytes.
pub const LONGEST_FIELD: usize = 1 << 20;

/// One field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its text, without quotes.
    pub text: Cow<'a, str>,
    /// Character column of its first character (the quote, if quoted), from 1.
    pub column: u64,
    /// Whether it was quoted.
    pub quoted: bool,
}

/// One record: the physical line where it begins, and its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record<'a> {
    /// Physical line of its first character, from 1.
    pub line: u64,
    /// Its fields, at least one.
    pub fields: Vec<Field<'a>>,
}

impl Record<'_> {
    /// Whether the line is empty.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(self.fields.as_slice(), [only] if !only.quoted && only.text.is_empty())
    }
}

/// How records ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineEnds {
    first: Option<LineEnd>,
    /// Whether lines end in more than one way.
    pub are_mixed: bool,
    /// Whether the last record had no line end.
    pub last_is_open: bool,
}

/// One way to end a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    Lf,
    CrLf,
    Cr,
}

impl LineEnds {
    fn note(&mut self, end: LineEnd) {
        let first = *self.first.get_or_insert(end);
        self.are_mixed |= first != end;
    }

    /// Notes a line end of LF, or of CR LF.
    pub(super) fn note_line_feed(&mut self, after_return: bool) {
        self.note(if after_return { LineEnd::CrLf } else { LineEnd::Lf });
    }

    /// Adds how the records of the next part of the text ended.
    pub(super) fn absorb(&mut self, next: Self) {
        if let Some(end) = next.first {
            self.note(end);
        }
        self.are_mixed |= next.are_mixed;
        self.last_is_open = next.last_is_open;
    }
}

/// Reads records one after the other.
#[derive(Debug)]
pub struct Records<'a> {
    text: &'a str,
    file: &'a str,
    delimiter: u8,
    at: usize,
    places: Places<'a>,
    /// How lines ended so far.
    pub ends: LineEnds,
    /// Faults of structure found so far; any of them refuses the file.
    pub faults: Vec<Problem>,
}

/// What stands after a field.
#[derive(PartialEq, Eq)]
enum After {
    Delimiter,
    LineEnd,
}

impl<'a> Records<'a> {
    /// Starts at the first record of `text`.
    #[must_use]
    pub fn new(text: &'a str, file: &'a str, delimiter: u8) -> Self {
        Self {
            text,
            file,
            delimiter,
            at: 0,
            places: Places::new(text),
            ends: LineEnds::default(),
            faults: Vec::new(),
        }
    }

    /// The offset of the next record, and the physical line where it begins.
    pub fn place(&mut self) -> (usize, u64) {
        (self.at, self.places.of(self.at).0)
    }

    /// Reads the next record; none at the end of the text.
    pub fn read(&mut self) -> Option<Record<'a>> {
        if self.at >= self.text.len() {
            return None;
        }
        let (line, _) = self.places.of(self.at);
        let mut record = Record { line, fields: Vec::new() };
        loop {
            record.fields.push(self.field());
            if self.after() == After::LineEnd {
                return Some(record);
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn slice(&self, from: usize, until: usize) -> &'a str {
        self.text.get(from..until).unwrap_or_default()
    }

    fn fault(&mut self, at: usize, what: &str, fix: &str) {
        let (line, column) = self.places.of(at);
        self.faults.push(Problem::at(self.file, line, column, what, fix));
    }

    fn field(&mut self) -> Field<'a> {
        let (_, column) = self.places.of(self.at);
        let quoted = self.byte(self.at) == Some(b'"');
        let start = self.at;
        let text =
            if quoted { self.quoted_text() } else { Cow::Borrowed(self.bare_text()) };
        if text.len() > LONGEST_FIELD {
            let what = format!("the field has {} bytes", text.len());
            self.fault(start, &what, "a field may have 1 MiB; is a quote missing?");
        }
        Field { text, column, quoted }
    }

    /// Reads up to the next delimiter or line end.
    fn bare_text(&mut self) -> &'a str {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r') || *byte == self.delimiter;
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at = start.saturating_add(length);
        let text = self.slice(start, self.at);
        if let Some(index) = text.find('"') {
            let what = "a quote stands inside a field that is not quoted";
            let fix =
                "put the whole field in quotes and write `\"\"` for each quote in it";
            self.fault(start.saturating_add(index), what, fix);
        }
        text
    }

    /// Reads from an opening quote to the end of the field.
    fn quoted_text(&mut self) -> Cow<'a, str> {
        let opening = self.at;
        let mut text = Cow::Borrowed("");
        let mut from = opening.saturating_add(1);
        loop {
            let rest = self.text.as_bytes().get(from..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| *byte == b'"') else {
                let what = "the quote opened here is never closed";
                self.fault(opening, what, "close it before the end of the field");
                self.at = self.text.len();
                append(&mut text, self.slice(from, self.at));
                return text;
            };
            let quote = from.saturating_add(length);
            let next = quote.saturating_add(1);
            if self.byte(next) == Some(b'"') {
                // The first quote of the pair belongs to the text.
                append(&mut text, self.slice(from, next));
                from = next.saturating_add(1);
                continue;
            }
            append(&mut text, self.slice(from, quote));
            self.at = next;
            break;
        }
        if self.stands_at_end() { text } else { self.after_quote(text) }
    }

    /// Takes what follows a closing quote as text, so that reading can go on.
    fn after_quote(&mut self, mut text: Cow<'a, str>) -> Cow<'a, str> {
        let what = "text follows a closing quote";
        let fix = "write `\"\"` for a quote inside a quoted field";
        self.fault(self.at, what, fix);
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r') || *byte == self.delimiter;
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let start = self.at;
        self.at = start.saturating_add(length);
        append(&mut text, self.slice(start, self.at));
        text
    }

    fn stands_at_end(&self) -> bool {
        match self.byte(self.at) {
            None | Some(b'\n' | b'\r') => true,
            Some(byte) => byte == self.delimiter,
        }
    }

    /// Steps over what ends a field.
    fn after(&mut self) -> After {
        let byte = self.byte(self.at);
        let next = self.byte(self.at.saturating_add(1));
        let (end, width) = match (byte, next) {
            (None, _) => {
                self.ends.last_is_open = true;
                return After::LineEnd;
            }
            (Some(b'\r'), Some(b'\n')) => (LineEnd::CrLf, 2),
            (Some(b'\r'), _) => (LineEnd::Cr, 1),
            (Some(b'\n'), _) => (LineEnd::Lf, 1),
            _ => {
                self.at = self.at.saturating_add(1);
                return After::Delimiter;
            }
        };
        self.ends.note(end);
        self.at = self.at.saturating_add(width);
        After::LineEnd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> (Vec<Vec<String>>, Vec<String>) {
        let mut records = Records::new(text, "f", b',');
        let mut rows = Vec::new();
        while let Some(record) = records.read() {
            rows.push(record.fields.iter().map(|f| f.text.to_string()).collect());
        }
        (rows, records.faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn records_are_split_as_rfc_4180_says() {
        let (rows, faults) = rows("a,\"b \"\"x\"\", y\",\r\n\"1\n2\",,3\n\"\"\"\"");
        let expected: [&[&str]; 3] =
            [&["a", "b \"x\", y", ""], &["1\n2", "", "3"], &["\""]];
        assert_eq!(rows, expected);
        assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn a_field_may_end_the_text_after_a_delimiter() {
        assert_eq!(rows("a,").0, [["a", ""]]);
        assert_eq!(rows("a,\n").0, [["a", ""]]);
        assert_eq!(rows("a\n\nb\n").0, [["a"], [""], ["b"]]);
    }

    #[test]
    fn places_are_physical_lines_and_characters() {
        let mut records = Records::new("é,\"x\ny\",z\nb,c\n", "f", b',');
        let first = records.read().unwrap();
        let columns: Vec<u64> = first.fields.iter().map(|f| f.column).collect();
        assert_eq!((first.line, columns), (1, vec![1, 3, 4]));
        assert_eq!(records.read().unwrap().line, 3);
        assert!(records.read().is_none());
    }

    #[test]
    fn quotes_out_of_place_are_faults() {
        assert_eq!(
            rows("a,b\n1,x\"y\"\n2,\"x\" y\n3,\"open\n4").1,
            [
                "f:2:4: a quote stands inside a field that is not quoted; put the whole \
                 field in quotes and write `\"\"` for each quote in it",
                "f:3:6: text follows a closing quote; write `\"\"` for a quote inside a \
                 quoted field",
                "f:4:3: the quote opened here is never closed; close it before the end \
                 of the field",
            ]
        );
    }

    #[test]
    fn line_ends_are_noted() {
        let ends = |text: &str| {
            let mut records = Records::new(text, "f", b',');
            while records.read().is_some() {}
            (records.ends.are_mixed, records.ends.last_is_open)
        };
        assert_eq!(ends("a\rb\r"), (false, false));
        assert_eq!(ends("a\r\nb\r\n"), (false, false));
        assert_eq!(ends("a\r\nb\n"), (true, false));
        assert_eq!(ends("a\n\"x\ry\""), (false, true));
    }

    #[test]
    fn a_huge_field_is_a_fault() {
        let text = format!("a,{}\n", "x".repeat(LONGEST_FIELD + 1));
        assert!(rows(&text).1[0].starts_with("f:1:3: the field has 1048577 bytes"));
    }
}
