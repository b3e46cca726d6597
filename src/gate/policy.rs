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

use super::switches::Switches;

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
        /// Money in ten-thousandths of a cent, where shares of it are summed exactly.
        FineCents = "fine_cents",
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
        /// The numerator is at most the denominator.
        Within = "within",
        /// Nothing is tested: the numbers are shown.
        Informs = "informs",
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
        /// A proposed revision approved, or less change proposed.
        LessChange = "less_change",
        /// A revision that adds to the budget of a category.
        MoreBudget = "more_budget",
        /// A revision that moves money to what the numerator counts.
        MoreShare = "more_share",
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
    /// The parameter that the metric names in the flag of its item of this kind.
    Named(String),
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
    /// Another metric whose items say more about what this one measured.
    pub companion: Option<String>,
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
    /// The same two where the policy is not strict.
    pub usual: (Effect, WhenMissing),
    /// What it does when it is not passed and the policy is strict.
    pub strict_effect: Option<Effect>,
    /// Whether a signed override may set it aside.
    pub overridable: bool,
    /// Flags of items that no override sets aside.
    pub never_waived: Vec<String>,
    /// Whether an override of it needs a second signature.
    pub second_signature: bool,
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
    /// Whether the project's template picks the parameters, not the as-of (Q07).
    pub by_template: bool,
    /// Dated numbers by name.
    pub parameters: BTreeMap<String, History<Parameter>>,
    /// Sentences by result, or by result and code.
    pub says: BTreeMap<String, String>,
}

/// What an override must be to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverrideLimits {
    /// The longest time that it may hold, in months.
    pub months: u32,
    /// The fewest characters that justify it.
    pub justification: usize,
    /// The risk marker from which it needs a second signature.
    pub risk_marker: i64,
}

impl Default for OverrideLimits {
    fn default() -> Self {
        Self { months: 6, justification: 20, risk_marker: 2 }
    }
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
    /// Whether capacity building of oversight bodies counts as training (rule C6).
    pub strict_nature: bool,
    /// Whether reports spread support over hardware, training and sector-wide work.
    pub absorb_support: bool,
    /// Whether rules that only warn by default have their strict effect.
    pub strict: bool,
    /// What an override must be to count.
    pub overrides: OverrideLimits,
    /// The same and their sources, by day; the fields above are the newest values, or
    /// those of the day given to [`Policy::on`].
    pub switches: Switches,
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
    /// Takes the effect that it has under a strict policy or another; what is not known
    /// counts under a strict one.
    pub(super) fn take_effect(&mut self, strict: bool) {
        (self.effect, self.when_missing) = match self.strict_effect {
            Some(stricter) if strict => (stricter, WhenMissing::Unknown),
            _ => self.usual,
        };
    }

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
        let told = self.switches.stamps(as_of).into_iter();
        let mut named: BTreeMap<String, ParamValue> =
            told.map(|(name, stamp)| (name, stamp.value)).collect();
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
