//! The parts that many elements share: words in a language, days, codes, shares.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::facts::{EMPTY, Field, Objection, Share, Words};
use super::notices::{
    DAY_WITH_ZONE, NO_CODE, NO_SECTOR_CODE, Notice, Notices, REPEATED, STRAY_TEXT,
};
use super::xml::{Fault, Pull, SPACE, Step, append, trimmed};
use crate::domain::ids;

/// The main line of the standard that a file follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// 1.0x.
    One,
    /// 2.0x.
    Two,
    /// Not said; what both allow is read, and nothing is held against it.
    Unsaid,
}

impl Version {
    /// Reads `@version`; nothing where we do not know that version.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "1.0" | "1.00" | "1.01" | "1.02" | "1.03" | "1.04" | "1.05" => {
                Some(Self::One)
            }
            "2.01" | "2.02" | "2.03" => Some(Self::Two),
            _ => None,
        }
    }
}

/// A file as it is read: where we are, and what holds around it.
pub(super) struct Source<'a> {
    /// The XML.
    pub(super) xml: Pull<'a>,
    /// The day on which the file is validated by the standard's rules, where it is.
    pub(super) validated_on: Option<NaiveDate>,
    /// What was remarked so far.
    pub(super) notices: Notices,
    /// The version that the root states.
    pub(super) file_version: Version,
    /// The version of the activity.
    pub(super) version: Version,
    /// The language that the root states.
    pub(super) file_lang: Cow<'a, str>,
    /// The language of the activity.
    pub(super) lang: Cow<'a, str>,
}

impl<'a> Source<'a> {
    /// Returns a source at the start of its file.
    pub(super) fn new(xml: Pull<'a>) -> Self {
        Self {
            xml,
            validated_on: None,
            notices: Notices::default(),
            file_version: Version::Unsaid,
            version: Version::Unsaid,
            file_lang: Cow::Borrowed(""),
            lang: Cow::Borrowed(""),
        }
    }

    /// The language that the element opened last names itself.
    pub(super) fn lang_here(&self) -> Option<Cow<'a, str>> {
        self.xml.attribute("xml:lang").map(main_language)
    }

    /// Reads the words of the open element: its narratives, else its own text (1.0x).
    pub(super) fn words(&mut self) -> Result<Words<'a>, Fault> {
        let at = self.xml.at();
        let own = self.lang_here().unwrap_or_else(|| self.lang.clone());
        let mut best = Words::default();
        let mut direct = Cow::Borrowed("");
        loop {
            match self.xml.step()? {
                Step::Open("narrative") => {
                    let at = self.xml.at();
                    let lang = self.lang_here().unwrap_or_else(|| own.clone());
                    let field = Field::new(self.xml.text()?, at);
                    best.offer(Words { field, lang });
                }
                Step::Open(_) => self.xml.skip()?,
                Step::Text(piece) => {
                    // The indentation around narratives is no text of the element.
                    if !direct.is_empty() || !piece.trim_matches(SPACE).is_empty() {
                        append(&mut direct, piece);
                    }
                }
                Step::Close | Step::End => break,
            }
        }
        if best.field.is_empty() {
            best.offer(Words { field: Field::new(trimmed(direct), at), lang: own });
        }
        Ok(best)
    }

    /// Reads an organisation: its `ref`, else its name on one line.
    pub(super) fn organisation(&mut self) -> Result<Field<'a>, Fault> {
        let reference = Field::of(self.xml.attribute("ref"), self.xml.at());
        let name = self.words()?.field;
        if reference.is_empty() { Ok(one_line(name)) } else { Ok(reference) }
    }

    /// The activity that an attribute names, as `project_id` keeps it.
    pub(super) fn activity_named(&self, attribute: &str) -> Field<'a> {
        let Some(name) = self.xml.attribute(attribute) else { return EMPTY };
        if ids::was_padded(&name) {
            return Field::new(ids::project_id(&name), self.xml.at());
        }
        Field::new(name, self.xml.at())
    }

    /// Reads a day: the attribute, or in 1.0x the text.
    pub(super) fn day(&mut self) -> Result<Field<'a>, Fault> {
        let at = self.xml.at();
        let attribute = self.xml.attribute("iso-date");
        let text = self.xml.text()?;
        let day = match attribute {
            Some(day) => {
                self.expect_no_text(&text, at);
                day
            }
            None if self.version == Version::Two => {
                self.expect_no_text(&text, at);
                Cow::Borrowed("")
            }
            None => text,
        };
        Ok(self.without_zone(day, at))
    }

    /// A day without the `Z` that a date of XML Schema may end in.
    pub(super) fn without_zone(&mut self, day: Cow<'a, str>, at: usize) -> Field<'a> {
        const LENGTH: usize = "2024-06-30Z".len();
        match day.strip_suffix('Z') {
            Some(bare) if day.len() == LENGTH => {
                self.remark(DAY_WITH_ZONE, at, &day);
                Field::new(bare.to_owned(), at)
            }
            _ => Field::new(day, at),
        }
    }

    /// Reads a code that stands in `@code`; text beside it is remarked in 2.0x.
    pub(super) fn code(&mut self) -> Result<Field<'a>, Fault> {
        let at = self.xml.at();
        let code = self.xml.attribute("code");
        let text = self.xml.text()?;
        self.expect_no_text(&text, at);
        Ok(Field::of(code, at))
    }

    /// Reads an element of which nothing is kept, to see whether it is well made.
    pub(super) fn checked_code(&mut self, name: &str) -> Result<Field<'a>, Fault> {
        let code = self.code()?;
        if code.is_empty() && self.version == Version::Two {
            self.remark(NO_CODE, code.at, name);
        }
        Ok(code)
    }

    /// Reads a sector; nothing where a 1.0x file names it without a code.
    pub(super) fn sector(&mut self) -> Result<Option<Share<'a>>, Fault> {
        let mut share = self.share();
        share.vocabulary = match self.xml.attribute("vocabulary") {
            None => Cow::Borrowed("1"),
            Some(name) if name == "DAC" => Cow::Borrowed("1"),
            Some(name) => name,
        };
        let text = self.xml.text()?;
        let is_named = share.code.is_empty() && !text.is_empty();
        if is_named && self.version != Version::Two {
            self.remark(NO_SECTOR_CODE, share.place.at, &text);
            return Ok(None);
        }
        self.expect_no_text(&text, share.place.at);
        Ok(Some(share))
    }

    /// Reads a recipient country or region of an activity.
    pub(super) fn area(&mut self) -> Result<Share<'a>, Fault> {
        let share = self.share();
        self.xml.skip()?;
        Ok(share)
    }

    fn share(&mut self) -> Share<'a> {
        let place = self.xml.place();
        Share {
            vocabulary: Cow::Borrowed(""),
            code: Field::of(self.xml.attribute("code"), place.at),
            percentage: self.xml.attribute("percentage"),
            place,
        }
    }

    /// In 2.0x, text beside attributes is a sign of a wrong export.
    pub(super) fn expect_no_text(&mut self, text: &str, at: usize) {
        if self.version == Version::Two && !text.is_empty() {
            self.remark(STRAY_TEXT, at, text);
        }
    }

    /// Remarks something of the element that begins at a byte.
    pub(super) fn remark(&mut self, notice: Notice, at: usize, about: &str) {
        let xml = &self.xml;
        self.notices.add_at(notice, about, || xml.place_of(at));
    }

    /// Whether an element of the given number in its parent is met for the first time; if
    /// not, that is remarked in 2.0x.
    pub(super) fn is_first(&mut self, seen: &mut u32, number: u32, name: &str) -> bool {
        let bit = 1_u32.checked_shl(number).unwrap_or(0);
        let first = *seen & bit == 0;
        *seen |= bit;
        if !first && self.version == Version::Two {
            self.remark(REPEATED, self.xml.at(), name);
        }
        first
    }

    /// Says of a second element that it leaves open which one is meant.
    pub(super) fn ambiguity(&self, name: &str, parent: &str) -> Objection {
        Objection {
            place: self.xml.place_of(self.xml.at()),
            what: format!("`{name}` stands twice in one `{parent}`"),
            fix: "keep the one that is meant",
        }
    }
}

/// The main part of a language tag in lower case: `en` for `EN-GB`.
fn main_language(tag: Cow<'_, str>) -> Cow<'_, str> {
    let ends = |c: char| c == '-' || c == '_';
    let main = match tag {
        Cow::Borrowed(tag) => Cow::Borrowed(tag.split(ends).next().unwrap_or(tag)),
        Cow::Owned(tag) => Cow::Owned(tag.split(ends).next().unwrap_or("").to_owned()),
    };
    if main.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Owned(main.to_ascii_lowercase());
    }
    main
}

/// A name on one line, so that it can be an id.
fn one_line(name: Field<'_>) -> Field<'_> {
    if !name.text.contains(['\n', '\t']) {
        return name;
    }
    let words: Vec<&str> = name.text.split_whitespace().collect();
    Field::new(words.join(" "), name.at)
}
