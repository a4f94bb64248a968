//! One place to write to: standard output, or a file by its name.

use std::fmt;
use std::io::{self, Seek as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::KnownInputs;
use super::new_file::{NewFile, Occupant, occupant, placed};

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
