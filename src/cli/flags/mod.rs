//! What may be typed: commands, arguments and the flags that mean the same everywhere.

mod classify;
mod data;
mod decide;
mod decision;
mod load;
mod report;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use classify::{
    ClassifyArgs, ClassifyCommand, CoverageArgs, DecideArgs, ReviewArgs, RulesDiffArgs,
};
pub use data::{
    BetweenArgs, DataArgs, DataCommand, DiffArgs, ExportArgs, HistoryArgs, TemplateArgs,
    ValidateArgs,
};
pub use decide::{
    BoardArgs, CheckArgs, Each, GateArgs, GateCommand, HeadroomArgs, MetricArgs,
    MetricCommand, PolicyArgs, PolicyDiffArgs, RulesArgs, RulesCommand, SelectArgs,
    SimulateArgs, TestArgs,
};
pub use decision::{AnswerArgs, DecisionArgs, DecisionCommand, VerifyArgs};
pub use load::LoadArgs;
pub use report::{ReportArgs, ReportCommand, RunArgs};

const EXAMPLES: &str = "\
Examples:
  ssrfund demo                                   the main job, on built-in data
  ssrfund init fund && cd fund                   a workspace
  ssrfund load --source hq ../portfolio          load a folder of canonical files
  ssrfund sql -c \"SELECT * FROM projects\"        ask
  ssrfund report run composition                 hardware, training, sector-wide
  ssrfund gate check 00112233 --tranche 2        may the next tranche be paid?

Exit codes: 0 done (RELEASE), 1 HOLD, 2 could not run, 3 invalid data, rules or request,
4 INDETERMINATE, 5 PARTIAL.";

/// Who pays for what in security sector reform, and whether the next tranche may be paid.
#[derive(Debug, Parser)]
#[command(name = "ssrfund", version, before_long_help = EXAMPLES)]
#[command(infer_subcommands = false, disable_help_subcommand = true)]
pub struct Flags {
    /// Flags that mean the same everywhere.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How errors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// Sentences.
    Text,
    /// One JSON object a line.
    Json,
}

/// When colour is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal that wants it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// When progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// On a terminal.
    Auto,
    /// Never.
    Never,
}

/// What raises exit code 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Any warning.
    Warn,
    /// Any PARTIAL.
    Partial,
    /// Any INDETERMINATE.
    Indeterminate,
}

/// Flags that mean the same for every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The workspace folder (default: the nearest one above)
    #[arg(long, global = true, env = "SSRFUND_WORKSPACE", value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// A folder of views, rules, metrics and policies that replace the shipped ones
    #[arg(long, global = true, value_name = "DIR")]
    pub queries: Option<PathBuf>,
    /// The last day whose events count (default: today, UTC)
    #[arg(long, global = true, value_name = "DATE")]
    pub as_of: Option<String>,
    /// The instant whose knowledge counts (default: the newest load)
    #[arg(long, global = true, value_name = "TIMESTAMP")]
    pub known_at: Option<String>,
    /// A parameter, as name=value; may be repeated
    #[arg(long, global = true, value_name = "K=V")]
    pub param: Vec<String>,
    /// table, plain, csv, tsv, json, ndjson, markdown, parquet
    #[arg(short = 'F', long, global = true, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Write the result to a file; its suffix says the format; `-` is stdout
    #[arg(short = 'o', long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Say less
    #[arg(short = 'q', long, global = true)]
    pub quiet: bool,
    /// Say more
    #[arg(short = 'v', long, global = true)]
    pub verbose: bool,
    /// When to use colour
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
    /// Do not page long results
    #[arg(long, global = true)]
    pub no_pager: bool,
    /// When to show progress
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub progress: Progress,
    /// Stop a statement after this many seconds
    #[arg(long, global = true, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Most memory for queries, such as 512M or 2G
    #[arg(long, global = true, value_name = "SIZE")]
    pub memory_limit: Option<String>,
    /// Exit with 1 instead of 0 where such a thing occurred
    #[arg(long, global = true, value_name = "WHAT")]
    pub fail_on: Option<FailOn>,
    /// Print the verdict and exit with 0 whatever it is
    #[arg(long, global = true)]
    pub exit_zero: bool,
    /// Do all but write
    #[arg(short = 'n', long, global = true)]
    pub dry_run: bool,
    /// How errors are written
    #[arg(long, global = true, default_value = "text", value_name = "HOW")]
    pub error_format: ErrorFormat,
}

/// The commands, in the order of the line.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a workspace
    Init(InitArgs),
    /// Load files into the workspace, all or nothing
    Load(LoadArgs),
    /// What the workspace holds
    Data(DataArgs),
    /// Ask in SQL, read-only
    Sql(SqlArgs),
    /// Run one metric alone
    Metric(MetricArgs),
    /// What a line or a text is classified as, and why
    Classify(ClassifyArgs),
    /// The rules of the gate
    Rules(RulesArgs),
    /// Whether a tranche may be paid, and why
    Gate(GateArgs),
    /// The log of recorded verdicts, approvals and proofs
    Decision(DecisionArgs),
    /// Run a report
    Report(ReportArgs),
    /// The main job on the built-in synthetic portfolio
    Demo(DemoArgs),
    /// Print shell completions
    Completions(CompletionsArgs),
}

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  ssrfund init fund")]
pub struct InitArgs {
    /// The folder (default: here)
    pub dir: Option<PathBuf>,
}

/// Arguments of `sql`.
#[derive(Debug, Args)]
#[command(before_long_help = "\
Examples:
  ssrfund sql -c \"SELECT class, SUM(amount) FROM classified_lines GROUP BY class\"
  ssrfund sql -f questions.sql -F csv -o answers.csv
  ssrfund sql -c \"SELECT * FROM grants\" grants.csv     a file, in place
  ssrfund sql                                          ask at a prompt")]
pub struct SqlArgs {
    /// Statements; may be repeated
    #[arg(short = 'c', long, value_name = "SQL")]
    pub command: Vec<String>,
    /// A file of statements; `-` is stdin
    #[arg(short = 'f', long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Files to ask in place, each a table named after its stem
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  ssrfund demo\n  ssrfund demo --keep fund")]
pub struct DemoArgs {
    /// Keep the workspace in this folder
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}
