//! Which rows of a sheet are headers, and which tables they begin: one below the other, or side by side.
//!
//! A header labels all columns that must be there, in one row or in two, and has data below it. A header in doubt
//! is an error, wherever it stands: its rows would be read under another header.

use std::ops::Range;

use metricsheet_core::template::Label;
use metricsheet_core::{Field, Presence, Settings, Template};

use super::candidates::Labels;
use super::periods::{self, Surroundings};
use super::{Claim, HeaderRow, Layout, LayoutColumn, LayoutError, Wanted};
use crate::cell::{StoredRow, StoredValue};
use crate::number_format::{DateSystem, Meaning};

/// Years that a number in a header may mean.
pub(super) const YEARS: std::ops::RangeInclusive<f64> = 1950.0..=2100.0;

/// Looks for headers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finder<'w> {
    /// What the caller knows of the layout.
    pub(crate) wanted: &'w Wanted,
    /// How periods are read.
    pub(crate) settings: &'w Settings,
    /// How days are stored.
    pub(crate) dates: DateSystem,
    /// Whether periods across make a table.
    pub(crate) with_periods: bool,
    /// The sheet's name, which may tell the year of months without one.
    pub(crate) sheet: &'w str,
}

/// A header and the tables that it begins.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// Its rows, by their positions among those looked at.
    pub(crate) rows: Range<usize>,
    /// Its tables, left to right.
    pub(crate) layouts: Vec<Layout>,
}

/// What a row is as the last row of a header.
enum Attempt {
    Tables(Header),
    /// A header, but it can be read in several ways.
    Doubt(LayoutError),
    /// None; so many fields are labelled.
    No(LayoutError, usize),
}

/// Why labels make no table.
struct Miss {
    error: LayoutError,
    fields: usize,
    is_doubt: bool,
}

impl Finder<'_> {
    /// All headers among these rows that have data below them, top to bottom.
    ///
    /// # Errors
    /// [`LayoutError`] for a header that can be read in several ways, and for what the caller says of the layout
    /// and does not hold.
    pub(crate) fn headers(&self, rows: &[StoredRow]) -> Result<Vec<Header>, LayoutError> {
        match self.wanted.header_row {
            HeaderRow::Absent => {
                let layout = without_header(self.wanted)?;
                Ok(vec![Header { rows: 0..0, layouts: vec![layout] }])
            }
            HeaderRow::At(number) => {
                let index = rows.iter().position(|row| row.number == number);
                let index = index.ok_or(LayoutError::NoSuchRow { row: number })?;
                let labels: Vec<Labels> = rows.iter().map(Labels::of).collect();
                match self.attempt(rows, &labels, index, 0) {
                    Attempt::Tables(header) => Ok(vec![header]),
                    Attempt::Doubt(error) | Attempt::No(error, _) => Err(error),
                }
            }
            HeaderRow::Auto => self.automatic(rows),
        }
    }

    /// Why there is no header among these rows.
    pub(crate) fn reason(&self, rows: &[StoredRow]) -> LayoutError {
        let labels: Vec<Labels> = rows.iter().map(Labels::of).collect();
        let mut nearest: Option<(LayoutError, usize)> = None;
        for index in 0..rows.len() {
            if let Attempt::No(error, fields) = self.attempt(rows, &labels, index, 0)
                && fields > 0
                && nearest.as_ref().is_none_or(|(_, most)| fields > *most)
            {
                nearest = Some((error, fields));
            }
        }
        if let Some((error, _)) = nearest {
            return error;
        }
        let template = self.wanted.template.clone().unwrap_or_else(Template::metric_updates);
        let widest = labels.iter().max_by_key(|labels| labels.texts().len());
        let nearest =
            widest.filter(|labels| !labels.texts().is_empty()).map(|labels| (labels.row, labels.texts()));
        LayoutError::NotFound { missing: missing_fields(&template, &[], self.wanted), nearest }
    }

    fn automatic(&self, rows: &[StoredRow]) -> Result<Vec<Header>, LayoutError> {
        let labels: Vec<Labels> = rows.iter().map(Labels::of).collect();
        let mut headers: Vec<Header> = Vec::new();
        for index in 0..rows.len() {
            if self.labels_nothing(&labels, index) {
                continue;
            }
            let free_from = headers.last().map_or(0, |header| header.rows.end);
            match self.attempt(rows, &labels, index, free_from) {
                Attempt::Tables(header) => headers.push(header),
                // A doubt about a row with nothing but texts below it concerns a legend.
                Attempt::Doubt(error) if rows.iter().skip(index + 1).any(has_number) => return Err(error),
                Attempt::Doubt(_) | Attempt::No(..) => {}
            }
        }
        // A row that labels everything and has no data before the next header is a legend. The last header may
        // stand above an empty table.
        let ends: Vec<usize> = headers.iter().skip(1).map(|next| next.rows.start).collect();
        let mut ends = ends.into_iter();
        headers.retain(|header| {
            let Some(end) = ends.next() else { return true };
            let below = rows.get(header.rows.end..end).unwrap_or_default();
            below.iter().any(|row| header.layouts.iter().any(|layout| layout.is_data(row)))
        });
        Ok(headers)
    }

    /// Whether neither a row nor those that may complete it label a field. Of a text, many rows may be titles as far as
    /// the kinds of their cells tell.
    fn labels_nothing(&self, labels: &[Labels], index: usize) -> bool {
        let nearby = labels.get(index.saturating_sub(periods::ROWS_ABOVE)..=index).unwrap_or_default();
        self.wanted.map.is_empty() && nearby.iter().all(|labels| labels.known() == 0)
    }

    /// Reads the row at this index as the last row of a header, whose rows begin at `free_from` at the earliest.
    fn attempt(&self, rows: &[StoredRow], labels: &[Labels], index: usize, free_from: usize) -> Attempt {
        let (Some(row), Some(own)) = (rows.get(index), labels.get(index)) else {
            return Attempt::No(LayoutError::NotFound { missing: Vec::new(), nearest: None }, 0);
        };
        let below = rows.get(index + 1..).unwrap_or_default();
        let miss = match self.tables(own, below) {
            Ok(layouts) => return Attempt::Tables(Header { rows: index..index + 1, layouts }),
            Err(miss) => miss,
        };
        let above = index.checked_sub(1).filter(|above| *above >= free_from);
        let above = above.and_then(|above| Some((rows.get(above)?, labels.get(above)?)));
        if let Some((row_above, labels_above)) = above
            && row_above.number.next() == row.number
            && own.known() > 0
        {
            for variant in [own.filled(row, labels_above), own.combined(labels_above)] {
                if let Ok(mut layouts) = self.tables(&variant, below) {
                    for layout in &mut layouts {
                        layout.rows_above = vec![row_above.number];
                    }
                    return Attempt::Tables(Header { rows: index - 1..index + 1, layouts });
                }
            }
        }
        if self.with_periods {
            let surroundings = Surroundings { rows, labels, index, free_from, sheet: self.sheet };
            match periods::find(&surroundings, self.wanted, self.settings, self.dates) {
                Ok(Some(header)) => return Attempt::Tables(header),
                Ok(None) => {}
                Err(error) => return Attempt::Doubt(error),
            }
        }
        if miss.is_doubt { Attempt::Doubt(miss.error) } else { Attempt::No(miss.error, miss.fields) }
    }

    /// The tables that these labels begin.
    fn tables(&self, labels: &Labels, below: &[StoredRow]) -> Result<Vec<Layout>, Miss> {
        let miss = match self.table(labels, below) {
            Ok(layout) => return Ok(vec![layout]),
            Err(miss) => miss,
        };
        if miss.is_doubt {
            let extents = labels.side_by_side();
            let tables = extents.iter().map(|extent| {
                let layout = self.table(&labels.within(extent), below)?;
                Ok(Layout { extent: Some(extent.clone()), ..layout })
            });
            if let (true, Ok(tables)) = (extents.len() > 1, tables.collect::<Result<Vec<_>, Miss>>()) {
                return Ok(tables);
            }
        }
        Err(miss)
    }

    fn table(&self, labels: &Labels, below: &[StoredRow]) -> Result<Layout, Miss> {
        let template = self.wanted.template.clone().unwrap_or_else(|| told_by(labels));
        let mut columns: Vec<LayoutColumn> = Vec::new();
        let mut doubts: Vec<(Field, LayoutError)> = Vec::new();
        for column in &template.columns {
            let field = column.field;
            let mapping = self.wanted.map.iter().find(|mapping| mapping.field == field);
            let found = match mapping {
                Some(mapping) => labels.mapped(mapping).map(Some).ok_or_else(|| LayoutError::UnknownSource {
                    field,
                    source: mapping.source.to_string(),
                    row: labels.row,
                    seen: labels.texts(),
                }),
                None if field == Field::AsOfDate && self.wanted.date_given => Ok(None),
                None => labels.choose(field, below, &columns),
            };
            match found {
                Ok(Some(candidate)) => columns.push(candidate.into_column(field)),
                Ok(None) => {}
                Err(error) => doubts.push((field, error)),
            }
        }
        let fields = columns.len() + usize::from(!doubts.is_empty());
        let missing = missing_fields(&template, &columns, self.wanted);
        let is_complete = missing.iter().all(|field| doubts.iter().any(|(doubted, _)| doubted == field));
        match doubts.into_iter().next() {
            Some((_, error)) if is_complete || missing.len() <= 1 => {
                // A header that is not there is no doubt about one that is.
                let is_doubt = is_complete && matches!(error, LayoutError::Ambiguous { .. });
                Err(Miss { error, fields, is_doubt })
            }
            Some(_) | None if !missing.is_empty() => {
                let nearest = Some((labels.row, labels.texts()));
                Err(Miss { error: LayoutError::NotFound { missing, nearest }, fields, is_doubt: false })
            }
            Some((_, error)) => Err(Miss { error, fields, is_doubt: true }),
            None => Ok(Layout {
                template,
                header: Some(labels.row),
                rows_above: Vec::new(),
                columns,
                periods: Vec::new(),
                passed_over: Vec::new(),
                year_from: None,
                extent: None,
            }),
        }
    }
}

/// Whether a row may be a header, a part of one, or a title above one: its cells hold texts, dates or years. Rows
/// with values are told by this at little cost.
pub(crate) fn may_begin_table(row: &StoredRow) -> bool {
    row.cells.iter().all(|cell| match &cell.value {
        StoredValue::Text(text) => !is_value(text),
        StoredValue::Moment(_) => true,
        StoredValue::Number(number) => match cell.format.meaning(*number) {
            Meaning::Date => true,
            Meaning::General | Meaning::Number => YEARS.contains(number) && number.fract() == 0.0,
            Meaning::Text
            | Meaning::Percent
            | Meaning::LiteralPercent
            | Meaning::TimeOfDay
            | Meaning::Duration => false,
        },
        StoredValue::Duration(_)
        | StoredValue::Logical(_)
        | StoredValue::Error(_)
        | StoredValue::NoResult => false,
    })
}

/// Whether a text is a number and labels no period: neither `2024` nor `03.2024`. Every record of a text is asked.
pub(crate) fn is_value(text: &str) -> bool {
    // Most texts are words.
    if text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let unmarked = unsigned.strip_prefix('$').unwrap_or(unsigned);
    let bare = unmarked.strip_suffix('%').unwrap_or(unmarked);
    let (whole, behind) = digits(bare.as_bytes());
    let (decimals, rest) = match behind {
        [b'.', decimals @ ..] => digits(decimals),
        _ => (&[][..], behind),
    };
    let has_digits = !(whole.is_empty() && decimals.is_empty());
    has_digits && rest.is_empty() && (bare.len() < text.len() || !may_label_period(whole, decimals))
}

/// The digits at the beginning, and what stands behind them.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at_checked(count).unwrap_or((text, &[]))
}

/// Whether digits, with or without a point between them, are a year, or a year and a month in either order.
fn may_label_period(whole: &[u8], decimals: &[u8]) -> bool {
    let number =
        |digits: &[u8]| digits.iter().fold(0_u16, |number, digit| number * 10 + u16::from(digit - b'0'));
    let is_year = |digits: &[u8]| digits.len() == 4 && YEARS.contains(&f64::from(number(digits)));
    let is_month = |digits: &[u8]| matches!(digits.len(), 1 | 2) && (1..=12).contains(&number(digits));
    match (is_year(whole), is_year(decimals)) {
        (true, _) => decimals.is_empty() || is_month(decimals),
        (false, true) => is_month(whole),
        (false, false) => false,
    }
}

fn has_number(row: &StoredRow) -> bool {
    row.cells.iter().any(|cell| match &cell.value {
        StoredValue::Text(text) => text.bytes().any(|byte| byte.is_ascii_digit()),
        StoredValue::Number(_)
        | StoredValue::Moment(_)
        | StoredValue::Duration(_)
        | StoredValue::Logical(_)
        | StoredValue::Error(_)
        | StoredValue::NoResult => true,
    })
}

fn without_header(wanted: &Wanted) -> Result<Layout, LayoutError> {
    let template = wanted.template.clone().unwrap_or_else(Template::metric_updates);
    let mut columns = Vec::new();
    for field in template.columns.iter().map(|column| column.field) {
        let Some(mapping) = wanted.map.iter().find(|mapping| mapping.field == field) else { continue };
        let Some(column) = mapping.source.letters() else {
            return Err(LayoutError::HeaderNeeded { field, source: mapping.source.to_string() });
        };
        columns.push(LayoutColumn { field, column, header: String::new(), claim: Claim::Mapped });
    }
    let missing = missing_fields(&template, &columns, wanted);
    if !missing.is_empty() {
        return Err(LayoutError::NotFound { missing, nearest: None });
    }
    Ok(Layout {
        template,
        header: None,
        rows_above: Vec::new(),
        columns,
        periods: Vec::new(),
        passed_over: Vec::new(),
        year_from: None,
        extent: None,
    })
}

/// Progress updates only where all their columns bear the service's own labels: a status beside a metric is
/// common in workbooks that update metrics.
fn told_by(labels: &Labels) -> Template {
    let progress = Template::progress_updates();
    let required = progress.columns.iter().filter(|column| column.presence != Presence::Optional);
    let mut required = required.map(|column| Label::Exact(column.field));
    if required.all(|label| labels.has(label)) { progress } else { Template::metric_updates() }
}

fn missing_fields(template: &Template, columns: &[LayoutColumn], wanted: &Wanted) -> Vec<Field> {
    let required = template.columns.iter().filter(|column| column.presence != Presence::Optional);
    required
        .map(|column| column.field)
        .filter(|field| !(*field == Field::AsOfDate && wanted.date_given))
        .filter(|field| columns.iter().all(|column| column.field != *field))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::is_value;

    #[test]
    fn values_are_told_from_periods() {
        for text in [
            "0", "12", ".5", "0.2024", "-3.25", " 1.5", "$12.5", "57.3%", "2024%", "-2024", "13.2024",
            "1949", "5.",
        ] {
            assert!(is_value(text), "{text}");
        }
        for text in [
            "",
            ".",
            "-",
            "2024",
            "1.2024",
            "03.2024",
            "2024.3",
            "31.03.2024",
            "03/2024",
            "Q1",
            "1,5",
            "2024-03-31",
            "1e3",
        ] {
            assert!(!is_value(text), "{text}");
        }
    }
}
