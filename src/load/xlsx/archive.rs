//! The zip around a workbook: its directory checked, its parts inflated while counting.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Problem, visible};

use super::{Fault, Limits, kinds};

/// An opened zip and what was inflated so far.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    file: &'a str,
    limits: Limits,
    /// Place of each part by its name in lower case, as the format compares names.
    places: BTreeMap<String, usize>,
    inflated: u64,
}

/// What came out of one part.
struct Inflated {
    bytes: Vec<u8>,
    packed: u64,
    promised: u64,
    /// Whether nothing was wrong on the way, its checksum included.
    is_whole: bool,
}

const AGAIN: &str = "save the workbook again in Excel or LibreOffice";

impl<'a> Archive<'a> {
    /// Opens a zip and checks its directory; nothing is inflated.
    pub(super) fn open(
        bytes: &'a [u8],
        file: &'a str,
        limits: &Limits,
    ) -> Result<Self, Fault> {
        if !bytes.starts_with(b"PK") {
            return Err(kinds::other_than_zip(bytes, file));
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| cut(file))?;
        let places = BTreeMap::new();
        let mut archive = Self { zip, file, limits: *limits, places, inflated: 0 };
        archive.check_directory()?;
        match kinds::other_than_workbook(|name| archive.has(name)) {
            Some(problem) => {
                Err(refused(file, format!("the file is {}", problem.0), problem.1))
            }
            None => Ok(archive),
        }
    }

    /// Whether there is a part of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(&name.to_ascii_lowercase())
    }

    /// The text of a part; nothing where there is none of that name.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        let text = String::from_utf8(bytes).map_err(|_| {
            let what = format!("`{}` of the workbook is not UTF-8", visible(name));
            refused(self.file, what, AGAIN)
        })?;
        Ok(Some(text))
    }

    fn check_directory(&mut self) -> Result<(), Fault> {
        let count = self.zip.len();
        if count > self.limits.parts {
            let most = self.limits.parts;
            let what = format!("the workbook has {count} parts; it may have {most}");
            return Err(self.fault(what, AGAIN));
        }
        let mut twice = self.zip.has_duplicate_names();
        for index in 0..count {
            let entry = self.zip.by_index_data(index).map_err(|_| cut(self.file))?;
            if entry.encrypted() {
                let what = "the workbook is encrypted";
                return Err(self.fault(what, "save it without a password"));
            }
            let name = self.zip.name_for_index(index).transpose();
            let name = name.map_err(|_| cut(self.file))?.unwrap_or_default();
            let name = name.trim_start_matches('/').to_ascii_lowercase();
            twice |= self.places.insert(name, index).is_some();
        }
        if twice {
            let what = "two parts of the workbook have the same name";
            return Err(self.fault(what, AGAIN));
        }
        match self.zip.has_overlapping_entries() {
            Ok(false) => Ok(()),
            Ok(true) => {
                let what = "parts of the workbook overlap, as in a zip bomb";
                Err(self.fault(what, AGAIN))
            }
            Err(_) => Err(cut(self.file)),
        }
    }

    /// Inflates a part, and stops where a limit is passed whatever the header promised.
    fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let key = name.trim_start_matches('/').to_ascii_lowercase();
        let Some(index) = self.places.get(&key).copied() else { return Ok(None) };
        let left = self.limits.all_bytes.saturating_sub(self.inflated);
        let Inflated { bytes, packed, promised, is_whole } =
            self.inflate(index, left).map_err(|error| {
                let what =
                    format!("`{}` cannot be read ({})", visible(name), told(&error));
                refused(self.file, what, AGAIN)
            })?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > self.limits.most(packed).min(left) {
            return Err(self.too_large(name, packed, left));
        }
        if !is_whole || size != promised {
            let what = format!(
                "`{}` of the workbook is damaged ({promised} bytes were promised, {size} \
                 could be read)",
                visible(name)
            );
            return Err(self.fault(what, "copy or export the file again"));
        }
        self.inflated = self.inflated.saturating_add(size);
        Ok(Some(bytes))
    }

    /// Inflates a part up to one byte beyond what it may have.
    fn inflate(&mut self, index: usize, left: u64) -> Result<Inflated, ZipError> {
        let mut entry = self.zip.by_index(index)?;
        let (packed, promised) = (entry.compressed_size(), entry.size());
        let most = self.limits.most(packed).min(left).saturating_add(1);
        let mut bytes = Vec::new();
        let is_whole = entry.by_ref().take(most).read_to_end(&mut bytes).is_ok();
        Ok(Inflated { bytes, packed, promised, is_whole })
    }

    fn too_large(&self, name: &str, packed: u64, left: u64) -> Fault {
        let name = visible(name);
        let limits = &self.limits;
        let most = limits.most(packed);
        let what = if left < most {
            let most = limits.all_bytes;
            format!("the workbook inflates to more than {most} bytes")
        } else if most < limits.part_bytes {
            format!(
                "`{name}` inflates from {packed} to more than {most} bytes, as in a zip bomb"
            )
        } else {
            format!("`{name}` inflates to more than {most} bytes")
        };
        self.fault(what, "split the workbook, or save the sheet as CSV")
    }

    fn fault(&self, what: impl Into<String>, fix: &str) -> Fault {
        refused(self.file, what, fix)
    }
}

impl Limits {
    /// The most bytes that a part may inflate to that takes `packed` bytes in the file.
    fn most(&self, packed: u64) -> u64 {
        packed.saturating_mul(self.ratio).max(self.free_bytes).min(self.part_bytes)
    }
}

/// The zip reader's reason as a clause of our own sentence.
fn told(error: &ZipError) -> String {
    let text = visible(&error.to_string());
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str().trim_end_matches('.'))
}

fn cut(file: &str) -> Fault {
    let what = "the workbook is cut off or damaged";
    refused(file, what, "copy or export the file again")
}

fn refused(file: &str, what: impl Into<String>, fix: &str) -> Fault {
    Box::new(Problem::of_file(file, what, fix))
}
