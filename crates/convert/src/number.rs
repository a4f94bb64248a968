//! The decimal text of a stored number. Spreadsheet programs calculate in binary and show at most 15
//! significant digits; so `7.0000000000000009` is `7` and `0.1 + 0.2` is `0.3`, here as there.
//!
//! Works on finite numbers only; what is not finite cannot be stored in a cell and comes out as `0`.

/// The number of significant digits that spreadsheet programs keep.
const SIGNIFICANT_DIGITS: usize = 15;

/// The number as plain decimal text with 15 significant digits: `1250000`, `-0.5`, never an exponent.
///
/// ```
/// use metricsheet_convert::number::plain_text;
/// assert_eq!(plain_text(7.000_000_000_000_001), "7");
/// assert_eq!(plain_text(0.1 + 0.2), "0.3");
/// assert_eq!(plain_text(-1.5e-7), "-0.00000015");
/// ```
#[must_use]
pub fn plain_text(value: f64) -> String {
    let mut text = String::new();
    push_plain(value, &mut text);
    text
}

/// The fraction in the shortest form, without a leading zero: `.2`, `-.05`, `1.5`.
#[must_use]
pub fn fraction_text(value: f64) -> String {
    let mut text = String::new();
    push_fraction(value, &mut text);
    text
}

/// Appends [`plain_text`].
pub(crate) fn push_plain(value: f64, text: &mut String) {
    match Short::of(value) {
        Some(short) => short.push(true, text),
        None => text.push_str(&long_text(value)),
    }
}

/// Appends [`fraction_text`].
pub(crate) fn push_fraction(value: f64, text: &mut String) {
    if let Some(short) = Short::of(value) {
        return short.push(false, text);
    }
    let plain = long_text(value);
    if let Some(decimals) = plain.strip_prefix("0.") {
        text.extend([".", decimals]);
    } else if let Some(decimals) = plain.strip_prefix("-0.") {
        text.extend(["-.", decimals]);
    } else {
        text.push_str(&plain);
    }
}

/// The powers of ten that are tried as divisors; all are exact.
const POWERS: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/// Whole numbers below have at most 15 digits.
const FIFTEEN_DIGITS: u64 = 1_000_000_000_000_000;

/// A number with few decimals: `digits` divided by a power of ten. Nearly all numbers in workbooks are such, and
/// this takes a tenth of the time that formatting takes.
struct Short {
    is_negative: bool,
    digits: u64,
    /// As few as possible, so that the last one is none of the needless zeros.
    decimals: usize,
}

impl Short {
    /// `None` if the number is none.
    fn of(value: f64) -> Option<Self> {
        let size = value.abs();
        // Neither infinite nor no number.
        if size.is_nan() || size >= 1e15 {
            return None;
        }
        let is_negative = value < 0.0;
        if let Some(digits) = times(size, 1e0) {
            return Some(Self { is_negative, digits, decimals: 0 });
        }
        if size < 1e6 {
            // With all nine decimals there are at most 15 digits, so that one trial tells.
            let (digits, decimals) = without_zeros(times(size, 1e9)?, 9);
            return Some(Self { is_negative, digits, decimals });
        }
        POWERS
            .iter()
            .enumerate()
            .skip(1)
            .find_map(|(decimals, power)| Some(Self { is_negative, digits: times(size, *power)?, decimals }))
    }

    fn push(&self, with_leading_zero: bool, text: &mut String) {
        if self.is_negative {
            text.push('-');
        }
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(self.digits);
        if self.decimals == 0 {
            return text.push_str(digits);
        }
        // At least one digit is not zero, or there would be no decimals.
        let (whole, fraction) =
            digits.split_at_checked(digits.len().saturating_sub(self.decimals)).unwrap_or_default();
        text.push_str(if whole.is_empty() && with_leading_zero { "0" } else { whole });
        text.push('.');
        text.extend(std::iter::repeat_n('0', self.decimals - fraction.len()));
        text.push_str(fraction);
    }
}

/// The whole number of at most 15 digits that is this number times a power of ten, if there is one.
fn times(size: f64, power: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 10^25, saturating")]
    let digits = (size * power + 0.5) as u64;
    // Both are exact, so the quotient is the number nearest to the decimal one; and of all decimal numbers with 15
    // digits only one is that near.
    #[expect(
        clippy::cast_precision_loss,
        clippy::float_cmp,
        reason = "below 2^53; exactly the same is asked"
    )]
    let is_same = digits < FIFTEEN_DIGITS && digits as f64 / power == size;
    is_same.then_some(digits)
}

/// Digits with so many decimals, without the needless zeros at their end; there are other digits before these.
const fn without_zeros(mut digits: u64, mut decimals: usize) -> (u64, usize) {
    if digits.is_multiple_of(100_000) {
        (digits, decimals) = (digits / 100_000, decimals - 5);
    }
    while decimals > 0 && digits.is_multiple_of(10) {
        (digits, decimals) = (digits / 10, decimals - 1);
    }
    (digits, decimals)
}

/// [`plain_text`] of any number.
fn long_text(value: f64) -> String {
    let Digits { negative, significant: digits, point } = Digits::of(value);
    let mut text = String::with_capacity(digits.len() + 4);
    if negative {
        text.push('-');
    }
    if point <= 0 {
        text.push_str("0.");
        text.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        text.push_str(&digits);
        return text;
    }
    let whole = point.unsigned_abs() as usize;
    if digits.len() <= whole {
        text.push_str(&digits);
        text.extend(std::iter::repeat_n('0', whole - digits.len()));
    } else {
        text.push_str(&digits[..whole]);
        text.push('.');
        text.push_str(&digits[whole..]);
    }
    text
}

/// Whether the number is too long for a spreadsheet program: whole, and of more than 15 digits, so that the
/// last ones may be lost already.
#[must_use]
pub fn may_have_lost_digits(value: f64) -> bool {
    value.abs() >= 1e15 && value.fract() == 0.0
}

/// The significant digits of a number: `0.d₁d₂d₃… × 10^point`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digits {
    pub(crate) negative: bool,
    /// Without leading and trailing zeros; `0` alone for zero, which then has `point` 1.
    pub(crate) significant: String,
    pub(crate) point: i32,
}

impl Digits {
    pub(crate) fn of(value: f64) -> Self {
        let zero = Self { negative: false, significant: "0".to_owned(), point: 1 };
        if !value.is_finite() || value == 0.0 {
            return zero;
        }
        let text = format!("{:.*e}", SIGNIFICANT_DIGITS - 1, value.abs());
        let Some((mantissa, exponent)) = text.split_once('e') else { return zero };
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_end_matches('0');
        Self {
            negative: value < 0.0,
            significant: digits.to_owned(),
            // Formatted by the standard library: an exponent of at most three digits.
            point: exponent.parse::<i32>().unwrap_or_default() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn short_numbers_are_written_as_long_ones(
            digits in 0_u64..10_000_000_000_000_000, shift in 0..16, any in any::<f64>(), noise in -2_i64..3
        ) {
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            let decimal = digits as f64 / 10_f64.powi(shift);
            let near = f64::from_bits(decimal.to_bits().wrapping_add_signed(noise));
            for value in [decimal, -decimal, near, any] {
                prop_assert_eq!(plain_text(value), long_text(value));
            }
        }
    }

    #[test]
    fn numbers_have_fifteen_digits_and_no_noise() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (1_250_000.0, "1250000"),
            (7.000_000_000_000_001, "7"),
            (0.300_000_000_000_000_04, "0.3"),
            (0.123_456, "0.123456"),
            (123_456_789_012_345.0, "123456789012345"),
            (1_234_567_890_123_456.0, "1234567890123460"),
            (1e21, "1000000000000000000000"),
            (1.5e-9, "0.0000000015"),
            (999_999_999_999_999.9, "1000000000000000"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(plain_text(value), expected);
        }
        assert_eq!(plain_text(f64::MAX).len(), 309);
    }

    #[test]
    fn fractions_have_no_leading_zero() {
        for (value, expected) in [(0.2, ".2"), (-0.05, "-.05"), (1.5, "1.5"), (0.0, "0"), (1.0, "1")] {
            assert_eq!(fraction_text(value), expected);
        }
    }

    #[test]
    fn long_whole_numbers_may_have_lost_digits() {
        assert!(may_have_lost_digits(1_234_567_890_123_456.0));
        assert!(!may_have_lost_digits(123_456_789_012_345.0));
        assert!(!may_have_lost_digits(0.123_456_789_012_345_67));
    }
}
