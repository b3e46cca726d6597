//! Flags of `decision`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `decision`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund gate check 00112233 --tranche 2 --record --by \"A. Diallo, analyst\"
  ssrfund decision list
  ssrfund decision show D0001
  ssrfund decision approve D0001 --by \"B. Sow, head of office\" --comment \"as advised\"
  ssrfund decision replay D0001          does the same come out again?
  ssrfund decision checkpoint            one line, to keep elsewhere
  ssrfund decision verify --checkpoint \"ssrfund-log 12 …\"
  ssrfund decision dossier D0001 -o D0001.html

An ID may be cut short as long as it names one decision.

Exit codes: 0 done, or the same; 2 could not run (usage, files, another writer); 3 the log
or what it names was changed (`verify`), the replay differs (`replay`).")]
pub struct DecisionArgs {
    /// What to do
    #[command(subcommand)]
    pub command: DecisionCommand,
}

/// Commands of `decision`.
#[derive(Debug, Subcommand)]
pub enum DecisionCommand {
    /// Every recorded decision and how it stands
    List,
    /// One decision: why, and what people answered; `-F json` is the record
    Show {
        /// The decision
        id: String,
    },
    /// Check every line, copy, load and signature; exit code 3 where one is not as it was
    Verify(VerifyArgs),
    /// Decide again with the recorded clocks, rules and loads; exit code 3 where it differs
    Replay {
        /// The decision
        id: String,
    },
    /// What differs between two decisions, field by field
    Diff {
        /// The first decision
        before: String,
        /// The second decision
        after: String,
    },
    /// Agree with a decision
    Approve(AnswerArgs),
    /// Refuse a decision
    Reject(AnswerArgs),
    /// One line that later shows whether the log was cut: keep it elsewhere
    Checkpoint,
    /// One decision as one HTML file for those who do not have this tool
    Dossier {
        /// The decision
        id: String,
    },
    /// Make a pair of keys for signing; the private one goes to `-o FILE`
    Keygen {
        /// Whose key it is: NAME, ROLE
        #[arg(long, value_name = "PERSON")]
        by: Option<String>,
    },
}

/// How the log is verified.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A line of `decision checkpoint` that was kept elsewhere
    #[arg(long, value_name = "LINE")]
    pub checkpoint: Option<String>,
    /// A folder of public keys (`*.pub`) besides those in `ssrfund.toml`
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
}

/// Who answers, what and why.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// The decision
    pub id: String,
    /// Who answers: NAME, ROLE
    #[arg(long, value_name = "PERSON")]
    pub by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub comment: String,
    /// Sign with this private key
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}
