//! The layout that a conversion finds in a workbook, as settings, so that it does not change when the workbook does.
//! Settings are tried on the workbook, and those are taken that say most and lead to the same layout; what they
//! cannot say is found anew each time.

use metricsheet_convert::layout::{HeaderRow, Layout, Mapping};
use metricsheet_convert::{Options, SheetChoice, SheetInspection, Workbook, inspect};
use metricsheet_core::Settings;
use toml_edit::{Array, Value};

use crate::output::harmless;
use crate::settings::Layer;

/// Settings that lead to a layout.
pub(crate) struct Frozen {
    /// Keys of the table `convert` and their values.
    pub(crate) values: Vec<(&'static str, Value)>,
    /// What is still found each time, in words; `None` if nothing is.
    pub(crate) left_open: Option<&'static str>,
}

/// The settings that lead to what an inspection has found under `options`, with those of `flags`, which the caller
/// gave for it.
///
/// # Errors
/// If there is no table, or the workbook cannot be read again.
pub(crate) fn freeze(
    workbook: &mut Workbook,
    sheets: &[SheetInspection],
    options: &Options,
    settings: &Settings,
    flags: &Layer,
) -> anyhow::Result<Frozen> {
    let with_tables: Vec<&SheetInspection> = sheets.iter().filter(|it| !it.tables().is_empty()).collect();
    let layouts: Vec<&Layout> =
        with_tables.iter().flat_map(|it| it.tables()).map(|table| &table.layout).collect();
    let Some(first) = layouts.first() else {
        anyhow::bail!("no sheet holds a table, so there is no layout to save");
    };
    // The one sheet of a text is called as its file, and a table has its sheet.
    let names_sheets = workbook.text_facts().is_none() && options.table.is_none();
    let names: Vec<&str> = with_tables.iter().map(|it| it.sheet.name.as_str()).collect();
    let mut values = given(flags);
    let mut set = |key, value| {
        values.retain(|(it, _)| *it != key);
        values.push((key, value));
    };
    let mut base = options.clone();
    if names_sheets {
        base.sheets = names.iter().map(|name| SheetChoice::parse(name)).collect();
        set("sheet", names.iter().copied().collect());
    }
    for candidate in candidates(&layouts) {
        let mut options = base.clone();
        if let Some(header_row) = candidate.header_row {
            options.wanted.header_row = header_row;
        }
        if let Some(map) = &candidate.map {
            options.wanted.map = map.iter().map(|(mapping, _)| mapping.clone()).collect();
        }
        let Ok(again) = inspect(workbook, &options, settings) else { continue };
        if !is_same(sheets, &again) {
            continue;
        }
        match candidate.header_row {
            Some(HeaderRow::At(row)) => set("header-row", i64::from(row.get()).into()),
            Some(HeaderRow::Absent) => set("header-row", "none".into()),
            Some(HeaderRow::Auto) | None => {}
        }
        if let Some(map) = &candidate.map {
            set("map", list_with_remarks(map));
        }
        let left_open = match (&candidate.header_row, &candidate.map) {
            (Some(_), _) if first.periods().is_empty() => None,
            (Some(_), _) => Some("the columns of periods"),
            (None, Some(_)) => Some("the rows of its several headers"),
            (None, None) => Some("the header rows and columns of its several tables"),
        };
        return Ok(Frozen { values, left_open });
    }
    // Nothing but the sheets can be said.
    Ok(Frozen { values, left_open: Some("the header rows and columns of its several tables") })
}

/// What the caller gave as flags.
fn given(flags: &Layer) -> Vec<(&'static str, Value)> {
    let value = |value: &serde_json::Value| match value {
        serde_json::Value::Array(items) => {
            items.iter().filter_map(serde_json::Value::as_str).collect::<Array>().into()
        }
        serde_json::Value::Bool(flag) => Value::from(*flag),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        other @ (serde_json::Value::Null | serde_json::Value::Number(_) | serde_json::Value::Object(_)) => {
            Value::from(other.to_string())
        }
    };
    let of_conversion = flags
        .iter()
        .filter_map(|((name, _), entry)| Some((name.strip_prefix("convert.")?, value(&entry.value))));
    of_conversion.collect()
}

/// Settings that may lead to the layouts.
struct Candidate {
    header_row: Option<HeaderRow>,
    /// Each with a remark on what it was taken for.
    map: Option<Vec<(Mapping, String)>>,
}

/// From those that say most to those that say least. Columns by their headers come before columns by their letters:
/// they are still right, or fail aloud, when somebody moves a column.
fn candidates(layouts: &[&Layout]) -> Vec<Candidate> {
    let header_row = match layouts {
        [layout] => Some(layout.header.map_or(HeaderRow::Absent, HeaderRow::At)),
        [first, others @ ..] if others.iter().all(|it| it.header == first.header) => {
            first.header.map(HeaderRow::At)
        }
        _ => None,
    };
    let by_header = map(layouts, |header, _| (!header.is_empty()).then(|| header.to_owned()));
    let by_letters = map(layouts, |_, letters| Some(letters.to_owned()));
    let mut candidates = Vec::new();
    for header_row in [header_row, None] {
        for map in [&by_header, &by_letters] {
            if header_row.is_some() || map.is_some() {
                candidates.push(Candidate { header_row, map: map.clone() });
            }
        }
        candidates.push(Candidate { header_row, map: None });
    }
    candidates
}

/// The columns of all fields, if all layouts name the same ones.
fn map(layouts: &[&Layout], source: impl Fn(&str, &str) -> Option<String>) -> Option<Vec<(Mapping, String)>> {
    let of = |layout: &Layout| -> Option<Vec<(Mapping, String)>> {
        let columns = layout.columns.iter().map(|it| {
            let letters = it.column.to_string();
            let source = source(it.header.trim(), &letters)?;
            let mapping = Mapping::parse(&format!("{}={source}", it.field.label())).ok()?;
            let remark = match harmless(it.header.trim()) {
                header if header.is_empty() || header == source => format!("column {letters}"),
                header => format!("column {letters}, `{header}`"),
            };
            Some((mapping, format!("{remark} ({})", it.claim.label())))
        });
        columns.collect()
    };
    let (first, others) = layouts.split_first()?;
    let map = of(first)?;
    let mappings = |map: &[(Mapping, String)]| map.iter().map(|(it, _)| it.clone()).collect::<Vec<_>>();
    let is_same = |layout: &&Layout| of(layout).is_some_and(|it| mappings(&it) == mappings(&map));
    others.iter().all(is_same).then_some(map)
}

/// A list of a line for each mapping, with its remark.
fn list_with_remarks(map: &[(Mapping, String)]) -> Value {
    let mut list = Array::new();
    let mut remark_before = String::new();
    for (mapping, remark) in map {
        let text = format!("{}={}", mapping.field.label(), mapping.source);
        list.push_formatted(Value::from(text).decorated(format!("{remark_before}\n    "), ""));
        remark_before = format!(" # {remark}");
    }
    list.set_trailing(format!("{remark_before}\n"));
    list.set_trailing_comma(true);
    Value::Array(list)
}

/// Whether two inspections have found the same tables.
fn is_same(one: &[SheetInspection], other: &[SheetInspection]) -> bool {
    let tables = |it: &[SheetInspection]| -> Vec<Layout> {
        it.iter().flat_map(SheetInspection::tables).map(|table| table.layout.clone()).collect()
    };
    let (one, other) = (tables(one), tables(other));
    let periods = |it: &Layout| it.periods().iter().map(|it| (it.column, it.day)).collect::<Vec<_>>();
    let columns = |it: &Layout| it.columns.iter().map(|it| (it.field, it.column)).collect::<Vec<_>>();
    one.len() == other.len()
        && one.iter().zip(&other).all(|(one, other)| {
            (one.header, &one.rows_above, one.template.name, &one.extent)
                == (other.header, &other.rows_above, other.template.name, &other.extent)
                && columns(one) == columns(other)
                && periods(one) == periods(other)
        })
}
