//! Flags of `metric`, `rules` and `gate`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
#[command(before_long_help = "\
Examples:
  ssrfund rules list
  ssrfund rules show R01
  ssrfund rules lint --policy ours.toml
  ssrfund rules test fixtures/scenarios --coverage
  ssrfund rules diff ours.toml                     ours beside the shipped policy")]
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
        rule: Option<String>,
        /// Every rule
        #[arg(long, conflicts_with = "rule")]
        all: bool,
    },
    /// Overlaps, missing references, rules out of reach, divisions, floats, lost NULLs
    Lint(PolicyArgs),
    /// Run scenarios: folders with facts, a question and its answer
    Test(TestArgs),
    /// What differs between two policies
    Diff(PolicyDiffArgs),
}

/// Which policy is looked at.
#[derive(Debug, Clone, Args)]
pub struct PolicyArgs {
    /// A policy file in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// Arguments of `rules test`.
#[derive(Debug, Clone, Args)]
pub struct TestArgs {
    /// A folder of scenarios, or one (default: `scenarios` of the workspace)
    pub folder: Option<PathBuf>,
    /// Which results of each rule were seen, and how near to its threshold
    #[arg(long)]
    pub coverage: bool,
    /// A policy file in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// Arguments of `rules diff`.
#[derive(Debug, Clone, Args)]
pub struct PolicyDiffArgs {
    /// The policy before
    pub old: PathBuf,
    /// The policy after (default: the shipped one)
    pub new: Option<PathBuf>,
}

/// Arguments of `gate`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund gate check 00112233 --tranche 2 --as-of 2024-06-30
  ssrfund gate check --all -F ndjson
  ssrfund gate check --due --within 30d             asked for, or something falls due
  ssrfund gate check 00112233 --todo missing.xlsx   what is missing, as a form
  ssrfund gate check 00112233 --tranche 2 --record --by \"A. Diallo, analyst\"
  ssrfund gate explain 00112233 --tranche 2
  ssrfund gate board --country LBR
  ssrfund gate simulate --policy stricter.toml --each quarter --since 2023-01-01
  ssrfund gate headroom 00112233 --each month")]
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
    /// The next tranches of many projects as a table
    Board(BoardArgs),
    /// What another policy would have said: verdicts that flip, with their money
    Simulate(SimulateArgs),
    /// How far each threshold is away, over time
    Headroom(HeadroomArgs),
}

/// Which tranches are asked about.
#[derive(Debug, Clone, Args)]
pub struct SelectArgs {
    /// The project (its next tranche unless `--tranche` says)
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
    /// Tranches that were asked for, or for which something falls due
    #[arg(long, conflicts_with = "project")]
    pub due: bool,
    /// How far `--due` looks ahead: `30d`, `8w`
    #[arg(long, value_name = "DAYS", default_value = "0d", value_parser = days,
          requires = "due")]
    pub within: u32,
}

/// Which requests are checked.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Which tranches.
    #[command(flatten)]
    pub select: SelectArgs,
    /// A policy file in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Write a form with a row for each fact that is missing
    #[arg(long, value_name = "FILE.xlsx")]
    pub todo: Option<PathBuf>,
    /// After a PARTIAL: write `tranches.csv` and `tranche_lines.csv` with the held rest as
    /// a tranche of its own
    #[arg(long, value_name = "DIR", requires = "project")]
    pub emit_revised: Option<PathBuf>,
    /// Write the verdict to the decision log before it is shown
    #[arg(long, requires = "by")]
    pub record: bool,
    /// Who records it: NAME, ROLE
    #[arg(long, value_name = "PERSON", requires = "record")]
    pub by: Option<String>,
}

/// Arguments of `gate board`.
#[derive(Debug, Clone, Args)]
pub struct BoardArgs {
    /// Which tranches (default: all).
    #[command(flatten)]
    pub select: SelectArgs,
    /// A policy file in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// The steps of time in which a question is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Each {
    /// At the end of each month.
    Month,
    /// At the end of each quarter.
    Quarter,
    /// At the end of each year.
    Year,
}

/// Arguments of `gate simulate`.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// Which tranches (default: all).
    #[command(flatten)]
    pub select: SelectArgs,
    /// The other policy
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// Repeat at the end of each step up to the as-of
    #[arg(long, value_name = "STEP")]
    pub each: Option<Each>,
    /// Where the steps begin (default: a year before the as-of)
    #[arg(long, value_name = "DATE", requires = "each")]
    pub since: Option<String>,
}

/// Arguments of `gate headroom`.
#[derive(Debug, Clone, Args)]
pub struct HeadroomArgs {
    /// Which tranches (default: all).
    #[command(flatten)]
    pub select: SelectArgs,
    /// A policy file in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Repeat at the end of each step up to the as-of
    #[arg(long, value_name = "STEP")]
    pub each: Option<Each>,
    /// Where the steps begin (default: a year before the as-of)
    #[arg(long, value_name = "DATE", requires = "each")]
    pub since: Option<String>,
}

/// Reads a number of days: `30`, `30d`, `8w`.
fn days(text: &str) -> Result<u32, String> {
    let (number, each) = match text.as_bytes().last() {
        Some(b'd') => (text.strip_suffix('d'), 1),
        Some(b'w') => (text.strip_suffix('w'), 7),
        _ => (Some(text), 1),
    };
    number
        .and_then(|number| number.parse::<u32>().ok())
        .and_then(|number| number.checked_mul(each))
        .ok_or_else(|| "write a number of days or weeks: `30d`, `8w`".to_owned())
}
