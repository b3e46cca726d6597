//! Decisions for other programs: test reports and annotations.
//!
//! | result of a rule | JUnit | TAP | SARIF | GitHub |
//! |---|---|---|---|---|
//! | PASS | passed | `ok` | kind `pass` | (nothing) |
//! | FAIL that holds money | `<failure>` | `not ok` | level `error` | `::error` |
//! | FAIL that only warns | passed, with `<system-out>` | `ok` | level `warning` | `::warning` |
//! | UNKNOWN that holds money | `<error>` | `not ok` | kind `open` | `::error` |
//! | UNKNOWN that only warns | passed, with `<system-out>` | `ok` | kind `open` | `::notice` |
//! | WAIVED | `<skipped>` | `ok … # SKIP` | suppressed | `::notice` |
//! | NOT_APPLICABLE | `<skipped>` | `ok … # SKIP` | kind `notApplicable` | (nothing) |
//!
//! Beside its rules every decision has a case `verdict`: RELEASE passes, INDETERMINATE is
//! an `<error>`, any other verdict a `<failure>`. The exit code of `gate check` does not
//! depend on the format.

mod github;
mod junit;
mod sarif;
mod tap;

#[cfg(test)]
mod tests;

use crate::domain::money::grouped;
use crate::domain::verdict::{RuleResult, Verdict};
use crate::error::Result;
use crate::gate::Decision;
use crate::gate::outcome::Finding;

/// The names of these formats.
pub const NAMES: [&str; 4] = ["junit", "sarif", "tap", "github"];

/// Decisions in a format of [`NAMES`]; nothing where the name is none of them.
///
/// # Errors
/// The text cannot be made.
pub fn write(name: &str, decisions: &[Decision]) -> Result<Option<String>> {
    Ok(Some(match name {
        "junit" => junit::write(decisions)?,
        "sarif" => sarif::write(decisions)?,
        "tap" => tap::write(decisions),
        "github" => github::write(decisions),
        _ => return Ok(None),
    }))
}

/// What a case of a test report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Fulfilled.
    Passed,
    /// Not fulfilled, which warns and holds nothing.
    Warned,
    /// Not known, which warns and holds nothing.
    Unsure,
    /// Not fulfilled.
    Failed,
    /// Not known.
    Open,
    /// Set aside by a signed override.
    Waived,
    /// Does not concern the tranche.
    Skipped,
}

fn outcome(finding: &Finding) -> Outcome {
    let only_warns = finding.only_warns;
    match finding.result {
        RuleResult::Pass => Outcome::Passed,
        RuleResult::Fail if only_warns => Outcome::Warned,
        RuleResult::Unknown if only_warns => Outcome::Unsure,
        RuleResult::Fail => Outcome::Failed,
        RuleResult::Unknown => Outcome::Open,
        RuleResult::Waived => Outcome::Waived,
        RuleResult::NotApplicable => Outcome::Skipped,
    }
}

fn of_verdict(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Release => Outcome::Passed,
        Verdict::Indeterminate => Outcome::Open,
        Verdict::Partial | Verdict::Hold | Verdict::Invalid => Outcome::Failed,
    }
}

/// The verdict with its amounts, on one line.
fn summary(decision: &Decision) -> String {
    format!(
        "{}: payable {} {}, held {}",
        decision.verdict.word(),
        decision.currency,
        grouped(decision.payable),
        grouped(decision.held),
    )
}

/// What a decision is about.
fn subject(decision: &Decision) -> String {
    format!("{} tranche {}", decision.project_id, decision.tranche)
}
