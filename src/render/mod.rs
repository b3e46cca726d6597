//! Results as bytes: tables for people, files for programs, pages for reports.
//!
//! [`batches`] writes record batches in a [`Format`]; [`page`] writes reports and gate
//! texts. Nothing here opens a file, knows a terminal or prints: the caller hands in a
//! writer, the width and whether colour is wanted. The same rows give the same bytes.

mod cells;
mod delimited;
mod grid;
mod json;
pub mod page;
mod parquet;
mod text;

use std::fmt;
use std::io::Write;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::{Error, Result, did_you_mean, visible};

pub use cells::{Cells, cells};
pub use text::{shown, width};

/// The forms in which rows can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table with lines, for a terminal.
    Table,
    /// Columns of fixed width, for a pipe.
    Plain,
    /// RFC 4180 with a header and LF.
    Csv,
    /// Tab-separated, with `\t`, `\n`, `\r` and `\\` escaped.
    Tsv,
    /// An array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// A Markdown pipe table.
    Markdown,
    /// Apache Parquet.
    Parquet,
}

/// Every format with the name that flags use.
const NAMES: [(Format, &str); 8] = [
    (Format::Table, "table"),
    (Format::Plain, "plain"),
    (Format::Csv, "csv"),
    (Format::Tsv, "tsv"),
    (Format::Json, "json"),
    (Format::Ndjson, "ndjson"),
    (Format::Markdown, "markdown"),
    (Format::Parquet, "parquet"),
];

impl Format {
    /// Reads the name of a format.
    ///
    /// ```
    /// use ssrfund::render::Format;
    /// assert_eq!(Format::parse("csv").unwrap(), Format::Csv);
    /// assert!(Format::parse("cvs").unwrap_err().how_to_fix().contains("`csv`"));
    /// ```
    ///
    /// # Errors
    /// No format has this name.
    pub fn parse(name: &str) -> Result<Self> {
        let wanted = match name {
            "md" => "markdown",
            "jsonl" => "ndjson",
            other => other,
        };
        if let Some((format, _)) = NAMES.iter().find(|(_, known)| *known == wanted) {
            return Ok(*format);
        }
        let names: Vec<&str> = NAMES.iter().map(|(_, known)| *known).collect();
        let all = format!("use one of {}", names.join(", "));
        let fix = did_you_mean(name, names, &all);
        Err(Error::usage(format!("there is no format `{}`", visible(name))).fix(fix))
    }

    /// The format that a file's suffix asks for; none where the suffix says nothing.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        match suffix.as_str() {
            "txt" => Some(Self::Plain),
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "md" | "markdown" => Some(Self::Markdown),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// The name that flags use.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }

    /// Whether the bytes are no text and belong in a file.
    #[must_use]
    pub fn is_binary(self) -> bool {
        self == Self::Parquet
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a table on a terminal may use; other formats ignore it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// Characters in a line; none for as many as it takes.
    pub width: Option<u16>,
    /// Whether the header is set off by colour codes.
    pub colour: bool,
}

/// Writes rows in a format, with a header even where there are none.
///
/// # Errors
/// The writer fails, or two columns of an object have one name.
pub fn batches(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    format: Format,
    out: &mut dyn Write,
    options: &TableOptions,
) -> Result<()> {
    match format {
        Format::Table => {
            write(out, grid::table(&cells(schema, batches)?, *options).as_bytes())
        }
        Format::Plain => write(out, grid::plain(&cells(schema, batches)?).as_bytes()),
        Format::Markdown => {
            write(out, grid::markdown(&cells(schema, batches)?).as_bytes())
        }
        Format::Csv => delimited::csv(schema, batches, out),
        Format::Tsv => delimited::tsv(schema, batches, out),
        Format::Json => json::array(schema, batches, out),
        Format::Ndjson => json::lines(schema, batches, out),
        Format::Parquet => parquet::file(schema, batches, out),
    }
}

/// Writes bytes; the error keeps its cause, so that a closed pipe can be told apart.
fn write(out: &mut dyn Write, bytes: &[u8]) -> Result<()> {
    out.write_all(bytes).map_err(|error| {
        Error::environment(format!("cannot write the result: {error}")).caused_by(error)
    })
}

#[cfg(test)]
mod tests;
