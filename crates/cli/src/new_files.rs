//! Where a conversion's files go, and how they get there: whole or not at all, never over the input, and over
//! another file only if asked to.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Seek as _, Write};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use anyhow::{Context as _, bail};
use tempfile::{NamedTempFile, PersistError};

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

    /// A temporary file for what will be an output or a part of one, in the same folder if that can be written to.
    pub(crate) fn temporary_file(&self, input: &Input) -> io::Result<NamedTempFile> {
        if let Target::File(path) = self.target(input, None)
            && !is_device(&path)
            && let Ok(file) = temporary_beside(&path)
        {
            return Ok(file);
        }
        // Nobody else may read it there.
        tempfile::Builder::new().prefix(TEMPORARY).tempfile()
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

/// One place to write to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    StandardOutput,
    File(PathBuf),
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardOutput => formatter.write_str("standard output"),
            Self::File(path) => write!(formatter, "`{}`", path.display()),
        }
    }
}

impl Target {
    /// The name that reports use.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::StandardOutput => "-".to_owned(),
            Self::File(path) => path.display().to_string().replace('\\', "/"),
        }
    }

    /// Writes what `write` writes. `inputs` are never written over, another file only with `force`.
    pub(crate) fn write(
        &self,
        inputs: &KnownInputs,
        force: bool,
        write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match self {
            Self::StandardOutput => {
                let mut output = io::BufWriter::new(io::stdout().lock());
                write(&mut output)?;
                Ok(output.flush()?)
            }
            Self::File(path) => {
                write_whole(path, inputs, force, write).with_context(|| format!("cannot write {self}"))
            }
        }
    }

    /// Moves a file here that holds what is to be written, or copies it where it cannot be moved to.
    pub(crate) fn put(&self, inputs: &KnownInputs, force: bool, file: NamedTempFile) -> anyhow::Result<()> {
        let mut file = match self {
            Self::StandardOutput => file,
            Self::File(path) => {
                match moved(path, inputs, force, file).with_context(|| format!("cannot write {self}"))? {
                    None => return Ok(()),
                    Some(file) => file,
                }
            }
        };
        self.write(inputs, force, |to| {
            file.as_file_mut().rewind()?;
            io::copy(&mut file, to)?;
            Ok(())
        })
    }
}

fn write_whole(
    path: &Path,
    inputs: &KnownInputs,
    force: bool,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut file = NewFile::begin(path, inputs, force)?;
    write(&mut file)?;
    file.finish()
}

/// Moves a whole file to its place; gives it back if it has to be copied there.
fn moved(
    path: &Path,
    inputs: &KnownInputs,
    force: bool,
    file: NamedTempFile,
) -> anyhow::Result<Option<NamedTempFile>> {
    if occupant(path, inputs, force)? == Occupant::Device {
        return Ok(Some(file));
    }
    file.as_file().sync_all()?;
    match placed(file, path, force) {
        Ok(()) => Ok(None),
        Err(refused) if refused.error.kind() == io::ErrorKind::CrossesDevices => Ok(Some(refused.file)),
        Err(refused) => Err(refused.error.into()),
    }
}

fn placed(file: NamedTempFile, path: &Path, force: bool) -> Result<(), PersistError> {
    let placed = if force { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map(drop)
}

/// What is where a file is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occupant {
    Nothing,
    File,
    /// A device or a pipe: renaming a file over it would take it away.
    Device,
}

/// What is at the place of a new file, if that may be written to: never an input, another file only with `force`.
fn occupant(path: &Path, inputs: &KnownInputs, force: bool) -> anyhow::Result<Occupant> {
    // A dangling link counts as a file too. What is not there is no input, and nobody has to ask thousands.
    if path.symlink_metadata().is_err() {
        return Ok(Occupant::Nothing);
    }
    if inputs.contain(path) {
        bail!("it is an input; name another file");
    }
    if !force {
        bail!("it exists already; give `--force` to write over it");
    }
    Ok(if is_device(path) { Occupant::Device } else { Occupant::File })
}

fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// New files of up to so many bytes, which file systems store in one step, are left for the system to store.
const UNFLUSHED: u64 = 64 << 10;

/// A file on its way: nobody sees it before it is finished, unless it is a device or a pipe.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    force: bool,
    /// Whether another file is there that it will write over.
    replaces: bool,
    /// How many bytes were written.
    length: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Temporary(io::BufWriter<NamedTempFile>),
    Device(io::BufWriter<std::fs::File>),
}

impl NewFile {
    /// Begins a file. `inputs` are never written over, another file only with `force`.
    pub(crate) fn begin(path: &Path, inputs: &KnownInputs, force: bool) -> anyhow::Result<Self> {
        let occupant = occupant(path, inputs, force)?;
        let content = match occupant {
            Occupant::Device => {
                Content::Device(io::BufWriter::new(std::fs::OpenOptions::new().write(true).open(path)?))
            }
            Occupant::Nothing | Occupant::File => {
                Content::Temporary(io::BufWriter::new(temporary_beside(path)?))
            }
        };
        let replaces = occupant == Occupant::File;
        Ok(Self { path: path.to_owned(), force, replaces, length: 0, content })
    }

    /// Puts the file in its place.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self.content {
            Content::Device(mut device) => device.flush()?,
            Content::Temporary(file) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                // Thousands of small files would each wait for the disk. What a power cut could take of such a one
                // is found by `check` and can be made again; an older file could not.
                if self.replaces || self.length > UNFLUSHED {
                    file.as_file().sync_all()?;
                }
                placed(file, &self.path, self.force)?;
            }
        }
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.content {
            Content::Temporary(file) => file.write(bytes),
            Content::Device(device) => device.write(bytes),
        }?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.content {
            Content::Temporary(file) => file.flush(),
            Content::Device(device) => device.flush(),
        }
    }
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
