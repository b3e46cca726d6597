//! JSON objects, one a row, with the columns in their order.

use std::collections::BTreeSet;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::{Error, Result, visible};

use super::cells::{columns, plain_arrays, quote};
use super::write;

/// Writes an array with one object a line.
pub(super) fn array(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    out: &mut dyn Write,
) -> Result<()> {
    let mut any = false;
    objects(schema, batches, |object| {
        write(out, if any { b",\n" } else { b"[\n" })?;
        any = true;
        write(out, object.as_bytes())
    })?;
    write(out, if any { b"\n]\n" } else { b"[]\n" })
}

/// Writes one object a line.
pub(super) fn lines(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    out: &mut dyn Write,
) -> Result<()> {
    objects(schema, batches, |object| {
        write(out, object.as_bytes())?;
        write(out, b"\n")
    })
}

fn objects(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    mut each: impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for field in schema.fields() {
        if !seen.insert(field.name()) {
            let what = format!("two columns are called `{}`", visible(field.name()));
            return Err(Error::usage(what).fix("name one of them with AS"));
        }
        let mut name = String::new();
        quote(field.name(), &mut name)?;
        name.push(':');
        names.push(name);
    }
    let mut object = String::new();
    for batch in batches {
        let arrays = plain_arrays(batch)?;
        let columns = columns(&arrays)?;
        for row in 0..batch.num_rows() {
            object.clear();
            object.push('{');
            for (index, (name, column)) in names.iter().zip(&columns).enumerate() {
                if index > 0 {
                    object.push(',');
                }
                object.push_str(name);
                column.json(row, &mut object)?;
            }
            object.push('}');
            each(&object)?;
        }
    }
    Ok(())
}
