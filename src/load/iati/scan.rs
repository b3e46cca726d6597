//! The plain part of XML, token by token, for stretches of a file in which nothing is
//! out of the ordinary.
//!
//! It accepts less than the strict reader of `xml` and nothing else: where it is in the
//! least doubt it gives up, and the file is read by the strict reader, which says what is
//! wrong. So the two cannot differ in what is accepted, nor in what is said.

use memchr::{memchr, memchr2, memmem};

use super::attributes::AttributeList;

/// What the scanner comes upon.
pub(super) enum Token<'a> {
    /// An element opens: its name, whether it closes at once, and whether an attribute
    /// holds a reference.
    Open(&'a str, bool, bool),
    /// The innermost element closes.
    Close,
    /// Text without references.
    Text(&'a str),
    /// The inside of a CDATA section.
    Data(&'a str),
    /// What stands between `&` and `;`.
    Reference(&'a str),
    /// The stretch ends outside of all elements that opened in it.
    End,
}

/// The scanner.
pub(super) struct Scan<'a> {
    text: &'a str,
    /// The byte that is read next.
    pub(super) at: usize,
    open: Vec<&'a str>,
}

impl<'a> Scan<'a> {
    /// Starts at the beginning of a stretch.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: Vec::new() }
    }

    /// The next token, with the byte at which it begins; nothing where the strict reader
    /// must look. The list then holds the attributes of the element that opened last,
    /// none longer than `longest`.
    pub(super) fn next(
        &mut self,
        attributes: &mut AttributeList<'a>,
        longest: usize,
    ) -> Option<(usize, Token<'a>)> {
        loop {
            let start = self.at;
            let rest = self.text.as_bytes().get(start..)?;
            let token = match rest {
                [] => self.open.is_empty().then_some(Token::End)?,
                [b'<', b'/', ..] => self.close()?,
                [b'<', b'!', b'-', b'-', ..] => {
                    self.until("<!--", "-->")?;
                    continue;
                }
                [b'<', b'!', ..] => Token::Data(self.until("<![CDATA[", "]]>")?),
                [b'<', ..] => self.element(attributes, longest)?,
                [b'&', ..] => self.reference(rest)?,
                _ => {
                    let length = memchr2(b'<', b'&', rest).unwrap_or(rest.len());
                    self.at = start.checked_add(length)?;
                    Token::Text(self.text.get(start..self.at)?)
                }
            };
            return Some((start, token));
        }
    }

    /// What stands between two marks, of which the first is due here.
    fn until(&mut self, opens: &str, closes: &str) -> Option<&'a str> {
        let inside = self.text.get(self.at..)?.strip_prefix(opens)?;
        let length = memmem::find(inside.as_bytes(), closes.as_bytes())?;
        let passed = opens.len().checked_add(length)?.checked_add(closes.len())?;
        self.at = self.at.checked_add(passed)?;
        inside.get(..length)
    }

    /// A reference; a `&` that begins none is for the strict reader.
    fn reference(&mut self, rest: &[u8]) -> Option<Token<'a>> {
        let length = memchr(b';', rest)?;
        let start = self.at.checked_add(1)?;
        let end = self.at.checked_add(length)?;
        let name = self.text.get(start..end)?;
        if memchr2(b'<', b'&', name.as_bytes()).is_some() {
            return None;
        }
        self.at = end.checked_add(1)?;
        Some(Token::Reference(name))
    }

    /// The end tag of the element opened last.
    fn close(&mut self) -> Option<Token<'a>> {
        const OPENS: usize = "</".len();
        let name = self.open.pop()?;
        let bytes = self.text.as_bytes();
        let start = self.at.checked_add(OPENS)?;
        let rest = bytes.get(start..)?.strip_prefix(name.as_bytes())?;
        let close = first_of(rest, |b| !is_space(b));
        if rest.get(close) != Some(&b'>') {
            return None;
        }
        let end = start.checked_add(name.len())?.checked_add(close)?;
        self.at = end.checked_add(1)?;
        Some(Token::Close)
    }

    /// A start tag, or one that closes at once.
    fn element(
        &mut self,
        attributes: &mut AttributeList<'a>,
        longest: usize,
    ) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        let start = self.at.checked_add(1)?;
        let end = start.checked_add(length_of_name(bytes.get(start..)?))?;
        let name = self.text.get(start..end)?;
        let mut at = end;
        let mut has_references = false;
        attributes.clear();
        loop {
            let rest = bytes.get(at..)?;
            let spaces = first_of(rest, |b| !is_space(b));
            let passed = match rest.get(spaces..)? {
                [b'>', ..] => {
                    self.at = at.checked_add(spaces)?.checked_add(1)?;
                    self.open.push(name);
                    return Some(Token::Open(name, false, has_references));
                }
                [b'/', b'>', ..] => {
                    self.at = at.checked_add(spaces)?.checked_add(2)?;
                    return Some(Token::Open(name, true, has_references));
                }
                _ if spaces == 0 => return None,
                inside => {
                    let from = at.checked_add(spaces)?;
                    let (length, key, value) = attribute(inside)?;
                    let key = self.text.get(from..from.checked_add(key)?)?;
                    let from = from.checked_add(value.start)?;
                    let text = self.text.get(from..from.checked_add(value.len())?)?;
                    has_references |= text.bytes().any(|b| b == b'&');
                    let is_taken = text.len() <= longest && attributes.add(key, text);
                    is_taken.then(|| spaces.checked_add(length))??
                }
            };
            at = at.checked_add(passed)?;
        }
    }
}

/// The lengths of an attribute and of its name, and where its value stands; nothing where
/// it is not `name="value"`.
fn attribute(bytes: &[u8]) -> Option<(usize, usize, std::ops::Range<usize>)> {
    let key = length_of_name(bytes);
    let mut at = key;
    if bytes.get(at) != Some(&b'=') {
        at = at.checked_add(first_of(bytes.get(at..)?, |b| !is_space(b)))?;
        if bytes.get(at) != Some(&b'=') {
            return None;
        }
    }
    at = at.checked_add(1)?;
    at = at.checked_add(first_of(bytes.get(at..)?, |b| !is_space(b)))?;
    let quote = bytes.get(at).copied().filter(|b| matches!(b, b'"' | b'\''))?;
    let start = at.checked_add(1)?;
    let rest = bytes.get(start..)?;
    let length = first_of(rest, |b| b == quote || b == b'<');
    if key == 0 || rest.get(length) != Some(&quote) {
        return None;
    }
    let end = start.checked_add(length)?;
    Some((end.checked_add(1)?, key, start..end))
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

fn length_of_name(bytes: &[u8]) -> usize {
    first_of(bytes, |b| {
        is_space(b) || matches!(b, b'=' | b'"' | b'\'' | b'<' | b'&' | b'/' | b'>')
    })
}

/// The number of bytes before the first of which something holds.
fn first_of(bytes: &[u8], holds: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|b| holds(*b)).unwrap_or(bytes.len())
}
