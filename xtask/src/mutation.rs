//! Breaks a file on purpose, differently for each number: bytes anywhere, and bytes inside of the parts of a
//! container, where a plain change would only spoil a checksum.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// No part is changed that is longer than this when inflated.
const LONGEST_PART: u64 = 8 << 20;

/// What hostile files write where a small number stands.
const NUMBERS: [&[u8]; 8] =
    [b"0", b"-1", b"65536", b"1048577", b"2147483648", b"4294967295", b"99999999999999999999", b"1e308"];

/// Texts that end, begin or repeat something.
const PIECES: [&[u8]; 12] = [
    b"<",
    b">",
    b"&",
    b"\"",
    b"'",
    b"<row>",
    b"<c>",
    b"</row>",
    b"<!--",
    b"<![CDATA[",
    b"&#x110000;",
    b"\r\n,\"",
];

/// Numbers that are the same in every run (the generator of Numerical Recipes).
#[derive(Debug)]
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        let mut numbers = Self(seed);
        numbers.next();
        numbers
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % bound.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a [u8]]) -> &'a [u8] {
        from.get(self.below(from.len())).copied().unwrap_or_default()
    }
}

/// The file, broken.
pub(crate) fn mutate(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    if bytes.starts_with(b"PK\x03\x04")
        && numbers.below(8) > 0
        && let Some(inside) = inside_of_a_container(bytes, numbers)
    {
        return inside;
    }
    let mut bytes = bytes.to_vec();
    change(&mut bytes, numbers);
    bytes
}

/// Changes one part and packs all of them again; `None` if the container cannot be opened.
fn inside_of_a_container(bytes: &[u8], numbers: &mut Numbers) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let changed = numbers.below(archive.len());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).ok()?;
        let name = part.name().ok()?.into_owned();
        if index == changed && part.size() <= LONGEST_PART {
            let mut content = Vec::new();
            part.read_to_end(&mut content).ok()?;
            change(&mut content, numbers);
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            writer.start_file(name, options).ok()?;
            writer.write_all(&content).ok()?;
        } else {
            drop(part);
            writer.raw_copy_file(archive.by_index_raw(index).ok()?).ok()?;
        }
    }
    Some(writer.finish().ok()?.into_inner())
}

/// One to eight changes.
fn change(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.below(8) {
        let at = numbers.below(bytes.len());
        let length = numbers.below(64).min(bytes.len() - at.min(bytes.len()));
        match numbers.below(9) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let piece = bytes.get(at..at + length).unwrap_or_default().repeat(1 + numbers.below(40));
                drop(bytes.splice(at..at, piece));
            }
            3 => {
                let piece = numbers.pick(&PIECES).repeat(1 + numbers.below(3_000));
                drop(bytes.splice(at..at, piece));
            }
            4 => replace_number(bytes, at, numbers.pick(&NUMBERS)),
            5 => {
                let extreme = [0_u8, 0x7F, 0x80, 0xFF][numbers.below(4)];
                bytes.iter_mut().skip(at).take(1 + length / 16).for_each(|byte| *byte = extreme);
            }
            6 => {
                let other = numbers.below(bytes.len());
                let piece = bytes.get(other..other.saturating_add(length)).unwrap_or_default().to_vec();
                drop(bytes.splice(at..at, piece));
            }
            _ => {
                let value = numbers.below(256).to_le_bytes()[0];
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
        }
    }
}

/// Writes another number where the next one stands.
fn replace_number(bytes: &mut Vec<u8>, from: usize, number: &[u8]) {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let Some(start) = bytes.iter().skip(from).position(is_digit).map(|at| from + at) else { return };
    let length = bytes.iter().skip(start).take_while(|byte| is_digit(byte)).count();
    drop(bytes.splice(start..start + length, number.iter().copied()));
}
