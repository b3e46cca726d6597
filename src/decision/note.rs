//! Text that is built line by line, wrapped, and safe to show on a terminal.

/// Text that is built line by line and wrapped.
pub(super) struct Note {
    pub(super) text: String,
    width: usize,
}

impl Note {
    /// Returns an empty note; lines are at least 40 characters wide.
    pub(super) fn new(width: usize) -> Self {
        Self { text: String::new(), width: width.max(40) }
    }

    /// Adds a line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(safe(line).trim_end());
        self.text.push('\n');
    }

    /// Adds an empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Adds words, wrapped, the first line with its own indent.
    pub(super) fn wrapped(&mut self, first: &str, indent: usize, words: &str) {
        let mut line = first.to_owned();
        let mut fresh = true;
        for word in words.split_whitespace() {
            let long = line.chars().count().saturating_add(word.chars().count());
            if !fresh && long >= self.width {
                self.line(&line);
                line = " ".repeat(indent);
                fresh = true;
            }
            if !fresh {
                line.push(' ');
            }
            line.push_str(word);
            fresh = false;
        }
        self.line(&line);
    }
}

/// Replaces characters that a terminal would act on.
fn safe(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}
