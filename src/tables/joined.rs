//! Parquet files of one row group, and files joined from them without decoding.

use std::sync::Arc;

use arrow::array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{ChunkReader, FileReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::error::{Error, Result};

use super::batch::SOURCE_ROW;
use super::schema::Table;

pub(super) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::environment(format!("cannot set rows aside or read them again: {error}"))
        .caused_by(error)
}

/// How packed rows are encoded: one row group a batch, statistics per row group.
///
/// # Errors
/// An internal error, where the compression level is unknown.
fn properties(table: &Table) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(1).map_err(broken)?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(None)
        .set_offset_index_disabled(true)
        .set_created_by("ssrfund".to_owned());
    // What differs in every row makes no dictionary.
    if let [key] = table.key {
        let path = ColumnPath::from(*key);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY);
    }
    let path = ColumnPath::from(SOURCE_ROW);
    properties = properties
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    Ok(properties.build())
}

/// Encodes a batch of the table as a Parquet file of one row group.
///
/// # Errors
/// An internal error where the batch cannot be encoded.
pub fn encode(table: &Table, batch: &RecordBatch) -> Result<Bytes> {
    let mut bytes = Vec::new();
    let properties = properties(table)?;
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))
        .map_err(broken)?;
    writer.write(batch).map_err(broken)?;
    writer.close().map_err(broken)?;
    Ok(Bytes::from(bytes))
}

/// Joins Parquet files of one schema, row group by row group, without decoding them.
pub struct Joiner<W: std::io::Write + Send> {
    out: Option<W>,
    writer: Option<SerializedFileWriter<W>>,
}

impl<W: std::io::Write + Send> Joiner<W> {
    /// Starts without rows.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self { out: Some(out), writer: None }
    }

    /// Adds the row groups of a file, given twice; returns how many rows it has. The
    /// first file's schema is that of the joined file.
    ///
    /// # Errors
    /// It cannot be read, or the joined file not be written.
    pub fn add<R: ChunkReader + 'static>(&mut self, input: &R, again: R) -> Result<u64> {
        let reader = SerializedFileReader::new(again).map_err(broken)?;
        if let Some(out) = self.out.take() {
            let metadata = reader.metadata().file_metadata();
            let schema = metadata.schema_descr().root_schema_ptr();
            let properties = WriterProperties::builder()
                .set_created_by("ssrfund".to_owned())
                .set_key_value_metadata(metadata.key_value_metadata().cloned())
                .build();
            let writer = SerializedFileWriter::new(out, schema, Arc::new(properties));
            self.writer = Some(writer.map_err(broken)?);
        }
        let Some(writer) = &mut self.writer else {
            return Err(Error::internal("rows are added after an error"));
        };
        let mut rows = 0_u64;
        for group in reader.metadata().row_groups() {
            let count = u64::try_from(group.num_rows()).unwrap_or(0);
            let mut out = writer.next_row_group().map_err(broken)?;
            for column in group.columns() {
                let result = ColumnCloseResult {
                    bytes_written: u64::try_from(column.compressed_size()).unwrap_or(0),
                    rows_written: count,
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: None,
                    offset_index: None,
                };
                out.append_column(input, result).map_err(broken)?;
            }
            out.close().map_err(broken)?;
            rows = rows.saturating_add(count);
        }
        Ok(rows)
    }

    /// Writes the end of the file; nothing was ever written where nothing was added.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> Result<W> {
        match (self.writer, self.out) {
            (Some(writer), _) => writer.into_inner().map_err(broken),
            (None, Some(out)) => Ok(out),
            (None, None) => Err(Error::internal("a file was joined after an error")),
        }
    }
}
