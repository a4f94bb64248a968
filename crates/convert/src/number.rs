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

/// The fraction in the shortest form, without a leading zero: `.2`, `-.05`, `1.5`.
#[must_use]
pub fn fraction_text(value: f64) -> String {
    let text = plain_text(value);
    if let Some(decimals) = text.strip_prefix("0.") {
        format!(".{decimals}")
    } else if let Some(decimals) = text.strip_prefix("-0.") {
        format!("-.{decimals}")
    } else {
        text
    }
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
    use super::*;

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
