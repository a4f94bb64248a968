//! xls and xlsb through calamine, which tells dates from numbers but hands over no other number format.

use std::sync::Arc;

use calamine::{Data, DataRef, Reader};

use super::rows::RowAssembler;
use super::xlsx::{cell_sheets, stored_value};
use super::{Format, ReadError, RowSink, Sheet, SheetFacts, Source};
use crate::number_format::{DateSystem, NumberFormat};

pub(super) struct Binary {
    workbook: Workbook,
    sheets: Vec<Sheet>,
    dates: DateSystem,
}

enum Workbook {
    Xlsb(Box<calamine::Xlsb<Source>>),
}

impl Binary {
    pub(super) fn open_xlsb(source: Source) -> Result<Self, ReadError> {
        let workbook = calamine::Xlsb::new(source).map_err(|error| match error {
            calamine::XlsbError::Password => ReadError::Encrypted,
            error => ReadError::broken("the workbook", error),
        })?;
        let sheets = cell_sheets(workbook.sheets_metadata());
        let dates = date_system(workbook.has_1904_epoch());
        Ok(Self { workbook: Workbook::Xlsb(Box::new(workbook)), sheets, dates })
    }
}

fn date_system(has_1904_epoch: bool) -> DateSystem {
    if has_1904_epoch { DateSystem::From1904 } else { DateSystem::From1900 }
}

impl Format for Binary {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn dates(&self) -> DateSystem {
        self.dates
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let Some(Sheet { name, .. }) = self.sheets.get(sheet) else { return Ok(SheetFacts::default()) };
        let range = match &mut self.workbook {
            Workbook::Xlsb(workbook) => workbook.worksheet_range(name).map_err(|it| it.to_string()),
        };
        let range = range.map_err(|error| ReadError::broken(format!("sheet `{name}`"), error))?;
        let Some((first_row, first_column)) = range.start() else { return Ok(SheetFacts::default()) };
        let general = Arc::new(NumberFormat::general());
        let date = Arc::new(NumberFormat::new("m/d/yyyy"));
        let duration = Arc::new(NumberFormat::new("[h]:mm:ss"));
        let mut rows = RowAssembler::new(sink);
        for (row, column, cell) in range.used_cells() {
            let format = match cell {
                Data::DateTime(moment) if moment.is_duration() => &duration,
                Data::DateTime(_) => &date,
                _ => &general,
            };
            let Some(value) = stored_value(&borrowed(cell)) else { continue };
            let row = u32::try_from(row).unwrap_or(u32::MAX).saturating_add(first_row);
            let column = u32::try_from(column).unwrap_or(u32::MAX).saturating_add(first_column);
            rows.push(row, column, value, format);
            if !rows.wants_more() {
                break;
            }
        }
        rows.finish()?;
        Ok(SheetFacts::default())
    }
}

fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}
