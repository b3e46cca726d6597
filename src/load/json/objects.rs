//! The rows of a JSON file: an array of objects, or one object a line.

use crate::error::Problem;

use super::lexer::{Lexer, Member, Place};

/// One object and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<'a> {
    /// Where its `{` stands.
    pub place: Place,
    /// Its members, in their order.
    pub members: Vec<Member<'a>>,
}

/// Reads the objects of a file one after the other; ends after an error.
#[derive(Debug)]
pub struct Objects<'a> {
    lexer: Lexer<'a>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// Inside an array, after an element.
    Array,
    /// Below the line where the last object ended.
    Lines(u64),
    Done,
}

impl<'a> Objects<'a> {
    /// Starts at the beginning of `text`.
    #[must_use]
    pub fn new(text: &'a str, file: &'a str) -> Self {
        Self { lexer: Lexer::new(text, file), state: State::Start }
    }

    fn read(&mut self) -> Result<Option<Object<'a>>, Box<Problem>> {
        match self.state {
            State::Start => match self.lexer.peek() {
                Some(b'[') => {
                    self.lexer.expect(b'[')?;
                    if self.lexer.peek() == Some(b']') {
                        self.lexer.expect(b']')?;
                        return self.end();
                    }
                    self.state = State::Array;
                    self.object(2).map(Some)
                }
                Some(b'{') => self.line(),
                _ => {
                    let what = "the file is neither an array of objects nor objects";
                    let fix = "write `[{…}, {…}]`, or one object a line";
                    Err(self.lexer.problem(what, fix))
                }
            },
            State::Array => {
                if self.lexer.goes_on(b']')? {
                    return self.object(2).map(Some);
                }
                self.end()
            }
            State::Lines(last) => {
                if self.lexer.peek().is_none() {
                    return Ok(None);
                }
                if self.lexer.place().0 == last {
                    let what = "two rows stand on one line";
                    let fix = "begin each row on its own line, or write an array";
                    return Err(self.lexer.problem(what, fix));
                }
                self.line()
            }
            State::Done => Ok(None),
        }
    }

    /// Reads an object of its own line.
    fn line(&mut self) -> Result<Option<Object<'a>>, Box<Problem>> {
        let object = self.object(1)?;
        self.state = State::Lines(self.lexer.place().0);
        Ok(Some(object))
    }

    fn object(&mut self, depth: usize) -> Result<Object<'a>, Box<Problem>> {
        let next = self.lexer.peek();
        if next.is_some_and(|byte| !matches!(byte, b'{' | b'/' | b'#')) {
            let fix = "write each row as an object, `{\"column\": value}`";
            return Err(self.lexer.problem("a row is not an object", fix));
        }
        let place = self.lexer.place();
        let members = self.lexer.object(depth)?;
        Ok(Object { place, members })
    }

    /// After the array nothing may stand.
    fn end(&mut self) -> Result<Option<Object<'a>>, Box<Problem>> {
        self.state = State::Done;
        if self.lexer.peek().is_some() {
            let fix = "remove it; a file holds one array";
            return Err(self.lexer.problem("text follows the array", fix));
        }
        Ok(None)
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = Result<Object<'a>, Box<Problem>>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if !matches!(read, Ok(Some(_))) {
            self.state = State::Done;
        }
        read.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> (Vec<Place>, Option<String>) {
        let mut places = Vec::new();
        for object in Objects::new(text, "f") {
            match object {
                Ok(object) => places.push(object.place),
                Err(problem) => return (places, Some(problem.to_string())),
            }
        }
        (places, None)
    }

    #[test]
    fn arrays_and_lines_are_told_apart() {
        assert_eq!(rows("[{},\n {\"a\":1}]\n"), (vec![(1, 2), (2, 2)], None));
        assert_eq!(rows("{}\n\n{\n}\n"), (vec![(1, 1), (3, 1)], None));
        assert_eq!(rows("[]"), (vec![], None));
        for (text, what) in [
            ("{} {}", "f:1:4: two rows stand on one line"),
            ("[{}] x", "f:1:6: text follows the array"),
            ("[1]", "f:1:2: a row is not an object"),
            ("{}\n[]", "f:2:1: a row is not an object"),
            ("12", "f:1:1: the file is neither"),
            (" \n", "f:2:1: the file is neither"),
            ("[{},", "the file ends where `{` belongs"),
            ("{}\n{\"a\": 1", "f:2:8: the file ends where `,` or `}` belongs"),
        ] {
            let problem = rows(text).1.unwrap_or_default();
            assert!(problem.contains(what), "{text}: {problem}");
        }
    }
}
