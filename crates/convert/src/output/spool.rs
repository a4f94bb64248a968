//! Lines that are finished before the file they belong to is: a few are kept in memory, more of them in a temporary file
//! of the caller's, under their header. If nothing else has to come between them, that file is the output.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

use tempfile::NamedTempFile;

/// So much is kept in memory.
const MEMORY: usize = 2 << 20;

/// So many bytes are written to a file at once, rather than gathered first.
const WORTHWHILE: usize = 64 << 10;

/// Where rows are kept until it is known what they belong to.
#[derive(Clone, Copy)]
pub enum Store<'a> {
    /// In memory, however many they are.
    Memory,
    /// Nowhere: they are wanted by nobody.
    Nowhere,
    /// A few in memory, more in new files of their own.
    Files(&'a (dyn Fn() -> io::Result<NamedTempFile> + Sync)),
}

/// Takes bytes from the first to the last.
pub(crate) struct Spool<'a> {
    store: Store<'a>,
    kept: Spooled,
}

/// The bytes that a spool has taken.
#[derive(Debug, Default)]
pub(crate) struct Spooled {
    /// What stands above them in the file.
    header: Vec<u8>,
    /// The first bytes, if there were more than memory is wanted for.
    file: Option<NamedTempFile>,
    /// How many they are, without the header.
    in_file: u64,
    memory: Vec<u8>,
    is_discarded: bool,
}

impl<'a> Spool<'a> {
    pub(crate) fn new(store: Store<'a>) -> Self {
        let is_discarded = matches!(store, Store::Nowhere);
        Self { store, kept: Spooled { is_discarded, ..Spooled::default() } }
    }

    /// Tells what stands above the lines, before the first of them comes.
    pub(crate) fn begin(&mut self, header: Vec<u8>) {
        self.kept.header = header;
    }

    /// Where the next byte goes.
    pub(crate) fn position(&self) -> u64 {
        self.kept.length()
    }

    /// Has the bytes appended, and moves what is too much for memory to a file.
    pub(crate) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        write(&mut self.kept.memory);
        if self.kept.memory.len() < MEMORY { Ok(()) } else { self.move_out() }
    }

    /// Has lines appended that were written elsewhere.
    pub(crate) fn append_lines(&mut self, lines: &[u8]) -> io::Result<()> {
        let is_kept_in_file = self.kept.file.is_some();
        if !is_kept_in_file || lines.len() < WORTHWHILE {
            return self.append(|to| to.extend_from_slice(lines));
        }
        self.move_out()?;
        if let Some(file) = &mut self.kept.file {
            file.as_file_mut().write_all(lines)?;
        }
        self.kept.in_file += lines.len() as u64;
        Ok(())
    }

    /// Moves what is in memory to where more is kept.
    fn move_out(&mut self) -> io::Result<()> {
        let kept = &mut self.kept;
        match self.store {
            Store::Memory => return Ok(()),
            Store::Nowhere => {}
            Store::Files(open) => {
                if kept.file.is_none() {
                    kept.file.insert(open()?).as_file_mut().write_all(&kept.header)?;
                }
                if let Some(file) = &mut kept.file {
                    file.as_file_mut().write_all(&kept.memory)?;
                }
            }
        }
        kept.in_file += kept.memory.len() as u64;
        kept.memory.clear();
        Ok(())
    }

    pub(crate) fn finish(self) -> Spooled {
        self.kept
    }
}

impl Spooled {
    pub(crate) const fn length(&self) -> u64 {
        self.in_file + self.memory.len() as u64
    }

    /// The file that holds this header and then all lines; `None` unless there is one.
    ///
    /// # Errors
    /// What the file refuses.
    pub(crate) fn take_file(&mut self, header: &[u8]) -> io::Result<Option<NamedTempFile>> {
        if self.header != header {
            return Ok(None);
        }
        let Some(mut file) = self.file.take() else { return Ok(None) };
        file.as_file_mut().seek(SeekFrom::End(0))?;
        file.as_file_mut().write_all(&self.memory)?;
        *self = Self { is_discarded: true, in_file: self.length(), ..Self::default() };
        Ok(Some(file))
    }

    /// The bytes from `start` on, as far as `end`.
    ///
    /// # Errors
    /// If they were kept nowhere, or the file cannot be read.
    pub(crate) fn read(&self, start: u64, end: u64) -> io::Result<impl BufRead + '_> {
        if self.is_discarded && start < end {
            return Err(io::Error::other("the rows were not kept"));
        }
        let in_file = end.min(self.in_file).saturating_sub(start);
        let file = match &self.file {
            Some(file) if in_file > 0 => {
                let mut file: &File = file.as_file();
                file.seek(SeekFrom::Start(self.header.len() as u64 + start))?;
                Some(BufReader::with_capacity(1 << 16, file.take(in_file)))
            }
            Some(_) | None => None,
        };
        let place = |at: u64| usize::try_from(at.saturating_sub(self.in_file)).unwrap_or(usize::MAX);
        let memory = self.memory.get(place(start)..place(end)).unwrap_or_default();
        Ok(Both { file, memory })
    }
}

/// What is in the file, then what is in memory.
struct Both<'s> {
    file: Option<BufReader<io::Take<&'s File>>>,
    memory: &'s [u8],
}

impl Read for Both<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Both<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // Asked twice, a reader whose buffer is full does not read.
        if let Some(file) = &mut self.file
            && file.fill_buf()?.is_empty()
        {
            self.file = None;
        }
        self.file.as_mut().map_or(Ok(self.memory), BufRead::fill_buf)
    }

    fn consume(&mut self, count: usize) {
        match &mut self.file {
            Some(file) => file.consume(count),
            None => self.memory = self.memory.get(count..).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(spooled: &Spooled, start: u64, end: u64) -> Vec<u8> {
        let mut text = Vec::new();
        spooled.read(start, end).unwrap().read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn what_was_appended_is_read_wherever_it_is_kept() {
        let files = || NamedTempFile::new();
        for store in [Store::Memory, Store::Files(&files)] {
            let mut spool = Spool::new(store);
            let mut all = Vec::new();
            for number in 0..1_500_u32 {
                let line = number.to_string().repeat(700);
                all.extend_from_slice(line.as_bytes());
                spool.append(|to| to.extend_from_slice(line.as_bytes())).unwrap();
                assert_eq!(spool.position(), all.len() as u64);
            }
            let spooled = spool.finish();
            assert_eq!(spooled.file.is_some(), matches!(store, Store::Files(_)));
            let length = all.len();
            for (start, end) in
                [(0, length), (5, 9), (length - 3, length), (MEMORY - 1, MEMORY + 1_007), (4, 4)]
            {
                assert_eq!(text(&spooled, start as u64, end as u64), all[start..end], "{start} {end}");
            }
        }
    }

    #[test]
    fn what_nobody_wants_is_not_kept() {
        let mut spool = Spool::new(Store::Nowhere);
        for _ in 0..3 {
            spool.append(|to| to.resize(to.len() + MEMORY, b'x')).unwrap();
        }
        let spooled = spool.finish();
        assert_eq!((spooled.length(), spooled.memory.len()), (3 * MEMORY as u64, 0));
        assert!(spooled.read(0, 1).is_err());
    }
}
