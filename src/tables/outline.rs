//! What the checks between rows need of a table too large to hold: a hash of each key,
//! the distinct names that rows refer to, and the sum of the amounts.
//!
//! Hashes only choose which rows are looked at; rows are compared by their texts. Two
//! keys of one hash therefore never refuse a good file, and equal keys always meet.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, Decimal128Type};

use super::cell::Cell;
use super::row::Row;
use super::schema::Table;

/// The columns that an outline is made of, where a table has them.
pub const OUTLINED: [&str; 7] =
    ["project_id", "recipient", "line_id", "period_start", "date", "kind", "amount"];

/// A quick hash for the groups of one batch. Whoever builds texts that collide makes the
/// load slower, not wrong.
#[derive(Default)]
struct Quick(u64);

impl Quick {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in words.by_ref() {
            self.mix(word.try_into().map_or(0, u64::from_le_bytes));
        }
        let last = words.remainder().iter();
        self.mix(last.fold(1, |word, byte| word << 8 | u64::from(*byte)));
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(u64::from(number));
    }

    fn write_isize(&mut self, number: isize) {
        self.mix(u64::from_ne_bytes(i64::try_from(number).unwrap_or(0).to_ne_bytes()));
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// What rows refer to; rows of one group keep or break the rules together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Group<T> {
    /// The project.
    pub project: Option<T>,
    /// The recipient.
    pub recipient: Option<T>,
    /// The budget line.
    pub line: Option<T>,
    /// Whether the period begins after the row's own day.
    pub is_reversed: bool,
}

/// The outline of many rows of one table.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// A hash of each row's key, in no order, of parts whose keys do not rise.
    pub keys: Vec<u64>,
    /// First and last key of each part whose keys rise from row to row.
    pub runs: Vec<(Box<str>, Box<str>)>,
    /// The distinct groups.
    pub groups: BTreeSet<Group<Box<str>>>,
    /// The sum of the column `amount` in cents; nothing where it exceeds 128 bits.
    pub cents: Option<i128>,
}

/// The hash of the parts of a key.
#[must_use]
pub fn hash_of(parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.hash(&mut hasher);
    }
    hasher.finish()
}

/// Columns of a batch that an outline looks at.
pub(super) struct View<'a> {
    key: Vec<&'a StringArray>,
    project: Option<&'a StringArray>,
    recipient: Option<&'a StringArray>,
    line: Option<&'a StringArray>,
    days: Option<(&'a [i32], &'a dyn Array, &'a [i32])>,
}

fn text(array: Option<&StringArray>, row: usize) -> Option<&str> {
    array.and_then(|array| array.is_valid(row).then(|| array.value(row)))
}

impl<'a> View<'a> {
    /// Looks at a batch; nothing where the key is not text.
    pub(super) fn new(table: &Table, batch: &'a RecordBatch) -> Option<Self> {
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let day = |name: &str| {
            let array = batch.column_by_name(name)?;
            Some((array, array.as_primitive_opt::<Date32Type>()?))
        };
        let days = match (day("period_start"), day("date")) {
            (Some((array, start)), Some((_, end)))
                if array.null_count() < array.len() =>
            {
                Some((&**start.values(), array.as_ref(), &**end.values()))
            }
            _ => None,
        };
        Some(Self {
            key: table.key.iter().map(|name| column(name)).collect::<Option<_>>()?,
            project: column("project_id"),
            recipient: column("recipient"),
            line: column("line_id"),
            days,
        })
    }

    /// The hash of a row's key.
    pub(super) fn key(&self, row: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        for part in &self.key {
            text(Some(part), row).unwrap_or_default().hash(&mut hasher);
        }
        hasher.finish()
    }

    /// The first and the last key, where each key is greater than the one before.
    fn run(&self) -> Option<(Box<str>, Box<str>)> {
        let [keys] = self.key.as_slice() else { return None };
        let (first, last) = (keys.iter().next()??, keys.iter().next_back()??);
        let rises = keys.iter().zip(keys.iter().skip(1)).all(|(one, next)| one < next);
        (rises && keys.null_count() == 0).then(|| (first.into(), last.into()))
    }

    /// The group of a row.
    pub(super) fn group(&self, row: usize) -> Group<&'a str> {
        let is_reversed = self.days.is_some_and(|(start, array, end)| {
            array.is_valid(row) && start.get(row) > end.get(row)
        });
        Group {
            project: text(self.project, row),
            recipient: text(self.recipient, row),
            line: text(self.line, row),
            is_reversed,
        }
    }
}

impl Group<&str> {
    /// The group with texts of its own.
    #[must_use]
    pub fn owned(&self) -> Group<Box<str>> {
        Group {
            project: self.project.map(Box::from),
            recipient: self.recipient.map(Box::from),
            line: self.line.map(Box::from),
            is_reversed: self.is_reversed,
        }
    }
}

impl Group<Box<str>> {
    /// A row of `table` that refers to what the rows of the group refer to.
    #[must_use]
    pub fn example(&self, table: &Table) -> Row {
        let text = |text: &Option<Box<str>>| {
            text.as_ref().map_or(Cell::Empty, |text| Cell::Text(text.to_string()))
        };
        let day = |days| {
            let day = crate::domain::time::day_from_epoch(days);
            day.map_or(Cell::Empty, Cell::Day)
        };
        let cells = table
            .columns
            .iter()
            .map(|column| match column.name {
                "project_id" => text(&self.project),
                "recipient" => text(&self.recipient),
                "line_id" => text(&self.line),
                "period_start" if self.is_reversed => day(1),
                "date" => day(0),
                _ => Cell::Empty,
            })
            .collect();
        Row { cells, row: 0, columns: Vec::new() }
    }
}

impl Outline {
    /// The outline of a batch of the table; nothing where its key is not text.
    #[must_use]
    pub fn of(table: &Table, batch: &RecordBatch) -> Option<Self> {
        let view = View::new(table, batch)?;
        let rows = 0..batch.num_rows();
        let (mut keys, mut runs) = (Vec::new(), Vec::new());
        match view.run() {
            Some(run) => runs.push(run),
            None => {
                keys = rows.clone().map(|row| view.key(row)).collect();
                keys.sort_unstable();
            }
        }
        let mut found: HashSet<Group<&str>, BuildHasherDefault<Quick>> =
            HashSet::default();
        let mut last = None;
        for row in rows {
            let group = view.group(row);
            if last.as_ref() != Some(&group) {
                found.insert(group.clone());
                last = Some(group);
            }
        }
        let amounts = batch.column_by_name("amount").and_then(|array| {
            let amounts = array.as_primitive_opt::<Decimal128Type>()?;
            amounts.iter().flatten().try_fold(0_i128, i128::checked_add)
        });
        let groups = found.drain().map(|group| group.owned()).collect();
        Some(Self { keys, runs, groups, cents: amounts })
    }

    /// An outline of no rows.
    #[must_use]
    pub fn empty() -> Self {
        Self { cents: Some(0), ..Self::default() }
    }

    /// Adds the outline of further rows.
    pub fn absorb(&mut self, mut more: Self) {
        self.keys.append(&mut more.keys);
        self.runs.append(&mut more.runs);
        self.groups.append(&mut more.groups);
        self.cents = self.cents.zip(more.cents).and_then(|(a, b)| a.checked_add(b));
    }
}
