//! Texts of JSON: escapes undone, halves of characters and NUL refused.

use std::borrow::Cow;

use crate::error::Problem;
use crate::load::utf8::append;

use super::lexer::{Lexer, Outcome};

/// The longest text that is read, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

impl<'a> Lexer<'a> {
    /// Reads a text whose opening quote is next.
    pub(super) fn string(&mut self) -> Outcome<Cow<'a, str>> {
        let opening = self.place();
        self.step(1);
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let ends = |byte: u8| matches!(byte, b'"' | b'\\') || byte < 0x20;
            let Some(length) = rest.bytes().position(ends) else {
                let what = "the text opened here is never closed";
                let fix = "is the file whole? export it again";
                return Err(Box::new(Problem::at(
                    self.file, opening.0, opening.1, what, fix,
                )));
            };
            append(&mut text, rest.get(..length).unwrap_or_default());
            self.step(length);
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => text.to_mut().push(self.escape()?),
                _ => {
                    let fix = "write `\\n` for a line break, `\\t` for a tab";
                    return Err(self.problem("a control character inside a text", fix));
                }
            }
        }
        self.step(1);
        if text.len() > LONGEST_TEXT {
            let what = format!("the text has {} bytes", text.len());
            let problem = Problem::at(
                self.file,
                opening.0,
                opening.1,
                what,
                "a text may have 1 MiB",
            );
            return Err(Box::new(problem));
        }
        Ok(text)
    }

    /// Reads an escape whose backslash is next.
    fn escape(&mut self) -> Outcome<char> {
        let plain = match self.rest().as_bytes().get(1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => {
                let fix = "write `\\\\` for a backslash";
                return Err(self.problem("a backslash that escapes nothing", fix));
            }
        };
        self.step(2);
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Outcome<char> {
        let rest = self.rest();
        let unit = |at: usize| {
            let digits = rest.get(at..at.saturating_add(6))?.strip_prefix("\\u")?;
            let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
        };
        let Some(first) = unit(0) else {
            return Err(
                self.problem("`\\u` without four hexadecimal digits", "write four")
            );
        };
        let second = unit(6);
        let units = [first].into_iter().chain(second);
        let Some(Ok(c)) = char::decode_utf16(units).next() else {
            let what = format!("`\\u{first:04x}` is half of a character");
            return Err(self.problem(what, "write both halves, or the character itself"));
        };
        if c == '\0' {
            return Err(self.problem("a NUL character", "remove it"));
        }
        self.step(c.len_utf16().saturating_mul(6));
        Ok(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::json::lexer::Value;

    fn value(text: &str) -> Result<Value<'_>, String> {
        let mut lexer = Lexer::new(text, "f");
        lexer.value(0).map_err(|problem| problem.to_string())
    }

    #[test]
    fn texts_are_unescaped() {
        let text = value(r#""a\"\\\/\b\f\n\r\té\ud83d\ude00é""#);
        assert_eq!(text, Ok(Value::Text("a\"\\/\u{8}\u{c}\n\r\té😀é".into())));
        for (text, what) in [
            (r#""\ud800""#, "`\\ud800` is half of a character"),
            (r#""\ud800A""#, "is half of a character"),
            (r#""\udc00\ud800""#, "is half of a character"),
            (r#""\u0000""#, "a NUL character"),
            (r#""\u+123""#, "four hexadecimal digits"),
            (r#""\x41""#, "escapes nothing"),
            ("\"a\nb\"", "f:1:3: a control character"),
            ("  \"abc", "f:1:3: the text opened here is never closed"),
        ] {
            assert!(value(text).unwrap_err().contains(what), "{text}");
        }
    }

    #[test]
    fn a_huge_text_is_refused() {
        let text = |length| format!("\"{}\"", "x".repeat(length));
        assert!(value(&text(LONGEST_TEXT)).is_ok());
        let problem = value(&text(LONGEST_TEXT + 1)).unwrap_err();
        assert_eq!(problem, "f:1:1: the text has 1048577 bytes; a text may have 1 MiB");
    }
}
