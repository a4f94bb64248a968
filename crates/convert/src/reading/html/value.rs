//! What a cell of a page stores: what its attributes say (`x:num` of Excel, `sdval` of LibreOffice), else what its
//! number format makes of its text, else the text.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};
use html5gum::StartTag;
use metricsheet_core::DateOrder;

use super::styles::CellFormat;
use crate::cell::StoredValue;
use crate::number_format::{Meaning, NumberFormat};

/// Digits that a number keeps.
const DIGITS: usize = 15;

/// What the tag of a cell says of its value.
#[derive(Debug, Default)]
pub(super) struct Said {
    number: Option<String>,
    text: Option<String>,
    logical: Option<String>,
    error: Option<String>,
    format: Option<Arc<NumberFormat>>,
}

impl Said {
    pub(super) fn by(tag: &StartTag<()>) -> Self {
        let value = |name: &str| attribute(tag, name);
        Self {
            number: value("x:num").or_else(|| value("sdval")),
            text: value("x:str"),
            logical: value("x:bool"),
            error: value("x:err"),
            // The language of the numbers, that of the page, the code.
            format: value("sdnum")
                .and_then(|it| Some(it.splitn(3, ';').nth(2)?.trim().to_owned()))
                .filter(|code| !code.is_empty())
                .map(|code| Arc::new(NumberFormat::new(&code))),
        }
    }

    /// What is stored, and the format; `None` for an empty cell.
    pub(super) fn value(
        self,
        text: String,
        style: Option<CellFormat>,
        general: &Arc<NumberFormat>,
    ) -> Option<(StoredValue, Arc<NumberFormat>)> {
        let order = style.as_ref().and_then(|style| style.order);
        let format = self.format.or(style.map(|style| style.format)).unwrap_or_else(|| Arc::clone(general));
        let number_of = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let value = if let Some(error) = self.error {
            StoredValue::Error(if error.is_empty() { text } else { error })
        } else if let Some(value) = self.logical {
            let value = if value.is_empty() { text } else { value };
            StoredValue::Logical(value.eq_ignore_ascii_case("true") || value == "1")
        } else if let Some(exact) = self.text {
            StoredValue::Text(if exact.is_empty() { text } else { exact }.into())
        } else if let Some(number) =
            self.number.as_deref().and_then(|it| number_of(if it.is_empty() { &text } else { it }))
        {
            StoredValue::Number(number)
        } else {
            by_format(&text, &format, order).unwrap_or_else(|| StoredValue::Text(text.into()))
        };
        let is_empty = matches!(&value, StoredValue::Text(text) if text.is_empty());
        (!is_empty).then_some((value, format))
    }
}

/// What a text is under a number format that says so; `None` where it stays a text.
fn by_format(text: &str, format: &NumberFormat, order: Option<DateOrder>) -> Option<StoredValue> {
    if let Some(number) = plain_number(text) {
        // Under no format the text itself is exact, zeros in front included.
        let is_said = !matches!(format.meaning(number), Meaning::General | Meaning::Text);
        return is_said.then_some(StoredValue::Number(number));
    }
    if let Some(hundredths) = text.strip_suffix('%')
        && plain_number(hundredths).is_some()
        && let Ok(number) = format!("{hundredths}e-2").parse::<f64>()
        && format.meaning(number) == Meaning::Percent
    {
        return Some(StoredValue::Number(number));
    }
    day(text, order?).map(|day| StoredValue::Moment(day.and_time(NaiveTime::MIN)))
}

/// A number in its simplest form, with no more digits than a number keeps.
fn plain_number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = unsigned.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if !is_digits(whole) || !is_digits(fraction) || digits > DIGITS {
        return None;
    }
    text.parse().ok()
}

/// A day in digits, in the order in which its format shows it. Years of two digits are left to the settings.
fn day(text: &str, order: DateOrder) -> Option<NaiveDate> {
    let mut parts = text.split(['/', '-', '.', ' ']);
    let parts = [parts.next()?, parts.next()?, parts.next().filter(|_| parts.next().is_none())?];
    let number = |text: &str, length: std::ops::RangeInclusive<usize>| -> Option<u32> {
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        (is_digits && length.contains(&text.len())).then(|| text.parse().ok())?
    };
    let [year, month, day] = match (order, parts) {
        (DateOrder::MonthFirst, [month, day, year]) | (DateOrder::DayFirst, [day, month, year]) => {
            [year, month, day]
        }
        (DateOrder::YearFirst, parts) => parts,
    };
    let year = i32::try_from(number(year, 4..=4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(month, 1..=2)?, number(day, 1..=2)?)
}

/// The value of an attribute, if the tag has it.
pub(super) fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_say_what_texts_are() {
        use StoredValue::{Moment, Number, Text};
        let march = Moment(NaiveDate::from_ymd_opt(2024, 4, 3).unwrap().and_time(NaiveTime::MIN));
        for (text, code, order, expected) in [
            ("0.123", "0.0%", None, Some(Number(0.123))),
            ("12.3%", "0.0%", None, Some(Number(0.123))),
            ("12.3%", "0.00", None, None),
            ("00123", "General", None, None),
            ("123", "00000", None, Some(Number(123.0))),
            ("123", "@", None, None),
            ("1,234", "#,##0", None, None),
            ("1234567890123456", "0", None, None),
            ("45382", "d-mmm-yy", None, Some(Number(45382.0))),
            ("03/04/2024", "dd/mm/yyyy", Some(DateOrder::DayFirst), Some(march.clone())),
            ("4.3.2024", "m/d/yyyy", Some(DateOrder::MonthFirst), Some(march)),
            ("31/04/2024", "mm/dd/yyyy", Some(DateOrder::MonthFirst), None),
            ("03/04/24", "dd/mm/yy", Some(DateOrder::DayFirst), None),
            ("03/04/2024", "m/d/yyyy", None, None),
        ] {
            let format = Arc::new(NumberFormat::new(code));
            let style = CellFormat { format: Arc::clone(&format), order };
            let value = Said::default().value(text.to_owned(), Some(style), &format);
            assert_eq!(value.map(|it| it.0), Some(expected.unwrap_or(Text(text.into()))), "{text} {code}");
        }
    }
}
