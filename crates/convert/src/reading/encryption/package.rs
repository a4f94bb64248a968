//! An encrypted container of Office: a compound file with the description of the encryption and the container.

use super::{Password, agile, standard};
use crate::reading::ReadError;
use crate::reading::compound::{CompoundFile, u16_at, u64_at};

/// What the streams are called in messages.
pub(super) const INFORMATION: &str = "the description of the encryption";
const PACKAGE: &str = "the encrypted container";

/// The container inside of a compound file.
pub(in crate::reading) fn decrypt(file: &[u8], given: Option<&Password>) -> Result<Vec<u8>, ReadError> {
    let compound = CompoundFile::open(file)?;
    let stream = |name: &str| {
        compound
            .stream(name)?
            .ok_or_else(|| ReadError::broken("the compound file", format_args!("it has no `{name}`")))
    };
    let (information, package) = (stream("EncryptionInfo")?, stream("EncryptedPackage")?);
    let length = u64_at(&package, 0).ok_or_else(|| ReadError::broken(PACKAGE, "it is cut off"))?;
    let encrypted = package.get(8..).unwrap_or_default();
    let version = (u16_at(&information, 0), u16_at(&information, 2));
    let mut plain = match version {
        (Some(4), Some(4)) => {
            let scheme = agile::Scheme::read(information.get(8..).unwrap_or_default())?;
            let key = first(given, |password| scheme.key(password))?;
            scheme.decrypt(&key, encrypted)?
        }
        (Some(2..=4), Some(2)) => {
            let scheme = standard::Scheme::read(information.get(4..).unwrap_or_default())?;
            let key = first(given, |password| scheme.key(password))?;
            standard::decrypt(&key, encrypted)?
        }
        _ => {
            return Err(ReadError::UnknownEncryption {
                what: "a scheme other than standard and agile".to_owned(),
            });
        }
    };
    if length > plain.len() as u64 {
        return Err(ReadError::broken(PACKAGE, "it is cut off"));
    }
    plain.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    Ok(plain)
}

/// The key by the first password that fits.
pub(super) fn first(
    given: Option<&Password>,
    key: impl Fn(&Password) -> Result<Option<Vec<u8>>, ReadError>,
) -> Result<Vec<u8>, ReadError> {
    for password in Password::all(given) {
        if let Some(key) = key(&password)? {
            return Ok(key);
        }
    }
    Err(refusal(given))
}

/// The error if no password fits.
pub(super) const fn refusal(given: Option<&Password>) -> ReadError {
    if given.is_some() { ReadError::WrongPassword } else { ReadError::Encrypted }
}
