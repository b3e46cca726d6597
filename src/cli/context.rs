//! What the flags mean: clocks, workspace, rules, session.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::classify::{self, RuleSet};
use crate::decision::log;
use crate::domain::{AsOf, KnownAt};
use crate::engine::session::Limits;
use crate::engine::{self, Engine, Library, Profile, Space};
use crate::error::{Error, Result};
use crate::gate::Policy;
use crate::workspace::derived::Cache;
use crate::workspace::{self, Snapshot, Workspace};

use super::flags::Common;
use super::output;
use super::rules as policies;

/// The world as this call sees it.
#[derive(Debug)]
pub struct Context {
    /// What was typed.
    pub flags: Common,
    /// The wall clock, read once.
    pub now: DateTime<Utc>,
    /// `--param` by name.
    pub params: BTreeMap<String, String>,
}

/// An opened workspace: its data at the instant, and a session over it.
#[derive(Debug)]
pub struct Opened {
    /// The effective loads.
    pub snapshot: Snapshot,
    /// The session.
    pub engine: Engine,
    /// The rule and query files.
    pub library: Library,
}

impl Context {
    /// Reads the clock and the parameters.
    ///
    /// # Errors
    /// A parameter is not of the form name=value.
    pub fn new(flags: Common) -> Result<Self> {
        let mut params = BTreeMap::new();
        for text in &flags.param {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                Error::usage(format!("`--param {text}` is not name=value"))
            })?;
            params.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self { flags, now: now(), params })
    }

    /// The last day whose events count.
    ///
    /// # Errors
    /// `--as-of` is not a day.
    pub fn as_of(&self) -> Result<AsOf> {
        match &self.flags.as_of {
            None => Ok(AsOf(self.now.date_naive())),
            Some(text) => AsOf::parse(text).ok_or_else(|| {
                Error::usage(format!("`{text}` is not a calendar day"))
                    .fix("write `--as-of YYYY-MM-DD`")
            }),
        }
    }

    /// The instant whose knowledge counts, where one was given.
    ///
    /// # Errors
    /// `--known-at` is not an instant.
    pub fn known_at(&self) -> Result<Option<KnownAt>> {
        let Some(text) = &self.flags.known_at else { return Ok(None) };
        KnownAt::parse(text).map(Some).ok_or_else(|| {
            Error::usage(format!("`{text}` is not an instant"))
                .fix("write it like `2024-07-05T00:00:00Z`")
        })
    }

    /// The workspace: named, from the environment, or the nearest one above.
    ///
    /// # Errors
    /// There is none.
    pub fn workspace(&self) -> Result<Workspace> {
        match &self.flags.workspace {
            Some(root) => Workspace::at(root),
            None => {
                let here = std::env::current_dir()
                    .map_err(|error| Error::io("find", Path::new("."), error))?;
                Workspace::above(&here)
            }
        }
    }

    /// The rule and query files: `--queries`, else the workspace's, over the shipped.
    ///
    /// # Errors
    /// `--queries` names no folder.
    pub fn library(&self, workspace: Option<&Workspace>) -> Result<Library> {
        if let Some(folder) = &self.flags.queries {
            if !folder.is_dir() {
                let what = format!("`--queries {}` is no folder", folder.display());
                return Err(Error::usage(what));
            }
            return Ok(Library::new(Some(folder.clone())));
        }
        Ok(Library::new(workspace.map(Workspace::queries)))
    }

    /// Bounds of the session.
    ///
    /// # Errors
    /// `--memory-limit` is no size.
    pub fn limits(&self) -> Result<Limits> {
        let mut limits = Limits::default();
        if let Some(text) = &self.flags.memory_limit {
            limits.memory = memory(text).ok_or_else(|| {
                Error::usage(format!("`{text}` is no size")).fix("write `512M` or `2G`")
            })?;
        }
        limits.timeout = self.flags.timeout.map(Duration::from_secs);
        Ok(limits)
    }

    /// Opens the workspace for questions: every table, view and function.
    ///
    /// # Errors
    /// There is no workspace or no data, or a file is damaged.
    pub fn open(&self) -> Result<Opened> {
        let opened = self.open_classified()?;
        engine::ledger::register(&opened.engine, &opened.snapshot)?;
        engine::tables::register_views(&opened.engine, &opened.library)?;
        self.register_log(&opened.engine)?;
        Ok(opened)
    }

    /// Registers the decision log. One that was changed is left out and told, so that
    /// nobody reads it and everything else can still be asked.
    fn register_log(&self, engine: &Engine) -> Result<()> {
        let workspace = self.workspace()?;
        let chain = match log::read(&workspace) {
            Ok(chain) => chain,
            Err(error) => {
                let left_out = "table `decisions` is left out";
                output::note(self, &format!("warning: {left_out}: {error}"));
                return Ok(());
            }
        };
        let folder = log::chain::folder(&workspace);
        let batch = log::table::batch(&chain, &folder, self.known_at()?)?;
        engine.register(Space::Public, log::table::NAME, &batch.schema(), vec![batch])
    }

    /// Opens the workspace for reports on classes: tables and classes, without the
    /// ledger tables and the views over them.
    ///
    /// # Errors
    /// There is no workspace or no data, or a file is damaged.
    pub fn open_classified(&self) -> Result<Opened> {
        let workspace = self.workspace()?;
        let snapshot = workspace::open(&workspace, self.known_at()?)?;
        let library = self.library(Some(&workspace))?;
        let engine = Engine::new(Profile::Ask, self.limits()?)?;
        engine::tables::register(&engine, &snapshot)?;
        engine::levels::register(&engine)?;
        let (rules, hash) = classify::read_rules(&library)?;
        let (rules, hash) =
            switched(rules, &hash, &policies::policy_behind(self)?.policy);
        let cache = Cache::of(&workspace, &snapshot, "classified_transactions", &hash);
        classify::register(&engine, &snapshot, &Arc::new(rules), &cache)?;
        Ok(Opened { snapshot, engine, library })
    }

    /// Opens the workspace for verdicts: the plain profile, no text of transactions;
    /// classes are read as the policy wants.
    ///
    /// # Errors
    /// There is no workspace or no data, or a file is damaged.
    pub fn open_to_decide_by(&self, policy: &Policy) -> Result<Opened> {
        let workspace = self.workspace()?;
        let library = self.library(Some(&workspace))?;
        self.open_to_decide_with(&workspace, library, self.known_at()?, policy)
    }

    /// The same with stated rule and query files, at a stated instant.
    ///
    /// # Errors
    /// As [`Context::open_to_decide_by`].
    pub fn open_to_decide_with(
        &self,
        workspace: &Workspace,
        library: Library,
        known_at: Option<KnownAt>,
        policy: &Policy,
    ) -> Result<Opened> {
        let snapshot = workspace::open(workspace, known_at)?;
        let engine = Engine::new(Profile::Decide, self.limits()?)?;
        // Building the rules takes as long as reading the tables: do both at once.
        let read = std::thread::scope(|scope| {
            let rules = scope.spawn(|| classify::read_rules(&library));
            let tables = engine::tables::register(&engine, &snapshot)
                .and_then(|()| engine::ledger::register(&engine, &snapshot));
            let rules = match rules.join() {
                Ok(rules) => rules,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            tables.and(rules)
        });
        let (rules, hash) = read?;
        let (rules, _) = switched(rules, &hash, policy);
        classify::register_plan(&engine, &snapshot, &rules)?;
        Ok(Opened { snapshot, engine, library })
    }
}

/// A session for verdicts over a snapshot, with classes read by stated rules.
///
/// # Errors
/// A stored file is damaged.
pub fn decide_with(
    context: &Context,
    snapshot: &Snapshot,
    rules: &RuleSet,
) -> Result<Engine> {
    let engine = Engine::new(Profile::Decide, context.limits()?)?;
    engine::tables::register(&engine, snapshot)?;
    engine::ledger::register(&engine, snapshot)?;
    classify::register_plan(&engine, snapshot, rules)?;
    Ok(engine)
}

/// Rules that read as a policy wants, and a hash that says so too.
pub fn switched(rules: RuleSet, hash: &str, policy: &Policy) -> (RuleSet, String) {
    let rules =
        rules.strict_nature(policy.strict_nature).exempt_safety(policy.exempt_safety);
    let hash = format!("{hash} {} {}", policy.strict_nature, policy.exempt_safety);
    (rules, hash)
}

/// The wall clock; nothing else in the project reads it.
#[expect(clippy::disallowed_methods, reason = "only cli reads the clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

fn memory(text: &str) -> Option<usize> {
    let (digits, shift) = match text.char_indices().last()? {
        (at, 'K' | 'k') => (text.get(..at)?, 10),
        (at, 'M' | 'm') => (text.get(..at)?, 20),
        (at, 'G' | 'g') => (text.get(..at)?, 30),
        _ => (text, 0),
    };
    digits.parse::<usize>().ok()?.checked_shl(shift)
}
