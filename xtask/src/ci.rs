//! What must hold before a change is handed in, in the order in which failures are cheapest.

use anyhow::Context as _;

use crate::shell::{cargo, run};
use crate::{generate, hooks};

/// Formatting, lints, generated files, tests, documentation, dependencies.
pub(crate) fn all() -> anyhow::Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    generate::run(true)?;
    // The fuzzer is a workspace of its own, which nothing else here builds: its lock file grows old with ours.
    run(cargo().args(["fetch", "--locked", "--manifest-path", "fuzz/Cargo.toml"]))?;
    test()?;
    run(cargo().args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    // Advisories need a database from the network, so they are asked for by hand: `cargo deny check`.
    run(cargo().args(["deny", "check", "bans", "licenses", "sources"]))
        .context("the dependency check needs `cargo install --locked cargo-deny`")
}

/// All tests, those in the documentation and of the hooks for pre-commit included.
pub(crate) fn test() -> anyhow::Result<()> {
    // A fixed seed: a change fails the properties, not chance. Plain `cargo test` explores further.
    run(cargo().args(["test", "--workspace", "--locked"]).env("PROPTEST_RNG_SEED", "20261123"))?;
    hooks::run()
}
