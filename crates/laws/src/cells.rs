//! Laws of single cells: whatever a cell holds, it is read without a panic, its findings agree on one rewriting,
//! a fix is idempotent, and a number keeps its digits.

use chrono::NaiveDate;
use metricsheet_core::{
    Applicability, Cell, DateForm, Field, Finding, Row, RowNumber, Settings, Template, Validator,
};

/// The settings of which the first byte chooses one: `KEY=VALUE`, divided by `;`.
const SETTINGS: &[&str] = &[
    "",
    "decimal=comma",
    "date-order=dmy;date-format=iso",
    "date-order=ymd",
    "percent=*",
    "percent=*=100",
    "period=end;fiscal-year-start=7",
    "period=start;date-format=iso",
    "decimal=comma;percent=*;date-order=dmy;date-format=iso;period=end",
];

/// A metric value: one rewriting, idempotent, digits kept.
pub(crate) fn value(data: &[u8]) {
    let Some((settings, text)) = input(data) else { return };
    let cell = Judged::new(Field::MetricValue, &text, &settings);
    cell.assert_stable();
    if let Some(rewrite) = cell.rewrite(Applicability::Unsafe) {
        assert!(rewrite.is_empty() || is_plain_number(rewrite), "`{text}` is written `{rewrite}`");
        // Exponents are digits of another kind, and beyond the fifteenth a program may have stored noise.
        let has_exponent = text.contains(['e', 'E']) || !text.is_ascii();
        if !has_exponent && digits(&text).len() <= 15 && !rewrite.is_empty() {
            assert_eq!(digits(&text), digits(rewrite), "`{text}` is written `{rewrite}`");
        }
    }
}

/// A date: one rewriting, idempotent, and what is written is a day.
pub(crate) fn date(data: &[u8]) {
    let Some((settings, text)) = input(data) else { return };
    let cell = Judged::new(Field::AsOfDate, &text, &settings);
    cell.assert_stable();
    if let Some(rewrite) = cell.rewrite(Applicability::Unsafe).filter(|rewrite| !rewrite.is_empty()) {
        let is_day =
            ["%m/%d/%Y", "%Y-%m-%d"].iter().any(|form| NaiveDate::parse_from_str(rewrite, form).is_ok());
        assert!(is_day && rewrite.len() == 10, "`{text}` is written `{rewrite}`");
    }
}

/// An ID: one rewriting, idempotent, and what is written has nothing in it that the service refuses.
pub(crate) fn id(data: &[u8]) {
    let Some((settings, text)) = input(data) else { return };
    let cell = Judged::new(Field::ExternalId, &text, &settings);
    cell.assert_stable();
    if let Some(rewrite) = cell.rewrite(Applicability::Unsafe) {
        let is_refused = |character: char| matches!(character, ',' | '"') || character.is_control();
        assert!(!rewrite.contains(is_refused), "{text:?} is written {rewrite:?}");
    }
}

fn input(data: &[u8]) -> Option<(Settings, String)> {
    let (pairs, text) = crate::choice(data, SETTINGS)?;
    let mut settings = Settings::default();
    for (key, value) in pairs.split(';').filter_map(|pair| pair.split_once('=')) {
        assert!(settings.set(key, value).is_ok(), "`{key}={value}` is no setting");
    }
    // Longer cells teach nothing new.
    let text: String = String::from_utf8_lossy(text).chars().take(200).collect();
    Some((settings, text))
}

/// One cell among valid ones, and what was found in it.
struct Judged<'a> {
    field: Field,
    text: &'a str,
    settings: &'a Settings,
    findings: Vec<Finding>,
}

impl<'a> Judged<'a> {
    fn new(field: Field, text: &'a str, settings: &'a Settings) -> Self {
        let template = Template::metric_updates();
        let day = match settings.written_date_form() {
            DateForm::Us => "03/31/2024",
            DateForm::Iso => "2024-03-31",
        };
        let cells: Vec<Cell<'_>> = template
            .columns
            .iter()
            .map(|column| match column.field {
                own if own == field => text,
                Field::ExternalId => "KPI-1",
                Field::Status => "On Track",
                Field::MetricValue => ".5",
                Field::AsOfDate => day,
                Field::Comment => "",
            })
            .map(Cell::text)
            .collect();
        let mut validator = Validator::new(&template, settings);
        validator.read(&Row { number: RowNumber::new(2), cells: &cells });
        let mut findings = validator.finish();
        findings.retain(|finding| finding.place.field().is_none_or(|found| found == field));
        Self { field, text, settings, findings }
    }

    /// What a fix of this level writes instead of the text.
    fn rewrite(&self, level: Applicability) -> Option<&str> {
        let first =
            self.findings.iter().find_map(|finding| finding.suggestion.as_ref().zip(finding.rewrite()));
        first.filter(|(suggestion, _)| suggestion.applicability <= level).map(|(_, rewrite)| rewrite)
    }

    fn assert_stable(&self) {
        let text = self.text;
        assert!(
            self.findings
                .windows(2)
                .all(|pair| pair.first().map(|it| &it.suggestion) == pair.last().map(|it| &it.suggestion)),
            "{text:?} has several fixes: {:?}",
            self.findings
        );
        // A percentage above the declared maximum is written as the fraction it is; typed by hand the same text
        // would be a whole percentage. Files are rewritten once for this reason.
        if self.findings.iter().any(|finding| finding.message.contains("which it exceeds")) {
            return;
        }
        for level in [Applicability::Safe, Applicability::Unsafe] {
            if let Some(once) = self.rewrite(level) {
                let again = Judged::new(self.field, once, self.settings);
                assert_eq!(again.rewrite(level).unwrap_or(once), once, "from {text:?}");
            }
        }
    }
}

/// Digits without zeros at either end: what moving the decimal point keeps.
fn digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

fn is_plain_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once(['.', ',']).unwrap_or((unsigned, "0"));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole) && are_digits(fraction) && !fraction.is_empty()
}
