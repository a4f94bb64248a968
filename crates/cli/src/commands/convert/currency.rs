//! `convert --check`: whether files are what a conversion would write. It writes nothing.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use metricsheet_core::text::quoted;

use super::Arguments;
use crate::new_files::Target;

/// Compares the file that is there with what `write` would write: `None` if they are the same, otherwise what is
/// wrong with it and what to run.
///
/// # Errors
/// If there is no file to compare with, because all goes to standard output, or if it cannot be read.
pub(super) fn problem(
    name: &str,
    target: &Target,
    arguments: &Arguments,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<Option<String>> {
    let Target::File(path) = target else {
        bail!("cannot check `{name}`: it would go to standard output; name a file with `--output`");
    };
    let mut wanted = Vec::new();
    write(&mut wanted)?;
    let shown = path.display();
    let present = match std::fs::read(path) {
        Ok(present) => present,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let remedy = remedy(name, arguments, "");
            return Ok(Some(format!("`{shown}` is missing, which `{name}` converts to; {remedy}")));
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read `{shown}`")),
    };
    Ok(first_difference(&present, &wanted).map(|difference| {
        let remedy = remedy(name, arguments, " --force");
        format!("`{shown}` is not what `{name}` converts to: {difference}; {remedy}")
    }))
}

/// The first line in which the bytes differ, in words.
fn first_difference(present: &[u8], wanted: &[u8]) -> Option<String> {
    if present == wanted {
        return None;
    }
    // The end of its line belongs to a line: files can differ in nothing else.
    let lines = |bytes| <[u8]>::split_inclusive(bytes, |byte| *byte == b'\n');
    let (mut present, mut wanted) = (lines(present), lines(wanted));
    let shown = |line: &[u8]| quoted(&String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)));
    for number in 1_u64.. {
        return Some(match (present.next(), wanted.next()) {
            (Some(present), Some(wanted)) if present == wanted => continue,
            (Some(present), Some(wanted)) if present.trim_ascii_end() == wanted.trim_ascii_end() => {
                format!("line {number} {} ends differently", shown(wanted.trim_ascii_end()))
            }
            (Some(present), Some(wanted)) => {
                format!("line {number} is {} and would be {}", shown(present), shown(wanted))
            }
            (Some(present), None) => format!("line {number} {} would not be there", shown(present)),
            (None, Some(wanted)) => format!("line {number} {} is not there", shown(wanted)),
            (None, None) => return None,
        });
    }
    None
}

/// What to run to make the file current.
fn remedy(name: &str, arguments: &Arguments, force: &str) -> String {
    let output = arguments
        .output
        .as_deref()
        .map_or_else(String::new, |output| format!(" --output {}", as_argument(&output.to_string_lossy())));
    format!("run `metricsheet convert{force}{output} {}` with the same settings", as_argument(name))
}

/// The text as a shell takes it for one argument.
fn as_argument(text: &str) -> String {
    let text =
        if text.starts_with('-') { Path::new(".").join(text).display().to_string() } else { text.to_owned() };
    let is_plain = |character: char| character.is_alphanumeric() || "/._-:\\".contains(character);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        for (present, wanted, expected) in [
            ("a\nb\n", "a\nb\n", None),
            ("", "", None),
            ("a\nb\n", "a\nc\n", Some("line 2 is `b` and would be `c`")),
            ("a\nb\nc\n", "a\nb\n", Some("line 3 `c` would not be there")),
            ("a\n", "a\nb\n", Some("line 2 `b` is not there")),
            ("", "a\n", Some("line 1 `a` is not there")),
            ("a\r\nb\r\n", "a\nb\n", Some("line 1 `a` ends differently")),
            ("a\nb", "a\nb\n", Some("line 2 `b` ends differently")),
        ] {
            let difference = first_difference(present.as_bytes(), wanted.as_bytes());
            assert_eq!(difference.as_deref(), expected, "{present:?} {wanted:?}");
        }
    }

    #[test]
    fn names_are_shown_as_a_shell_takes_them() {
        for (name, expected) in [
            ("q1.xlsx", "q1.xlsx"),
            ("a/Q 1.xlsx", "'a/Q 1.xlsx'"),
            ("it's.xlsx", "'it'\\''s.xlsx'"),
            ("-q1.xlsx", "./-q1.xlsx"),
        ] {
            assert_eq!(as_argument(name), expected);
        }
    }
}
