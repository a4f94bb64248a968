//! xlsx and xlsm, streamed: each cell with its number format.

use std::sync::Arc;

use calamine::{DataRef, Reader, SheetType, SheetVisible};

use super::rows::RowAssembler;
use super::{Format, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility};
use crate::cell::StoredValue;
use crate::number_format::{DateSystem, NumberFormat, built_in_code};

pub(super) struct Xlsx {
    workbook: calamine::Xlsx<Source>,
    sheets: Vec<Sheet>,
    dates: DateSystem,
}

impl Xlsx {
    pub(super) fn open(source: Source) -> Result<Self, ReadError> {
        let workbook = calamine::Xlsx::new(source).map_err(broken)?;
        let sheets = cell_sheets(workbook.sheets_metadata());
        let dates = if workbook.has_1904_epoch() { DateSystem::From1904 } else { DateSystem::From1900 };
        Ok(Self { workbook, sheets, dates })
    }
}

/// The sheets that have cells.
pub(super) fn cell_sheets(sheets: &[calamine::Sheet]) -> Vec<Sheet> {
    let has_cells = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
    let sheet = |sheet: &calamine::Sheet| Sheet {
        name: sheet.name.clone(),
        visibility: match sheet.visible {
            SheetVisible::Visible => Visibility::Visible,
            SheetVisible::Hidden => Visibility::Hidden,
            SheetVisible::VeryHidden => Visibility::VeryHidden,
        },
    };
    sheets.iter().filter(has_cells).map(sheet).collect()
}

fn broken(error: calamine::XlsxError) -> ReadError {
    match error {
        calamine::XlsxError::Password => ReadError::Encrypted,
        calamine::XlsxError::Io(error) => ReadError::Io(error),
        error => ReadError::broken("the workbook", error),
    }
}

impl Format for Xlsx {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn dates(&self) -> DateSystem {
        self.dates
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let Some(Sheet { name, .. }) = self.sheets.get(sheet) else { return Ok(SheetFacts::default()) };
        let mut cells = self.workbook.worksheet_cells_reader(name).map_err(broken)?;
        let formats: Vec<_> = cells.styles().iter().map(format_of).collect();
        let general = Arc::new(NumberFormat::general());
        let mut rows = RowAssembler::new(sink);
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(broken)? {
            let format = formats.get(style).unwrap_or(&general);
            let (row, column) = cell.get_position();
            let Some(value) = stored_value(cell.get_value()) else { continue };
            rows.push(row, column, value, format);
            if !rows.wants_more() {
                break;
            }
        }
        rows.finish()?;
        Ok(SheetFacts::default())
    }
}

fn format_of(style: &calamine::Style) -> Arc<NumberFormat> {
    let Some(format) = &style.number_format else { return Arc::new(NumberFormat::general()) };
    // A format named by number has no stored code, or the reader's own idea of it.
    let built_in = format.format_id.and_then(|id| built_in_code(u16::try_from(id).ok()?));
    Arc::new(NumberFormat::new(built_in.unwrap_or(&format.format_code)))
}

/// What calamine says of a cell; `None` for an empty one.
pub(super) fn stored_value(value: &DataRef<'_>) -> Option<StoredValue> {
    Some(match value {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the integers of workbooks come from binary fractions"
        )]
        DataRef::Int(number) => StoredValue::Number(*number as f64),
        DataRef::Float(number) if number.is_finite() => StoredValue::Number(*number),
        DataRef::Float(_) => StoredValue::Error("#NUM!".to_owned()),
        DataRef::String(text) => text_value(text)?,
        DataRef::SharedString(text) => text_value(text)?,
        DataRef::Bool(value) => StoredValue::Logical(*value),
        DataRef::DateTime(moment) => StoredValue::Number(moment.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            super::xml::moment(text).map_or_else(|| StoredValue::Text(text.clone()), StoredValue::Moment)
        }
        DataRef::Error(error) => StoredValue::Error(error.to_string()),
        DataRef::Empty => return None,
    })
}

fn text_value(text: &str) -> Option<StoredValue> {
    (!text.is_empty()).then(|| StoredValue::Text(text.to_owned()))
}
