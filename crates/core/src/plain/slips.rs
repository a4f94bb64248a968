//! Cells in which people slip in the usual ways, each with what its one certain fix makes of it: a percent sign, a
//! currency symbol, blanks around a number, a date in ISO's order or without its zeros.
//!
//! Refuses whatever deviates in any other way, or in two. What is found here is what the readers in [`crate::value`]
//! find, without a word about it, and what is to be written is itself plain.

use std::ops::Range;

use super::cells::{PlainCells, ScannedDate};
use crate::rule::Rule;
use crate::rules::date::{ISO_DATE, UNPADDED_DATE};
use crate::rules::text::SURROUNDING_WHITESPACE;
use crate::rules::value::{CURRENCY_SYMBOL, PERCENT_SIGN};
use crate::selection::Selection;
use crate::settings::DecimalMark;
use crate::value::decimal::Decimal;

/// A slip in a cell of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Where the cell stands in the line.
    pub range: Range<usize>,
    /// What the cell breaks.
    pub rule: &'static Rule,
    /// What is to be written in its place. Needs no quotation marks.
    pub text: String,
}

impl Slip {
    /// Whether nothing remains to be said of the cell once it is rewritten, which is certain to be right.
    #[must_use]
    pub fn is_settled_by(&self, selection: &Selection) -> bool {
        selection.contains(self.rule) && selection.may_fix(self.rule)
    }
}

/// What a slipped number is, and what is to be written.
pub(super) struct SlippedNumber {
    pub(super) size: f64,
    pub(super) has_percent_sign: bool,
    pub(super) rule: &'static Rule,
    pub(super) text: String,
}

/// What a slipped date is, and what is to be written.
pub(super) struct SlippedDate {
    pub(super) date: ScannedDate,
    pub(super) rule: &'static Rule,
    pub(super) text: String,
}

/// How many bytes a date takes, in both orders.
const LENGTH: usize = 10;

impl PlainCells<'_> {
    /// A number with one slip. None is known where some metrics are percentages, or commas divide.
    pub(super) fn slipped_number(&self, cell: &[u8]) -> Option<SlippedNumber> {
        if self.has_percentages() || self.settings().decimal != DecimalMark::Point {
            return None;
        }
        if let Some(percentage) = cell.strip_suffix(b"%") {
            self.number_alone(percentage)?;
            let fraction = Decimal::from_plain(std::str::from_utf8(percentage).ok()?)?.shifted(-2);
            let size = fraction.approximate().abs();
            let text = fraction.to_string();
            return Some(SlippedNumber { size, has_percent_sign: true, rule: &PERCENT_SIGN, text });
        }
        let (number, rule) = match cell.strip_prefix(b"$") {
            Some(amount) => (amount, &CURRENCY_SYMBOL),
            None => (cell.trim_ascii(), &SURROUNDING_WHITESPACE),
        };
        let size = self.number_alone(number).filter(|_| number.len() < cell.len())?;
        let text = std::str::from_utf8(number).ok()?.to_owned();
        Some(SlippedNumber { size, has_percent_sign: false, rule, text })
    }

    fn number_alone(&self, number: &[u8]) -> Option<f64> {
        self.number(number, b"").filter(|scanned| scanned.length == number.len()).map(|scanned| scanned.size)
    }

    /// A date with one slip. None is known unless dates are written and read month first.
    pub(super) fn slipped_date(&self, cell: &[u8]) -> Option<SlippedDate> {
        let (us, rule) = match cell.try_into() {
            Ok(iso) => (reordered(iso)?, &ISO_DATE),
            Err(_) => (padded(cell)?, &UNPADDED_DATE),
        };
        // Under other settings this is no plain date.
        let date = self.date(&us)?;
        Some(SlippedDate { date, rule, text: std::str::from_utf8(&us).ok()?.to_owned() })
    }
}

/// Brings a date of ISO's order into the other one.
fn reordered(iso: &[u8; LENGTH]) -> Option<[u8; LENGTH]> {
    let mut us = *b"00/00/0000";
    us[..2].copy_from_slice(&iso[5..7]);
    us[3..5].copy_from_slice(&iso[8..]);
    us[6..].copy_from_slice(&iso[..4]);
    (iso[4] == b'-' && iso[7] == b'-').then_some(us)
}

/// Adds the zeros that a month, a day or both lack: `1/5/2024`.
fn padded(cell: &[u8]) -> Option<[u8; LENGTH]> {
    let (month, rest) = one_or_two(cell)?;
    let (day, year) = one_or_two(rest)?;
    let year: &[u8; 4] = year.try_into().ok()?;
    let mut us = *b"00/00/0000";
    us[..2].copy_from_slice(&month);
    us[3..5].copy_from_slice(&day);
    us[6..].copy_from_slice(year);
    Some(us)
}

/// One or two bytes before a slash, as two, and what stands behind it.
fn one_or_two(text: &[u8]) -> Option<([u8; 2], &[u8])> {
    match text {
        [one, b'/', rest @ ..] => Some(([b'0', *one], rest)),
        [one, two, b'/', rest @ ..] => Some(([*one, *two], rest)),
        _ => None,
    }
}
