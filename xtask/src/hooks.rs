//! The hooks of `.pre-commit-hooks.yaml`, installed and run by the real pre-commit in a repository made for it.
//! Nothing of that repository is left behind; what is worth keeping (pre-commit itself, the dependencies as they
//! were built) is kept in `target/hooks`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::shell::{cargo, root, run as run_command, shown, target};

const HEADER: &str = "External ID,Current Metric Value,As Of Date\n";
/// The percent sign is dropped safely.
const DIRTY: &str = "KPI-1,20%,03/31/2024\n";
const REPAIRED: &str = "KPI-1,.2,03/31/2024\n";
/// To drop a unit is doubtful.
const UNFIXABLE: &str = "KPI-2,12 days,03/31/2024\n";

/// Installs pre-commit and the hooks, and sees that each fails, repairs and passes when it should.
pub(crate) fn run() -> anyhow::Result<()> {
    let kept = target().join("hooks");
    let pre_commit = pre_commit(&kept.join("python"))?;
    remove_earlier_builds(&kept.join("build"))?;
    let scratch = tempfile::tempdir().context("cannot make a directory for the hooks")?;
    let hooks = Hooks {
        pre_commit,
        source: scratch.path().join("source"),
        repository: scratch.path().join("repository"),
        home: scratch.path().join("home"),
        build: kept.join("build"),
    };
    hooks.take_snapshot()?;
    hooks.try_out()
}

/// pre-commit in an environment of its own.
fn pre_commit(environment: &Path) -> anyhow::Result<PathBuf> {
    let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = |name: &str| programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let pre_commit = program("pre-commit");
    if succeeds(Command::new(&pre_commit).arg("--version")) {
        return Ok(pre_commit);
    }
    let works = |python: &&str| succeeds(Command::new(python).args(["-c", "import ensurepip, venv"]));
    let Some(python) = ["python3", "python", "py"].into_iter().find(works) else {
        bail!(
            "the hooks are run by pre-commit, which needs Python with `venv` and `ensurepip` (on Debian: `python3-venv`)"
        );
    };
    run_command(Command::new(python).args(["-m", "venv", "--clear"]).arg(environment))?;
    run_command(Command::new(program("python")).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "pre-commit>=4,<5",
    ]))
    .context(
        "pre-commit comes from the Python Package Index; `cargo test --workspace` runs all other tests",
    )?;
    Ok(pre_commit)
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// pre-commit installs from a new directory each time, so that what was built of this project is never used again;
/// the dependencies are.
fn remove_earlier_builds(build: &Path) -> anyhow::Result<()> {
    if !build.exists() {
        return Ok(());
    }
    let mut clean = cargo();
    clean.args(["clean", "--quiet", "--profile", "hooks", "--target-dir"]).arg(build);
    let crates = root().join("crates");
    for entry in std::fs::read_dir(&crates).context("cannot read `crates`")? {
        let name = entry.context("cannot read `crates`")?.file_name();
        match name.to_string_lossy().as_ref() {
            "cli" => clean.args(["--package", "metricsheet"]),
            name => clean.arg("--package").arg(format!("metricsheet-{name}")),
        };
    }
    run_command(&mut clean)
}

struct Hooks {
    pre_commit: PathBuf,
    /// This project as it is now, as a repository from which pre-commit can install.
    source: PathBuf,
    /// The repository of a user.
    repository: PathBuf,
    home: PathBuf,
    build: PathBuf,
}

impl Hooks {
    /// pre-commit installs what is committed; here it shall be what is there.
    fn take_snapshot(&self) -> anyhow::Result<()> {
        let git_directory = self.source.join(".git");
        git(&self.source, &["init", "--quiet"])?;
        let mut add = git_command(&root());
        add.arg("--git-dir").arg(&git_directory).arg("--work-tree").arg(root()).args(["add", "--all"]);
        quietly(&mut add)?;
        git(&self.source, &["commit", "--quiet", "--message", "The project as it is"])?;
        git(&self.source, &["reset", "--quiet", "--hard"])
    }

    fn try_out(&self) -> anyhow::Result<()> {
        git(&self.repository, &["init", "--quiet"])?;
        let workbook = root().join("fixtures/demo/hospital-kpis.xlsx");
        std::fs::copy(workbook, self.repository.join("hospital-kpis.xlsx"))
            .context("cannot copy the workbook")?;
        let csv = std::fs::read_to_string(root().join("fixtures/demo/hospital-kpis.csv"))
            .context("cannot read what the workbook converts to")?;
        // Files by which a spreadsheet program locks a workbook.
        self.write("~$hospital-kpis.xlsx", "somebody")?;
        self.write("updates.rejects.csv", "no updates\n")?;

        self.write("dirty.csv", &format!("{HEADER}{DIRTY}"))?;
        self.write("unfixable.csv", &format!("{HEADER}{UNFIXABLE}"))?;
        self.expect(
            "a dirty file fails and is repaired",
            &[
                ("metricsheet-check", "Failed", &["dirty.csv:2:", "unfixable.csv:2:"]),
                ("metricsheet-fix", "Failed", &["files were modified by this hook", "unfixable.csv:2:"]),
                ("metricsheet-convert-check", "Failed", &["`hospital-kpis.csv` is missing"]),
            ],
        )?;
        self.holds("dirty.csv", &format!("{HEADER}{REPAIRED}"))?;

        self.write("hospital-kpis.csv", &csv.replacen(".912", ".913", 1))?;
        let output = self.expect(
            "an unfixable file keeps failing, and so does a file that is not current",
            &[
                ("metricsheet-check", "Failed", &["unfixable.csv:2:"]),
                ("metricsheet-fix", "Failed", &["unfixable.csv:2:"]),
                ("metricsheet-convert-check", "Failed", &["`hospital-kpis.csv` is not what", "line 2 is"]),
            ],
        )?;
        ensure!(!output.contains("dirty.csv:"), "the repaired file fails again:\n{output}");
        ensure!(!output.contains("files were modified"), "the second run changes a file:\n{output}");
        self.holds("unfixable.csv", &format!("{HEADER}{UNFIXABLE}"))?;

        self.write("hospital-kpis.csv", &csv)?;
        std::fs::remove_file(self.repository.join("unfixable.csv"))
            .context("cannot remove `unfixable.csv`")?;
        self.expect(
            "what is repaired and current passes",
            &[
                ("metricsheet-check", "Passed", &[]),
                ("metricsheet-fix", "Passed", &[]),
                ("metricsheet-convert-check", "Passed", &[]),
            ],
        )?;
        Ok(())
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        std::fs::write(self.repository.join(name), text).with_context(|| format!("cannot write `{name}`"))
    }

    fn holds(&self, name: &str, expected: &str) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(self.repository.join(name))
            .with_context(|| format!("cannot read `{name}`"))?;
        ensure!(text == expected, "`{name}` holds `{text}` instead of `{expected}`");
        Ok(())
    }

    /// Runs all hooks on all files; each must come to what is expected of it, and say so.
    fn expect(&self, title: &str, expected: &[(&str, &str, &[&str])]) -> anyhow::Result<String> {
        anstream::println!("hooks: {title}");
        git(&self.repository, &["add", "--all"])?;
        let mut command = Command::new(&self.pre_commit);
        without_repository(&mut command)
            .args(["try-repo", "--all-files", "--verbose", "--color", "never"])
            .arg(&self.source)
            .current_dir(&self.repository)
            .env("PRE_COMMIT_HOME", &self.home)
            .env("CARGO_TARGET_DIR", &self.build)
            // Without the system's keyring: the hooks have no use for it, and it takes long to build.
            .env("MATURIN_PEP517_ARGS", "--profile hooks --no-default-features");
        let output = command.output().context("cannot run pre-commit")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let outcomes = outcomes(&text);
        let said = format!("{text}\n{}", String::from_utf8_lossy(&output.stderr));
        let all_pass = expected.iter().all(|(_, outcome, _)| *outcome == "Passed");
        ensure!(
            output.status.success() == all_pass,
            "pre-commit ended unexpectedly ({}):\n{said}",
            output.status
        );
        for (hook, outcome, sayings) in expected {
            let (found, own) =
                outcomes.get(*hook).with_context(|| format!("`{hook}` did not run:\n{said}"))?;
            ensure!(found == outcome, "`{hook}` came to `{found}` instead of `{outcome}`:\n{said}");
            for saying in *sayings {
                ensure!(own.contains(saying), "`{hook}` does not say `{saying}`:\n{said}");
            }
        }
        Ok(text)
    }
}

/// What each hook came to, and what was printed with it.
fn outcomes(text: &str) -> BTreeMap<&str, (&str, String)> {
    let mut outcomes: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    let (mut outcome, mut hook) = ("", "");
    for line in text.lines() {
        if let Some(found) = ["Passed", "Failed", "Skipped"].into_iter().find(|found| line.ends_with(found)) {
            outcome = found;
        } else if let Some(id) = line.strip_prefix("- hook id: ") {
            hook = id;
            outcomes.insert(hook, (outcome, String::new()));
        } else if let Some((_, own)) = outcomes.get_mut(hook) {
            own.push_str(line);
            own.push('\n');
        }
    }
    outcomes
}

fn git(directory: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory).context("cannot make a directory for the hooks")?;
    quietly(git_command(directory).args(arguments))
}

fn git_command(directory: &Path) -> Command {
    let mut git = Command::new("git");
    without_repository(&mut git).current_dir(directory);
    // What people set for themselves must not change what is committed here.
    for setting in
        ["user.name=hooks", "user.email=hooks@localhost", "commit.gpgsign=false", "core.autocrlf=false"]
    {
        git.args(["-c", setting]);
    }
    git
}

/// Git tells its own hooks, from which this may run, which repository they are about.
fn without_repository(command: &mut Command) -> &mut Command {
    command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE")
}

/// Runs the command and shows what it says only if it fails.
fn quietly(command: &mut Command) -> anyhow::Result<()> {
    let shown = shown(command);
    let output = command.output().with_context(|| format!("cannot run `{shown}`"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{shown}` failed ({}): {}", output.status, said.trim_end());
    Ok(())
}
