//! Delimited text of any encoding and dialect as records of fields: CSV, TSV and what calls itself so.
//!
//! Nothing is refused and nothing is lost: what breaks the rules of quoting is read as it was most likely meant,
//! and marked. The crate works in memory; it knows no files, no templates and no meaning of a field.

mod detect;
mod dialect;
mod encoding;
mod mend;
mod plausible;
mod records;
mod transcription;

pub use detect::{Detected, detect};
pub use dialect::{Dialect, Escape, Quote};
pub use encoding::{
    Decoded, EncodingClues, TextEncoding, Told, encoding_named, looks_like_other_encoding, whole_characters,
};
pub use records::{Progress, Record, Records, Step};
pub use transcription::Transcription;
