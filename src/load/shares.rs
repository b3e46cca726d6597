//! Shares of a whole: the countries of a project, the sectors of one vocabulary.
//!
//! IATI rule 2.1.2 wants a total of exactly 100. A total that misses it by no more than
//! one basis point for each share was rounded, and is told; any other total is wrong.

use std::collections::{BTreeMap, HashMap};

use crate::error::{Problem, visible};

use super::references::Breach;
use super::rows::{Everything, Told};

/// The whole in basis points.
const WHOLE: i64 = 10_000;

/// The tables that split a whole, and the columns that name it.
const SPLITS: [(&str, &[&str]); 2] = [
    ("project_countries", &["project_id"]),
    ("sectors", &["owner_kind", "owner_id", "vocabulary"]),
];

/// The rows of one whole and what they total.
struct Split<'a, 'r> {
    rows: Vec<&'r Told<'a>>,
    total: i64,
}

impl Split<'_, '_> {
    /// Whether rounding each share explains what is missing.
    fn is_rounded(&self) -> bool {
        let most = i64::try_from(self.rows.len()).unwrap_or(WHOLE);
        self.total.saturating_sub(WHOLE).abs() <= most && self.rows.len() > 1
    }

    fn what(&self, columns: &[&str]) -> String {
        let of: Vec<String> = self.rows.first().map_or_else(Vec::new, |told| {
            let names = columns.iter().filter_map(|column| told.text(column));
            names.map(visible).collect()
        });
        let of = match of.as_slice() {
            [kind, id, vocabulary] => {
                format!("sector shares of {kind} `{id}` in vocabulary `{vocabulary}`")
            }
            others => format!("country shares of project `{}`", others.join(" ")),
        };
        format!("{of} total {}, not {WHOLE}", self.total)
    }
}

/// The wholes told by this load, at least in part, whose shares miss 10000.
fn misses<'a, 'r>(
    all: &'r Everything<'a>,
) -> impl Iterator<Item = (&'static [&'static str], Split<'a, 'r>)> {
    SPLITS.into_iter().flat_map(|(table, columns)| {
        let mut totals: HashMap<[&str; 3], i64> = HashMap::new();
        for told in all.of(table) {
            let total = totals.entry(whole(told, columns)).or_default();
            *total = total.saturating_add(share(told));
        }
        let missed = |told: &&Told<'a>| totals.get(&whole(told, columns)) != Some(&WHOLE);
        let mut wholes: BTreeMap<[&str; 3], Split<'a, 'r>> = BTreeMap::new();
        for told in all.of(table).iter().filter(missed) {
            let split = wholes
                .entry(whole(told, columns))
                .or_insert_with(|| Split { rows: Vec::new(), total: 0 });
            split.total = split.total.saturating_add(share(told));
            split.rows.push(told);
        }
        wholes
            .into_values()
            .filter(|split| split.rows.iter().any(|told| told.is_new()))
            .map(move |split| (columns, split))
    })
}

/// What names the whole that a row is a share of.
fn whole<'r>(told: &'r Told<'_>, columns: &[&str]) -> [&'r str; 3] {
    let text = |n: usize| columns.get(n).and_then(|column| told.text(column));
    [0, 1, 2].map(|n| text(n).unwrap_or(""))
}

fn share(told: &Told<'_>) -> i64 {
    match told.row.cell(told.rows.table, "share_bps") {
        crate::tables::Cell::Whole(share) => *share,
        _ => 0,
    }
}

/// The rows of this load whose shares cannot be those of one whole.
#[must_use]
pub fn breaches<'a>(all: &Everything<'a>) -> Vec<Breach<'a>> {
    let mut out = Vec::new();
    for (columns, split) in misses(all).filter(|(_, split)| !split.is_rounded()) {
        let what = split.what(columns);
        for told in split.rows.iter().filter(|told| told.is_new()) {
            let fix = "shares are basis points; the whole is 10000";
            let problem = problem(told, what.clone(), fix);
            out.push(Breach { told: **told, problem });
        }
    }
    out
}

/// One warning for each whole of this load whose shares were rounded.
#[must_use]
pub fn warnings(all: &Everything<'_>) -> Vec<Problem> {
    let rounded = misses(all).filter(|(_, split)| split.is_rounded());
    rounded
        .filter_map(|(columns, split)| {
            let first = split.rows.iter().find(|told| told.is_new())?;
            let what = format!("{} (rule 2.1.2)", split.what(columns));
            Some(problem(first, what, "round the shares so that they total the whole"))
        })
        .collect()
}

fn problem(told: &Told<'_>, what: String, fix: &str) -> Problem {
    let column = told.row.column_of(told.rows.table, "share_bps");
    let value = told.row.cell(told.rows.table, "share_bps").key_text();
    Problem::at(&told.rows.file, told.row.row, column, what, fix)
        .field("share_bps", &value)
}
