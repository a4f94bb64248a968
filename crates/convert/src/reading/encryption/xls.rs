//! Encrypted xls workbooks: the records' data are encrypted, their kinds and lengths are not.
//! Source: MS-XLS 2.2.10; MS-OFFCRYPTO 2.3.5 to 2.3.7.

use super::hash::Hash;
use super::package::{first, refusal};
use super::rc4::Rc4;
use super::standard::Scheme;
use super::xor::Mask;
use super::{Password, is_same};
use crate::reading::ReadError;
use crate::reading::compound::u16_at;

/// A key lasts for this many bytes of the stream.
const BLOCK: usize = 1024;

const PART: &str = "the record of the encryption";

mod kind {
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    /// Records that stay readable: where the stream and its parts begin, who has locked the file, and the like.
    pub(super) const PLAIN: &[u16] =
        &[0x0009, 0x0209, 0x0409, 0x0809, 0x002F, 0x00E1, 0x0138, 0x0194, 0x0195, 0x0196];
}

enum Cipher {
    /// RC4, by the key of each block.
    Rc4(Box<dyn Fn(u32) -> Vec<u8>>),
    Xor(Mask),
}

/// Decrypts the stream in place. `description` is the data of the record that tells of the encryption.
pub(in crate::reading) fn decrypt(
    stream: &mut [u8],
    description: &[u8],
    is_biff8: bool,
    given: Option<&Password>,
) -> Result<(), ReadError> {
    let cipher = cipher(description, is_biff8, given)?;
    let mut at = 0;
    while let (Some(kind), Some(length)) = (u16_at(stream, at), u16_at(stream, at + 2)) {
        let (start, length) = (at + 4, usize::from(length));
        let end = (start + length).min(stream.len());
        at = start + length;
        if kind::PLAIN.contains(&kind) {
            continue;
        }
        // Where a sheet begins stays readable.
        let from = if kind == kind::BOUND_SHEET { (start + 4).min(end) } else { start };
        let Some(bytes) = stream.get_mut(from..end) else { break };
        match &cipher {
            Cipher::Xor(mask) => mask.apply(from + length, bytes),
            Cipher::Rc4(key) => apply(key, from, bytes),
        }
    }
    Ok(())
}

/// Decrypts bytes that stand at this place of the stream.
fn apply(key: &dyn Fn(u32) -> Vec<u8>, mut at: usize, mut bytes: &mut [u8]) {
    while !bytes.is_empty() {
        let (block, within) = (at / BLOCK, at % BLOCK);
        let (piece, rest) = bytes.split_at_mut(bytes.len().min(BLOCK - within));
        let mut stream = Rc4::new(&key(u32::try_from(block).unwrap_or(u32::MAX)));
        stream.skip(within);
        stream.apply(piece);
        at += piece.len();
        bytes = rest;
    }
}

fn cipher(description: &[u8], is_biff8: bool, given: Option<&Password>) -> Result<Cipher, ReadError> {
    let cut_off = || ReadError::broken(PART, "it is cut off");
    let field = |at: usize| u16_at(description, at).ok_or_else(cut_off);
    let rest = |from: usize| description.get(from..).unwrap_or_default();
    let (kind, at) = if is_biff8 { (field(0)?, 2) } else { (0, 0) };
    if kind == 0 {
        let (key, hash) = (field(at)?, field(at + 2)?);
        let mask = Password::all(given).iter().find_map(|password| Mask::new(password, key, hash));
        return mask.map(Cipher::Xor).ok_or_else(|| refusal(given));
    }
    match (field(2)?, field(4)?) {
        (1, 1) => {
            let part = |from: usize| rest(6).get(from..from + 16).ok_or_else(cut_off);
            let (salt, verifier, hash) = (part(0)?, part(16)?, part(32)?);
            let key = first(given, |password| {
                let key = old_key(password, salt);
                let mut check = [verifier, hash].concat();
                Rc4::new(&old_block_key(&key, 0)).apply(&mut check);
                let fits = is_same(&Hash::Md5.of(&[&check[..16]]), &check[16..]);
                Ok(fits.then_some(key))
            })?;
            Ok(Cipher::Rc4(Box::new(move |block| old_block_key(&key, block))))
        }
        (2..=4, 2) => {
            let scheme = Scheme::read(rest(6))?;
            if scheme.algorithm != 0x6801 {
                let what = format!("a cipher other than RC4 (number {:#x})", scheme.algorithm);
                return Err(ReadError::UnknownEncryption { what });
            }
            let size =
                if scheme.key_size == 0 { 5 } else { usize::try_from(scheme.key_size / 8).unwrap_or(16) };
            let size = size.clamp(5, 16);
            let key = first(given, |password| {
                let key = Hash::Sha1.of(&[&scheme.salt, &password.utf16()]);
                let mut check =
                    [&scheme.verifier[..], scheme.verifier_hash.get(..20).unwrap_or_default()].concat();
                Rc4::new(&block_key(&key, 0, size)).apply(&mut check);
                let (verifier, hash) = check.split_at(16.min(check.len()));
                let fits = is_same(&Hash::Sha1.of(&[verifier]), hash);
                Ok(fits.then_some(key))
            })?;
            Ok(Cipher::Rc4(Box::new(move |block| block_key(&key, block, size))))
        }
        (major, minor) => {
            let what = format!("a scheme of version {major}.{minor}");
            Err(ReadError::UnknownEncryption { what })
        }
    }
}

/// The key of Excel 97: five bytes that count.
fn old_key(password: &Password, salt: &[u8]) -> Vec<u8> {
    let hash = Hash::Md5.of(&[&password.utf16()]);
    let piece = [hash.get(..5).unwrap_or_default(), salt].concat();
    let mut key = Hash::Md5.of(&[&piece.repeat(16)]);
    key.truncate(5);
    key
}

fn old_block_key(key: &[u8], block: u32) -> Vec<u8> {
    Hash::Md5.of(&[key, &block.to_le_bytes()])
}

/// The key of a block, of Excel 2002 and later.
fn block_key(key: &[u8], block: u32, size: usize) -> Vec<u8> {
    let mut key = Hash::Sha1.of(&[key, &block.to_le_bytes()]);
    key.truncate(size);
    // Keys of 40 bits are filled up with zeros.
    if size == 5 {
        key.resize(16, 0);
    }
    key
}
