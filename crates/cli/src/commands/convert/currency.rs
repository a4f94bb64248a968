//! `convert --check`: whether files are what a conversion would write. It writes nothing.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use anyhow::{Context as _, bail};

use super::Arguments;
use super::comparison::Comparison;
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
    let shown = path.display();
    let present = match File::open(path) {
        Ok(present) => present,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let remedy = remedy(name, arguments, "");
            return Ok(Some(format!("`{shown}` is missing, which `{name}` converts to; {remedy}")));
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read `{shown}`")),
    };
    let mut comparison = Comparison::with(BufReader::new(present));
    write(&mut comparison)?;
    let difference = comparison.finish().with_context(|| format!("cannot read `{shown}`"))?;
    Ok(difference.map(|difference| {
        let remedy = remedy(name, arguments, " --force");
        format!("`{shown}` is not what `{name}` converts to: {difference}; {remedy}")
    }))
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
