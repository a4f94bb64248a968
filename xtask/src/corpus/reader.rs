//! The readers that are compared, each a process of its own that may crash, hang or refuse.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::shell::root;

/// A file takes no longer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Sheet, row and column.
pub(super) type Place = (String, u32, u32);

/// The kind of a cell and its value.
pub(super) type Value = (String, String);

/// Cells by their places.
pub(super) type Cells = BTreeMap<Place, Value>;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Ours,
    Calamine,
    Openpyxl,
}

/// What came of a file.
pub(super) enum Outcome {
    Read(Cells),
    Refused(String),
    Crashed(String),
}

impl Outcome {
    pub(super) const fn index(&self) -> usize {
        match self {
            Self::Read(_) => 0,
            Self::Refused(_) => 1,
            Self::Crashed(_) => 2,
        }
    }

    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Refused(_) => "refused",
            Self::Crashed(_) => "crashed",
        }
    }
}

impl Reader {
    /// Ours first; openpyxl if it is installed.
    pub(super) fn all() -> Vec<Self> {
        let has_openpyxl =
            Command::new("python3").args(["-c", "import openpyxl"]).stderr(Stdio::null()).status();
        let mut readers = vec![Self::Ours, Self::Calamine];
        if has_openpyxl.is_ok_and(|status| status.success()) {
            readers.push(Self::Openpyxl);
        }
        readers
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Calamine => "calamine",
            Self::Openpyxl => "openpyxl",
        }
    }

    fn command(self, file: &Path) -> Command {
        let example = || root().join("target/debug/examples/cells");
        let (program, arguments): (PathBuf, Vec<PathBuf>) = match self {
            Self::Ours => (example(), vec!["ours".into(), file.into()]),
            Self::Calamine => (example(), vec!["calamine".into(), file.into()]),
            Self::Openpyxl => ("python3".into(), vec![root().join("xtask/src/corpus/cells.py"), file.into()]),
        };
        let mut command = Command::new(program);
        command.args(arguments);
        command
    }

    /// Reads a file in a process of its own.
    pub(super) fn read(self, file: &Path) -> Outcome {
        let child =
            self.command(file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => return Outcome::Crashed(format!("cannot be started: {error}")),
        };
        // Both pipes are emptied while the process runs, or it would wait for us.
        let output = child.stdout.take().map(|pipe| std::thread::spawn(move || all_of(pipe)));
        let errors = child.stderr.take().map(|pipe| std::thread::spawn(move || all_of(pipe)));
        let begin = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if begin.elapsed() < TIMEOUT => std::thread::sleep(Duration::from_millis(2)),
                Ok(None) | Err(_) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Outcome::Crashed(format!("no answer in {} s", TIMEOUT.as_secs()));
                }
            }
        };
        let text = |thread: Option<std::thread::JoinHandle<Vec<u8>>>| {
            let bytes = thread.and_then(|thread| thread.join().ok()).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (output, errors) = (text(output), text(errors));
        let last_line = errors.lines().last().unwrap_or_default().to_owned();
        match status.code() {
            Some(0) => Outcome::Read(output.lines().filter_map(cell).collect()),
            // 101 is a panic.
            Some(101) | None => Outcome::Crashed(last_line),
            Some(_) => Outcome::Refused(last_line),
        }
    }
}

fn all_of(mut pipe: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read before an error is kept; the status tells the rest.
    let _ = pipe.read_to_end(&mut bytes);
    bytes
}

fn cell(line: &str) -> Option<(Place, Value)> {
    let mut parts = line.splitn(5, '\t');
    let mut next = || parts.next();
    let (sheet, row, column) = (next()?.to_owned(), next()?.parse().ok()?, next()?.parse().ok()?);
    Some(((sheet, row, column), (next()?.to_owned(), next()?.to_owned())))
}
