//! Which of the rows that left only footprints have something to do with each other, or with the rows that were
//! read. Decides by groups that look alike, never by a single row, and errs on the side of reading too many.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::numbers::has_outlier;
use crate::footprint::{Day, Footprint, Hints, IdPrint, Packed, day_of, group_of};

/// One part for each value of the first byte of an ID's hash: what falls into one can be sorted in a cache.
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
    groups: Vec<u64>,
    /// Groups and days of which several rows speak. Sorted.
    days: Vec<(u64, u16)>,
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
    let work = || {
        let mut found = Suspects::default();
        let mut gathered = Vec::new();
        let mut sizes = Vec::new();
        while let Ok(part) = u8::try_from(next.fetch_add(1, Ordering::Relaxed)) {
            gathered.clear();
            for stretch in stretches.iter().chain(std::iter::once(&questions.own)) {
                gathered.extend_from_slice(stretch.part(part));
            }
            gathered.sort_unstable_by_key(Packed::key);
            for group in gathered.chunk_by(|one, two| one.key() >> 16 == two.key() >> 16) {
                look_at(part, group, questions, &mut sizes, &mut found);
            }
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
    let hints = stretches.iter().map(|stretch| stretch.hints).fold(questions.own.hints, Hints::and);
    all.hints = hints.in_doubt();
    all
}

/// A group of IDs that differ at most in capitals and spaces, by day.
fn look_at(part: u8, rows: &[Packed], questions: &Questions, sizes: &mut Vec<f64>, found: &mut Suspects) {
    let Some(first) = rows.first().filter(|_| rows.len() > 1) else { return };
    let group = group_of(part, first.key());
    // In another spelling (I007), or to be rewritten to the same (I006).
    let differ = rows.iter().any(|row| row.strict != first.strict);
    let is_percentage = rows.iter().any(Packed::is_percentage)
        && rows.iter().any(|row| !row.is_percentage() && row.size() >= questions.least_percentage);
    if differ || is_percentage {
        found.groups.push(group);
        return;
    }
    sizes.clear();
    sizes.extend(rows.iter().map(Packed::size).filter(|size| *size != 0.0));
    if has_outlier(sizes) {
        found.groups.push(group);
        return;
    }
    for days in rows.chunk_by(|one, two| one.key() == two.key()) {
        let day = day_of(days.first().map_or(0, Packed::key));
        if days.len() > 1 && day != Day::NONE {
            found.days.push((group, day.number()));
        }
    }
}
