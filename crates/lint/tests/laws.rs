//! The laws of fixing files as properties, over any bytes and over text that looks like the files people have.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use metricsheet_core::{Change, Settings};
use metricsheet_lint::{Diagnostic, Level, Options, check, fix};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

fn options() -> impl Strategy<Value = Options> {
    let config = prop::sample::select(vec![
        "",
        "percent=*;percent-max=100",
        "decimal=comma",
        "date-order=dmy",
        "date-format=iso",
        "period=end",
        "date-order=ymd",
    ]);
    config.prop_map(|config| {
        let mut settings = Settings::default();
        for pair in config.split(';').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap();
            settings.set(key, value).unwrap();
        }
        Options { settings, ..Options::default() }
    })
}

fn level() -> impl Strategy<Value = Level> {
    prop::sample::select(vec![Level::Safe, Level::Unsafe])
}

/// A cell as people fill it.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "KPI-1", "KPI-2", "00123", "456", "789", "Smith, John", "A,1", "A1", "kpi 1", "KPI 1", "External Rate", "5", "20%",
            "1,234", "12,5", "1.234,5", "0.3", "30", ".3", "(5)", "$5", "1.2M", "n/a", "TBD", "03/31/2024", "31/03/2024",
            "04/03/2024", "2024-03-31", "31-Mar-24", "Q1 2024", "45382", "04.03.2024", "02/30/2024", "", " ", "On Track",
            "Ontrak", "note", "=1+1", "a\nb", "say \"hi\"", "\u{200b}x", "x ",
        ]).prop_map(ToOwned::to_owned),
        1 => "[0-9,.%/ -]{0,8}",
        1 => "[a-z\", ;\t]{0,6}",
    ]
}

fn field() -> impl Strategy<Value = String> {
    (cell(), any::<bool>(), 0..40_u8).prop_map(|(text, quotes, sloppy)| {
        let is_special = text.contains([',', '"', '\n', '\r', ';', '\t']);
        // Once in a while somebody forgets the quotation marks.
        if (is_special && sloppy > 0) || (quotes && sloppy > 30) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    })
}

/// A file as people keep it: with or without a header, of any delimiter and line end.
fn file() -> impl Strategy<Value = String> {
    file_with(vec![',', ',', ',', ';', '\t', '|'], vec!["\n", "\n", "\n", "\r\n", "\r"])
}

fn file_with(delimiters: Vec<char>, ends: Vec<&'static str>) -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        "External ID,Current Metric Value,As Of Date",
        "External ID,Current Metric Value,As Of Date,Comment",
        "As Of Date,External ID,Current Metric Value",
        "KPI code,Value,Date",
        "Owner,External ID,Current Metric Value,As Of Date",
        "External ID,Status,Current Metric Value,As Of Date",
        "Monthly report\n\nExternal ID,Current Metric Value,As Of Date",
        "Foo,Current Metric Value,As Of Date",
        "External ID,As Of Date",
        "sep=,\nID,Value,Date",
        "a,b,c",
        "",
    ]);
    let row = prop::collection::vec(field(), 0..6);
    let end = prop::sample::select(ends);
    let delimiter = prop::sample::select(delimiters);
    let rows = prop::collection::vec((row, end), 0..8);
    (header, rows, delimiter, any::<bool>(), any::<bool>()).prop_map(
        |(header, rows, delimiter, has_mark, is_cut)| {
            let mut text = if has_mark { "\u{feff}".to_owned() } else { String::new() };
            text.push_str(&header.replace(',', &delimiter.to_string()));
            if !header.is_empty() {
                text.push('\n');
            }
            for (fields, end) in rows {
                text.push_str(&fields.join(&delimiter.to_string()));
                text.push_str(end);
            }
            if is_cut {
                text.pop();
            }
            text
        },
    )
}

fn assert_stable(bytes: &[u8], options: &Options, level: Level) -> Result<(), TestCaseError> {
    let Ok(once) = fix(bytes, options, level) else { return Ok(()) };
    let twice = fix(&once.bytes, options, level).unwrap();
    prop_assert_eq!(String::from_utf8_lossy(&once.bytes), String::from_utf8_lossy(&twice.bytes));
    Ok(())
}

fn removed_rows(fixed: &[Diagnostic]) -> usize {
    let is_removal = |diagnostic: &&Diagnostic| {
        let removes = diagnostic
            .finding
            .suggestion
            .as_ref()
            .is_some_and(|suggestion| suggestion.change == Change::RemoveRow);
        removes
            || matches!(diagnostic.finding.rule.code, "F005" | "F014")
            || (diagnostic.finding.rule.code == "R001" && diagnostic.finding.suggestion.is_some())
    };
    fixed.iter().filter(is_removal).count()
}

fn rows(bytes: &[u8]) -> usize {
    let text = std::str::from_utf8(bytes).unwrap().trim_start_matches('\u{feff}');
    let mut records = metricsheet_lint::Records::new(text, b',', 0, 1);
    let mut fields = Vec::new();
    std::iter::from_fn(|| records.read(&mut fields)).count()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/laws.proptest-regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_checked_and_fixed_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200), text in any::<String>(), options in options(), level in level(),
    ) {
        for bytes in [bytes, text.into_bytes()] {
            let _ = check(&bytes, &options);
            assert_stable(&bytes, &options, level)?;
        }
    }

    #[test]
    fn fixing_twice_is_fixing_once(text in file(), options in options(), level in level()) {
        assert_stable(text.as_bytes(), &options, level)?;
    }

    #[test]
    fn positions_point_at_the_reported_text(text in file(), options in options()) {
        let report = check(text.as_bytes(), &options);
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split_inclusive(['\n', '\r']).collect();
        for diagnostic in &report.diagnostics {
            let pointed = text.get(diagnostic.span.clone()).unwrap();
            if diagnostic.column.is_some() {
                let is_escaped = pointed.contains("\"\"");
                prop_assert!(is_escaped || pointed == diagnostic.finding.text, "{:?} is not {:?}", pointed, diagnostic.finding.text);
            }
            // `\r\n` is split in two above, so only files without it are counted by hand.
            if !text.contains('\r') && !pointed.is_empty() {
                let line = lines.get(diagnostic.line - 1).unwrap();
                let rest: String = line.chars().skip(diagnostic.character - 1).collect();
                let first_line = pointed.trim_start_matches('\u{feff}').split('\n').next().unwrap();
                prop_assert!(rest.starts_with(first_line), "{:?} in {:?}", pointed, line);
            }
        }
    }

    #[test]
    fn no_row_is_lost_without_a_named_fix(
        text in file_with(vec![','], vec!["\n", "\r\n"]), options in options(), level in level(),
    ) {
        // A broken quotation mark swallows rows, and whatever divides the fields decides what a row is.
        let codes: Vec<&str> =
            check(text.as_bytes(), &options).diagnostics.iter().map(|diagnostic| diagnostic.finding.rule.code).collect();
        if codes.contains(&"F011") || codes.contains(&"F003") {
            return Ok(());
        }
        let Ok(fixed) = fix(text.as_bytes(), &options, level) else { return Ok(()) };
        let before = rows(text.as_bytes());
        // Dropping an unknown column empties a row that has no other field; at the very end of a file that
        // does not end its last line, such a row cannot be seen any more.
        if !text.ends_with('\n') && fixed.fixed.iter().any(|diagnostic| diagnostic.finding.rule.code == "F009") {
            return Ok(());
        }
        prop_assert_eq!(rows(&fixed.bytes) + removed_rows(&fixed.fixed), before, "{:?}", fixed.fixed);
    }

    #[test]
    fn the_edits_of_one_finding_make_it_vanish_and_touch_nothing_else(text in file()) {
        let options = Options::default();
        let report = check(text.as_bytes(), &options);
        for diagnostic in report.diagnostics.iter().filter(|diagnostic| !diagnostic.edits.is_empty()) {
            let mut bytes = text.clone().into_bytes();
            for edit in diagnostic.edits.iter().rev() {
                bytes.splice(edit.span.clone(), edit.content.bytes());
            }
            prop_assert!(String::from_utf8(bytes).is_ok());
            prop_assert!(diagnostic.edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
        }
    }

    #[test]
    fn fields_without_findings_keep_their_bytes(rows in prop::collection::vec((field(), field(), field()), 1..6), level in level()) {
        let mut text = "External ID,Current Metric Value,As Of Date\n".to_owned();
        for (id, value, date) in &rows {
            text.extend([id, ",", value, ",", date, "\n"]);
        }
        let report = check(text.as_bytes(), &Options::default());
        let is_shaped = report.diagnostics.iter().any(|diagnostic| matches!(diagnostic.finding.rule.code.as_bytes()[0], b'F' | b'R'));
        if is_shaped {
            return Ok(());
        }
        let fixed = fix(text.as_bytes(), &Options::default(), level).unwrap();
        let after = String::from_utf8(fixed.bytes).unwrap();
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let mut old_records = metricsheet_lint::Records::new(&text, b',', 0, 1);
        let mut new_records = metricsheet_lint::Records::new(&after, b',', 0, 1);
        let mut row = 0;
        while old_records.read(&mut old).is_some() {
            row += 1;
            new_records.read(&mut new).unwrap();
            for (at, (before, behind)) in old.iter().zip(&new).enumerate() {
                let has_finding = report.diagnostics.iter().any(|diagnostic| {
                    diagnostic.column == Some(at) && diagnostic.finding.place.row().is_some_and(|found| found.get() == row)
                });
                prop_assert!(has_finding || text[before.raw.clone()] == after[behind.raw.clone()]);
            }
        }
    }
}
