//! CSV and TSV for programs and spreadsheets.
//!
//! A text that a spreadsheet would run as a formula gets a `'` in front, which a
//! spreadsheet hides; numbers, and texts that are plain numbers, stay as they are.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::Result;

use super::cells::{columns, plain_arrays};
use super::write;

/// How one field is written, after the text `field`.
type Escape = fn(field: &str, out: &mut String);

/// Writes RFC 4180 with LF.
pub(super) fn csv(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    out: &mut dyn Write,
) -> Result<()> {
    rows(schema, batches, out, (',', csv_field))
}

/// Writes tab-separated values.
pub(super) fn tsv(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    out: &mut dyn Write,
) -> Result<()> {
    rows(schema, batches, out, ('\t', tsv_field))
}

fn rows(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    out: &mut dyn Write,
    (delimiter, escape): (char, Escape),
) -> Result<()> {
    let mut line = String::new();
    for (index, field) in schema.fields().iter().enumerate() {
        if index > 0 {
            line.push(delimiter);
        }
        escape(&harmless(field.name()), &mut line);
    }
    line.push('\n');
    write(out, line.as_bytes())?;
    let mut text = String::new();
    for batch in batches {
        let arrays = plain_arrays(batch)?;
        let columns = columns(&arrays)?;
        for row in 0..batch.num_rows() {
            line.clear();
            for (index, column) in columns.iter().enumerate() {
                if index > 0 {
                    line.push(delimiter);
                }
                text.clear();
                column.text(row, &mut text)?;
                if column.is_text() {
                    escape(&harmless(&text), &mut line);
                } else {
                    escape(&text, &mut line);
                }
            }
            // A record of one empty field would be an empty line, which is no record.
            if line.is_empty() && columns.len() == 1 && delimiter == ',' {
                line.push_str("\"\"");
            }
            line.push('\n');
            write(out, line.as_bytes())?;
        }
    }
    Ok(())
}

/// Puts a `'` before a text that a spreadsheet would take for a formula.
fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    let starts = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    let sign_only = text == "-" || text == "+";
    if !text.starts_with(starts) || sign_only || is_plain_number(text) {
        return text.into();
    }
    format!("'{text}").into()
}

fn is_plain_number(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = body.split_once('.').unwrap_or((body, "0"));
    let digits =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(integer) && digits(fraction)
}

fn csv_field(field: &str, out: &mut String) {
    let edge_space = field.starts_with(' ') || field.ends_with(' ');
    if edge_space || field.contains([',', '"', '\n', '\r']) {
        out.push('"');
        out.push_str(&field.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(field);
    }
}

fn tsv_field(field: &str, out: &mut String) {
    for c in field.chars() {
        match c {
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_harmless_and_numbers_are_not_touched() {
        for text in ["=1+1", "@SUM(A1)", "+1+1", "-1-1", "\t=1", "＝1", "--5", "-5%"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["-12.50", "-5", "a=b", "", "'x", "-"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn fields_are_quoted_only_where_they_must_be() {
        let field = |text: &str| {
            let mut out = String::new();
            csv_field(text, &mut out);
            out
        };
        assert_eq!(field("a b"), "a b");
        assert_eq!(field("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
        assert_eq!(field(" a"), "\" a\"");
    }
}
