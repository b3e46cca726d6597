//! A large file, part by part: one thread reads, hashes and cuts it at ends of records,
//! the others read the parts into columns and encode them.
//!
//! Where a part ends depends on the file's bytes alone, so the same file gives the same
//! tables on any number of threads. Memory holds a few parts, never the file.

mod cutter;
mod places;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use sha2::Digest;

use crate::error::{Error, Problem, Result};
use crate::load::reading::{Reading, Reject};
use crate::tables::columns::Room;
use crate::tables::joined::encode;
use crate::tables::outline::Outline;
use crate::tables::packed::Packer;
use crate::tables::{Table, TableRows};

use super::fast::{Layout, Part, read_part};
use super::records::{LineEnds, Records};
use super::{CsvOptions, header};
pub use cutter::last_record_end;
use cutter::{Cutter, Job};
use places::Places;

/// About how many bytes a part has.
pub const PART_BYTES: usize = 16 << 20;

/// How a large file is read.
pub struct How<'a> {
    /// Where files without a name can be made.
    pub folder: &'a Path,
    /// Whether to compress the original beside.
    pub keeps_original: bool,
    /// Whether every reject is wanted.
    pub keeps_rejects: bool,
    /// About how many bytes a part has: [`PART_BYTES`].
    pub part_bytes: usize,
    /// Told how many more bytes were read.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// A file that was read part by part.
pub struct Streamed {
    /// What it holds.
    pub reading: Reading,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub size: u64,
    /// Its bytes, compressed, where that was asked for.
    pub original: Option<File>,
}

/// Whether a large file of this table is read part by part.
#[must_use]
pub fn is_streamed(table: &Table) -> bool {
    // Of the others a few rows are told by each project: they are held.
    table.name == "transactions"
}

/// Reads a file part by part. Nothing where it must be read as a whole, because something
/// about the file itself is wrong or out of the ordinary.
///
/// # Errors
/// The file cannot be read, or the disk is full.
pub fn read(
    path: &Path,
    name: &str,
    table: &'static Table,
    options: &CsvOptions,
    how: &How<'_>,
) -> Result<Option<Streamed>> {
    let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
    let mut cutter = Cutter::new(file, path);
    let Some(first) = cutter.next(how, Vec::new())? else { return Ok(None) };
    let mut reading = Reading::default();
    let Some((layout, ends, head)) =
        layout(&first.bytes, name, table, options, &mut reading)
    else {
        return Ok(None);
    };
    let spool = || {
        tempfile::tempfile_in(how.folder)
            .map_err(|error| Error::io("write in", how.folder, error))
    };
    let original = if how.keeps_original { Some(spool()?) } else { None };
    let mut whole = Whole {
        layout: &layout,
        reading,
        packer: Packer::new(table, spool()?),
        original,
        keeps_rejects: how.keeps_rejects,
        blank: Vec::new(),
        ends,
        any: false,
        places: Vec::new(),
    };
    let first = Job { number: 0, head: head.0, line: head.1, ..first };
    if !run(&mut cutter, first, &mut whole, how)? {
        return Ok(None);
    }
    let Some((reading, original)) = whole.finish(path, options)? else { return Ok(None) };
    let sha256 =
        cutter.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some(Streamed { reading, sha256, size: cutter.offset, original }))
}

/// Reads the header; returns also how its line ends and where the first record begins.
fn layout(
    bytes: &[u8],
    name: &str,
    table: &'static Table,
    options: &CsvOptions,
    reading: &mut Reading,
) -> Option<(Layout, LineEnds, (usize, u64))> {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(body).ok()?;
    let known = |name: &str| header::column_place(table, name).is_some();
    if header::other_delimiter(text, name, options.delimiter, known).is_some() {
        return None;
    }
    let mut records = Records::new(text, name, options.delimiter);
    let record = records.read()?;
    let header = header::read(&record, name, table, &mut reading.warnings).ok()?;
    if !records.faults.is_empty() {
        return None;
    }
    let (at, line) = records.place();
    let mark = bytes.len().saturating_sub(body.len());
    let layout = Layout { header, table, file: name.to_owned(), options: *options };
    Some((layout, records.ends, (at.saturating_add(mark), line)))
}

/// One part as a worker hands it back.
struct Done {
    offset: u64,
    length: usize,
    first_line: u64,
    bytes: Vec<u8>,
    part: Part,
    encoded: Option<(Bytes, Outline)>,
    original: Vec<u8>,
}

/// Sends parts to workers and takes them back in order; false where one gave up.
fn run(
    cutter: &mut Cutter<'_>,
    first: Job,
    whole: &mut Whole<'_>,
    how: &How<'_>,
) -> Result<bool> {
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let most = workers.saturating_add(1);
    let layout = whole.layout;
    let (jobs, taken) = channel::<Job>();
    let (give, done) = channel::<(usize, Result<Option<Done>>)>();
    let taken = Mutex::new(taken);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (give, taken) = (give.clone(), &taken);
            scope.spawn(move || work(taken, &give, layout, how.keeps_original));
        }
        drop(give);
        let mut next = Some(first);
        let mut order = Order::default();
        while let Some(job) = next {
            order.under_way = order.under_way.saturating_add(1);
            // The workers end only after this end of the channel was dropped.
            let _ = jobs.send(job);
            while order.under_way >= most {
                if !order.take(&done, whole)? {
                    return Ok(false);
                }
            }
            next = if cutter.at_end { None } else { cutter.next(how, order.spare())? };
        }
        drop(jobs);
        while order.under_way > 0 {
            if !order.take(&done, whole)? {
                return Ok(false);
            }
        }
        Ok(cutter.at_end)
    })
}

/// Puts parts back into the order of the file.
#[derive(Default)]
struct Order {
    waiting: BTreeMap<usize, Done>,
    next: usize,
    under_way: usize,
    /// Buffers to be used again.
    spare: Vec<Vec<u8>>,
}

impl Order {
    fn spare(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    /// Waits for a part; false where it gave up, or its worker did.
    fn take(
        &mut self,
        done: &Receiver<(usize, Result<Option<Done>>)>,
        whole: &mut Whole<'_>,
    ) -> Result<bool> {
        let Ok((number, part)) = done.recv() else { return Ok(false) };
        self.under_way = self.under_way.saturating_sub(1);
        let Some(part) = part? else { return Ok(false) };
        self.waiting.insert(number, part);
        while let Some(mut part) = self.waiting.remove(&self.next) {
            self.spare.push(std::mem::take(&mut part.bytes));
            self.next = self.next.saturating_add(1);
            whole.take(part)?;
        }
        Ok(true)
    }
}

fn work(
    taken: &Mutex<Receiver<Job>>,
    give: &Sender<(usize, Result<Option<Done>>)>,
    layout: &Layout,
    keeps_original: bool,
) {
    let mut room = Room::default();
    loop {
        let job = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let number = job.number;
        let done = read_job(job, layout, keeps_original, &mut room);
        if give.send((number, done)).is_err() {
            return;
        }
    }
}

fn read_job(
    job: Job,
    layout: &Layout,
    keeps_original: bool,
    room: &mut Room,
) -> Result<Option<Done>> {
    let body = job.bytes.get(job.head..).unwrap_or_default();
    let Ok(text) = std::str::from_utf8(body) else { return Ok(None) };
    let Some(mut part) = read_part(text, job.line, layout, room) else {
        return Ok(None);
    };
    *room = part.columns.room();
    let encoded = if part.columns.is_empty() {
        None
    } else {
        let batch = part.columns.finish(&layout.file)?;
        let outline = Outline::of(layout.table, &batch)
            .ok_or_else(|| Error::internal("a key is not text"))?;
        Some((encode(layout.table, &batch)?, outline))
    };
    let original = if keeps_original {
        zstd::bulk::compress(&job.bytes, 1)
            .map_err(|error| Error::internal("cannot compress").caused_by(error))?
    } else {
        Vec::new()
    };
    let Job { offset, line: first_line, bytes, .. } = job;
    let length = bytes.len();
    Ok(Some(Done { offset, length, first_line, bytes, part, encoded, original }))
}

/// What all parts hold together.
struct Whole<'l> {
    layout: &'l Layout,
    reading: Reading,
    packer: Packer,
    original: Option<File>,
    keeps_rejects: bool,
    /// Lines of the empty lines since the last row.
    blank: Vec<u64>,
    ends: LineEnds,
    any: bool,
    /// First line, offset and length of each part.
    places: Vec<(u64, u64, usize)>,
}

impl Whole<'_> {
    fn take(&mut self, done: Done) -> Result<()> {
        let Done { part, encoded, original, .. } = done;
        if let Some((bytes, outline)) = encoded {
            self.packer.add(&bytes, outline)?;
        }
        if let Some(file) = &mut self.original {
            file.write_all(&original).map_err(|error| {
                Error::environment("cannot keep the original").caused_by(error)
            })?;
        }
        self.places.push((done.first_line, done.offset, done.length));
        if part.any {
            self.any = true;
            for line in std::mem::take(&mut self.blank) {
                let (what, fix) = ("an empty line between rows", "remove it");
                let problem = Problem::at(&self.layout.file, line, 0, what, fix);
                let table = self.layout.table.name.to_owned();
                self.reading.rejects.push(Reject { table, project_id: None, problem });
            }
        }
        self.blank.extend(part.blank);
        self.ends.absorb(part.ends);
        self.take_reading(part.reading);
        Ok(())
    }

    fn take_reading(&mut self, mut part: Reading) {
        let reading = &mut self.reading;
        reading.rejects.append(&mut part.rejects);
        reading.faults.append(&mut part.faults);
        // A part tells a thing once, and so does the file.
        for warning in part.warnings {
            let code = warning.what.split(':').next().unwrap_or_default();
            if !reading.warnings.iter().any(|told| told.what.starts_with(code)) {
                reading.warnings.push(warning);
            }
        }
        let fits =
            reading.tally.absorb(&part.tally) && reading.residues.absorb(&part.residues);
        if !fits {
            reading.note_overflow(&self.layout.file);
        }
        reading.cap_rejects(self.keeps_rejects);
    }

    /// The whole file's reading; nothing where it has no row.
    fn finish(
        self,
        path: &Path,
        options: &CsvOptions,
    ) -> Result<Option<(Reading, Option<File>)>> {
        if !self.any {
            return Ok(None);
        }
        let file = &self.layout.file;
        let mut reading = self.reading;
        super::warn_of_ends(&mut reading, file, self.blank.first().copied(), self.ends);
        let find = Places {
            path: path.to_owned(),
            options: *options,
            header: self.layout.header.places().to_vec(),
            width: self.layout.table.columns.len(),
            parts: self.places,
        };
        let mut rows = TableRows::new(self.layout.table, file);
        rows.packed = self.packer.finish(Some(Box::new(find)))?;
        reading.tables.push(rows);
        Ok(Some((reading, self.original)))
    }
}

#[cfg(test)]
mod tests;
