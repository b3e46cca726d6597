//! Records and fields of a text without faults, as slices of it.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr3};

use super::records::{LONGEST_FIELD, LineEnds};

/// Cuts a text into records and fields.
pub(super) struct Cut<'a> {
    text: &'a str,
    pub(super) at: usize,
    pub(super) line: u64,
    delimiter: u8,
    has_quotes: bool,
    pub(super) ends: LineEnds,
}

impl<'a> Cut<'a> {
    pub(super) fn new(text: &'a str, line: u64, delimiter: u8) -> Self {
        let has_quotes = memchr(b'"', text.as_bytes()).is_some();
        Self { text, at: 0, line, delimiter, has_quotes, ends: LineEnds::default() }
    }

    pub(super) fn has_more(&self) -> bool {
        self.at < self.text.len()
    }

    /// Reads the fields of the next record; nothing where its structure is at fault.
    pub(super) fn read(&mut self, fields: &mut Vec<Cow<'a, str>>) -> Option<()> {
        fields.clear();
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = memchr(b'\n', rest);
        let line = rest.get(..length.unwrap_or(rest.len()))?;
        if line.len() > LONGEST_FIELD {
            return None;
        }
        if self.has_quotes && memchr(b'"', line).is_some() {
            return self.read_quoted(fields);
        }
        let is_crlf = line.last() == Some(&b'\r') && length.is_some();
        let body = line.len().saturating_sub(usize::from(is_crlf));
        let end = self.at.saturating_add(body);
        let mut from = self.at;
        for place in memchr_iter(self.delimiter, line) {
            let until = self.at.saturating_add(place);
            fields.push(Cow::Borrowed(self.text.get(from..until)?));
            from = until.saturating_add(1);
        }
        fields.push(Cow::Borrowed(self.text.get(from..end)?));
        self.end(length.is_some(), is_crlf);
        self.at = self
            .at
            .saturating_add(line.len())
            .saturating_add(usize::from(length.is_some()));
        Some(())
    }

    fn end(&mut self, is_closed: bool, is_crlf: bool) {
        self.ends.last_is_open = !is_closed;
        self.line = self.line.saturating_add(1);
        if is_closed {
            self.ends.note_line_feed(is_crlf);
        }
    }

    /// Reads a record in which a quote stands.
    fn read_quoted(&mut self, fields: &mut Vec<Cow<'a, str>>) -> Option<()> {
        let bytes = self.text.as_bytes();
        loop {
            let field = if bytes.get(self.at) == Some(&b'"') {
                self.quoted()?
            } else {
                Cow::Borrowed(self.bare()?)
            };
            if field.len() > LONGEST_FIELD {
                return None;
            }
            fields.push(field);
            match (bytes.get(self.at), bytes.get(self.at.saturating_add(1))) {
                (None, _) => {
                    self.end(false, false);
                    return Some(());
                }
                (Some(b'\r'), Some(b'\n')) => {
                    self.at = self.at.saturating_add(2);
                    self.end(true, true);
                    return Some(());
                }
                (Some(b'\n'), _) => {
                    self.at = self.at.saturating_add(1);
                    self.end(true, false);
                    return Some(());
                }
                (Some(byte), _) if *byte == self.delimiter => {
                    self.at = self.at.saturating_add(1);
                }
                _ => return None,
            }
        }
    }

    fn bare(&mut self) -> Option<&'a str> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = memchr3(self.delimiter, b'\n', b'"', rest).unwrap_or(rest.len());
        let ends_line = rest.get(length) == Some(&b'\n');
        if rest.get(length) == Some(&b'"') {
            return None;
        }
        let is_crlf = ends_line
            && length.checked_sub(1).and_then(|last| rest.get(last)) == Some(&b'\r');
        let body = length.saturating_sub(usize::from(is_crlf));
        let until = self.at.saturating_add(body);
        let text = self.text.get(self.at..until)?;
        self.at = until;
        Some(text)
    }

    fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let mut from = self.at.saturating_add(1);
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.text.as_bytes().get(from..)?;
            let quote = from.saturating_add(memchr(b'"', rest)?);
            let next = quote.saturating_add(1);
            let is_pair = self.text.as_bytes().get(next) == Some(&b'"');
            // The first quote of a pair belongs to the text.
            let until = if is_pair { next } else { quote };
            let part = self.text.get(from..until)?;
            let breaks = memchr_iter(b'\n', part.as_bytes()).count();
            let breaks = u64::try_from(breaks).unwrap_or(u64::MAX);
            self.line = self.line.saturating_add(breaks);
            crate::load::utf8::append(&mut text, part);
            if !is_pair {
                self.at = next;
                return Some(text);
            }
            from = next.saturating_add(1);
        }
    }
}
