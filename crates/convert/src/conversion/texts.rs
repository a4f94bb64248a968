//! A stored cell as the text that `core` reads, with how it came about; and what is doubtful about the cell
//! itself, before anybody reads its text.

use metricsheet_core::rules::workbook::{
    ERROR_CELL, EXTERNAL_LINK_VALUE, FORMULA_WITHOUT_VALUE, NUMBER_AS_TEXT, PRECISION_LOSS,
};
use metricsheet_core::text::quoted;
use metricsheet_core::{CellKind, Field, Finding, Place, RowNumber, Rule};

use super::day_texts::{self, DayTexts};
use crate::cell::{StoredCell, StoredValue};
use crate::number::{may_have_lost_digits, plain_text, push_fraction, push_plain};
use crate::number_format::{Meaning, NumberFormat};

/// How a length of time is shown where the file has no format for it.
const DURATION: &str = "[h]:mm:ss";

/// Appends the text of a cell that holds this field, and tells how it came about.
pub(super) fn push(field: Field, cell: &StoredCell, days: &mut DayTexts, text: &mut String) -> CellKind {
    match &cell.value {
        StoredValue::Text(value) => text.push_str(value),
        StoredValue::Error(value) => text.push_str(value),
        StoredValue::Logical(value) => text.push_str(if *value { "TRUE" } else { "FALSE" }),
        StoredValue::NoResult => {}
        StoredValue::Duration(length) => {
            text.push_str(&NumberFormat::new(DURATION).shown(*length, days.dates()));
        }
        StoredValue::Moment(moment) => {
            day_texts::push(moment.date(), days.form(), text);
            return CellKind::Date;
        }
        StoredValue::Number(number) => match field {
            Field::MetricValue | Field::AsOfDate => {
                return push_number(*number, &cell.format, days, text);
            }
            // The service knows an ID by what people see: `00042`, not 42.
            Field::ExternalId | Field::Status | Field::Comment => {
                text.push_str(&cell.format.label_text(*number, days.dates()));
            }
        },
    }
    CellKind::Text
}

fn push_number(number: f64, format: &NumberFormat, days: &mut DayTexts, text: &mut String) -> CellKind {
    match format.meaning(number) {
        Meaning::General | Meaning::Number | Meaning::Text => {
            push_plain(number, text);
            CellKind::Number
        }
        Meaning::Percent => {
            push_fraction(number, text);
            CellKind::Percent
        }
        Meaning::LiteralPercent => {
            push_plain(number, text);
            text.push('%');
            CellKind::Text
        }
        Meaning::Date => {
            if days.push(number, text) {
                CellKind::Date
            } else {
                push_plain(number, text);
                CellKind::Number
            }
        }
        // Neither a number of hours nor one of days can be told from it: people see 36:00 for 1.5.
        Meaning::TimeOfDay | Meaning::Duration => {
            let shown = format.shown(number, days.dates());
            if is_plain_number(&shown) {
                // `[h]` shows 36, and shows it for 36 hours and a half, too.
                text.push_str(&NumberFormat::new(DURATION).shown(number, days.dates()));
            } else {
                text.push_str(&shown);
            }
            CellKind::Text
        }
    }
}

/// What is doubtful about a cell, each with the sheet and the cell.
/// `number` is the finding's row, `row` the one of the sheet.
pub(super) fn findings(
    sheet: &str,
    number: RowNumber,
    row: RowNumber,
    field: Field,
    cell: &StoredCell,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |rule: &'static Rule, text: &str, message: String| {
        let mut finding = Finding::new(rule, Place::Cell(number, field), message);
        text.clone_into(&mut finding.text);
        findings.push(finding);
    };
    let place = || format!("cell {}{row} of sheet {}", cell.column, quoted(sheet));
    match &cell.value {
        StoredValue::NoResult => found(
            &FORMULA_WITHOUT_VALUE,
            "",
            format!("the formula in {} has no stored result; open and save the workbook", place()),
        ),
        StoredValue::Error(text) => {
            found(&ERROR_CELL, text, format!("{} in {}; mend its formula", quoted(text), place()));
        }
        StoredValue::Number(number) if field == Field::ExternalId && may_have_lost_digits(*number) => {
            let text = plain_text(*number);
            let message = format!(
                "{} in {} is stored as a number, which keeps 15 digits; store the ID as text",
                quoted(&text),
                place()
            );
            found(&PRECISION_LOSS, &text, message);
        }
        StoredValue::Text(text) if field == Field::MetricValue && is_plain_number(text) => {
            found(
                &NUMBER_AS_TEXT,
                text,
                format!("the number {} in {} is stored as text", quoted(text), place()),
            );
        }
        StoredValue::Text(_)
        | StoredValue::Number(_)
        | StoredValue::Moment(_)
        | StoredValue::Duration(_)
        | StoredValue::Logical(_) => {}
    }
    if cell.from_other_workbook {
        let message =
            format!("the value in {} was last read from another workbook; check that it is current", place());
        found(&EXTERNAL_LINK_VALUE, "", message);
    }
    findings
}

/// Whether there may be something to say of a cell: of nearly all there is not.
#[inline]
pub(super) fn may_be_doubtful(field: Field, cell: &StoredCell) -> bool {
    cell.from_other_workbook
        || match &cell.value {
            StoredValue::NoResult | StoredValue::Error(_) => true,
            StoredValue::Number(_) => field == Field::ExternalId,
            StoredValue::Text(_) => field == Field::MetricValue,
            StoredValue::Moment(_) | StoredValue::Duration(_) | StoredValue::Logical(_) => false,
        }
}

fn is_plain_number(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use metricsheet_core::DateForm;

    use super::*;
    use crate::number_format::DateSystem;

    #[test]
    fn lengths_of_time_are_never_plain_numbers() {
        for (days, code, expected) in [
            (1.5, "[h]:mm", "36:00"),
            // People see 36, 2188 and 131328.
            (1.52, "[h]", "36:28:48"),
            (1.52, "[m]", "36:28:48"),
            (1.52, "[s]", "36:28:48"),
            (0.5, "h", "12:00:00"),
            (0.5, "h AM/PM", "12 PM"),
        ] {
            let format = Arc::new(NumberFormat::new(code));
            let cell = StoredCell {
                column: metricsheet_core::ColumnIndex::new(0),
                value: StoredValue::Number(days),
                format,
                from_other_workbook: false,
            };
            let mut text = String::new();
            let mut days = DayTexts::new(DateSystem::From1900, DateForm::Us);
            push(Field::MetricValue, &cell, &mut days, &mut text);
            assert_eq!(text, expected, "{code}");
        }
    }
}
