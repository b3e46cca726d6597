//! One DataFusion session: bounded, read-only, with exact decimal literals.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{CatalogProvider, SchemaProvider};
use datafusion::catalog::{MemoryCatalogProvider, MemorySchemaProvider, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::prelude::{ParquetReadOptions, SQLOptions, SessionContext};
use futures::StreamExt;

use crate::domain::AsOf;
use crate::domain::time::days_since_epoch;
use crate::error::{Error, Result};

use super::explain::from_engine;
use super::profile::CATALOG;
pub use super::profile::Profile;
use super::shared::Sharing;

/// Where a table is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// What `SELECT *` shows people.
    Public,
    /// The same rows with load, file and row.
    Evidence,
}

/// The value of a named parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A calendar day.
    Day(AsOf),
    /// A whole number.
    Whole(i64),
    /// Text.
    Text(String),
}

/// Named parameters of a statement, written `$name` in SQL.
pub type Params = Vec<(String, Value)>;

/// What a statement returned.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
}

impl Answer {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// Bounds of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most memory that queries may hold, in bytes.
    pub memory: usize,
    /// Most time that a statement may take.
    pub timeout: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 1 << 30, timeout: None }
    }
}

/// A SQL session over registered tables.
pub struct Engine {
    session: SessionContext,
    runtime: tokio::runtime::Runtime,
    public: Arc<MemorySchemaProvider>,
    evidence: Arc<MemorySchemaProvider>,
    limits: Limits,
    profile: Profile,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes an empty session.
    ///
    /// # Errors
    /// The runtime cannot be started.
    pub fn new(profile: Profile, limits: Limits) -> Result<Self> {
        let pool = TrackConsumersPool::new(
            FairSpillPool::new(limits.memory),
            std::num::NonZeroUsize::MIN,
        );
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .build_arc()
            .map_err(|error| from_engine(error, &[], ""))?;
        let state = SessionStateBuilder::new()
            .with_config(profile.config())
            .with_runtime_env(environment)
            .with_default_features();
        let session = SessionContext::new_with_state(profile.rewrites(state).build());
        let catalog = Arc::new(MemoryCatalogProvider::new());
        let public = Arc::new(MemorySchemaProvider::new());
        let evidence = Arc::new(MemorySchemaProvider::new());
        for (name, space) in [("public", &public), ("evidence", &evidence)] {
            catalog
                .register_schema(name, Arc::clone(space) as Arc<dyn SchemaProvider>)
                .map_err(|error| from_engine(error, &[], ""))?;
        }
        session.register_catalog(CATALOG, catalog);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(match profile {
                Profile::Ask => {
                    std::thread::available_parallelism().map_or(1, usize::from)
                }
                Profile::Decide => 1,
            })
            .thread_stack_size(8 << 20)
            .enable_time()
            .build()
            .map_err(|error| {
                Error::environment("cannot start the query threads").caused_by(error)
            })?;
        Ok(Self { session, runtime, public, evidence, limits, profile })
    }

    /// Registers rows in memory under `name`.
    ///
    /// # Errors
    /// The batches do not have the schema.
    pub fn register(
        &self,
        space: Space,
        name: &str,
        schema: &SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<()> {
        let table = MemTable::try_new(Arc::clone(schema), vec![batches])
            .map_err(|error| from_engine(error, &[], ""))?;
        self.register_provider(space, name, Arc::new(table))
    }

    fn register_provider(
        &self,
        space: Space,
        name: &str,
        table: Arc<dyn TableProvider>,
    ) -> Result<()> {
        let schema = match space {
            Space::Public => &self.public,
            Space::Evidence => &self.evidence,
        };
        // A table of the same name is replaced.
        schema.deregister_table(name).map_err(|error| from_engine(error, &[], ""))?;
        schema
            .register_table(name.to_owned(), table)
            .map_err(|error| from_engine(error, &[], ""))?;
        Ok(())
    }

    /// Registers Parquet files under `name`, scanned where they lie; `columns` are added
    /// to each file as constant text.
    ///
    /// # Errors
    /// A file cannot be opened.
    pub fn register_files(
        &self,
        space: Space,
        name: &str,
        files: &[(String, Vec<(String, String)>)],
    ) -> Result<()> {
        let plan = self.runtime.block_on(async {
            let mut whole = None;
            for (path, columns) in files {
                let options = ParquetReadOptions::default();
                let mut frame = self.session.read_parquet(path.as_str(), options).await?;
                for (column, value) in columns {
                    let value = datafusion::prelude::lit(value.as_str());
                    frame = frame.with_column(column, value)?;
                }
                whole = Some(match whole {
                    None => frame,
                    Some(before) => {
                        datafusion::dataframe::DataFrame::union(before, frame)?
                    }
                });
            }
            Ok::<_, DataFusionError>(whole)
        });
        match plan.map_err(|error| from_engine(error, &[], ""))? {
            Some(frame) => self.register_provider(space, name, frame.into_view()),
            None => Ok(()),
        }
    }

    /// Registers a SELECT under `name`.
    ///
    /// # Errors
    /// The SQL is not one SELECT over what is registered.
    pub fn view(&self, space: Space, name: &str, sql: &str) -> Result<()> {
        let plan = self.runtime.block_on(self.session.state().create_logical_plan(sql));
        let plan = plan.map_err(|error| self.explain_error(error, sql))?;
        let view =
            datafusion::datasource::ViewTable::new(plan, Some(sql.trim().to_owned()));
        self.register_provider(space, name, Arc::new(view))
    }

    /// What the session is for.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Adds a scalar function.
    pub fn function(&self, function: ScalarUDF) {
        self.session.register_udf(function);
    }

    /// Whether a table or view of that name can be asked.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.public.table_exist(name) || self.evidence.table_exist(name)
    }

    /// The names of public tables and views, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = self.public.table_names();
        names.sort();
        names
    }

    /// Column names and types of a public table.
    #[must_use]
    pub fn columns(&self, name: &str) -> Vec<(String, String)> {
        let found = self.runtime.block_on(self.public.table(name));
        match found {
            Ok(Some(table)) => table
                .schema()
                .fields()
                .iter()
                .map(|field| (field.name().clone(), field.data_type().to_string()))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Runs one read-only statement and returns all of its rows.
    ///
    /// # Errors
    /// The statement cannot be planned, would write, or fails while it runs.
    pub fn run(&self, sql: &str, params: &Params) -> Result<Answer> {
        self.within_time(sql, async {
            let plan = self.plan(sql, params).await?;
            let frame = self.session.execute_logical_plan(plan).await?;
            let schema = Arc::new(frame.schema().as_arrow().clone());
            let batches = frame.collect().await?;
            let schema = batches.first().map_or(schema, RecordBatch::schema);
            Ok(Answer { schema, batches })
        })
    }

    /// Runs one read-only statement and hands its rows to `take` batch by batch, in no
    /// particular order.
    ///
    /// # Errors
    /// As [`Engine::run`], or what `take` returns.
    pub fn each(
        &self,
        sql: &str,
        params: &Params,
        mut take: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        self.within_time(sql, async {
            let plan = self.plan(sql, params).await?;
            let frame = self.session.execute_logical_plan(plan).await?;
            let mut batches = frame.execute_stream().await?;
            while let Some(batch) = batches.next().await {
                if let Err(error) = take(&batch?) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// Runs read-only statements one after the other and returns all rows of each. Those
    /// tables of their `WITH` clauses that are the same are computed once.
    ///
    /// # Errors
    /// A statement cannot be planned, would write, or fails while it runs.
    pub fn run_sharing(
        &self,
        statements: &[&str],
        params: &Params,
    ) -> Result<Vec<Answer>> {
        self.within_time("", async {
            let mut sharing = Sharing::new(self, params).await?;
            let mut answers = Vec::new();
            for sql in statements {
                answers.push(sharing.answer(sql).await?);
            }
            Ok(answers)
        })
    }

    fn within_time<T>(
        &self,
        sql: &str,
        work: impl Future<Output = Result<T, DataFusionError>>,
    ) -> Result<T> {
        let outcome = self.runtime.block_on(async {
            match self.limits.timeout {
                None => Ok(work.await),
                Some(most) => tokio::time::timeout(most, work).await,
            }
        });
        match outcome {
            Ok(answer) => answer.map_err(|error| self.explain_error(error, sql)),
            Err(_) => {
                Err(Error::usage("the statement took longer than `--timeout` allows")
                    .fix("ask for less, or allow more time"))
            }
        }
    }

    async fn plan(
        &self,
        sql: &str,
        params: &Params,
    ) -> Result<LogicalPlan, DataFusionError> {
        let plan = self.session.state().create_logical_plan(sql).await?;
        refuse_writes(&plan)?;
        if params.is_empty() { Ok(plan) } else { bind(plan, params) }
    }

    /// The session's state, for statements that are planned beside it.
    pub(super) fn state(&self) -> SessionState {
        self.session.state()
    }

    /// The tables that an unqualified name may mean.
    pub(super) fn default_tables(&self) -> Arc<dyn SchemaProvider> {
        let tables = match self.profile {
            Profile::Ask => &self.public,
            Profile::Decide => &self.evidence,
        };
        Arc::clone(tables) as Arc<dyn SchemaProvider>
    }

    fn explain_error(&self, error: DataFusionError, sql: &str) -> Error {
        from_engine(error, &self.names(), sql)
    }
}

/// Refuses a plan that does anything but read.
pub(super) fn refuse_writes(plan: &LogicalPlan) -> Result<(), DataFusionError> {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(plan)
}

/// Puts the values of named parameters into a plan.
pub(super) fn bind(
    plan: LogicalPlan,
    params: &Params,
) -> Result<LogicalPlan, DataFusionError> {
    let values: HashMap<String, ScalarValue> =
        params.iter().map(|(name, value)| (name.clone(), scalar(value))).collect();
    plan.with_param_values(values)
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Day(day) => ScalarValue::Date32(Some(days_since_epoch(day.0))),
        Value::Whole(number) => ScalarValue::Int64(Some(*number)),
        Value::Text(text) => ScalarValue::Utf8(Some(text.clone())),
    }
}
