//! Hostile workbooks: small files that claim to be large, and files that lead elsewhere. Each is converted by the
//! program itself within half a gigabyte of address space and ten seconds of processor time, which the system
//! enforces, and ends in a right answer or in an error that names the limit it passed.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]
#![expect(clippy::format_collect, reason = "what is built here is small, and reads better so")]

mod compound;
mod opendocument;
mod xlsx;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// What becomes of a hostile file.
pub(crate) enum Fate {
    /// It is converted, and this is a part of the output.
    Converted(&'static str),
    /// It is refused, and this is a part of the message.
    Refused(&'static str),
    /// It can be read, and holds nothing.
    Empty,
}

/// A hostile file: its name, its bytes, further arguments, what becomes of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) arguments: &'static [&'static str],
    pub(crate) fate: Fate,
}

impl Case {
    pub(crate) fn new(name: &'static str, bytes: Vec<u8>, fate: Fate) -> Self {
        Self { name, bytes, arguments: &[], fate }
    }

    pub(crate) fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }
}

/// The rows that every legal file of these tests holds, as the program writes them.
pub(crate) const CSV: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,0.5,03/31/2024\n";

fn convert(path: &Path, arguments: &[&str]) -> Output {
    // 512 MiB of address space, which is more than memory; a failed allocation ends the process with a signal.
    Command::new("sh")
        .args(["-c", "ulimit -v 524288 && ulimit -t 10 && exec \"$0\" convert \"$@\" -o -"])
        .arg(env!("CARGO_BIN_EXE_metricsheet"))
        .arg(path)
        .args(arguments)
        .output()
        .unwrap()
}

/// Writes the file of each case, converts it, and holds the outcome against what should become of it.
pub(crate) fn hold(extension: &str, cases: Vec<Case>) {
    for Case { name, bytes, arguments, fate } in cases {
        let directory = TempDir::new().unwrap();
        let path: PathBuf = directory.path().join("hostile").with_extension(extension);
        std::fs::write(&path, bytes).unwrap();
        let output = convert(&path, arguments);
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let seen = format!(
            "{name}: {:?}, {} bytes out, {}",
            output.status,
            stdout.len(),
            stderr.chars().take(2_000).collect::<String>()
        );
        assert!(!stderr.contains("panicked") && !stderr.contains("gave up"), "{seen}");
        match fate {
            Fate::Converted(part) => {
                assert!(matches!(output.status.code(), Some(0 | 1)), "{seen}");
                assert!(stdout.contains(part), "{seen}\n{}", stdout.chars().take(2_000).collect::<String>());
            }
            Fate::Empty => assert!(stderr.contains("error[W007]"), "{seen}"),
            Fate::Refused(part) => {
                assert_eq!(output.status.code(), Some(2), "{seen}");
                assert!(stderr.contains(part), "{seen}");
            }
        }
    }
}
