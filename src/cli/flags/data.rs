//! Flags of `data`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `data`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund data status                              is the workspace sound, what next?
  ssrfund data history --source hq                 all loads of a source
  ssrfund data diff --source hq                    what its newest load changed
  ssrfund data diff --known-at-from 2024-01-01T00:00:00Z
  ssrfund data restatements --known-at-from 2024-01-01T00:00:00Z")]
pub struct DataArgs {
    /// What to do
    #[command(subcommand)]
    pub command: DataCommand,
}

/// Commands of `data`.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Whether the workspace is sound: sources, loads, rows, warnings, what to do next
    Status,
    /// All loads, oldest first
    History(HistoryArgs),
    /// Rows and money that changed between two loads of a source, or two instants
    Diff(DiffArgs),
    /// Amounts that were told anew for the same transaction or period
    Restatements(BetweenArgs),
    /// Check every file of every load against its hash
    Verify,
    /// Ask the rules of IATI and our own of files, or of what is loaded
    Validate(ValidateArgs),
    /// Write forms for facts that have no source system, which load back as they are
    Template(TemplateArgs),
    /// Write every table, the classified lines and what the columns mean, as files
    Export(ExportArgs),
}

/// Arguments of `data validate`.
#[derive(Debug, Clone, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund data validate activities.xml      an IATI file, before it is loaded
  ssrfund data validate -F json             all that is loaded
  ssrfund data validate --fail-on warn      exit with 1 where there is a warning")]
pub struct ValidateArgs {
    /// Files and folders (default: what the workspace holds)
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Which loads are listed.
#[derive(Debug, Clone, Args)]
pub struct HistoryArgs {
    /// Loads of this source alone
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
}

/// Two instants of knowledge.
#[derive(Debug, Clone, Args)]
pub struct BetweenArgs {
    /// The source concerned (default: all)
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The earlier instant of knowledge (default: before the newest load)
    #[arg(long, value_name = "TIMESTAMP")]
    pub known_at_from: Option<String>,
    /// The later instant of knowledge (default: the newest load)
    #[arg(long, value_name = "TIMESTAMP")]
    pub known_at_to: Option<String>,
}

/// What is compared.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// A load: its id or the beginning of it, `previous` or `latest`
    #[arg(value_name = "A", conflicts_with_all = ["known_at_from", "known_at_to"])]
    pub before: Option<String>,
    /// A later load of the same source (default: `latest`)
    #[arg(value_name = "B")]
    pub after: Option<String>,
    /// The source and the instants.
    #[command(flatten)]
    pub between: BetweenArgs,
}

/// Arguments of `data template`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund data template facts.xlsx                     milestones, reviews, requests …
  ssrfund data template facts.xlsx --project 00112233  with what is known filled in
  ssrfund load --source field --append facts.xlsx")]
pub struct TemplateArgs {
    /// A file ending in `.xlsx`, or a folder for CSV files
    #[arg(value_name = "FILE.xlsx|DIR")]
    pub place: PathBuf,
    /// Fill in what is known of this project
    #[arg(long, value_name = "ID")]
    pub project: Option<String>,
}

/// Arguments of `data export`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund data export fund-data                        CSV files for Excel
  ssrfund data export fund-data -F parquet             for Power BI")]
pub struct ExportArgs {
    /// The folder; files of an earlier export are replaced
    pub dir: PathBuf,
}
