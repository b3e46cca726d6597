//! Verdicts, results of rules, and what they mean for the process that asked.

use serde::Serialize;

/// The answer to a tranche request; in order of severity for several projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Pay all of it.
    Release,
    /// Pay a stated part.
    Partial,
    /// Not a refusal: facts are missing.
    Indeterminate,
    /// Pay nothing; the reasons are facts.
    Hold,
    /// The request or the data contradict themselves.
    Invalid,
}

impl Verdict {
    /// The word that stands in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Release => "RELEASE",
            Self::Partial => "PARTIAL",
            Self::Indeterminate => "INDETERMINATE",
            Self::Hold => "HOLD",
            Self::Invalid => "INVALID",
        }
    }

    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Release => 0,
            Self::Hold => 1,
            Self::Invalid => 3,
            Self::Indeterminate => 4,
            Self::Partial => 5,
        }
    }
}

/// The worst of several exit codes, in the order 2 > 3 > 1 > 4 > 5 > 0.
///
/// ```
/// use ssrfund::domain::verdict::worst_exit;
/// assert_eq!(worst_exit([0, 5, 4]), 4);
/// assert_eq!(worst_exit([1, 3]), 3);
/// ```
#[must_use]
pub fn worst_exit(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| match code {
        0 => 0,
        5 => 1,
        4 => 2,
        1 => 3,
        3 => 4,
        _ => 5,
    };
    codes.into_iter().max_by_key(rank).unwrap_or(0)
}

/// Which part of a tranche a release covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of it.
    Full,
    /// Everything but gated money.
    SoftwareOnly,
    /// Everything but lines that may not be paid.
    ExcludingLines,
    /// Gated money up to the hardware ceiling.
    UpToCeiling,
}

/// What a rule found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleResult {
    /// The condition holds whatever is still unknown.
    Pass,
    /// The condition does not hold whatever is still unknown.
    Fail,
    /// A missing fact decides.
    Unknown,
    /// The rule does not apply to this request.
    NotApplicable,
    /// Failed or unknown, and set aside by a signed override.
    Waived,
}

impl RuleResult {
    /// The word that stands in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Unknown => "UNKNOWN",
            Self::NotApplicable => "NOT_APPLICABLE",
            Self::Waived => "WAIVED",
        }
    }
}
