//! Runs a program once and says what it cost. Processor time and memory are those that GNU time reports; where it
//! is not installed only the clock is read.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

/// What one run cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// Seconds of all processors, the system's included.
    pub(crate) processor: Option<f64>,
    /// The most memory at one time, in bytes.
    pub(crate) memory: Option<u64>,
}

/// A shell's command, run in a directory. Its output is thrown away.
///
/// # Errors
/// If it cannot be run, or does not end with 0.
pub(crate) fn run(script: &str, directory: &Path) -> anyhow::Result<Cost> {
    let has_time = Path::new("/usr/bin/time").exists();
    let report = directory.join("cost.txt");
    let mut command = if has_time {
        let mut command = Command::new("/usr/bin/time");
        command.args(["--quiet", "-f", "%U %S %M", "-o"]).arg(&report).arg("sh");
        command
    } else {
        Command::new("sh")
    };
    command.args(["-c", script]).current_dir(directory).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().with_context(|| format!("cannot run `{script}`"))?;
    let wall = start.elapsed().as_secs_f64();
    ensure!(status.success(), "`{script}` failed ({status})");
    let report = if has_time { std::fs::read_to_string(&report).unwrap_or_default() } else { String::new() };
    let mut parts = report.split_whitespace();
    let mut seconds = || parts.next().and_then(|part| part.parse::<f64>().ok());
    let processor = seconds().zip(seconds()).map(|(user, system)| user + system);
    let memory = parts.next().and_then(|part| part.parse::<u64>().ok()).map(|kibibytes| kibibytes * 1024);
    Ok(Cost { wall, processor, memory })
}

/// Whether a shell finds the program, or Python the module.
pub(crate) fn is_installed(what: Needs) -> bool {
    let script = match what {
        Needs::Nothing => return true,
        Needs::Program(name) => format!("command -v {name}"),
        Needs::Python(module) => format!("python3 -c 'import {module}'"),
    };
    let mut command = Command::new("sh");
    command.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What has to be installed for a contestant to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    Program(&'static str),
    Python(&'static str),
}
