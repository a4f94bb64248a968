//! A user's desk: a directory with files, a home for the journal, a key, and the service to talk to.

use std::path::Path;
use std::process::{Command, Output};

use metricsheet_local_service::{Service, Settings};
use tempfile::TempDir;

pub(crate) const GOOD: &str =
    "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\nKPI-2,7,03/31/2024\n";

/// See the module.
pub(crate) struct Desk {
    directory: TempDir,
    pub(crate) base_url: String,
}

/// What a run brought.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new(base_url: &str, files: &[(&str, &str)]) -> Self {
        let desk = Self { directory: TempDir::new().unwrap(), base_url: base_url.to_owned() };
        for (name, content) in files {
            desk.write(name, content);
        }
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The binary in this directory, with nothing of the caller's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command_alone(arguments);
        if !arguments.contains(&"--base-url") {
            command.args(["--base-url", &self.base_url]);
        }
        command
    }

    /// The same without the service's address.
    fn command_alone(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
        command
            .current_dir(self.path())
            .env_clear()
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("HOME", self.path())
            .env("LOCALAPPDATA", self.path())
            // Nobody's own keyring takes part in a test.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("ACHIEVEIT_API_KEY", "local-key")
            .args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    /// A run that has nothing to do with the service.
    pub(crate) fn run_alone(&self, arguments: &[&str]) -> Run {
        run(&mut self.command_alone(arguments))
    }

    /// The lines of standard output as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        let run = self.run(&[arguments, &["--output-format", "json"]].concat());
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn run(command: &mut Command) -> Run {
    outcome(&command.output().unwrap())
}

pub(crate) fn outcome(output: &Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Run { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// A service that decides at the first question.
pub(crate) fn quick() -> Service {
    Service::start(Settings { questions_before_verdict: 0, ..Settings::default() }).unwrap()
}

/// A service that never decides.
pub(crate) fn stuck() -> Service {
    Service::start(Settings { questions_before_verdict: u32::MAX, ..Settings::default() }).unwrap()
}
