//! Cases by hand, and what a difference does to a verdict.
