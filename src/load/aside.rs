//! Which rows of tables too large to hold a check must see, fetched.
//!
//! The rules between rows look at rows that are held. Of packed rows each distinct group
//! (project, recipient, line) is first put to the rules as one example; only rows of
//! groups that break one, rows whose keys may occur twice, and rows that others refer to
//! are fetched and put to the same rules themselves.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::time::days_since_epoch;
use crate::error::Result;
use crate::tables::fetched::{Fetched, Wanted, twin_hash};
use crate::tables::outline::{Group, hash_of};
use crate::tables::{Cell, Packed, Row, Table, TableRows};

use super::check::Known;
use super::references::breaches;
use super::rows::Everything;

/// Packed rows that were fetched for a check.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Of the load being checked, by the place of their table.
    new: Vec<(usize, Vec<Fetched>)>,
    /// Of other sources, by their place in what is known.
    told: Vec<(usize, Vec<Fetched>)>,
    /// How many more rows should be looked at.
    pub(super) left: u64,
}

/// Tables with packed rows, by their place.
fn packed<'a>(
    tables: impl Iterator<Item = &'a TableRows>,
) -> Vec<(usize, &'static Table, &'a Packed)> {
    let all = tables.enumerate();
    all.filter_map(|(at, rows)| Some((at, rows.table, rows.packed.as_ref()?))).collect()
}

impl Aside {
    /// Fetches the rows, at most `most` of each table.
    pub(super) fn look(new: &[TableRows], known: &Known, most: usize) -> Result<Self> {
        let told = || known.told.iter().map(|(_, rows)| rows);
        if packed(new.iter().chain(told())).is_empty() {
            return Ok(Self::default());
        }
        let mut wanted = Wanted { groups: bad_groups(new, known), ..Wanted::default() };
        shared_keys(new, known, &mut wanted)?;
        Self::fetch(new, known, &wanted, most)
    }

    /// Fetches transactions that several sources may tell.
    pub(super) fn twins(new: &[TableRows], known: &Known) -> Result<Self> {
        let mut wanted = Wanted::default();
        let told = || known.told.iter().map(|(_, rows)| rows);
        if !packed(new.iter().chain(told())).is_empty() {
            wanted.twins = shared_twins(new, known)?;
        }
        Self::fetch(new, known, &wanted, usize::MAX)
    }

    fn fetch(
        new: &[TableRows],
        known: &Known,
        wanted: &Wanted,
        most: usize,
    ) -> Result<Self> {
        let mut aside = Self::default();
        if wanted.is_empty() {
            return Ok(aside);
        }
        for (at, _, packed) in packed(new.iter()) {
            let (rows, left) = packed.fetch(wanted, most)?;
            aside.new.push((at, rows));
            aside.left = aside.left.saturating_add(left);
        }
        for (at, _, packed) in packed(known.told.iter().map(|(_, rows)| rows)) {
            let (rows, left) = packed.fetch(wanted, most)?;
            aside.told.push((at, rows));
            aside.left = aside.left.saturating_add(left);
        }
        Ok(aside)
    }

    /// All rows that are held or were fetched.
    pub(super) fn everything<'a>(
        &'a self,
        new: &'a [TableRows],
        known: &'a Known,
    ) -> Everything<'a> {
        let beside = |fetched: &'a [(usize, Vec<Fetched>)], place: usize| {
            fetched
                .iter()
                .filter(move |(at, _)| *at == place)
                .flat_map(|(_, rows)| rows)
                .map(|fetched| &fetched.rows)
        };
        let told = known.told.iter().enumerate().flat_map(|(at, (source, rows))| {
            let rows = std::iter::once(rows).chain(beside(&self.told, at));
            rows.map(|rows| (source.as_str(), rows))
        });
        let new = new.iter().enumerate();
        let new =
            new.flat_map(|(at, rows)| std::iter::once(rows).chain(beside(&self.new, at)));
        Everything::gather(new, told)
    }

    /// Which of the fetched new rows are `bad`: the place of their table, their number
    /// and their amount.
    pub(super) fn places(&self, bad: &BTreeSet<*const Row>) -> Vec<(usize, u64, Cell)> {
        let mut out = Vec::new();
        for (place, fetched) in &self.new {
            for rows in fetched {
                for (row, at) in rows.rows.rows.iter().zip(&rows.at) {
                    if bad.contains(&std::ptr::from_ref(row)) {
                        let amount = row.cell(rows.rows.table, "amount").clone();
                        out.push((*place, *at, amount));
                    }
                }
            }
        }
        out
    }
}

/// Groups of packed rows of which one example breaks a rule.
fn bad_groups(new: &[TableRows], known: &Known) -> BTreeSet<Group<Box<str>>> {
    let example = |table: &'static Table, packed: &Packed| {
        let groups = packed.outline().groups.iter();
        let mut rows = TableRows::new(table, "");
        rows.rows = groups.map(|group| group.example(table)).collect();
        rows
    };
    let ours = packed(new.iter());
    let theirs = packed(known.told.iter().map(|(_, rows)| rows));
    let all: Vec<(&Packed, TableRows)> = ours
        .iter()
        .chain(&theirs)
        .map(|(_, table, packed)| (*packed, example(table, packed)))
        .collect();
    let groups: BTreeMap<*const Row, &Group<Box<str>>> = all
        .iter()
        .flat_map(|(packed, rows)| rows.rows.iter().zip(&packed.outline().groups))
        .map(|(row, group)| (std::ptr::from_ref(row), group))
        .collect();
    let told = known.told.iter().map(|(source, rows)| (source.as_str(), rows));
    let everything =
        Everything::gather(new.iter().chain(all.iter().map(|(_, rows)| rows)), told);
    breaches(&everything)
        .iter()
        .filter_map(|breach| groups.get(&std::ptr::from_ref(breach.told.row)))
        .map(|group| (*group).clone())
        .collect()
}

fn key_hash(table: &Table, row: &Row) -> u64 {
    let parts: Vec<&str> =
        table.key.iter().map(|name| row.text(table, name).unwrap_or_default()).collect();
    hash_of(&parts)
}

/// Hashes of keys that occur twice, and of keys that other tables name.
fn shared_keys(new: &[TableRows], known: &Known, wanted: &mut Wanted) -> Result<()> {
    let tables = || new.iter().chain(known.told.iter().map(|(_, rows)| rows));
    let names: BTreeSet<&str> =
        packed(tables()).iter().map(|(_, table, _)| table.name).collect();
    for name in names {
        let of_name: Vec<&TableRows> =
            tables().filter(|rows| rows.table.name == name).collect();
        let held = || {
            of_name.iter().flat_map(|rows| rows.rows.iter().map(|row| (rows.table, row)))
        };
        if are_apart(&of_name) {
            // Held rows may still repeat a packed key.
            let near = held().filter(|(table, row)| is_in_run(&of_name, table, row));
            wanted.keys.extend(near.map(|(table, row)| key_hash(table, row)));
            continue;
        }
        let mut keys: Vec<u64> =
            held().map(|(table, row)| key_hash(table, row)).collect();
        for packed in of_name.iter().filter_map(|rows| rows.packed.as_ref()) {
            packed.keys(|key| keys.push(key))?;
        }
        // The parts may be sorted already, which this sort makes use of.
        keys.sort();
        for pair in keys.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                wanted.keys.insert(*one);
            }
        }
    }
    for rows in tables().filter(|rows| rows.table.name == "sectors") {
        for row in &rows.rows {
            if row.text(rows.table, "owner_kind") == Some("transaction")
                && let Some(id) = row.text(rows.table, "owner_id")
            {
                wanted.keys.insert(hash_of(&[id]));
            }
        }
    }
    Ok(())
}

/// Whether no packed key can occur twice, because keys rise from row to row and from part
/// to part.
fn are_apart(tables: &[&TableRows]) -> bool {
    let outlines =
        || tables.iter().filter_map(|rows| rows.packed.as_ref()).map(Packed::outline);
    let mut runs: Vec<&(Box<str>, Box<str>)> =
        outlines().flat_map(|outline| &outline.runs).collect();
    runs.sort();
    outlines().all(|outline| outline.keys.is_empty())
        && runs.iter().zip(runs.iter().skip(1)).all(|(one, next)| one.1 < next.0)
}

/// Whether the key of a row lies within a part of packed rows whose keys rise.
fn is_in_run(tables: &[&TableRows], table: &Table, row: &Row) -> bool {
    let key = row.key(table);
    let packed = tables.iter().filter_map(|rows| rows.packed.as_ref());
    packed
        .flat_map(|packed| &packed.outline().runs)
        .any(|(first, last)| **first <= *key && *key <= **last)
}

/// Hashes of project, kind, date and amount that several sources may tell.
fn shared_twins(
    new: &[TableRows],
    known: &Known,
) -> Result<std::collections::HashSet<u64>> {
    let sources: BTreeSet<&str> =
        known.told.iter().map(|(name, _)| name.as_str()).collect();
    let number = |name: &str| {
        let place = sources.iter().position(|source| *source == name);
        // A hash leaves eight bits free; of more sources the last count as one.
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX - 1)
    };
    let ours = new.iter().map(|rows| (u8::MAX, rows));
    let told = known.told.iter().map(|(source, rows)| (number(source), rows));
    let tables: Vec<(u8, &TableRows)> = ours
        .chain(told)
        .filter(|(_, rows)| rows.table.name == "transactions" && !rows.is_empty())
        .collect();
    let mut out = std::collections::HashSet::new();
    if tables.iter().map(|(source, _)| source).collect::<BTreeSet<_>>().len() < 2 {
        return Ok(out);
    }
    let mut marks: Vec<u64> = Vec::new();
    for (source, rows) in tables {
        let source = u64::from(source);
        marks.extend(rows.rows.iter().filter_map(|row| {
            let text = |column| row.text(rows.table, column).unwrap_or_default();
            match (row.cell(rows.table, "date"), row.cell(rows.table, "amount")) {
                (Cell::Day(day), Cell::Money(money)) => {
                    let day = days_since_epoch(*day);
                    let hash =
                        twin_hash(text("project_id"), text("kind"), day, money.cents());
                    Some(hash | source)
                }
                _ => None,
            }
        }));
        if let Some(packed) = &rows.packed {
            packed.twins(|hash| marks.push(hash | source))?;
        }
    }
    marks.sort_unstable();
    marks.dedup();
    for pair in marks.windows(2) {
        if let [one, other] = pair
            && one | 0xff == other | 0xff
        {
            out.insert(one & !0xff);
        }
    }
    Ok(out)
}
