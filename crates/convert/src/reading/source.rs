//! What a workbook is read from. Several readers may share one input: each stands at a place of its own and reads through
//! a buffer of its own, so that it keeps the others waiting only while that is filled.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a workbook is read from.
pub trait Input: Read + Seek + Send {}

impl<T: Read + Seek + Send> Input for T {}

/// Containers are read here and there, and each step is a call to the system: a file of at most so many bytes is read
/// at once.
const SMALL: u64 = 256 << 10;

/// Of larger ones so many bytes are read at once.
const AT_ONCE: usize = 64 << 10;

/// One reader of an input. A clone is another one, which stands at the same place.
pub(super) struct Source {
    buffered: BufReader<Handle>,
}

impl Source {
    pub(super) fn new(input: impl Input + 'static) -> Self {
        Self { buffered: BufReader::new(Handle::new(input)) }
    }

    /// The input from its first byte on, and its length in bytes.
    pub(super) fn whole_if_small(mut input: impl Input + 'static) -> io::Result<(Self, u64)> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        if length > SMALL {
            return Ok((Self { buffered: BufReader::with_capacity(AT_ONCE, Handle::new(input)) }, length));
        }
        // With room for the look that sees its end.
        let mut bytes = Vec::with_capacity(usize::try_from(length + 1).unwrap_or_default());
        input.take(SMALL).read_to_end(&mut bytes)?;
        let length = bytes.len() as u64;
        Ok((Self::new(Cursor::new(bytes)), length))
    }
}

impl Clone for Source {
    fn clone(&self) -> Self {
        let mut handle = self.buffered.get_ref().clone();
        // The bytes in the buffer have been read by this one, not by the other.
        handle.at -= self.buffered.buffer().len() as u64;
        Self { buffered: BufReader::with_capacity(self.buffered.capacity(), handle) }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.buffered.read(buffer)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.buffered.seek(to)
    }

    // What the trait does by itself empties the buffer.
    fn stream_position(&mut self) -> io::Result<u64> {
        self.buffered.stream_position()
    }

    fn seek_relative(&mut self, offset: i64) -> io::Result<()> {
        self.buffered.seek_relative(offset)
    }
}

/// A place of one's own in a shared input.
#[derive(Clone)]
struct Handle {
    shared: Arc<Mutex<Shared>>,
    at: u64,
}

struct Shared {
    input: Box<dyn Input>,
    /// Where the input stands; `None` if nobody can tell.
    at: Option<u64>,
}

impl Handle {
    fn new(input: impl Input + 'static) -> Self {
        Self { shared: Arc::new(Mutex::new(Shared { input: Box::new(input), at: None })), at: 0 }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // Where one reader goes straight on, the system need not be asked to.
        if self.at.take() != Some(at) {
            self.input.seek(SeekFrom::Start(at))?;
        }
        let count = self.input.read(buffer)?;
        self.at = Some(at + count as u64);
        Ok(count)
    }

    fn length(&mut self) -> io::Result<u64> {
        self.at = None;
        self.input.seek(SeekFrom::End(0))
    }
}

impl Read for Handle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.shared().read_at(self.at, buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Handle {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
            SeekFrom::End(offset) => self.shared().length()?.checked_add_signed(offset),
        };
        let before_it = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the first byte");
        self.at = at.ok_or_else(before_it)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader does.
    #[derive(Debug, Clone)]
    enum Step {
        Read(usize),
        Seek(SeekFrom),
        /// The next reader begins anew where this one stands.
        Clone,
    }

    fn step() -> impl Strategy<Value = Step> {
        let places = prop_oneof![
            (0..30_000_u64).prop_map(SeekFrom::Start),
            (-30_000..30_000_i64).prop_map(SeekFrom::Current),
            (-30_000..1_000_i64).prop_map(SeekFrom::End),
        ];
        prop_oneof![
            4 => (0..12_000_usize).prop_map(Step::Read),
            2 => places.prop_map(Step::Seek),
            1 => Just(Step::Clone),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Readers that share an input do what each would do with one of its own.
        #[test]
        fn readers_of_one_input_do_not_disturb_each_other(
            length in 0..20_000_u32,
            steps in prop::collection::vec((0..3_usize, step()), 0..60),
        ) {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
            let mut shared = vec![Source::new(Cursor::new(bytes.clone())); 3];
            let mut own = vec![Cursor::new(bytes); 3];
            for (reader, step) in steps {
                match step {
                    Step::Read(count) => {
                        let (mut one, mut other) = (Vec::new(), Vec::new());
                        shared[reader].by_ref().take(count as u64).read_to_end(&mut one).unwrap();
                        own[reader].by_ref().take(count as u64).read_to_end(&mut other).unwrap();
                        prop_assert!(one == other, "{count} bytes");
                    }
                    Step::Seek(to) => {
                        let (one, other) = (shared[reader].seek(to), own[reader].seek(to));
                        prop_assert_eq!(one.ok(), other.ok());
                    }
                    Step::Clone => {
                        shared[(reader + 1) % 3] = shared[reader].clone();
                        own[(reader + 1) % 3] = own[reader].clone();
                    }
                }
                prop_assert_eq!(shared[reader].stream_position().unwrap(), own[reader].position());
            }
        }
    }

    /// Fails once, having read some bytes.
    struct Stumbling(Cursor<Vec<u8>>, bool);

    impl Read for Stumbling {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(buffer)?;
            if std::mem::take(&mut self.1) { Err(io::ErrorKind::Interrupted.into()) } else { Ok(count) }
        }
    }

    impl Seek for Stumbling {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_read_that_failed_is_begun_again_where_it_began() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut source = Source::new(Stumbling(Cursor::new(bytes.clone()), true));
        let mut read = Vec::new();
        source.read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
    }
}
