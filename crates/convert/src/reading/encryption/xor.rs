//! XOR obfuscation of old workbooks. Source: MS-OFFCRYPTO 2.3.7; MS-XLS 2.2.10.

use super::Password;

/// What fills a password up to sixteen bytes.
const FILLING: [u8; 15] =
    [0xBB, 0xFF, 0xFF, 0xBA, 0xFF, 0xFF, 0xB9, 0x80, 0x00, 0xBE, 0x0F, 0x00, 0xBF, 0x0F, 0x00];

/// The longest password that counts.
const LONGEST: usize = 15;

/// Sixteen bytes that are mixed into the content over and over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mask([u8; 16]);

impl Mask {
    /// The mask by a password and the file's key; `None` if the password does not fit the file's hash of it.
    pub(super) fn new(password: &Password, key: u16, hash: u16) -> Option<Self> {
        // Characters beyond ASCII went through the writer's code page, which nobody knows.
        let bytes: Vec<u8> = password.text().bytes().take(LONGEST).collect();
        if bytes.is_empty() || hash_of(&bytes) != hash {
            return None;
        }
        let [low, high] = key.to_le_bytes();
        let mut mask = [0; 16];
        let filled = bytes.iter().chain(&FILLING).chain([&0]);
        for ((at, to), byte) in mask.iter_mut().enumerate().zip(filled) {
            *to = (byte ^ if at % 2 == 0 { low } else { high }).rotate_left(2);
        }
        Some(Self(mask))
    }

    /// Reveals bytes, the first of which is mixed with this byte of the mask.
    pub(super) fn apply(self, from: usize, bytes: &mut [u8]) {
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = byte.rotate_left(3) ^ self.0[(from + at) % 16];
        }
    }
}

/// The hash of a password by which it is checked.
fn hash_of(password: &[u8]) -> u16 {
    let mut hash = u16::try_from(password.len()).unwrap_or_default() ^ 0xCE4B;
    for (bits, byte) in (1..).zip(password) {
        let wide = u32::from(*byte) << bits;
        // Rotated within 15 bits.
        hash ^= u16::try_from((wide | (wide >> 15)) & 0x7FFF).unwrap_or_default();
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_told_by_its_hash() {
        // The hash of `abcdefghij` as MS-OFFCRYPTO and the help of Excel give it.
        assert_eq!(hash_of(b"abcdefghij"), 0xFEF1);
        assert!(Mask::new(&Password::new("abcdefghij"), 1, 0xFEF1).is_some());
        assert_eq!(Mask::new(&Password::new("abcdefghik"), 1, 0xFEF1), None);
        assert_eq!(Mask::new(&Password::new(""), 1, 0xCE4B), None);
    }
}
