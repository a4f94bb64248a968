//! A file on its way, whole or not at all: never over an input, and over another file only if asked to.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use tempfile::{NamedTempFile, PersistError};

use super::KnownInputs;
use crate::in_place::temporary_beside;

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

/// What is where a file is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occupant {
    Nothing,
    File,
    /// A device or a pipe: renaming a file over it would take it away.
    Device,
}

/// What is at the place of a new file, if that may be written to: never an input, another file only with `force`.
pub(super) fn occupant(path: &Path, inputs: &KnownInputs, force: bool) -> anyhow::Result<Occupant> {
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

pub(super) fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

pub(super) fn placed(file: NamedTempFile, path: &Path, force: bool) -> Result<(), PersistError> {
    let placed = if force { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map(drop)
}
