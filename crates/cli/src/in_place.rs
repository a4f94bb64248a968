//! Writes files whole or not at all: to a temporary file beside the target, flushed, then renamed. The only
//! place of the command line that writes over a file.

use std::fs::{Metadata, OpenOptions, Permissions};
use std::io::{ErrorKind, Read, Seek as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use tempfile::NamedTempFile;

use crate::flush_ahead::{FlushAhead, WORTHWHILE};

/// How the names of temporary files begin.
pub(crate) const TEMPORARY: &str = ".metricsheet-";

/// Replaces a file that was read as `old`. Links are followed, permissions kept; a file that changed since it
/// was read is left alone, and on any error so is the original.
pub(crate) fn replace(path: &Path, old: &[u8], new: &[u8]) -> anyhow::Result<()> {
    let mut replacement = Replacement::begin(path)?;
    let written = replacement.write_all(new);
    written.with_context(|| format!("cannot write the fixed `{}`; it was left as it is", path.display()))?;
    replacement.finish(|target| Ok(std::fs::read(target)? == old))
}

/// A file on its way to take another one's place.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// The name by which people know it.
    shown: String,
    /// The file itself, behind all links.
    target: PathBuf,
    permissions: Permissions,
    file: NamedTempFile,
    /// How many bytes were written.
    length: u64,
    /// Once they are many.
    flushing: Option<FlushAhead>,
}

impl Replacement {
    /// Begins a file beside the one that it will replace.
    pub(crate) fn begin(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display().to_string();
        let target = std::fs::canonicalize(path).with_context(|| format!("cannot find `{shown}`"))?;
        let permissions = std::fs::metadata(&target)
            .with_context(|| format!("cannot read the permissions of `{shown}`"))?
            .permissions();
        if permissions.readonly() {
            bail!("`{shown}` is read-only; nothing was written");
        }
        let directory = target.parent().with_context(|| format!("`{shown}` has no directory"))?;
        let file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(directory)
            .with_context(|| format!("cannot write beside `{shown}`; it was left as it is"))?;
        Ok(Self { shown, target, permissions, file, length: 0, flushing: None })
    }

    /// Throws away what was written.
    pub(crate) fn restart(&mut self) -> std::io::Result<()> {
        self.file.as_file().set_len(0)?;
        self.file.rewind()
    }

    /// Puts the file in its place, if the other one still is as it was read.
    pub(crate) fn finish(
        self,
        is_unchanged: impl FnOnce(&Path) -> std::io::Result<bool>,
    ) -> anyhow::Result<()> {
        let Self { shown, target, permissions, file, flushing, .. } = self;
        let written = flushing
            .map_or(Ok(()), FlushAhead::finish)
            .and_then(|()| file.as_file().set_permissions(permissions))
            .and_then(|()| file.as_file().sync_all());
        written.with_context(|| format!("cannot write the fixed `{shown}`; it was left as it is"))?;
        if !is_unchanged(&target).with_context(|| format!("cannot read `{shown}` again"))? {
            bail!("`{shown}` changed while it was being checked; it was left as it is, run the check again");
        }
        file.persist(&target)
            .map_err(|error| error.error)
            .with_context(|| format!("cannot replace `{shown}`; it was left as it is"))?;
        Ok(())
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        if self.flushing.is_none() && self.length >= WORTHWHILE {
            self.flushing = FlushAhead::begin(self.file.as_file());
        }
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Writes a file of results that the caller named, whether or not there is one. Links are followed, permissions
/// kept; what is no file, such as a pipe or a device, is written into.
pub(crate) fn write(path: &Path, content: &mut dyn Read) -> anyhow::Result<()> {
    let written = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => bail!("`{}` is a directory; name a file", path.display()),
        Ok(metadata) if metadata.is_file() => std::fs::canonicalize(path)
            .map_err(Into::into)
            .and_then(|target| write_whole(&target, content, Some(&metadata))),
        Ok(_) => OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| std::io::copy(content, &mut file).map(drop))
            .map_err(Into::into),
        Err(error) if error.kind() == ErrorKind::NotFound => write_whole(path, content, None),
        Err(error) => Err(error.into()),
    };
    written.with_context(|| format!("cannot write `{}`", path.display()))
}

fn write_whole(target: &Path, content: &mut dyn Read, old: Option<&Metadata>) -> anyhow::Result<()> {
    if old.is_some_and(|old| old.permissions().readonly()) {
        bail!("it is read-only");
    }
    let mut file = temporary_beside(target)?;
    std::io::copy(content, &mut file)?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(target)?;
    Ok(())
}

/// A temporary file in the directory of `path`, which is made if it is not there.
pub(crate) fn temporary_beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match temporary_in(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            std::fs::create_dir_all(directory)?;
            temporary_in(directory)
        }
        made => made,
    }
}

fn temporary_in(directory: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    // What people make is for others to read, as far as their umask allows; temporary files are not.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_it_was_read_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        std::fs::write(&path, "newer").unwrap();
        let error = replace(&path, b"old", b"fixed").unwrap_err();
        assert!(error.to_string().contains("changed while it was being checked"), "{error:#}");
        assert_eq!(std::fs::read(&path).unwrap(), b"newer");
        replace(&path, b"newer", b"fixed").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"fixed");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing stays beside it");
        assert!(replace(&directory.path().join("gone.csv"), b"", b"fixed").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_permissions_kept() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("a.csv"), directory.path().join("link.csv"));
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, b"old", b"fixed").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"fixed");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o440)).unwrap();
        let error = replace(&link, b"fixed", b"again").unwrap_err();
        assert!(error.to_string().contains("is read-only"), "{error:#}");
    }
}
