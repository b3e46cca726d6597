//! What a Parquet file may ask for, held against its size before anything is decoded.

use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::thrift::Compact;

/// How many times its own size a file may inflate to.
const HIGHEST_RATIO: u64 = 200;
/// Files that inflate to no more than this may do so at any ratio.
const SMALL: u64 = 16 << 20;
/// How many rows any file may have, and how many more for each of its bytes.
const ROWS: u64 = 1 << 16;
const ROWS_PER_BYTE: u64 = 64;
/// How much a batch may hold of one value that a dictionary repeats.
const BATCH_BYTES: u64 = 256 << 20;
/// The most and the fewest rows that are decoded at a time.
const BATCH: (u64, u64) = (1024, 64);
/// What ends every file: the length of the footer and the mark.
const TAIL: usize = 8;

/// Why a file is refused: what, and how to mend it.
pub(super) type Refusal = (String, &'static str);

/// Fix of a file that is damaged.
pub(super) const COPY: &str = "export or copy the file again";

/// What the pages of a file announce.
#[derive(Debug, Default, PartialEq, Eq)]
struct Announced {
    inflated: u64,
    largest_dictionary: u64,
}

/// Says that the bytes are no Parquet file, or that their footer lies about a length.
pub(super) fn footer(bytes: &[u8]) -> Result<(), Refusal> {
    let damaged = |what: &str| (what.to_owned(), COPY);
    if bytes.len() >= 12 && (bytes.starts_with(b"PARE") || bytes.ends_with(b"PARE")) {
        return Err(("it is encrypted".to_owned(), "export it without encryption"));
    }
    if bytes.len() < 12 || !bytes.starts_with(b"PAR1") || !bytes.ends_with(b"PAR1") {
        return Err(damaged("it does not begin and end with `PAR1`"));
    }
    let lies = || damaged("its footer announces more than the file holds");
    let end = bytes.len().saturating_sub(TAIL);
    let length = bytes.get(end..end.saturating_add(4)).and_then(|b| b.try_into().ok());
    let length = length.map_or(u32::MAX, u32::from_le_bytes);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let start = end.checked_sub(length).ok_or_else(lies)?;
    let footer = bytes.get(start..end).unwrap_or_default();
    Compact::new(footer).walk(&mut |_, _| {}).map_err(|_| lies())
}

/// How many rows are decoded at a time.
///
/// # Errors
/// The file asks for more than a file of its size may.
pub(super) fn batch_rows(
    bytes: &[u8],
    metadata: &ParquetMetaData,
) -> Result<usize, Refusal> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(u64::MAX);
    let most_rows = ROWS.saturating_add(size.saturating_mul(ROWS_PER_BYTE));
    if rows > most_rows {
        let what = format!("it announces {rows} rows in {size} bytes");
        return Err((what, "split it, or export it as CSV"));
    }
    let most = size.saturating_mul(HIGHEST_RATIO).max(SMALL);
    let mut announced = Announced::default();
    for group in metadata.row_groups() {
        for column in group.columns() {
            codec(column)?;
            pages(bytes, column, &mut announced)?;
            if announced.inflated > most {
                let what =
                    format!("its pages inflate to over {HIGHEST_RATIO} times its size");
                return Err((what, "split it, or export it as CSV"));
            }
        }
    }
    let (most, fewest) = BATCH;
    let fitting = BATCH_BYTES.checked_div(announced.largest_dictionary).unwrap_or(most);
    Ok(usize::try_from(fitting.clamp(fewest, most)).unwrap_or(1))
}

/// Refuses a compression that is not read.
fn codec(column: &ColumnChunkMetaData) -> Result<(), Refusal> {
    match column.compression() {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) => Ok(()),
        other => {
            let name = other.to_string();
            let name = name.split('(').next().unwrap_or_default().to_lowercase();
            let what = format!("its pages are compressed with {name}");
            Err((what, "write it with zstd, snappy or no compression"))
        }
    }
}

/// Adds up what the page headers of a column announce.
fn pages(
    bytes: &[u8],
    column: &ColumnChunkMetaData,
    announced: &mut Announced,
) -> Result<(), Refusal> {
    let damaged = || ("its pages are damaged".to_owned(), COPY);
    let first = match column.dictionary_page_offset() {
        Some(offset) if offset > 0 => offset.min(column.data_page_offset()),
        _ => column.data_page_offset(),
    };
    let place = |number: i64| usize::try_from(number).map_err(|_| damaged());
    let (start, length) = (place(first)?, place(column.compressed_size())?);
    let end = start.checked_add(length).ok_or_else(damaged)?;
    let mut rest = bytes.get(start..end).ok_or_else(damaged)?;
    let mut values = 0_i64;
    while !rest.is_empty() {
        let page = Page::read(&mut rest).ok_or_else(damaged)?;
        announced.inflated = announced.inflated.saturating_add(page.inflated);
        if page.is_dictionary {
            let largest = &mut announced.largest_dictionary;
            *largest = page.inflated.max(*largest);
        } else {
            values = values.saturating_add(page.values);
        }
    }
    if values != column.num_values() {
        let what = format!(
            "a column announces {} values, and its pages {values}",
            column.num_values()
        );
        return Err((what, COPY));
    }
    Ok(())
}

/// What a page header announces.
#[derive(Debug, Default)]
struct Page {
    inflated: u64,
    values: i64,
    is_dictionary: bool,
}

impl Page {
    /// Reads a header and steps over its page.
    fn read(rest: &mut &[u8]) -> Option<Self> {
        let mut page = Self::default();
        let (mut inflated, mut length) = (-1_i64, -1_i64);
        let mut compact = Compact::new(rest);
        let header = compact.walk(&mut |path, number| match path {
            [1] => page.is_dictionary = number == 2,
            [2] => inflated = number,
            [3] => length = number,
            [5 | 8, 1] => page.values = number,
            _ => {}
        });
        header.ok()?;
        page.inflated = u64::try_from(inflated).ok()?;
        *rest = compact.rest().get(usize::try_from(length).ok()?..)?;
        (page.values >= 0).then_some(page)
    }
}
