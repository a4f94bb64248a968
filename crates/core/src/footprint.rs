//! What is remembered of a valid row: a few bytes, in which rows that have something to do with each other look
//! alike. Refuses to decide anything: where footprints are alike, the rows themselves are read.

use chrono::{Datelike, NaiveDate};

use crate::value::id::loose_key;

/// What IDs are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdPrint {
    /// Equal for IDs that differ only in capitals and spaces.
    loose: u64,
    /// Different for them.
    strict: u32,
}

impl IdPrint {
    /// The print of a valid ID.
    #[must_use]
    pub fn of(id: &str) -> Self {
        Self::with_loose_key(id.as_bytes(), loose_key(id).as_bytes())
    }

    pub(crate) fn with_loose_key(id: &[u8], loose_key: &[u8]) -> Self {
        Self { loose: hash(loose_key, |word| word), strict: strict(hash(id, |word| word)) }
    }

    /// The print of an ID that is written otherwise than it was typed: rows belong together by what they mean,
    /// and are in each other's way if they were not typed the same.
    pub(crate) fn of_rewritten(written: &str, typed: &str) -> Self {
        Self { loose: Self::of(written).loose, strict: Self::of(typed).strict }
    }

    /// Of an ID in ASCII without spaces.
    pub(crate) fn of_ascii(id: &[u8]) -> Self {
        Self { loose: hash(id, to_lower), strict: strict(hash(id, |word| word)) }
    }

    /// Of an ID in ASCII without spaces and capitals.
    pub(crate) fn of_lower_ascii(id: &[u8]) -> Self {
        let hash = hash(id, |word| word);
        Self { loose: hash, strict: strict(hash) }
    }

    /// The key of the group to which the ID belongs with all that differ from it only in capitals and spaces.
    pub(crate) const fn group(self) -> u64 {
        self.loose & GROUP
    }

    pub(crate) const fn strict(self) -> u32 {
        self.strict
    }
}

/// The bits of a hash that are kept.
const GROUP: u64 = 0x00ff_ffff_ffff_ffff;

const fn strict(hash: u64) -> u32 {
    // The lower half decides about the group too; mixed with the upper one it says more.
    #[expect(clippy::cast_possible_truncation, reason = "half of the bits are wanted")]
    let strict = (hash ^ (hash >> 29)) as u32;
    strict
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const MULTIPLIER: u64 = 0xd6e8_feb8_6659_fd93;

/// A hash of short texts, word by word. It is no secret and the same in every run; whoever builds texts that
/// collide only makes rows be read twice.
fn hash(bytes: &[u8], prepare: impl Fn(u64) -> u64) -> u64 {
    let mut hash = SEED ^ (bytes.len() as u64).wrapping_mul(MULTIPLIER);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.try_into().map_or(0, u64::from_le_bytes);
        hash = folded(hash ^ prepare(word));
    }
    let mut word = 0;
    for byte in chunks.remainder() {
        word = (word << 8) | u64::from(*byte);
    }
    folded(hash ^ prepare(word))
}

/// Both halves of a product, so that every bit of the word has an influence on every bit of the result.
const fn folded(word: u64) -> u64 {
    let product = (word as u128).wrapping_mul((MULTIPLIER as u128) << 1 | 1);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let folded = (product as u64) ^ ((product >> 64) as u64);
    folded ^ (folded >> 32)
}

/// The word with its ASCII capitals in lower case, all eight at a time.
const fn to_lower(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let heptets = word & (0x7f * ONES);
    let above_z = heptets + (0x7f - b'Z' as u64) * ONES;
    let from_a = heptets + (0x80 - b'A' as u64) * ONES;
    let capitals = (from_a ^ above_z) & (0x80 * ONES);
    word | (capitals >> 2)
}

/// A day in two bytes. Days of other centuries than ours have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(u16);

/// The first of the years whose days fit.
const FIRST_YEAR: i32 = 1930;

impl Day {
    pub(crate) const NONE: Self = Self(u16::MAX);

    /// `None` for a day too far away. The day exists.
    #[must_use]
    pub(crate) fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let years = u32::try_from(year.checked_sub(FIRST_YEAR)?).ok()?;
        let place = years.checked_mul(12)?.checked_add(month - 1)?.checked_mul(31)?.checked_add(day - 1)?;
        u16::try_from(place).ok().filter(|place| *place != u16::MAX).map(Self)
    }

    pub(crate) fn of(day: NaiveDate) -> Self {
        Self::new(day.year(), day.month(), day.day()).unwrap_or(Self::NONE)
    }

    pub(crate) const fn number(self) -> u16 {
        self.0
    }
}

/// How far a value is from zero, and whether it is shown as a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(u64);

/// A distance has no sign, so that its bit is free to tell a percentage.
const PERCENTAGE: u64 = 1 << 63;

impl Size {
    /// No value.
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn distance(self) -> f64 {
        f64::from_bits(self.0 & !PERCENTAGE)
    }

    pub(crate) const fn is_percentage(self) -> bool {
        self.0 & PERCENTAGE != 0
    }
}

/// What is remembered of a row: its ID, day and value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    pub(crate) id: IdPrint,
    pub(crate) day: Day,
    pub(crate) size: Size,
}

impl Footprint {
    /// Of a row with this ID, this day, and a value so far from zero; 0 for no value.
    #[must_use]
    pub const fn new(id: IdPrint, day: Day, size: f64) -> Self {
        Self { id, day, size: Size(size.to_bits()) }
    }

    /// The same, of a value that a workbook shows as a percentage.
    #[must_use]
    pub const fn of_percentage(mut self) -> Self {
        self.size.0 |= PERCENTAGE;
        self
    }

    /// The key of the ID's group.
    pub(crate) const fn group(&self) -> u64 {
        self.id.group()
    }
}

/// What a row shows about the cells of all other rows, and for what it depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hints(u8);

impl Hints {
    /// A date that gives, or once rewritten would give, another day when read in the other order.
    pub const EITHER_ORDER: Self = Self(1 << 0);
    /// A date that can only be read in the order that is not declared.
    pub const OTHER_ORDER: Self = Self(1 << 1);
    /// A number with a mark that may divide or group.
    pub const AMBIGUOUS_MARK: Self = Self(1 << 2);
    /// A number in which the mark that should group divides.
    pub const DIVIDING_MARK: Self = Self(1 << 3);
    /// What cannot be decided by one row where both are in a table.
    const PAIRS: [Self; 2] = [
        Self(Self::EITHER_ORDER.0 | Self::OTHER_ORDER.0),
        Self(Self::AMBIGUOUS_MARK.0 | Self::DIVIDING_MARK.0),
    ];

    /// None.
    pub const NONE: Self = Self(0);

    /// These, if so.
    #[must_use]
    pub const fn only_if(self, is_so: bool) -> Self {
        if is_so { self } else { Self::NONE }
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of them is in both.
    #[must_use]
    pub(crate) const fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Those which concern rows of the table, where these are all of it.
    pub(crate) fn in_doubt(self) -> Self {
        let pairs = Self::PAIRS.into_iter().filter(|pair| self.0 & pair.0 == pair.0);
        pairs.fold(Self::NONE, Self::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_keep_their_size() {
        let footprint = Footprint::new(IdPrint::of("A"), Day::NONE, 0.25);
        let percentage = footprint.of_percentage();
        assert_eq!((footprint.size.is_percentage(), percentage.size.is_percentage()), (false, true));
        assert_eq!(percentage.size.distance().to_bits(), footprint.size.distance().to_bits());
    }

    #[test]
    fn ids_that_differ_in_capitals_and_spaces_are_of_one_group() {
        for (one, two) in
            [("KPI-1", "kpi-1"), ("KPI 1", "kpi1"), ("Revenue North 12", "REVENUENORTH12"), ("A", "a")]
        {
            let (one, two) = (IdPrint::of(one), IdPrint::of(two));
            assert_eq!(one.group(), two.group());
            assert_ne!(one.strict, two.strict);
        }
        assert_ne!(IdPrint::of("KPI-1").group(), IdPrint::of("KPI-2").group());
        assert_ne!(IdPrint::of("[").group(), IdPrint::of("{").group());
    }

    #[test]
    fn short_cuts_lead_to_the_same_print() {
        for id in ["KPI-0001", "a", "abcdefgh", "abcdefghi", "Z@[`{", "X1Y2Z3-long-ID-OF-MANY-words"] {
            assert_eq!(IdPrint::of_ascii(id.as_bytes()), IdPrint::of(id), "{id}");
            let lower = id.to_lowercase();
            assert_eq!(IdPrint::of_lower_ascii(lower.as_bytes()), IdPrint::of(&lower), "{lower}");
        }
    }

    #[test]
    fn days_are_told_apart() {
        assert_ne!(Day::new(2024, 1, 31), Day::new(2024, 2, 1));
        assert_eq!(Day::new(1929, 12, 31), None);
        assert_eq!(Day::new(2300, 1, 1), None);
        assert!(Day::new(2100, 12, 31).is_some());
    }
}
