//! Text of XML: its white space, its characters, and joining pieces of it.

use std::borrow::Cow;

/// The characters that XML calls white space.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Whether XML allows a character that a reference names.
pub(super) fn is_xml_char(c: char) -> bool {
    !(c.is_control() && u32::from(c) < 0x20) || matches!(c, '\t' | '\n' | '\r')
}

/// Adds a piece of text; the first piece stays borrowed.
pub(super) fn append<'a>(joined: &mut Cow<'a, str>, piece: Cow<'a, str>) {
    if joined.is_empty() {
        *joined = piece;
    } else {
        joined.to_mut().push_str(&piece);
    }
}

/// The text without white space around it.
pub(super) fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(SPACE)),
        Cow::Owned(text) => {
            let inside = text.trim_matches(SPACE);
            if inside.len() == text.len() {
                Cow::Owned(text)
            } else {
                Cow::Owned(inside.to_owned())
            }
        }
    }
}
