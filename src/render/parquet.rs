//! Parquet files whose bytes depend on the rows alone.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::error::{Error, Result};

use super::write;

/// Who wrote the file; without a version, so that the bytes outlive releases.
const CREATED_BY: &str = "ssrfund";

/// Writes one Parquet file.
pub(super) fn file(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    out: &mut dyn Write,
) -> Result<()> {
    let schema = bare(schema);
    let properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, Arc::clone(&schema), Some(properties))
            .map_err(unwritable)?;
    for batch in batches {
        let batch = RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec())
            .map_err(unwritable)?;
        writer.write(&batch).map_err(unwritable)?;
    }
    writer.close().map_err(unwritable)?;
    write(out, &bytes)
}

/// The schema without the engine's notes, whose order is not fixed.
fn bare(schema: &Schema) -> SchemaRef {
    let bare = |field: &Arc<Field>| {
        Field::clone(field).with_metadata(HashMap::new()).with_nullable(true)
    };
    Arc::new(Schema::new(schema.fields().iter().map(bare).collect::<Vec<_>>()))
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::usage(format!("the rows cannot be written as Parquet: {error}"))
        .fix("write them as CSV or JSON")
        .caused_by(error)
}
