//! How fast it is, beside others that do a part of the same: `cargo xtask bench`. Every contest's programs run in
//! turn, so that a slow moment of the machine meets all of them. Judges nothing: it writes `docs/PERFORMANCE.md`.

mod contests;
mod inputs;
mod page;

use std::path::Path;

use anyhow::Context as _;

use self::contests::{Contest, Size};
use self::inputs::Inputs;
pub(crate) use self::inputs::csv_rows;
use crate::shell::{cargo, root, run as run_command};

/// Makes the inputs, runs the contests, and writes the page. `is_quick` takes a tenth of the rows and few runs,
/// and writes no page.
pub(crate) fn run(is_quick: bool, is_built: bool) -> anyhow::Result<()> {
    if !is_built {
        build()?;
    }
    let directory = root().join("target/bench");
    std::fs::create_dir_all(&directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
    let converted = directory.join("converted");
    make_empty(&converted)?;
    let size = if is_quick { Size::QUICK } else { Size::FULL };
    let inputs = Inputs::make(&directory, &size)?;
    let mut results = Vec::new();
    for contest in Contest::all(&inputs, &size) {
        anstream::eprintln!("{}", contest.title);
        let result = contest.run(&directory, size.runs)?;
        anstream::eprint!("{}", page::table(&result));
        results.push(result);
    }
    // Now, and not before the next contest: for minutes, ext4 looks at each file that was removed before it makes another.
    make_empty(&converted)?;
    if is_quick {
        return Ok(());
    }
    let path = root().join("docs/PERFORMANCE.md");
    std::fs::write(&path, page::page(&results, size.runs))
        .with_context(|| format!("cannot write `{}`", path.display()))
}

fn make_empty(folder: &Path) -> anyhow::Result<()> {
    let removed = std::fs::remove_dir_all(folder).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    });
    removed
        .and_then(|()| std::fs::create_dir(folder))
        .with_context(|| format!("cannot empty `{}`", folder.display()))
}

fn build() -> anyhow::Result<()> {
    run_command(cargo().args(["build", "--release", "--locked", "--package", "metricsheet"]))?;
    let packages = ["--package", "metricsheet-lint", "--package", "metricsheet-convert", "--examples"];
    run_command(cargo().args(["build", "--release", "--locked"]).args(packages))
}
