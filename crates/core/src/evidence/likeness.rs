//! Which of the rows that left only footprints have something to do with each other, or with the rows that were
//! read. Decides by groups that look alike, never by a single row, and errs on the side of reading too many.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::groups::Groups;
use super::trail::{Footprints, PARTS, PartRows};
use crate::footprint::{Day, Footprint, Hints, IdPrint};

/// What the rows that were read ask of the others.
#[derive(Debug, Default)]
pub(super) struct Questions {
    /// The rows' own footprints.
    pub(super) own: Footprints,
    /// From where on the other values of a metric with percentages would be whole percentages (V003).
    pub(super) least_percentage: f64,
    /// Groups of which every row has to be read in any case (I008).
    pub(super) wanted: Vec<u64>,
}

/// The rows that have to be read because of other rows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Suspects {
    /// Groups of IDs of which all rows have to be read. Sorted.
    pub(super) groups: Vec<u64>,
    /// Groups and days of which several rows speak. Sorted.
    pub(super) days: Vec<(u64, Day)>,
    /// Rows with any of these are wanted (D007, V004, V005).
    hints: Hints,
}

impl Suspects {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.days.is_empty() && self.hints == Hints::NONE
    }

    /// Whether a row with this footprint is one of them.
    #[must_use]
    pub fn include(&self, footprint: &Footprint, hints: Hints) -> bool {
        self.hints.meet(hints)
            || self.groups.binary_search(&footprint.group()).is_ok()
            || self.days.binary_search(&(footprint.group(), footprint.day)).is_ok()
    }

    /// Whether all rows of the ID were read. Of the other IDs it is known already that no value is an outlier.
    pub(super) fn include_all_of(&self, id: &str) -> bool {
        self.groups.binary_search(&IdPrint::of(id).group()).is_ok()
    }

    fn add(&mut self, other: Self) {
        self.groups.extend(other.groups);
        self.days.extend(other.days);
    }
}

/// Looks for groups of rows that are alike, in all stretches together.
pub(super) fn suspects(stretches: &[Footprints], questions: &Questions, threads: NonZeroUsize) -> Suspects {
    let next = AtomicUsize::new(0);
    let mut counts = [0; PARTS];
    for stretch in stretches.iter().chain([&questions.own]) {
        stretch.count(&mut counts);
    }
    // Nothing is alike where there is at most one row; in small files that is nearly everywhere.
    let parts: Vec<u8> =
        (0..=u8::MAX).zip(counts).filter(|(_, rows)| *rows > 1).map(|(part, _)| part).collect();
    let work = || {
        let mut found = Suspects::default();
        let mut groups = Groups::default();
        let mut rows: Vec<PartRows<'_>> = Vec::new();
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
            rows.clear();
            rows.extend(stretches.iter().chain([&questions.own]).map(|stretch| stretch.part(part)));
            groups.look_at(part, &rows, questions.least_percentage, &mut found);
        }
        found
    };
    let mut all = if threads == NonZeroUsize::MIN {
        work()
    } else {
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads.get()).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for other in others {
                match other.join() {
                    Ok(found) => all.add(found),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            all
        })
    };
    all.groups.extend(&questions.wanted);
    all.groups.sort_unstable();
    all.groups.dedup();
    all.days.sort_unstable();
    all.days.dedup();
    let hints = stretches.iter().map(|stretch| stretch.hints).fold(questions.own.hints, Hints::and);
    all.hints = hints.in_doubt();
    all
}
