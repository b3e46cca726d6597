//! What is worth saying about one field that was read: odd, but no reason to refuse it.

use crate::domain::Money;
use crate::error::is_hidden;
use crate::tables::schema::Kind;
use crate::tables::{Cell, Column};

/// A remark: the code that it begins with, what is odd, and what to do about it. Each
/// code is told once per file.
pub type Remark = (&'static str, &'static str, &'static str);

/// What is odd about a field that was read as `cell`.
#[must_use]
pub fn remark(column: &Column, text: &str, cell: &Cell) -> Option<Remark> {
    match cell {
        Cell::Money(money) if *money == Money::ZERO && text.starts_with('-') => Some((
            "NEGATIVE_ZERO",
            "is read as 0.00",
            "write `0.00`; other zeros of this file are read so too",
        )),
        Cell::Text(kept)
            if column.kind == Kind::Text && !kept.is_ascii() && hides(kept) =>
        {
            Some((
                "HIDDEN_CHARACTERS",
                "has characters that cannot be seen",
                "retype the text; reports show them escaped",
            ))
        }
        _ => None,
    }
}

/// Whether a text has characters that change how it is shown. The joiners of Arabic and
/// Indic scripts and line breaks do not.
fn hides(text: &str) -> bool {
    let joins = |c: char| matches!(c, '\u{200c}' | '\u{200d}' | '\n' | '\r' | '\t');
    text.contains(|c: char| is_hidden(c) && !joins(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::schema::table;

    fn code(column: &str, text: &str, cell: &Cell) -> Option<&'static str> {
        let column = table("transactions").unwrap().column(column).unwrap();
        remark(column, text, cell).map(|(code, _, _)| code)
    }

    #[test]
    fn odd_fields_are_remarked_upon() {
        let zero = Cell::Money(Money::ZERO);
        assert_eq!(code("amount", "-0.00", &zero), Some("NEGATIVE_ZERO"));
        assert_eq!(code("amount", "0.00", &zero), None);
        for (text, expected) in [
            ("Caf\u{e9}", None),
            ("two\nlines", None),
            ("\u{646}\u{200c}\u{627}", None),
            ("x\u{202e}y", Some("HIDDEN_CHARACTERS")),
            ("x\u{200b}y", Some("HIDDEN_CHARACTERS")),
        ] {
            let cell = Cell::Text(text.to_owned());
            assert_eq!(code("description", text, &cell), expected, "{text:?}");
            assert_eq!(code("recipient", text, &cell), None);
        }
    }
}
