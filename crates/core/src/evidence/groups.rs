//! The rows of one part by the groups of their IDs, and the days of which more than one of them speaks. Nothing is
//! sorted: the rows of a metric nearly always stand in the order of their days, whether all metrics of a day follow each
//! other or all days of a metric; and where they do not, a table of the days that were seen fits into a cache.

use super::likeness::Suspects;
use super::numbers::{are_most, has_outlier, is_far_below, may_have_outlier};
use super::trail::{PartRows, Run, group_of};
use crate::footprint::{Day, Size};

/// The groups of a part; its memory serves one part after the other.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// The keys of the groups, and for each slot the place of its group among all.
    keys: Slots,
    places: Vec<u32>,
    all: Vec<Group>,
    /// The keys of the rows whose groups are in disorder.
    days: Slots,
}

/// What all rows of one group come to.
#[derive(Debug)]
struct Group {
    key: u64,
    strict: u32,
    /// Whether the rows have it in another spelling (I007), or will be rewritten to the same (I006).
    differs: bool,
    has_percentage: bool,
    /// Whether one of its other values may be a whole percentage (V003).
    has_whole: bool,
    /// The day of the last row that has one, and whether each was later, or earlier, than the one before.
    day: Day,
    ascends: bool,
    descends: bool,
    rows: usize,
    /// How many of its values are not zero, and how far from it these are.
    count: usize,
    least: f64,
    most: f64,
    /// How many are far below the greatest one, where the extremes do not settle that none is out of scale (V015).
    far_below: usize,
    /// All of them, where that does not settle it, either.
    sizes: Vec<f64>,
}

impl Group {
    const fn new(key: u64, strict: u32) -> Self {
        Self {
            key,
            strict,
            differs: false,
            has_percentage: false,
            has_whole: false,
            day: Day::NONE,
            ascends: true,
            descends: true,
            rows: 0,
            count: 0,
            least: f64::INFINITY,
            most: 0.0,
            far_below: 0,
            sizes: Vec::new(),
        }
    }

    fn add(&mut self, strict: u32, days: &[Day], sizes: &[Size], least_percentage: f64) {
        self.rows += days.len();
        self.differs |= strict != self.strict;
        for day in days.iter().copied().filter(|day| *day != Day::NONE) {
            if self.day != Day::NONE {
                self.ascends &= day > self.day;
                self.descends &= day < self.day;
            }
            self.day = day;
        }
        // In places of their own, and without a branch, as most of the work is here.
        let (mut count, mut least, mut most) = (0, self.least, self.most);
        let (mut has_percentage, mut has_whole) = (false, false);
        for size in sizes {
            let distance = size.distance();
            let is_zero = distance == 0.0;
            count += usize::from(!is_zero);
            let above_zero = if is_zero { f64::INFINITY } else { distance };
            least = if above_zero < least { above_zero } else { least };
            most = if distance > most { distance } else { most };
            has_percentage |= size.is_percentage();
            has_whole |= !size.is_percentage() && distance >= least_percentage;
        }
        self.count += count;
        (self.least, self.most) = (least, most);
        self.has_percentage |= has_percentage;
        self.has_whole |= has_whole;
    }

    const fn is_suspect(&self) -> bool {
        self.differs || (self.has_percentage && self.has_whole)
    }

    /// Whether a day may be there twice: without an order that is not known.
    const fn may_repeat(&self) -> bool {
        !self.ascends && !self.descends
    }

    fn may_have_outlier(&self) -> bool {
        may_have_outlier(self.count, self.least, self.most)
    }

    fn needs_closer_look(&self) -> bool {
        !self.is_suspect() && (self.may_repeat() || self.may_have_outlier())
    }

    /// Whether those far below the greatest value are so many that this may be out of scale.
    const fn needs_sizes(&self) -> bool {
        are_most(self.far_below, self.count)
    }

    /// Counts the values far below the greatest.
    fn compare(&mut self, sizes: &[Size]) {
        let most = self.most;
        let is_far_below = |size: &Size| is_far_below(size.distance(), most) && size.distance() != 0.0;
        self.far_below += sizes.iter().map(|size| usize::from(is_far_below(size))).sum::<usize>();
    }
}

impl Groups {
    /// Looks for groups and days that rows of a part have in common.
    pub(super) fn look_at(
        &mut self,
        part: u8,
        stretches: &[PartRows<'_>],
        least_percentage: f64,
        found: &mut Suspects,
    ) {
        self.keys.clear_for(stretches.iter().map(|rows| rows.runs.len()).sum());
        self.places.resize(self.keys.count(), 0);
        self.all.clear();
        self.for_each(stretches, |groups, place, run, days, sizes| {
            match place.and_then(|place| groups.all.get_mut(place)) {
                Some(group) => group.add(run.strict, days, sizes, least_percentage),
                None => found.groups.push(group_of(part, run.key())),
            }
        });
        let closer = self.all.iter().filter(|group| group.needs_closer_look());
        if closer.clone().next().is_some() {
            self.days.clear_for(closer.filter(|group| group.may_repeat()).map(|group| group.rows).sum());
            self.for_each(stretches, |groups, place, run, days, sizes| {
                let group = place.and_then(|place| groups.all.get_mut(place));
                let Some(group) = group.filter(|group| group.needs_closer_look()) else { return };
                if group.may_have_outlier() {
                    group.compare(sizes);
                }
                if group.may_repeat() {
                    for day in days.iter().copied().filter(|day| *day != Day::NONE) {
                        if !matches!(groups.days.place(key_of_day(run.key(), day)), Slot::New(_)) {
                            found.days.push((group_of(part, run.key()), day));
                        }
                    }
                }
            });
        }
        if self.all.iter().any(Group::needs_sizes) {
            self.for_each(stretches, |groups, place, _, _, sizes| {
                let group = place.and_then(|place| groups.all.get_mut(place));
                if let Some(group) = group.filter(|group| group.needs_sizes()) {
                    group.sizes.extend(sizes.iter().map(|size| size.distance()).filter(|size| *size != 0.0));
                }
            });
        }
        let suspects = self.all.iter_mut().filter_map(|group| {
            let is_suspect = group.is_suspect() || has_outlier(&mut group.sizes);
            is_suspect.then(|| group_of(part, group.key))
        });
        found.groups.extend(suspects);
    }

    /// Hands all runs over, with the place of their group; `None` if it has none.
    fn for_each(
        &mut self,
        stretches: &[PartRows<'_>],
        mut look: impl FnMut(&mut Self, Option<usize>, &Run, &[Day], &[Size]),
    ) {
        let mut last = None;
        for (run, days, sizes) in stretches.iter().flat_map(|rows| rows.each()) {
            let key = run.key();
            let place = match last {
                // Those of a metric often follow each other.
                Some((known, place)) if known == key => place,
                Some(_) | None => self.group(key, run.strict),
            };
            last = Some((key, place));
            look(self, place, run, days, sizes);
        }
    }

    /// The place of the group among all, to which it is added if it is new.
    fn group(&mut self, key: u64, strict: u32) -> Option<usize> {
        match self.keys.place(key) {
            Slot::Known(slot) => self.places.get(slot).and_then(|place| usize::try_from(*place).ok()),
            Slot::New(slot) => {
                let place = self.all.len();
                *self.places.get_mut(slot)? = u32::try_from(place).ok()?;
                self.all.push(Group::new(key, strict));
                Some(place)
            }
            Slot::Crowded => None,
        }
    }
}

/// The key of a group of a part, and a day.
fn key_of_day(key: u64, day: Day) -> u64 {
    key << u16::BITS | u64::from(day.number())
}

/// Keys by their hashes, each in the first free slot from its own one on.
#[derive(Debug, Default)]
struct Slots {
    keys: Vec<u64>,
}

/// Where a key is.
enum Slot {
    /// Here, since now.
    New(usize),
    /// Here, since before.
    Known(usize),
    /// Nowhere: there are too many others where it should be.
    Crowded,
}

/// No key: with its day it would be that of a row without one, which is not asked for.
const FREE: u64 = u64::MAX;
/// So far a key may stand from its own slot. Chance does not lead there; texts that are built to collide do, and
/// would take as many steps as there are keys.
const MOST_STEPS: usize = 256;

impl Slots {
    /// Makes room for so many keys, and for half as many again, so that they stand near their own slots.
    fn clear_for(&mut self, count: usize) {
        self.keys.clear();
        self.keys.resize((count + count / 2).next_power_of_two().max(2), FREE);
    }

    fn count(&self) -> usize {
        self.keys.len()
    }

    fn place(&mut self, key: u64) -> Slot {
        let bits = self.keys.len().trailing_zeros();
        // The upper bits of a product depend on all bits of its factors.
        let own = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - bits);
        let own = usize::try_from(own).unwrap_or_default();
        for step in 0..MOST_STEPS {
            let slot = (own + step) & (self.keys.len() - 1);
            match self.keys.get_mut(slot) {
                Some(known) if *known == key => return Slot::Known(slot),
                Some(free) if *free == FREE => {
                    *free = key;
                    return Slot::New(slot);
                }
                Some(_) => {}
                None => break,
            }
        }
        Slot::Crowded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_once_they_were_seen() {
        let mut slots = Slots::default();
        for count in [0, 1, 2, 100, 10_000] {
            slots.clear_for(count);
            let day = Day::new(2024, 3, 31).unwrap();
            for key in 0..count as u64 {
                assert!(matches!(slots.place(key_of_day(key, day)), Slot::New(_)), "{key} of {count}");
            }
            for key in 0..count as u64 {
                assert!(matches!(slots.place(key_of_day(key, day)), Slot::Known(_)), "{key} of {count}");
            }
        }
    }

    #[test]
    fn keys_that_collide_are_given_up() {
        // The inverse of the factor leads to any product that is wanted.
        let inverse = (0..6).fold(1_u64, |inverse, _| {
            inverse.wrapping_mul(2_u64.wrapping_sub(inverse.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        });
        let mut slots = Slots::default();
        slots.clear_for(10_000);
        let outcomes: Vec<Slot> =
            (0..1000_u64).map(|product| slots.place(inverse.wrapping_mul(product))).collect();
        assert!(matches!(outcomes[MOST_STEPS - 1], Slot::New(_)));
        assert!(matches!(outcomes[MOST_STEPS], Slot::Crowded));
    }
}
