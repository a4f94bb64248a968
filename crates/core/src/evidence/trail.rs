//! The footprints that a stretch of rows leaves. Rows of a metric that follow each other share one run, so that what is
//! equal in them is kept, and looked up, once: ten bytes for each row, and twelve for each run.

use std::ops::Range;

use crate::footprint::{Day, Footprint, Hints, IdPrint, Size};

/// One part for each value of eight bits of an ID's hash: what falls into one can be looked up in a cache.
pub(super) const PARTS: usize = 256;
/// So many bits of a group's key tell it within its part.
const KEY_BITS: u32 = 48;

/// The group of a key within a part.
pub(super) const fn group_of(part: u8, key: u64) -> u64 {
    (part as u64) << KEY_BITS | key
}

/// Footprints, gathered one after the other.
#[derive(Debug, Default)]
pub struct Trail {
    /// The IDs of rows that follow each other, and how many these are.
    runs: Vec<(IdPrint, u16)>,
    days: Vec<Day>,
    sizes: Vec<Size>,
}

impl Trail {
    /// Adds that of the next row.
    #[inline]
    pub fn push(&mut self, footprint: &Footprint) {
        self.days.push(footprint.day);
        self.sizes.push(footprint.size);
        match self.runs.last_mut() {
            Some((id, rows)) if *id == footprint.id && *rows < u16::MAX => *rows += 1,
            Some(_) | None => self.runs.push((footprint.id, 1)),
        }
    }

    /// How many rows have left it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.days.clear();
        self.sizes.clear();
    }
}

/// Rows of a metric that follow each other in their part.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    /// The key of the group within the part, so that a run needs no eight bytes in a row.
    key: [u16; 3],
    rows: u16,
    pub(super) strict: u32,
}

impl Run {
    fn new(id: IdPrint, rows: u16) -> Self {
        let group = id.group();
        #[expect(clippy::cast_possible_truncation, reason = "three times sixteen bits are the key")]
        Self { key: [32, 16, 0].map(|shift| (group >> shift) as u16), rows, strict: id.strict() }
    }

    /// The key of the group within the part.
    pub(super) fn key(&self) -> u64 {
        self.key.iter().fold(0, |key, bits| key << 16 | u64::from(*bits))
    }
}

/// The footprints of a stretch of rows, sorted by their part.
#[derive(Debug, Default)]
pub struct Footprints {
    runs: Vec<Run>,
    days: Vec<Day>,
    sizes: Vec<Size>,
    /// Where each part ends; empty if there are none.
    ends: Vec<Place>,
    /// Those of all its rows.
    pub(super) hints: Hints,
}

/// How many runs and rows are before it.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    runs: u32,
    rows: u32,
}

impl Place {
    fn runs(self) -> usize {
        usize::try_from(self.runs).unwrap_or(usize::MAX)
    }

    fn rows(self) -> usize {
        usize::try_from(self.rows).unwrap_or(usize::MAX)
    }

    const fn pass(&mut self, rows: u32) {
        self.runs += 1;
        self.rows += rows;
    }
}

impl Footprints {
    /// Takes the footprints of at most 4 thousand million rows out of a trail, which keeps its memory for the next
    /// stretch.
    #[must_use]
    pub fn take(trail: &mut Trail, hints: Hints) -> Self {
        if trail.is_empty() {
            return Self { hints, ..Self::default() };
        }
        let mut places = vec![Place::default(); PARTS];
        for (id, rows) in &trail.runs {
            if let Some(place) = places.get_mut(part_of(*id)) {
                place.pass(u32::from(*rows));
            }
        }
        let mut end = Place::default();
        // From here on the place at which the next run of each part goes.
        for place in &mut places {
            let Place { runs, rows } = std::mem::replace(place, end);
            end = Place { runs: end.runs + runs, rows: end.rows + rows };
        }
        let mut taken = Self {
            runs: vec![Run::default(); trail.runs.len()],
            days: vec![Day::NONE; trail.days.len()],
            sizes: vec![Size::NONE; trail.sizes.len()],
            ends: Vec::new(),
            hints,
        };
        let mut at = 0;
        for (id, rows) in trail.runs.iter().copied() {
            let from = at..at + usize::from(rows);
            at = from.end;
            let Some(place) = places.get_mut(part_of(id)) else { continue };
            if let Some(run) = taken.runs.get_mut(place.runs()) {
                *run = Run::new(id, rows);
            }
            let to = place.rows()..place.rows() + from.len();
            copy(&trail.days, from.clone(), &mut taken.days, to.clone());
            copy(&trail.sizes, from, &mut taken.sizes, to);
            place.pass(u32::from(rows));
        }
        // Behind its last run each part ends.
        taken.ends = places;
        trail.clear();
        taken
    }

    /// Adds the number of rows of each part.
    pub(super) fn count(&self, counts: &mut [u64; PARTS]) {
        let mut before = 0;
        for (count, end) in counts.iter_mut().zip(&self.ends) {
            *count += u64::from(end.rows - before);
            before = end.rows;
        }
    }

    pub(super) fn part(&self, part: u8) -> PartRows<'_> {
        let part = usize::from(part);
        let start = part.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(part).copied().unwrap_or_default();
        PartRows {
            runs: self.runs.get(start.runs()..end.runs()).unwrap_or_default(),
            days: self.days.get(start.rows()..end.rows()).unwrap_or_default(),
            sizes: self.sizes.get(start.rows()..end.rows()).unwrap_or_default(),
        }
    }
}

/// The rows of one stretch in one part.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartRows<'f> {
    pub(super) runs: &'f [Run],
    days: &'f [Day],
    sizes: &'f [Size],
}

impl<'f> PartRows<'f> {
    /// Its runs, each with the days and the sizes of its rows.
    pub(super) fn each(self) -> impl Iterator<Item = (&'f Run, &'f [Day], &'f [Size])> {
        let Self { runs, mut days, mut sizes } = self;
        runs.iter().filter_map(move |run| {
            let rows = usize::from(run.rows);
            Some((run, days.split_off(..rows)?, sizes.split_off(..rows)?))
        })
    }
}

fn part_of(id: IdPrint) -> usize {
    usize::try_from(id.group() >> KEY_BITS).unwrap_or_default()
}

fn copy<T: Copy>(from: &[T], at: Range<usize>, to: &mut [T], place: Range<usize>) {
    match (from.get(at), to.get_mut(place)) {
        // Where metrics take turns, all are such.
        (Some([from]), Some([to])) => *to = *from,
        (Some(from), Some(to)) => to.copy_from_slice(from),
        (_, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_run_takes_twelve_bytes_and_a_row_ten() {
        let sizes = (size_of::<Run>(), size_of::<Day>() + size_of::<Size>());
        assert_eq!(sizes, (12, 10));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Every row comes out of its part once, with all that was put in, and those of a metric in their order.
        #[test]
        fn rows_come_out_as_they_went_in(rows in prop::collection::vec((0..40_u8, 1..12_u32, 0..9_u8), 0..200)) {
            let mut trail = Trail::default();
            let mut expected = Vec::new();
            for (id, day, size) in rows {
                let id = IdPrint::of(&format!("{}{}", if id % 2 == 0 { "Kpi" } else { "KPI" }, id / 2));
                let footprint = Footprint::new(id, Day::new(2024, 1, day).unwrap(), f64::from(size));
                trail.push(&footprint);
                expected.push((id.group(), id.strict(), footprint.day, footprint.size));
            }
            let footprints = Footprints::take(&mut trail, Hints::NONE);
            prop_assert!(trail.is_empty());
            let mut counts = [0; PARTS];
            footprints.count(&mut counts);
            let mut rows = Vec::new();
            for (part, count) in (0..=u8::MAX).zip(counts) {
                let before = rows.len();
                for (run, days, sizes) in footprints.part(part).each() {
                    let row = |(day, size): (&Day, &Size)| (group_of(part, run.key()), run.strict, *day, *size);
                    rows.extend(days.iter().zip(sizes).map(row));
                }
                prop_assert_eq!((rows.len() - before) as u64, count);
            }
            // Stable, so that the order within a group has to be right.
            rows.sort_by_key(|row| row.0);
            expected.sort_by_key(|row| row.0);
            prop_assert_eq!(rows, expected);
        }
    }

    #[test]
    fn more_rows_than_a_run_holds_are_several_runs() {
        let mut trail = Trail::default();
        let id = IdPrint::of("KPI");
        for _ in 0..70_000 {
            trail.push(&Footprint::new(id, Day::NONE, 1.0));
        }
        let footprints = Footprints::take(&mut trail, Hints::NONE);
        let part = u8::try_from(part_of(id)).unwrap();
        let lengths: Vec<usize> = footprints.part(part).each().map(|(_, days, _)| days.len()).collect();
        assert_eq!(lengths, [65_535, 4_465]);
    }
}
