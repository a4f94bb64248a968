//! The sheets of a large workbook on several threads, each with a reader of its own.
//!
//! What comes of a sheet here counts only where the same would come of it after all sheets before it. Whoever asks for
//! the sheets in their order is handed neither what passed a limit nor what has no room beside the sheets before it, and
//! converts those sheets again: so the number of threads decides about nothing but time.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::room::{Room, Taken};
use super::{ChosenSheet, ConvertError, SheetOutcome, Work, convert_sheet};
use crate::reading::{ReadError, Workbook};

/// However many cores there are: each sheet has two more threads, which inflate and read for it, and buffers and footprints
/// of its own. With one more, sixteen threads ask for more addresses than the 512 MiB that hostile files may have.
const MOST: usize = 3;

/// What came of the sheets that were converted at the same time, by their places among the chosen ones. Some may be
/// missing behind one that failed.
#[derive(Default)]
pub(super) struct AtOnce(BTreeMap<usize, Early>);

/// What came of a sheet, and what its rows took.
type Early = (Result<SheetOutcome, ConvertError>, Taken);

impl AtOnce {
    /// Converts the sheets if that is worth several threads.
    pub(super) fn convert(
        work: Work<'_>,
        workbook: &mut Workbook,
        sheets: &[ChosenSheet],
        threads: NonZeroUsize,
        room: &Room,
    ) -> Self {
        let threads = threads.get().min(sheets.len()).min(MOST);
        let others: Vec<Workbook> = (1..threads).map_while(|_| workbook.another()).collect();
        if others.is_empty() {
            return Self::default();
        }
        let queue = &Queue {
            sheets,
            next: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            room: Mutex::new(room.clone()),
            threads: others.len() + 1,
        };
        std::thread::scope(|scope| {
            let convert = |mut workbook| scope.spawn(move || queue.convert(work, &mut workbook));
            let others: Vec<_> = others.into_iter().map(convert).collect();
            let mut all = queue.convert(work, workbook);
            for other in others {
                // The readers are guarded, so this is a panic of our own.
                all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            Self(all)
        })
    }

    /// What came of this one, if it is known to be what comes of it after those before it.
    pub(super) fn take(
        &mut self,
        sheet: usize,
        room: &mut Room,
    ) -> Option<Result<SheetOutcome, ConvertError>> {
        let (outcome, taken) = self.0.remove(&sheet)?;
        // Which of the limits is passed first, only the order of the sheets tells.
        let is_too_large = matches!(outcome, Err(ConvertError::Read(ReadError::TooLarge { .. })));
        (!is_too_large && room.take(taken)).then_some(outcome)
    }
}

/// The sheets that nobody has begun.
struct Queue<'a> {
    sheets: &'a [ChosenSheet],
    next: AtomicUsize,
    /// Whether a sheet has failed, so that those behind it are not wanted.
    is_over: AtomicBool,
    /// What is left beside all sheets that are finished. Each one gets an even part of it when it begins: so rows need not
    /// count where all threads write, and what all hold together is less than twice what one after the other may. The
    /// rare sheet that needs more than its part is converted again in its turn, with all that is left then.
    room: Mutex<Room>,
    threads: usize,
}

impl Queue<'_> {
    /// Converts one sheet after the other, until there is none.
    fn convert(&self, work: Work<'_>, workbook: &mut Workbook) -> BTreeMap<usize, Early> {
        let mut all = BTreeMap::new();
        while !self.is_over.load(Ordering::Relaxed) {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(sheet) = self.sheets.get(place) else { break };
            let before = self.room().part(self.threads);
            let mut room = before.clone();
            let outcome = convert_sheet(work, &mut room, workbook, sheet);
            let taken = room.taken_since(&before);
            if outcome.is_err() || !self.room().take(taken) {
                self.is_over.store(true, Ordering::Relaxed);
            }
            all.insert(place, (outcome, taken));
        }
        all
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
