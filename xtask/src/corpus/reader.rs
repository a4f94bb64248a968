//! The readers that are compared, each a process of its own that may crash, hang or refuse.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::shell::root;

/// A file takes no longer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Files of more cells, or of more text, are left out: all readers' cells are in memory at once.
const MOST_CELLS: usize = 1_000_000;
const MOST_BYTES: u64 = 256 << 20;

/// Sheet, row and column.
pub(super) type Place = (Arc<str>, u32, u32);

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
    /// Ours again: the texts that are shown, each with its number format instead of a kind.
    Shown,
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
            Self::Shown => "ours, as shown",
        }
    }

    fn command(self, file: &Path) -> Command {
        let example = || root().join("target/debug/examples/cells");
        let (program, arguments): (PathBuf, Vec<PathBuf>) = match self {
            Self::Ours => (example(), vec!["ours".into(), file.into()]),
            Self::Calamine => (example(), vec!["calamine".into(), file.into()]),
            Self::Openpyxl => ("python3".into(), vec![root().join("xtask/src/corpus/cells.py"), file.into()]),
            Self::Shown => (example(), vec!["shown".into(), file.into()]),
        };
        // Four gigabytes: a file that makes a reader ask for more is refused by it, and no other process dies of it.
        let mut command = if cfg!(unix) {
            let mut command = Command::new("sh");
            command.args(["-c", "ulimit -v 4194304; exec \"$0\" \"$@\""]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments);
        command
    }

    /// Reads a file in a process of its own.
    pub(super) fn read(self, file: &Path) -> Outcome {
        let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
        if self == Self::Openpyxl && ["xlsx", "xlsm", "xltx", "xltm"].iter().all(|known| extension != *known)
        {
            // As it does itself, after it has been started.
            return Outcome::Refused("openpyxl does not read files of this name".to_owned());
        }
        let child =
            self.command(file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => return Outcome::Crashed(format!("cannot be started: {error}")),
        };
        // Both pipes are emptied while the process runs, or it would wait for us.
        let output = child.stdout.take().map(|pipe| std::thread::spawn(move || cells(pipe)));
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
        let errors = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
        let errors = String::from_utf8_lossy(&errors).into_owned();
        let cells = output.and_then(|thread| thread.join().ok()).flatten();
        let last_line = errors.lines().last().unwrap_or_default().to_owned();
        match (status.code(), cells) {
            // What is too much ends the pipe, and its writer with it.
            (_, None) => Outcome::Refused(format!("left out: more than {MOST_CELLS} cells")),
            (Some(0), Some(cells)) => Outcome::Read(cells),
            // 101 is a panic.
            (Some(101) | None, Some(_)) => Outcome::Crashed(last_line),
            (Some(_), Some(_)) => Outcome::Refused(last_line),
        }
    }
}

/// The cells that a reader prints; `None` if they are too many.
fn cells(pipe: impl Read) -> Option<Cells> {
    let mut lines = BufReader::new(pipe.take(MOST_BYTES));
    let (mut cells, mut sheet, mut line) = (Cells::new(), Arc::<str>::from(""), Vec::new());
    let mut bytes = 0;
    loop {
        line.clear();
        // What was read before an error is kept; the status tells the rest.
        match lines.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return Some(cells),
            Ok(read) => bytes += read as u64,
        }
        if bytes >= MOST_BYTES || cells.len() >= MOST_CELLS {
            return None;
        }
        if let Some((place, value)) = cell(String::from_utf8_lossy(&line).trim_end_matches('\n'), &mut sheet)
        {
            cells.insert(place, value);
        }
    }
}

fn all_of(mut pipe: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = pipe.read_to_end(&mut bytes);
    bytes
}

/// Cells of one sheet share its name.
fn cell(line: &str, sheet: &mut Arc<str>) -> Option<(Place, Value)> {
    let mut parts = line.splitn(5, '\t');
    let mut next = || parts.next();
    let (name, row, column) = (next()?, next()?.parse().ok()?, next()?.parse().ok()?);
    if **sheet != *name {
        *sheet = name.into();
    }
    Some(((Arc::clone(sheet), row, column), (next()?.to_owned(), next()?.to_owned())))
}
