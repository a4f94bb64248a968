//! What a cell of an OpenDocument table stores, as its attributes and its text say it.

use std::borrow::Cow;

use quick_xml::events::BytesStart;

use crate::cell::StoredValue;
use crate::reading::decimal;
use crate::reading::xml::{self, moment};

/// What a cell says of itself beside its text.
#[derive(Debug, Default)]
pub(super) struct CellAttributes<'e> {
    pub(super) style: Option<Cow<'e, str>>,
    /// The type of the value.
    pub(super) kind: Option<Cow<'e, str>>,
    pub(super) number: Option<Cow<'e, str>>,
    pub(super) date: Option<Cow<'e, str>>,
    pub(super) time: Option<Cow<'e, str>>,
    pub(super) logical: Option<Cow<'e, str>>,
    pub(super) text: Option<Cow<'e, str>>,
    /// The type of the value as LibreOffice adds it: it knows errors.
    pub(super) extended_kind: Option<Cow<'e, str>>,
    pub(super) formula: Option<Cow<'e, str>>,
    pub(super) columns_repeated: Option<Cow<'e, str>>,
    pub(super) columns_spanned: Option<Cow<'e, str>>,
    pub(super) rows_spanned: Option<Cow<'e, str>>,
}

impl<'e> CellAttributes<'e> {
    /// Those of an element, up to the first that is broken.
    pub(super) fn of(element: &'e BytesStart<'_>) -> Self {
        let mut attributes = Self::default();
        for attribute in element.attributes().with_checks(false).map_while(Result::ok) {
            let slot = attributes.slot(attribute.key.as_ref().as_bytes());
            if let Some(slot) = slot.filter(|slot| slot.is_none()) {
                *slot = Some(xml::value(attribute));
            }
        }
        attributes
    }

    /// The place of the attribute of this name; `None` if it says nothing about the cell.
    #[inline]
    pub(super) fn slot(&mut self, name: &[u8]) -> Option<&mut Option<Cow<'e, str>>> {
        Some(match name {
            b"table:style-name" => &mut self.style,
            b"office:value-type" => &mut self.kind,
            b"office:value" => &mut self.number,
            b"office:date-value" => &mut self.date,
            b"office:time-value" => &mut self.time,
            b"office:boolean-value" => &mut self.logical,
            b"office:string-value" => &mut self.text,
            b"calcext:value-type" => &mut self.extended_kind,
            b"table:formula" => &mut self.formula,
            b"table:number-columns-repeated" => &mut self.columns_repeated,
            b"table:number-columns-spanned" => &mut self.columns_spanned,
            b"table:number-rows-spanned" => &mut self.rows_spanned,
            _ => return None,
        })
    }

    /// Whether the value is the result of a formula that reads another workbook.
    pub(super) fn reads_other_workbook(&self) -> bool {
        self.formula.as_ref().is_some_and(|formula| formula.contains("'file:"))
    }

    /// What the cell stores; `None` for an empty one.
    pub(super) fn value(&self, text: &str) -> Option<StoredValue> {
        let has_formula = self.formula.is_some();
        if self.extended_kind.as_deref() == Some("error") || (has_formula && is_error_text(text)) {
            return Some(StoredValue::Error(text.to_owned()));
        }
        let otherwise_text = |value: &str, typed: Option<StoredValue>| {
            Some(typed.unwrap_or_else(|| StoredValue::Text(value.into())))
        };
        let typed = match self.kind.as_deref() {
            Some("float" | "percentage" | "currency") => {
                self.number.as_deref().and_then(number).map(StoredValue::Number)
            }
            Some("date") => self
                .date
                .as_deref()
                .and_then(|value| otherwise_text(value, moment(value).map(StoredValue::Moment))),
            Some("time") => self
                .time
                .as_deref()
                .and_then(|value| otherwise_text(value, duration_in_days(value).map(StoredValue::Duration))),
            Some("boolean") => self.logical.as_ref().map(|value| StoredValue::Logical(value == "true")),
            Some("string") => {
                let text = self.text.as_deref().filter(|value| !value.is_empty());
                text.map(|value| StoredValue::Text(value.into()))
            }
            Some(_) | None => None,
        };
        if typed.is_some() {
            return typed;
        }
        if !text.is_empty() {
            return Some(StoredValue::Text(text.into()));
        }
        // An empty text is a result; a formula without any value has none.
        (has_formula && self.kind.is_none()).then_some(StoredValue::NoResult)
    }
}

/// How often something is said to be there, at least once.
pub(super) fn times(count: Option<&str>) -> u32 {
    count.and_then(|count| count.trim().parse::<u32>().ok()).unwrap_or(1).max(1)
}

fn number(text: &str) -> Option<f64> {
    let parsed = || text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    decimal::short(text.as_bytes()).or_else(parsed)
}

fn is_error_text(text: &str) -> bool {
    text.starts_with("Err:")
        || matches!(text, "#DIV/0!" | "#N/A" | "#NAME?" | "#NULL!" | "#NUM!" | "#REF!" | "#VALUE!")
}

/// `PT36H30M00S` in days.
pub(super) fn duration_in_days(text: &str) -> Option<f64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?.replace(',', ".");
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let days = (number(hours)? * 60.0 + number(minutes)?) / 1_440.0 + number(&seconds)? / 86_400.0;
    Some(if negative { -days } else { days })
}
