//! Flags of `report`.

use clap::{Args, Subcommand};

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund report run composition
  ssrfund report run composition --group-by country -F csv -o composition.csv
  ssrfund report run hardware-vs-governance --period 2023 --group-by year")]
pub struct ReportArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// Commands of `report`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// All reports
    List,
    /// Run one
    Run(RunArgs),
}

/// How a report is run.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// The report
    pub name: String,
    /// fund, country, year, recipient, project or facility
    #[arg(long, value_name = "WHAT", default_value = "fund")]
    pub group_by: String,
    /// budget, tranche_plan, transfer, commitment, expenditure or expenditure_certified
    #[arg(long, value_name = "BASIS", default_value = "expenditure")]
    pub basis: String,
    /// The first day of transactions that count
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// The last day of transactions that count
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// A year, a quarter or a month: 2012, 2012-Q4, 2012-11
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["from", "until"])]
    pub period: Option<String>,
}
