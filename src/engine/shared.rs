//! Statements that begin with the same `WITH` tables: each such table is computed once.
//!
//! The planner writes a `WITH` table out wherever it is named, so the statements of one
//! metric would plan and run the same subqueries many times over, and planning is what a
//! verdict waits for. Here each is run once, held, and read like any other table by what
//! comes after it. Only tables that the statement's result rests on are run.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider,
    MemoryCatalogProviderList, MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::physical_plan::collect;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Cte, Ident, Query, Statement as Sql};

use super::profile::CATALOG;
use super::session::{Answer, Engine, Params, bind, refuse_writes};

/// The schema in which a statement's own tables stand among the session's.
const OWN: &str = "statement";

type Held = Arc<dyn TableProvider>;

/// A session whose statements share their `WITH` tables.
pub(super) struct Sharing<'a> {
    state: SessionState,
    /// The session's tables, and those of the statement that runs.
    own: Arc<MemorySchemaProvider>,
    base: Arc<dyn SchemaProvider>,
    params: &'a Params,
    /// What was computed, by its text and that of the tables it reads.
    done: BTreeMap<String, Held>,
}

impl<'a> Sharing<'a> {
    /// Starts over the tables of a session.
    pub(super) async fn new(
        engine: &Engine,
        params: &'a Params,
    ) -> Result<Self, DataFusionError> {
        let state = engine.state();
        let whole = state
            .catalog_list()
            .catalog(CATALOG)
            .ok_or_else(|| DataFusionError::Internal("no catalog".to_owned()))?;
        let catalog = Arc::new(MemoryCatalogProvider::new());
        for name in whole.schema_names() {
            if let Some(schema) = whole.schema(&name) {
                catalog.register_schema(&name, schema)?;
            }
        }
        let base = engine.default_tables();
        let own = Arc::new(MemorySchemaProvider::new());
        for name in base.table_names() {
            if let Some(table) = base.table(&name).await? {
                own.register_table(name, table)?;
            }
        }
        catalog.register_schema(OWN, Arc::clone(&own) as Arc<dyn SchemaProvider>)?;
        let catalogs = Arc::new(MemoryCatalogProviderList::new());
        catalogs.register_catalog(CATALOG.to_owned(), catalog);
        let config = state.config().clone().with_default_catalog_and_schema(CATALOG, OWN);
        let state = SessionStateBuilder::new_from_existing(state)
            .with_config(config)
            .with_catalog_list(catalogs)
            .build();
        Ok(Self { state, own, base, params, done: BTreeMap::new() })
    }

    /// Runs one statement.
    pub(super) async fn answer(&mut self, sql: &str) -> Result<Answer, DataFusionError> {
        let dialect = self.state.config_options().sql_parser.dialect;
        let statement = self.state.sql_to_statement(sql, &dialect)?;
        let (tables, body) = split(statement);
        let mut scope: BTreeMap<String, String> = BTreeMap::new();
        let answer = self.answer_in(tables, body, sql.contains('$'), &mut scope).await;
        for name in scope.keys() {
            self.own.deregister_table(name)?;
            if let Some(table) = self.base.table(name).await? {
                self.own.register_table(name.clone(), table)?;
            }
        }
        answer
    }

    /// Computes or takes a statement's tables, then runs its body.
    async fn answer_in(
        &mut self,
        tables: Vec<(String, Box<Query>)>,
        body: Statement,
        with_params: bool,
        scope: &mut BTreeMap<String, String>,
    ) -> Result<Answer, DataFusionError> {
        for (name, query) in needed(tables, &body) {
            let text = query.to_string();
            let mut key = text.clone();
            for (other, origin) in scope.iter() {
                if names(&text, other) {
                    key.push_str(&format!("\n-- {other}:\n{origin}"));
                }
            }
            let table = match self.done.get(&key) {
                Some(table) => Arc::clone(table),
                None => {
                    let query = Statement::Statement(Box::new(Sql::Query(query)));
                    let made = self.run(query, text.contains('$')).await?;
                    let table = MemTable::try_new(made.schema, vec![made.batches])?;
                    let table: Held = Arc::new(table);
                    self.done.insert(key.clone(), Arc::clone(&table));
                    table
                }
            };
            self.own.deregister_table(&name)?;
            self.own.register_table(name.clone(), table)?;
            scope.insert(name, key);
        }
        self.run(body, with_params).await
    }

    async fn run(
        &self,
        statement: Statement,
        with_params: bool,
    ) -> Result<Answer, DataFusionError> {
        let plan = self.state.statement_to_plan(statement).await?;
        refuse_writes(&plan)?;
        let plan = if with_params { bind(plan, self.params)? } else { plan };
        let plan = self.state.create_physical_plan(&plan).await?;
        let schema = plan.schema();
        let batches = collect(plan, self.state.task_ctx()).await?;
        Ok(Answer { schema, batches })
    }
}

/// Takes the `WITH` tables off a query, where each is a plain name and a SELECT.
fn split(statement: Statement) -> (Vec<(String, Box<Query>)>, Statement) {
    match statement {
        Statement::Statement(sql) => match *sql {
            Sql::Query(mut query) => {
                let tables = match query.with.take() {
                    Some(with) if !with.recursive && are_plain(&with.cte_tables) => with
                        .cte_tables
                        .into_iter()
                        .map(|table| (name_of(&table.alias.name), table.query))
                        .collect(),
                    with => {
                        query.with = with;
                        Vec::new()
                    }
                };
                (tables, Statement::Statement(Box::new(Sql::Query(query))))
            }
            other => (Vec::new(), Statement::Statement(Box::new(other))),
        },
        other => (Vec::new(), other),
    }
}

/// Whether all tables have names of their own and none renames its columns.
fn are_plain(tables: &[Cte]) -> bool {
    let mut seen: Vec<String> =
        tables.iter().map(|table| name_of(&table.alias.name)).collect();
    seen.sort();
    seen.windows(2).all(|pair| pair.first() != pair.last())
        && tables.iter().all(|table| table.alias.columns.is_empty())
}

/// A name as the planner looks it up.
fn name_of(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}

/// The tables that the result rests on, in their order.
fn needed(
    tables: Vec<(String, Box<Query>)>,
    body: &Statement,
) -> Vec<(String, Box<Query>)> {
    let mut texts = vec![body.to_string()];
    let mut kept = Vec::new();
    for (name, query) in tables.into_iter().rev() {
        if texts.iter().any(|text| names(text, &name)) {
            texts.push(query.to_string());
            kept.push((name, query));
        }
    }
    kept.reverse();
    kept
}

/// Whether a word stands in SQL text: true too often where it stands in a string or is a
/// column, which costs a query and changes no result.
fn names(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    text.match_indices(&word).any(|(at, found)| {
        let (before, rest) = text.split_at(at);
        let after = rest.strip_prefix(found).unwrap_or_default();
        !before.ends_with(is_word) && !after.starts_with(is_word)
    })
}

#[cfg(test)]
mod tests {
    use arrow::util::pretty::pretty_format_batches;

    use super::*;
    use crate::engine::session::Limits;
    use crate::engine::{Profile, Value};

    fn told(answer: &Answer) -> String {
        pretty_format_batches(&answer.batches).unwrap().to_string()
    }

    #[test]
    fn sharing_changes_no_answer() {
        let statements = [
            "WITH a AS (SELECT 1 AS x UNION ALL SELECT $n), \
                  b AS (SELECT x, x + 1 AS y FROM a) \
             SELECT a.x, b.y FROM a JOIN b ON a.x = b.x ORDER BY 1",
            "WITH a AS (SELECT 1 AS x UNION ALL SELECT $n), \
                  b AS (SELECT x, x + 2 AS y FROM a) \
             SELECT * FROM b ORDER BY 1",
            "WITH b AS (SELECT 5 AS y) SELECT y, $n AS n FROM b",
            "SELECT 'no table' AS b",
        ];
        for profile in [Profile::Ask, Profile::Decide] {
            let engine = Engine::new(profile, Limits::default()).unwrap();
            let params = vec![("n".to_owned(), Value::Whole(7))];
            let shared = engine.run_sharing(&statements, &params).unwrap();
            for (sql, answer) in statements.iter().zip(&shared) {
                let params = if sql.contains('$') { params.clone() } else { Vec::new() };
                assert_eq!(
                    told(answer),
                    told(&engine.run(sql, &params).unwrap()),
                    "{sql}"
                );
            }
        }
    }

    #[test]
    fn a_table_of_one_statement_is_unknown_to_the_next() {
        let engine = Engine::new(Profile::Decide, Limits::default()).unwrap();
        let statements = ["WITH a AS (SELECT 1 AS x) SELECT x FROM a", "SELECT x FROM a"];
        let error = engine.run_sharing(&statements, &Vec::new()).unwrap_err();
        assert!(error.what().contains("no table `a`"), "{}", error.what());
    }

    #[test]
    fn what_is_not_asked_for_is_not_run() {
        let engine = Engine::new(Profile::Decide, Limits::default()).unwrap();
        let sql = "WITH a AS (SELECT 1 / 0 AS x), b AS (SELECT 2 AS y) SELECT y FROM b";
        let answers = engine.run_sharing(&[sql], &Vec::new()).unwrap();
        assert_eq!(answers.first().map(Answer::rows), Some(1));
    }

    #[test]
    fn sharing_reads_only() {
        let engine = Engine::new(Profile::Decide, Limits::default()).unwrap();
        let refused = engine.run_sharing(&["CREATE TABLE t AS SELECT 1"], &Vec::new());
        assert!(refused.is_err());
    }
}
