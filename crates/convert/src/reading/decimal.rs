//! Short decimal numbers, read exactly: their digits and the power of ten are both exact in binary floating point, so
//! that their quotient is the number nearest to the decimal one.

/// The powers of ten as far as fifteen digits need them.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A number of up to fifteen digits, perhaps with a sign and a point between them, as the standard library reads it.
#[inline]
pub(super) fn short(text: &[u8]) -> Option<f64> {
    let (is_negative, unsigned) = match text {
        [b'-', unsigned @ ..] => (true, unsigned),
        unsigned => (false, unsigned),
    };
    if unsigned.is_empty() || unsigned.len() > 16 {
        return None;
    }
    let mut digits = 0_u64;
    let mut point = None;
    for (at, byte) in unsigned.iter().enumerate() {
        match byte {
            b'0'..=b'9' => digits = digits * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() && at > 0 && at + 1 < unsigned.len() => point = Some(at),
            _ => return None,
        }
    }
    if unsigned.len() == 16 && point.is_none() {
        return None;
    }
    let decimals = point.map_or(0, |point| unsigned.len() - point - 1);
    #[expect(clippy::cast_precision_loss, reason = "fifteen digits are exact")]
    let size = digits as f64 / POWERS.get(decimals)?;
    Some(if is_negative { -size } else { size })
}

/// The digits behind those of a number, and where they end.
#[inline]
pub(super) fn digits(mut number: u64, bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    while let digit @ 0..=9 = bytes.get(at)?.wrapping_sub(b'0') {
        // More of them than fit are refused.
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    Some((number, at))
}

/// The number of at most fifteen digits at a place, and where it ends.
#[inline]
pub(super) fn leading(bytes: &[u8], start: usize) -> Option<(f64, usize)> {
    let is_negative = *bytes.get(start)? == b'-';
    let start = start + usize::from(is_negative);
    let (mut number, mut end) = digits(0, bytes, start)?;
    let whole = end - start;
    let mut decimals = 0;
    if *bytes.get(end)? == b'.' {
        let point = end;
        (number, end) = digits(number, bytes, point + 1)?;
        decimals = end - point - 1;
        if decimals == 0 {
            return None;
        }
    }
    if whole == 0 || whole + decimals > 15 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "fifteen digits are exact")]
    let size = number as f64 / POWERS.get(decimals)?;
    Some((if is_negative { -size } else { size }, end))
}
