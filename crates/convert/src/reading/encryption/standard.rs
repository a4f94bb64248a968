//! Standard encryption, of Excel 2007: AES in blocks of their own, SHA-1, 50,000 rounds.
//! Source: MS-OFFCRYPTO 2.3.4.5 to 2.3.4.9. The header is shared with RC4 of xls (2.3.5).

use aes::cipher::{Block, BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

use super::hash::Hash;
use super::package::INFORMATION;
use super::{Password, is_same};
use crate::reading::ReadError;
use crate::reading::compound::u32_at;

const SPINS: u32 = 50_000;

/// How a workbook is encrypted, and what a password is checked by.
#[derive(Debug)]
pub(super) struct Scheme {
    pub(super) algorithm: u32,
    /// In bits.
    pub(super) key_size: u32,
    pub(super) salt: Vec<u8>,
    pub(super) verifier: Vec<u8>,
    pub(super) verifier_hash: Vec<u8>,
}

impl Scheme {
    /// Reads the header, from its flags on.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        Self::parts(bytes).ok_or_else(|| ReadError::broken(INFORMATION, "it is cut off"))
    }

    fn parts(bytes: &[u8]) -> Option<Self> {
        let size = usize::try_from(u32_at(bytes, 4)?).ok()?;
        let header = bytes.get(8..8_usize.checked_add(size)?)?;
        let rest = bytes.get(8 + size..)?;
        let salt_size = usize::try_from(u32_at(rest, 0)?).ok().filter(|size| *size <= 64)?;
        let rest = rest.get(4..)?;
        let (salt, rest) = (rest.get(..salt_size)?, rest.get(salt_size..)?);
        Some(Self {
            algorithm: u32_at(header, 8)?,
            key_size: u32_at(header, 16)?,
            salt: salt.to_vec(),
            verifier: rest.get(..16)?.to_vec(),
            // Padded to whole blocks where blocks are encrypted.
            verifier_hash: rest.get(20..)?.get(..32).or_else(|| rest.get(20..40))?.to_vec(),
        })
    }

    /// The key that this password gives; `None` if it is a wrong one.
    pub(super) fn key(&self, password: &Password) -> Result<Option<Vec<u8>>, ReadError> {
        let size = match self.algorithm {
            0x660E => 16,
            0x660F => 24,
            0x6610 => 32,
            other => {
                let what = format!("a cipher other than AES (number {other:#x})");
                return Err(ReadError::UnknownEncryption { what });
            }
        };
        let hash = Hash::Sha1.spun(&self.salt, &password.utf16(), SPINS);
        let hash = Hash::Sha1.of(&[&hash, &[0; 4]]);
        let half = |pad: u8| {
            let mut block = [pad; 64];
            block.iter_mut().zip(&hash).for_each(|(byte, hash)| *byte ^= hash);
            Hash::Sha1.of(&[&block])
        };
        let mut key = [half(0x36), half(0x5C)].concat();
        key.truncate(size);
        let verifier = decrypt(&key, &self.verifier)?;
        let expected = decrypt(&key, &self.verifier_hash)?;
        let fits = is_same(&Hash::Sha1.of(&[&verifier]), expected.get(..20).unwrap_or_default());
        Ok(fits.then_some(key))
    }
}

/// Decrypts blocks, each on its own; what is no whole block is left out.
pub(super) fn decrypt(key: &[u8], encrypted: &[u8]) -> Result<Vec<u8>, ReadError> {
    let cipher = Aes::new(key)?;
    let mut bytes = encrypted.to_vec();
    bytes.truncate(encrypted.len() / 16 * 16);
    bytes.chunks_exact_mut(16).for_each(|block| cipher.decrypt(block));
    Ok(bytes)
}

/// AES by the length of its key.
pub(super) enum Aes {
    Key128(Box<Aes128>),
    Key192(Box<Aes192>),
    Key256(Box<Aes256>),
}

impl Aes {
    pub(super) fn new(key: &[u8]) -> Result<Self, ReadError> {
        let unfit = |_| ReadError::broken(INFORMATION, "its key has an unknown length");
        match key.len() {
            16 => Aes128::new_from_slice(key).map(Box::new).map(Self::Key128).map_err(unfit),
            24 => Aes192::new_from_slice(key).map(Box::new).map(Self::Key192).map_err(unfit),
            _ => Aes256::new_from_slice(key).map(Box::new).map(Self::Key256).map_err(unfit),
        }
    }

    /// Decrypts a block of 16 bytes; any other number of bytes is left as it is.
    pub(super) fn decrypt(&self, bytes: &mut [u8]) {
        let Ok(block) = <&mut Block<Aes128>>::try_from(bytes) else { return };
        match self {
            Self::Key128(cipher) => cipher.decrypt_block(block),
            Self::Key192(cipher) => cipher.decrypt_block(block),
            Self::Key256(cipher) => cipher.decrypt_block(block),
        }
    }
}
