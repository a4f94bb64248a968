//! Checks and mends a file that is never held as a whole: it is read piece by piece, and what is found, and the
//! mended text, are handed on in the order of the file. Only what several rows mean for each other is held until
//! all of them were seen.
//!
//! It refuses some files ([`crate::sweep`]), which are checked and mended as a whole; and comes to the same.

use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;

use metricsheet_core::Rule;
use metricsheet_core::rules::file::MIXED_LINE_ENDINGS;

use crate::check::{Diagnostic, Options, Phase, Report};
use crate::edit::Edit;
use crate::fix::{FixError, Level, MOST_PASSES, chosen, is_allowed, next_phase, no_convergence};
use crate::overlay::Overlay;
use crate::reshaped::{Reshaped, list_edits};
use crate::source::Source;
use crate::sweep::{Head, Shape, Survey};
use crate::throughout::Throughout;
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
    survey.tell(diagnostics, None, false, listener).map(Some)
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
    let fixing = Fixing { options, level, threads, listener, fixed: Vec::new(), pass: 0 };
    if let Some(extent) = fixing.run(source)? {
        return Ok(Some(extent));
    }
    let Some(transcribed) = transcribed(source, options, listener)? else { return Ok(None) };
    match transcribed.finding(options) {
        Some(finding) if is_allowed(&finding, level) => {
            Fixing { options, level, threads, listener, fixed: vec![finding], pass: 1 }.run(&transcribed)
        }
        finding => Ok(check_transcribed(&transcribed, finding, options, threads, listener)?),
    }
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
        let Some(head) = Head::read(source, self.options)? else { return self.refuse() };
        let delimiter = head.layout.dialect.delimiter;
        if !head.is_plain()
            && let Some(shape) = self.shape_to_fix(source, &head)?
        {
            return self.reshape(source, delimiter, shape);
        }
        let mending: Option<(Level, &mut dyn Listener)> =
            if self.listener.wants_each_fix() { None } else { Some((self.level, &mut *self.listener)) };
        let survey = Survey::read(source, head.clone(), self.options, self.threads, mending)?;
        let Some(survey) = survey else {
            self.listener.restart()?;
            // Perhaps only its shape was in the way.
            return match self.shape_to_fix(source, &head)? {
                Some(shape) => self.reshape(source, delimiter, shape),
                None => Ok(None),
            };
        };
        let mut diagnostics = survey.check_open();
        match next_phase(&diagnostics, self.level) {
            Some(phase @ (Phase::Shape | Phase::Rows)) => {
                survey.place_in_file(&mut diagnostics);
                let parts = survey.parts();
                drop(survey);
                self.listener.restart()?;
                if phase == Phase::Shape {
                    return self.reshape(source, delimiter, Shape { diagnostics, parts });
                }
                let edits = self.choose(diagnostics, phase)?;
                self.run(&Overlay::new(source, edits))
            }
            Some(Phase::Cells) | None => {
                if diagnostics.iter().any(|it| moves_with_rows(it, self.listener.wants_each_edit())) {
                    return self.refuse();
                }
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

impl Fixing<'_> {
    /// Leaves the file to be mended as a whole.
    fn refuse(self) -> Result<Option<Extent>, PiecesError> {
        self.listener.restart()?;
        Ok(None)
    }

    /// The shape, if something in it is to be fixed; nothing else has to be known of the file before.
    fn shape_to_fix(&self, source: &dyn Source, head: &Head) -> io::Result<Option<Shape>> {
        let shape = Shape::of(source, head, self.options, self.threads)?;
        Ok(shape.filter(|shape| next_phase(&shape.diagnostics, self.level) == Some(Phase::Shape)))
    }

    /// Fixes the shape, and goes on with the file as it is then.
    fn reshape(
        mut self,
        source: &dyn Source,
        delimiter: u8,
        Shape { diagnostics, parts }: Shape,
    ) -> Result<Option<Extent>, PiecesError> {
        let before = self.fixed.len();
        let edits = self.choose(diagnostics, Phase::Shape)?;
        let chosen = self.fixed.get_mut(before..).unwrap_or_default();
        let changes: Vec<Throughout> = chosen.iter().filter_map(|it| it.throughout.clone()).collect();
        if self.listener.wants_each_fix() {
            chosen.iter_mut().try_for_each(|it| list_edits(source, delimiter, &parts, it))?;
        }
        if changes.is_empty() {
            return self.run(&Overlay::new(source, edits));
        }
        // The edits stand above the rows, where the other changes leave everything in its place.
        let reshaped = Reshaped::new(source, delimiter, changes, parts, self.threads)?;
        self.run(&Overlay::new(&reshaped, edits))
    }

    /// The edits of the fixes of this phase.
    fn choose(&mut self, diagnostics: Vec<Diagnostic>, phase: Phase) -> Result<Vec<Edit>, FixError> {
        if self.pass == MOST_PASSES {
            return Err(no_convergence(&diagnostics, self.level));
        }
        self.pass += 1;
        Ok(chosen(diagnostics, phase, self.level, &mut self.fixed).0)
    }
}

/// Whether what remains to be said of the whole file has places among the rows, which move as cells are mended.
fn moves_with_rows(diagnostic: &Diagnostic, wants_each_edit: bool) -> bool {
    diagnostic.finding.rule.code == MIXED_LINE_ENDINGS.code
        || (wants_each_edit && diagnostic.throughout.is_some())
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
