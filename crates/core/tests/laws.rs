//! The laws of the rules as properties. Numbers and days are built from known parts, so what a text means is
//! known by construction and not by the reader under test.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use chrono::{Datelike, NaiveDate};
use metricsheet_core::{
    Applicability, Cell, Destination, Finding, Row, RowNumber, Settings, Template, Validator,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Validates one row with this text in the column `at` of the template, the others valid.
fn findings(template: &Template, at: usize, text: &str, settings: &Settings) -> Vec<Finding> {
    let day = if settings.written_date_form() == metricsheet_core::DateForm::Us {
        "03/31/2024"
    } else {
        "2024-03-31"
    };
    let mut cells: Vec<&str> = template
        .columns
        .iter()
        .map(|column| match column.field {
            metricsheet_core::Field::ExternalId => "KPI-1",
            metricsheet_core::Field::Status => "On Track",
            metricsheet_core::Field::MetricValue => ".5",
            metricsheet_core::Field::AsOfDate => day,
            metricsheet_core::Field::Comment => "",
        })
        .collect();
    cells[at] = text;
    let cells: Vec<Cell<'_>> = cells.into_iter().map(Cell::text).collect();
    let mut validator = Validator::new(template, settings);
    validator.read(&Row { number: RowNumber::new(2), cells: &cells });
    let field = template.columns[at].field;
    validator
        .finish()
        .into_iter()
        .filter(|finding| finding.place.field().is_none_or(|found| found == field))
        .collect()
}

/// The text after a fix of this level.
fn fixed(template: &Template, at: usize, text: &str, settings: &Settings, level: Applicability) -> String {
    let findings = findings(template, at, text, settings);
    let suggestion = findings.iter().find_map(|finding| finding.suggestion.as_ref().zip(finding.rewrite()));
    match suggestion {
        Some((suggestion, rewrite)) if suggestion.applicability <= level => rewrite.to_owned(),
        Some(_) | None => text.to_owned(),
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    (
        prop::sample::select(vec!["point", "comma"]),
        prop::sample::select(vec!["mdy", "dmy", "ymd"]),
        prop::option::of(prop::sample::select(vec!["us", "iso"])),
        prop::sample::select(vec!["error", "end", "start"]),
        1..=12_u32,
        prop::option::of(prop::sample::select(vec!["*", "KPI-?=2", "other"])),
    )
        .prop_map(|(decimal, order, form, period, month, percent)| {
            let mut settings = Settings::default();
            settings.set("decimal", decimal).unwrap();
            settings.set("date-order", order).unwrap();
            // US dates where days stand first cannot be fixed in place, and the command line refuses to.
            if let Some(form) = form.filter(|form| (order, *form) != ("dmy", "us")) {
                settings.set("date-format", form).unwrap();
            }
            settings.set("period", period).unwrap();
            settings.set("fiscal-year-start", &month.to_string()).unwrap();
            if let Some(percent) = percent {
                settings.set("percent", percent).unwrap();
            }
            settings
        })
}

/// Text such as people type into cells: numbers, dates, marks and words in any order.
fn cell_like() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[0-9]{1,4}",
        prop::sample::select(vec![
            ".", ",", "-", "/", " ", "%", "(", ")", "$", "€", "+", "e", "E+", "'", "_", ":", "T", "Z", "W",
            "Q", "FY", "Mar", "March", "\u{a0}", "\u{200b}", "\n", "\t", "−", "２", "k", "M", "days", "USD",
            "\"", "external", "#REF!", "N/A", "On", "Track", "am", "2024", "31", "03", "12:30", "st",
            "\u{0}", "é", "指",
        ])
        .prop_map(ToOwned::to_owned),
    ];
    prop::collection::vec(part, 0..7).prop_map(|parts| parts.concat())
}

/// Fraction digits that the properties count in: numbers are compared as whole counts of 10^-10.
const PLACES: usize = 10;

/// The number as a count of 10^-10, read in the plainest way: sign, digits, point, digits.
fn counted(text: &str) -> i128 {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |unsigned| (-1, unsigned));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    assert!(fraction.len() <= PLACES, "{text}");
    sign * format!("{whole}{fraction:0<PLACES$}").parse::<i128>().unwrap()
}

/// Western groups.
fn grouped(digits: &str, mark: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(mark);
        }
        out.push(digit);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/laws.proptest-regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), like in cell_like(), settings in settings(), at in 0..5_usize) {
        for text in [text, like] {
            let _ = findings(&Template::progress_updates(), at, &text, &settings);
            let _ = findings(&Template::metric_updates(), at.min(3), &text, &settings);
        }
    }

    #[test]
    fn a_fix_is_idempotent(text in cell_like(), settings in settings(), at in 0..5_usize, is_unsafe in any::<bool>()) {
        prop_assert!(settings.refused_in_place().is_none());
        let template = Template::progress_updates();
        let level = if is_unsafe { Applicability::Unsafe } else { Applicability::Safe };
        let once = fixed(&template, at, &text, &settings, level);
        // A percentage above the declared maximum is written as the fraction it is; typed by hand the same
        // text would be a whole percentage. The linter rewrites cells once for this reason, and says so.
        let exceeds = findings(&template, at, &text, &settings).iter().any(|finding| finding.message.contains("which it exceeds"));
        if exceeds {
            return Ok(());
        }
        let twice = fixed(&template, at, &once, &settings, level);
        prop_assert_eq!(&once, &twice, "from {:?}", text);
    }

    #[test]
    fn all_findings_of_a_cell_share_one_rewriting(text in cell_like(), settings in settings(), at in 0..5_usize) {
        let findings = findings(&Template::progress_updates(), at, &text, &settings);
        prop_assert!(findings.windows(2).all(|pair| pair[0].suggestion == pair[1].suggestion));
    }

    #[test]
    fn plain_numbers_are_valid_and_stay(whole in "0|[1-9][0-9]{0,11}", fraction in "[0-9]{0,3}", is_negative in any::<bool>()) {
        let is_zero = format!("{whole}{fraction}").bytes().all(|digit| digit == b'0');
        let sign = if is_negative && !is_zero { "-" } else { "" };
        let text = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
        prop_assert!(findings(&Template::metric_updates(), 1, &text, &Settings::default()).is_empty());
    }

    #[test]
    fn us_dates_are_valid_and_stay(days in 0..54_000_u64) {
        let day = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + chrono::Days::new(days);
        let text = day.format("%m/%d/%Y").to_string();
        prop_assert!(findings(&Template::metric_updates(), 2, &text, &Settings::default()).is_empty());
    }

    #[test]
    fn a_decorated_number_keeps_its_value(
        whole in 1..999_999_999_u64,
        hundredths in 0..100_u32,
        is_negative in any::<bool>(),
        mark in prop::sample::select(vec!["", ",", "'", " ", "\u{a0}", "_"]),
        currency in prop::sample::select(vec!["", "$", "€", "USD ", "CHF "]),
        blanks in prop::sample::select(vec!["", " ", "\t", "\u{200b}"]),
        has_parentheses in any::<bool>(),
        has_percent in any::<bool>(),
    ) {
        let currency = if has_percent { "" } else { currency };
        let percent = if has_percent { "%" } else { "" };
        let number = format!("{currency}{}.{hundredths:02}{percent}", grouped(&whole.to_string(), mark));
        let text = match (is_negative, has_parentheses) {
            (false, _) => format!("{blanks}{number}"),
            (true, false) => format!("{blanks}-{number}"),
            (true, true) => format!("({number}){blanks}"),
        };
        let sign = if is_negative { -1 } else { 1 };
        // A hundredth of the number is 10^8 counts, and of a percentage 10^6.
        let unit = if has_percent { 1_000_000 } else { 100_000_000 };
        let expected = sign * (i128::from(whole) * 100 + i128::from(hundredths)) * unit;
        let written = fixed(&Template::metric_updates(), 1, &text, &Settings::default(), Applicability::Safe);
        prop_assert_eq!(counted(&written), expected, "{} became {}", text, written);
    }

    #[test]
    fn a_decimal_comma_keeps_its_value_under_its_setting(
        whole in 0..99_999_999_u64, fraction in "[0-9]{1,6}", is_grouped in any::<bool>(), has_percent in any::<bool>(),
    ) {
        let mut settings = Settings::default();
        settings.set("decimal", "comma").unwrap();
        let digits = whole.to_string();
        let shown = if is_grouped { grouped(&digits, ".") } else { digits };
        let percent = if has_percent { " %" } else { "" };
        let text = format!("{shown},{fraction}{percent}");
        let written = fixed(&Template::metric_updates(), 1, &text, &settings, Applicability::Safe);
        let scale = if has_percent { 100 } else { 1 };
        let expected = counted(&format!("{whole}.{fraction}"));
        prop_assert_eq!(counted(&written) * scale, expected, "{} became {}", text, written);
        let again = fixed(&Template::metric_updates(), 1, &written, &settings, Applicability::Safe);
        prop_assert_eq!(&again, &written);
    }

    #[test]
    fn a_whole_percentage_becomes_its_fraction(hundredths in 0..60_000_i64, maximum in 1..4_i64) {
        let mut settings = Settings::default();
        settings.set("percent", "KPI-*").unwrap();
        settings.set("percent-max", &maximum.to_string()).unwrap();
        let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let written = fixed(&Template::metric_updates(), 1, &text, &settings, Applicability::Safe);
        let errors = findings(&Template::metric_updates(), 1, &text, &settings);
        if hundredths <= maximum * 100 {
            prop_assert_eq!(&written, &text);
            prop_assert!(errors.is_empty());
        } else if hundredths <= maximum * 10_000 {
            prop_assert_eq!(counted(&written), i128::from(hundredths) * 1_000_000);
        } else {
            prop_assert_eq!(&written, &text);
            prop_assert_eq!(errors[0].rule.code, "V003");
        }
    }

    #[test]
    fn a_date_keeps_its_day_in_every_form(
        days in 0..54_000_u64,
        form in prop::sample::select(vec![
            "%Y-%m-%d", "%Y%m%d", "%G-W%V-%u", "%GW%V%u", "%Y-%j", "%Y%j", "%Y-%m-%dT%H:%M:%S", "%d %B %Y", "%B %-d, %Y",
            "%-d-%b-%Y", "%d%b%Y", "%Y/%m/%d", "%Y.%m.%d", "%-m/%-d/%Y", "%m/%d/%Y 12:00", "%Y-%b-%d", "%a %b %d %Y",
        ]),
        destination in prop::sample::select(vec![Destination::InPlace, Destination::NewFile]),
    ) {
        let day = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + chrono::Days::new(days);
        let text = day.and_hms_opt(13, 30, 0).unwrap().format(form).to_string();
        let settings = Settings { destination, ..Settings::default() };
        let written = fixed(&Template::metric_updates(), 2, &text, &settings, Applicability::Safe);
        let expected = format!("{:02}/{:02}/{:04}", day.month(), day.day(), day.year());
        prop_assert_eq!(written, expected, "from {}", text);
    }

    #[test]
    fn the_declared_order_decides_between_day_and_month(days in 0..54_000_u64, mark in prop::sample::select(vec!["/", "-", "."])) {
        let day = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + chrono::Days::new(days);
        let text = format!("{:02}{mark}{:02}{mark}{:04}", day.day(), day.month(), day.year());
        let mut settings = Settings::default();
        settings.set("date-order", "dmy").unwrap();
        let written = fixed(&Template::metric_updates(), 2, &text, &settings, Applicability::Safe);
        prop_assert_eq!(&written, &day.format("%Y-%m-%d").to_string());
        let settings = Settings { destination: Destination::NewFile, ..settings };
        let written = fixed(&Template::metric_updates(), 2, &text, &settings, Applicability::Safe);
        prop_assert_eq!(written, day.format("%m/%d/%Y").to_string());
    }

    #[test]
    fn a_period_becomes_its_first_or_last_day(year in 1950..2100_i32, month in 1..=12_u32, is_start in any::<bool>()) {
        let mut settings = Settings::default();
        settings.set("period", if is_start { "start" } else { "end" }).unwrap();
        let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
        let last = (first + chrono::Months::new(1)).pred_opt().unwrap();
        let expected = if is_start { first } else { last }.format("%m/%d/%Y").to_string();
        for text in [first.format("%B %Y").to_string(), first.format("%Y-%m").to_string(), first.format("%m/%Y").to_string()] {
            let written = fixed(&Template::metric_updates(), 2, &text, &settings, Applicability::Safe);
            prop_assert_eq!(&written, &expected, "from {}", text);
        }
    }
}
