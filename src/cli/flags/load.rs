//! Flags of `load`.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `load`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund load --source hq portfolio/                     a folder, as one load
  ssrfund load --source iati activities.xml               an IATI activity file
  ssrfund load --source reports --append reports-q3.csv --table reports
  ssrfund load --source gateway --mapping mptf-projects export.csv
  ssrfund load --suggest export.csv > draft.toml          propose a mapping
  ssrfund load --dry-run -F json activities.xml           read and count, write nothing")]
pub struct LoadArgs {
    /// Who tells these rows; a new load replaces all that it said before
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Add to what the source said before
    #[arg(long)]
    pub append: bool,
    /// The table of the files (default: a file's stem, a sheet's name)
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// How to read files in another layout: a name in queries/mappings, or a .toml file
    #[arg(long, value_name = "NAME|FILE")]
    pub mapping: Option<String>,
    /// Print a draft of a mapping for a file in an unknown layout, and load nothing
    #[arg(long, conflicts_with = "mapping")]
    pub suggest: bool,
    /// The one sheet of a workbook that is read (default: those named after tables)
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Load the good rows and keep the others in table `rejects`
    #[arg(long)]
    pub quarantine: bool,
    /// Round money with more than two decimals: `cents`
    #[arg(long, value_name = "UNIT", value_parser = ["cents"])]
    pub round: Option<String>,
    /// What to do with the same iati-identifier twice
    #[arg(long, value_name = "WHAT", default_value = "refuse", value_parser = ["refuse", "merge"])]
    pub on_duplicate: String,
    /// Accept files without rows
    #[arg(long)]
    pub allow_empty: bool,
    /// Tables that the source told before may be left out
    #[arg(long)]
    pub drop_tables: bool,
    /// Do not keep copies of the source files
    #[arg(long)]
    pub no_originals: bool,
    /// A control total: rows=N, amount=SUM, TABLE.rows=N, TABLE.amount=SUM or
    /// KIND.CURRENCY=SUM; may be repeated
    #[arg(long, value_name = "TOTAL")]
    pub expect: Vec<String>,
    /// Field delimiter of CSV files: `;`, `,` or `tab`
    #[arg(long, value_name = "CHAR", default_value = ",")]
    pub delimiter: String,
    /// Encoding of CSV and JSON files: `windows-1252`, `latin-1`, `utf-16`, …
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Files and folders
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}
