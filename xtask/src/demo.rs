//! The main job from end to end: a workbook becomes a clean CSV, a dirty CSV is repaired, both are submitted to
//! a service on a loopback address and processed. Nothing leaves the machine, nothing stays on it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};
use metricsheet_local_service::{Service, Settings};

use crate::shell::{cargo, program, root, run as run_command, shown};

/// Runs the demonstration.
pub(crate) fn run() -> anyhow::Result<()> {
    run_command(cargo().args(["build", "--quiet", "--locked", "--package", "metricsheet"]))?;
    let directory = tempfile::tempdir().context("cannot make a directory for the demonstration")?;
    let stage = Stage { directory: directory.path().to_owned() };
    for name in ["hospital-kpis.xlsx", "dirty.csv"] {
        let source = root().join("fixtures/demo").join(name);
        std::fs::copy(&source, stage.directory.join(name))
            .with_context(|| format!("cannot copy `{name}`"))?;
    }

    title("A workbook becomes a clean CSV");
    stage.metricsheet(&["convert", "hospital-kpis.xlsx"], 0)?;
    stage.show("hospital-kpis.csv")?;

    title("A CSV that people typed into: what is wrong with it");
    stage.metricsheet(&["check", "dirty.csv", "--percent", "RATE-*", "--output-format", "concise"], 1)?;
    title("What the safe fixes change");
    stage.metricsheet(&["check", "dirty.csv", "--percent", "RATE-*", "--diff"], 1)?;
    stage.metricsheet(&["check", "dirty.csv", "--percent", "RATE-*", "--fix"], 0)?;

    title("Both go to a service on this machine, which judges them by its own strict reading");
    let service = Service::start(Settings::default()).context("cannot start the local service")?;
    let base_url = service.base_url();
    let journal = stage.directory.join("journal.sqlite");
    let journal = journal.to_string_lossy();
    let arguments = [
        "upload",
        "hospital-kpis.csv",
        "dirty.csv",
        "--base-url",
        &base_url,
        "--journal",
        &journal,
        "--percent",
        "RATE-*",
    ];
    let mut upload = stage.command(&arguments);
    upload.env("ACHIEVEIT_API_KEY", service.key());
    perform(&mut upload, 0)?;
    ensure!(service.submissions().len() == 2, "the service did not get both files");
    anstream::println!("\nBoth files were processed.");
    Ok(())
}

fn title(text: &str) {
    anstream::println!("\n== {text}\n");
}

struct Stage {
    directory: PathBuf,
}

impl Stage {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(&self.directory);
        command
    }

    fn metricsheet(&self, arguments: &[&str], expected: i32) -> anyhow::Result<()> {
        perform(&mut self.command(arguments), expected)
    }

    fn show(&self, name: &str) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(self.directory.join(name))
            .with_context(|| format!("cannot read `{name}`"))?;
        anstream::println!("$ cat {name}\n{text}");
        Ok(())
    }
}

/// Shows the command, runs it, and fails unless it exits as expected.
fn perform(command: &mut Command, expected: i32) -> anyhow::Result<()> {
    let shown = shown(command);
    anstream::println!("$ {shown}");
    let status = command.status().with_context(|| format!("cannot run `{shown}`"))?;
    ensure!(status.code() == Some(expected), "`{shown}` ended unexpectedly ({status})");
    Ok(())
}
