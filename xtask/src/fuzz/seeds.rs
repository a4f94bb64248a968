//! What a fuzzer begins with: the fixtures, in the form in which each law takes its input.

use std::io::{Cursor, Read as _};
use std::path::Path;

use anyhow::Context as _;
use zip::ZipArchive;

/// What divides the parts of a workbook, as `metricsheet_laws` divides them.
const DIVIDER: &[u8] = b"\n=====\n";

/// Writes the seeds of a law into a folder.
pub(crate) fn write(law: &str, fixtures: &Path, folder: &Path) -> anyhow::Result<()> {
    for (number, seed) in seeds(law, fixtures)?.iter().enumerate() {
        let path = folder.join(format!("seed-{number:04}"));
        std::fs::write(&path, seed).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

fn seeds(law: &str, fixtures: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let workbooks = fixtures.join("workbooks");
    Ok(match law {
        "value" => cells(fixtures, "value")?,
        "id" => cells(fixtures, "id")?,
        "date" => {
            let days = lines(&fixtures.join("dates_iso8601.csv"))?;
            // The suites repeat each form many times.
            let days = days.iter().step_by(20).map(|line| line.split(',').next().unwrap_or_default());
            let days: Vec<Vec<u8>> = days.map(|day| chosen(0, day.as_bytes())).collect();
            [cells(fixtures, "date")?, days].concat()
        }
        "check" | "records" => texts(law, fixtures)?,
        "xlsx" => packed(
            &workbooks,
            "xlsx",
            &["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"],
        )?,
        "xlsb" => packed(
            &workbooks,
            "xlsb",
            &["xl/worksheets/sheet1.bin", "xl/sharedStrings.bin", "xl/styles.bin"],
        )?,
        "ods" => packed(&workbooks, "ods", &["content.xml", "styles.xml"])?,
        "xml2003" => whole(&workbooks, &["fods", "xls"])?,
        "container" => whole(&workbooks, &["xls", "xlsx", "xlsb", "ods"])?,
        "settings" => settings(&fixtures.join("../docs/settings.md"))?,
        "answer" => [
            "{\"id\":\"7f9c24e5-0000-4000-8000-000000000000\"}",
            "{\"jobId\": 12, \"status\": \"Processed\"}",
            "<html><body>Service Unavailable</body></html>",
            "{\"errors\": [{\"message\": \"row 2: unknown ID\"}], \"status\": \"Failed\"}",
        ]
        .iter()
        .flat_map(|body| (0..4).map(|status| chosen(status, &chosen(0, body.as_bytes()))))
        .collect(),
        other => anyhow::bail!("no seeds are known for `{other}`"),
    })
}

/// The byte that chooses, and the input behind it.
fn chosen(choice: u8, input: &[u8]) -> Vec<u8> {
    [&[choice], input].concat()
}

fn lines(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// The texts of the cases of one column. Quoted ones keep their marks: a fuzzer has no use for exactness.
fn cells(fixtures: &Path, column: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    let rows = lines(&fixtures.join("cells.csv"))?;
    let of_column = rows.iter().filter_map(|row| row.strip_prefix(column)?.strip_prefix(','));
    Ok(of_column.map(|rest| chosen(0, rest.split(',').next().unwrap_or_default().as_bytes())).collect())
}

/// The CSV files of the fixtures, and the examples of all rules.
fn texts(law: &str, fixtures: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut texts = whole(&fixtures.join("workbooks/expected"), &["csv"])?;
    texts.extend(whole(&fixtures.join("demo"), &["csv"])?);
    let rules = metricsheet_core::rules::all().flat_map(|rule| rule.examples);
    texts.extend(rules.map(|example| example.before.as_bytes().to_vec()));
    let chooses = law == "check";
    Ok(texts.into_iter().map(|text| if chooses { chosen(0, &text) } else { text }).collect())
}

/// The files of a folder that end in one of these extensions.
fn whole(folder: &Path, extensions: &[&str]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.to_string_lossy().into_owned();
        if path.is_file() && extensions.iter().any(|extension| name.ends_with(&format!(".{extension}"))) {
            files.push(std::fs::read(&path).with_context(|| format!("cannot read `{name}`"))?);
        }
    }
    Ok(files)
}

/// The parts of each workbook of an extension, divided as a law takes them.
fn packed(folder: &Path, extension: &str, parts: &[&str]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    for workbook in whole(folder, &[extension])? {
        let mut archive = ZipArchive::new(Cursor::new(workbook)).context("a fixture is no zip")?;
        let mut read = |name: &&str| {
            let mut bytes = Vec::new();
            if let Ok(mut part) = archive.by_name(name) {
                part.read_to_end(&mut bytes)?;
            }
            anyhow::Ok(bytes)
        };
        let parts = parts.iter().map(&mut read).collect::<anyhow::Result<Vec<_>>>()?;
        seeds.push(parts.join(DIVIDER));
    }
    Ok(seeds)
}

/// The settings files of the manual, and one of each setting.
fn settings(manual: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let text = std::fs::read_to_string(manual).context("cannot read the manual")?;
    let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let names = text.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'));
    let one_each = names.map(|name| format!("{name} = \"x\"\n"));
    Ok(blocks.map(str::to_owned).chain(one_each).map(String::into_bytes).collect())
}
