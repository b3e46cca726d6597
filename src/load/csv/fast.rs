//! A part of a large file, straight into columns: fields are slices of the text, and
//! what is beyond doubt good needs no copy on its way into the table.
//!
//! Every record about which there is the least doubt goes through the same reader as in
//! a small file, so that messages, positions and what is accepted are the same. Where
//! the structure of the text is at fault the part gives up, and the file is read whole.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use crate::domain::codes::{is_currency, transaction_kind};
use crate::domain::time::{days_since_epoch, is_plausible, parse_day};
use crate::domain::{Money, ids};
use crate::load::reading::Exact;
use crate::tables::columns::{Columns, Room, Slot};
use crate::tables::schema::Kind;
use crate::tables::{Column, Table, TableRows};

use super::cut::Cut;
use super::records::{LineEnds, Records};
use super::{CsvOptions, Header, Reader, Reading};

/// The most columns of a table that is read this way.
const MOST_COLUMNS: usize = 32;

/// What every part of a file is read with.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) header: Header,
    pub(super) table: &'static Table,
    pub(super) file: String,
    pub(super) options: CsvOptions,
}

/// What one part holds.
pub(super) struct Part {
    /// Rejects, warnings and sums; its tables are empty.
    pub(super) reading: Reading,
    /// The good rows.
    pub(super) columns: Columns,
    /// Whether it has any record besides empty lines.
    pub(super) any: bool,
    /// Lines of the empty lines at its end.
    pub(super) blank: Vec<u64>,
    pub(super) ends: LineEnds,
}

/// Reads a part that begins at the beginning of a record, on physical line `line`.
/// `room` is what a part before took. Nothing where its structure is at fault or out of
/// the ordinary.
pub(super) fn read_part(
    text: &str,
    line: u64,
    layout: &Layout,
    room: &Room,
) -> Option<Part> {
    if memchr(0, text.as_bytes()).is_some() || has_lone_return(text.as_bytes()) {
        return None;
    }
    let table = layout.table;
    let mut sums = Sums::new(table);
    let is_there = |place| layout.header.places().contains(&place);
    let mut columns = Columns::with_room(table, is_there, room);
    let mut reader = Reader {
        header: layout.header.clone(),
        options: &layout.options,
        rows: TableRows::new(table, &layout.file),
        reading: Reading::default(),
        blank: Vec::new(),
    };
    let mut words = Words::new(table);
    let mut cut = Cut::new(text, line, layout.options.delimiter);
    let mut any = false;
    let mut fields = Vec::new();
    while cut.has_more() {
        let (start, line) = (cut.at, cut.line);
        cut.read(&mut fields)?;
        let mut slots = [Slot::Empty; MOST_COLUMNS];
        let row = slots.get_mut(..table.columns.len())?;
        let taken = reader.blank.is_empty()
            && words.row(&fields, layout, row)
            && sums.add(row)
            && columns.add(line, row);
        any |= taken;
        if !taken {
            any |= slow(&mut reader, text.get(start..cut.at)?, line)?;
            if let Some(row) = reader.rows.rows.pop()
                && !columns.add_row(&row)
            {
                return None;
            }
        }
    }
    let Reader { mut reading, blank, .. } = reader;
    if !sums.into(&mut reading) {
        reading.note_overflow(&layout.file);
    }
    Some(Part { reading, columns, any, blank, ends: cut.ends })
}

/// Takes one record as in a small file; false for an empty line, nothing where the
/// record's structure is at fault.
fn slow(reader: &mut Reader<'_>, record: &str, line: u64) -> Option<bool> {
    let file = reader.rows.file.clone();
    let mut records = Records::new(record, &file, reader.options.delimiter);
    let mut record = records.read()?;
    record.line = line;
    if !records.faults.is_empty() {
        return None;
    }
    if record.is_blank() {
        reader.blank.push(line);
        return Some(false);
    }
    reader.take_after_blank(&record);
    Some(true)
}

fn has_lone_return(bytes: &[u8]) -> bool {
    memchr_iter(b'\r', bytes).any(|at| bytes.get(at.saturating_add(1)) != Some(&b'\n'))
}

/// Reads fields that are beyond doubt good, with what was looked up last per column.
struct Words {
    columns: &'static [Column],
    codes: Vec<&'static str>,
    currency: String,
}

impl Words {
    fn new(table: &'static Table) -> Self {
        let codes = vec![""; table.columns.len()];
        Self { columns: table.columns, codes, currency: String::new() }
    }

    /// Fills the slots of a row; false where a field is not beyond doubt good.
    fn row<'f>(
        &mut self,
        fields: &'f [Cow<'_, str>],
        layout: &Layout,
        row: &mut [Slot<'f>],
    ) -> bool {
        fields.len() == layout.header.width()
            && layout.header.places().iter().zip(fields).all(|(place, field)| {
                let slot = self.slot(*place, field, layout);
                match (row.get_mut(*place), slot) {
                    (Some(place), Some(slot)) => {
                        *place = slot;
                        true
                    }
                    _ => false,
                }
            })
    }

    fn slot<'f>(
        &mut self,
        place: usize,
        text: &'f str,
        layout: &Layout,
    ) -> Option<Slot<'f>> {
        let column = self.columns.get(place)?;
        let whole = text;
        let text = trimmed(text);
        if text.is_empty() {
            return (!column.required).then_some(Slot::Empty);
        }
        match column.kind {
            Kind::Text => Some(Slot::Text(text)),
            Kind::Id => is_id(text).then_some(Slot::Text(text)),
            Kind::ProjectId => {
                (is_id(text) && !ids::was_padded(text)).then_some(Slot::Text(text))
            }
            Kind::Code(list) => {
                let last = self.codes.get_mut(place)?;
                if *last != text {
                    *last = match list.codes.iter().find(|code| **code == text) {
                        Some(code) => code,
                        None if list.name == "transaction kind" => {
                            return transaction_kind(text).map(Slot::Text);
                        }
                        None => return None,
                    };
                }
                Some(Slot::Text(last))
            }
            Kind::Currency => {
                if self.currency != text {
                    is_currency(text).then(|| text.clone_into(&mut self.currency))?;
                }
                Some(Slot::Text(text))
            }
            Kind::Money(_) => cents(whole.as_bytes()).map(Slot::Scaled),
            Kind::Day(event) => {
                let day = parse_day(text)?;
                let fits =
                    is_plausible(day) && (!event || day <= layout.options.leave.today);
                fits.then(|| Slot::Day(days_since_epoch(day)))
            }
            Kind::Whole(least) => {
                let fits = text.len() < 18 && text.bytes().all(|b| b.is_ascii_digit());
                let number = fits.then(|| text.parse::<i64>().ok()).flatten()?;
                (number >= least).then_some(Slot::Whole(number))
            }
            Kind::Country | Kind::Bps | Kind::Decimal | Kind::Bool => None,
        }
    }
}

/// The text without white space around it; without a look at its characters where it
/// begins and ends with visible ASCII.
fn trimmed(text: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if is_plain(bytes.first()) && is_plain(bytes.last()) { text } else { text.trim() }
}

fn is_id(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || ids::id_fault(text).is_none()
}

/// The cents of an amount of at most 15 digits and two decimals.
fn cents(text: &[u8]) -> Option<i128> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (integer, fraction) = match digits {
        [integer @ .., b'.', tens, ones] => (integer, [*tens, *ones]),
        [integer @ .., b'.', tens] => (integer, [*tens, b'0']),
        integer => (integer, *b"00"),
    };
    if integer.is_empty() || integer.len() > 15 {
        return None;
    }
    let mut cents = 0_i64;
    for byte in integer.iter().chain(&fraction) {
        if !byte.is_ascii_digit() {
            return None;
        }
        // 17 digits at most: this cannot wrap.
        let digit = i64::from(byte.wrapping_sub(b'0'));
        cents = cents.wrapping_mul(10).wrapping_add(digit);
    }
    Some(i128::from(if is_negative { cents.wrapping_neg() } else { cents }))
}

/// Exact sums of the amounts of transactions, by kind and currency.
struct Sums {
    places: Option<[usize; 3]>,
    sums: Vec<(String, String, u64, i128)>,
    last: usize,
}

impl Sums {
    fn new(table: &Table) -> Self {
        let place = |name| table.index(name);
        let places = match (place("kind"), place("currency"), place("amount")) {
            (Some(kind), Some(currency), Some(amount))
                if table.name == "transactions" =>
            {
                Some([kind, currency, amount])
            }
            _ => None,
        };
        Self { places, sums: Vec::new(), last: 0 }
    }

    /// Adds a row's amount; false, and nothing is added, where its sign is in doubt.
    fn add(&mut self, row: &[Slot<'_>]) -> bool {
        let Some([kind, currency, amount]) = self.places else { return true };
        let (
            Some(Slot::Text(kind)),
            Some(Slot::Text(currency)),
            Some(Slot::Scaled(cents)),
        ) = (row.get(kind), row.get(currency), row.get(amount))
        else {
            return false;
        };
        if *cents < 0
            && !matches!(*kind, "disbursement" | "expenditure" | "outgoing_commitment")
        {
            return false;
        }
        let is_it =
            |sum: &(String, String, u64, i128)| sum.0 == *kind && sum.1 == *currency;
        if !self.sums.get(self.last).is_some_and(is_it) {
            self.last = self.sums.iter().position(is_it).unwrap_or_else(|| {
                self.sums.push(((*kind).to_owned(), (*currency).to_owned(), 0, 0));
                self.sums.len().saturating_sub(1)
            });
        }
        if let Some((_, _, count, sum)) = self.sums.get_mut(self.last) {
            *count = count.saturating_add(1);
            // Less than 2^64 rows of less than 10^17 cents: this cannot saturate.
            *sum = sum.saturating_add(*cents);
        }
        true
    }

    /// Moves the sums into a reading; false where one exceeds 128 bits.
    fn into(self, reading: &mut Reading) -> bool {
        self.sums.iter().all(|(kind, currency, count, cents)| {
            Exact::of_money(Money::from_cents(*cents))
                .is_some_and(|sum| reading.tally.add_sum(kind, currency, *count, sum))
        })
    }
}
