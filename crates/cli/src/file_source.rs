//! A file that is read piece by piece. Refuses what is no regular file: a pipe can be read once only.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::path::Path;

use metricsheet_lint::Source;

/// Files smaller than this are read at once: to look at them in pieces would take longer.
const LEAST: u64 = 1 << 20;

/// A large file, open for reading.
#[derive(Debug)]
pub(crate) struct FileSource {
    file: File,
    /// As it was opened.
    metadata: Metadata,
    length: usize,
}

impl FileSource {
    /// Opens a file that is worth being read in pieces.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        let is_worthwhile = |found: &Metadata| found.is_file() && found.len() >= LEAST;
        path.metadata().ok().filter(is_worthwhile)?;
        let file = File::open(path).ok()?;
        let metadata = file.metadata().ok().filter(is_worthwhile)?;
        let length = usize::try_from(metadata.len()).ok()?;
        Some(Self { file, metadata, length })
    }

    /// Whether the file at this path is the one that was opened, and was not written since then, as far as the
    /// system notes the time.
    pub(crate) fn is_unchanged(&self, path: &Path) -> io::Result<bool> {
        let now = std::fs::metadata(path)?;
        let is_as_it_was = now.len() == self.metadata.len() && now.modified()? == self.metadata.modified()?;
        Ok(is_as_it_was && is_same_file(&now, &self.metadata))
    }
}

impl Source for FileSource {
    fn length(&self) -> usize {
        self.length
    }

    fn window<'b>(&'b self, range: Range<usize>, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        // Only grown, because new bytes have to be made zero first.
        if buffer.len() < range.len() {
            buffer.resize(range.len(), 0);
        }
        let window = buffer.get_mut(..range.len()).unwrap_or_default();
        let mut at = 0;
        while let Some(rest) = window.get_mut(at..).filter(|rest| !rest.is_empty()) {
            match read_at(&self.file, rest, u64::try_from(range.start + at).unwrap_or(u64::MAX)) {
                Ok(0) => return Err(io::Error::other("the file became shorter while it was read")),
                Ok(length) => at += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(window)
    }
}

#[cfg(unix)]
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    // The time of the last change of its state cannot be set back, as that of its content can.
    let identity = |file: &Metadata| (file.dev(), file.ino(), file.ctime(), file.ctime_nsec());
    identity(one) == identity(other)
}

/// Systems without such numbers have the length and the time only.
#[cfg(windows)]
fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn large_regular_files_are_read_from_any_place() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"small").unwrap();
        assert!(FileSource::open(file.path()).is_none());
        let bytes: Vec<u8> = (0..LEAST).map(|at| u8::try_from(at % 251).unwrap()).collect();
        std::fs::write(file.path(), &bytes).unwrap();
        let source = FileSource::open(file.path()).unwrap();
        let mut buffer = Vec::new();
        assert_eq!(source.window(1000..70_000, &mut buffer).unwrap(), &bytes[1000..70_000]);
        assert_eq!(source.window(3..5, &mut buffer).unwrap(), &bytes[3..5]);
        file.as_file().set_len(4).unwrap();
        assert!(source.window(3..5, &mut buffer).is_err());
    }
}
