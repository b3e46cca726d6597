//! Tables for people: with lines, in plain columns, and in Markdown.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};

use super::TableOptions;
use super::cells::Cells;
use super::text::width;

/// A table with lines, for a terminal.
pub(super) fn table(cells: &Cells, options: TableOptions) -> String {
    if cells.names.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).force_no_tty();
    if options.colour {
        table.enforce_styling();
    }
    if let Some(width) = options.width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    let aligned = |text: &str, right: bool| {
        let to = if right { CellAlignment::Right } else { CellAlignment::Left };
        Cell::new(text).set_alignment(to)
    };
    let header = cells.names.iter().zip(&cells.right).map(|(name, right)| {
        let cell = aligned(name, *right);
        if options.colour { cell.add_attribute(Attribute::Bold) } else { cell }
    });
    table.set_header(header);
    for row in &cells.rows {
        let row = row.iter().zip(&cells.right).map(|(text, right)| aligned(text, *right));
        table.add_row(row);
    }
    format!("{table}\n")
}

/// Columns of fixed width with two spaces between them, a header, and nothing else.
pub(super) fn plain(cells: &Cells) -> String {
    let mut widths: Vec<usize> = cells.names.iter().map(|name| width(name)).collect();
    for row in &cells.rows {
        for (widest, text) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(text));
        }
    }
    let mut out = String::new();
    for row in std::iter::once(&cells.names).chain(&cells.rows) {
        let start = out.len();
        for (index, (text, column)) in row.iter().zip(&widths).enumerate() {
            if index > 0 {
                out.push_str("  ");
            }
            let gap = " ".repeat(column.saturating_sub(width(text)));
            if cells.right.get(index) == Some(&true) {
                out.push_str(&gap);
                out.push_str(text);
            } else {
                out.push_str(text);
                out.push_str(&gap);
            }
        }
        let kept = out.trim_end_matches(' ').len().max(start);
        out.truncate(kept);
        if !cells.names.is_empty() {
            out.push('\n');
        }
    }
    out
}

/// A Markdown pipe table.
pub(super) fn markdown(cells: &Cells) -> String {
    if cells.names.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    markdown_row(&cells.names, &mut out);
    for right in &cells.right {
        out.push_str(if *right { "|---:" } else { "|---" });
    }
    out.push_str("|\n");
    for row in &cells.rows {
        markdown_row(row, &mut out);
    }
    out
}

fn markdown_row(cells: &[String], out: &mut String) {
    for cell in cells {
        out.push_str("| ");
        out.push_str(&markdown_text(cell));
        out.push(' ');
    }
    out.push_str("|\n");
}

/// Text that Markdown neither cuts at a bar nor takes for a tag.
pub(super) fn markdown_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' => out.push_str("\\|"),
            '\\' => out.push_str("\\\\"),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}
