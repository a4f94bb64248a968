//! Checks and mends a file that is never held as a whole: it is read piece by piece, and what is found, and the
//! mended text, are handed on in the order of the file. Only what several rows mean for each other is held until
//! all of them were seen.
//!
//! It refuses a file whose shape is not plain ([`crate::sweep`]), which is checked and mended as a whole; and comes
//! to the same.

use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;

use metricsheet_core::Rule;

use crate::check::{Diagnostic, Options, Phase, Report};
use crate::fix::{FixError, Level, MOST_PASSES, chosen, next_phase, no_convergence};
use crate::overlay::Overlay;
use crate::source::Source;
use crate::sweep::Survey;

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
    /// The bytes of the header's record, in both.
    pub header: Range<usize>,
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
    /// The bytes of the header's record.
    pub header: Range<usize>,
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

/// Checks a file on up to `threads` threads. `None` if its shape is not plain; then nothing was handed on.
///
/// # Errors
/// Those of reading and of the listener.
pub fn check_by_pieces(
    source: &dyn Source,
    options: &Options,
    threads: NonZeroUsize,
    listener: &mut dyn Listener,
) -> io::Result<Option<Extent>> {
    let Some(survey) = Survey::read(source, options, threads, None)? else { return Ok(None) };
    let diagnostics = survey.check_open();
    survey.tell(diagnostics, None, false, listener).map(Some)
}

/// Checks a file and hands its bytes on with the fixes of a level, on up to `threads` threads: the same as
/// [`crate::fix()`]. `None` if the file's shape is not plain; then nothing was handed on.
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
    Fixing { options, level, threads, listener, fixed: Vec::new(), pass: 0 }.run(source)
}

/// A file on its way from one phase of fixes to the next.
struct Fixing<'f> {
    options: &'f Options,
    level: Level,
    threads: NonZeroUsize,
    listener: &'f mut dyn Listener,
    /// What was fixed in the passes so far.
    fixed: Vec<Diagnostic>,
    pass: usize,
}

impl Fixing<'_> {
    fn run(mut self, source: &dyn Source) -> Result<Option<Extent>, PiecesError> {
        let mending: Option<(Level, &mut dyn Listener)> =
            if self.listener.wants_each_fix() { None } else { Some((self.level, &mut *self.listener)) };
        let Some(survey) = Survey::read(source, self.options, self.threads, mending)? else {
            self.listener.restart()?;
            return Ok(None);
        };
        let mut diagnostics = survey.check_open();
        if self.pass == MOST_PASSES {
            return Err(no_convergence(&diagnostics, self.level).into());
        }
        match next_phase(&diagnostics, self.level) {
            Some(phase @ (Phase::Shape | Phase::Rows)) => {
                survey.place_in_file(&mut diagnostics);
                drop(survey);
                self.listener.restart()?;
                let (edits, _) = chosen(diagnostics, phase, self.level, &mut self.fixed);
                self.pass += 1;
                self.run(&Overlay::new(source, edits))
            }
            Some(Phase::Cells) | None => {
                let was_mended = !self.fixed.is_empty();
                if was_mended {
                    self.listener.fixed(self.fixed)?;
                }
                let extent = survey.tell(diagnostics, Some(self.level), was_mended, self.listener)?;
                Ok(Some(Extent { is_mended: extent.is_mended || was_mended, ..extent }))
            }
        }
    }
}

/// Keeps all that was found.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    diagnostics: Vec<Diagnostic>,
}

impl Collected {
    pub(crate) fn into_report(self, extent: Extent) -> Report {
        Report { diagnostics: self.diagnostics, rows: extent.rows, header: Some(extent.header), text: None }
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
