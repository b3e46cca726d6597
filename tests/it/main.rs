//! The one integration-test binary.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test every surprise is a failure"
)]

mod agreement;
mod broken;
mod cli;
mod large;
mod layers;
mod portfolio;
mod properties;
mod scenarios;
mod sql;
mod workspace;
mod workspaces;
