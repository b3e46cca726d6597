//! The gate over a portfolio: `cargo bench --bench gate -- FOLDER [AS_OF] [PROJECTS] [RUNS]`.
//!
//! FOLDER is a workspace (`benches/portfolio.py` makes its tables). Times all rules on the
//! next tranche of every project in one pass, and the same rules one project at a time over
//! the same opened workspace, for the first PROJECTS projects. Decisions of both must be
//! the same.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "times and counts, not money; an overflow stops the program"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use ssrfund::classify;
use ssrfund::decision::assess::{Basis, PolicyFile, assess, read_policy};
use ssrfund::domain::AsOf;
use ssrfund::engine::session::Limits;
use ssrfund::engine::{self, Engine, Library, Profile};
use ssrfund::gate::Decision;
use ssrfund::metrics::measure::Asked;
use ssrfund::metrics::plan::next_tranches;
use ssrfund::workspace::{self, Snapshot, Workspace};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let word = |at: usize, standard: &str| {
        words.get(at).cloned().unwrap_or_else(|| standard.to_owned())
    };
    let Some(folder) = words.first() else {
        writeln!(
            std::io::stdout(),
            "usage: cargo bench --bench gate -- FOLDER [AS_OF] [PROJECTS] [RUNS]"
        )?;
        return Ok(());
    };
    let as_of = AsOf::parse(&word(1, "2024-06-30")).ok_or("AS_OF is no day")?;
    let bench =
        Bench { as_of, first: word(2, "50").parse()?, runs: word(3, "5").parse()? };
    bench.run(Path::new(folder))
}

struct Bench {
    as_of: AsOf,
    first: usize,
    runs: usize,
}

/// A workspace that is opened for verdicts.
struct Opened {
    snapshot: Snapshot,
    engine: Engine,
    library: Library,
    policy: PolicyFile,
}

fn open(folder: &Path) -> Outcome<Opened> {
    let snapshot = workspace::open(&Workspace::at(folder)?, None)?;
    let library = Library::new(None);
    let engine = Engine::new(Profile::Decide, Limits::default())?;
    engine::tables::register(&engine, &snapshot)?;
    engine::ledger::register(&engine, &snapshot)?;
    let (rules, _) = classify::read_rules(&library)?;
    classify::register_plan(&engine, &snapshot, &rules)?;
    let text = library.text("policies/pbf.toml")?;
    let policy = read_policy("pbf.toml", &text)?;
    Ok(Opened { snapshot, engine, library, policy })
}

impl Bench {
    fn run(&self, folder: &Path) -> Outcome<()> {
        let mut out = std::io::stdout();
        let began = Instant::now();
        let opened = open(folder)?;
        writeln!(out, "opened in {:.2} s", began.elapsed().as_secs_f64())?;
        let asked: Vec<Asked> =
            next_tranches(&opened.snapshot, self.as_of)?.into_iter().collect();
        let rules = opened.policy.policy.rules.len();
        writeln!(out, "{} requests, {rules} rules each", asked.len())?;
        let first = &asked[..self.first.min(asked.len())];

        let (mut whole, mut single) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            let began = Instant::now();
            let all = self.decide(&opened, &asked)?;
            whole.push(began.elapsed());

            let began = Instant::now();
            let mut singly = Vec::new();
            for request in first {
                singly.extend(self.decide(&opened, std::slice::from_ref(request))?);
            }
            single.push(began.elapsed());
            if singly != all[..first.len()] {
                return Err("a project alone is decided otherwise than among all".into());
            }
            if whole.len() == 1 {
                writeln!(out, "{}", told(&all))?;
            }
        }
        let (whole, single) = (median(whole), median(single));
        let per = whole.as_micros() / u128::try_from(asked.len().max(1))?;
        let per_single = single.as_micros() / u128::try_from(first.len().max(1))?;
        writeln!(
            out,
            "medians of {} runs\n\
             one pass over {}: {:.3} s, {per} µs a project\n\
             one at a time, {} of them: {:.3} s, {per_single} µs a project\n\
             one at a time takes {} times as long",
            self.runs,
            asked.len(),
            whole.as_secs_f64(),
            first.len(),
            single.as_secs_f64(),
            per_single / per.max(1),
        )?;
        Ok(())
    }

    fn decide(&self, opened: &Opened, asked: &[Asked]) -> Outcome<Vec<Decision>> {
        let basis = Basis {
            engine: &opened.engine,
            snapshot: &opened.snapshot,
            library: &opened.library,
            policy: &opened.policy,
            as_of: self.as_of,
            software_scope: opened.policy.policy.software_scope,
        };
        Ok(assess(&basis, asked)?)
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How many requests came to each verdict, and on how many two evaluators disagreed.
fn told(all: &[Decision]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for decision in all {
        *counts.entry(decision.verdict.word().to_owned()).or_default() += 1;
        if !decision.disagreements.is_empty() {
            *counts.entry("disagreements".to_owned()).or_default() += 1;
        }
    }
    let told: Vec<String> =
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    told.join(", ")
}
