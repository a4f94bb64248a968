//! Exact decimal numbers. Percentages, exponents and magnitudes only move the decimal point, so there is no
//! arithmetic on the digits at all and nothing can be rounded. Refuses binary floating point.

use std::cmp::Ordering;
use std::fmt;

/// A finite decimal number of any length: sign, digits, and a power of ten.
///
/// Equal numbers are equal values, however they were written: `.20`, `0.2` and `2e-1` are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// Never set for zero.
    negative: bool,
    /// Without trailing decimal zeros; zero is `Small(0)`.
    digits: Digits,
    /// The number is `digits × 10^exponent`; 0 for zero.
    exponent: i32,
}

/// Digits as one whole number. `Large` only for what does not fit into `Small`, so that equality is plain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Digits {
    Small(u128),
    Large(Box<str>),
}

impl Decimal {
    /// 1
    pub const ONE: Self = Self { negative: false, digits: Digits::Small(1), exponent: 0 };
    /// 100
    pub const HUNDRED: Self = Self { negative: false, digits: Digits::Small(1), exponent: 2 };

    /// Reads the plain form: an optional `-`, ASCII digits, and at most one `.` with a digit after it.
    /// `None` for anything else, such as `+5`, `5.`, `1,000`, `5e3` and the empty text.
    ///
    /// ```
    /// use metricsheet_core::value::decimal::Decimal;
    /// assert_eq!(Decimal::from_plain("0.20"), Decimal::from_plain(".2"));
    /// assert_eq!(Decimal::from_plain("5."), None);
    /// ```
    #[must_use]
    pub fn from_plain(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !only_digits(whole) || !only_digits(fraction) {
            return None;
        }
        Some(Self::from_digits(negative, whole, fraction))
    }

    /// A number from its ASCII digits before and after the decimal mark. Either part may be empty.
    pub(crate) fn from_digits(negative: bool, whole: &str, fraction: &str) -> Self {
        let fraction = fraction.trim_end_matches('0');
        // Cells hold far fewer than two thousand million digits; saturation could only be reached by memory.
        let mut exponent = -i32::try_from(fraction.len()).unwrap_or(i32::MAX);
        let mut small = Some(0_u128);
        for digit in whole.bytes().chain(fraction.bytes()) {
            small = small
                .and_then(|value| value.checked_mul(10))
                .and_then(|value| value.checked_add(u128::from(digit - b'0')));
        }
        if let Some(mut value) = small {
            if value == 0 {
                return Self { negative: false, digits: Digits::Small(0), exponent: 0 };
            }
            while value % 10 == 0 {
                value /= 10;
                exponent += 1;
            }
            return Self { negative, digits: Digits::Small(value), exponent };
        }
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        exponent += i32::try_from(digits.len() - digits.trim_end_matches('0').len()).unwrap_or(i32::MAX);
        // What was too long with its zeros may be short without them.
        let digits = match significant.parse() {
            Ok(value) => Digits::Small(value),
            Err(_) => Digits::Large(significant.into()),
        };
        Self { negative, digits, exponent }
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digits == Digits::Small(0)
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(&self) -> bool {
        self.negative
    }

    /// The same number with the other sign; zero stays zero.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.negative = !self.negative && !self.is_zero();
        self
    }

    /// The number times ten to the power of `places`, exactly: -2 divides by a hundred.
    #[must_use]
    pub fn shifted(mut self, places: i32) -> Self {
        if !self.is_zero() {
            self.exponent = self.exponent.saturating_add(places);
        }
        self
    }

    /// The power of ten of the leading digit: 2 for 123, -1 for .5, 0 for zero.
    #[must_use]
    pub fn magnitude(&self) -> i32 {
        let digits = i32::try_from(self.digits().len()).unwrap_or(i32::MAX);
        self.exponent.saturating_add(digits).saturating_sub(1)
    }

    /// Whether it takes digits behind the decimal point to write it.
    #[must_use]
    pub fn has_fraction(&self) -> bool {
        // Digits are kept without zeros at their end.
        self.exponent < 0 && !self.is_zero()
    }

    /// How many digits it takes to write it, leading and trailing zeros aside.
    #[must_use]
    pub fn significant_digits(&self) -> usize {
        self.digits().len()
    }

    /// Compares the distances from zero.
    #[must_use]
    pub fn compare_absolute(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        // With the leading digits aligned, digit strings compare as numbers; `12` is below `121`.
        self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits().cmp(&other.digits()))
    }

    /// The number rounded to at most this many significant digits, halves away from zero.
    #[must_use]
    pub fn rounded(&self, significant: usize) -> Self {
        let digits = self.digits();
        if digits.len() <= significant {
            return self.clone();
        }
        let dropped = i32::try_from(digits.len() - significant).unwrap_or(i32::MAX);
        let (kept, rest) = digits.split_at(significant);
        let mut kept: Vec<u8> = kept.bytes().collect();
        if rest.as_bytes().first().is_some_and(|digit| *digit >= b'5') {
            for digit in kept.iter_mut().rev() {
                if *digit == b'9' {
                    *digit = b'0';
                } else {
                    *digit += 1;
                    break;
                }
            }
            if kept.iter().all(|digit| *digit == b'0') {
                kept.insert(0, b'1');
            }
        }
        let kept: String = kept.into_iter().map(char::from).collect();
        Self::from_digits(self.negative, &kept, "").shifted(self.exponent.saturating_add(dropped))
    }

    /// The nearest binary floating-point number, for comparing orders of magnitude; never for a value that
    /// is written.
    #[must_use]
    pub fn approximate(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        if let Some(size) = self.exact_quotient() {
            return if self.negative { -size } else { size };
        }
        format!("{sign}{}e{}", self.digits(), self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// The number's distance from zero as the quotient of two numbers that are exact in binary floating point, which
    /// is the nearest to it.
    fn exact_quotient(&self) -> Option<f64> {
        let Digits::Small(digits) = self.digits else { return None };
        let divisor = POWERS.get(usize::try_from(self.exponent.checked_neg()?).ok()?)?;
        let digits = u64::try_from(digits).ok().filter(|digits| *digits < MOST_EXACT)?;
        #[expect(clippy::cast_precision_loss, reason = "fifteen digits are exact")]
        let digits = digits as f64;
        Some(digits / divisor)
    }

    fn digits(&self) -> String {
        match &self.digits {
            Digits::Small(value) => value.to_string(),
            Digits::Large(digits) => digits.to_string(),
        }
    }
}

/// Below this, whole numbers are exact in binary floating point.
const MOST_EXACT: u64 = 1_000_000_000_000_000;
/// The powers of ten that are exact in binary floating point, as far as they are needed.
pub(crate) const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

impl fmt::Display for Decimal {
    /// The shortest plain form, without a zero before the decimal point: `.2`, `-12.5`, `1200000`, `0`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        if self.negative {
            formatter.write_str("-")?;
        }
        if self.is_zero() || self.exponent >= 0 {
            formatter.write_str(&digits)?;
            return (0..self.exponent).try_for_each(|_| formatter.write_str("0"));
        }
        let places = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(usize::MAX);
        if let Some(whole) = digits.len().checked_sub(places) {
            return write!(formatter, "{}.{}", &digits[..whole], &digits[whole..]);
        }
        formatter.write_str(".")?;
        (digits.len()..places).try_for_each(|_| formatter.write_str("0"))?;
        formatter.write_str(&digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_plain(text).unwrap()
    }

    #[test]
    fn the_nearest_binary_number_is_found_either_way() {
        for text in [
            "0",
            "1",
            "-1",
            ".1",
            "-0.3",
            "1200",
            "123456789012345",
            "999999999999999",
            "1000000000000001",
            ".123456789012345",
            ".0000000000000001",
            "9007199254740993",
            "0.30000000000000004",
            "123456789012345678901234567890123456789012.5",
        ] {
            let nearest: f64 = text.parse().unwrap();
            assert_eq!(decimal(text).approximate().to_bits(), nearest.to_bits(), "{text}");
        }
    }

    #[test]
    fn plain_numbers_are_shown_in_their_shortest_form() {
        for (text, shown) in [
            ("20", "20"),
            ("0.20", ".2"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("-.250", "-.25"),
            ("1200000", "1200000"),
            ("007", "7"),
            ("10.010", "10.01"),
            ("0.00001", ".00001"),
            (
                "123456789012345678901234567890123456789012345.50",
                "123456789012345678901234567890123456789012345.5",
            ),
        ] {
            assert_eq!(decimal(text).to_string(), shown);
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in ["", "-", ".", "-.", "5.", "+5", "1,0", "1e3", " 1", "1.2.3", "--1", "٢", "0x1"] {
            assert_eq!(Decimal::from_plain(text), None, "{text}");
        }
    }

    #[test]
    fn equal_numbers_are_equal_values() {
        assert_eq!(decimal("20"), decimal("2").shifted(1));
        let long = "1".repeat(60);
        assert_eq!(decimal(&format!("{long}.00")), decimal(&format!("0{long}")));
        let zeros = "0".repeat(60);
        assert_eq!(decimal(&format!("1{zeros}")), decimal("1").shifted(60));
    }

    #[test]
    fn shifting_moves_the_point_exactly() {
        for (text, places, shown) in [
            ("57", -2, ".57"),
            ("58.1", -2, ".581"),
            ("7", -2, ".07"),
            ("1.2", 6, "1200000"),
            ("0", -2, "0"),
            ("1000", -3, "1"),
        ] {
            assert_eq!(decimal(text).shifted(places).to_string(), shown);
        }
    }

    #[test]
    fn distances_from_zero_are_compared_without_rounding() {
        for (left, right, ordering) in [
            ("1", "1.0", Ordering::Equal),
            ("100", "100.0001", Ordering::Less),
            ("-2", "1", Ordering::Greater),
            ("12", "121", Ordering::Less),
            ("0", "0.0001", Ordering::Less),
            ("9", "10", Ordering::Less),
        ] {
            assert_eq!(decimal(left).compare_absolute(&decimal(right)), ordering, "{left} {right}");
        }
    }

    #[test]
    fn rounding_keeps_significant_digits() {
        for (text, shown) in [
            ("0.30000000000000004", ".3"),
            ("7.0000000000000009", "7"),
            ("0.99999999999999999", "1"),
            ("33.333333333333333333", "33.3333333333333"),
            ("1234567890123456789", "1234567890123460000"),
        ] {
            assert_eq!(decimal(text).rounded(15).to_string(), shown);
        }
    }
}
