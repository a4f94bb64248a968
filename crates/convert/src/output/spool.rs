//! Lines that are finished before the file they belong to is: a few are kept in memory, more of them in a file of
//! the caller's that nobody else sees.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

/// So much is kept in memory.
const MEMORY: usize = 2 << 20;

/// Where rows are kept until it is known what they belong to.
#[derive(Clone, Copy)]
pub enum Store<'a> {
    /// In memory, however many they are.
    Memory,
    /// Nowhere: they are wanted by nobody.
    Nowhere,
    /// A few in memory, more in files of their own, each opened empty for reading and writing.
    Files(&'a (dyn Fn() -> io::Result<File> + Sync)),
}

/// Takes bytes from the first to the last.
pub(crate) struct Spool<'a> {
    store: Store<'a>,
    kept: Spooled,
}

/// The bytes that a spool has taken.
#[derive(Debug, Default)]
pub(crate) struct Spooled {
    /// The first bytes, if there were more than memory is wanted for.
    file: Option<File>,
    in_file: u64,
    memory: Vec<u8>,
    is_discarded: bool,
}

impl<'a> Spool<'a> {
    pub(crate) fn new(store: Store<'a>) -> Self {
        let is_discarded = matches!(store, Store::Nowhere);
        Self { store, kept: Spooled { is_discarded, ..Spooled::default() } }
    }

    /// Where the next byte goes.
    pub(crate) fn position(&self) -> u64 {
        self.kept.length()
    }

    /// Has the bytes appended, and moves what is too much for memory to a file.
    pub(crate) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let kept = &mut self.kept;
        write(&mut kept.memory);
        if kept.memory.len() < MEMORY {
            return Ok(());
        }
        match self.store {
            Store::Memory => return Ok(()),
            Store::Nowhere => {}
            Store::Files(open) => {
                let mut file = match kept.file.take() {
                    Some(file) => file,
                    None => open()?,
                };
                file.write_all(&kept.memory)?;
                kept.file = Some(file);
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

    /// The bytes from `start` on, as far as `end`.
    ///
    /// # Errors
    /// If they were kept nowhere, or the file cannot be read.
    pub(crate) fn read(&self, start: u64, end: u64) -> io::Result<impl Read + '_> {
        if self.is_discarded && start < end {
            return Err(io::Error::other("the rows were not kept"));
        }
        let in_file = end.min(self.in_file).saturating_sub(start);
        let file = match &self.file {
            Some(file) if in_file > 0 => {
                let mut file: &File = file;
                file.seek(SeekFrom::Start(start))?;
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
        if let Some(file) = &mut self.file {
            let count = file.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.file = None;
        }
        self.memory.read(buffer)
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
        let files = || tempfile::tempfile();
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
