//! Canonical rows on their way out, and what is counted meanwhile.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{Money, ids};
use crate::error::{Problem, visible};
use crate::load::Exact;
use crate::load::reading::{RawRow, Reading, Reject};
use crate::load::sheet::column_name;
use crate::tables::schema::{Kind, TABLES, Table};
use crate::tables::{TableRows, cell};

use super::bind::{BoundFilling, BoundTarget};
use super::file::{Agreement, Distinct};
use super::fill::{Filled, Place};
use super::grid::Grid;
use super::totals::is_within;

/// Takes rows of all blocks of a file.
#[derive(Debug)]
pub struct Emitter<'a> {
    /// The source file's name.
    pub file: &'a str,
    /// The file, of a workbook with the sheet that is being read.
    pub place: String,
    /// What comes of it.
    pub reading: Reading,
    /// Rows of totals that were checked.
    pub totals: u64,
    leave: cell::Leave,
    rows: BTreeMap<(usize, String), TableRows>,
    /// Rows told once, by table: what was told first under the key.
    told: HashMap<(&'static str, String), Vec<String>>,
    formulas: Counted,
    months: Counted,
    skips: BTreeMap<String, Counted>,
    silent: BTreeMap<String, Counted>,
    left_out: BTreeMap<(String, &'static str), u64>,
    differing: BTreeMap<&'static str, Counted>,
    sums: BTreeMap<(usize, bool), Option<Exact>>,
}

/// How often something was seen, and where first.
#[derive(Debug, Clone, Default)]
struct Counted {
    count: u64,
    first: String,
}

impl Counted {
    fn note(&mut self, place: impl FnOnce() -> String) {
        if self.count == 0 {
            self.first = place();
        }
        self.count = self.count.saturating_add(1);
    }
}

impl<'a> Emitter<'a> {
    /// Nothing yet.
    #[must_use]
    pub fn new(file: &'a str, leave: cell::Leave) -> Self {
        Self {
            file,
            place: file.to_owned(),
            reading: Reading::default(),
            totals: 0,
            leave,
            rows: BTreeMap::new(),
            told: HashMap::new(),
            formulas: Counted::default(),
            months: Counted::default(),
            skips: BTreeMap::new(),
            silent: BTreeMap::new(),
            left_out: BTreeMap::new(),
            differing: BTreeMap::new(),
            sums: BTreeMap::new(),
        }
    }

    /// Keeps a row out.
    pub fn reject(&mut self, problem: Problem) {
        self.reading.rejects.push(Reject {
            table: String::new(),
            project_id: None,
            problem,
        });
    }

    /// Says something about the file.
    pub fn note(&mut self, what: &str) {
        self.reading.warnings.push(Problem::of_file(self.file, what, ""));
    }

    /// Counts a cached result of a formula.
    pub fn formula(&mut self, row: u64, column: u32) {
        self.formulas.note(|| format!("{}{row}", column_name(column)));
    }

    /// Counts a row that the mapping passes over.
    pub fn skipped(&mut self, block: &str, row: u64) {
        let counted = self.skips.entry(block.to_owned()).or_default();
        counted.note(|| row.to_string());
    }

    /// Counts a row that gave nothing.
    pub fn silent(&mut self, block: &str, row: u64) {
        let counted = self.silent.entry(block.to_owned()).or_default();
        counted.note(|| row.to_string());
    }

    /// Counts a row that a condition left out.
    pub fn left_out(&mut self, block: &str, table: &'static str) {
        let count = self.left_out.entry((block.to_owned(), table)).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds to a sum that must agree with another.
    pub fn add(&mut self, side: (usize, bool), value: Exact) {
        let sum = self.sums.entry(side).or_insert(Some(Exact::default()));
        *sum = sum.and_then(|sum| sum.plus(value));
    }

    /// Fills one canonical row and hands it to the strict grammar of its table; false
    /// where the row was told before.
    pub fn emit(
        &mut self,
        into: &BoundTarget<'_>,
        place: &Place<'_>,
        grid: &Grid,
        index: usize,
    ) -> bool {
        let mut fields: Vec<Option<Filled>> = vec![None; into.table.columns.len()];
        let mut problems = Vec::new();
        let mut leave = self.leave;
        for (at, filling) in &into.fillings {
            match place.fill(filling, &fields) {
                Ok(filled) => {
                    if filled.is_month {
                        let row = place.row.row;
                        self.months.note(|| format!("row {row}: {}", filled.text));
                    }
                    leave.round_cents |= rounds(filling);
                    if let Some(slot) = fields.get_mut(*at) {
                        *slot = Some(filled);
                    }
                }
                Err((column, text, fault)) => {
                    let at = u64::from(grid.place(index, column));
                    let row = place.row.row;
                    let problem =
                        Problem::at(&self.place, row, at, fault.what, fault.fix);
                    problems.push(problem.field(filling.column.name, &text));
                }
            }
        }
        if !problems.is_empty() {
            self.keep_out(into.table, &fields, problems);
            return true;
        }
        if into.distinct != Distinct::No && self.was_told(into, &fields, place.row.row) {
            return true;
        }
        self.residues(into, &fields, leave);
        let raw = RawRow {
            row: place.row.row,
            fields: fields
                .iter()
                .map(|field| {
                    let field = field.as_ref()?;
                    Some((field.text.as_str(), grid.place(index, field.column)))
                })
                .collect(),
        };
        let order = TABLES.iter().position(|table| table.name == into.table.name);
        let rows = self
            .rows
            .entry((order.unwrap_or(usize::MAX), self.place.clone()))
            .or_insert_with(|| TableRows::new(into.table, &self.place));
        self.reading.take_row(rows, &raw, leave);
        true
    }

    fn keep_out(
        &mut self,
        table: &'static Table,
        fields: &[Option<Filled>],
        problems: Vec<Problem>,
    ) {
        let project_id = table
            .index("project_id")
            .and_then(|index| fields.get(index)?.as_ref())
            .map(|field| ids::project_id(&field.text))
            .filter(|id| !id.is_empty());
        for problem in problems {
            self.reading.rejects.push(Reject {
                table: table.name.to_owned(),
                project_id: project_id.clone(),
                problem,
            });
        }
    }

    /// Whether the row, or its key, was told before.
    fn was_told(
        &mut self,
        into: &BoundTarget<'_>,
        fields: &[Option<Filled>],
        row: u64,
    ) -> bool {
        let table = into.table;
        let texts: Vec<String> = table
            .columns
            .iter()
            .zip(fields)
            .map(|(column, field)| {
                let text = field.as_ref().map_or("", |field| field.text.as_str());
                match column.kind {
                    Kind::ProjectId => ids::project_id(text),
                    _ => text.to_owned(),
                }
            })
            .collect();
        let key = match into.distinct {
            Distinct::Keys => {
                let parts = table.key.iter().filter_map(|name| {
                    table.index(name).and_then(|index| texts.get(index).cloned())
                });
                parts.collect::<Vec<_>>().join("\u{1f}")
            }
            _ => texts.join("\u{1f}"),
        };
        match self.told.get(&(table.name, key.clone())) {
            None => {
                self.told.insert((table.name, key), texts);
                false
            }
            Some(first) => {
                if *first != texts {
                    let counted = self.differing.entry(table.name).or_default();
                    counted.note(|| row.to_string());
                }
                true
            }
        }
    }

    /// Notes what rounding takes from money outside transactions, whose own reader does.
    fn residues(
        &mut self,
        into: &BoundTarget<'_>,
        fields: &[Option<Filled>],
        leave: cell::Leave,
    ) {
        if !leave.round_cents || into.table.name == "transactions" {
            return;
        }
        let text = |index: usize| {
            fields.get(index).and_then(Option::as_ref).map_or("", |f| f.text.as_str())
        };
        let currency = into.table.index("currency").map_or("", text);
        for (index, column) in into.table.columns.iter().enumerate() {
            if !matches!(column.kind, Kind::Money(_)) {
                continue;
            }
            let residue = Exact::parse(text(index)).and_then(|exact| {
                let rounded = Exact::of_money(Money::parse_rounded(text(index)).ok()?)?;
                exact.minus(rounded)
            });
            if let Some(residue) = residue
                && !residue.is_zero()
            {
                let kind = format!("{}.{}", into.table.name, column.name);
                self.reading.residues.add(&kind, currency, residue);
            }
        }
    }

    /// Checks sums between blocks.
    fn check_agreements(&mut self, agreements: &[Agreement]) {
        for (index, agreement) in agreements.iter().enumerate() {
            let side = |is_second| self.sums.get(&(index, is_second)).copied().flatten();
            let (Some(one), Some(other)) = (side(false), side(true)) else { continue };
            let allowed = agreement.tolerance.as_deref().and_then(Exact::parse);
            if is_within(one, other, allowed.unwrap_or_default()) {
                continue;
            }
            let what = format!(
                "`{}` sums to {one} in block `{}`, and `{}` sums to {other} in block `{}`",
                visible(&agreement.columns.0.join("`, `")),
                agreement.block,
                visible(&agreement.with_columns.0.join("`, `")),
                agreement.with
            );
            let fix = "both tell the same money; mend the file";
            self.reading.faults.push(Problem::of_file(self.file, what, fix));
        }
    }

    /// What was read, with everything that was counted.
    #[must_use]
    pub fn finish(mut self, agreements: &[Agreement]) -> Reading {
        self.check_agreements(agreements);
        self.reading.tables = std::mem::take(&mut self.rows).into_values().collect();
        let mut notes = Vec::new();
        if self.formulas.count > 0 {
            let Counted { count, first } = &self.formulas;
            notes.push(format!(
                "FORMULAS: cached results of formulas that are read: {count} (the first \
                 is {first})"
            ));
        }
        if self.totals > 0 {
            notes.push(format!("totals that were checked and hold: {}", self.totals));
        }
        if self.months.count > 0 {
            let Counted { count, first } = &self.months;
            notes.push(format!(
                "MONTH_ONLY: dates that name no day, read as the mapping says: {count} \
                 (the first is {first})"
            ));
        }
        for (block, Counted { count, first }) in &self.skips {
            notes.push(format!(
                "block `{block}`: passed over by `skip`: {} (the first is row {first})",
                rows(*count)
            ));
        }
        for ((block, table), count) in &self.left_out {
            notes.push(format!(
                "block `{block}`: left out of `{table}` by `only`: {}",
                rows(*count)
            ));
        }
        for (block, Counted { count, first }) in &self.silent {
            notes.push(format!(
                "block `{block}`: tell nothing: {} (the first is row {first})",
                rows(*count)
            ));
        }
        for (table, Counted { count, first }) in &self.differing {
            notes.push(format!(
                "`{table}`: tell a key again with other facts: {} (the first is row \
                 {first}); the first row of each key is kept",
                rows(*count)
            ));
        }
        if !self.reading.faults.is_empty() {
            notes.clear();
        }
        for note in notes {
            self.note(&note);
        }
        self.reading
    }
}

/// A count of rows in words.
fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn rounds(filling: &BoundFilling<'_>) -> bool {
    matches!(filling.column.kind, Kind::Money(_)) && filling.number.rounds()
}
