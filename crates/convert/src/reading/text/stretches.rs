//! Reads a file of UTF-8 one stretch after the other.

use std::io::{self, BufRead, Seek, SeekFrom};
use std::ops::ControlFlow;

use metricsheet_delimited::{Detected, Dialect, Progress, Record, Records, Step, whole_characters};

use super::super::window::Window;
use super::super::{Excess, ReadError, Source};

/// The records of a file that are still to come.
pub(super) struct Stretches<'t> {
    window: Window<&'t mut Source>,
    progress: Progress,
    dialect: &'t Dialect,
    width: usize,
    /// So many bytes may be held.
    most: u64,
}

impl<'t> Stretches<'t> {
    /// Those of a file of so many bytes.
    pub(super) fn of(
        source: &'t mut Source,
        length: usize,
        detected: &'t Detected,
        most: u64,
    ) -> io::Result<Self> {
        let Detected { dialect, start, width } = detected;
        source.seek(SeekFrom::Start(*start as u64))?;
        let window = Window::with_room(source, usize::try_from(most).unwrap_or(usize::MAX));
        Ok(Self { window, progress: Progress::at_beginning(length), dialect, width: *width, most })
    }

    /// Hands on the records of the next stretch; breaks off behind the last one.
    pub(super) fn next(
        &mut self,
        take: &mut impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        if !self.window.widen()? && !self.window.is_at_end() {
            let what = "the text behind a quotation mark that nothing closes";
            return Err(Excess::bytes(what, self.most).into());
        }
        let is_last = self.window.is_at_end();
        let text = whole_characters(self.window.ahead(), is_last).ok_or_else(changed)?;
        let progress = self.progress.clone();
        let mut records = Records::of_stretch(text, self.dialect, self.width, progress, is_last);
        let step = each(&mut records, take);
        let length = records.position();
        self.progress = records.into_progress();
        self.window.consume(length);
        Ok(if step == Some(Step::CutOff) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }

    /// The lines that come next, about so many bytes of them, if no mark stands in them: then each line is a record,
    /// whatever stands before and behind it.
    pub(super) fn take_lines(&mut self, most: usize) -> Result<Option<String>, ReadError> {
        while self.window.ahead().len() < most && self.window.widen()? {}
        let ahead = self.window.ahead();
        let lines = memchr::memrchr(b'\n', ahead).and_then(|last| ahead.get(..=last)).unwrap_or_default();
        if lines.is_empty() || !self.progress.divides_lines(self.dialect, lines) {
            return Ok(None);
        }
        let lines = std::str::from_utf8(lines).map_err(|_| changed())?.to_owned();
        self.window.consume(lines.len());
        Ok(Some(lines))
    }

    /// Hands on the records of lines that were taken.
    pub(super) fn read_lines(
        &mut self,
        lines: &str,
        take: &mut impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut records = Records::of_stretch(lines, self.dialect, self.width, self.progress.clone(), true);
        let step = each(&mut records, take);
        self.progress = records.into_progress();
        if step.is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// The number of the next record.
    pub(super) const fn row(&self) -> u32 {
        self.progress.row()
    }

    /// Passes over so many records of lines that were taken.
    pub(super) fn pass(&mut self, records: u32) {
        self.progress.pass(records);
    }

    /// How the text is divided.
    pub(super) const fn dialect(&self) -> &'t Dialect {
        self.dialect
    }
}

/// Hands on records; tells why there are no more, unless `take` breaks off.
fn each(records: &mut Records<'_>, take: &mut impl FnMut(&Record<'_>) -> ControlFlow<()>) -> Option<Step> {
    let mut record = Record::default();
    loop {
        match records.read_into(&mut record) {
            Step::Record if take(&record).is_continue() => {}
            Step::Record => return None,
            step @ (Step::CutOff | Step::End) => return Some(step),
        }
    }
}

fn changed() -> io::Error {
    io::Error::other("the file was changed while it was read")
}
