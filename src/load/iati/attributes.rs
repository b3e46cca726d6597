//! The attributes of one tag, split in one pass over its bytes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attribute;
use quick_xml::name::QName;

use super::xml::trimmed;

/// Why a tag is not XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagFault<'a> {
    /// `name="value"` is expected.
    Malformed,
    /// A `<` stands in it.
    LessThan,
    /// More than the limit.
    TooMany,
    /// A value is longer than the limit.
    TooLong,
    /// The same name twice.
    Twice(&'a str),
}

/// The attributes of the tag read last.
#[derive(Debug, Default)]
pub(super) struct AttributeList<'a> {
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> AttributeList<'a> {
    /// How many attributes an element may have.
    pub(super) const MOST: usize = 1000;

    /// Forgets all attributes.
    pub(super) fn clear(&mut self) {
        self.pairs.clear();
    }

    /// Adds an attribute; false where there are too many.
    pub(super) fn add(&mut self, key: &'a str, value: &'a str) -> bool {
        self.pairs.push((key, value));
        self.pairs.len() <= Self::MOST
    }

    /// Whether no name stands twice.
    pub(super) fn are_distinct(&self) -> bool {
        self.twin().is_none()
    }

    /// Reads what follows the name in a tag; true where some value holds a reference.
    ///
    /// # Errors
    /// Why it is not XML, or beyond a limit.
    pub(super) fn split(
        &mut self,
        tag: &'a str,
        longest: usize,
    ) -> Result<bool, TagFault<'a>> {
        let bytes = tag.as_bytes();
        let mut has_references = false;
        let mut at = 0;
        loop {
            let name = skip_space(bytes, at);
            if name >= bytes.len() {
                break;
            }
            let name_end = end_of_name(bytes, name);
            let equals = skip_space(bytes, name_end);
            let open = skip_space(bytes, equals.saturating_add(1));
            let quote = bytes.get(open).copied().unwrap_or(b' ');
            let is_spaced = name > at || at == 0;
            let is_well_formed = is_spaced
                && name_end > name
                && bytes.get(equals) == Some(&b'=')
                && matches!(quote, b'"' | b'\'');
            if !is_well_formed {
                return Err(TagFault::Malformed);
            }
            let value = open.saturating_add(1);
            let rest = bytes.get(value..).unwrap_or(&[]);
            let length = first_of(rest, |b| {
                has_references |= b == b'&';
                b == quote || b == b'<'
            });
            match rest.get(length) {
                None => return Err(TagFault::Malformed),
                Some(b'<') => return Err(TagFault::LessThan),
                Some(_) => {}
            }
            if length > longest {
                return Err(TagFault::TooLong);
            }
            let end = value.saturating_add(length);
            if self.pairs.len() == Self::MOST {
                return Err(TagFault::TooMany);
            }
            let (Some(key), Some(text)) = (tag.get(name..name_end), tag.get(value..end))
            else {
                return Err(TagFault::Malformed);
            };
            self.pairs.push((key, text));
            at = end.saturating_add(1);
        }
        self.twin().map_or(Ok(has_references), |twin| Err(TagFault::Twice(twin)))
    }

    /// The values as they stand.
    pub(super) fn raw_values(&self) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().map(|(_, value)| *value)
    }

    /// The value of an attribute, references resolved and trimmed; nothing where it is
    /// absent or empty.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'a, str>> {
        let (key, raw) = self.pairs.iter().find(|(key, _)| *key == name)?;
        let is_plain = !raw.bytes().any(|b| matches!(b, b'&' | b'\t' | b'\n' | b'\r'));
        let value = if is_plain {
            Cow::Borrowed(*raw)
        } else {
            let attribute = Attribute { key: QName(key), value: Cow::Borrowed(*raw) };
            // Every reference was resolved once when the element opened.
            attribute.normalized_value(XmlVersion::Implicit1_0).ok()?
        };
        Some(trimmed(value)).filter(|value| !value.is_empty())
    }

    /// A name that stands twice.
    fn twin(&self) -> Option<&'a str> {
        const FEW: usize = 12;
        let names = || self.pairs.iter().map(|(key, _)| *key);
        if self.pairs.len() <= FEW {
            let mut numbered = names().enumerate();
            let twin = numbered.find(|(n, key)| names().take(*n).any(|k| k == *key));
            return twin.map(|(_, key)| key);
        }
        let mut seen = BTreeSet::new();
        names().find(|key| !seen.insert(*key))
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at.saturating_add(first_of(rest, |b| !is_space(b)))
}

fn end_of_name(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at.saturating_add(first_of(rest, |b| {
        is_space(b) || matches!(b, b'=' | b'"' | b'\'' | b'<' | b'&' | b'/')
    }))
}

/// The number of bytes before the first of which something holds.
fn first_of(bytes: &[u8], mut holds: impl FnMut(u8) -> bool) -> usize {
    bytes.iter().position(|b| holds(*b)).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_what_xml_allows() {
        let mut list = AttributeList::default();
        let tag = "\n a = 'x > \"y\"'\tb=\"1 &amp;\n2 \" xml:lang=\"\"";
        assert_eq!(list.split(tag, 100), Ok(true));
        assert_eq!(list.value("a").as_deref(), Some("x > \"y\""));
        assert_eq!(list.value("b").as_deref(), Some("1 & 2"));
        assert_eq!(list.value("xml:lang"), None);
        assert_eq!(list.raw_values().count(), 3);
    }

    #[test]
    fn refuses_the_rest() {
        use TagFault::*;
        for (tag, fault) in [
            (" a", Malformed),
            (" a=", Malformed),
            (" a=b", Malformed),
            (" a=\"b", Malformed),
            (" =\"b\"", Malformed),
            (" a=\"b\"c=\"d\"", Malformed),
            (" a=\"b\" /", Malformed),
            (" a=\"<\"", LessThan),
            (" a=\"1\" b=\"2\" a=\"3\"", Twice("a")),
            (" a=\"123456\"", TooLong),
        ] {
            let mut list = AttributeList::default();
            assert_eq!(list.split(tag, 5), Err(fault), "{tag}");
        }
        let many: String = (0..1001).map(|n| format!(" a{n}=\"\"")).collect();
        assert_eq!(AttributeList::default().split(&many, 5), Err(TooMany));
    }
}
