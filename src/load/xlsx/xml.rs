//! One part of a workbook as steps: elements by local name, texts, no DOCTYPE.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::error::{Problem, visible};

use super::Fault;

const MOST_LEVELS: usize = 64;

/// What the reader comes upon.
pub(super) enum Step<'a> {
    /// An element opens.
    Open(Tag<'a>),
    /// A piece of text, references resolved.
    Text(Cow<'a, str>),
    /// The innermost element closes.
    Close,
    /// The part ends.
    End,
}

/// The start of an element.
pub(super) struct Tag<'a>(BytesStart<'a>);

/// A pull reader over one part.
pub(super) struct Pull<'a> {
    reader: Reader<&'a [u8]>,
    file: &'a str,
    part: &'a str,
    depth: usize,
}

impl Tag<'_> {
    /// The name without a prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of an attribute without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.find(|key| key == name)
    }

    /// The value of an attribute with any prefix.
    pub(super) fn prefixed(&self, name: &str) -> Option<Cow<'_, str>> {
        self.find(|key| key.split_once(':').is_some_and(|(_, local)| local == name))
    }

    /// Whether an attribute is there and says yes.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| matches!(value.as_ref(), "1" | "true"))
    }

    fn find(&self, fits: impl Fn(&str) -> bool) -> Option<Cow<'_, str>> {
        let mut all = self.0.attributes();
        let found = all.with_checks(false).flatten().find(|a| fits(a.key.0))?;
        if found.value.contains(['&', '\n', '\r', '\t']) {
            return found.normalized_value(XmlVersion::Implicit1_0).ok();
        }
        Some(found.value)
    }
}

impl<'a> Pull<'a> {
    /// Starts at the beginning of a part's text.
    pub(super) fn new(text: &'a str, file: &'a str, part: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, file, part, depth: 0 }
    }

    /// Goes to the next element, text or end.
    pub(super) fn step(&mut self) -> Result<Step<'a>, Fault> {
        loop {
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.fault(&visible(&error.to_string()))),
            };
            return Ok(match event {
                Event::Start(tag) => {
                    self.depth = self.depth.saturating_add(1);
                    if self.depth > MOST_LEVELS {
                        return Err(self.fault("elements are nested too deep"));
                    }
                    Step::Open(Tag(tag))
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Step::Close
                }
                Event::Text(text) => Step::Text(text.into_inner()),
                Event::CData(text) => Step::Text(text.into_inner()),
                Event::GeneralRef(reference) => {
                    match resolve_predefined_entity(&reference) {
                        Some(text) => Step::Text(Cow::Borrowed(text)),
                        None => match reference.resolve_char_ref() {
                            Ok(Some(c)) => Step::Text(Cow::Owned(c.to_string())),
                            _ => return Err(self.fault("an entity is not defined")),
                        },
                    }
                }
                Event::DocType(_) => return Err(self.fault("it has a DOCTYPE")),
                Event::Eof if self.depth > 0 => {
                    return Err(self.fault("it ends inside an element"));
                }
                Event::Eof => Step::End,
                Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {
                    continue;
                }
            });
        }
    }

    /// Passes over the rest of the innermost open element.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.step()?;
        }
        Ok(())
    }

    /// Joins the text directly inside the open element, and closes it.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, Fault> {
        let mut joined = Cow::Borrowed("");
        loop {
            match self.step()? {
                Step::Open(_) => self.skip()?,
                Step::Text(piece) if joined.is_empty() => joined = piece,
                Step::Text(piece) => joined.to_mut().push_str(&piece),
                Step::Close | Step::End => return Ok(joined),
            }
        }
    }

    /// Joins the texts of an element that holds `t` or runs of `t`, as shared and inline
    /// texts do, and closes it. Phonetic hints (`rPh`) are passed over.
    pub(super) fn rich_text(&mut self) -> Result<String, Fault> {
        let mut joined = String::new();
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if let Step::Open(tag) = self.step()? {
                match tag.name() {
                    "t" => joined.push_str(&self.text()?),
                    "r" => {}
                    _ => self.skip()?,
                }
            }
        }
        Ok(unescape(joined))
    }

    /// What is wrong with this part as a whole.
    pub(super) fn fault(&self, why: &str) -> Fault {
        let what = format!("`{}` of the workbook is damaged: {why}", visible(self.part));
        let fix = "save the workbook again in Excel or LibreOffice";
        Box::new(Problem::of_file(self.file, what, fix))
    }
}

/// Resolves `_x000D_`, the way in which workbooks write characters that XML cannot.
fn unescape(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("_x") {
        out.push_str(before);
        let code = after.get(..4).filter(|_| after.as_bytes().get(4) == Some(&b'_'));
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match (code.and_then(char::from_u32), after.get(5..)) {
            (Some(c), Some(tail)) => {
                out.push(c);
                rest = tail;
            }
            _ => {
                out.push_str("_x");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn characters_that_xml_cannot_hold_are_resolved() {
        for (text, expected) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("my_xylophone", "my_xylophone"),
            ("_x12_", "_x12_"),
            ("_xé000_", "_xé000_"),
        ] {
            assert_eq!(unescape(text.to_owned()), expected);
        }
    }
}
