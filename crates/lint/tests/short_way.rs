//! The short way through a file reports what the long one does: over any text, over files of valid rows with
//! slips in them, and however the bytes are divided into pieces. The same for what both make of it.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use metricsheet_core::plan::{Item, Plan, Unit};
use metricsheet_core::value::decimal::Decimal;
use metricsheet_core::{Rule, RuleChoices, Selection, Settings};
use metricsheet_lint::{
    Diagnostic, FixError, Fixed, Level, Listener, Options, PiecesError, Report, RowsFound, Source, check,
    check_by_pieces, check_row_by_row, check_source, encoding_named, fix, fix_by_pieces,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// A text that is read in pieces of any length.
struct Pieces<'a> {
    bytes: &'a [u8],
    piece: usize,
}

impl Source for Pieces<'_> {
    fn length(&self) -> usize {
        self.bytes.len()
    }

    fn piece_length(&self) -> usize {
        self.piece
    }

    fn window<'b>(&'b self, range: Range<usize>, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        self.bytes.window(range, buffer)
    }
}

/// All that is heard of a file that is mended piece by piece.
#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    found: Vec<Diagnostic>,
    fixed: Vec<Diagnostic>,
    wants_each_fix: bool,
    /// What was fixed, each by the code of its rule.
    codes: Vec<&'static str>,
}

impl Listener for Heard {
    fn found(&mut self, found: RowsFound) -> io::Result<()> {
        for diagnostic in &found.diagnostics {
            // What is quoted is what is reported, wherever it stands.
            let (start, end) = (diagnostic.span.start, diagnostic.span.end);
            if diagnostic.column.is_some() && !diagnostic.finding.text.contains('"') {
                let start = found.in_text(start);
                assert_eq!(
                    found.text.get(start..start + (end - diagnostic.span.start)),
                    Some(&*diagnostic.finding.text)
                );
            }
        }
        self.found.extend(found.diagnostics);
        Ok(())
    }

    fn fixed(&mut self, fixed: Vec<Diagnostic>) -> io::Result<()> {
        self.codes.extend(fixed.iter().map(|fixed| fixed.finding.rule.code));
        self.fixed.extend(fixed);
        Ok(())
    }

    fn wants_each_fix(&self) -> bool {
        self.wants_each_fix
    }

    fn wants_each_edit(&self) -> bool {
        self.wants_each_fix
    }

    fn fixed_beside(&mut self, rule: &'static Rule, count: usize) -> io::Result<()> {
        assert!(!self.wants_each_fix);
        self.codes.extend(std::iter::repeat_n(rule.code, count));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        self.bytes.clear();
        Ok(())
    }
}

/// A file mended piece by piece, with the codes of what was fixed; `None` if its shape is not plain.
fn mended_by_pieces(
    source: &dyn Source,
    options: &Options,
    level: Level,
    threads: usize,
    wants_each_fix: bool,
) -> Option<Result<(Fixed, Vec<&'static str>), FixError>> {
    let mut heard = Heard { wants_each_fix, ..Heard::default() };
    match fix_by_pieces(source, options, level, NonZeroUsize::new(threads).unwrap(), &mut heard) {
        Ok(None) => {
            assert!(heard.bytes.is_empty());
            None
        }
        Err(PiecesError::Fix(error)) => Some(Err(error)),
        Err(PiecesError::Io(error)) => panic!("{error}"),
        Ok(Some(extent)) => {
            assert_eq!(extent.is_mended, !heard.codes.is_empty());
            if heard.bytes.is_empty() {
                assert!(heard.codes.is_empty());
                heard.bytes = source.window(0..source.length(), &mut Vec::new()).unwrap().to_vec();
            }
            let report =
                Report { diagnostics: heard.found, rows: extent.rows, header: extent.header, text: None };
            heard.codes.sort_unstable();
            Some(Ok((Fixed { bytes: heard.bytes, report, fixed: heard.fixed }, heard.codes)))
        }
    }
}

/// Takes away what is listed only for who wants each edit.
fn without_edits_throughout(diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics.iter_mut().filter(|it| it.reaches_every_record()) {
        diagnostic.edits.clear();
    }
}

const CONFIGS: &[&str] = &[
    "",
    "",
    "",
    "percent=*",
    "percent=K*=50",
    "decimal=comma",
    "date-order=dmy",
    "date-order=ymd",
    "date-format=iso",
    "plausible-years=2000-2023",
    "latest-date=2024-03-31",
    "period=end",
];

/// A plan that knows some of the IDs, and some that are near the others.
fn plan() -> Plan {
    let mut plan = Plan::default();
    for (id, unit, maximum) in [
        ("KPI-1", "%", None),
        ("KPI-2", "#", None),
        ("Ops Efficiency", "%", Some("2")),
        ("00123", "$", None),
        ("00456", "", None),
        ("Größe", "%", None),
        ("KPI-77", "", None),
        ("ops  efficiency", "", None),
    ] {
        let unit = Some(Unit::read(unit)).filter(|unit| !unit.sign().is_empty());
        let maximum = maximum.and_then(Decimal::from_plain);
        plan.add(Item { id: id.to_owned(), unit, minimum: None, maximum }).unwrap();
    }
    plan
}

fn options() -> impl Strategy<Value = Options> {
    let config = prop::sample::select(CONFIGS);
    // Without all rules that valid rows break together, nothing is remembered of a file without other rows.
    let together = "R004,R005,I006,I007,I008,V015";
    let ignored = prop::sample::select(vec!["", "", "", "R004", "V015", "D", "F002", together, together]);
    let name = prop::sample::select(vec![None, Some("a.csv"), Some("a b.csv")]);
    let unfixable = prop::sample::select(vec![
        vec![],
        vec![],
        vec!["V".to_owned()],
        vec!["T001".to_owned(), "F002".to_owned()],
        vec!["F".to_owned()],
    ]);
    (config, ignored, name, any::<bool>(), unfixable).prop_map(
        |(config, ignored, name, has_plan, unfixable)| {
            let mut settings = Settings::default();
            if let Some((key, value)) = config.split_once('=') {
                settings.set(key, value).unwrap();
            }
            if has_plan {
                settings.plan = Some(Arc::new(plan()));
            }
            let ignored: Vec<String> =
                ignored.split(',').filter(|code| !code.is_empty()).map(ToOwned::to_owned).collect();
            let selection = Selection::new(&RuleChoices {
                ignore: ignored,
                extend_select: vec!["P001".to_owned()],
                unfixable,
                ..RuleChoices::default()
            })
            .unwrap();
            Options { settings, selection, file_name: name.map(ToOwned::to_owned), ..Options::default() }
        },
    )
}

/// Few IDs, so that they meet; few values and days, so that rows repeat and contradict each other.
fn valid_row() -> impl Strategy<Value = String> {
    let id = prop_oneof![
        6 => prop::sample::select(vec!["KPI-1", "KPI-2", "KPI-3", "ops efficiency", "00123", "00456", "00789"]),
        1 => prop::sample::select(vec!["kpi-1", "opsefficiency", "Größe", "123", "1", "x", "Total", "\"KPI-1\""]),
    ];
    let value = prop_oneof![
        4 => prop::sample::select(vec!["1", "1.5", ".5", "0.50", "0", "2"]),
        1 => prop::sample::select(vec!["150", "-1", "99999999999999999999", "0.1234567890123456", "30", "\"1\""]),
    ];
    let date = prop_oneof![
        4 => prop::sample::select(vec!["03/31/2024", "04/03/2024", "04/04/2024", "12/31/2023"]),
        1 => prop::sample::select(vec!["2024-03-31", "03/04/2024", "01/01/1900", "\"03/31/2024\""]),
    ];
    let comment = prop::sample::select(vec![
        "",
        "",
        ",",
        ",all well",
        ",\"well, \"\"yes\"\"\"",
        ",é",
        ",\"two\nlines\"",
    ]);
    (id, value, date, comment).prop_map(|(id, value, date, comment)| format!("{id},{value},{date}{comment}"))
}

/// What people get wrong, in one row.
fn slip() -> impl Strategy<Value = String> {
    let slips = vec![
        "KPI-1,57%,03/31/2024",
        "KPI-2,3%,12/31/2023",
        "KPI-1,\"1,234\",03/31/2024",
        "KPI-2,\"12,5\",03/31/2024",
        "KPI-3,1,31/03/2024",
        "KPI-1,1,31/03/2024",
        "\"KPI-,1\",1,03/31/2024",
        "KPI-1 ,1,03/31/2024",
        "ops  efficiency,1.5,04/03/2024",
        "00123,n/a,03/31/2024",
        "123,1,04/03/2024",
        "KPI-2,1,03/31/2024,,",
        "KPI-2,1",
        "",
        ",,",
        "Total,15",
        "Source: finance",
        "KPI-3,0.30000000000000004,03/31/2024",
        "KPI-3,5 days,Q1 2024",
        "KPI\"3,1,03/31/2024",
        "\"KPI-3\"x,1,03/31/2024",
        "\"open,1,03/31/2024",
        "KPI-1,1,03/31/2024,=1+1",
        "External ID,Current Metric Value,As Of Date",
        "KPI-1;1;03/31/2024",
        "KPI-1, 1.5,03/31/2024",
        "KPI-2,$2,04/03/2024",
        "KPI-2,57%,2024-04-03",
        "KPI-3,150%,2024-04-03",
        "KPI-3,\"1,234.50\",2024-03-31",
        "\" KPI-3 \",1,03/31/2024",
        "\"KPI,3\",1,03/31/2024,\" two\nlines \"",
        "00789 ,1,2024-03-31",
        "KPI-1,1.5,03/31/2024, as reported ",
        "KPI-1,1.5,\"March 31, 2024\",\u{201c}so\u{201d}",
    ];
    prop::sample::select(slips).prop_map(ToOwned::to_owned)
}

fn file() -> impl Strategy<Value = String> {
    let header = prop_oneof![
        8 => Just("External ID,Current Metric Value,As Of Date,Comment"),
        4 => Just("External ID,Current Metric Value,As Of Date"),
        1 => Just("\u{feff}External ID,Current Metric Value,As Of Date,Comment"),
        1 => prop::sample::select(vec![
            "External ID,Status,Current Metric Value,As Of Date",
            "\u{feff}External ID,Current Metric Value,As Of Date",
            "ID,Value,Date",
            "\"External ID\",\"Metric Value\",\"As Of Date\"",
            "As Of Date,External ID,Current Metric Value",
            "title",
        ]),
    ];
    let row = prop_oneof![9 => valid_row(), 1 => slip()];
    let end = prop_oneof![6 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r")];
    let odd_end = prop::option::weighted(0.03, prop::sample::select(vec!["\n", "\r\n", "\r"]));
    let rows = prop::collection::vec((row, odd_end), 0..60);
    (header, rows, end, any::<bool>()).prop_map(|(header, rows, end, is_cut)| {
        let mut text = format!("{header}{end}");
        for (row, odd_end) in rows {
            text.push_str(&row);
            text.push_str(odd_end.unwrap_or(end));
        }
        if is_cut {
            text.pop();
        }
        text
    })
}

/// A file divided by other characters, with columns in another order or more of them, or with lines above its header.
fn file_of_other_shape() -> impl Strategy<Value = String> {
    let delimiter = prop::sample::select(vec![",", ";", "\t", "|", "^"]);
    let above = prop::sample::select(vec![
        "",
        "",
        "",
        "sep=;\n",
        "sep=^\r\n",
        "Report of 2024\n\n",
        "Report;1\n",
        ",,\n",
    ]);
    let columns = prop::sample::select(vec![
        ("External ID,Current Metric Value,As Of Date", [0, 1, 2, 9]),
        ("ID,Value,Date", [0, 1, 2, 9]),
        ("External ID,Value (%),Date,Comment", [0, 1, 2, 3]),
        ("As Of Date,External ID,Current Metric Value", [2, 0, 1, 9]),
        ("External ID,As Of Date,Comment,Current Metric Value", [0, 2, 3, 1]),
        ("External ID,Owner,Current Metric Value,As Of Date", [0, 3, 1, 2]),
        (",External ID,As Of Date,Current Metric Value", [9, 0, 2, 1]),
        ("External ID,Current Metric Value,,As Of Date,", [0, 1, 9, 2]),
        ("Owner,Unit,ID,Value,Date", [0, 0, 0, 1]),
        ("External ID,Current Metric Value,As Of Date,Date", [0, 1, 2, 2]),
        ("\"KPI\nID\",Value,Date", [0, 1, 2, 9]),
        // No header.
        ("", [0, 1, 2, 3]),
        ("", [0, 1, 2, 9]),
    ]);
    (file(), delimiter, above, columns).prop_map(|(text, delimiter, above, (header, order))| {
        let rows = text.split_once(['\n', '\r']).map_or("", |(_, rows)| rows);
        let mut shaped = format!("{above}{}", header.replace(',', delimiter));
        shaped.push_str(if header.is_empty() { "" } else { "\n" });
        for row in rows.split_inclusive('\n') {
            let end = if row.ends_with('\n') { "\n" } else { "" };
            let fields: Vec<&str> = row.trim_end_matches('\n').split(',').collect();
            let width = header.split(',').count();
            let moved: Vec<&str> = order
                .iter()
                .chain(&[0])
                .take(width)
                .map(|at| fields.get(*at).copied().unwrap_or_default())
                .collect();
            // Rows of odd lengths stay as they are.
            let fields = if (3..=4).contains(&fields.len()) && !header.is_empty() { moved } else { fields };
            shaped.push_str(&fields.join(delimiter));
            shaped.push_str(end);
        }
        shaped
    })
}

/// Only rows that are nearly always valid.
fn valid_file() -> impl Strategy<Value = String> {
    prop::collection::vec(valid_row(), 1..40).prop_map(|rows| {
        let rows: Vec<String> = rows.into_iter().map(|row| format!("{row}\n")).collect();
        format!("External ID,Current Metric Value,As Of Date,Comment\n{}", rows.concat())
    })
}

/// Nine valid rows in ten, and a file many times as long.
fn long_file() -> impl Strategy<Value = String> {
    (file(), 1..12_usize).prop_map(|(text, times)| {
        let (header, rows) = text.split_once('\n').unwrap_or((&text, ""));
        format!("{header}\n{}", rows.repeat(times))
    })
}

/// A file in another encoding, perhaps with a byte that stands for nothing.
fn file_of_other_encoding() -> impl Strategy<Value = Vec<u8>> {
    let encodings =
        prop::sample::select(vec!["windows-1252", "shift_jis", "gb18030", "utf-16le", "utf-16be"]);
    let broken = prop::option::weighted(0.3, (any::<prop::sample::Index>(), any::<u8>()));
    let text = prop_oneof![file(), file_of_other_shape()];
    (text, encodings, any::<bool>(), broken).prop_map(|(text, encoding, has_mark, broken)| {
        let text = text.replace("KPI-2", "K\u{e9}PI-2");
        let mark = if has_mark { "\u{feff}" } else { "" };
        let units = |text: &str| format!("{mark}{text}").encode_utf16().collect::<Vec<u16>>();
        let mut bytes: Vec<u8> = match encoding {
            "utf-16le" => units(&text).into_iter().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => units(&text).into_iter().flat_map(u16::to_be_bytes).collect(),
            name => encoding_named(name).unwrap().encode(&text).0.into_owned(),
        };
        if let Some((at, byte)) = broken
            && !bytes.is_empty()
        {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/short_way.proptest-regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_ways_report_the_same(text in prop_oneof![3 => file(), 1 => valid_file(), 3 => file_of_other_shape()], options in options()) {
        prop_assert_eq!(check(text.as_bytes(), &options), check_row_by_row(text.as_bytes(), &options));
    }

    #[test]
    fn both_ways_report_the_same_of_mutated_files(text in prop_oneof![file(), file_of_other_shape()], at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = text.into_bytes();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let options = Options::default();
        prop_assert_eq!(check(&bytes, &options), check_row_by_row(&bytes, &options));
    }

    #[test]
    fn mending_by_pieces_comes_to_the_same(
        text in prop_oneof![long_file(), file_of_other_shape()], options in options(), is_unsafe in any::<bool>(), piece in 1..300_usize, threads in 1..4_usize,
        wants_each_fix in any::<bool>(),
    ) {
        let level = if is_unsafe { Level::Unsafe } else { Level::Safe };
        let pieces = Pieces { bytes: text.as_bytes(), piece };
        if let Some(mut mended) = mended_by_pieces(&pieces, &options, level, threads, wants_each_fix) {
            let mut whole = fix(text.as_bytes(), &options, level).map(|whole| {
                let mut codes: Vec<_> = whole.fixed.iter().map(|fixed| fixed.finding.rule.code).collect();
                codes.sort_unstable();
                (whole, codes)
            });
            if let (Ok((mended, _)), Ok((whole, _))) = (&mut mended, &mut whole) {
                prop_assert_eq!(String::from_utf8_lossy(&mended.bytes), String::from_utf8_lossy(&whole.bytes));
                // Otherwise most of them are only counted.
                if !wants_each_fix {
                    whole.fixed.clone_from(&mended.fixed);
                    without_edits_throughout(&mut mended.report.diagnostics);
                    without_edits_throughout(&mut whole.report.diagnostics);
                }
            }
            prop_assert_eq!(mended, whole);
        }
    }

    #[test]
    fn files_of_other_encodings_come_to_the_same(
        bytes in file_of_other_encoding(), options in options(), level in prop::sample::select(vec![Level::Safe, Level::Unsafe]),
        piece in 1..300_usize, encoding in prop::sample::select(vec!["", "", "windows-1252", "shift_jis"]),
    ) {
        let options = Options { encoding: encoding_named(encoding), ..options };
        let pieces = Pieces { bytes: &bytes, piece };
        let mut heard = Heard::default();
        if let Some(extent) = check_by_pieces(&pieces, &options, NonZeroUsize::new(2).unwrap(), &mut heard).unwrap() {
            let mut whole = check_row_by_row(&bytes, &options);
            without_edits_throughout(&mut whole.diagnostics);
            without_edits_throughout(&mut heard.found);
            prop_assert_eq!((heard.found, extent.rows, extent.header), (whole.diagnostics, whole.rows, whole.header));
        }
        if let Some(mended) = mended_by_pieces(&pieces, &options, level, 2, false) {
            let whole = fix(&bytes, &options, level).map(|whole| (whole.bytes, whole.report));
            let mut mended = mended.map(|(mended, _)| (mended.bytes, mended.report));
            if let (Ok((_, report)), Ok((_, whole))) = (&mut mended, &whole) {
                report.text.clone_from(&whole.text);
            }
            let mut both = [mended, whole];
            for (_, report) in both.iter_mut().flatten() {
                without_edits_throughout(&mut report.diagnostics);
            }
            let [mended, whole] = both;
            prop_assert_eq!(mended, whole);
        }
    }

    #[test]
    fn pieces_and_threads_do_not_show(text in prop_oneof![long_file(), file_of_other_shape()], options in options(), piece in 1..300_usize, threads in 1..4_usize) {
        let pieces = Pieces { bytes: text.as_bytes(), piece };
        let report = check_source(&pieces, &options, NonZeroUsize::new(threads).unwrap()).unwrap();
        prop_assert_eq!(report, check_row_by_row(text.as_bytes(), &options));
    }
}

/// The mended file is begun before all rows were seen.
#[test]
fn what_rows_further_down_say_against_a_fix_is_heard_in_time() {
    let plain: Vec<String> = (1..400).map(|row| format!("P-{row},.5,03/31/2024\n")).collect();
    let plain = plain.concat();
    for (first, last) in [
        ("K-1,$5,03/31/2024", "K-2,5,03/31/2024"),
        ("K-1,\"1,234\",03/31/2024", "K-2,\"12,5\",03/31/2024"),
        ("K-1,\"1,234\",03/31/2024", "K-2,n/a,03/31/2024"),
        ("K-1,5,2024-04-03", "K-2,5,31/03/2024"),
        ("K-1,57%,03/31/2024", "K-1,30,04/30/2024"),
        ("K-1 ,5,03/31/2024", "K-1,5,03/31/2024"),
        ("K-1,$5,03/31/2024", "\nTotal,9,"),
    ] {
        let text =
            format!("External ID,Current Metric Value,As Of Date\n{plain}{first}\n{plain}{last}\n{plain}");
        for level in [Level::Safe, Level::Unsafe] {
            let whole = fix(text.as_bytes(), &Options::default(), level).unwrap();
            for (piece, threads) in [(100, 1), (1_000, 2), (3_000, 3), (1 << 20, 1)] {
                let source = Pieces { bytes: text.as_bytes(), piece };
                let (mended, _) =
                    mended_by_pieces(&source, &Options::default(), level, threads, false).unwrap().unwrap();
                let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                assert_eq!(shown(&mended.bytes), shown(&whole.bytes), "{first} {last} {piece}");
            }
        }
    }
}

#[test]
fn a_byte_order_mark_is_taken_away_piece_by_piece() {
    let rows = "External ID,Current Metric Value,As Of Date\nKPI-1,57%,03/31/2024\n";
    let text = format!("\u{feff}{rows}");
    let pieces = Pieces { bytes: text.as_bytes(), piece: 20 };
    for wants_each_fix in [true, false] {
        let mended = mended_by_pieces(&pieces, &Options::default(), Level::Safe, 2, wants_each_fix);
        let (mended, codes) = mended.unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&mended.bytes), rows.replace("57%", ".57"));
        assert_eq!(codes, ["F002", "V002"]);
    }
}

#[test]
fn files_of_other_shapes_are_not_held_as_a_whole() {
    let rows = "KPI-1,57%,03/31/2024\nKPI-2,1,03/31/2024\nKPI-3,1,2024-03-31\n";
    let comma = |header: &str, rows: &str| format!("{header}\n{rows}");
    let plain = comma("External ID,Current Metric Value,As Of Date", rows);
    let moved = "57%,03/31/2024,KPI-1,a\n1,03/31/2024,KPI-2,b\n1,2024-03-31,KPI-3,\n";
    for text in [
        plain.replace(',', ";"),
        plain.replace(',', "\t"),
        format!("sep=|\r\n{}", plain.replace(',', "|")),
        format!("Report of 2024\n\n{plain}"),
        plain.replace("\nKPI-2", "\r\nKPI-2"),
        plain.replace("\nKPI-2", "\rKPI-2"),
        plain.replace('\n', "\r"),
        comma("ID,Value,Date", rows),
        rows.to_owned(),
        rows.replace(',', ";"),
        comma("Current Metric Value,As Of Date,External ID,Comment", moved),
        comma("Current Metric Value,As Of Date,External ID,Owner", moved),
        comma("Current Metric Value;As Of Date;ID;Owner", &moved.replace(',', ";")),
    ] {
        // What remains of a column that would be dropped has edits in all rows, which move with what is mended there.
        for (level, wants_each_fix) in [(Level::Safe, false), (Level::Unsafe, false), (Level::Unsafe, true)] {
            assert_mended_by_pieces(text.as_bytes(), level, wants_each_fix);
        }
    }
}

#[test]
fn files_of_other_encodings_are_not_held_as_a_whole() {
    let plain =
        "External ID,Current Metric Value,As Of Date\nK\u{e9}PI-1,57%,03/31/2024\nKPI-2,1,03/31/2024\n";
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for bytes in [
        utf16(&format!("\u{feff}{plain}")),
        utf16(&format!("\u{feff}{}", plain.replace(',', "\t"))),
        encoding_named("windows-1252").unwrap().encode(plain).0.into_owned(),
    ] {
        for level in [Level::Safe, Level::Unsafe] {
            assert_mended_by_pieces(&bytes, level, false);
        }
    }
}

fn assert_mended_by_pieces(bytes: &[u8], level: Level, wants_each_fix: bool) {
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let options = Options::default();
    let mended = mended_by_pieces(&Pieces { bytes, piece: 30 }, &options, level, 2, wants_each_fix);
    let (mended, _) = mended.unwrap_or_else(|| panic!("{}", shown(bytes))).unwrap();
    assert_eq!(shown(&mended.bytes), shown(&fix(bytes, &options, level).unwrap().bytes));
}

/// A text that goes on for very long behind its beginning, without a line end.
struct Endless {
    beginning: &'static [u8],
    byte: u8,
    longest: AtomicUsize,
}

impl Source for Endless {
    fn length(&self) -> usize {
        1 << 40
    }

    fn window<'b>(&'b self, range: Range<usize>, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        self.longest.fetch_max(range.len(), Ordering::Relaxed);
        buffer.clear();
        buffer.extend_from_slice(self.beginning.get(range.start..).unwrap_or_default());
        buffer.resize(range.len(), self.byte);
        Ok(buffer)
    }
}

#[test]
fn a_row_without_end_is_left_before_it_takes_all_memory() {
    for (beginning, byte) in [
        (&b"External ID,Current Metric Value,As Of Date\n"[..], b'x'),
        (b"External ID;Current Metric Value;As Of Date\nKPI-1;\"", b'x'),
    ] {
        let rows: &'static [u8] = [beginning, &b"KPI-1,1,03/31/2024\n".repeat(100)].concat().leak();
        let source = Endless { beginning: rows, byte, longest: AtomicUsize::new(0) };
        let outcome = mended_by_pieces(&source, &Options::default(), Level::Safe, 1, true);
        assert!(outcome.is_none());
        assert!(source.longest.load(Ordering::Relaxed) < 1 << 28);
    }
}
