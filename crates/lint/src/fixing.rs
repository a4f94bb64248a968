//! Mends a file piece by piece, one phase of fixes after the other: each reads the file as the one before leaves it, which
//! is not written before the last one.
//!
//! It refuses what [`crate::sweep`] refuses, and files of which something remains whose places would move with what is
//! mended in the rows.

use std::io;
use std::num::NonZeroUsize;

use crate::check::{Diagnostic, Options, Phase};
use crate::edit::Edit;
use crate::fix::{FixError, Level, MOST_PASSES, chosen, next_phase, no_convergence};
use crate::overlay::Overlay;
use crate::pieces::{Extent, Listener, PiecesError};
use crate::reshaped::{Reshaped, list_edits};
use crate::source::Source;
use crate::sweep::{Head, Shape, Survey};
use crate::throughout::Throughout;

/// A file on its way from one phase of fixes to the next.
pub(crate) struct Fixing<'f> {
    options: &'f Options,
    level: Level,
    threads: NonZeroUsize,
    listener: &'f mut dyn Listener,
    /// What was fixed in the passes so far.
    fixed: Vec<Diagnostic>,
    pass: usize,
}

impl<'f> Fixing<'f> {
    /// Begins behind the passes in which this was fixed.
    pub(crate) fn begin(
        options: &'f Options,
        level: Level,
        threads: NonZeroUsize,
        listener: &'f mut dyn Listener,
        fixed: Vec<Diagnostic>,
    ) -> Self {
        Self { options, level, threads, listener, pass: fixed.len(), fixed }
    }

    /// Mends the file and hands it on; `None` if it has to be mended as a whole.
    pub(crate) fn run(mut self, source: &dyn Source) -> Result<Option<Extent>, PiecesError> {
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
                // What remains to be said of the whole file moves with the rows if it stands among them.
                let wants_each_edit = self.listener.wants_each_edit();
                let moves = |it: &Diagnostic| {
                    survey.place_in_rows(it).is_some() || (wants_each_edit && it.reaches_every_record())
                };
                if diagnostics.iter().any(moves) {
                    return self.refuse();
                }
                let Self { level, listener, fixed, .. } = self;
                let extent = survey.tell(diagnostics, Some(level), fixed, listener)?;
                if extent.is_none() {
                    listener.restart()?;
                }
                Ok(extent)
            }
        }
    }

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
