//! A pull reader of XML that holds its limits: elements, joined text, places.
//!
//! It borrows from the file's text, keeps line and column by counting only what lies
//! between two places that are asked for, and refuses what a data file has no use for:
//! a DOCTYPE (so no entity of the file's own), more than 128 levels, a text above 1 MiB,
//! an element with more than 1000 attributes, a second root.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

use super::attributes::AttributeList;
use super::place::Place;
use super::scan::{Scan, Token};
use super::text::is_xml_char;
pub(super) use super::text::{SPACE, append, trimmed};
use crate::error::{Problem, visible};

/// What refuses the whole file.
pub(super) type Fault = Box<Problem>;

const MOST_LEVELS: usize = 128;
const LONGEST_TEXT: usize = 1 << 20;

/// What the reader comes upon.
pub(super) enum Step<'a> {
    /// An element opens: its name.
    Open(&'a str),
    /// A piece of text, references resolved.
    Text(Cow<'a, str>),
    /// The innermost element closes.
    Close,
    /// The file ends after its root.
    End,
}

/// The pull reader.
pub(super) struct Pull<'a> {
    text: &'a str,
    file: &'a str,
    reader: Reader<&'a [u8]>,
    /// What reads a stretch of the file instead of the reader.
    scan: Option<Scan<'a>>,
    /// Where the reader's text begins in the file's.
    base: usize,
    /// The depth at which the text ends: 1 in a part of a file.
    floor: usize,
    has_returns: bool,
    attributes: AttributeList<'a>,
    depth: usize,
    close_is_due: bool,
    had_root: bool,
    text_run: usize,
    opened_at: usize,
    last_place: Place,
}

impl<'a> Pull<'a> {
    /// Returns a reader at the start of `text`.
    pub(super) fn new(text: &'a str, file: &'a str) -> Self {
        Self {
            text,
            file,
            reader: Reader::from_str(text),
            scan: None,
            base: 0,
            floor: 0,
            has_returns: text.contains('\r'),
            attributes: AttributeList::default(),
            depth: 0,
            close_is_due: false,
            had_root: false,
            text_run: 0,
            opened_at: 0,
            last_place: Place::START,
        }
    }

    /// Returns a reader of a stretch of `text` that lies directly inside its root. It
    /// gives up, without saying why, where anything is out of the ordinary.
    pub(super) fn part(text: &'a str, file: &'a str, stretch: Range<usize>) -> Self {
        let inside = text.get(stretch.clone()).unwrap_or("");
        Self {
            text,
            file,
            reader: Reader::from_str(""),
            scan: Some(Scan::new(inside)),
            base: stretch.start,
            floor: 1,
            has_returns: inside.contains('\r'),
            attributes: AttributeList::default(),
            depth: 1,
            close_is_due: false,
            had_root: true,
            text_run: 0,
            opened_at: 0,
            last_place: Place::START,
        }
    }

    /// Goes to the next element, text or end.
    ///
    /// # Errors
    /// What refuses the file.
    pub(super) fn step(&mut self) -> Result<Step<'a>, Fault> {
        if self.close_is_due {
            self.close_is_due = false;
            return Ok(self.close());
        }
        if self.scan.is_some() {
            return self.scanned();
        }
        loop {
            let start = self.offset();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = usize::try_from(self.reader.error_position()).unwrap_or(0);
                    return Err(self.malformed(self.base.saturating_add(at), &error));
                }
            };
            match event {
                Event::Start(tag) => return self.open(start, tag.name().0.len(), false),
                Event::Empty(tag) => return self.open(start, tag.name().0.len(), true),
                Event::End(_) => return Ok(self.close()),
                Event::Text(piece) => {
                    if let Some(step) = self.piece(start, piece.into_inner(), true)? {
                        return Ok(step);
                    }
                }
                Event::CData(piece) => {
                    if let Some(step) = self.piece(start, piece.into_inner(), false)? {
                        return Ok(step);
                    }
                }
                Event::GeneralRef(reference) => {
                    let resolved = self.resolve(start, &reference)?;
                    if let Some(step) = self.piece(start, resolved, false)? {
                        return Ok(step);
                    }
                }
                Event::DocType(_) => return Err(self.doctype(start)),
                Event::Decl(_) if start > 0 => {
                    let what = "not XML: `<?xml` stands after the start of the file";
                    let fix = "remove what stands before it";
                    return Err(self.fault(start, what, fix));
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => return self.end(start),
            }
        }
    }

    /// Goes to the next token of a stretch, as [`Pull::step`] does.
    fn scanned(&mut self) -> Result<Step<'a>, Fault> {
        loop {
            let scan = self.scan.as_mut();
            let found =
                scan.and_then(|scan| scan.next(&mut self.attributes, LONGEST_TEXT));
            let Some((start, token)) = found else { return Err(self.doubt()) };
            let start = self.base.saturating_add(start);
            let step = match token {
                Token::Open(name, is_empty, has_references) => {
                    self.check_open(start, name)?;
                    self.close_is_due = is_empty;
                    if has_references {
                        self.check_references(start)?;
                    }
                    if !self.attributes.are_distinct() {
                        return Err(self.doubt());
                    }
                    return Ok(Step::Open(name));
                }
                Token::Close => return Ok(self.close()),
                Token::Text(piece) => self.piece(start, Cow::Borrowed(piece), true)?,
                Token::Data(piece) => self.piece(start, Cow::Borrowed(piece), false)?,
                Token::Reference(name) => {
                    let resolved = self.resolve(start, &BytesRef::new(name))?;
                    self.piece(start, resolved, false)?
                }
                Token::End => return self.end(start),
            };
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    /// Says that the file must be read from its start; nobody reads this.
    fn doubt(&self) -> Fault {
        Box::new(Problem::of_file(self.file, "", ""))
    }

    /// Passes over the rest of the innermost open element.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.step()?;
        }
        Ok(())
    }

    /// Joins the text that stands directly in the open element, trimmed, and closes it.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, Fault> {
        let mut joined = Cow::Borrowed("");
        loop {
            match self.step()? {
                Step::Open(_) => self.skip()?,
                Step::Text(piece) => append(&mut joined, piece),
                Step::Close | Step::End => return Ok(trimmed(joined)),
            }
        }
    }

    /// An attribute of the element opened last, trimmed; nothing where absent or empty.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes.value(name)
    }

    /// The byte at which the element opened last begins.
    pub(super) fn at(&self) -> usize {
        self.opened_at
    }

    /// The place of the element opened last.
    pub(super) fn place(&mut self) -> Place {
        self.last_place = self.place_of(self.opened_at);
        self.last_place
    }

    /// The place of a byte near the place asked for last.
    pub(super) fn place_of(&self, at: usize) -> Place {
        self.last_place.forward(self.text.as_bytes(), at)
    }

    /// Whether the element opened last closes in its own tag.
    pub(super) fn has_closed(&self) -> bool {
        self.close_is_due
    }

    /// The byte that is read next.
    pub(super) fn offset(&self) -> usize {
        let inside = match &self.scan {
            Some(scan) => Ok(scan.at),
            None => usize::try_from(self.reader.buffer_position()),
        };
        self.base.saturating_add(inside.unwrap_or(usize::MAX))
    }

    fn open(
        &mut self,
        start: usize,
        name_len: usize,
        is_empty: bool,
    ) -> Result<Step<'a>, Fault> {
        let close = if is_empty { 2 } else { 1 };
        let inside = start.saturating_add(1)..self.offset().saturating_sub(close);
        let tag = self.text.get(inside).unwrap_or("");
        let name = tag.get(..name_len).unwrap_or("");
        self.check_open(start, name)?;
        self.close_is_due = is_empty;
        self.attributes.clear();
        if let Some(rest) = tag.get(name_len..).filter(|rest| !rest.is_empty()) {
            match self.attributes.split(rest, LONGEST_TEXT) {
                Ok(false) => {}
                Ok(true) => self.check_references(start)?,
                Err(fault) => return Err(self.bad_tag(start, fault)),
            }
        }
        Ok(Step::Open(name))
    }

    /// Checks whether an element of that name may open here, and opens it.
    fn check_open(&mut self, start: usize, name: &str) -> Result<(), Fault> {
        let first = name.bytes().next().unwrap_or(b' ');
        if !(first.is_ascii_alphabetic() || first == b'_' || first >= 0x80) {
            let what = format!("not XML: `<{}` opens no element", visible(name));
            return Err(self.fault(start, what, "write `&lt;` for the character itself"));
        }
        if self.depth == 0 && self.had_root {
            let what = format!("not XML: `<{}>` is a second root", visible(name));
            return Err(self.fault(start, what, "give one file per document"));
        }
        self.had_root = true;
        self.depth = self.depth.saturating_add(1);
        if self.depth > MOST_LEVELS {
            let what = format!("elements are nested deeper than {MOST_LEVELS} levels");
            return Err(self.fault(start, what, "an IATI file needs fewer than ten"));
        }
        self.opened_at = start;
        self.text_run = 0;
        Ok(())
    }

    fn close(&mut self) -> Step<'a> {
        self.depth = self.depth.saturating_sub(1);
        self.text_run = 0;
        Step::Close
    }

    fn end(&self, at: usize) -> Result<Step<'a>, Fault> {
        if self.depth > self.floor {
            let what = format!(
                "not XML: the file ends inside {} element{}",
                self.depth,
                if self.depth == 1 { "" } else { "s" }
            );
            return Err(self.fault(at, what, "get the whole file; it seems to be cut"));
        }
        Ok(Step::End)
    }

    fn piece(
        &mut self,
        start: usize,
        piece: Cow<'a, str>,
        may_stand_outside: bool,
    ) -> Result<Option<Step<'a>>, Fault> {
        if self.depth == 0 {
            if may_stand_outside && piece.trim_matches(SPACE).is_empty() {
                return Ok(None);
            }
            let what = "not XML: text stands outside the root element";
            let fix = if self.had_root {
                "remove what follows the end of the root"
            } else {
                "an IATI activity file begins with `<iati-activities`"
            };
            return Err(self.fault(start, what, fix));
        }
        self.text_run = self.text_run.saturating_add(piece.len());
        if self.text_run > LONGEST_TEXT {
            let what = "a text is longer than 1 MiB";
            return Err(self.fault(start, what, "check what stands in this element"));
        }
        if self.has_returns && piece.len() > 1 && piece.contains('\r') {
            let with_newlines = piece.replace("\r\n", "\n").replace('\r', "\n");
            return Ok(Some(Step::Text(Cow::Owned(with_newlines))));
        }
        Ok(Some(Step::Text(piece)))
    }

    fn resolve(
        &self,
        start: usize,
        reference: &BytesRef<'_>,
    ) -> Result<Cow<'a, str>, Fault> {
        if let Some(text) = resolve_predefined_entity(reference) {
            return Ok(Cow::Borrowed(text));
        }
        match reference.resolve_char_ref() {
            Ok(Some(c)) if is_xml_char(c) => Ok(Cow::Owned(c.to_string())),
            Ok(None) => Err(self.undefined(start, reference)),
            _ => {
                let what = format!(
                    "not XML: `&{};` is not a character of XML",
                    visible(reference)
                );
                Err(self.fault(start, what, "write the character that is meant"))
            }
        }
    }

    fn check_references(&self, start: usize) -> Result<(), Fault> {
        for value in self.attributes.raw_values() {
            for piece in value.split('&').skip(1) {
                let Some((name, _)) = piece.split_once(';') else {
                    let what = "not XML: a `&` in an attribute begins no reference";
                    return Err(self.fault(start, what, "write `&amp;`"));
                };
                self.resolve(start, &BytesRef::new(name))?;
            }
        }
        Ok(())
    }

    /// What refuses the file, at a byte of it.
    pub(super) fn fault(
        &self,
        offset: usize,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Fault {
        let place = self.place_of(offset);
        Box::new(Problem::at(self.file, place.line, u64::from(place.column), what, fix))
    }
}
