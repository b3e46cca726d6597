//! Text of cells on a screen: what would not be seen is shown, and its width.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

/// Returns `text` with control, invisible and direction-changing characters escaped, so
/// that a cell stays on its line and shows what it holds.
///
/// ```
/// use ssrfund::render::shown;
/// assert_eq!(shown("two\nlines\u{202e}"), "two\\nlines\\u{202e}");
/// ```
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The columns that a text takes on a terminal: combining marks none, wide East Asian
/// characters and emoji two.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    let wide = matches!(
        c,
        '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{303e}'
            | '\u{3041}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '\u{1f300}'..='\u{1faff}'
            | '\u{20000}'..='\u{3fffd}'
    );
    match c {
        _ if wide => 2,
        _ if is_combining_mark(c) => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(shown("plain é"), "plain é");
        assert_eq!(shown("a\tb\r\u{1b}[31m\u{200b}"), "a\\tb\\r\\u{1b}[31m\\u{200b}");
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("e\u{301}é"), 2);
        assert_eq!(width("日本"), 4);
    }
}
