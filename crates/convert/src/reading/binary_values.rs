//! Values as Excel's binary formats, old and new, encode them. Source: MS-XLS 2.5.10 and 2.5.217.

use crate::cell::StoredValue;

/// A number of 30 bits: an integer or the upper half of a floating-point number, perhaps in hundredths.
pub(super) fn rk(encoded: u32) -> f64 {
    let number = if encoded & 2 == 0 {
        f64::from_bits(u64::from(encoded & !3) << 32)
    } else {
        f64::from(encoded.cast_signed() >> 2)
    };
    if encoded & 1 == 0 { number } else { number / 100.0 }
}

/// A stored number; what is not finite is an error, as no spreadsheet program can show it.
pub(super) fn number(number: f64) -> StoredValue {
    if number.is_finite() { StoredValue::Number(number) } else { StoredValue::Error("#NUM!".to_owned()) }
}

/// An error by its code.
pub(super) fn error(code: u8) -> StoredValue {
    let text = match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        0x2B => "#GETTING_DATA",
        _ => "#ERROR!",
    };
    StoredValue::Error(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_whole() {
        for (encoded, expected) in [
            (0x3FF0_0000, 1.0),
            (0x3FF0_0001, 0.01),
            (2, 0.0),
            ((1234 << 2) | 2, 1234.0),
            ((1234 << 2) | 3, 12.34),
            (((-5_i32) << 2).cast_unsigned() | 2, -5.0),
        ] {
            assert!((rk(encoded) - expected).abs() < f64::EPSILON, "{encoded:x}");
        }
    }
}
