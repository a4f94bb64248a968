//! Pages of all kinds, each with the cells that are read of it.

use std::fmt::Write as _;
use std::io::Cursor;
use std::ops::ControlFlow;

use crate::cell::{StoredCell, StoredValue};
use crate::reading::{Limits, Opening, ReadError, Workbook};

fn opened(bytes: &[u8]) -> Result<Workbook, ReadError> {
    let opening = Opening { sheet_name: "report".to_owned(), ..Opening::default() };
    Workbook::open_as(Cursor::new(bytes.to_vec()), &opening)
}

/// `A1 text`, `B1 =0.5 (0%)`, … of all sheets, one row a line; hidden rows have a `-` in front.
fn cells(bytes: &[u8]) -> String {
    let mut workbook = match opened(bytes) {
        Ok(workbook) => workbook,
        Err(error) => return error.to_string(),
    };
    let mut lines = Vec::new();
    for index in 0..workbook.sheets().len() {
        if workbook.sheets().len() > 1 {
            lines.push(format!("[{}]", workbook.sheets()[index].name));
        }
        let facts = workbook.read(index, &mut |row| {
            let cells: Vec<_> =
                row.cells.iter().map(|it| format!("{}{} {}", it.column, row.number, shown(it))).collect();
            lines.push(format!("{}{}", if row.hidden { "-" } else { "" }, cells.join(" | ")));
            ControlFlow::Continue(())
        });
        match facts {
            Err(error) => lines.push(error.to_string()),
            Ok(facts) => {
                for area in &facts.merged {
                    lines.push(format!(
                        "{}{}:{}{}",
                        area.first_column, area.first_row, area.last_column, area.last_row
                    ));
                }
                lines.extend(
                    facts.hidden_columns.iter().map(|it| format!("hidden {}:{}", it.start(), it.end())),
                );
            }
        }
    }
    lines.join("\n")
}

fn shown(cell: &StoredCell) -> String {
    match &cell.value {
        StoredValue::Text(text) => text.replace('\n', "⏎"),
        StoredValue::Number(number) => format!("={number} ({})", cell.format.code()),
        StoredValue::Moment(moment) => format!("={}", moment.date()),
        other @ (StoredValue::Duration(_)
        | StoredValue::Logical(_)
        | StoredValue::Error(_)
        | StoredValue::NoResult) => format!("{other:?}"),
    }
}

#[test]
fn tables_are_laid_out_as_browsers_do() {
    for (page, expected) in [
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "A1 a | B1 b\nA2 c"),
        // Tags that are left out.
        ("<table><tr><td>a<td>b<tr><td>c</table>", "A1 a | B1 b\nA2 c"),
        ("<td>a<td>b<tr><td>c", "A1 a | B1 b\nA2 c"),
        ("<TABLE><THEAD><TR><TH>a</THEAD><TBODY><TR><TD>b</TBODY></TABLE>", "A1 a\nA2 b"),
        // Titles, text between tables, captions.
        (
            "<h1>Report</h1><p>of <b>March</b></p><table><caption>one</caption><tr><td>a</table>and<table><tr><td>b</table>",
            "A1 Report\nA2 of March\nA3 one\nA4 a\nA5 and\nA6 b",
        ),
        // Empty cells take a place, empty rows too.
        ("<table><tr><td>&nbsp;<td>b<tr><tr><td> <td>&#160; <td>c</table>", "B1 b\nC3 c"),
        // Cells that span others.
        (
            "<table><tr><th colspan=2>2024<th rowspan=2>Note<tr><th>Jan<th>Feb<tr><td>1<td>2<td>3</table>",
            "A1 2024 | C1 Note\nA2 Jan | B2 Feb\nA3 1 | B3 2 | C3 3\nA1:B1\nC1:C2",
        ),
        (
            "<table><tr><td rowspan=3>a<td>b<tr><td>c</table><table><tr><td>d</table>",
            "A1 a | B1 b\nB2 c\nA3 d\nA1:A2",
        ),
        ("<table><tbody><tr><td rowspan=9>a<tbody><tr><td>b</table>", "A1 a\nA2 b\nA1:A1"),
        ("<table><tr><td colspan=2 style='mso-ignore:colspan'>a<td>b</table>", "A1 a | C1 b"),
        ("<table><tr><td colspan=x rowspan=-1>a<td colspan=0>b</table>", "A1 a | B1 b"),
        // A table in a cell tears no row apart.
        (
            "<table><tr><td>a<table><tr><td>x<td>y</table></td><td>b<tr><td>c</table>",
            "A1 a | B1 b\nA2 x | B2 y\nA3 c",
        ),
        (
            "<table><tr><td><table><tr><td>K<td>V<tr><td>1<td>2</table><tr><td><table><tr><td>z</table></table>",
            "A2 K | B2 V\nA3 1 | B3 2\nA5 z",
        ),
        // What is hidden.
        (
            "<table><col><col style='display:none' span=2><tr style='display: none'><td>a<tr><td>b</table>",
            "-A1 a\nA2 b\nhidden B:C",
        ),
        // Texts: entities, blanks, line breaks, raised digits, scripts and what looks like tags.
        (
            "<table><tr><td> a&amp;b\n  c<br> d <td>&lt;5 &euro;<td>12<sup>1</sup><td>m<sup>2</sup></table>",
            "A1 a&b c⏎d | B1 <5 € | C1 12^1 | D1 m2",
        ),
        (
            "<title>t</title><script>if (a<b) '<td>'</script><table><tr><td><p>a</p><p>b</p><script>x</script></table>",
            "A1 a⏎b",
        ),
        ("<table><tr><td>a<!-- <td>b --><![if !x]><td>c<![endif]></table>", "A1 a | B1 c"),
        ("<xml><x:Name>n</x:Name></xml><table><tr><td>a</table>", "A1 a"),
    ] {
        assert_eq!(cells(page.as_bytes()), expected, "{page}");
    }
}

#[test]
fn what_a_page_says_of_cells_counts() {
    let page = |cells: &str| {
        format!(
            "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><style><!-- .p {{mso-number-format:0%}} \
             .t {{mso-number-format:\"\\@\"}} .d {{mso-number-format:\"dd\\/mm\\/yyyy\"}} --></style><table><tr>{cells}</table>"
        )
    };
    for (cell, expected) in [
        ("<td class=p x:num=\"0.12345\">12%", "A1 =0.12345 (0%)"),
        ("<td class=p>12%", "A1 =0.12 (0%)"),
        ("<td class=p>0.12", "A1 =0.12 (0%)"),
        ("<td x:num>1250000", "A1 =1250000 (General)"),
        ("<td x:num=\"45382\" style='mso-number-format:\"Short Date\"'>3/31/2024", "A1 =45382 (m/d/yyyy)"),
        ("<td class=t x:num=\"5\">5", "A1 =5 (@)"),
        ("<td class=t>00123", "A1 00123"),
        ("<td x:str=\" 00123\">00123", "A1  00123"),
        ("<td x:str>7", "A1 7"),
        ("<td>00123", "A1 00123"),
        ("<td style='mso-number-format:00000'>123", "A1 =123 (00000)"),
        ("<td class=d>03/04/2024", "A1 =2024-04-03"),
        ("<td>03/04/2024", "A1 03/04/2024"),
        ("<td x:bool=\"TRUE\">TRUE", "A1 Logical(true)"),
        ("<td x:err=\"#DIV/0!\">#DIV/0!", "A1 Error(\"#DIV/0!\")"),
        ("<td x:num=\"nonsense\">5", "A1 5"),
        ("<td sdval=\"0.5\" sdnum=\"1033;0;0.0%\">50.0%", "A1 =0.5 (0.0%)"),
        ("<td sdval=\"7\" sdnum=\"1033;\">7", "A1 =7 (General)"),
    ] {
        assert_eq!(cells(page(cell).as_bytes()), expected, "{cell}");
    }
}

#[test]
fn encodings_are_marked_named_or_guessed() {
    let page = "<table><tr><td>Größe</table>";
    let latin: Vec<u8> = encoding_rs::WINDOWS_1252.encode(page).0.into_owned();
    let greek = encoding_rs::ISO_8859_7
        .encode("<meta http-equiv=Content-Type content=\"text/html; charset=iso-8859-7\"><td>Αξία")
        .0;
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(page.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (bytes, expected) in [
        (page.as_bytes().to_vec(), "A1 Größe"),
        ([b"\xef\xbb\xbf", page.as_bytes()].concat(), "A1 Größe"),
        ([&b"<meta charset='windows-1252'>"[..], &latin].concat(), "A1 Größe"),
        // A page in UTF-8 that says otherwise is in UTF-8.
        ([b"<meta charset=iso-8859-1>", page.as_bytes()].concat(), "A1 Größe"),
        (greek.into_owned(), "A1 Αξία"),
        (latin, "A1 Größe"),
        (wide, "A1 Größe"),
    ] {
        assert_eq!(cells(&bytes), expected, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn sheets_have_the_names_that_excel_wrote() {
    let island = "<!--[if gte mso 9]><xml><x:ExcelWorkbook><x:ExcelWorksheets><x:ExcelWorksheet>\
                  <x:Name>KPI &amp; more</x:Name></x:ExcelWorksheet></x:ExcelWorksheets><x:Date1904/>\
                  </x:ExcelWorkbook></xml><![endif]--><table><tr><td>a</table>";
    let workbook = opened(island.as_bytes()).unwrap();
    assert_eq!(workbook.sheets()[0].name, "KPI & more");
    assert_eq!(workbook.dates(), crate::number_format::DateSystem::From1904);
    assert_eq!(opened(b"<table><tr><td>a</table>").unwrap().sheets()[0].name, "report");
    assert!(
        cells(b"<html><form>Log in</form></html>")
            .starts_with("this is a web page without a table, not a workbook; ")
    );
}

#[test]
fn names_that_excel_wrote_are_areas() {
    let island = "<xml><x:ExcelWorkbook><x:ExcelWorksheets><x:ExcelWorksheet><x:Name>It's Q1</x:Name>\
                  </x:ExcelWorksheet></x:ExcelWorksheets></x:ExcelWorkbook>\
                  <x:ExcelName><x:Name>North</x:Name><x:Formula>='It''s Q1'!$A$1:$C$4</x:Formula></x:ExcelName>\
                  <x:ExcelName><x:Name>Print_Area</x:Name><x:Formula>='It''s Q1'!$A$1:$C$4</x:Formula></x:ExcelName>\
                  <x:ExcelName><x:Name>Old</x:Name><x:Hidden/><x:Formula>='It''s Q1'!$A$1</x:Formula></x:ExcelName>\
                  <x:ExcelName><x:Name>Rate</x:Name><x:Formula>=0.25</x:Formula></x:ExcelName></xml>\
                  <table><tr><td>a</table>";
    let areas = opened(island.as_bytes()).unwrap().areas().unwrap().unwrap();
    let areas: Vec<_> = areas.iter().map(|it| (it.name.as_str(), it.sheet, it.range)).collect();
    assert_eq!(areas, [("North", 0, crate::reading::CellRange::parse("A1:C4").unwrap())]);
}

#[test]
fn what_styles_hide_is_hidden() {
    for (page, expected) in [
        ("<tr style='display: NONE'><td>a<tr><td>b", "-A1 a\nA2 b"),
        (
            "<style>.gone, td.c {display:none !important} .here {display:block}</style><tr class='odd gone'><td>a\
          <tr class=here><td>b",
            "-A1 a\nA2 b",
        ),
        ("<thead style='display:none'><tr><td>a</thead><tbody><tr><td>b", "-A1 a\nA2 b"),
        // A column whose cells are all hidden, and one in which some are.
        (
            "<style>.c {display:none}</style><tr><td>a<td class=c>b<td>c<tr><td>1<td class=c>2<td class=c>3",
            "A1 a | B1 b | C1 c\nA2 1 | B2 2 | C2 3\nhidden B:B",
        ),
        ("<tr><td>a<table style='display:none'><tr><td>b</table><tr><td>c", "A1 a\n-A2 b\nA3 c"),
    ] {
        assert_eq!(cells(format!("<table>{page}</table>").as_bytes()), expected, "{page}");
    }
    assert_eq!(
        cells(b"<table style='display:none'><tr><td>a</table><table><tr><td>b</table>"),
        "-A1 a\nA2 b"
    );
}

#[test]
fn archives_hold_a_sheet_on_each_page() {
    let archive = "MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related;\r\n boundary=\"--=_x\"\r\n\r\n\
        preamble\r\n----=_x\r\nContent-Location: file:///C:/b.htm\r\nContent-Transfer-Encoding: quoted-printable\r\n\
        Content-Type: text/html; charset=\"utf-8\"\r\n\r\n<html><!--[if gte mso 9]><xml><x:ExcelWorksheet><x:Name>Q1</x:Name>\
        <x:WorksheetSource HRef=3D\"b_files/sheet001.htm\"/></x:ExcelWorksheet><x:ExcelWorksheet><x:Name>Old</x:Name>\
        <x:WorksheetSource HRef=\"b_files/sheet002.htm\"/><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible>\
        </x:WorksheetOptions></x:ExcelWorksheet></xml>--></html>\r\n\
        ----=_x\r\nContent-Location: file:///C:/b_files/stylesheet.css\r\nContent-Type: text/css\r\n\r\n.p {mso-number-format:0%}\r\n\
        ----=_x\r\nContent-Location: file:///C:/b_files/sheet001.htm\r\nContent-Transfer-Encoding: quoted-printable\r\n\
        Content-Type: text/html\r\n\r\n<table><tr><td>Gr=C3=B6=\r\n=C3=9Fe</td><td class=3Dp>5%</td></tr></table>\r\n\
        ----=_x\r\nContent-Location: file:///C:/b_files/sheet002.htm\r\nContent-Transfer-Encoding: base64\r\n\
        Content-Type: text/html\r\n\r\nPHRhYmxlPjx0cj48dGQ+YmFz\r\nZTY0PC90YWJsZT4=\r\n----=_x--\r\nepilogue<td>no";
    assert_eq!(cells(archive.as_bytes()), "[Q1]\nA1 Größe | B1 =0.05 (0%)\n[Old]\nA1 base64");
    assert_eq!(
        opened(archive.as_bytes()).unwrap().sheets()[1].visibility,
        crate::reading::Visibility::Hidden
    );
    // One that is cut off gives what there is.
    let cut = &archive[..archive.find("----=_x\r\nContent-Location: file:///C:/b_files/sheet002").unwrap()];
    assert_eq!(cells(cut.as_bytes()), "A1 Größe | B1 =0.05 (0%)");
}

#[test]
fn pages_that_ask_for_too_much_are_refused_in_time() {
    let nested = "<table><tr><td>".repeat(2_000);
    let mut wide = "<table><tr>".to_owned();
    for _ in 0..20 {
        wide.push_str("<td rowspan=65534 colspan=1000>");
    }
    wide.push_str(&"<tr><td>".repeat(3_000));
    let mut columns = String::from("<table><tr>");
    for column in 0..17_000 {
        let _ = write!(columns, "<td>{column}");
    }
    let limits = Limits { held_bytes: 1 << 20, ..Limits::default() };
    let refused = |page: &str, limits: &Limits| {
        let opening = Opening { limits: limits.clone(), ..Opening::default() };
        let read = Workbook::open_as(Cursor::new(page.to_owned().into_bytes()), &opening)
            .and_then(|mut workbook| workbook.read(0, &mut |_| ControlFlow::Continue(())));
        read.map(|_| ()).map_err(|error| error.to_string())
    };
    for (page, expected) in [
        (&nested, "the depth of tables inside of each other exceeds the limit of 1000 levels"),
        (&wide, "the number of cells that others span exceeds the limit of 20000000"),
        (&columns, "a cell in row 1, column 16385 exceeds the limit of 1048576 rows and 16384 columns"),
        (&"<td>a".repeat(300_000), "the size of a web page exceeds the limit of 1 MiB"),
    ] {
        assert_eq!(refused(page, &limits), Err(expected.to_owned()));
    }
    // Tables without end in one cell are kept until its row ends.
    let inner = format!("<table><tr><td>{}", "<table><tr><td>a</table>".repeat(10_000));
    let limits = Limits { shared_text_bytes: 100_000, ..Limits::default() };
    let told = "the tables that stand in one cell exceeds the limit of 100000 bytes";
    assert_eq!(refused(&inner, &limits), Err(told.to_owned()));
}
