//! Which of the rows that left only footprints have something to do with each other, or with the rows that were
//! read. Decides by groups that look alike, never by a single row, and errs on the side of reading too many.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::groups::Groups;
use crate::footprint::{Footprint, Hints, IdPrint, Packed};

/// One part for each value of the first byte of an ID's hash: what falls into one can be looked up in a cache.
const PARTS: usize = 256;

/// The footprints of a stretch of rows.
#[derive(Debug, Default)]
pub struct Footprints {
    /// Sorted by their part.
    packed: Vec<Packed>,
    /// Where each part ends; empty if there are none.
    ends: Vec<u32>,
    /// Those of all its rows.
    hints: Hints,
}

impl Footprints {
    /// Takes the footprints of at most 4 thousand million rows out of `gathered`, which keeps its memory for the
    /// next stretch.
    #[must_use]
    pub fn take(gathered: &mut Vec<Footprint>, hints: Hints) -> Self {
        let mut ends = vec![0_u32; PARTS];
        for footprint in gathered.iter() {
            if let Some(count) = ends.get_mut(usize::from(footprint.part())) {
                *count += 1;
            }
        }
        let mut end = 0;
        // From here on the place at which the next footprint of each part goes.
        for place in &mut ends {
            end += std::mem::replace(place, end);
        }
        let blank = gathered.first().map(Footprint::packed);
        let mut packed = blank.map_or_else(Vec::new, |blank| vec![blank; gathered.len()]);
        for footprint in gathered.drain(..) {
            if let Some(place) = ends.get_mut(usize::from(footprint.part())) {
                if let Some(slot) = usize::try_from(*place).ok().and_then(|at| packed.get_mut(at)) {
                    *slot = footprint.packed();
                }
                *place += 1;
            }
        }
        Self { packed, ends, hints }
    }

    /// Adds the number of rows of each part.
    fn count(&self, counts: &mut [u64; PARTS]) {
        let mut before = 0;
        for (count, end) in counts.iter_mut().zip(&self.ends) {
            *count += u64::from(end - before);
            before = *end;
        }
    }

    fn part(&self, part: u8) -> &[Packed] {
        let end = |at: usize| self.ends.get(at).and_then(|end| usize::try_from(*end).ok());
        let part = usize::from(part);
        let start = part.checked_sub(1).map_or(Some(0), end);
        start.zip(end(part)).and_then(|(start, end)| self.packed.get(start..end)).unwrap_or_default()
    }
}

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
    pub(super) days: Vec<(u64, u16)>,
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
            || self.days.binary_search(&(footprint.group(), footprint.day().number())).is_ok()
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
        let mut rows: Vec<&[Packed]> = Vec::new();
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
