//! What a session is for, and what that means to the planner.

use datafusion::execution::SessionStateBuilder;
use datafusion::optimizer::Optimizer;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::SessionConfig;

/// The catalog that holds our tables.
pub(super) const CATALOG: &str = "ssrfund";

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Questions of people and reports: all cores, plain tables first.
    Ask,
    /// Facts for a verdict: one partition, no pruning, evidence tables first.
    Decide,
}

/// The rewrites of a verdict's statements: those without which a plan cannot run, and
/// those that keep a scan of a large file narrow. A verdict waits for its planning, not
/// for its data, so the many rewrites that find nothing to do cost more than they save.
const REWRITES: [&str; 9] = [
    "rewrite_set_comparison",
    "simplify_expressions",
    "replace_distinct_aggregate",
    "decorrelate_predicate_subquery",
    "scalar_subquery_to_join",
    "decorrelate_lateral_join",
    "extract_equijoin_predicate",
    "push_down_filter",
    "optimize_projections",
];

/// The same of physical plans: what makes them runnable, cancellable and checked.
const PHYSICAL_REWRITES: [&str; 4] =
    ["OutputRequirements", "EnsureRequirements", "EnsureCooperative", "SanityCheckPlan"];

impl Profile {
    /// The schema in which unqualified names are looked up.
    pub(super) fn space(self) -> &'static str {
        match self {
            Self::Ask => "public",
            Self::Decide => "evidence",
        }
    }

    pub(super) fn config(self) -> SessionConfig {
        let mut config = SessionConfig::new()
            .with_default_catalog_and_schema(CATALOG, self.space())
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(true)
            .set_bool("datafusion.sql_parser.parse_float_as_decimal", true)
            .set_bool("datafusion.catalog.location", false);
        let options = config.options_mut();
        if self == Self::Decide {
            options.execution.target_partitions = 1;
            options.execution.collect_statistics = false;
            options.execution.parquet.pruning = false;
            options.execution.parquet.enable_page_index = false;
            options.execution.parquet.bloom_filter_on_read = false;
            options.execution.parquet.pushdown_filters = false;
            options.execution.skip_partial_aggregation_probe_rows_threshold = usize::MAX;
            let optimizer = &mut options.optimizer;
            optimizer.enable_dynamic_filter_pushdown = false;
            optimizer.enable_join_dynamic_filter_pushdown = false;
            optimizer.enable_topk_dynamic_filter_pushdown = false;
            optimizer.enable_aggregate_dynamic_filter_pushdown = false;
            options.optimizer.max_passes = 1;
        }
        config
    }

    /// Leaves out the rewrites that this profile does without.
    pub(super) fn rewrites(self, builder: SessionStateBuilder) -> SessionStateBuilder {
        if self == Self::Ask {
            return builder;
        }
        let logical = Optimizer::new().rules;
        let physical = PhysicalOptimizer::new().rules;
        builder
            .with_optimizer_rules(
                logical
                    .into_iter()
                    .filter(|rule| REWRITES.contains(&rule.name()))
                    .collect(),
            )
            .with_physical_optimizer_rules(
                physical
                    .into_iter()
                    .filter(|rule| PHYSICAL_REWRITES.contains(&rule.name()))
                    .collect(),
            )
    }
}

/// A rule that the planner no longer has under its name would be left out silently.
#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_verdict_is_planned_plainly() {
        let config = Profile::Decide.config();
        let options = config.options();
        assert_eq!(options.execution.target_partitions, 1);
        assert!(!options.execution.collect_statistics);
        let parquet = &options.execution.parquet;
        assert!(!parquet.pruning);
        assert!(!parquet.enable_page_index);
        assert!(!parquet.bloom_filter_on_read);
        assert!(!parquet.pushdown_filters);
        let optimizer = &options.optimizer;
        assert!(!optimizer.enable_dynamic_filter_pushdown);
        // Each kind of dynamic filter has a switch of its own besides.
        assert!(!optimizer.enable_join_dynamic_filter_pushdown);
        assert!(!optimizer.enable_topk_dynamic_filter_pushdown);
        assert!(!optimizer.enable_aggregate_dynamic_filter_pushdown);
        // Questions keep what makes them fast: the switches above are not the defaults.
        let asked = Profile::Ask.config();
        assert!(asked.options().execution.parquet.pruning);
        assert!(asked.options().optimizer.enable_dynamic_filter_pushdown);
    }

    #[test]
    fn every_rewrite_exists() {
        let logical = Optimizer::new().rules;
        for name in REWRITES {
            assert!(logical.iter().any(|rule| rule.name() == name), "{name}");
        }
        let physical: Vec<Arc<_>> = PhysicalOptimizer::new().rules;
        for name in PHYSICAL_REWRITES {
            assert!(physical.iter().any(|rule| rule.name() == name), "{name}");
        }
    }
}
