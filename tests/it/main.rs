//! The one integration-test binary.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test every surprise is a failure"
)]

mod agreement;
mod attribution;
mod broken;
mod classification;
mod cli;
mod decisions;
mod evaluators;
mod fuzz;
mod gate_tables;
mod handbook;
mod iati;
mod integrity;
mod invariance;
mod large;
mod layers;
mod mappings;
mod oracle;
mod portfolio;
mod properties;
mod scenarios;
mod sources;
mod sql;
mod templates;
mod workspace;
mod workspaces;
mod writers;
