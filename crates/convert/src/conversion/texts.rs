//! A stored cell as the text that `core` reads, with how it came about; and what is doubtful about the cell
//! itself, before anybody reads its text.

use chrono::NaiveDate;
use metricsheet_core::rules::workbook::{
    ERROR_CELL, EXTERNAL_LINK_VALUE, FORMULA_WITHOUT_VALUE, NUMBER_AS_TEXT, PRECISION_LOSS,
};
use metricsheet_core::text::quoted;
use metricsheet_core::{CellKind, DateForm, Field, Finding, Place, RowNumber, Rule};

use crate::cell::{StoredCell, StoredValue};
use crate::number::{fraction_text, may_have_lost_digits, plain_text};
use crate::number_format::{DateSystem, Meaning, NumberFormat};

/// How a length of time is shown where the file has no format for it.
const DURATION: &str = "[h]:mm:ss";

/// The text of a cell that holds this field.
pub(super) fn text(field: Field, cell: &StoredCell, dates: DateSystem, form: DateForm) -> (String, CellKind) {
    match &cell.value {
        StoredValue::Text(text) => (text.to_string(), CellKind::Text),
        StoredValue::Error(text) => (text.clone(), CellKind::Text),
        StoredValue::Logical(value) => (if *value { "TRUE" } else { "FALSE" }.to_owned(), CellKind::Text),
        StoredValue::NoResult => (String::new(), CellKind::Text),
        StoredValue::Duration(days) => (NumberFormat::new(DURATION).shown(*days, dates), CellKind::Text),
        StoredValue::Moment(moment) => (written(moment.date(), form), CellKind::Date),
        StoredValue::Number(number) => match field {
            Field::MetricValue | Field::AsOfDate => number_text(*number, &cell.format, dates, form),
            // The service knows an ID by what people see: `00042`, not 42.
            Field::ExternalId | Field::Status | Field::Comment => {
                (cell.format.label_text(*number, dates), CellKind::Text)
            }
        },
    }
}

fn number_text(number: f64, format: &NumberFormat, dates: DateSystem, form: DateForm) -> (String, CellKind) {
    match format.meaning(number) {
        Meaning::General | Meaning::Number | Meaning::Text => (plain_text(number), CellKind::Number),
        Meaning::Percent => (fraction_text(number), CellKind::Percent),
        Meaning::LiteralPercent => (format!("{}%", plain_text(number)), CellKind::Text),
        Meaning::Date => match dates.day(number) {
            Some(day) => (written(day, form), CellKind::Date),
            None => (plain_text(number), CellKind::Number),
        },
        // Neither a number of hours nor one of days can be told from it: people see 36:00 for 1.5.
        Meaning::TimeOfDay | Meaning::Duration => (format.shown(number, dates), CellKind::Text),
    }
}

pub(super) fn written(day: NaiveDate, form: DateForm) -> String {
    match form {
        DateForm::Us => day.format("%m/%d/%Y").to_string(),
        DateForm::Iso => day.format("%Y-%m-%d").to_string(),
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

fn is_plain_number(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1
}
