//! The binary: everything is in the library's `cli`.

use std::process::ExitCode;

// Planning SQL allocates much and little at a time; see docs/figures.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ssrfund::cli::main()
}
