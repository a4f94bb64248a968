//! Fixes that change every record of a file: told once and made record by record, so that neither the file nor the
//! edits of such a fix have to be held.

use std::ops::Range;

use crate::edit::Edit;
use crate::fields::{FieldSpan, LineEnd, Record, Records, written};

/// What becomes of every record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Throughout {
    /// It ends in this.
    LineEnds(LineEnd),
    /// Commas divide its fields, which this character divides.
    Commas { delimiter: u8 },
    /// The field at this place goes, with the delimiter before or behind it.
    Without(usize),
    /// At each of these places comes to stand what stands at the one named beside it.
    InOrder(Vec<(usize, usize)>),
    /// Its characters are written as UTF-8, which is not done record by record.
    Encoding,
}

impl Throughout {
    /// Adds the edits of one record, in their order.
    pub(crate) fn edit(&self, text: &str, record: &Record, fields: &[FieldSpan], edits: &mut Vec<Edit>) {
        match self {
            Self::LineEnds(wanted) => {
                if record.line_end != *wanted && record.line_end != LineEnd::None {
                    edits.push(Edit::new(record.span.end..record.next(), wanted.text()));
                }
            }
            Self::Commas { delimiter } => {
                for field in fields {
                    let raw = text.get(field.raw.clone()).unwrap_or_default();
                    if !field.is_quoted && raw.contains(',') {
                        edits.push(Edit::new(field.raw.clone(), written(raw).into_owned()));
                    }
                    let end = field.raw.end;
                    if text.as_bytes().get(end) == Some(delimiter) {
                        edits.push(Edit::new(end..end + 1, ","));
                    }
                }
            }
            Self::Without(at) => {
                let before = at.checked_sub(1).and_then(|before| fields.get(before));
                let Some(field) = fields.get(*at) else { return };
                edits.push(Edit::removal(match (before, fields.get(at + 1)) {
                    (Some(before), _) => before.raw.end..field.raw.end,
                    (None, Some(behind)) => field.raw.start..behind.raw.start,
                    (None, None) => field.raw.clone(),
                }));
            }
            Self::InOrder(places) => {
                let raw = |at: usize| fields.get(at).map(|field| field.raw.clone());
                // Blank lines have no fields to put in order.
                if places.iter().any(|(place, _)| raw(*place).is_none()) {
                    return;
                }
                edits.extend(places.iter().filter_map(|(place, source)| {
                    let content = text.get(raw(*source)?).unwrap_or_default();
                    Some(Edit::new(raw(*place)?, content.to_owned()))
                }));
            }
            Self::Encoding => {}
        }
    }

    /// The edits of all records in this part of the text, which begins and ends with a record.
    pub(crate) fn edits(&self, text: &str, part: Range<usize>, delimiter: u8) -> Vec<Edit> {
        let text = text.get(..part.end).unwrap_or_default();
        let mut edits = Vec::new();
        let mut records = Records::new(text, delimiter, part.start, 1);
        let mut fields = Vec::new();
        while let Some(record) = records.read(&mut fields) {
            self.edit(text, &record, &fields, &mut edits);
        }
        edits
    }

    /// Whether the edits of both never touch, in no record of any file; others wait until the file was read again.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::LineEnds(_), Self::Commas { .. }) | (Self::Commas { .. }, Self::LineEnds(_)) => true,
            // The first field goes with the delimiter behind it, which is the one before the second.
            (Self::Without(one), Self::Without(two)) => one != two && one + two > 1,
            (
                Self::LineEnds(_)
                | Self::Commas { .. }
                | Self::Without(_)
                | Self::InOrder(_)
                | Self::Encoding,
                _,
            ) => false,
        }
    }
}
