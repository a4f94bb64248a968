//! The text shown for a number, through `ssfmt`, with its known gaps closed.

use ssfmt::FormatOptions;

use super::{DateSystem, Meaning};
use crate::number::plain_text;

/// See [`super::NumberFormat::shown`].
pub(super) fn shown(
    format: Option<&ssfmt::NumberFormat>,
    meaning: Meaning,
    value: f64,
    dates: DateSystem,
) -> String {
    let Some(format) = format else { return plain_text(value) };
    if meaning == Meaning::Text {
        return plain_text(value);
    }
    let options = FormatOptions {
        date_system: match dates {
            DateSystem::From1900 => ssfmt::DateSystem::Date1900,
            DateSystem::From1904 => ssfmt::DateSystem::Date1904,
        },
        ..FormatOptions::default()
    };
    let text = format.format(value, &options);
    if text.trim().is_empty() { plain_text(value) } else { text }
}
