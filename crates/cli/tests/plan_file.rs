//! `--plan`: what a check knows from a plan, in each form that a plan can have.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Command;

const FILE: &str = "External ID,Current Metric Value,As Of Date\nkpi 01,5,03/31/2024\nShare,20,03/31/2024\nOther,1,03/31/2024\n";
const CSV: &str =
    "Plan of 2024\n\nExternal ID,Name,UoM,Low,High\nKPI-1,Visits,#,0,\nShare,Share,%,0,100%\nCost,Cost,$,,\n";

/// The status and all that is said, on both streams.
fn run(directory: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .args(arguments)
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap(), said)
}

/// A workbook whose second sheet is the plan; the maximum is stored as 1 and shown as a percentage.
fn workbook() -> Vec<u8> {
    let text = |cell: &str, text: &str| format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let rows = [
        [text("B2", "External ID"), text("C2", "Unit"), text("D2", "Max")].concat(),
        [text("B3", "KPI-1"), text("C3", "#")].concat(),
        [text("B4", "Share"), text("C4", "%"), r#"<c r="D4" s="1"><v>1</v></c>"#.to_owned()].concat(),
        [text("B5", "Cost"), text("C5", "$")].concat(),
    ];
    let rows: Vec<String> =
        rows.iter().zip(2..).map(|(cells, row)| format!(r#"<row r="{row}">{cells}</row>"#)).collect();
    let rows = rows.concat();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let sheet =
        |rows: &str| format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#.to_owned(),
        ),
        ("_rels/.rels", format!(r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#)),
        ("xl/workbook.xml", format!(r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="About" sheetId="1" r:id="rId1"/><sheet name="Plan" sheetId="2" r:id="rId2"/></sheets></workbook>"#)),
        ("xl/_rels/workbook.xml.rels", format!(r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{office}/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="{office}/styles" Target="styles.xml"/></Relationships>"#)),
        ("xl/styles.xml", format!(r#"<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="9"/></cellXfs></styleSheet>"#)),
        ("xl/worksheets/sheet1.xml", sheet("")),
        ("xl/worksheets/sheet2.xml", sheet(&rows)),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn every_form_of_a_plan_is_known_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let pulled = r##"{"version":1,"plan":"p","place":"https://x","pulled":"now","items":[
        {"externalId":"KPI-1","unit":"#"},{"externalId":"Share","metric":{"unit":"%","maximum":1}},
        {"externalId":"Cost","unit":"$"},{"name":"a goal"}]}"##;
    let files: [(&str, &[u8]); 4] = [
        ("q1.csv", FILE.as_bytes()),
        ("plan.csv", CSV.as_bytes()),
        ("plan.json", pulled.as_bytes()),
        ("plan.xlsx", &workbook()),
    ];
    for (name, bytes) in files {
        std::fs::write(directory.path().join(name), bytes).unwrap();
    }
    let expected = run(directory.path(), &check("plan.csv"));
    assert_eq!(expected.0, 1, "{}", expected.1);
    for part in [
        "I009: the plan has no `kpi 01`; did you mean `KPI-1`?",
        "I009: the plan has no `Other`; correct the ID",
        "V003",
        "P001: `KPI-1` of the plan has no row in this file",
        "P001: `Cost` of the plan has no row in this file",
    ] {
        assert!(expected.1.contains(part), "{part} is not in {}", expected.1);
    }
    for plan in ["plan.json", "plan.xlsx"] {
        assert_eq!(run(directory.path(), &check(plan)), expected, "{plan}");
    }
    // From a settings file, whose directory is the one its paths count from.
    std::fs::create_dir(directory.path().join("sub")).unwrap();
    std::fs::write(directory.path().join("metricsheet.toml"), "plan = \"plan.csv\"\n").unwrap();
    let (_, said) = run(&directory.path().join("sub"), &["check", "../q1.csv", "--output-format", "concise"]);
    assert!(said.contains("did you mean `KPI-1`?") && !said.contains("P001"), "{said}");
    let (_, said) = run(directory.path(), &["check", "q1.csv", "--fix", "--unsafe-fixes"]);
    let fixed = std::fs::read_to_string(directory.path().join("q1.csv")).unwrap();
    assert!(fixed.contains("KPI-1,5,") && fixed.contains("Share,.2,"), "{fixed}{said}");
}

fn check(plan: &str) -> [&str; 8] {
    ["check", "q1.csv", "--extend-select", "P001", "--plan", plan, "--output-format", "concise"]
}

#[test]
fn a_plan_that_cannot_be_used_says_why_and_where() {
    for (text, reason) in [
        (
            "a,b\nc,d\n",
            "it has no column of External IDs; call one `External ID` (its first row has `a`, `b`)",
        ),
        ("External ID,Max\nA,ten\n", "cell B2: `ten` is no plain number"),
        ("External ID,Unit\nA,%\nA,$\n", "cell A3: the ID `A` has the unit `%` and the unit `$`"),
        ("External ID,Unit\n,%\n", "has no item with an External ID"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("plan.csv"), text).unwrap();
        std::fs::write(directory.path().join("q1.csv"), FILE).unwrap();
        let (status, said) = run(directory.path(), &["check", "q1.csv", "--plan", "plan.csv"]);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains(reason) && said.contains("plan.csv"), "{said}");
    }
}

#[test]
fn a_maximum_of_a_hundred_beside_a_percent_sign_is_a_hundred_percent() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("plan.csv"), "External ID,Unit,Max\nShare,%,100\n").unwrap();
    let rows = "External ID,Current Metric Value,As Of Date\nShare,20,03/31/2024\n";
    std::fs::write(directory.path().join("q1.csv"), rows).unwrap();
    let (status, said) = run(directory.path(), &["check", "q1.csv", "--plan", "plan.csv", "--fix"]);
    let fixed = std::fs::read_to_string(directory.path().join("q1.csv")).unwrap();
    assert_eq!((status, fixed.contains("Share,.2,")), (0, true), "{said}{fixed}");
}

#[test]
fn a_pulled_plan_counts_before_sending_and_when_converting() {
    let directory = tempfile::tempdir().unwrap();
    let pulled = r#"{"version":1,"plan":"p","place":"https://x","pulled":"now","items":[
        {"externalId":"Share","unit":"%"}]}"#;
    let rows = "External ID,Current Metric Value,As Of Date\nShare,20,03/31/2024\n";
    std::fs::write(directory.path().join("plan.json"), pulled).unwrap();
    std::fs::write(directory.path().join("q1.csv"), rows).unwrap();
    let upload = ["upload", "q1.csv", "--plan", "plan.json", "--dry-run"];
    assert_eq!(run(directory.path(), &upload).0, 1);
    assert_eq!(run(directory.path(), &[&upload[..], &["--fix"]].concat()).0, 0);
    let (status, said) =
        run(directory.path(), &["convert", "q1.csv", "--plan", "plan.json", "-o", "out.csv"]);
    let written = std::fs::read_to_string(directory.path().join("out.csv")).unwrap();
    assert_eq!((status, written.contains("Share,.2,")), (0, true), "{said}{written}");
}
