//! A large file cut into parts at ends of records, and hashed on the way.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use memchr::{memchr, memchr2_iter, memrchr};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

use super::How;

/// In how many times the bytes of a part the end of a record is looked for.
const MOST_PARTS: usize = 4;

/// One part on its way to a worker.
pub(super) struct Job {
    pub(super) number: usize,
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// How many bytes at its beginning are no rows.
    pub(super) head: usize,
    /// The physical line of its first row.
    pub(super) line: u64,
    pub(super) bytes: Vec<u8>,
}

/// Reads a file and cuts it at ends of records.
pub(super) struct Cutter<'p> {
    file: File,
    pub(super) path: &'p Path,
    rest: Vec<u8>,
    pub(super) offset: u64,
    pub(super) line: u64,
    pub(super) hash: Sha256,
    pub(super) number: usize,
    pub(super) at_end: bool,
}

impl<'p> Cutter<'p> {
    pub(super) fn new(file: File, path: &'p Path) -> Self {
        let (rest, hash) = (Vec::new(), Sha256::new());
        Self { file, path, rest, offset: 0, line: 1, hash, number: 0, at_end: false }
    }

    /// The next part, in a buffer that is not used any more; nothing at the end of the
    /// file, or where no record ends.
    pub(super) fn next(
        &mut self,
        how: &How<'_>,
        mut bytes: Vec<u8>,
    ) -> Result<Option<Job>> {
        bytes.clear();
        bytes.append(&mut self.rest);
        let mut wanted = how.part_bytes;
        let end = loop {
            let missing = wanted.saturating_sub(bytes.len());
            bytes.reserve_exact(missing);
            let most = u64::try_from(missing).unwrap_or(u64::MAX);
            let read = (&self.file)
                .take(most)
                .read_to_end(&mut bytes)
                .map_err(|error| Error::io("read", self.path, error))?;
            (how.progress)(u64::try_from(read).unwrap_or(u64::MAX));
            self.at_end = read < missing;
            if self.at_end {
                break bytes.len();
            }
            if let Some(end) = last_record_end(&bytes) {
                break end;
            }
            if wanted >= how.part_bytes.saturating_mul(MOST_PARTS) {
                return Ok(None);
            }
            wanted = wanted.saturating_mul(2);
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        self.rest = bytes.split_off(end);
        self.hash.update(&bytes);
        let (number, offset, line) = (self.number, self.offset, self.line);
        self.number = self.number.saturating_add(1);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(length);
        let feeds = memchr::memchr_iter(b'\n', &bytes).count();
        self.line = self.line.saturating_add(u64::try_from(feeds).unwrap_or(u64::MAX));
        Ok(Some(Job { number, offset, head: 0, line, bytes }))
    }
}

/// Where the last whole record of a part ends that begins with a record.
#[must_use]
pub fn last_record_end(bytes: &[u8]) -> Option<usize> {
    let end = if memchr(b'"', bytes).is_none() {
        memrchr(b'\n', bytes)?
    } else {
        let (mut is_quoted, mut end) = (false, None);
        for at in memchr2_iter(b'"', b'\n', bytes) {
            if bytes.get(at) == Some(&b'"') {
                is_quoted = !is_quoted;
            } else if !is_quoted {
                end = Some(at);
            }
        }
        end?
    };
    Some(end.saturating_add(1))
}
