//! What is said of a file that is no XML, or beyond the limits.

use quick_xml::Error::{IllFormed, Syntax};
use quick_xml::errors::{IllFormedError, SyntaxError};

use super::attributes::{AttributeList, TagFault};
use super::xml::{Fault, Pull};
use crate::error::visible;

impl Pull<'_> {
    /// An entity that XML does not define.
    pub(super) fn undefined(&self, start: usize, name: &str) -> Fault {
        let what = format!("not XML: the entity `&{};` is not defined", visible(name));
        let fix = "write the character itself, or `&amp;` for `&`";
        self.fault(start, what, fix)
    }

    /// A start tag that is not XML.
    pub(super) fn bad_tag(&self, start: usize, fault: TagFault<'_>) -> Fault {
        let (what, fix) = match fault {
            TagFault::Malformed => (
                "not XML: an attribute is malformed".to_owned(),
                "write ` name=\"value\"` for each",
            ),
            TagFault::LessThan => (
                "not XML: a `<` stands inside a tag".to_owned(),
                "write `&lt;`, or close the tag",
            ),
            TagFault::TooMany => (
                format!("an element has over {} attributes", AttributeList::MOST),
                "an IATI element has fewer than ten",
            ),
            TagFault::TooLong => (
                "an attribute is longer than 1 MiB".to_owned(),
                "check what stands in it",
            ),
            TagFault::Twice(name) => (
                format!("not XML: the attribute `{}` stands twice", visible(name)),
                "keep one of them",
            ),
        };
        self.fault(start, what, fix)
    }

    /// A DOCTYPE, whatever it says.
    pub(super) fn doctype(&self, start: usize) -> Fault {
        let what =
            "the file has a DOCTYPE, which can name other files or grow without end";
        self.fault(start, what, "remove it; IATI files have none")
    }

    /// What the strict reader found at a byte.
    pub(super) fn malformed(&self, at: usize, error: &quick_xml::Error) -> Fault {
        match error {
            Syntax(SyntaxError::UnclosedDoctype)
            | IllFormed(IllFormedError::MissingDoctypeName) => self.doctype(at),
            IllFormed(IllFormedError::UnclosedReference) => {
                let what = "not XML: a `&` begins no reference";
                self.fault(at, what, "write `&amp;` for the character itself")
            }
            IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                let what = format!(
                    "not XML: `</{}>` stands where `</{}>` is due",
                    visible(found),
                    visible(expected)
                );
                self.fault(at, what, "close each element before the one around it")
            }
            other => {
                let what = format!("not XML: {}", visible(&other.to_string()));
                self.fault(
                    at,
                    what,
                    "export the file again, or check it with an XML tool",
                )
            }
        }
    }
}
