//! One file read in several parts at once, with the same result as from start to end.
//!
//! A file is cut before activities, and each part is read as if it stood directly inside
//! the root. Where a cut was no cut between two activities (it lay in a comment, in a
//! CDATA section or in another element), a part is no XML or does not end where it began;
//! then, as for every file with a fault and every activity that two parts tell, the parts
//! are thrown away and the file is read from its start, so that there is one place for
//! what is said about it.

use std::ops::Range;

use chrono::NaiveDate;
use memchr::memmem;

use super::source::Source;
use super::xml::{Fault, Pull, SPACE};
use super::{Options, Part, open_root};

/// Less than this is read faster than a thread is started.
const LEAST_PART: usize = 1 << 18;

/// The number of parts that a text is worth on this machine.
pub(super) fn number_for(text: &str) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.min(text.len().div_euclid(LEAST_PART)).max(1)
}

/// Reads a text in parts, or in one; nothing where anything is out of the ordinary, so
/// that it must be read from its start.
pub(super) fn read(
    text: &str,
    file: &str,
    options: &Options,
    validated_on: Option<NaiveDate>,
    number: usize,
) -> Option<Part> {
    let mut head = Source::new(Pull::new(text, file));
    open_root(&mut head, file).ok()?;
    if head.xml.has_closed() {
        return None;
    }
    let stretches = stretches(text, head.xml.offset(), number)?;
    let read_one = |stretch: &Range<usize>| {
        let mut source = Source::new(Pull::part(text, file, stretch.clone()));
        source.validated_on = validated_on;
        source.file_version = head.file_version;
        source.file_lang.clone_from(&head.file_lang);
        let mut part = Part::new(file, options)?;
        part.read(&mut source, text.as_bytes(), options)?;
        part.notices = source.notices;
        Ok::<Part, Fault>(part)
    };
    let (first, others) = stretches.split_first()?;
    let parts: Vec<Option<Part>> = std::thread::scope(|scope| {
        let others: Vec<_> =
            others.iter().map(|one| scope.spawn(|| read_one(one).ok())).collect();
        let first = read_one(first).ok();
        let others = others.into_iter().map(|one| match one.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(first).chain(others).collect()
    });
    let mut parts = parts.into_iter();
    let mut whole = parts.next()??;
    for part in parts {
        whole.append(part?)?;
    }
    Some(whole)
}

/// Cuts what lies inside the root into stretches that begin with an activity.
fn stretches(text: &str, start: usize, number: usize) -> Option<Vec<Range<usize>>> {
    let end = text.trim_end_matches(SPACE).strip_suffix("</iati-activities>")?.len();
    let step = end.checked_sub(start)?.div_euclid(number);
    let mut cuts = vec![start];
    for count in 1..number {
        let from = start.saturating_add(step.saturating_mul(count));
        let last = cuts.last().copied().unwrap_or(start);
        match next_activity(text, from.max(last.saturating_add(1)), end) {
            Some(cut) => cuts.push(cut),
            None => break,
        }
    }
    let ends = cuts.iter().skip(1).copied().chain([end]);
    Some(cuts.iter().copied().zip(ends).map(|(from, to)| from..to).collect())
}

/// The byte at which the next activity seems to open.
fn next_activity(text: &str, from: usize, end: usize) -> Option<usize> {
    const OPENS: &[u8] = b"<iati-activity";
    let bytes = text.as_bytes().get(..end)?;
    let mut from = from;
    loop {
        let at = from.checked_add(memmem::find(bytes.get(from..)?, OPENS)?)?;
        let after = at.checked_add(OPENS.len())?;
        if matches!(bytes.get(after), Some(b' ' | b'\t' | b'\n' | b'\r' | b'>' | b'/')) {
            return Some(at);
        }
        from = after;
    }
}

impl Part {
    /// Adds what follows in the file; nothing where both tell one activity, or the sums
    /// do not fit.
    fn append(&mut self, later: Self) -> Option<()> {
        let met = &mut self.known.met;
        for (key, one) in later.known.met {
            if met.insert(key, one).is_some() {
                return None;
            }
        }
        let fits = self.reading.tally.absorb(&later.reading.tally)
            && self.reading.residues.absorb(&later.reading.residues);
        self.sheets.append(later.sheets);
        self.notices.append(later.notices);
        self.reading.rejects.extend(later.reading.rejects);
        fits.then_some(())
    }
}
