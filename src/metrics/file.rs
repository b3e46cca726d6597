//! A metric file: its header and its statements.

use std::collections::BTreeMap;

use crate::engine::Library;
use crate::error::{Error, Result, did_you_mean};

/// The unit of a metric's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Money, in cents once read.
    Cents,
    /// Money in ten-thousandths of a cent once read: cents times basis points, exactly.
    FineCents,
    /// A count of things.
    Count,
    /// Sums of weight times achievement in basis points.
    WeightedBps,
    /// Counts of things that fail and that are unknown.
    Predicate,
}

impl Unit {
    /// Decimal places of the unit's numbers in SQL.
    #[must_use]
    pub fn scale(self) -> i8 {
        match self {
            Self::Cents => 2,
            Self::FineCents => 6,
            _ => 0,
        }
    }
}

/// A metric as its file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its name, the stem of its file.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The unit of its numbers.
    pub unit: Unit,
    /// The statement that returns one row of facts per request.
    pub facts: String,
    /// The statement that lists the things behind it.
    pub items: Option<String>,
    /// The statement that lists the source rows.
    pub evidence: Option<String>,
}

impl Metric {
    /// Reads `queries/metrics/<name>.sql`.
    ///
    /// # Errors
    /// There is no such metric, or its file lacks a header line or the facts statement.
    pub fn read(library: &Library, name: &str) -> Result<Self> {
        let path = format!("metrics/{name}.sql");
        let text = library.text(&path).map_err(|_| {
            let names = names(library);
            let known = names.iter().map(String::as_str);
            let fix = did_you_mean(name, known, "`ssrfund metric list` names them");
            Error::usage(format!("there is no metric `{name}`")).fix(fix)
        })?;
        Self::parse(name, &text)
            .map_err(|what| Error::rule(format!("queries/{path}: {what}")))
    }

    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut header = BTreeMap::new();
        let mut statements: BTreeMap<String, String> = BTreeMap::new();
        let mut current: Option<String> = None;
        for line in text.lines() {
            if let Some(which) = line.strip_prefix("-- statement:") {
                current = Some(which.trim().to_owned());
                continue;
            }
            match &current {
                None => {
                    let entry =
                        line.strip_prefix("--").and_then(|rest| rest.split_once(':'));
                    if let Some((key, value)) = entry {
                        header.insert(key.trim().to_owned(), value.trim().to_owned());
                    }
                }
                Some(which) => {
                    let statement = statements.entry(which.clone()).or_default();
                    statement.push_str(line);
                    statement.push('\n');
                }
            }
        }
        let need = |key: &str| {
            header.get(key).cloned().ok_or_else(|| format!("the header has no `{key}`"))
        };
        let mut statement = |which: &str| {
            let text = statements.remove(which)?;
            Some(text.trim().trim_end_matches(';').to_owned())
        };
        let unit = match need("unit")?.as_str() {
            "cents" => Unit::Cents,
            "fine_cents" => Unit::FineCents,
            "count" => Unit::Count,
            "weighted_bps" => Unit::WeightedBps,
            "predicate" => Unit::Predicate,
            other => return Err(format!("`{other}` is not a unit")),
        };
        let metric = Self {
            name: name.to_owned(),
            title: need("title")?,
            unit,
            facts: statement("facts").ok_or("there is no `-- statement: facts`")?,
            items: statement("items"),
            evidence: statement("evidence"),
        };
        match statements.into_keys().next() {
            Some(other) => Err(format!("`-- statement: {other}` is not one of ours")),
            None => Ok(metric),
        }
    }
}

/// The names of all metrics, sorted.
#[must_use]
pub fn names(library: &Library) -> Vec<String> {
    library
        .list("metrics")
        .iter()
        .filter_map(|path| path.strip_prefix("metrics/")?.strip_suffix(".sql"))
        .map(str::to_owned)
        .collect()
}
