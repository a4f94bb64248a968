//! Where a text ends that needs no quotation marks, eight bytes at a time. The first byte is the lowest of its word, so
//! that what a carry or a borrow spoils lies behind the byte that is looked for.

/// How many bytes there are before the first one that is no printable ASCII, a comma or a quotation mark.
#[inline]
pub(super) fn length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(word) = bytes.get(length..).and_then(<[u8]>::first_chunk) {
        let plain = others(u64::from_le_bytes(*word)).trailing_zeros() / 8;
        length += plain as usize;
        if plain < 8 {
            return length;
        }
    }
    length + bytes.get(length..).unwrap_or_default().iter().take_while(|byte| is_plain(**byte)).count()
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'"')
}

/// A word of which every byte is this one.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

const UPPER_BITS: u64 = each(0x80);

/// The upper bit of the first byte that is not plain, and perhaps of others behind it.
const fn others(word: u64) -> u64 {
    let below = word.wrapping_sub(each(b' ')) & !word & UPPER_BITS;
    let above = (word | word.wrapping_add(each(0x80 - 0x7f))) & UPPER_BITS;
    below | above | zeros(word ^ each(b',')) | zeros(word ^ each(b'"'))
}

/// The upper bit of the first byte that is zero, and perhaps of others behind it.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(each(1)) & !word & UPPER_BITS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_plain, length};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_first_byte_that_is_not_plain_is_found(
            bytes in prop::collection::vec(prop_oneof![12 => b' '..=b'~', 1 => any::<u8>()], 0..40)
        ) {
            prop_assert_eq!(length(&bytes), bytes.iter().take_while(|byte| is_plain(**byte)).count());
        }
    }

    /// Neither a carry nor a borrow of one byte hides the next.
    #[test]
    fn every_pair_of_bytes_is_told_apart() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let bytes = [b'a', first, second, b'a', b'a', b'a', b'a', b'a', b','];
                assert_eq!(
                    length(&bytes),
                    bytes.iter().take_while(|byte| is_plain(**byte)).count(),
                    "{bytes:?}"
                );
            }
        }
    }
}
