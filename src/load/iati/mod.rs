//! IATI activity files, versions 1.0x and 2.0x, read in one pass.
//!
//! The line through the files: `encoding` makes text of the bytes, `xml` pulls elements
//! from it within limits (`scan` where the text is plain, a strict reader where not),
//! `activity`, `transaction` and `results` collect what one activity says as `facts`
//! that borrow from the text, and `rows` and `plans` check them
//! by the grammar of the canonical tables. What each element becomes, what is ignored and
//! what is refused stands in `docs/iati.md`.

mod activity;
mod advice;
mod attributes;
mod encoding;
mod facts;
mod notices;
mod parts;
mod place;
mod plans;
mod refuse;
mod results;
mod rows;
mod scan;
mod shares;
mod sheets;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod transaction;
mod xml;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub use advice::rule_of;

use facts::{Activity, Objection};
use notices::{MERGED, Notices};
use place::Place;
use rows::Rows;
use sheets::{Intake, Lengths, Sheets};
use source::{Source, Version};
use xml::{Fault, Pull, Step};

use super::reading::Reading;
use crate::domain::ids;
use crate::error::{Problem, visible};
use crate::tables::cell::Leave;

/// What is done when one activity is told twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDuplicate {
    /// The second one is rejected.
    #[default]
    Refuse,
    /// The same facts count once; the second one is rejected where it says otherwise.
    Merge,
}

/// What the caller allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Rounding, and the last day on which an event may have happened.
    pub leave: Leave,
    /// What is done when one activity is told twice.
    pub on_duplicate: OnDuplicate,
}

/// Reads an IATI activity file; `file` is its name in messages and rows.
///
/// A file with a fault has no tables. The same `iati-identifier` in two files of one load
/// shows as two rows of `projects` with one `project_id`.
#[must_use]
pub fn read(bytes: &[u8], file: &str, options: &Options) -> Reading {
    read_all(bytes, file, options, None)
}

/// Reads an IATI activity file like [`read`], and asks the rules of the standard too:
/// each one that is broken is a warning that begins with its id.
#[must_use]
pub fn validate(bytes: &[u8], file: &str, options: &Options) -> Reading {
    read_all(bytes, file, options, Some(options.leave.today))
}

fn read_all(
    bytes: &[u8],
    file: &str,
    options: &Options,
    validated_on: Option<NaiveDate>,
) -> Reading {
    let mut reading = Reading::default();
    let text = match encoding::text_of(bytes, file) {
        Ok(text) => text,
        Err(fault) => {
            reading.faults.push(*fault);
            return reading;
        }
    };
    match parts::read(&text, file, options, validated_on, parts::number_for(&text)) {
        Some(whole) => whole.into_reading(file),
        None => read_whole(&text, file, options, validated_on),
    }
}

/// Reads a file from its start to its end, or to what refuses it.
fn read_whole(
    text: &str,
    file: &str,
    options: &Options,
    validated_on: Option<NaiveDate>,
) -> Reading {
    let mut source = Source::new(Pull::new(text, file));
    source.validated_on = validated_on;
    let mut part = match Part::new(file, options) {
        Ok(part) => part,
        Err(fault) => return Reading { faults: vec![*fault], ..Reading::default() },
    };
    let read = open_root(&mut source, file)
        .and_then(|()| part.read(&mut source, text.as_bytes(), options));
    part.notices = source.notices;
    match read {
        Ok(()) => part.into_reading(file),
        Err(fault) => Reading {
            // Sums of half a file would only mislead.
            rejects: part.reading.rejects,
            warnings: part.notices.into_warnings(file),
            faults: vec![*fault],
            ..Reading::default()
        },
    }
}

/// What a stretch of activities becomes; a whole file is one such part, or is read as
/// several at once.
struct Part {
    reading: Reading,
    sheets: Sheets,
    known: Known,
    notices: Notices,
}

impl Part {
    fn new(file: &str, options: &Options) -> Result<Self, Fault> {
        Ok(Self {
            reading: Reading::default(),
            sheets: Sheets::new(file)?,
            known: Known::new(options.on_duplicate),
            notices: Notices::default(),
        })
    }

    /// Reads activities until the source ends.
    fn read<'a>(
        &mut self,
        source: &mut Source<'a>,
        text: &[u8],
        options: &Options,
    ) -> Result<(), Fault> {
        let mut activity = Activity::default();
        loop {
            match source.xml.step()? {
                Step::Open("iati-activity") => {
                    source.activity(&mut activity)?;
                    let before = self.sheets.lengths();
                    let rejects = self.reading.rejects.len();
                    let reading = &mut self.reading;
                    let mut rows = Rows {
                        intake: Intake { reading, leave: options.leave, text },
                        sheets: &mut self.sheets,
                        notices: &mut source.notices,
                    };
                    rows.activity(&activity);
                    self.known.meet(&activity, before, rejects, &mut rows);
                }
                Step::Open(_) => source.xml.skip()?,
                Step::Text(_) | Step::Close => {}
                Step::End => return Ok(()),
            }
        }
    }

    fn into_reading(self, file: &str) -> Reading {
        let mut reading = self.reading;
        reading.tables = self.sheets.into_tables();
        reading.warnings = self.notices.into_warnings(file);
        reading
    }
}

/// Opens the root and keeps the version and language that it states.
fn open_root(source: &mut Source<'_>, file: &str) -> Result<(), Fault> {
    let fault = |place: Place, what: String, fix: &str| {
        Box::new(Problem::at(file, place.line, u64::from(place.column), what, fix))
    };
    let Step::Open(root) = source.xml.step()? else {
        let what = "not XML: the file has no element".to_owned();
        return Err(fault(Place::default(), what, "give an IATI activity file"));
    };
    let place = source.xml.place();
    if root != "iati-activities" {
        let fix = match root {
            "iati-organisations" => {
                "this is an IATI organisation file; give the publisher's activity file"
            }
            "iati-activity" => {
                "put the activities into `<iati-activities version=\"…\">`"
            }
            _ => "give an IATI activity file; its root is `iati-activities`",
        };
        let what = format!("the root is `{}`, not `iati-activities`", visible(root));
        return Err(fault(place, what, fix));
    }
    source.file_lang = source.lang_here().unwrap_or_default();
    let Some(stated) = source.xml.attribute("version") else { return Ok(()) };
    let Some(version) = Version::parse(&stated) else {
        let what = format!("version `{}` of IATI is not known", visible(&stated));
        let fix = "1.00 to 1.05 and 2.01 to 2.03 are read; ask the publisher for a file of \
                   version 2.03, or correct `version` if it is misspelled";
        return Err(fault(place, what, fix));
    };
    source.file_version = version;
    Ok(())
}

/// One activity that was met: where, its rows, and how many of its parts were rejected.
struct Met {
    place: Place,
    from: Lengths,
    to: Lengths,
    rejects: usize,
}

/// The activities met so far, by project id.
struct Known {
    on_duplicate: OnDuplicate,
    met: BTreeMap<String, Met>,
}

impl Known {
    fn new(on_duplicate: OnDuplicate) -> Self {
        Self { on_duplicate, met: BTreeMap::new() }
    }

    /// Notes an activity whose rows were just taken; takes them back if it is known.
    fn meet(
        &mut self,
        activity: &Activity<'_>,
        from: Lengths,
        first_reject: usize,
        rows: &mut Rows<'_>,
    ) {
        if activity.identifier.is_empty() {
            return;
        }
        let key = ids::project_id(&activity.identifier.text);
        let rejects = rows.intake.reading.rejects.len().saturating_sub(first_reject);
        let met = Met { place: activity.place, from, to: rows.sheets.lengths(), rejects };
        let Some(first) = self.met.get(&key) else {
            self.met.insert(key, met);
            return;
        };
        let is_same =
            first.rejects == met.rejects && have_same_cells(rows.sheets, first, &met);
        rows.sheets.truncate(from);
        if is_same && self.on_duplicate == OnDuplicate::Merge {
            rows.notices.add(MERGED, activity.place, &key);
            return;
        }
        let told = if is_same { "with the same facts" } else { "with other facts" };
        let objection = Objection {
            place: activity.place.forward(rows.intake.text, activity.identifier.at),
            what: format!(
                "the activity `{}` is told twice, first at line {}, here {told}",
                visible(&key),
                first.place.line
            ),
            fix: if is_same {
                "remove one, or load with `--on-duplicate merge`"
            } else {
                "keep the one that is right"
            },
        };
        let reject = rows.sheets.projects.reject(&key, &objection);
        rows.intake.reading.rejects.push(reject);
    }
}

fn have_same_cells(sheets: &Sheets, one: &Met, other: &Met) -> bool {
    let stretches = one.from.iter().zip(one.to).zip(other.from.iter().zip(other.to));
    sheets.all().into_iter().zip(stretches).all(|(sheet, ((a, to_a), (b, to_b)))| {
        let (first, second) = (sheet.stretch(*a..to_a), sheet.stretch(*b..to_b));
        first.len() == second.len()
            && first.iter().zip(second).all(|(x, y)| x.cells == y.cells)
    })
}
