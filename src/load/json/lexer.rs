//! JSON as RFC 8259 says and nothing more, with numbers kept as they are written.
//!
//! A number never becomes a float, a key may stand once, a text has no lone surrogate
//! and no NUL, and nesting ends at [`DEEPEST`]: each of these is read differently by
//! different programs, so none of them may stand in data about money.

use std::borrow::Cow;

use crate::error::{Problem, visible};
use crate::load::utf8::Places;

/// How deep arrays and objects may nest.
pub const DEEPEST: usize = 64;

/// The most names that an object may have.
const MOST_NAMES: usize = 4096;

/// Line and character column, both from 1.
pub type Place = (u64, u64);

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// null
    Null,
    /// true or false
    Bool(bool),
    /// A number, as it is written.
    Number(&'a str),
    /// A text, without escapes.
    Text(Cow<'a, str>),
    /// An array or object, as it is written; its form was checked.
    Nested(&'a str),
}

/// One `"name": value` of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Where the name stands.
    pub name_at: Place,
    /// Its value.
    pub value: Value<'a>,
    /// Where the value stands.
    pub value_at: Place,
}

/// Reads a text value by value. After an error nothing more can be read.
#[derive(Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    pub(super) file: &'a str,
    at: usize,
    places: Places<'a>,
}

/// What reading gives.
pub(super) type Outcome<T> = Result<T, Box<Problem>>;

impl<'a> Lexer<'a> {
    /// Starts at the beginning of `text`.
    #[must_use]
    pub fn new(text: &'a str, file: &'a str) -> Self {
        Self { text, file, at: 0, places: Places::new(text) }
    }

    /// The next byte that is not white space.
    pub fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let length = rest.iter().position(|byte| !space(byte)).unwrap_or(rest.len());
        self.step(length);
        self.byte()
    }

    /// Where the next byte stands.
    pub fn place(&mut self) -> Place {
        self.places.of(self.at)
    }

    /// A problem at the next byte.
    pub fn problem(&mut self, what: impl Into<String>, fix: &str) -> Box<Problem> {
        let (line, column) = self.place();
        Box::new(Problem::at(self.file, line, column, what, fix))
    }

    /// Steps over `wanted`.
    ///
    /// # Errors
    /// Something else stands here.
    pub fn expect(&mut self, wanted: u8) -> Outcome<()> {
        if self.peek() == Some(wanted) {
            self.step(1);
            return Ok(());
        }
        Err(self.unexpected(&format!("`{}`", char::from(wanted))))
    }

    /// After an element: steps over a comma and says true, or over `closing` and false.
    ///
    /// # Errors
    /// Something else stands here, or nothing stands between the comma and `closing`.
    pub fn goes_on(&mut self, closing: u8) -> Outcome<bool> {
        if self.peek() == Some(closing) {
            self.step(1);
            return Ok(false);
        }
        if self.peek() != Some(b',') {
            let wanted = format!("`,` or `{}`", char::from(closing));
            return Err(self.unexpected(&wanted));
        }
        self.step(1);
        if self.peek() == Some(closing) {
            return Err(
                self.problem("nothing follows the last comma", "remove the comma")
            );
        }
        Ok(true)
    }

    /// Reads an object whose `{` is next; `depth` is its own nesting, from 1.
    ///
    /// # Errors
    /// It is not JSON, it is too deep, or a name stands in it twice.
    pub fn object(&mut self, depth: usize) -> Outcome<Vec<Member<'a>>> {
        self.open(b'{', depth)?;
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.step(1);
            return Ok(members);
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a name in double quotes"));
            }
            let name_at = self.place();
            let name = self.string()?;
            self.expect(b':')?;
            self.peek();
            let value_at = self.place();
            let value = self.value(depth)?;
            members.push(Member { name, name_at, value, value_at });
            if members.len() > MOST_NAMES {
                let what = format!("an object has more than {MOST_NAMES} names");
                return Err(self.problem(what, "write one object for each row"));
            }
            if !self.goes_on(b'}')? {
                break;
            }
        }
        match twice(&members) {
            None => Ok(members),
            Some(member) => {
                let (line, column) = member.name_at;
                let what = format!("the name `{}` stands twice", visible(&member.name));
                let fix = "remove one: programs differ in which one they read";
                Err(Box::new(Problem::at(self.file, line, column, what, fix)))
            }
        }
    }

    /// Reads any value that stands in something of nesting `depth`.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn value(&mut self, depth: usize) -> Outcome<Value<'a>> {
        let start = {
            self.peek();
            self.at
        };
        let inner = depth.saturating_add(1);
        match self.byte() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{') => {
                self.object(inner)?;
                Ok(Value::Nested(self.since(start)))
            }
            Some(b'[') => {
                self.array(inner)?;
                Ok(Value::Nested(self.since(start)))
            }
            _ => self.word(),
        }
    }

    /// Reads an array that nobody looks into.
    fn array(&mut self, depth: usize) -> Outcome<()> {
        self.open(b'[', depth)?;
        if self.peek() == Some(b']') {
            self.step(1);
            return Ok(());
        }
        loop {
            self.value(depth)?;
            if !self.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    fn open(&mut self, bracket: u8, depth: usize) -> Outcome<()> {
        if depth > DEEPEST {
            let what = format!("nesting is deeper than {DEEPEST} levels");
            let fix = "write each row as one flat object, `{\"column\": value}`";
            return Err(self.problem(what, fix));
        }
        self.expect(bracket)
    }

    pub(super) fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn step(&mut self, width: usize) {
        self.at = self.at.saturating_add(width);
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn unexpected(&mut self, wanted: &str) -> Box<Problem> {
        let fix = "the file must be JSON as RFC 8259 says";
        match self.rest().chars().next() {
            None => self.problem(
                format!("the file ends where {wanted} belongs"),
                "is it whole? export it again",
            ),
            Some('/' | '#') => self.problem("JSON has no comments", "remove the comment"),
            Some('\'') => self.problem("a single quote", "JSON uses double quotes"),
            Some(c) => {
                let found = visible(c.encode_utf8(&mut [0; 4]));
                self.problem(format!("`{found}` stands where {wanted} belongs"), fix)
            }
        }
    }

    /// Reads null, true, false or a number.
    fn word(&mut self) -> Outcome<Value<'a>> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
        let rest = self.rest();
        let word = rest.split(|c| !part(c)).next().unwrap_or_default();
        let value = match word {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            number if is_number(number) => Value::Number(number),
            "" => return Err(self.unexpected("a value")),
            other => {
                let what = format!("`{}` is not JSON", visible(other));
                let fix = "write a number such as `-12.50`, null, true, false, or a text \
                           in double quotes";
                return Err(self.problem(what, fix));
            }
        };
        self.step(word.len());
        Ok(value)
    }
}

/// The second of two members of the same name.
fn twice<'m, 'a>(members: &'m [Member<'a>]) -> Option<&'m Member<'a>> {
    let mut sorted: Vec<&Member<'a>> = members.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    pairs.filter(|(a, b)| a.name == b.name).map(|(_, second)| *second).next()
}

/// Whether a word is a JSON number.
fn is_number(word: &str) -> bool {
    let body = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            (mantissa, Some(digits))
        }
        None => (body, None),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (mantissa, None),
    };
    let digits =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(integer)
        && (integer == "0" || !integer.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<Value<'_>, String> {
        let mut lexer = Lexer::new(text, "f");
        lexer.value(0).map_err(|problem| problem.to_string())
    }

    #[test]
    fn numbers_keep_every_digit() {
        for number in ["0", "-0", "12.50", "1e5", "9007199254740993.00", "-1.5E-3"] {
            assert_eq!(value(number), Ok(Value::Number(number)));
        }
        for word in ["01", "1.", ".5", "+1", "NaN", "Infinity", "0x10", "1e", "True", "-"]
        {
            assert!(value(word).unwrap_err().contains("is not JSON"), "{word}");
        }
    }

    #[test]
    fn nested_values_are_checked_and_kept() {
        let text = r#"{"a": [1, {"b": null}], "c": {}}"#;
        assert_eq!(value(text), Ok(Value::Nested(text)));
        for (text, what) in [
            (r#"{"a":1,"a":2}"#, "f:1:8: the name `a` stands twice"),
            (r"[1,]", "f:1:4: nothing follows the last comma"),
            (r#"{"a":1,}"#, "f:1:8: nothing follows the last comma"),
            (r"[1 2]", "`2` stands where `,` or `]` belongs"),
            (r"{a:1}", "`a` stands where a name in double quotes belongs"),
            (r"{'a':1}", "a single quote"),
            (r"[1, // x", "no comments"),
            (r#"{"a" 1}"#, "`1` stands where `:` belongs"),
            (r"[1", "the file ends where `,` or `]` belongs"),
            (r"[", "the file ends where a value belongs"),
        ] {
            let problem = value(text).unwrap_err();
            assert!(problem.contains(what), "{text}: {problem}");
        }
    }

    #[test]
    fn nesting_ends() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(value(&deep(64)).is_ok());
        assert!(value(&deep(65)).unwrap_err().contains("deeper than 64 levels"));
        assert!(value(&"[".repeat(100_000)).is_err());
    }
}
