//! Agile encryption, of Excel 2010 and later: AES in chained blocks, any of the SHA family, as many rounds as the
//! file says. Source: MS-OFFCRYPTO 2.3.4.10 to 2.3.4.15.

use std::io::BufReader;

use quick_xml::events::{BytesStart, Event};

use super::hash::Hash;
use super::package::INFORMATION;
use super::standard::Aes;
use super::{Password, is_same};
use crate::reading::ReadError;
use crate::reading::base64::base64;
use crate::reading::xml::{attribute, number_attribute};

/// The format allows no more rounds; Excel makes 100,000.
const MAX_SPINS: u32 = 10_000_000;

/// The container is encrypted in pieces of this many bytes.
const SEGMENT: usize = 4096;

const VERIFIER: [u8; 8] = [0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79];
const VERIFIER_HASH: [u8; 8] = [0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E];
const KEY: [u8; 8] = [0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6];

/// How a workbook is encrypted, and what a password is checked by.
#[derive(Debug)]
pub(super) struct Scheme {
    content: Parameters,
    of_key: Parameters,
    spins: u32,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
    key: Vec<u8>,
}

/// How one of the two is encrypted: the content, and the key to it.
#[derive(Debug, Clone)]
struct Parameters {
    hash: Hash,
    /// In bytes.
    key_size: usize,
    block_size: usize,
    salt: Vec<u8>,
}

impl Scheme {
    /// Reads the description, an XML document.
    pub(super) fn read(xml: &[u8]) -> Result<Self, ReadError> {
        let broken = |error: quick_xml::Error| ReadError::broken(INFORMATION, error);
        let mut reader = quick_xml::Reader::from_reader(BufReader::new(xml));
        reader.config_mut().expand_empty_elements = true;
        let (mut content, mut key) = (None, None);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(broken)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "keyData" if content.is_none() => content = Some(Parameters::read(&element)?),
                    "encryptedKey" if key.is_none() => {
                        let binary = |name: &str| base64(&attribute(&element, name).unwrap_or_default());
                        let spins = number_attribute::<u32>(&element, "spinCount").unwrap_or(u32::MAX);
                        if spins > MAX_SPINS {
                            return Err(ReadError::TooLarge {
                                what: "the number of rounds of the key derivation".to_owned(),
                                limit: MAX_SPINS.to_string(),
                            });
                        }
                        let parts = (
                            binary("encryptedVerifierHashInput"),
                            binary("encryptedVerifierHashValue"),
                            binary("encryptedKeyValue"),
                        );
                        key = Some((Parameters::read(&element)?, spins, parts));
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        match (content, key) {
            (Some(content), Some((of_key, spins, (Some(verifier), Some(verifier_hash), Some(key))))) => {
                Ok(Self { content, of_key, spins, verifier, verifier_hash, key })
            }
            _ => Err(ReadError::broken(INFORMATION, "it names no key that a password opens")),
        }
    }

    /// The key that this password gives; `None` if it is a wrong one.
    pub(super) fn key(&self, password: &Password) -> Result<Option<Vec<u8>>, ReadError> {
        let parameters = &self.of_key;
        let hash = parameters.hash.spun(&parameters.salt, &password.utf16(), self.spins);
        let opened = |purpose: &[u8; 8], encrypted: &[u8]| {
            let key = fitted(parameters.hash.of(&[&hash, purpose]), parameters.key_size);
            chained(&key, &parameters.salt, parameters.block_size, encrypted)
        };
        let verifier = opened(&VERIFIER, &self.verifier)?;
        let verifier = verifier.get(..parameters.salt.len()).unwrap_or(&verifier);
        let expected = opened(&VERIFIER_HASH, &self.verifier_hash)?;
        let found = parameters.hash.of(&[verifier]);
        if !is_same(&found, expected.get(..found.len()).unwrap_or_default()) {
            return Ok(None);
        }
        let mut key = opened(&KEY, &self.key)?;
        key.truncate(self.content.key_size);
        Ok(Some(key))
    }

    /// Decrypts the content.
    pub(super) fn decrypt(&self, key: &[u8], encrypted: &[u8]) -> Result<Vec<u8>, ReadError> {
        let Parameters { hash, salt, block_size, .. } = &self.content;
        let mut plain = Vec::with_capacity(encrypted.len());
        for (number, segment) in (0_u32..).zip(encrypted.chunks(SEGMENT)) {
            let vector = hash.of(&[salt, &number.to_le_bytes()]);
            plain.extend(chained(key, &vector, *block_size, segment)?);
        }
        Ok(plain)
    }
}

impl Parameters {
    fn read(element: &BytesStart<'_>) -> Result<Self, ReadError> {
        let text = |name: &str| attribute(element, name).unwrap_or_default();
        let (cipher, chaining, hash) =
            (text("cipherAlgorithm"), text("cipherChaining"), text("hashAlgorithm"));
        if cipher != "AES" || chaining != "ChainingModeCBC" {
            return Err(ReadError::UnknownEncryption {
                what: format!("the cipher {cipher} with {chaining}"),
            });
        }
        let Some(hash) = Hash::named(&hash) else {
            return Err(ReadError::UnknownEncryption { what: format!("the hash {hash}") });
        };
        let number = |name: &str| number_attribute::<usize>(element, name).unwrap_or_default();
        let (key_size, block_size) = (number("keyBits") / 8, number("blockSize"));
        let salt = base64(&text("saltValue")).unwrap_or_default();
        if !matches!(key_size, 16 | 24 | 32) || block_size != 16 || salt.is_empty() {
            return Err(ReadError::broken(INFORMATION, "its key or its blocks have an unknown size"));
        }
        Ok(Self { hash, key_size, block_size, salt })
    }
}

/// Bytes cut to a size, or filled up to it.
fn fitted(mut bytes: Vec<u8>, size: usize) -> Vec<u8> {
    bytes.resize(size, 0x36);
    bytes
}

/// Decrypts blocks of which each is mixed with the one before; what is no whole block is left out.
fn chained(key: &[u8], vector: &[u8], block_size: usize, encrypted: &[u8]) -> Result<Vec<u8>, ReadError> {
    let cipher = Aes::new(key)?;
    let mut before = fitted(vector.to_vec(), block_size);
    let mut plain = Vec::with_capacity(encrypted.len());
    for block in encrypted.chunks_exact(block_size) {
        let mut bytes = block.to_vec();
        cipher.decrypt(&mut bytes);
        plain.extend(bytes.iter().zip(&before).map(|(byte, before)| byte ^ before));
        before.copy_from_slice(block);
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_descriptions_are_refused() {
        let key = |spins: &str, hash: &str, bits: &str| {
            let common = format!(
                "cipherAlgorithm=\"AES\" cipherChaining=\"ChainingModeCBC\" hashAlgorithm=\"{hash}\" keyBits=\"{bits}\" \
                 blockSize=\"16\" saltValue=\"AAAA\""
            );
            let xml = format!(
                "<e><keyData {common}/><k><encryptedKey spinCount=\"{spins}\" {common} \
                 encryptedVerifierHashInput=\"AAAA\" encryptedVerifierHashValue=\"AAAA\" encryptedKeyValue=\"AAAA\"/>\
                 </k></e>"
            );
            Scheme::read(xml.as_bytes()).map(|_| ()).map_err(|error| error.to_string())
        };
        let rounds = "the number of rounds of the key derivation exceeds the limit of 10000000";
        assert_eq!(key("100000", "SHA512", "256"), Ok(()));
        assert_eq!(key("4294967295", "SHA512", "256"), Err(rounds.to_owned()));
        assert_eq!(key("-1", "SHA512", "256"), Err(rounds.to_owned()));
        assert!(key("1", "WHIRLPOOL", "256").unwrap_err().contains("the hash WHIRLPOOL"));
        assert!(key("1", "SHA1", "40").unwrap_err().contains("unknown size"));
        assert!(Scheme::read(b"<e/>").is_err() && Scheme::read(b"<e").is_err());
    }
}
