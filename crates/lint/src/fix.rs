//! Applies fixes until none is left: first those of the file's shape, then those of rows, each checked again
//! afterwards, and in the end those of cells, once.
//!
//! Cells are rewritten once, as long as that leaves the file's shape as it was, because a rewritten text can have another meaning under the same settings:
//! `150%` of a metric declared a percentage is written `1.5`, which typed by hand would be 1.5 %. Without a header, the look
//! of the cells tells what divides them: rewritten, they may tell another shape, and then the file is read again.

use metricsheet_core::Applicability;
use metricsheet_delimited::Decoded;

use crate::check::{Diagnostic, Options, Phase, Report, check};
use crate::edit::{Edit, EditSet, Moved, apply};
use crate::layout::Layout;
use crate::throughout::Throughout;

/// Which fixes may be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Only those that are certain.
    Safe,
    /// Also those with a doubt.
    Unsafe,
}

impl Level {
    /// The least certain fixes that may be applied.
    #[must_use]
    pub const fn most(self) -> Applicability {
        match self {
            Self::Safe => Applicability::Safe,
            Self::Unsafe => Applicability::Unsafe,
        }
    }

    /// Whether fixes of this applicability may be applied.
    #[must_use]
    pub fn allows(self, applicability: Applicability) -> bool {
        applicability <= self.most()
    }
}

/// A file after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The new bytes; the same as before where nothing was fixed.
    pub bytes: Vec<u8>,
    /// What remains, with positions in the new bytes.
    pub report: Report,
    /// What was fixed, with positions in the bytes as they stood when it was.
    pub fixed: Vec<Diagnostic>,
}

/// Why a file could not be fixed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FixError {
    /// Fixes undo one another.
    #[error(
        "the fixes for {rules} do not come to an end after {passes} passes; nothing was changed, please report this file"
    )]
    NoConvergence {
        /// The codes of the rules whose fixes were still to be applied.
        rules: String,
        /// How often the file was checked.
        passes: usize,
    },
}

/// Shape and rows settle in a handful of passes; more means that fixes undo one another.
pub(crate) const MOST_PASSES: usize = 12;

/// Checks a file and applies the fixes of a level.
///
/// # Errors
/// [`FixError::NoConvergence`] if fixes undo one another.
pub fn fix(bytes: &[u8], options: &Options, level: Level) -> Result<Fixed, FixError> {
    let mut bytes = bytes.to_vec();
    let mut fixed = Vec::new();
    for _ in 0..MOST_PASSES {
        let report = check(&bytes, options);
        let Some(phase) = next_phase(&report.diagnostics, level) else {
            return Ok(Fixed { bytes, report, fixed });
        };
        let mended = mend(&bytes, report.diagnostics, phase, level, &mut fixed);
        let before = std::mem::replace(&mut bytes, mended.bytes);
        if phase == Phase::Cells && (report.header.is_some() || reads_as(&before, &bytes, options)) {
            let header = report.header.as_ref().map(|header| mended.moved.span(header));
            let report = Report { diagnostics: mended.rest, rows: report.rows, header, text: None };
            return Ok(Fixed { bytes, report, fixed });
        }
    }
    Err(no_convergence(&check(&bytes, options).diagnostics, level))
}

/// Whether what is left of a text after a fix of its cells is divided as before.
fn reads_as(before: &[u8], after: &[u8], options: &Options) -> bool {
    let layout = |bytes| Layout::find(&Decoded::read(bytes, options.encoding).text, options);
    layout(before).reads_as(&layout(after))
}

pub(crate) fn no_convergence(diagnostics: &[Diagnostic], level: Level) -> FixError {
    let mut rules: Vec<&str> = diagnostics
        .iter()
        .filter(|diagnostic| is_allowed(diagnostic, level))
        .map(|diagnostic| diagnostic.finding.rule.code)
        .collect();
    rules.dedup();
    FixError::NoConvergence { rules: rules.join(", "), passes: MOST_PASSES }
}

/// The phase whose fixes come next, if any are left.
pub(crate) fn next_phase(diagnostics: &[Diagnostic], level: Level) -> Option<Phase> {
    let allowed = diagnostics.iter().filter(|diagnostic| is_allowed(diagnostic, level));
    allowed.map(|diagnostic| diagnostic.phase).min()
}

pub(crate) fn is_allowed(diagnostic: &Diagnostic, level: Level) -> bool {
    let allowed = diagnostic
        .finding
        .suggestion
        .as_ref()
        .is_some_and(|suggestion| level.allows(suggestion.applicability));
    allowed && (!diagnostic.edits.is_empty() || diagnostic.throughout.is_some())
}

/// A text after the fixes of one phase.
pub(crate) struct Mended {
    pub(crate) bytes: Vec<u8>,
    /// What remains, at its new place.
    pub(crate) rest: Vec<Diagnostic>,
    pub(crate) moved: Moved,
}

/// Applies the fixes of one phase; what remains is moved to its new place.
pub(crate) fn mend(
    bytes: &[u8],
    diagnostics: Vec<Diagnostic>,
    phase: Phase,
    level: Level,
    fixed: &mut Vec<Diagnostic>,
) -> Mended {
    let (edits, mut rest) = chosen(diagnostics, phase, level, fixed);
    let new_bytes = apply(bytes, &edits);
    let moved = Moved::new(&edits);
    for diagnostic in &mut rest {
        diagnostic.span = moved.span(&diagnostic.span);
        diagnostic.in_file = diagnostic.span.clone();
        for edit in &mut diagnostic.edits {
            edit.span = moved.span(&edit.span);
        }
    }
    if !rest.is_empty() {
        crate::locate::number_lines(&String::from_utf8_lossy(&new_bytes), &mut rest);
    }
    Mended { bytes: new_bytes, rest, moved }
}

/// The edits of one phase, sorted, and what remains as it is.
pub(crate) fn chosen(
    diagnostics: Vec<Diagnostic>,
    phase: Phase,
    level: Level,
    fixed: &mut Vec<Diagnostic>,
) -> (Vec<Edit>, Vec<Diagnostic>) {
    let mut edits = EditSet::default();
    let mut changes: Vec<Throughout> = Vec::new();
    let mut rest = Vec::new();
    for diagnostic in diagnostics {
        let is_beside = |change: &Throughout| changes.iter().all(|other| change.is_beside(other));
        let applies = diagnostic.phase == phase
            && is_allowed(&diagnostic, level)
            && diagnostic.throughout.as_ref().is_none_or(is_beside);
        if applies && edits.add(&diagnostic.edits) {
            changes.extend(diagnostic.throughout.clone());
            fixed.push(diagnostic);
        } else {
            rest.push(diagnostic);
        }
    }
    (edits.into_sorted(), rest)
}
