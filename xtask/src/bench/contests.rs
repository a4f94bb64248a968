//! Who runs against whom, and on what.

use std::path::Path;

use super::inputs::Inputs;
use crate::measure::{self, Cost, Needs};
use crate::shell::root;

/// How large the inputs are, and how often each contestant runs.
#[derive(Debug)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) files: usize,
    pub(super) growing: &'static [usize],
    pub(super) workbook_rows: usize,
    pub(super) workbooks: usize,
    pub(super) runs: usize,
}

impl Size {
    pub(super) const FULL: Self = Self {
        rows: 10_000_000,
        files: 10_000,
        growing: &[10_000, 100_000, 1_000_000, 10_000_000],
        workbook_rows: 1_000_000,
        workbooks: 2_000,
        runs: 3,
    };
    pub(super) const QUICK: Self = Self {
        rows: 1_000_000,
        files: 1_000,
        growing: &[10_000, 100_000, 1_000_000],
        workbook_rows: 50_000,
        workbooks: 100,
        runs: 3,
    };
}

/// One who does the work, or a part of it.
#[derive(Debug)]
pub(super) struct Contestant {
    pub(super) name: String,
    pub(super) script: String,
    needs: Needs,
}

/// Some work. All are compared with the first contestant that is installed.
#[derive(Debug)]
pub(super) struct Contest {
    pub(super) title: String,
    contestants: Vec<Contestant>,
}

/// What each contestant's runs cost.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) title: String,
    pub(super) costs: Vec<(String, Vec<Cost>)>,
    pub(super) absent: Vec<String>,
}

impl Contest {
    fn new(title: String, contestants: Vec<(&str, Needs, String)>) -> Self {
        let contestants = contestants.into_iter();
        let contestants = contestants
            .map(|(name, needs, script)| Contestant { name: name.to_owned(), needs, script })
            .collect();
        Self { title, contestants }
    }

    /// All contests, in the order of the page.
    pub(super) fn all(inputs: &Inputs, size: &Size) -> Vec<Self> {
        let release = root().join("target/release");
        let ours = release.join("metricsheet").display().to_string();
        let bare = release.join("examples/bare_csv_loop").display().to_string();
        let Inputs {
            clean,
            dirty,
            many_files,
            growing,
            growing_dirty,
            long_workbook,
            wide_workbook,
            many_workbooks,
        } = inputs;
        let across = "R004,R005,I006,I007,I008,V015,D007";
        let mut contests = vec![
            Self::new(
                format!("check a clean CSV file of {} rows", size.rows),
                vec![
                    ("csv crate, bare loop, checks nothing", Needs::Nothing, format!("exec {bare} {clean}")),
                    ("metricsheet check -j 1", Needs::Nothing, format!("exec {ours} check -q -j 1 {clean}")),
                    ("metricsheet check -j 2", Needs::Nothing, format!("exec {ours} check -q -j 2 {clean}")),
                    (
                        "metricsheet check -j 1, rules across rows ignored",
                        Needs::Nothing,
                        format!("exec {ours} check -q -j 1 --ignore {across} {clean}"),
                    ),
                    ("polars, three regular expressions", Needs::Python("polars"), polars_check(clean)),
                    ("xan count", Needs::Program("xan"), format!("exec xan count {clean}")),
                    ("qsv validate", Needs::Program("qsv"), format!("exec qsv validate {clean}")),
                    ("wc -l", Needs::Nothing, format!("exec wc -l {clean}")),
                ],
            ),
            Self::new(
                format!("check {} CSV files of 100 rows", size.files),
                vec![
                    (
                        "csv crate, bare loop, checks nothing",
                        Needs::Nothing,
                        format!("exec {bare} {many_files}"),
                    ),
                    (
                        "metricsheet check -j 1",
                        Needs::Nothing,
                        format!("exec {ours} check -q -j 1 {many_files}"),
                    ),
                    (
                        "metricsheet check -j 2",
                        Needs::Nothing,
                        format!("exec {ours} check -q -j 2 {many_files}"),
                    ),
                ],
            ),
            Self::new(
                "start".to_owned(),
                vec![
                    ("true", Needs::Nothing, "exec /bin/true".to_owned()),
                    ("metricsheet --version", Needs::Nothing, format!("exec {ours} --version")),
                ],
            ),
        ];
        contests.extend(Self::on_dirty(size.rows, dirty, &ours, &bare));
        for (title, workbook) in [("long", long_workbook), ("wide", wide_workbook)] {
            contests.push(Self::new(
                format!("convert a {title} workbook, `{workbook}`"),
                vec![
                    ("xan from, a bare dump", Needs::Program("xan"), format!("exec xan from {workbook}")),
                    (
                        "metricsheet convert",
                        Needs::Nothing,
                        format!("exec {ours} convert -q -o - {workbook}"),
                    ),
                    ("polars", Needs::Python("fastexcel"), polars_excel(workbook)),
                    ("xlsx2csv", Needs::Program("xlsx2csv"), format!("exec xlsx2csv {workbook} -")),
                ],
            ));
        }
        contests.push(Self::new(
            format!("convert {} workbooks of 50 rows", size.workbooks),
            vec![
                ("python-calamine, values only", Needs::Python("python_calamine"), calamine_all(many_workbooks)),
                (
                    "metricsheet convert",
                    Needs::Nothing,
                    format!("rm -rf converted && mkdir converted && exec {ours} convert -q -o converted {many_workbooks}"),
                ),
            ],
        ));
        contests.push(Self::growth("how the cost of a check grows", growing, |name| {
            format!("exec {ours} check -q -j 1 {name}")
        }));
        contests.push(Self::growth(
            "how the cost of a fix grows, one row in twenty dirty",
            growing_dirty,
            |name| format!("cp {name} fixed.csv && exec {ours} check -q -j 1 --fix fixed.csv"),
        ));
        contests
    }

    /// Contests on a file with one row in twenty dirty.
    fn on_dirty(rows: usize, dirty: &str, ours: &str, bare: &str) -> [Self; 2] {
        [
            Self::new(
                format!("fix a CSV file of {rows} rows, one in twenty dirty"),
                vec![
                    ("polars, the same normalising, inexact", Needs::Python("polars"), polars_fix(dirty)),
                    (
                        "metricsheet check --fix",
                        Needs::Nothing,
                        format!("cp {dirty} fixed.csv && exec {ours} check -q --fix fixed.csv"),
                    ),
                    ("cp", Needs::Nothing, format!("exec cp {dirty} fixed.csv")),
                ],
            ),
            Self::new(
                format!("check a CSV file of {rows} rows, one in twenty dirty, and print what is found"),
                vec![
                    ("csv crate, bare loop, checks nothing", Needs::Nothing, format!("exec {bare} {dirty}")),
                    (
                        "metricsheet check",
                        Needs::Nothing,
                        format!("exec {ours} check -q --output-format concise {dirty}"),
                    ),
                    (
                        "metricsheet check --statistics",
                        Needs::Nothing,
                        format!("exec {ours} check -q --statistics {dirty}"),
                    ),
                ],
            ),
        ]
    }

    /// The same work on files of more and more rows.
    fn growth(title: &str, files: &[(usize, String)], script: impl Fn(&str) -> String) -> Self {
        let contestants = files.iter().map(|(rows, name)| Contestant {
            name: format!("{rows} rows"),
            needs: Needs::Nothing,
            script: script(name),
        });
        Self { title: title.to_owned(), contestants: contestants.collect() }
    }

    /// Runs all contestants in turn, once for nothing and then `runs` times.
    pub(super) fn run(self, directory: &Path, runs: usize) -> anyhow::Result<Outcome> {
        let (present, absent): (Vec<_>, Vec<_>) =
            self.contestants.into_iter().partition(|contestant| measure::is_installed(contestant.needs));
        let mut costs: Vec<(String, Vec<Cost>)> =
            present.iter().map(|contestant| (contestant.name.clone(), Vec::new())).collect();
        for run in 0..=runs {
            for (contestant, (_, costs)) in present.iter().zip(&mut costs) {
                let cost = measure::run(&contestant.script, directory)?;
                if run > 0 {
                    costs.push(cost);
                }
            }
        }
        let absent = absent.into_iter().map(|contestant| contestant.name).collect();
        Ok(Outcome { title: self.title, costs, absent })
    }
}

fn polars_check(file: &str) -> String {
    format!(
        r#"exec python3 -c '
import polars as pl
rows = pl.scan_csv("{file}", infer_schema=False, missing_utf8_is_empty_string=True)
shape = [("External ID", "^[ -~]+$"), ("Current Metric Value", "^-?[0-9]*(\\.[0-9]+)?$"), ("As Of Date", "^[0-9]{{2}}/[0-9]{{2}}/[0-9]{{4}}$")]
print(rows.select([(~pl.col(name).str.contains(regex)).sum() for name, regex in shape]).collect())'"#
    )
}

fn polars_fix(file: &str) -> String {
    format!(
        r#"exec python3 -c '
import polars as pl
value, date = pl.col("Current Metric Value"), pl.col("As Of Date")
plain = value.str.strip_chars().str.strip_prefix("$")
fraction = (plain.str.strip_suffix("%").cast(pl.Float64, strict=False) / 100).cast(pl.String)
rows = pl.scan_csv("{file}", infer_schema=False).with_columns(
    pl.when(value.str.ends_with("%")).then(fraction).otherwise(plain).alias("Current Metric Value"),
    date.str.replace("^([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})$", "${{2}}/${{3}}/${{1}}"))
rows.sink_csv("fixed.csv")'"#
    )
}

fn polars_excel(file: &str) -> String {
    format!(r#"exec python3 -c 'import polars; polars.read_excel("{file}").write_csv("/dev/null")'"#)
}

fn calamine_all(directory: &str) -> String {
    format!(
        r#"exec python3 -c '
import os, python_calamine
for name in os.listdir("{directory}"):
    python_calamine.CalamineWorkbook.from_path("{directory}/" + name).get_sheet_by_index(0).to_python()'"#
    )
}
