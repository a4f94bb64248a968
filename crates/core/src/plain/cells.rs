//! The cells of one row, one scanner for each column. Each reads from the start of the bytes as far as a plain
//! cell goes; whether the cell ends there is for the caller to see.

use super::id::{self, PlainId};
use super::plain_text;
use crate::footprint::{Day, IdPrint};
use crate::plan::ItemIndex;
use crate::settings::{DateForm, DateOrder, DecimalMark, Settings};
use crate::value::decimal::POWERS;
use crate::value::is_placeholder_ignoring_case;

/// Scanners for the cells of a table under its settings.
#[derive(Debug, Clone)]
pub struct PlainCells<'s> {
    settings: &'s Settings,
    date_form: DateForm,
    point_divides: bool,
    has_percentages: bool,
}

/// The ID that was proved last, under the same settings. In many tables each stands in many rows, one below the other.
#[derive(Debug, Clone, Default)]
pub struct LastId(Option<KnownId>);

#[derive(Debug, Clone)]
struct KnownId {
    bytes: [u8; id::LONGEST],
    id: ScannedId,
}

impl LastId {
    /// Remembers the ID at the start of the bytes.
    fn keep(&mut self, id: ScannedId, bytes: &[u8]) -> Option<ScannedId> {
        let known = self.0.insert(KnownId { bytes: [0; id::LONGEST], id });
        known.bytes.get_mut(..id.length)?.copy_from_slice(bytes.get(..id.length)?);
        Some(id)
    }
}

/// An ID that is valid as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScannedId {
    /// How many bytes it takes.
    pub length: usize,
    /// What it is compared by.
    pub print: IdPrint,
    /// Whether it is a number, so that it may have lost its zeros (I008).
    pub is_all_digits: bool,
    /// Its place in the plan, if there is a plan.
    pub item: Option<ItemIndex>,
}

/// A number that is valid as it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScannedNumber {
    /// How many bytes it takes.
    pub length: usize,
    /// Its distance from zero, as [`crate::value::decimal::Decimal::approximate`] has it.
    pub size: f64,
}

/// A date that is valid as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScannedDate {
    /// How many bytes it takes.
    pub length: usize,
    /// The day.
    pub day: Day,
    /// Whether it gives another day when read in the other order.
    pub is_ambiguous: bool,
}

/// So many digits are exact in binary floating point, and never noise.
const MOST_DIGITS: usize = 15;
const DAYS_OF_MONTHS: [u8; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Where the digits and the marks of a date stand.
struct DateShape {
    /// A date of nothing but zeros: its first and its last eight bytes.
    zeros: [u64; 2],
    /// For each of these bytes, what carries a value that it may not have into the upper half.
    carries: [u64; 2],
}

const US: DateShape = DateShape::new(b"00/00/0000");
const ISO: DateShape = DateShape::new(b"0000-00-00");

impl DateShape {
    const LENGTH: usize = 10;

    const fn new(zeros: &[u8; Self::LENGTH]) -> Self {
        let mut carries = [0x0f; Self::LENGTH];
        let mut at = 0;
        while at < carries.len() {
            // A digit may be 9, a mark only itself.
            if zeros[at] == b'0' {
                carries[at] = 0x06;
            }
            at += 1;
        }
        Self { zeros: halves(zeros), carries: halves(&carries) }
    }

    /// The numbers of two digits that start at each place, all ten bytes proved in two steps.
    fn pairs(&self, text: &[u8; Self::LENGTH]) -> Option<[u64; 2]> {
        const UPPER: u64 = 0xf0f0_f0f0_f0f0_f0f0;
        let [head, tail] = halves(text);
        let (head, tail) = (head ^ self.zeros[0], tail ^ self.zeros[1]);
        // No carry goes from one byte to the next unless its upper half is in use, which is refused as well.
        let refused = head | head.wrapping_add(self.carries[0]) | tail | tail.wrapping_add(self.carries[1]);
        // Two digits are at most 99, so that no pair reaches into the next.
        let pairs = |digits: u64| digits.wrapping_mul(10).wrapping_add(digits >> 8);
        (refused & UPPER == 0).then_some([pairs(head), pairs(tail)])
    }
}

/// The first and the last eight of ten bytes.
const fn halves(bytes: &[u8; DateShape::LENGTH]) -> [u64; 2] {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => [u64::from_le_bytes(*first), u64::from_le_bytes(*last)],
        // Ten bytes are more than eight.
        (Some(_) | None, _) => [0; 2],
    }
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

impl<'s> PlainCells<'s> {
    /// Scanners under these settings.
    #[must_use]
    pub fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            date_form: settings.written_date_form(),
            point_divides: settings.decimal == DecimalMark::Point,
            has_percentages: settings.has_percentages(),
        }
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &'s Settings {
        self.settings
    }

    /// An ID.
    #[must_use]
    pub fn id(&self, bytes: &[u8]) -> Option<ScannedId> {
        let PlainId { length, print, is_all_digits } = id::scan(bytes)?;
        let item = match &self.settings.plan {
            Some(plan) => Some(plan.find(std::str::from_utf8(bytes.get(..length)?).ok()?)?),
            None => None,
        };
        Some(ScannedId { length, print, is_all_digits, item })
    }

    /// An ID of these bytes and no more.
    pub(super) fn whole_id(&self, bytes: &[u8]) -> Option<ScannedId> {
        self.id(bytes).filter(|id| id.length == bytes.len())
    }

    /// The same, for one row after the other.
    pub(super) fn id_of_row(&self, bytes: &[u8], last: &mut LastId) -> Option<ScannedId> {
        if let Some(known) = &last.0
            && known.bytes.get(..known.id.length) == Some(bytes)
        {
            return Some(known.id);
        }
        last.keep(self.whole_id(bytes)?, bytes)
    }

    /// The one at the start of a line, for one line after the other.
    #[inline]
    pub(super) fn id_of_line(&self, bytes: &[u8], last: &mut LastId) -> Option<ScannedId> {
        if let Some(KnownId { bytes: known, id }) = &last.0
            && known.get(..id.length) == bytes.get(..id.length)
            && bytes.get(id.length) == Some(&b',')
        {
            return Some(*id);
        }
        last.keep(self.id(bytes)?, bytes)
    }

    /// A number, of the metric with this ID.
    #[must_use]
    pub fn number(&self, bytes: &[u8], id: &[u8]) -> Option<ScannedNumber> {
        let number = digits(bytes, self.point_divides)?;
        (!self.has_percentages || self.is_below_maximum(number.size, id)).then_some(number)
    }

    /// A number that a workbook stores, whose text has a decimal point whatever the settings say.
    #[must_use]
    pub fn stored_number(&self, bytes: &[u8], id: &[u8]) -> Option<ScannedNumber> {
        let number = digits(bytes, true)?;
        (!self.has_percentages || self.is_below_maximum(number.size, id)).then_some(number)
    }

    /// A number that a workbook stores and shows as a percentage.
    #[must_use]
    pub fn stored_fraction(bytes: &[u8]) -> Option<ScannedNumber> {
        digits(bytes, true)
    }

    /// Whether any metric is known to be a percentage.
    pub(super) const fn has_percentages(&self) -> bool {
        self.has_percentages
    }

    /// Whether the metric is no percentage, or the value is certainly below its maximum.
    fn is_below_maximum(&self, size: f64, id: &[u8]) -> bool {
        let Ok(id) = std::str::from_utf8(id) else { return false };
        let maximum = self.settings.percent_maximum(id);
        maximum.is_none_or(|maximum| size < maximum.approximate() * (1.0 - 1e-9))
    }

    /// A date in the form that is written.
    #[must_use]
    pub fn date(&self, bytes: &[u8]) -> Option<ScannedDate> {
        let is_us = match (self.date_form, self.settings.date_order) {
            (DateForm::Us, DateOrder::MonthFirst) => true,
            (DateForm::Us, DateOrder::DayFirst | DateOrder::YearFirst) => return None,
            (DateForm::Iso, _) => false,
        };
        self.date_of_form(bytes, is_us)
    }

    /// A day that a workbook stores, in the form that is written, whose order is not in doubt.
    #[must_use]
    pub fn stored_date(&self, bytes: &[u8]) -> Option<ScannedDate> {
        let date = self.date_of_form(bytes, self.date_form == DateForm::Us)?;
        Some(ScannedDate { is_ambiguous: false, ..date })
    }

    fn date_of_form(&self, bytes: &[u8], is_us: bool) -> Option<ScannedDate> {
        let form = if is_us { &US } else { &ISO };
        let text: &[u8; DateShape::LENGTH] = bytes.first_chunk()?;
        let [head, tail] = form.pairs(text)?;
        let pair = |half: u64, place: u32| {
            let [pair, ..] = (half >> (8 * place)).to_le_bytes();
            u32::from(pair)
        };
        // The eighth byte of all is the sixth of the last eight.
        let (year, month, day) = if is_us {
            (pair(head, 6) * 100 + pair(tail, 6), pair(head, 0), pair(head, 3))
        } else {
            (pair(head, 0) * 100 + pair(head, 2), pair(head, 5), pair(tail, 6))
        };
        let year = i32::try_from(year).ok()?;
        let most = u32::from(*DAYS_OF_MONTHS.get(usize::try_from(month).ok()?)?);
        let is_day = (1..=most).contains(&day) || (month == 2 && day == 29 && is_leap(year));
        if !is_day || !self.settings.plausible_years.contains(&year) {
            return None;
        }
        if let Some(latest) = self.settings.latest_date
            && chrono::NaiveDate::from_ymd_opt(year, month, day)? > latest
        {
            return None;
        }
        Some(ScannedDate {
            length: text.len(),
            day: Day::new(year, month, day)?,
            is_ambiguous: is_us && day <= 12 && day != month,
        })
    }

    /// A comment, empty or not.
    #[must_use]
    pub fn comment(&self, bytes: &[u8]) -> Option<usize> {
        let length = plain_text::length(bytes);
        let comment = bytes.get(..length)?;
        let is_suspicious = matches!(comment.first(), Some(b' ' | b'=' | b'+' | b'-' | b'@'));
        (!is_suspicious && comment.last() != Some(&b' ')).then_some(length)
    }

    /// A status in the spelling in which it is listed.
    #[must_use]
    pub fn status(&self, bytes: &[u8]) -> Option<usize> {
        let length = bytes.iter().take_while(|byte| matches!(byte, b' '..=b'~') && **byte != b',').count();
        let status = bytes.get(..length)?;
        let is_listed = self.settings.statuses.iter().any(|listed| listed.as_bytes() == status);
        let has_blanks = status.starts_with(b" ") || status.ends_with(b" ");
        (is_listed && !has_blanks && !status.contains(&b'"') && !is_placeholder_ignoring_case(status))
            .then_some(length)
    }
}

/// Plain digits, with a decimal point if that divides.
fn digits(bytes: &[u8], point_divides: bool) -> Option<ScannedNumber> {
    let is_negative = bytes.first() == Some(&b'-');
    let start = usize::from(is_negative);
    let (digits, whole) = run_of_digits(0, bytes.get(start..)?);
    let (mut digits, mut decimals, mut length) = (digits, 0, start + whole);
    if point_divides && bytes.get(length) == Some(&b'.') {
        (digits, decimals) = run_of_digits(digits, bytes.get(length + 1..)?);
        if decimals == 0 {
            return None;
        }
        length += 1 + decimals;
    }
    let count = whole + decimals;
    if count == 0 || count > MOST_DIGITS || (is_negative && digits == 0) {
        return None;
    }
    // Both are exact, so their quotient is the nearest to the decimal number.
    #[expect(clippy::cast_precision_loss, reason = "fifteen digits are exact")]
    let size = digits as f64 / POWERS.get(decimals)?;
    Some(ScannedNumber { length, size })
}

/// The digits behind those of a number, and how many they are.
fn run_of_digits(mut number: u64, bytes: &[u8]) -> (u64, usize) {
    let mut count = 0;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        // Wrapping does not matter: more digits than fit are refused.
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    (number, count)
}
