//! Checks and mends a file that is never held as a whole: it is read piece by piece, and what is found, and the
//! mended text, are handed on in the order of the file. Only what several rows mean for each other is held until
//! all of them were seen.
//!
//! It refuses some files ([`crate::sweep`]), which are checked and mended as a whole; and comes to the same.

use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;

use metricsheet_core::Rule;

use crate::check::{Diagnostic, Options, Report};
use crate::fix::{FixError, Level, is_allowed};
use crate::fixing::Fixing;
use crate::source::Source;
use crate::sweep::{Head, Survey};
use crate::transcribed::{InOtherEncoding, Transcribed};

/// Hears what a check or a fix comes to, in the order of the file.
pub trait Listener: Send {
    /// Some of what remains. Positions are those in the file, as it is mended.
    ///
    /// # Errors
    /// Whatever keeps the listener from taking it in; it ends the work.
    fn found(&mut self, found: RowsFound) -> io::Result<()>;

    /// Some of what was fixed, with positions in the bytes as they stood when it was.
    ///
    /// # Errors
    /// As for [`Self::found`].
    fn fixed(&mut self, fixed: Vec<Diagnostic>) -> io::Result<()>;

    /// Whether each fix is to be heard. If not, most are only counted, which takes far less time.
    fn wants_each_fix(&self) -> bool;

    /// Whether each edit of a fix is to be heard, also of those that change every record of the file. If not, of these
    /// only the edits above the rows are heard, and nobody holds the others.
    fn wants_each_edit(&self) -> bool;

    /// So much was fixed that broke this rule, beside what is heard of by itself.
    ///
    /// # Errors
    /// As for [`Self::found`].
    fn fixed_beside(&mut self, rule: &'static Rule, count: usize) -> io::Result<()>;

    /// The next bytes of the mended file. Not called at all if nothing in it could be mended.
    ///
    /// # Errors
    /// As for [`Self::found`].
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The mended file begins anew: what was written of it so far is void.
    ///
    /// # Errors
    /// As for [`Self::found`].
    fn restart(&mut self) -> io::Result<()>;
}

/// Findings, and the text of their rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsFound {
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
    /// The header, and below it the rows in which they stand.
    pub text: String,
    /// The bytes of the header's record, in both; `None` if there is none.
    pub header: Option<Range<usize>>,
    /// Where the rows start: in the text, and in the file.
    pub(crate) starts: Vec<(usize, usize)>,
}

impl RowsFound {
    /// Where a byte of the file stands in the text.
    #[must_use]
    pub fn in_text(&self, in_file: usize) -> usize {
        let behind = self.starts.partition_point(|(_, start)| *start <= in_file);
        let start = behind.checked_sub(1).and_then(|at| self.starts.get(at));
        start.map_or(in_file, |(in_text, start)| in_text + (in_file - start))
    }
}

/// How much was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// How many rows stand below the header.
    pub rows: usize,
    /// The bytes of the header's record; `None` if there is none.
    pub header: Option<Range<usize>>,
    /// Whether something was fixed, so that the bytes that were written are others than those that were read.
    pub is_mended: bool,
}

/// Why a file could not be mended piece by piece.
#[derive(Debug, thiserror::Error)]
pub enum PiecesError {
    /// It could not be read, or the listener did not take something in.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Its fixes do not come to an end.
    #[error(transparent)]
    Fix(#[from] FixError),
}

/// Checks a file on up to `threads` threads. `None` if it has to be checked as a whole; then nothing was handed on.
///
/// # Errors
/// Those of reading and of the listener.
pub fn check_by_pieces(
    source: &dyn Source,
    options: &Options,
    threads: NonZeroUsize,
    listener: &mut dyn Listener,
) -> io::Result<Option<Extent>> {
    if let Some(extent) = check_text(source, options, threads, listener)? {
        return Ok(Some(extent));
    }
    let Some(transcribed) = transcribed(source, options, listener)? else { return Ok(None) };
    let finding = transcribed.finding(options);
    check_transcribed(&transcribed, finding, options, threads, listener)
}

/// Checks a file of UTF-8.
fn check_text(
    source: &dyn Source,
    options: &Options,
    threads: NonZeroUsize,
    listener: &mut dyn Listener,
) -> io::Result<Option<Extent>> {
    let Some(head) = Head::read(source, options)? else { return Ok(None) };
    let Some(survey) = Survey::read(source, head, options, threads, None)? else { return Ok(None) };
    let diagnostics = survey.check_open();
    survey.tell(diagnostics, None, Vec::new(), listener)
}

/// A file of another encoding as text of UTF-8; `None` if it is none, if it is no text, or if the listener wants each edit,
/// because the edit of its encoding is the whole text.
fn transcribed<'s>(
    source: &'s dyn Source,
    options: &Options,
    listener: &dyn Listener,
) -> io::Result<Option<Transcribed<'s>>> {
    if listener.wants_each_edit() || Head::is_of_no_text(source)? {
        return Ok(None);
    }
    Transcribed::of(source, options.encoding)
}

/// Checks a file of another encoding.
fn check_transcribed(
    transcribed: &Transcribed<'_>,
    finding: Option<Diagnostic>,
    options: &Options,
    threads: NonZeroUsize,
    listener: &mut dyn Listener,
) -> io::Result<Option<Extent>> {
    let mut in_file = InOtherEncoding { transcribed, finding, listener };
    let extent = check_text(transcribed, options, threads, &mut in_file)?;
    if extent.is_some() {
        in_file.begin()?;
    }
    Ok(extent)
}

/// Checks a file and hands its bytes on with the fixes of a level, on up to `threads` threads: the same as
/// [`crate::fix()`]. `None` if it has to be mended as a whole; then nothing was handed on.
///
/// # Errors
/// Those of reading, of the listener, and of [`crate::fix()`].
pub fn fix_by_pieces(
    source: &dyn Source,
    options: &Options,
    level: Level,
    threads: NonZeroUsize,
    listener: &mut dyn Listener,
) -> Result<Option<Extent>, PiecesError> {
    if let Some(extent) = Fixing::begin(options, level, threads, listener, Vec::new()).run(source)? {
        return Ok(Some(extent));
    }
    let Some(transcribed) = transcribed(source, options, listener)? else { return Ok(None) };
    match transcribed.finding(options) {
        Some(finding) if is_allowed(&finding, level) => {
            Fixing::begin(options, level, threads, listener, vec![finding]).run(&transcribed)
        }
        finding => Ok(check_transcribed(&transcribed, finding, options, threads, listener)?),
    }
}

/// Keeps all that was found.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    diagnostics: Vec<Diagnostic>,
}

impl Collected {
    pub(crate) fn into_report(self, extent: Extent) -> Report {
        Report { diagnostics: self.diagnostics, rows: extent.rows, header: extent.header, text: None }
    }
}

impl Listener for Collected {
    fn found(&mut self, found: RowsFound) -> io::Result<()> {
        self.diagnostics.extend(found.diagnostics);
        Ok(())
    }

    fn fixed(&mut self, _: Vec<Diagnostic>) -> io::Result<()> {
        Ok(())
    }

    fn wants_each_fix(&self) -> bool {
        true
    }

    fn wants_each_edit(&self) -> bool {
        true
    }

    fn fixed_beside(&mut self, _: &'static Rule, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        Ok(())
    }
}
