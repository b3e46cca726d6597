//! Pages: what a report or a gate says, before it has a form.
//!
//! A [`Page`] is a title and blocks. [`text`] writes it for a terminal or a mail,
//! [`markdown`] for a wiki or a pull request. Text that came from a file is escaped
//! here, so that those who build pages need not think of it.

use super::cells::Cells;
use super::grid;
use super::text::{shown, width};

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Numbers.
    Right,
}

/// One part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading below the title.
    Heading(String),
    /// A paragraph; its line breaks are kept.
    Text(String),
    /// A table; a column without an alignment stands to the left.
    Table {
        /// The names of the columns.
        columns: Vec<String>,
        /// The rows.
        rows: Vec<Vec<String>>,
        /// The sides on which the columns stand.
        align: Vec<Align>,
    },
    /// Caveats and sources, one each.
    Notes(Vec<String>),
}

/// What is shown on one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its parts, from top to bottom.
    pub blocks: Vec<Block>,
}

impl Page {
    /// Returns an empty page.
    ///
    /// ```
    /// use ssrfund::render::page::{Block, Page, markdown, text};
    /// let page = Page::new("Gate").with(Block::Text("HOLD".to_owned()));
    /// assert_eq!(text(&page), "Gate\n====\n\nHOLD\n");
    /// assert_eq!(markdown(&page), "# Gate\n\nHOLD\n");
    /// ```
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), blocks: Vec::new() }
    }

    /// Adds a block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

/// A page as plain text.
#[must_use]
pub fn text(page: &Page) -> String {
    let mut parts = Vec::new();
    if !page.title.is_empty() {
        let title = shown(&page.title);
        parts.push(format!("{title}\n{}\n", "=".repeat(width(&title))));
    }
    for block in &page.blocks {
        parts.push(match block {
            Block::Heading(words) => {
                let words = shown(words);
                format!("{words}\n{}\n", "-".repeat(width(&words)))
            }
            Block::Text(words) => lines(words, str::to_owned),
            Block::Table { columns, rows, align } => {
                grid::plain(&table(columns, rows, align))
            }
            Block::Notes(notes) => bullets(notes, str::to_owned),
        });
    }
    join(parts)
}

/// A page as Markdown.
#[must_use]
pub fn markdown(page: &Page) -> String {
    let mut parts = Vec::new();
    if !page.title.is_empty() {
        parts.push(format!("# {}\n", grid::markdown_text(&shown(&page.title))));
    }
    for block in &page.blocks {
        parts.push(match block {
            Block::Heading(words) => {
                format!("## {}\n", grid::markdown_text(&shown(words)))
            }
            Block::Text(words) => lines(words, grid::markdown_text),
            Block::Table { columns, rows, align } => {
                grid::markdown(&table(columns, rows, align))
            }
            Block::Notes(notes) => bullets(notes, grid::markdown_text),
        });
    }
    join(parts)
}

/// Blocks with an empty line between them; a block without content takes no room.
fn join(parts: Vec<String>) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn lines(words: &str, form: impl Fn(&str) -> String) -> String {
    words.lines().map(|line| form(&shown(line)) + "\n").collect()
}

fn bullets(notes: &[String], form: impl Fn(&str) -> String) -> String {
    notes
        .iter()
        .flat_map(|note| ["- ".to_owned(), form(&shown(note)), "\n".to_owned()])
        .collect()
}

fn table(columns: &[String], rows: &[Vec<String>], align: &[Align]) -> Cells {
    let shown_all =
        |cells: &[String]| cells.iter().map(|cell| shown(cell).into_owned()).collect();
    let sides = align.iter().copied().chain(std::iter::repeat(Align::Left));
    Cells {
        names: shown_all(columns),
        right: columns.iter().zip(sides).map(|(_, side)| side == Align::Right).collect(),
        rows: rows.iter().map(|row| shown_all(row)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        Page::new("Tranche 2 é")
            .with(Block::Text("PARTIAL\n<b>\u{1b}[2J".to_owned()))
            .with(Block::Heading("Money".to_owned()))
            .with(Block::Table {
                columns: row(["class", "payable"]),
                rows: vec![row(["hardware|x", "0.00"]), row(["training", "622128.57"])],
                align: vec![Align::Left, Align::Right],
            })
            .with(Block::Text(String::new()))
            .with(Block::Notes(vec![
                "as of 2024-06-30".to_owned(),
                "two\nlines".to_owned(),
            ]))
    }

    #[test]
    fn text_is_plain_and_stable() {
        assert_eq!(
            text(&page()),
            "Tranche 2 é\n===========\n\nPARTIAL\n<b>\\u{1b}[2J\n\nMoney\n-----\n\n\
             class         payable\nhardware|x       0.00\ntraining    622128.57\n\n\
             - as of 2024-06-30\n- two\\nlines\n"
        );
    }

    #[test]
    fn markdown_is_escaped() {
        assert_eq!(
            markdown(&page()),
            "# Tranche 2 é\n\nPARTIAL\n&lt;b>\\\\u{1b}[2J\n\n## Money\n\n\
             | class | payable |\n|---|---:|\n| hardware\\|x | 0.00 |\n\
             | training | 622128.57 |\n\n- as of 2024-06-30\n- two\\\\nlines\n"
        );
    }
}
