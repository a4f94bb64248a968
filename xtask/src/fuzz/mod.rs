//! Holds the laws (`crates/laws`) against what libFuzzer thinks of, guided by coverage, on the stable toolchain: the
//! flags are those of cargo-fuzz without a sanitizer, which code without `unsafe` has no use for.

mod seeds;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{cargo, root, run as run_command};
use anyhow::{Context as _, ensure};

/// Counts which edges of the code an input reaches, and tells the comparisons it fails.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
                        -Ccodegen-units=1";

/// Inputs longer than this are not thought of, and not kept.
const LONGEST: usize = 4096;

/// Which laws, for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Laws by their name, such as `value`; left out, all
    laws: Vec<String>,

    /// How long each law is held
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,

    /// Keep in `fuzz/corpus` the fewest inputs that reach all that was reached
    #[arg(long)]
    keep: bool,
}

/// Runs the chore. What breaks a law is kept in `fuzz/artifacts`.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let fuzz = root().join("fuzz");
    let laws = laws(&fuzz)?;
    for name in &arguments.laws {
        ensure!(laws.contains(name), "`{name}` is no law; there are {}", laws.join(", "));
    }
    let is_wanted = |name: &String| arguments.laws.is_empty() || arguments.laws.contains(name);
    let wanted: Vec<&String> = laws.iter().filter(|name| is_wanted(name)).collect();
    std::fs::create_dir_all(fuzz.join("artifacts")).context("cannot make `fuzz/artifacts`")?;
    for name in &wanted {
        let found = found(&fuzz, name);
        std::fs::create_dir_all(&found).with_context(|| format!("cannot make `{}`", found.display()))?;
        seeds::write(name, &root().join("fixtures"), &found)?;
    }
    let mut build = cargo();
    build.args(["build", "--release", "--locked", "--target", &host()?]);
    run_command(build.current_dir(&fuzz).env("RUSTFLAGS", COVERAGE))?;
    let mut broken = Vec::new();
    for name in &wanted {
        if hold(&fuzz, name, arguments.seconds).is_err() {
            broken.push(name.as_str());
        } else if arguments.keep {
            keep(&fuzz, name)?;
        }
    }
    ensure!(broken.is_empty(), "broken: {}; the inputs lie in `fuzz/artifacts`", broken.join(", "));
    Ok(())
}

/// Where everything is put that a law was ever held against.
fn found(fuzz: &Path, name: &str) -> PathBuf {
    fuzz.join("target/found").join(name)
}

/// Holds a law for some time.
fn hold(fuzz: &Path, name: &str, seconds: u64) -> anyhow::Result<()> {
    let mut law = law(fuzz, name)?;
    law.arg(format!("-max_total_time={seconds}"))
        .args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=0"])
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-artifact_prefix={}-", fuzz.join("artifacts").join(name).display()));
    run_command(law.args([found(fuzz, name), fuzz.join("corpus").join(name)]))
}

/// Keeps the fewest inputs in the corpus of a law that reach all edges that were reached. How often each is passed tells
/// the fuzzer more, and would keep ten times as many.
fn keep(fuzz: &Path, name: &str) -> anyhow::Result<()> {
    let (fewest, kept) = (fuzz.join("target/fewest").join(name), fuzz.join("corpus").join(name));
    if fewest.exists() {
        std::fs::remove_dir_all(&fewest).with_context(|| format!("cannot empty `{}`", fewest.display()))?;
    }
    std::fs::create_dir_all(&fewest).with_context(|| format!("cannot make `{}`", fewest.display()))?;
    let mut merge = law(fuzz, name)?;
    merge.args(["-set_cover_merge=1", "-use_counters=0", "-verbosity=0"]).arg(format!("-max_len={LONGEST}"));
    run_command(merge.args([&fewest, &found(fuzz, name), &kept]))?;
    std::fs::remove_dir_all(&kept).with_context(|| format!("cannot empty `{}`", kept.display()))?;
    std::fs::rename(&fewest, &kept).with_context(|| format!("cannot make `{}`", kept.display()))
}

/// The names of all laws: the test that replays the corpora sees to it that each has a folder.
fn laws(fuzz: &Path) -> anyhow::Result<Vec<String>> {
    let folders = std::fs::read_dir(fuzz.join("corpus")).context("cannot read `fuzz/corpus`")?;
    let mut names: Vec<String> =
        folders.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// The program that holds one law.
fn law(fuzz: &Path, name: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(fuzz.join("target").join(host()?).join("release/law"));
    command.env("LAW", name).current_dir(fuzz);
    Ok(command)
}

/// The machine that builds: flags for a named target do not count for build scripts.
fn host() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot run `rustc`")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}
