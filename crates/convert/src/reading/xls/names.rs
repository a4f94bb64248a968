//! The names that an xls workbook defines for areas of its cells.

use super::kind;
use super::records::{Record, Records, Texts};
use crate::reading::area::{AreaKind, NamedArea};
use crate::reading::binary_names::{References, SheetList, is_own, reference};
use crate::reading::compound::u16_at;
use crate::reading::limits::{Excess, room_for_one_more};

/// What stands before the name itself: flags, a key, lengths of name and formula, the sheet, lengths of texts.
const HEAD: usize = 14;
/// What a list of workbooks has for this one instead of a name.
const OWN: u16 = 0x0401;

/// Reads the names. `positions` leads from all sheets to those of cells.
pub(super) fn areas(
    stream: &[u8],
    texts: Texts,
    positions: &[Option<usize>],
    most: usize,
) -> Result<Vec<NamedArea>, Excess> {
    let references = match texts {
        Texts::Unicode => References::Excel97,
        Texts::Bytes(_) => References::Excel5,
    };
    let mut listed = SheetList::default();
    let mut areas = Vec::new();
    let mut names: Vec<Record<'_>> = Vec::new();
    let mut records = Records::new(stream, 0);
    while let Some(record) = records.next() {
        match record.kind {
            kind::END => break,
            kind::WORKBOOKS => listed.workbook(u16_at(record.data, 2) == Some(OWN)),
            kind::SHEET_LIST if references == References::Excel97 => {
                let mut data = record.data.get(2..).unwrap_or_default().to_vec();
                records.continued().iter().for_each(|part| data.extend_from_slice(part));
                for entry in data.chunks_exact(6) {
                    let field = |at: usize| u16_at(entry, at).unwrap_or_default();
                    let [first, last] = [2, 4].map(|at| i32::from(field(at).cast_signed()));
                    listed.entry(field(0).into(), first, last);
                }
            }
            kind::NAME => {
                room_for_one_more(names.len(), most, "names")?;
                names.push(record);
            }
            _ => {}
        }
    }
    for record in names {
        areas.extend(area(record.data, texts, references, &listed, positions));
    }
    Ok(areas)
}

fn area(
    data: &[u8],
    texts: Texts,
    references: References,
    listed: &SheetList,
    positions: &[Option<usize>],
) -> Option<NamedArea> {
    let (characters, formula_bytes) = (usize::from(*data.get(3)?), usize::from(u16_at(data, 4)?));
    let (name, rest) = texts.leading(characters, data.get(HEAD..)?)?;
    if !is_own(u16_at(data, 0)?.into(), &name) {
        return None;
    }
    let (sheets, range) = reference(rest.get(..formula_bytes)?, references)?;
    let sheet = (*positions.get(listed.sheet(sheets)?)?)?;
    Some(NamedArea { name, kind: AreaKind::Name, sheet, range })
}
