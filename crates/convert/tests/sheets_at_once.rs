//! However many sheets of a workbook are converted at the same time, they come to the same.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

#[expect(dead_code, reason = "shared with the tests of layouts")]
mod sheet;
mod told;

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use metricsheet_convert::{
    Hidden, Limits, Mended, Merged, Opening, Options, Provenance, Store, Workbook, convert_into,
    convert_row_by_row,
};
use metricsheet_core::{Applicability, Settings};
use proptest::prelude::*;
use tempfile::NamedTempFile;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use sheet::Sheet;
use told::told;

/// Smaller files are converted sheet by sheet.
const LARGE: usize = 256 << 10;

/// A sheet of a workbook.
#[derive(Debug, Clone)]
struct Part {
    /// What is said of it beside its name.
    attributes: &'static str,
    xml: String,
}

impl Part {
    /// A sheet of these rows, its cells between bars as `fixtures/layouts` has them.
    fn new(rows: &[&str]) -> Self {
        let mut xml = "<worksheet><sheetData>".to_owned();
        for row in Sheet::read(&rows.join("\n")).rows {
            xml.push_str("<row>");
            for cell in row {
                let (attributes, value) = match cell.split_at_checked(2) {
                    Some(("d:", day)) => ("t='d' s='2'", day),
                    Some(("t:", text)) => ("t='str'", text),
                    _ if cell.starts_with('%') => ("s='1'", &cell[1..]),
                    _ if cell.parse::<f64>().is_ok() => ("", &cell[..]),
                    _ => ("t='str'", &cell[..]),
                };
                write!(xml, "<c {attributes}><v>{value}</v></c>").unwrap();
            }
            xml.push_str("</row>");
        }
        let merged = "<mergeCells><mergeCell ref='D2:D4'/></mergeCells>";
        xml.push_str(&["</sheetData>", merged, "</worksheet>"].concat());
        Self { attributes: "", xml }
    }

    fn table(rows: &[&str]) -> Self {
        Self::new(&[&["External ID|Current Metric Value|As Of Date|Comment"], rows].concat())
    }

    fn hidden(self) -> Self {
        Self { attributes: "state='hidden'", ..self }
    }

    /// The same, but its end contradicts its beginning.
    fn broken(self) -> Self {
        Self { xml: self.xml.replace("</sheetData>", "</oops>"), ..self }
    }
}

/// A workbook of these sheets, with enough beside them to make it a large one.
fn xlsx(sheets: &[Part]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut part = |name: &str, text: &str| {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    let (mut list, mut related) = (String::new(), String::new());
    for (at, sheet) in sheets.iter().enumerate() {
        write!(list, "<sheet name='S{at}' r:id='r{at}' {}/>", sheet.attributes).unwrap();
        write!(related, "<Relationship Id='r{at}' Type='x/worksheet' Target='s{at}.xml'/>").unwrap();
        part(&format!("xl/s{at}.xml"), &sheet.xml);
    }
    part("xl/workbook.xml", &format!("<workbook><sheets>{list}</sheets></workbook>"));
    related.push_str("<Relationship Id='f' Type='x/styles' Target='f.xml'/>");
    part("xl/_rels/workbook.xml.rels", &format!("<Relationships>{related}</Relationships>"));
    let formats = "<xf numFmtId='0'/><xf numFmtId='9'/><xf numFmtId='14'/>";
    part("xl/f.xml", &format!("<styleSheet><cellXfs>{formats}</cellXfs></styleSheet>"));
    with_ballast(zip.finish().unwrap().into_inner())
}

fn with_ballast(workbook: Vec<u8>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new_append(Cursor::new(workbook)).unwrap();
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("ballast", options).unwrap();
    zip.write_all(&vec![0; LARGE]).unwrap();
    zip.finish().unwrap().into_inner()
}

/// What so many sheets at once come to, or why not.
fn converted(
    bytes: &[u8],
    at_once: Option<usize>,
    limits: &Limits,
    options: &Options,
) -> Result<Vec<String>, String> {
    let opening = Opening { limits: limits.clone(), ..Opening::default() };
    let mut workbook = Workbook::open_as(Cursor::new(bytes.to_vec()), &opening).unwrap();
    let settings = Settings::default();
    let conversion = match at_once.and_then(NonZeroUsize::new) {
        None => convert_row_by_row(&mut workbook, options, &settings),
        Some(at_once) => convert_into(Store::Memory, at_once, &mut workbook, options, &settings),
    };
    let conversion = conversion.map_err(|error| error.to_string())?;
    let mut told = told(&conversion, options.mended);
    told.extend(conversion.left_out.iter().map(|sheet| format!("{sheet:?}")));
    Ok(told)
}

/// Holds several sheets at once against one after the other, and that against the long way where it takes no more; tells
/// what they come to.
fn compare(bytes: &[u8], limits: &Limits, options: &Options, name: &str) -> Result<Vec<String>, String> {
    let one_by_one = converted(bytes, Some(1), limits, options);
    if *limits == Limits::default() {
        let told = Options { mended: Mended::Told, ..options.clone() };
        assert_eq!(converted(bytes, Some(1), limits, &told), converted(bytes, None, limits, &told), "{name}");
    }
    for at_once in [2, 3, 4, 9] {
        assert_eq!(converted(bytes, Some(at_once), limits, options), one_by_one, "{name}, {at_once} at once");
    }
    one_by_one
}

fn all_options() -> [Options; 4] {
    let fixing = Options { fixes: Some(Applicability::Safe), ..Options::default() };
    [
        fixing.clone(),
        Options { mended: Mended::Counted, ..fixing.clone() },
        Options { hidden: Hidden::Skipped, merged: Merged::Filled, ..fixing.clone() },
        Options { provenance: Provenance::Kept, ..fixing },
    ]
}

/// Rows that need no word.
fn plain(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("M-{at}|0.{at}1|d:2024-03-{:02}|", at % 28 + 1)).collect()
}

/// A table that is read twice, since the days of one row tell how to read those of the others.
fn suspect() -> Part {
    Part::table(&[
        "K-1|1|t:03/04/2024|",
        "K-1|1|t:03/04/2024|x",
        "K-2|1|t:13/04/2024|",
        "007|5|45382|",
        "8|5|45382|",
    ])
}

/// A table whose rows have to wait, since another kind of table stands below it.
fn long_way() -> Part {
    Part::table(&["K-1|1|d:2024-03-31|", "", "KPI code|Jan 2024|Feb 2024|Mar 2024", "K-9|1|2|3"])
}

#[test]
fn sheets_of_all_kinds_come_to_the_same() {
    let plain = plain(300);
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    let no_table = Part::new(&["Read me", "nothing to see here"]);
    let empty = Part::new(&[]);
    let rejected = Part::table(&["K-1|n/a|d:2024-03-31|", "K-2|t:1,5|soon|", "Total|12||"]);
    let sheets = [
        Part::table(&plain),
        suspect(),
        no_table,
        empty,
        long_way(),
        rejected,
        Part::table(&plain[..9]).hidden(),
        Part::table(&["K-1|%0.2|d:2024-03-31|a", "K-2|t:20%|d:2024-03-31|", "K-3|3|d:2024-03-31|"]),
    ];
    for (at, options) in all_options().iter().enumerate() {
        for sheets in [&sheets[..], &sheets[..1], &sheets[3..4], &sheets[1..3]] {
            let told = compare(&xlsx(sheets), &Limits::default(), options, &format!("options {at}")).unwrap();
            assert!(told.len() > 4 || sheets.len() == 1, "{told:?}");
        }
    }
}

#[test]
fn fixtures_come_to_the_same() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks");
    let mut compared = 0;
    for entry in fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "xlsx" || extension == "xlsb") {
            let bytes = with_ballast(fs::read(&path).unwrap());
            for options in all_options() {
                let name = path.display().to_string();
                compared += usize::from(compare(&bytes, &Limits::default(), &options, &name).is_ok());
            }
        }
    }
    assert!(compared >= 40, "{compared}");
}

#[test]
fn of_several_broken_sheets_the_first_one_is_told() {
    let rows = plain(20_000);
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    // The other one breaks long before it.
    let sheets = [
        Part::table(&rows[..5]),
        Part::table(&rows).broken(),
        Part::table(&rows[..5]),
        Part::table(&rows[..5]).broken(),
        Part::table(&rows[..5]),
    ];
    let error = compare(&xlsx(&sheets), &Limits::default(), &Options::default(), "broken").unwrap_err();
    assert!(error.starts_with("`xl/s1.xml` is broken: "), "{error}");
}

#[test]
fn limits_are_those_of_all_sheets_together() {
    let plain = plain(50);
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    // Five rows of each wait, with 4 + 1 + 10 bytes and one comment of one byte, and two cells are filled.
    let [first, other] = ["T-01|t:5|d:2024-03-31|x", "T-02|t:5|d:2024-03-31|"];
    let doubtful = Part::table(&[first, other, other, other, other]);
    let [fixing, _, filled, _] = all_options();
    let wide = Limits::default;
    let sheets = |count| vec![doubtful.clone(); count];
    let broken_last = [sheets(4), vec![Part::table(&plain).broken()]].concat();
    let broken_first = [vec![Part::table(&plain).broken()], sheets(4)].concat();
    let rows = "the number of rows of which there is something to say exceeds the limit of ";
    let bytes = "the text of the rows of which there is something to say exceeds the limit of ";
    let cases = [
        (sheets(4), Limits { waiting_rows: 20, ..wide() }, &fixing, ""),
        (sheets(4), Limits { waiting_rows: 19, ..wide() }, &fixing, rows),
        (sheets(4), Limits { waiting_rows: 4, ..wide() }, &fixing, rows),
        (sheets(4), Limits { waiting_bytes: 304, ..wide() }, &fixing, ""),
        (sheets(4), Limits { waiting_bytes: 303, ..wide() }, &fixing, bytes),
        // The rows pass theirs first, if only the last sheets pass any.
        (sheets(8), Limits { waiting_rows: 21, waiting_bytes: 399, ..wide() }, &fixing, rows),
        (sheets(8), Limits { waiting_rows: 31, waiting_bytes: 330, ..wide() }, &fixing, bytes),
        (sheets(4), Limits { repeated_cells: 8, ..wide() }, &filled, ""),
        (
            sheets(4),
            Limits { repeated_cells: 7, ..wide() },
            &filled,
            "the number of merged cells to be filled",
        ),
        (broken_last.clone(), Limits { waiting_rows: 20, ..wide() }, &fixing, "`xl/s4.xml` is broken: "),
        (broken_last, Limits { waiting_rows: 19, ..wide() }, &fixing, rows),
        (broken_first, Limits { waiting_rows: 4, ..wide() }, &fixing, "`xl/s0.xml` is broken: "),
    ];
    for (at, (sheets, limits, options, told)) in cases.into_iter().enumerate() {
        let outcome = compare(&xlsx(&sheets), &limits, options, &format!("case {at}"));
        match outcome {
            Ok(_) => assert_eq!(told, "", "case {at}"),
            Err(error) => assert!(!told.is_empty() && error.starts_with(told), "case {at}: {error}"),
        }
    }
}

/// How long a sheet waits for another one before the test has failed.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn two_sheets_are_on_their_way_at_the_same_time() {
    // Enough rows for a file of their own.
    let rows = plain(100_000);
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let bytes = xlsx(&[Part::table(&rows), Part::table(&rows)]);
    let (begun, has_begun) = (Mutex::new(0), Condvar::new());
    // Each sheet waits, in the middle of its rows, for the other one to come as far.
    let open = || {
        let mut count = begun.lock().unwrap();
        *count += 1;
        has_begun.notify_all();
        let (count, waited) = has_begun.wait_timeout_while(count, PATIENCE, |count| *count < 2).unwrap();
        drop(count);
        if waited.timed_out() { Err(std::io::ErrorKind::TimedOut.into()) } else { NamedTempFile::new() }
    };
    let mut workbook = Workbook::open(Cursor::new(bytes)).unwrap();
    let two = NonZeroUsize::new(2).unwrap();
    let (options, settings) = (Options::default(), Settings::default());
    let conversion = convert_into(Store::Files(&open), two, &mut workbook, &options, &settings).unwrap();
    assert_eq!(conversion.sheets.len(), 2);
    assert_eq!(*begun.lock().unwrap(), 2);
}

fn rows() -> impl Strategy<Value = Vec<&'static str>> {
    let words = vec![
        "K-1|1|d:2024-03-31|",
        "K-1|2.5|d:2024-03-31|fine",
        "K-2|%0.25|d:2024-04-03|",
        "K-2|%2|d:2024-05-06|",
        "k-1|250|45382|",
        "K - 2|t:20%|t:2024-05-06|",
        "007|-3|t:03/04/2024|",
        "8|t:1,234|t:13/04/2024|",
        "t:013|t:n/a|soon|a, b",
        "K-3|t:7|d:2024-05-06|=x",
        "Total|12||",
        "",
        "External ID|Current Metric Value|As Of Date|Comment",
        "Value|Date|KPI",
        "KPI code|Jan 2024|Feb 2024|Mar 2024",
    ];
    prop::collection::vec(prop::sample::select(words), 0..12)
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        8 => rows().prop_map(|rows| Part::table(&rows)),
        1 => rows().prop_map(|rows| Part::new(&rows)),
        1 => rows().prop_map(|rows| Part::table(&rows).hidden()),
        1 => Just(Part::new(&[])),
        1 => rows().prop_map(|rows| Part::table(&rows).broken()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn workbooks_come_to_the_same(
        sheets in prop::collection::vec(part(), 0..9),
        options in 0..4_usize,
        waiting_rows in prop_oneof![2 => Just(None), 1 => (0..40_u64).prop_map(Some)],
        waiting_bytes in prop_oneof![2 => Just(None), 1 => (0..800_u64).prop_map(Some)],
        repeated_cells in prop_oneof![2 => Just(None), 1 => (0..12_u64).prop_map(Some)],
    ) {
        let mut limits = Limits::default();
        limits.waiting_rows = waiting_rows.unwrap_or(limits.waiting_rows);
        limits.waiting_bytes = waiting_bytes.unwrap_or(limits.waiting_bytes);
        limits.repeated_cells = repeated_cells.unwrap_or(limits.repeated_cells);
        let _ = compare(&xlsx(&sheets), &limits, &all_options()[options], "generated");
    }
}
