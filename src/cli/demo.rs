//! `ssrfund demo`: the main job on the built-in synthetic portfolio.

use std::path::Path;

use chrono::{DateTime, Utc};
use include_dir::{Dir, include_dir};

use crate::error::{Error, Result};
use crate::render::{self, Format, TableOptions};
use crate::workspace::{Commit, Workspace, loads};

use super::context::Context;
use super::flags::{DemoArgs, RunArgs};
use super::{gate, load, output, report};

static PORTFOLIO: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/portfolio");

/// The instant at which the portfolio counts as recorded, so that the demo prints the
/// same bytes every time.
const RECORDED_AT: &str = "2026-07-01T00:00:00Z";
/// The as-of of the demonstration cases.
const AS_OF: &str = "2024-06-30";

/// Project, tranche and what the case shows; see `fixtures/portfolio/README.md`.
const CASES: [(&str, i64, &str); 5] = [
    ("00112244", 2, "everything in order"),
    ("00112233", 2, "software milestones behind plan"),
    ("00112255", 2, "a report overdue"),
    ("00112266", 2, "one recipient has not reported"),
    ("00112299", 2, "the request is not the plan"),
];

/// Makes a workspace of the portfolio and shows the line from files to verdicts.
///
/// # Errors
/// The folder to keep it in holds something else, or the disk refuses.
pub fn run(context: &Context, args: &DemoArgs) -> Result<u8> {
    let mut told = Told::new(context)?;
    let aside = tempfile::tempdir().map_err(|error| {
        Error::io("write in", Path::new("the temporary folder"), error)
    })?;
    let root = args.keep.clone().unwrap_or_else(|| aside.path().join("fund"));
    let (workspace, was_there) = Workspace::init(&root)?;
    // A demo that was interrupted before its load is begun again.
    if was_there && !loads(&workspace)?.is_empty() {
        let what = format!("`{}` is a workspace already", root.display());
        return Err(Error::usage(what).fix("name another folder with `--keep`"));
    }
    let files = aside.path().join("portfolio");
    unpack(&files)?;
    let how = Commit {
        source: "portfolio",
        append: false,
        drop_tables: false,
        originals: true,
        now: instant(),
        expected: Vec::new(),
    };
    let loaded = load::load_folder(context, &workspace, files, &how)?;
    let rows: u64 = loaded.manifest.tables.iter().map(|entry| entry.rows).sum();
    told.print(&format!(
        "1. Load. {} tables, {rows} rows of a SYNTHETIC portfolio; no figure is real.\n\n",
        loaded.manifest.tables.len()
    ))?;
    let inner = within(context, &root);
    composition(&inner, &mut told)?;
    verdicts(&inner, &mut told)?;
    question(&inner, &mut told)?;
    next(args, &mut told)?;
    if let Some(bytes) = &told.kept {
        output::deliver(context, bytes, false)?;
    }
    Ok(0)
}

/// Where the demo is told: on stdout as it goes, or kept for `--output` until it is whole.
struct Told {
    kept: Option<Vec<u8>>,
}

impl Told {
    /// # Errors
    /// `--output` names a file that cannot hold text.
    fn new(context: &Context) -> Result<Self> {
        let file = context.flags.output.as_deref().filter(|path| *path != Path::new("-"));
        if let Some(path) = file
            && Format::of_path(path).is_some_and(|format| format != Format::Plain)
        {
            let what = format!(
                "the demo is a text, and `{}` is no file of text",
                path.display()
            );
            return Err(Error::usage(what).fix("name a file such as `demo.txt`"));
        }
        file.map_or(Ok(()), output::refuse_documents)?;
        Ok(Self { kept: file.map(|_| Vec::new()) })
    }

    fn print(&mut self, text: &str) -> Result<()> {
        self.write(text.as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.kept {
            Some(kept) => {
                kept.extend_from_slice(bytes);
                Ok(())
            }
            None => output::write(bytes),
        }
    }
}

fn instant() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(RECORDED_AT)
        .map_or(DateTime::UNIX_EPOCH, |at| at.with_timezone(&Utc))
}

/// Writes the embedded files to a folder; its README and generator are left out by the
/// suffixes that `load` takes.
fn unpack(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Error::io("create", folder, error))?;
    for file in PORTFOLIO.files() {
        let place = folder.join(file.path());
        std::fs::write(&place, file.contents())
            .map_err(|error| Error::io("write", &place, error))?;
    }
    Ok(())
}

/// The same call inside the demo's workspace and clocks.
fn within(context: &Context, root: &Path) -> Context {
    let mut flags = context.flags.clone();
    flags.workspace = Some(root.to_owned());
    flags.as_of.get_or_insert_with(|| AS_OF.to_owned());
    flags.format.get_or_insert_with(|| "plain".to_owned());
    flags.quiet = true;
    Context { flags, now: context.now, params: context.params.clone() }
}

fn composition(context: &Context, out: &mut Told) -> Result<()> {
    out.print("2. Composition. What expenditure on security sector reform buys:\n\n")?;
    let mut flags = context.flags.clone();
    // All of the synthetic expenditure, to its last day.
    flags.as_of = Some("2026-06-30".to_owned());
    let whole = Context { flags, now: context.now, params: context.params.clone() };
    let args = RunArgs {
        name: "composition".to_owned(),
        group_by: "fund".to_owned(),
        basis: "expenditure".to_owned(),
        from: None,
        until: None,
        period: None,
    };
    let told = report::measure(&whole, &whole.open_classified()?, &args)?;
    let share = |class: &str| {
        let row = told.rows.first();
        let text = |key: String| {
            row.and_then(|row| row.get(&key)).map(|value| match value {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        let amount = text(class.to_owned()).unwrap_or_default();
        let percent = text(format!("{class}_pct")).unwrap_or_default();
        let money = crate::domain::Money::parse(&amount).unwrap_or_default();
        format!(
            "   {class:<12} {:>15}  {percent:>3}%\n",
            crate::domain::money::grouped(money)
        )
    };
    for class in ["hardware", "training", "sector_wide"] {
        out.print(&share(class))?;
    }
    out.print("\n")?;
    for note in &told.notes {
        if !note.starts_with("Loads:") {
            out.print(&format!("   {note}\n"))?;
        }
    }
    Ok(())
}

fn verdicts(context: &Context, out: &mut Told) -> Result<()> {
    out.print("\n3. Gate. May the next tranche be paid?\n")?;
    let asked: Vec<_> = CASES
        .iter()
        .map(|(project, tranche, _)| ((*project).to_owned(), *tranche))
        .collect();
    let decisions = gate::decide_all(context, &asked)?;
    for ((project, tranche, shows), decision) in CASES.iter().zip(&decisions) {
        out.print(&format!("\n--- {project}, tranche {tranche}: {shows}\n\n"))?;
        out.print(&crate::decision::tell(decision, 80))?;
    }
    Ok(())
}

fn question(context: &Context, out: &mut Told) -> Result<()> {
    let sql = "SELECT p.country, SUM(t.amount) AS hardware \
               FROM classified_transactions t JOIN projects p USING (project_id) \
               WHERE t.kind = 'expenditure' AND t.superseded_on IS NULL \
               AND t.class = 'hardware' GROUP BY p.country \
               ORDER BY hardware DESC, p.country LIMIT 5";
    out.print(&format!("\n4. SQL. Where does the hardware money go?\n\n   {sql}\n\n"))?;
    let answer = context.open()?.engine.run(sql, &Vec::new())?;
    let mut bytes = Vec::new();
    let colour = out.kept.is_none() && output::colour(context);
    let options = TableOptions { width: None, colour };
    let format = output::format(context)?;
    render::batches(&answer.schema, &answer.batches, format, &mut bytes, &options)?;
    out.write(&bytes)
}

fn next(args: &DemoArgs, out: &mut Told) -> Result<()> {
    let text = match &args.keep {
        Some(root) => format!(
            "\nNext:\n   cd {}\n   ssrfund gate check 00112233 --tranche 2 --as-of {AS_OF}\n   \
             ssrfund gate check --all --as-of {AS_OF}\n   ssrfund sql\n",
            root.display()
        ),
        None => {
            "\nNext: `ssrfund demo --keep fund` keeps this workspace to try things in;\n\
                 `ssrfund --help` shows the commands.\n"
                .to_owned()
        }
    };
    out.print(&text)
}
