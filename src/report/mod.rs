//! Reports: the composition of spending and the ratio of hardware to governance.
//!
//! [`amounts`] sums exact amounts by group and class (SQL under `queries/reports`),
//! [`composition`] and [`governance`] turn them into rows of numbers as text, whole
//! percents and basis points. [`allocation`] says how amounts came to their class,
//! [`absorption`] spreads support over other classes. Nothing here prints.

pub mod absorption;
pub mod allocation;
pub mod amounts;
pub mod composition;
mod convert;
mod fund;
pub mod governance;
pub mod notes;
mod sums;
pub mod told_twice;

use serde::Serialize;

use crate::domain::{AsOf, KnownAt};
use crate::error::{Error, Result, did_you_mean};

pub use amounts::{Basis, GroupBy, Period};

/// A report that can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The formats it is given in.
    pub formats: &'static [&'static str],
}

const FORMATS: &[&str] = &["table", "plain", "csv", "tsv", "json", "ndjson", "markdown"];

/// All reports.
pub const REPORTS: &[Listed] = &[
    Listed {
        name: "composition",
        title: "SSR composition by class, with bounds",
        formats: FORMATS,
    },
    Listed {
        name: "hardware-vs-governance",
        title: "Hardware against governance",
        formats: FORMATS,
    },
];

/// Returns the report of that name.
///
/// # Errors
/// There is none; the nearest names are given.
pub fn find(name: &str) -> Result<&'static Listed> {
    REPORTS.iter().find(|report| report.name == name).ok_or_else(|| {
        let names = REPORTS.iter().map(|report| report.name);
        Error::usage(format!("there is no report `{name}`")).fix(did_you_mean(
            name,
            names,
            "`ssrfund report list` names them",
        ))
    })
}

/// What a report is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Rows of the report.
    pub group_by: GroupBy,
    /// Which amounts.
    pub basis: Basis,
    /// Which days of transactions.
    pub period: Period,
    /// The fund that shares are measured against.
    pub fund: String,
    /// The one currency of the report, where asked for.
    pub currency: Option<String>,
    /// Whether support is spread over the work of its project.
    pub absorb_support: bool,
    /// The last day whose events count.
    pub as_of: AsOf,
    /// The instant whose knowledge counts.
    pub known_at: KnownAt,
}
