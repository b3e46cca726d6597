//! Flags of `classify`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `classify`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund classify text \"Construction d'un commissariat de police\" --lang fr
  ssrfund classify explain 00112233-01
  ssrfund classify agreement labelled.csv")]
pub struct ClassifyArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ClassifyCommand,
}

/// Commands of `classify`.
#[derive(Debug, Subcommand)]
pub enum ClassifyCommand {
    /// Why a budget line has its class
    Explain {
        /// The line
        line: String,
    },
    /// What a text would be classified as
    Text {
        /// The text
        text: String,
        /// en, fr, es or pt (default: detected)
        #[arg(long)]
        lang: Option<String>,
        /// UNSDG category, 1 to 8
        #[arg(long)]
        category: Option<String>,
        /// Who gets it
        #[arg(long)]
        beneficiary: Option<String>,
    },
    /// Record a decision about a line
    Decide(DecideArgs),
    /// Lines whose class is open or doubtful, those that hold up a tranche first
    Review(ReviewArgs),
    /// How much money is decided by what, the open classes first
    Coverage(CoverageArgs),
    /// What other rules would move: money, lines and verdicts
    Diff(RulesDiffArgs),
    /// Run the examples of the rules
    Test,
    /// Compare with labelled lines
    Agreement {
        /// A CSV with description, lang and class
        file: PathBuf,
    },
}

/// How coverage is grouped.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund classify coverage
  ssrfund classify coverage --group-by country -F csv")]
pub struct CoverageArgs {
    /// One row group for the whole fund, or by project, country, recipient or facility
    #[arg(long, value_name = "WHAT", default_value = "fund")]
    pub group_by: String,
    /// One project only
    #[arg(long, value_name = "ID")]
    pub project: Option<String>,
}

/// Which rules are compared with those in force.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund classify diff --rules en.csv                  one lexicon, edited
  ssrfund classify diff --rules my/classification       all files of a folder
  ssrfund classify diff --rules fr.csv -F csv -o moved.csv")]
pub struct RulesDiffArgs {
    /// A file, or a folder of files, named as under queries/classification
    #[arg(long, value_name = "PATH")]
    pub rules: PathBuf,
    /// One project only
    #[arg(long, value_name = "ID")]
    pub project: Option<String>,
}

/// Which lines are reviewed, and by whom.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund classify review --list                                      the queue
  ssrfund classify review --project 00112266 --by \"A. Kamara, PBSO\"   decide, one by one")]
pub struct ReviewArgs {
    /// One project only
    #[arg(long, value_name = "ID")]
    pub project: Option<String>,
    /// Lines planned in this tranche only
    #[arg(long, value_name = "N")]
    pub tranche: Option<i64>,
    /// Print the queue and end; so it is in a pipe
    #[arg(long)]
    pub list: bool,
    /// Who decides, as "NAME, ROLE"
    #[arg(long)]
    pub by: Option<String>,
    /// Why, for all decisions of this review
    #[arg(long, default_value = "reviewed line by line")]
    pub reason: String,
    /// Converse although input or output is no terminal
    #[arg(long, hide = true)]
    pub talk: bool,
}

/// A decision about a line.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The line
    pub line: String,
    /// The class of the whole line
    pub class: Option<String>,
    /// Its subclass
    #[arg(long)]
    pub subclass: Option<String>,
    /// A share of a split, as CLASS[/SUBCLASS]=BPS; may be repeated
    #[arg(long, value_name = "SHARE")]
    pub share: Vec<String>,
    /// Who decides, as "NAME, ROLE"
    #[arg(long)]
    pub by: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}
