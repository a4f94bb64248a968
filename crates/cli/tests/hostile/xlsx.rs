//! xlsx: containers that inflate, and XML without end.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::{CSV, Case, Fate, hold};

const ROWS: &str = r#"<row r="1"><c r="A1" t="str"><v>External ID</v></c><c r="B1" t="str"><v>Value</v></c><c r="C1" t="str"><v>As Of Date</v></c></row><row r="2"><c r="A2" t="str"><v>KPI-1</v></c><c r="B2"><v>0.5</v></c><c r="C2" t="str"><v>2024-03-31</v></c></row>"#;
const SHARED_HEADER: &str =
    "<si><t>External ID</t></si><si><t>Value</t></si><si><t>As Of Date</t></si><si><t>Comment</t></si>";

/// A workbook on its way: parts of text, some of it repeated many times.
struct Book {
    zip: zip::ZipWriter<Cursor<Vec<u8>>>,
}

impl Book {
    /// With the parts that lead to `sheets` sheets, all of them at `xl/s.xml` unless they are named.
    fn new(sheets: &[(&str, &str)]) -> Self {
        let mut book = Self { zip: zip::ZipWriter::new(Cursor::new(Vec::new())) };
        let list: String = sheets
            .iter()
            .enumerate()
            .map(|(at, (name, _))| format!(r#"<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>"#))
            .collect();
        let related: String = sheets
            .iter()
            .enumerate()
            .map(|(at, (_, part))| {
                format!(r#"<Relationship Id="r{at}" Type="x/worksheet" Target="{part}"/>"#)
            })
            .collect();
        book.part("[Content_Types].xml", &[("<Types/>", 1)]);
        book.part("xl/workbook.xml", &[("<workbook><sheets>", 1), (&list, 1), ("</sheets></workbook>", 1)]);
        let further = r#"<Relationship Id="t" Type="x/sharedStrings" Target="t.xml"/><Relationship Id="f" Type="x/styles" Target="f.xml"/>"#;
        book.part(
            "xl/_rels/workbook.xml.rels",
            &[("<Relationships>", 1), (&related, 1), (further, 1), ("</Relationships>", 1)],
        );
        book
    }

    fn part(&mut self, name: &str, pieces: &[(&str, usize)]) {
        self.zip.start_file(name, SimpleFileOptions::default().large_file(true)).unwrap();
        for (piece, times) in pieces {
            // Not one by one: the compressor likes long pieces.
            let at_once = ((1 << 20) / piece.len().max(1)).max(1);
            let long = piece.repeat(at_once.min(*times));
            for _ in 0..times / at_once {
                self.zip.write_all(long.as_bytes()).unwrap();
            }
            self.zip.write_all(&long.as_bytes()[..piece.len() * (times % at_once)]).unwrap();
        }
    }

    fn bytes(self) -> Vec<u8> {
        self.zip.finish().unwrap().into_inner()
    }
}

fn one_sheet() -> Book {
    Book::new(&[("S", "s.xml")])
}

/// A workbook of one sheet with these pieces among its rows, and further ones after them.
fn sheet(rows: &[(&str, usize)], after: &[(&str, usize)]) -> Vec<u8> {
    let mut book = one_sheet();
    let pieces = [
        &[("<worksheet><sheetData>", 1), (ROWS, 1)],
        rows,
        &[("</sheetData>", 1)],
        after,
        &[("</worksheet>", 1)],
    ];
    book.part("xl/s.xml", &pieces.concat());
    book.bytes()
}

/// The same with another part beside the sheet.
fn beside(part: &str, pieces: &[(&str, usize)]) -> Vec<u8> {
    let mut book = one_sheet();
    book.part("xl/s.xml", &[("<worksheet><sheetData>", 1), (ROWS, 1), ("</sheetData></worksheet>", 1)]);
    book.part(part, pieces);
    book.bytes()
}

/// A sheet whose cells all refer to shared texts: the header, then `text` again and again.
fn shared(text: &str, rows: usize) -> Vec<u8> {
    let mut book = one_sheet();
    book.part(
        "xl/t.xml",
        &[
            (r#"<sst count="1" uniqueCount="9999999999">"#, 1),
            (SHARED_HEADER, 1),
            ("<si><t>", 1),
            (text, 1),
            ("</t></si></sst>", 1),
        ],
    );
    let cell = |index: usize| format!(r#"<c t="s"><v>{index}</v></c>"#);
    let header = format!("<row>{}{}{}{}</row>", cell(0), cell(1), cell(2), cell(3));
    let date = "<c t='str'><v>2024-03-31</v></c>";
    let row = format!("<row>{}<c><v>0.5</v></c>{date}{}</row>", cell(4), cell(4));
    book.part(
        "xl/s.xml",
        &[("<worksheet><sheetData>", 1), (&header, 1), (&row, rows), ("</sheetData></worksheet>", 1)],
    );
    book.bytes()
}

#[test]
fn cells_and_texts_that_are_far_away_or_many() {
    let far = r#"<row r="300000"><c r="ZZ300000"><v>1</v></c></row>"#;
    let again = r#"<row r="2"><c r="B2"><v>0.7</v></c></row><row r="1"/>"#;
    hold(
        "xlsx",
        vec![
            Case::new("two cells far from each other", sheet(&[(far, 1)], &[]), Fate::Converted(CSV)),
            Case::new(
                "a column beyond the grid",
                sheet(&[(r#"<row r="3"><c r="XFE3"><v>1</v></c></row>"#, 1)], &[]),
                Fate::Refused("exceeds the limit of 1048576 rows and 16384 columns"),
            ),
            Case::new(
                "a row beyond the grid",
                sheet(&[(r#"<row r="1048577"><c r="A1048577"><v>1</v></c></row>"#, 1)], &[]),
                Fate::Refused("exceeds the limit of 1048576 rows and 16384 columns"),
            ),
            Case::new(
                "a reference that is no number",
                sheet(&[(r#"<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>"#, 1)], &[]),
                Fate::Converted(CSV),
            ),
            Case::new("rows out of order and repeated", sheet(&[(again, 1)], &[]), Fate::Converted("KPI-1,")),
            Case::new(
                "texts that are counted wrongly",
                shared("KPI-1", 1),
                Fate::Converted("KPI-1,0.5,03/31/2024,KPI-1"),
            ),
            Case::new(
                "a text of 32 KB that two million cells share",
                shared(&"x".repeat(32 << 10), 1_000_000),
                Fate::Refused("exceeds the limit of"),
            ),
        ],
    );
}

#[test]
fn parts_that_inflate() {
    hold(
        "xlsx",
        vec![
            Case::new(
                "a shared text of 300 MB in a file of 300 KB",
                beside("xl/t.xml", &[("<sst><si><t>", 1), ("x", 300 << 20), ("</t></si></sst>", 1)]),
                Fate::Refused("one text or element exceeds the limit of 32 MiB"),
            ),
            Case::new(
                "a text of many references",
                beside("xl/t.xml", &[("<sst><si><t>", 1), ("&amp;", 14_000_000), ("</t></si></sst>", 1)]),
                // Of one kind or the other: both are meant for this.
                Fate::Refused("exceeds the limit of"),
            ),
            Case::new(
                "empty shared texts",
                beside("xl/t.xml", &[("<sst>", 1), ("<si/>", 4_000_000), ("</sst>", 1)]),
                Fate::Refused("the memory of the shared texts exceeds the limit of 192 MiB"),
            ),
            Case::new(
                "blanks between the rows",
                sheet(&[("<row/>            ", 5_000_000)], &[]),
                Fate::Refused("what `xl/s.xml` inflates to exceeds the limit of 200 times its size"),
            ),
            Case::new(
                "an endless comment",
                sheet(&[("<!--", 1), ("-<", 18_000_000), ("-->", 1)], &[]),
                Fate::Refused("one text or element exceeds the limit of 32 MiB"),
            ),
            Case::new(
                "an endless attribute",
                sheet(&[("<row r='", 1), ("1", 36_000_000), ("'/>", 1)], &[]),
                Fate::Refused("one text or element exceeds the limit of 32 MiB"),
            ),
        ],
    );
}

#[test]
fn structures_without_end() {
    let formula = [("<row><c><f>", 1), ("SUM(", 9_000_000), ("</f><v>1</v></c></row>", 1)];
    hold(
        "xlsx",
        vec![
            Case::new(
                "elements inside of each other",
                sheet(&[("<row>", 100_000)], &[]),
                Fate::Refused("the depth of elements inside of each other exceeds the limit of 1000 levels"),
            ),
            Case::new(
                "an endless formula",
                sheet(&formula, &[]),
                Fate::Refused("exceeds the limit of 32 MiB"),
            ),
            Case::new(
                "endless cell formats",
                beside(
                    "xl/f.xml",
                    &[("<styleSheet><cellXfs>", 1), ("<xf/>", 1_500_000), ("</cellXfs></styleSheet>", 1)],
                ),
                Fate::Refused("the memory of the formats exceeds the limit of 64 MiB"),
            ),
            Case::new(
                "an endless number format",
                beside(
                    "xl/f.xml",
                    &[
                        ("<styleSheet><numFmt numFmtId='200' formatCode='", 1),
                        ("0;", 5_000_000),
                        ("'/><cellXfs><xf numFmtId='200'/></cellXfs></styleSheet>", 1),
                    ],
                ),
                Fate::Converted(CSV),
            ),
            Case::new(
                "merged areas",
                sheet(
                    &[],
                    &[("<mergeCells>", 1), ("<mergeCell ref='A9:B9'/>", 1_100_000), ("</mergeCells>", 1)],
                ),
                Fate::Refused("the number of merged areas or hidden columns exceeds the limit of 1000000"),
            ),
            Case::new(
                "the whole grid merged and filled",
                sheet(
                    &[("<row><c><v>1</v></c></row>", 200_000)],
                    &[("<mergeCells><mergeCell ref='A3:XFD1048576'/></mergeCells>", 1)],
                ),
                Fate::Refused("the number of merged cells to be filled exceeds the limit of 20000000"),
            )
            .with(&["--fill-merged"]),
        ],
    );
}

#[test]
fn entities_are_not_expanded() {
    let bomb = r#"<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&c;&x;</t></si></sst>"#;
    hold(
        "xlsx",
        vec![
            Case::new("in the shared texts", beside("xl/t.xml", &[(bomb, 1)]), Fate::Converted(CSV)),
            Case::new(
                "in a cell",
                sheet(
                    &[(
                        "<row><c t='str'><v>&x;</v></c><c><v>1</v></c><c t='str'><v>2024-03-31</v></c></row>",
                        1,
                    )],
                    &[],
                ),
                Fate::Converted("&x;,1,03/31/2024"),
            ),
        ],
    );
}

#[test]
fn sheets_without_end() {
    let many: Vec<(String, &str)> = (0..50_000).map(|number| (format!("S{number}"), "s.xml")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, part)| (name.as_str(), *part)).collect();
    let mut too_many = Book::new(&many);
    too_many.part("xl/s.xml", &[("<worksheet><sheetData/></worksheet>", 1)]);
    hold(
        "xlsx",
        vec![Case::new(
            "50,000 sheets",
            too_many.bytes(),
            Fate::Refused("the number of sheets exceeds the limit of 10000"),
        )],
    );
}

#[test]
fn containers_that_lie() {
    let sound = sheet(&[], &[]);
    // The end of a directory of four billion entries, in front of the true one.
    let mut claims = sound.clone();
    let at = claims.windows(4).rposition(|window| window == b"PK\x05\x06").unwrap();
    let mut record = b"PK\x06\x06".to_vec();
    record.extend([0; 28]);
    record.extend(4_000_000_000_u64.to_le_bytes());
    record.extend([0; 16]);
    claims.splice(at..at, record);
    let mut leads_out = Book::new(&[("../../../../escaped", "../../../../../etc/passwd"), ("S", "s.xml")]);
    leads_out
        .part("etc/passwd", &[("<worksheet><sheetData>", 1), (ROWS, 1), ("</sheetData></worksheet>", 1)]);
    leads_out.part("xl/s.xml", &[("<worksheet><sheetData/></worksheet>", 1)]);
    hold(
        "xlsx",
        vec![
            Case::new(
                "parts that are not there",
                claims,
                Fate::Refused("the number of parts of the container"),
            ),
            Case::new("a target outside of the container", leads_out.bytes(), Fate::Converted(CSV)),
        ],
    );
}

/// Sheets with names that lead elsewhere are written where the others are.
#[test]
fn names_do_not_lead_out_of_the_output_folder() {
    let names =
        ["../../escaped", "..", "/tmp/absolute", "a/../../b", "C:\\x", "nul", "two\nlines", "&#x202e;vsc"];
    let sheets: Vec<(&str, &str)> = names.iter().map(|name| (*name, "s.xml")).collect();
    let mut book = Book::new(&sheets);
    book.part("xl/s.xml", &[("<worksheet><sheetData>", 1), (ROWS, 1), ("</sheetData></worksheet>", 1)]);
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("deep/inside");
    std::fs::create_dir_all(&inside).unwrap();
    std::fs::write(directory.path().join("book.xlsx"), book.bytes()).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .args(["convert", "../../book.xlsx", "-o", "."])
        .current_dir(&inside)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let count = |path: &std::path::Path| std::fs::read_dir(path).unwrap().count();
    assert_eq!(count(&inside), names.len(), "{output:?}");
    assert_eq!((count(directory.path()), count(&directory.path().join("deep"))), (2, 1));
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        assert!(line.starts_with("`../../book.xlsx`, sheet `"), "{line:?}");
    }
}

/// Rows of which there is nothing to say leave 22 bytes each; held until the last one, these would take 600 MB.
#[test]
fn rows_without_a_mistake_are_not_held() {
    use std::fmt::Write as _;
    let mut rows = String::from(
        r#"<row><c t="str"><v>External ID</v></c><c t="str"><v>Value</v></c><c t="str"><v>As Of Date</v></c></row>"#,
    );
    for number in 1..=400_000 {
        write!(
            rows,
            r#"<row><c t="str"><v>KPI-{number}</v></c><c><v>0.5</v></c><c s="1"><v>45382</v></c></row>"#
        )
        .unwrap();
    }
    let mut book = Book::new(&[("S", "s.xml")]);
    book.part("xl/s.xml", &[("<worksheet><sheetData>", 1), (&rows, 1), ("</sheetData></worksheet>", 1)]);
    book.part("xl/f.xml", &[(r#"<styleSheet><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>"#, 1)]);
    hold("xlsx", vec![Case::new("long", book.bytes(), Fate::Converted("\nKPI-400000,0.5,03/31/2024\n"))]);
}
