//! The places of fields in rows that were not kept with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use crate::load::csv::CsvOptions;
use crate::load::csv::records::Records;
use crate::tables::packed::FindColumns;

/// Finds the character columns of rows by reading their parts of the file again.
pub(super) struct Places {
    pub(super) path: PathBuf,
    pub(super) options: CsvOptions,
    pub(super) header: Vec<usize>,
    pub(super) width: usize,
    pub(super) parts: Vec<(u64, u64, usize)>,
}

impl FindColumns for Places {
    fn columns(&self, lines: &BTreeSet<u64>) -> BTreeMap<u64, Vec<u32>> {
        let mut out = BTreeMap::new();
        let Ok(mut file) = File::open(&self.path) else { return out };
        let mut parts = self.parts.iter().peekable();
        while let Some((line, offset, length)) = parts.next() {
            let until = parts.peek().map_or(u64::MAX, |next| next.0);
            if lines.range(*line..until).next().is_none() {
                continue;
            }
            let mut bytes = vec![0; *length];
            let found = file
                .seek(SeekFrom::Start(*offset))
                .and_then(|_| file.read_exact(&mut bytes));
            let Some(text) = found.ok().and_then(|()| std::str::from_utf8(&bytes).ok())
            else {
                return out;
            };
            // The first part has a header, whose lines come before its first row's.
            let skipped = if *offset == 0 { 1 } else { *line };
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            self.find_in(text, skipped, lines, &mut out);
        }
        out
    }
}

impl Places {
    fn find_in(
        &self,
        text: &str,
        first_line: u64,
        lines: &BTreeSet<u64>,
        out: &mut BTreeMap<u64, Vec<u32>>,
    ) {
        let mut records = Records::new(text, "", self.options.delimiter);
        while let Some(record) = records.read() {
            let line = record.line.saturating_add(first_line).saturating_sub(1);
            if !lines.contains(&line) {
                continue;
            }
            let mut columns = vec![0; self.width];
            for (place, field) in self.header.iter().zip(&record.fields) {
                if let Some(slot) = columns.get_mut(*place) {
                    *slot = u32::try_from(field.column).unwrap_or(u32::MAX);
                }
            }
            out.insert(line, columns);
        }
    }
}
