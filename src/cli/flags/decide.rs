//! Flags of `metric`, `rules` and `gate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `metric`.
#[derive(Debug, Args)]
pub struct MetricArgs {
    /// What to do
    #[command(subcommand)]
    pub command: MetricCommand,
}

/// Commands of `metric`.
#[derive(Debug, Subcommand)]
pub enum MetricCommand {
    /// All metrics
    List,
    /// Run one over the next tranche of every project
    Run {
        /// The metric
        name: String,
        /// One project only
        #[arg(long, value_name = "ID")]
        project: Option<String>,
        /// Its tranche
        #[arg(long, value_name = "N")]
        tranche: Option<i64>,
    },
}

/// Arguments of `rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What to do
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// Commands of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// All rules of the policy
    List,
    /// One rule: what, why, source, parameters, examples
    Show {
        /// The rule
        rule: String,
    },
}

/// Arguments of `gate`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund gate check 00112233 --tranche 2 --as-of 2024-06-30
  ssrfund gate check --all -F ndjson
  ssrfund gate check 00112233 --tranche 2 --record --by \"A. Diallo, analyst\"
  ssrfund gate explain 00112233 --tranche 2")]
pub struct GateArgs {
    /// What to do
    #[command(subcommand)]
    pub command: GateCommand,
}

/// Commands of `gate`.
#[derive(Debug, Subcommand)]
pub enum GateCommand {
    /// The verdict: what may be paid, why, and what would change it
    Check(CheckArgs),
    /// The verdict with every rule and its evidence rows
    Explain(CheckArgs),
}

/// Which requests are checked.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The project (its next tranche unless `--tranche` says)
    #[arg(required_unless_present_any = ["all", "country"])]
    pub project: Option<String>,
    /// The tranche
    #[arg(long, value_name = "N")]
    pub tranche: Option<i64>,
    /// Every project with a next tranche
    #[arg(long, conflicts_with = "project")]
    pub all: bool,
    /// Every project of a country
    #[arg(long, value_name = "ISO3", conflicts_with = "project")]
    pub country: Option<String>,
    /// A policy file in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Write the verdict to the decision log before it is shown
    #[arg(long, requires = "by")]
    pub record: bool,
    /// Who records it: NAME, ROLE
    #[arg(long, value_name = "PERSON", requires = "record")]
    pub by: Option<String>,
}
