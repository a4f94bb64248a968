//! The laws of fixing files as properties, over any bytes and over text that looks like the files people have.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use metricsheet_core::{Change, RowNumber, RuleChoices, Selection, Settings};
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
        "decimal=comma;date-order=dmy;period=start;fiscal-year-start=7",
        "decimal=comma;percent=*;percent-max=100",
        "percent=*",
        "percent=0*",
        "percent=*;decimal=comma",
        "percent=*;percent-max=2;date-order=dmy;period=end",
        "percent=K*=100;date-format=iso",
    ]);
    config.prop_map(options_of)
}

fn options_of(config: &str) -> Options {
    let mut settings = Settings::default();
    for pair in config.split(';').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap();
        settings.set(key, value).unwrap();
    }
    Options { settings, ..Options::default() }
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

/// A cell that is more likely than others to change what its row, its column or the file is taken for.
fn awkward_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => prop::sample::select(vec![
            "\u{200b}", "\u{7f}\u{7f}", "\u{feff}", "\u{200d}", "\u{a0}", "\t", "\n", "\u{1f}", "\u{85}", "\"", "\"\"", "a\"b", "\"a\" ",
            "Total", "Total:", "\u{200b}Total", "Source: ERP", "* preliminary", "As of March", "sep=;", "sep=,", "As Of Date", "Value",
            "00123", "456", "789", "45", "0045", "1.234", "1.234.567", "1,234,567", "12,5%", "1.234%", "12.5", "0,125", ".125", "-.125", "150%",
            "5 %", "30‰", "(1.234,5)", "1e3", "1.5M", "0.30000000000000004", "31.03.24", "2024-W13", "FY2024", "March 2024", "2024-03-31T10:00",
            "Gr\u{f6}\u{df}e", "\u{201c}KPI\u{201d}", "KPI\u{2014}1", "n.a.", "#N/A", "Smith, J", "a;b", "a|b", "",
        ]).prop_map(ToOwned::to_owned),
        1 => cell(),
    ]
}

/// A row, a line that is none, or a row that stood before, in a file of many things at once.
fn dirty_file() -> impl Strategy<Value = String> {
    dirty_file_with(vec![',', ',', ';', '\t', '|'])
}

fn dirty_file_with(delimiters: Vec<char>) -> impl Strategy<Value = String> {
    let head = prop::sample::select(vec![
        "",
        "",
        "",
        "sep=;\n",
        "sep=,\r\n",
        "\"sep=|\"\n",
        "Monthly report\n",
        "\n",
        ",,\n",
        "\u{200b}\n",
        "Report,,\n\n",
        "sep=;\nTitle;;\n",
    ]);
    let header = prop::sample::select(vec![
        "External ID,Current Metric Value,As Of Date",
        "External ID,Current Metric Value,As Of Date,Comment",
        "External ID,Current Metric Value,As Of Date,",
        "As Of Date,\u{200b},External ID,Current Metric Value",
        "ID,Wert (%),Datum",
        "External ID,Status,Current Metric Value,As Of Date",
        "\"External ID\",\"Value\",\"Date\"",
        "",
    ]);
    let quoted = || {
        (awkward_cell(), 0..10_u8).prop_map(|(text, sloppy)| {
            let is_special = text.contains([',', '"', '\n', ';', '\t', '|']);
            if is_special && sloppy > 1 || sloppy > 8 {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text
            }
        })
    };
    let plausible = (
        prop::sample::select(vec![
            "KPI-1",
            "kpi-1",
            "KPI-2",
            "123",
            "00123",
            "456",
            "\u{200b}KPI-1",
            "KPI  1",
        ]),
        quoted(),
        prop::sample::select(vec![
            "03/31/2024",
            "31.03.2024",
            "2024-03-31",
            "04/03/2024",
            "3/31/24",
            "Q1 2024",
            "\u{200b}",
        ]),
    )
        .prop_map(|(id, value, date)| vec![id.to_owned(), value, date.to_owned()]);
    let row = prop_oneof![4 => plausible, 3 => prop::collection::vec(quoted(), 0..6)];
    let rows = prop::collection::vec(
        (row, 0..5_u8, prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\r"])),
        0..9,
    );
    let foot = prop::sample::select(vec![
        "",
        "",
        "",
        "Total,5,\n",
        "\u{200b},,\n",
        "\nSource: ERP\n",
        "\"open",
        ",,,",
        "\u{1a}",
    ]);
    (head, header, rows, foot, prop::sample::select(delimiters)).prop_map(
        |(head, header, rows, foot, delimiter)| {
            let divide = |text: &str| text.replace(',', &delimiter.to_string());
            let mut text = head.to_owned() + &divide(header);
            if !header.is_empty() {
                text.push('\n');
            }
            for (fields, again, end) in &rows {
                let line = fields.join(&delimiter.to_string()) + end;
                text.push_str(&line);
                if *again == 0 {
                    text.push_str(&line);
                }
            }
            text + &divide(foot)
        },
    )
}

/// The text in an encoding that programs write: what the encoding cannot say becomes a question mark.
fn encoded(text: &str, encoding: u8) -> Vec<u8> {
    let units = |mark: bool| mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    match encoding {
        0 => units(true).flat_map(u16::to_le_bytes).collect(),
        1 => units(true).flat_map(u16::to_be_bytes).collect(),
        2 => text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect(),
        3 => format!("\u{feff}{text}").into_bytes(),
        _ => text.as_bytes().to_vec(),
    }
}

fn assert_stable(bytes: &[u8], options: &Options, level: Level) -> Result<(), TestCaseError> {
    let Ok(once) = fix(bytes, options, level) else { return Ok(()) };
    let twice = fix(&once.bytes, options, level).unwrap();
    // `150%` of a metric declared a percentage is written `1.5`, which typed by hand would be 1.5 %: that very cell,
    // and no other, may be rewritten by V003 the second time.
    let percentages: Vec<_> =
        once.fixed.iter().filter(|it| it.finding.rule.code == "V002").map(cell_of).collect();
    for again in &twice.fixed {
        let was_percentage = again.finding.rule.code == "V003" && percentages.contains(&cell_of(again));
        prop_assert!(was_percentage, "fixed a second time: {:?}", again);
    }
    if twice.fixed.is_empty() {
        prop_assert_eq!(String::from_utf8_lossy(&once.bytes), String::from_utf8_lossy(&twice.bytes));
    }
    Ok(())
}

/// The row and the column a finding stands in; both stay as they are while cells are fixed.
fn cell_of(diagnostic: &Diagnostic) -> (Option<RowNumber>, Option<usize>) {
    (diagnostic.finding.place.row(), diagnostic.column)
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

/// The same options, under which nothing but the file's shape may be fixed.
fn shape_only(options: &Options) -> Options {
    let choices = RuleChoices {
        fixable: ["F", "R001", "R002", "R003"].map(str::to_owned).to_vec(),
        ..RuleChoices::default()
    };
    Options { selection: Selection::new(&choices).unwrap(), ..options.clone() }
}

fn assert_rows_are_kept(text: &str, options: &Options, level: Level) -> Result<(), TestCaseError> {
    // A broken quotation mark swallows rows, and whatever divides the fields decides what a row is.
    let codes: Vec<&str> = check(text.as_bytes(), options)
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.finding.rule.code)
        .collect();
    if codes.contains(&"F011") || codes.contains(&"F003") {
        return Ok(());
    }
    let Ok(fixed) = fix(text.as_bytes(), options, level) else { return Ok(()) };
    let before = rows(text.as_bytes());
    // Dropping an unknown column empties a row that has no other field; at the very end of a file that
    // does not end its last line, such a row cannot be seen any more.
    if !text.ends_with('\n') && fixed.fixed.iter().any(|diagnostic| diagnostic.finding.rule.code == "F009") {
        return Ok(());
    }
    prop_assert_eq!(rows(&fixed.bytes) + removed_rows(&fixed.fixed), before, "{:?}", fixed.fixed);
    Ok(())
}

/// The raw texts of the fields of each record, by the record's number.
fn fields_of(text: &str) -> Vec<Vec<&str>> {
    let mut records = metricsheet_lint::Records::new(text, b',', 0, 1);
    let mut fields = Vec::new();
    let mut all = Vec::new();
    while records.read(&mut fields).is_some() {
        all.push(fields.iter().map(|field| &text[field.raw.clone()]).collect());
    }
    all
}

/// In a file whose shape is right, what has no finding comes out as it was, in the rows that are left.
fn assert_texts_are_kept(text: &str, options: &Options, level: Level) -> Result<(), TestCaseError> {
    let report = check(text.as_bytes(), options);
    let is_shape = |code: &str| code.starts_with('F') || matches!(code, "R001" | "R002" | "R003");
    if report.diagnostics.iter().any(|it| is_shape(it.finding.rule.code)) {
        return Ok(());
    }
    let Ok(fixed) = fix(text.as_bytes(), options, level) else { return Ok(()) };
    let after = String::from_utf8(fixed.bytes).unwrap();
    let (old, new) = (fields_of(text), fields_of(&after));
    let is_removed = |row: usize| {
        fixed.fixed.iter().any(|it| {
            let removes = it.finding.suggestion.as_ref().is_some_and(|it| it.change == Change::RemoveRow);
            removes && it.finding.place.row().is_some_and(|found| found.get() as usize == row)
        })
    };
    let kept: Vec<_> = old.iter().enumerate().filter(|(index, _)| !is_removed(index + 1)).collect();
    prop_assert_eq!(kept.len(), new.len(), "{:?}", fixed.fixed);
    for ((index, before), behind) in kept.into_iter().zip(&new) {
        prop_assert_eq!(before.len(), behind.len());
        for (at, (before, behind)) in before.iter().zip(behind).enumerate() {
            let has_finding = report.diagnostics.iter().chain(&fixed.fixed).any(|diagnostic| {
                diagnostic.column == Some(at)
                    && diagnostic.finding.place.row().is_some_and(|it| it.get() as usize == index + 1)
            });
            prop_assert!(
                has_finding || before == behind,
                "row {}, field {}: {:?} is now {:?}",
                index + 1,
                at,
                before,
                behind
            );
        }
    }
    Ok(())
}

#[test]
fn what_a_fix_leaves_is_seen_in_the_same_run() {
    let header = "External ID,Current Metric Value,As Of Date\n";
    let cases = [
        (
            "a row of invisible characters is empty",
            "",
            "KPI-1,5,03/31/2024\n\u{200b},\u{7f},\n",
            "KPI-1,5,03/31/2024\n",
        ),
        ("a total stands behind a comma", "", "KPI-1,5,03/31/2024\n\",Total\",5,\n", "KPI-1,5,03/31/2024\n"),
        (
            "zeros that would make a value a percentage are not put before an ID",
            "percent=0045",
            "45,20,03/31/2024\n0123,1,03/31/2024\n4567,1,03/31/2024\n",
            "45,20,03/31/2024\n0123,1,03/31/2024\n4567,1,03/31/2024\n",
        ),
        (
            "a whole percentage whose hundredth is out of scale, too, is left",
            "percent=*;percent-max=100",
            "1,.125,03/31/2024\n1,.2,04/30/2024\n1,1234,05/31/2024\n",
            "1,.125,03/31/2024\n1,.2,04/30/2024\n1,1234,05/31/2024\n",
        ),
        (
            "rows are equal for certain though a cell typed the same is in doubt",
            "",
            "K  1,5,03/31/2024\nK  1,5,31.03.2024\n",
            "K 1,5,03/31/2024\n",
        ),
        (
            "digits that a moved decimal point makes look like noise go at once",
            "",
            "K,12345678000000001%,03/31/2024\n",
            "K,123456780000000,03/31/2024\n",
        ),
        (
            "a number with more digits than a calculation leaves keeps them",
            "",
            "K,34444444440000000001455424905816426266%,03/31/2024\n",
            "K,344444444400000000014554249058164262.66,03/31/2024\n",
        ),
    ];
    for (name, setting, rows, fixed) in cases {
        let options = options_of(setting);
        let once = fix(format!("{header}{rows}").as_bytes(), &options, Level::Unsafe).unwrap();
        assert_eq!(String::from_utf8(once.bytes.clone()).unwrap(), format!("{header}{fixed}"), "{name}");
        assert_eq!(fix(&once.bytes, &options, Level::Unsafe).unwrap().bytes, once.bytes, "{name}");
    }
}

#[test]
fn cells_that_show_another_delimiter_once_they_are_mended_are_read_again() {
    let dirty = "ID;Wert (%);Datum\nAs Of Date;\"\n\";\u{200b};\nAs Of Date;\"\n\";\u{200b};\n";
    for level in [Level::Safe, Level::Unsafe] {
        let once = fix(dirty.as_bytes(), &Options::default(), level).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&once.bytes),
            "ID,Wert (%),Datum\nAs Of Date,\"\n\",,As Of Date\n"
        );
        assert_eq!(fix(&once.bytes, &Options::default(), level).unwrap().bytes, once.bytes);
    }
}

#[test]
fn an_id_does_not_become_the_declaration_of_a_delimiter() {
    let once = fix(b"\"sep=,\",\n", &Options::default(), Level::Unsafe).unwrap();
    assert_eq!(String::from_utf8(once.bytes.clone()).unwrap(), "\"sep=\",\n");
    assert_eq!(fix(&once.bytes, &Options::default(), Level::Unsafe).unwrap().bytes, once.bytes);
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
    fn fixing_a_dirty_file_twice_is_fixing_it_once(
        text in dirty_file(), encoding in 0..12_u8, options in options(), level in level(),
    ) {
        assert_stable(&encoded(&text, encoding), &options, level)?;
    }

    #[test]
    fn positions_in_a_dirty_file_point_at_the_reported_text(text in dirty_file(), options in options()) {
        for diagnostic in check(text.as_bytes(), &options).diagnostics {
            let pointed = text.get(diagnostic.span.clone()).unwrap();
            if diagnostic.column.is_some() {
                prop_assert!(pointed.contains("\"\"") || pointed == diagnostic.finding.text, "{:?}: {:?}", pointed, diagnostic.finding);
            }
        }
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
        assert_rows_are_kept(&text, &options, level)?;
    }

    #[test]
    fn no_row_of_a_dirty_file_is_lost_without_a_named_fix(
        text in dirty_file_with(vec![',']), options in options(), level in level(),
    ) {
        assert_rows_are_kept(&text, &options, level)?;
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
        assert_texts_are_kept(&text, &Options::default(), level)?;
    }

    #[test]
    fn fields_without_findings_in_a_dirty_file_keep_their_bytes(
        text in dirty_file(), encoding in 0..12_u8, options in options(), level in level(),
    ) {
        // What the shape needs moves fields about; afterwards each is where it stays.
        let Ok(shaped) = fix(&encoded(&text, encoding), &shape_only(&options), level) else { return Ok(()) };
        let Ok(text) = String::from_utf8(shaped.bytes) else { return Ok(()) };
        assert_texts_are_kept(&text, &options, level)?;
    }
}
