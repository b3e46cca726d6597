//! What may be typed: commands, arguments and the flags that mean the same everywhere.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Run the examples of the rules
    Test,
    /// Compare with labelled lines
    Agreement {
        /// A CSV with description, lang and class
        file: PathBuf,
    },
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
}

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
