//! A policy: dated, sourced rules and parameters, as the gate reads them.
//!
//! The text of a policy lives in `queries/policies/*.toml` and is read by
//! [`Policy::read`]. Nothing here decides; the module `evaluate` does.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::domain::AsOf;
use crate::domain::dated::{Dated, History};
use crate::domain::verdict::RuleResult;

/// Defines an enum of words as they stand in a policy file and in a decision.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All words, in order.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// The word as it stands in a policy file.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Reads a word; nothing where it is not one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// Who stands behind a rule.
    Basis {
        /// A condition of the Fund or a policy of the United Nations.
        Official = "OFFICIAL",
        /// The 2012 review recommendation or another text of partners.
        Seed = "SEED",
        /// A proposal.
        Policy = "POLICY",
        /// The request and the data must not contradict each other.
        Integrity = "INTEGRITY",
    }
}

words! {
    /// The kind of condition in the words of IATI.
    IatiCondition {
        /// A condition on what the recipient's policies are.
        Policy = "policy",
        /// A condition on results.
        Performance = "performance",
        /// A condition on the use of money.
        Fiduciary = "fiduciary",
    }
}

words! {
    /// What a rule does when it is not passed.
    Effect {
        /// Holds the whole tranche.
        BlockAll = "BLOCK_ALL",
        /// Holds gated hardware.
        BlockHardware = "BLOCK_HARDWARE",
        /// Drops the lines that it names.
        BlockLine = "BLOCK_LINE",
        /// Holds the whole tranche until a revision is approved.
        RequireRevision = "REQUIRE_REVISION",
        /// Warns.
        Warn = "WARN",
        /// Makes the rules that it affects unknown.
        Doubt = "DOUBT",
        /// Makes the request invalid.
        InvalidRequest = "INVALID_REQUEST",
    }
}

words! {
    /// What a rule that cannot be decided does.
    WhenMissing {
        /// Counts as not known: what the rule would hold is held.
        Unknown = "UNKNOWN",
        /// Warns only.
        Warn = "WARN",
        /// Makes the request invalid.
        InvalidRequest = "INVALID_REQUEST",
    }
}

words! {
    /// The unit of a rule's numerator and denominator.
    Unit {
        /// Money in cents.
        Cents = "cents",
        /// Things counted.
        Count = "count",
        /// Weight times basis points.
        WeightedBps = "weighted_bps",
        /// How many things fail (low), and fail or are unknown (high).
        Predicate = "predicate",
    }
}

words! {
    /// How a fact becomes a result.
    Test {
        /// Numerator over denominator at or above the threshold.
        AtLeast = "at_least",
        /// Numerator over denominator at or below the threshold.
        AtMost = "at_most",
        /// Nothing fails.
        NoneFail = "none_fail",
        /// The numerator is above zero.
        Positive = "positive",
        /// The numerator reaches the denominator.
        AllMet = "all_met",
        /// Every item passes.
        EachItemPasses = "each_item_passes",
    }
}

words! {
    /// What kind of act would make a rule pass.
    LeverKind {
        /// More of the earlier money used.
        MoreUsed = "more_used",
        /// More cost that is not hardware, or less hardware.
        HardwareShare = "hardware_share",
        /// Milestones verified.
        Milestone = "milestone",
        /// A report or statement submitted.
        Report = "report",
        /// A review completed.
        Review = "review",
        /// A revision approved.
        Revision = "revision",
        /// A clearance given.
        Clearance = "clearance",
        /// A day that comes, or an end that is moved.
        Date = "date",
    }
}

words! {
    /// Which milestones count as software.
    SoftwareScope {
        /// Sector-wide work.
        Strict = "strict",
        /// Sector-wide work and training.
        Wide = "wide",
    }
}

/// Where a rule's threshold comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Threshold {
    /// A dated parameter of the rule, by name.
    Parameter(String),
    /// A number that the metric delivers, by item kind.
    Item(String),
}

/// A number in force from a day; its unit is the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The number.
    pub value: i64,
    /// Whether a source for the number has been read.
    pub verified: bool,
}

/// How a rule is measured and tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The metric, by file stem.
    pub metric: String,
    /// The same metric with training counted as software.
    pub wide_metric: Option<String>,
    /// The same metric on milestones as first loaded.
    pub approved_metric: Option<String>,
    /// The unit of numerator and denominator.
    pub unit: Unit,
    /// The test.
    pub test: Test,
    /// The threshold of a comparison.
    pub threshold: Option<Threshold>,
    /// The kind of items of which every critical one must pass.
    pub critical_items: Option<String>,
    /// The kind of items that decide, where the test looks at items.
    pub decided_by: Option<String>,
    /// What kind of act would make the rule pass.
    pub lever: Option<LeverKind>,
    /// Results that a code of the fact brings about.
    pub codes: BTreeMap<String, RuleResult>,
}

/// A rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `R01` and so on; permanent.
    pub id: String,
    /// A few words.
    pub title: String,
    /// Why the rule exists.
    pub because: String,
    /// Where it comes from.
    pub reference: String,
    /// Who stands behind it.
    pub basis: Basis,
    /// The kind of condition.
    pub iati_condition: IatiCondition,
    /// What it looks at, in words.
    pub applies_to: String,
    /// What it does when it is not passed.
    pub effect: Effect,
    /// What it does when it cannot be decided.
    pub when_missing: WhenMissing,
    /// Whether a signed override may set it aside.
    pub overridable: bool,
    /// Cases with their answers.
    pub examples: Vec<String>,
    /// How it is measured; nothing where the rule is not built yet.
    pub measured: Option<Measured>,
    /// Rules that become unknown when this one is not passed.
    pub affects: Vec<String>,
    /// The code that they get.
    pub doubt_code: Option<String>,
    /// Flags of line items that hold gated hardware instead of the line.
    pub gate_flags: Vec<String>,
    /// Dated numbers by name.
    pub parameters: BTreeMap<String, History<Parameter>>,
    /// Sentences by result, or by result and code.
    pub says: BTreeMap<String, String>,
}

/// A dated set of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: String,
    /// A few words.
    pub title: String,
    /// Which milestones count as software by default.
    pub software_scope: SoftwareScope,
    /// Whether mixed and unclassified money is held together with hardware.
    pub gate_doubtful: bool,
    /// Whether safe storage and life safety are exempt from the software gate.
    pub exempt_safety: bool,
    /// How many people must approve a recorded decision.
    pub approvals: u32,
    /// Whether who recorded a decision may be one of them.
    pub recorder_may_approve: bool,
    /// The rules by id.
    pub rules: Vec<Rule>,
}

/// A parameter as SQL sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamValue {
    /// A whole number in the unit at the end of its name.
    Number(i64),
    /// A word.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

impl Rule {
    /// The parameter `name` in force on a day.
    #[must_use]
    pub fn parameter_on(&self, name: &str, as_of: AsOf) -> Option<&Dated<Parameter>> {
        self.parameters.get(name)?.on(as_of.0)
    }

    /// The parameter that people are told about: the threshold, else the first one.
    #[must_use]
    pub fn leading_parameter(&self) -> Option<&str> {
        match self.measured.as_ref().and_then(|measured| measured.threshold.as_ref()) {
            Some(Threshold::Parameter(name)) => Some(name),
            _ => self.parameters.keys().next().map(String::as_str),
        }
    }

    /// Whether the rule belongs to the official layer of a verdict.
    #[must_use]
    pub fn is_official(&self) -> bool {
        matches!(self.basis, Basis::Official | Basis::Integrity)
    }
}

impl Policy {
    /// The rule with an id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The number of a parameter in force on a day.
    #[must_use]
    pub fn number_on(&self, name: &str, as_of: AsOf) -> Option<i64> {
        self.rules
            .iter()
            .find_map(|rule| rule.parameter_on(name, as_of))
            .map(|dated| dated.value.value)
    }

    /// All parameters in force on a day, by name; names are unique in a policy.
    #[must_use]
    pub fn parameters_on(&self, as_of: AsOf) -> BTreeMap<String, ParamValue> {
        let mut named = BTreeMap::from([
            (
                "software_scope".to_owned(),
                ParamValue::Text(self.software_scope.to_string()),
            ),
            ("gate_doubtful".to_owned(), ParamValue::Flag(self.gate_doubtful)),
            ("exempt_safety".to_owned(), ParamValue::Flag(self.exempt_safety)),
        ]);
        for rule in &self.rules {
            for (name, history) in &rule.parameters {
                if let Some(dated) = history.on(as_of.0) {
                    named.insert(name.clone(), ParamValue::Number(dated.value.value));
                }
            }
        }
        named
    }
}
