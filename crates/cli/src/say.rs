//! What is said on standard error. File names and the words of others are part of it, so nothing said can leave
//! its line, drive a terminal, or begin what a build service would take for a command.

use std::io::Write as _;

use crate::output::{harmless, harmless_line};

/// Says something in a line. If nobody listens any more, nothing is said: a file on its way must not be lost to a
/// closed pipe.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", harmless_line(line));
}

/// Says what went wrong and why. Lines after the first (a parser's picture of the place) are set apart.
pub(crate) fn complain(error: &anyhow::Error) {
    let text = format!("error: {error:#}");
    let lines: Vec<String> = text.lines().map(harmless).collect();
    let _ = writeln!(anstream::stderr().lock(), "{}", lines.join("\n  | "));
}
