//! What the settings of conversions mean to the converter.

use anyhow::Context as _;
use metricsheet_convert::layout::{HeaderRow, Mapping, Wanted};
use metricsheet_convert::reading::CellRange;
use metricsheet_convert::{Hidden, Merged, Options, SheetChoice, Unpivot};
use metricsheet_core::value::date;
use metricsheet_core::{RowNumber, Settings};

use super::keys::ConvertSettings;

/// The options that the settings ask for, with defaults for all that is no setting.
///
/// # Errors
/// If a value cannot be used.
pub(super) fn options(values: &ConvertSettings, settings: &Settings) -> anyhow::Result<Options> {
    if let Some(day) = &values.as_of {
        let is_day = date::read(day, settings).value.is_some();
        anyhow::ensure!(is_day, "`{day}` is no day; give one as MM/DD/YYYY");
    }
    let map = values.map.iter().flatten().map(|text| Mapping::parse(text));
    let wanted = Wanted {
        map: map.collect::<Result<_, _>>()?,
        header_row: values.header_row.as_deref().map_or(Ok(HeaderRow::Auto), header_row)?,
        date_given: values.as_of.is_some(),
        ..Wanted::default()
    };
    let is_set = |flag: Option<bool>| flag.unwrap_or_default();
    Ok(Options {
        sheets: values.sheet.iter().flatten().map(|sheet| SheetChoice::parse(sheet)).collect(),
        table: values.table.clone(),
        range: values.range.as_deref().map(CellRange::parse).transpose()?,
        wanted,
        as_of: values.as_of.clone(),
        unpivot: values.unpivot.as_deref().map_or(Ok(Unpivot::Auto), unpivot)?,
        hidden: if is_set(values.skip_hidden) { Hidden::Skipped } else { Hidden::Used },
        merged: if is_set(values.fill_merged) { Merged::Filled } else { Merged::AsStored },
        ..Options::default()
    })
}

fn header_row(text: &str) -> anyhow::Result<HeaderRow> {
    match text {
        "auto" => Ok(HeaderRow::Auto),
        "none" => Ok(HeaderRow::Absent),
        _ => {
            let number = text.parse().ok().filter(|number| *number > 0);
            let wrong = || format!("`{text}` is no header row: give a row number from 1, `auto` or `none`");
            Ok(HeaderRow::At(RowNumber::new(number.with_context(wrong)?)))
        }
    }
}

fn unpivot(text: &str) -> anyhow::Result<Unpivot> {
    match text {
        "auto" => Ok(Unpivot::Auto),
        "never" => Ok(Unpivot::Never),
        _ => anyhow::bail!("`{text}` is no value of `unpivot`: give `auto` or `never`"),
    }
}
