//! The RC4 stream cipher.

/// The state of a stream.
pub(super) struct Rc4 {
    state: [u8; 256],
    one: u8,
    two: u8,
}

impl Rc4 {
    /// Begins a stream. An empty key is one of zeros.
    pub(super) fn new(key: &[u8]) -> Self {
        let mut state: [u8; 256] = std::array::from_fn(|at| u8::try_from(at).unwrap_or_default());
        let mut other = 0_u8;
        let mut key = key.iter().copied().cycle();
        for at in 0..=u8::MAX {
            other = other.wrapping_add(state[usize::from(at)]).wrapping_add(key.next().unwrap_or_default());
            state.swap(usize::from(at), usize::from(other));
        }
        Self { state, one: 0, two: 0 }
    }

    /// Passes over this many bytes of the stream.
    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.next();
        }
    }

    /// Decrypts bytes, or encrypts them.
    pub(super) fn apply(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte ^= self.next();
        }
    }

    fn next(&mut self) -> u8 {
        self.one = self.one.wrapping_add(1);
        let first = self.state[usize::from(self.one)];
        self.two = self.two.wrapping_add(first);
        self.state.swap(usize::from(self.one), usize::from(self.two));
        let sum = first.wrapping_add(self.state[usize::from(self.one)]);
        self.state[usize::from(sum)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_rfc_6229() {
        for (key, expected) in [
            (&[1, 2, 3, 4, 5][..], [0xB2, 0x39, 0x63, 0x05]),
            (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [0x9A, 0xC7, 0xCC, 0x9A]),
        ] {
            let mut bytes = [0; 4];
            Rc4::new(key).apply(&mut bytes);
            assert_eq!(bytes, expected);
        }
        let (mut whole, mut part) = ([0; 20], [0; 4]);
        Rc4::new(b"key").apply(&mut whole);
        let mut stream = Rc4::new(b"key");
        stream.skip(16);
        stream.apply(&mut part);
        assert_eq!(whole[16..], part);
    }
}
