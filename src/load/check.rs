//! Whether what was read may be kept: keys, references, sources, control totals.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::error::{Error, Problem, Result, visible};
use crate::tables::outline::hash_of;
use crate::tables::schema::TABLES;
use crate::tables::{Cell, Row, Table, TableRows};

use super::aside::Aside;
use super::files::{Options, SourceFile};
use super::iati::OnDuplicate;
use super::reading::{Reject, Tally};
use super::references::{breaches, double_told};
use super::rows::{Everything, Told};
use super::{grants, shares};

/// What other effective loads tell, handed in by the workspace.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Source and rows, in the order of the registry.
    pub told: Vec<(String, TableRows)>,
}

/// Rows that are safe to keep, and what was kept out.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The rows by table, in the order of the registry.
    pub tables: Vec<TableRows>,
    /// Rows kept out by `--quarantine`.
    pub rejects: Vec<Reject>,
    /// What is worth knowing.
    pub warnings: Vec<Problem>,
    /// Exact sums of the transactions as they stood in the files.
    pub tally: Tally,
    /// What `--round cents` took away.
    pub residues: Tally,
    /// The mapping that the files were read with: name, hash and parameters.
    pub mapping: Option<String>,
}

/// Checks all files of one call together, against what other sources tell.
///
/// # Errors
/// A data error with every problem, where a file is at fault, or a row is and
/// `--quarantine` was not given.
pub fn check(
    files: &mut [SourceFile],
    known: &Known,
    options: &Options,
) -> Result<Loaded> {
    let mapping = options.mapping.as_ref().map(|mapping| mapping.said());
    let mut loaded = Loaded { mapping, ..Loaded::default() };
    let mut faults = Vec::new();
    let mut more = 0_u64;
    for file in files.iter_mut() {
        faults.append(&mut file.reading.faults);
        loaded.rejects.append(&mut file.reading.rejects);
        more = more.saturating_add(file.reading.more_rejects);
        loaded.warnings.append(&mut file.reading.warnings);
        loaded.tables.append(&mut file.reading.tables);
        let fits = loaded.tally.absorb(&file.reading.tally)
            && loaded.residues.absorb(&file.reading.residues);
        if !fits {
            let what = "the sum of its amounts exceeds 128 bits";
            faults.push(Problem::of_file(&file.name, what, "split the file"));
        }
    }
    faults.extend(same_content(files));
    loaded.tables.sort_by_key(|rows| {
        TABLES.iter().position(|table| table.name == rows.table.name)
    });
    refuse(&faults, &loaded.rejects, more, options)?;
    if options.on_duplicate == OnDuplicate::Merge {
        merge_told_twice(&mut loaded);
    }
    settle(&mut loaded, known, options)?;
    let aside = Aside::twins(&loaded.tables, known)?;
    let all = aside.everything(&loaded.tables, known);
    let mut warnings = double_told(&all);
    warnings.extend(shares::warnings(&all));
    // Packed payments are not among these rows, and a part of them says nothing.
    let mut tables = loaded.tables.iter().chain(known.told.iter().map(|(_, rows)| rows));
    if tables.all(|rows| rows.packed.is_none()) {
        warnings.extend(grants::warnings(&all));
    }
    loaded.warnings.extend(warnings);
    Ok(loaded)
}

/// What is wrong among the files of one call whatever else is loaded: copies, keys told
/// twice, shares that miss the whole.
#[must_use]
pub fn check_alone(files: &[SourceFile]) -> Vec<Problem> {
    let tables = files.iter().flat_map(|file| &file.reading.tables);
    let all = Everything::gather(tables, []);
    let mut breaches = shares::breaches(&all);
    breaches.extend(same_keys(&all));
    let mut problems = same_content(files);
    problems.extend(breaches.into_iter().map(|breach| breach.problem));
    problems.sort();
    problems
}

/// Two files of one call with the same bytes would count everything twice.
fn same_content(files: &[SourceFile]) -> Vec<Problem> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut out = Vec::new();
    for file in files {
        if let Some(first) = seen.insert(&file.sha256, &file.name) {
            let what = format!("its content is the same as that of `{first}`");
            out.push(Problem::of_file(&file.name, what, "load it once"));
        }
    }
    out
}

/// Refuses the call on any fault, and on any reject unless they are quarantined.
/// Of `more` rejects only the number is known.
fn refuse(
    faults: &[Problem],
    rejects: &[Reject],
    more: u64,
    options: &Options,
) -> Result<()> {
    let mut problems = faults.to_vec();
    if !options.quarantine || !faults.is_empty() {
        problems.extend(rejects.iter().map(|reject| reject.problem.clone()));
    }
    if problems.is_empty() {
        return Ok(());
    }
    problems.sort();
    problems.dedup();
    Err(refused(problems, more))
}

fn refused(problems: Vec<Problem>, more: u64) -> Error {
    const SHOWN: usize = 100;
    let more = usize::try_from(more).unwrap_or(usize::MAX);
    let count = problems.len().saturating_add(more);
    let files: BTreeSet<&str> = problems.iter().map(|p| p.file.as_str()).collect();
    let plural = |n: usize, word: &str| {
        if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
    };
    let mut what = format!(
        "nothing was loaded: {} in {}",
        plural(count, "problem"),
        plural(files.len(), "file")
    );
    if count > SHOWN {
        what.push_str(&format!(" (the first {SHOWN} are listed)"));
    }
    let mut shown = problems;
    shown.truncate(SHOWN);
    Error::data(what).problems(shown)
}

/// Keeps rows once that several files of this call tell with one key and the same facts
/// (F7); rows that differ stay, and are refused as told twice.
fn merge_told_twice(loaded: &mut Loaded) {
    let mut seen: HashMap<(&str, String), Vec<Cell>> = HashMap::new();
    for rows in &mut loaded.tables {
        let table = rows.table;
        let before = rows.rows.len();
        rows.rows.retain(|row| {
            let key = (table.name, row.key(table));
            match seen.get(&key) {
                Some(cells) => *cells != row.cells,
                None => {
                    seen.insert(key, row.cells.clone());
                    true
                }
            }
        });
        let merged = before.saturating_sub(rows.rows.len());
        if merged > 0 {
            let what =
                format!("{merged} rows of `{}` are told twice; merged", table.name);
            loaded.warnings.push(Problem::of_file(&rows.file, what, ""));
        }
    }
}

/// Removes rows that break a rule between rows until none is left, or refuses.
fn settle(loaded: &mut Loaded, known: &Known, options: &Options) -> Result<()> {
    let few = if options.quarantine { usize::MAX } else { MOST_LOOKED_AT };
    loop {
        let mut aside = Aside::look(&loaded.tables, known, few)?;
        let mut found = find(&aside, loaded, known);
        if aside.left > 0 && found.is_empty() {
            aside = Aside::look(&loaded.tables, known, usize::MAX)?;
            found = find(&aside, loaded, known);
        }
        let Found { problems, mut rejects, bad } = found;
        refuse(&problems, &rejects, 0, options)
            .map_err(|error| if aside.left > 0 { at_least(&error) } else { error })?;
        if bad.is_empty() {
            return Ok(());
        }
        for (place, at, amount) in aside.places(&bad) {
            let packed = loaded.tables.get_mut(place).and_then(|r| r.packed.as_mut());
            if let Some(packed) = packed {
                packed.remove(at, &amount);
            }
        }
        for rows in &mut loaded.tables {
            // By identity, not by line: one line of JSON or XML may hold many rows.
            let keep: Vec<bool> = rows
                .rows
                .iter()
                .map(|row| !bad.contains(&std::ptr::from_ref(row)))
                .collect();
            let mut keep = keep.into_iter();
            rows.rows.retain(|_| keep.next().unwrap_or(true));
        }
        loaded.rejects.append(&mut rejects);
    }
}

/// Says that rows were not looked at, so that there may be more problems.
fn at_least(error: &Error) -> Error {
    let what =
        error.what().replacen("nothing was loaded: ", "nothing was loaded: at least ", 1);
    Error::data(what).problems(error.places().to_vec())
}

/// The most rows of a large table that are fetched before a load is refused.
const MOST_LOOKED_AT: usize = 100_000;

/// What breaks rules between rows.
struct Found {
    /// Rows of other sources that would lose what they refer to.
    problems: Vec<Problem>,
    /// Rows of this load.
    rejects: Vec<Reject>,
    /// The same rows by identity.
    bad: BTreeSet<*const Row>,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.problems.is_empty() && self.rejects.is_empty()
    }
}

fn find(aside: &Aside, loaded: &Loaded, known: &Known) -> Found {
    let all = aside.everything(&loaded.tables, known);
    let mut breached = breaches(&all);
    breached.extend(shares::breaches(&all));
    breached.extend(same_keys(&all));
    let mut found =
        Found { problems: Vec::new(), rejects: Vec::new(), bad: BTreeSet::new() };
    for breach in breached {
        if breach.told.is_new() {
            found.bad.insert(std::ptr::from_ref(breach.told.row));
            found.rejects.push(Reject {
                table: breach.told.rows.table.name.to_owned(),
                project_id: breach.told.text("project_id").map(str::to_owned),
                problem: breach.problem,
            });
        } else {
            found.problems.push(orphan(&breach.told, breach.problem));
        }
    }
    found
}

/// A row of another source that this load would leave without what it refers to.
fn orphan(told: &Told<'_>, problem: Problem) -> Problem {
    let what = format!("source `{}` still needs this: {}", told.source, problem.what);
    Problem { what, fix: "keep it, or replace that source as well".to_owned(), ..problem }
}

/// Keys told twice: within this load, or by two sources. Projects and recipients may be
/// told by several sources as long as no column is told with two values (F4b).
fn same_keys<'a>(all: &Everything<'a>) -> Vec<super::references::Breach<'a>> {
    let mut out = Vec::new();
    for (table, rows) in all.tables() {
        let mut seen: HashMap<String, &Told<'a>> = HashMap::new();
        let joins = table.joins();
        for told in met_twice(table, rows) {
            let key = told.row.key(table);
            let Some(first) = seen.get(&key) else {
                seen.insert(key, told);
                continue;
            };
            if !first.is_new() && !told.is_new() {
                continue;
            }
            let (new, old) = if told.is_new() { (told, *first) } else { (*first, told) };
            let mut fix = if old.is_new() {
                "give every row of a table its own key"
            } else {
                "leave it out here, or replace all that the source says"
            };
            let what = if joins && first.source != told.source {
                let Some((column, here, there)) = conflict(new, old) else { continue };
                fix = "correct one of them, or leave the column empty in one";
                format!(
                    "`{}` has another value of `{column}` in {}: `{there}`, here `{here}`",
                    spoken(&key),
                    old.place()
                )
            } else {
                format!("`{}` is already told by {}", spoken(&key), old.place())
            };
            let field = table.key.first().copied().unwrap_or_default();
            let column = new.row.column_of(table, field);
            let problem = Problem::at(&new.rows.file, new.row.row, column, what, fix)
                .field(field, &spoken(&key));
            out.push(super::references::Breach { told: *new, problem });
        }
    }
    out
}

/// The rows, in their order, whose key has the hash of another row's key.
fn met_twice<'r, 'a>(table: &Table, rows: &'r [Told<'a>]) -> Vec<&'r Told<'a>> {
    let mut key = String::new();
    let hash = |told: &Told<'_>| {
        key.clear();
        told.row.write_key(table, &mut key);
        hash_of(&[&key])
    };
    let hashes: Vec<u64> = rows.iter().map(hash).collect();
    let mut seen = HashSet::with_capacity(rows.len());
    let twice: HashSet<u64> =
        hashes.iter().copied().filter(|hash| !seen.insert(*hash)).collect();
    let met = rows.iter().zip(hashes).filter(|(_, hash)| twice.contains(hash));
    met.map(|(told, _)| told).collect()
}

/// The first column that two rows of one key fill with different values, and the values.
fn conflict(one: &Told<'_>, other: &Told<'_>) -> Option<(&'static str, String, String)> {
    let value = |told: &Told<'_>, index: usize| {
        told.row.cells.get(index).map(Cell::key_text).unwrap_or_default()
    };
    one.rows.table.columns.iter().enumerate().find_map(|(index, column)| {
        let (a, b) = (value(one, index), value(other, index));
        let differ = !a.is_empty() && !b.is_empty() && a != b;
        differ.then(|| (column.name, visible(&a), visible(&b)))
    })
}

fn spoken(key: &str) -> String {
    visible(key.replace('\u{1f}', " ").trim_end())
}
