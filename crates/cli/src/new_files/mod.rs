//! Where a conversion's files go, and how they get there: whole or not at all, never over the input, and over
//! another file only if asked to.

mod new_file;
mod target;

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use anyhow::bail;
use tempfile::NamedTempFile;

pub(crate) use self::new_file::NewFile;
use self::new_file::is_device;
pub(crate) use self::target::Target;

use crate::in_place::{TEMPORARY, temporary_beside};
use crate::inputs::Input;

/// Where the outputs go.
pub(crate) enum Destinations {
    /// `NAME.csv` beside the input, `NAME.clean.csv` beside `NAME.csv`.
    BesideInput,
    /// All to standard output.
    StandardOutput,
    /// `NAME.csv` in a directory.
    Directory(PathBuf),
    /// This file.
    File(PathBuf),
}

impl Destinations {
    /// The destinations that `--output` names.
    pub(crate) fn new(output: Option<&Path>, inputs: usize) -> anyhow::Result<Self> {
        let Some(output) = output else { return Ok(Self::BesideInput) };
        if output.as_os_str() == "-" {
            return Ok(Self::StandardOutput);
        }
        if output.is_dir() || output.to_string_lossy().ends_with(['/', MAIN_SEPARATOR]) {
            return Ok(Self::Directory(output.to_owned()));
        }
        if inputs > 1 {
            bail!("several workbooks cannot go to the one file `{}`; give a directory", output.display());
        }
        Ok(Self::File(output.to_owned()))
    }

    /// The target of an input, or of one of its several sheets.
    pub(crate) fn target(&self, input: &Input, sheet: Option<&str>) -> Target {
        let stem = match (self, input) {
            (Self::StandardOutput, _) | (Self::BesideInput, Input::Stdin(_)) => {
                return Target::StandardOutput;
            }
            (Self::File(file), _) if sheet.is_none() => return Target::File(file.clone()),
            (Self::File(file), _) => file.with_extension(""),
            (Self::BesideInput, Input::File(path)) => path.with_extension(""),
            (Self::Directory(directory), input) => directory.join(stem_of(input)),
        };
        // The input is never the output.
        let is_csv =
            |path: &Path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let clean = match (self, input) {
            (Self::BesideInput, Input::File(path)) if is_csv(path) => Some("clean"),
            (Self::BesideInput | Self::StandardOutput | Self::Directory(_) | Self::File(_), _) => None,
        };
        Target::File(with_endings(&stem, &[sheet.map(file_name_part).as_deref(), clean, Some("csv")]))
    }

    /// A temporary file in the folder of the output, which it may become; `None` if there is no such folder, or if it
    /// cannot be written to.
    pub(crate) fn file_beside(&self, input: &Input) -> Option<NamedTempFile> {
        match self.target(input, None) {
            Target::File(path) if !is_device(&path) => temporary_beside(&path).ok(),
            Target::File(_) | Target::StandardOutput => None,
        }
    }

    /// The target of an input's rejects, if the caller names none.
    pub(crate) fn rejects(&self, input: &Input) -> Target {
        let stem = match (self, input) {
            (Self::File(file), _) => file.with_extension(""),
            (Self::Directory(directory), input) => directory.join(stem_of(input)),
            (Self::BesideInput | Self::StandardOutput, Input::File(path)) => path.with_extension(""),
            (Self::BesideInput | Self::StandardOutput, Input::Stdin(_)) => stem_of(input).into(),
        };
        Target::File(with_endings(&stem, &[Some("rejects"), Some("csv")]))
    }
}

/// A temporary file that nobody else may read.
pub(crate) fn private_file() -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(TEMPORARY).tempfile()
}

/// The name of the input without its extension.
pub(crate) fn stem_of(input: &Input) -> &OsStr {
    let stem = match input {
        Input::File(path) => path.file_stem(),
        Input::Stdin(name) => Path::new(name).file_stem().filter(|stem| *stem != "-"),
    };
    stem.unwrap_or(OsStr::new("stdin"))
}

fn with_endings(stem: &Path, endings: &[Option<&str>]) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    for ending in endings.iter().flatten() {
        name.push(".");
        name.push(ending);
    }
    name.into()
}

/// A sheet's name as a part of a file name: it cannot lead to another directory.
fn file_name_part(sheet: &str) -> String {
    let is_unfit = |character: char| character.is_control() || "/\\:*?\"<>|".contains(character);
    sheet.chars().map(|character| if is_unfit(character) { '_' } else { character }).collect()
}

/// The files that a run reads, which it never writes over.
#[derive(Debug, Default)]
pub(crate) struct KnownInputs {
    paths: Vec<PathBuf>,
    /// Where they lead to, once somebody has asked.
    targets: OnceCell<HashSet<PathBuf>>,
}

impl KnownInputs {
    pub(crate) fn new<'i>(inputs: impl Iterator<Item = &'i Input>) -> Self {
        Self { paths: inputs.filter_map(Input::path).map(Path::to_owned).collect(), targets: OnceCell::new() }
    }

    /// Whether the path leads to one of them.
    fn contain(&self, path: &Path) -> bool {
        let target = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.targets
            .get_or_init(|| self.paths.iter().map(|path| target(path)).collect())
            .contains(&target(path))
    }
}

/// Whether two paths lead to one file.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        (Ok(_) | Err(_), _) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_have_the_names_of_their_inputs_and_sheets() {
        let file = |path: &str| Input::File(PathBuf::from(path));
        let directory = || Destinations::Directory(PathBuf::from("out"));
        for (destinations, input, sheet, expected) in [
            (Destinations::BesideInput, file("a/q1.xlsx"), None, "a/q1.csv"),
            (Destinations::BesideInput, file("a/q1.v2.xlsx"), Some("Sheet 1"), "a/q1.v2.Sheet 1.csv"),
            (Destinations::BesideInput, file("q1.xlsx"), Some("../../x:y"), "q1..._.._x_y.csv"),
            (Destinations::BesideInput, file("a/q1.csv"), None, "a/q1.clean.csv"),
            (Destinations::BesideInput, file("a/q1.CSV"), None, "a/q1.clean.csv"),
            (Destinations::BesideInput, file("a/q1.tsv"), None, "a/q1.csv"),
            (directory(), file("a/q1.xlsx"), None, "out/q1.csv"),
            (Destinations::File(PathBuf::from("o.csv")), file("q1.xlsx"), None, "o.csv"),
            (Destinations::File(PathBuf::from("o.csv")), file("q1.xlsx"), Some("B"), "o.B.csv"),
            (directory(), Input::Stdin("-".to_owned()), None, "out/stdin.csv"),
        ] {
            assert_eq!(destinations.target(&input, sheet), Target::File(PathBuf::from(expected)));
        }
    }
}
