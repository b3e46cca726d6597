//! A proposal.
