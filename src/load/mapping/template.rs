//! Texts with names in braces: `{project_id}-{row}`.

/// One piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// A name that is not resolved yet.
    Name(String),
    /// Another column of the same canonical row.
    Field(usize),
    /// A fact or parameter.
    Fact(String),
    /// The text of a section.
    Section(String),
    /// A column of the source.
    Cell(u32),
    /// The line or Excel row.
    Row,
    /// The heading of the column that becomes a row.
    Heading,
    /// The sheet's name.
    Sheet,
}

impl Piece {
    /// The piece that a name means in every mapping.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            "row" => Some(Self::Row),
            "heading" => Some(Self::Heading),
            "sheet" => Some(Self::Sheet),
            _ => None,
        }
    }
}

/// Reads templates.
#[derive(Debug, Clone, Copy)]
pub struct Template;

impl Template {
    /// Splits a template into text and names; a brace that is not closed is text.
    #[must_use]
    pub fn parse(text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, next)) = after.split_once('}') else { break };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Name(name.trim().to_owned()));
            rest = next;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_braces() {
        let text = |t: &str| Piece::Text(t.to_owned());
        let name = |t: &str| Piece::Name(t.to_owned());
        assert_eq!(
            Template::parse("{a}-{ b c }x"),
            [name("a"), text("-"), name("b c"), text("x")]
        );
        assert_eq!(Template::parse("x{y"), [text("x{y")]);
        assert_eq!(Template::parse(""), []);
    }
}
