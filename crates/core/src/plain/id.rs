//! An ID that is certainly valid: printable ASCII without a comma or a quotation mark, and with nothing in it
//! that [`crate::value::id`] would look at twice.

use crate::footprint::IdPrint;
use crate::value::date::may_name_date_part;
use crate::value::id::read;
use crate::value::is_placeholder_ignoring_case;

/// What a byte means for an ID. The classes of all its bytes together decide which questions have to be asked.
const END: u8 = 1 << 0;
const SPACE: u8 = 1 << 1;
const UPPER: u8 = 1 << 2;
const DIGIT: u8 = 1 << 3;
/// Any other plain character.
const OTHER: u8 = 1 << 4;
/// `x`, without which nothing is "external".
const X: u8 = 1 << 5;
/// `e`, without which no exponent is written.
const E: u8 = 1 << 6;
/// `-` or `/`, without which nothing looks like a date.
const MARK: u8 = 1 << 7;

const CLASSES: [u8; 256] = {
    let mut classes = [END; 256];
    let mut byte = b' ';
    while byte < 0x7f {
        let upper = if byte.is_ascii_uppercase() { UPPER } else { 0 };
        classes[byte as usize] = match byte {
            b',' | b'"' => END,
            b' ' => SPACE,
            b'0'..=b'9' => DIGIT,
            b'x' | b'X' => X | OTHER | upper,
            b'e' | b'E' => E | OTHER | upper,
            b'-' | b'/' => MARK | OTHER,
            _ => OTHER | upper,
        };
        byte += 1;
    }
    classes
};

/// Longer IDs are left to the reader.
pub(super) const LONGEST: usize = 64;
/// A longer ID is not taken for a date ([`crate::value::id`]).
const LONGEST_DATE: usize = 11;

/// An ID at the start of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlainId {
    pub(super) length: usize,
    pub(super) print: IdPrint,
    pub(super) is_all_digits: bool,
}

pub(super) fn scan(bytes: &[u8]) -> Option<PlainId> {
    let mut classes = 0;
    let mut length = 0;
    for byte in bytes {
        let class = CLASSES[usize::from(*byte)];
        if class == END {
            break;
        }
        classes |= class;
        length += 1;
    }
    let id = bytes.get(..length)?;
    let (first, last) = (*id.first()?, *id.last()?);
    if length > LONGEST || first == b'#' {
        return None;
    }
    let has = |class: u8| classes & class != 0;
    let mut loose = None;
    if has(SPACE) {
        if first == b' ' || last == b' ' || id.windows(2).any(|pair| pair == b"  ") {
            return None;
        }
        loose = Some(without_spaces(id));
    }
    // The words for "nothing here" have no digits.
    if !has(DIGIT) && is_placeholder_ignoring_case(id) {
        return None;
    }
    if has(X) && id.windows(8).any(|word| word.eq_ignore_ascii_case(b"external")) {
        return None;
    }
    // `ERR:502` is an error of a spreadsheet program, `1.2E+11` what one made of an ID.
    let is_suspicious = has(E)
        && (first.is_ascii_digit()
            || first == b'-'
            || id.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"err:")));
    let may_be_date = has(MARK)
        && !has(SPACE)
        && length <= LONGEST_DATE
        && (first.is_ascii_digit() || last.is_ascii_digit())
        && may_name_date_part(id);
    if (is_suspicious || may_be_date) && !is_valid(id) {
        return None;
    }
    let print = match loose {
        Some((letters, count)) => IdPrint::with_loose_key(id, letters.get(..count)?),
        None if has(UPPER) => IdPrint::of_ascii(id),
        None => IdPrint::of_lower_ascii(id),
    };
    Some(PlainId { length, print, is_all_digits: classes == DIGIT })
}

/// The long way, for the few that look like something else.
fn is_valid(id: &[u8]) -> bool {
    std::str::from_utf8(id).is_ok_and(|id| read(id).deviations.is_empty())
}

/// The letters of an ID in lower case without its spaces, and how many they are.
fn without_spaces(id: &[u8]) -> ([u8; LONGEST], usize) {
    let mut letters = [0; LONGEST];
    let mut count = 0;
    for (place, byte) in letters.iter_mut().zip(id.iter().filter(|byte| **byte != b' ')) {
        *place = byte.to_ascii_lowercase();
        count += 1;
    }
    (letters, count)
}
