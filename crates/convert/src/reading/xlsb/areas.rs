//! Tables and defined names of an xlsb workbook.

use super::records::{Data, Records};
use crate::reading::ReadError;
use crate::reading::area::{AreaKind, NamedArea, without_totals};
use crate::reading::binary_names::{References, SheetList, is_own, range, reference};
use crate::reading::container::{self, Container, Relationships};
use crate::reading::limits::room_for_one_more;

mod kind {
    pub(super) const NAME: u16 = 39;
    pub(super) const BEGIN_TABLE: u16 = 343;
    pub(super) const OTHER_WORKBOOK: u16 = 355;
    pub(super) const OWN_WORKBOOK: u16 = 357;
    pub(super) const SAME_SHEET: u16 = 358;
    pub(super) const SHEET_LIST: u16 = 362;
    pub(super) const ADD_IN: u16 = 667;
}

/// Where the name of a table stands, behind its range, counts and formats.
const TABLE_NAME: usize = 64;

/// Reads the tables of all sheets, then the names that are defined in the workbook. `positions` leads from all sheets
/// to those of cells.
pub(super) fn read(
    archive: &mut Container,
    workbook: &str,
    parts: &[String],
    positions: &[Option<usize>],
) -> Result<Vec<NamedArea>, ReadError> {
    let mut areas = Vec::new();
    for (sheet, part) in parts.iter().enumerate() {
        for table in Relationships::of(archive, part)?.targets_of_kind("table") {
            let Some(reader) = container::open_part(archive, &table)? else { continue };
            let mut records = Records::new(reader, format!("`{table}`"));
            while let Some((kind, data)) = records.next()? {
                if kind == kind::BEGIN_TABLE {
                    areas.extend(table_area(data, sheet));
                    break;
                }
            }
        }
    }
    let most = archive.meter.limits.areas;
    let Some(reader) = container::open_part(archive, workbook)? else { return Ok(areas) };
    let mut records = Records::new(reader, format!("`{workbook}`"));
    let mut listed = SheetList::default();
    let mut names = Vec::new();
    while let Some((kind, data)) = records.next()? {
        match kind {
            kind::OWN_WORKBOOK => listed.workbook(true),
            kind::OTHER_WORKBOOK | kind::SAME_SHEET | kind::ADD_IN => listed.workbook(false),
            kind::SHEET_LIST => {
                for at in (4..).step_by(12) {
                    let field = |offset: usize| data.u32(at + offset);
                    let (Some(workbook), Some(first), Some(last)) = (field(0), field(4), field(8)) else {
                        break;
                    };
                    listed.entry(workbook, first.cast_signed(), last.cast_signed());
                }
            }
            kind::NAME => {
                room_for_one_more(names.len(), most, "names")?;
                names.extend(name(data));
            }
            _ => {}
        }
    }
    for (name, formula) in names {
        let place = reference(&formula, References::Excel2007)
            .and_then(|(sheets, range)| Some(((*positions.get(listed.sheet(sheets)?)?)?, range)));
        if let Some((sheet, range)) = place {
            areas.push(NamedArea { name, kind: AreaKind::Name, sheet, range });
        }
    }
    Ok(areas)
}

fn table_area(data: Data<'_>, sheet: usize) -> Option<NamedArea> {
    let rows = [data.u32(0)?, data.u32(4)?];
    let columns = [data.u32(8)?, data.u32(12)?];
    let totals = data.u32(28)?;
    let (name, length) = data.text(TABLE_NAME)?;
    let (shown, _) = data.text(TABLE_NAME + length)?;
    let range = without_totals(range(rows, columns)?, totals)?;
    let name = if shown.is_empty() { name } else { shown };
    Some(NamedArea { name, kind: AreaKind::Table, sheet, range })
}

/// A name of the user's own, and its formula.
fn name(data: Data<'_>) -> Option<(String, Vec<u8>)> {
    let (name, length) = data.text(9)?;
    if !is_own(data.u32(0)?, &name) {
        return None;
    }
    let formula_bytes = usize::try_from(data.u32(9 + length)?).ok()?;
    let start = 9 + length + 4;
    Some((name, data.bytes(start, formula_bytes)?.to_vec()))
}
