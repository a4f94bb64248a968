//! Contests on delimited text.

use super::super::inputs::Inputs;
use super::{Contest, Contestant, Size, Times, example, ours};
use crate::measure::Needs;

/// The rules that compare rows with each other.
const ACROSS_ROWS: &str = "R004,R005,I006,I007,I008,V015,D007";

pub(super) fn contests(inputs: &Inputs, size: &Size) -> Vec<Contest> {
    vec![
        check_clean(&inputs.clean, size.rows),
        check_dirty(&inputs.dirty, size.rows),
        fix(&inputs.dirty, size.rows),
        convert(&inputs.dirty, size.rows),
        check_many(&inputs.many_files, size.files),
    ]
}

/// The same work on files of more and more rows.
pub(super) fn growth(inputs: &Inputs) -> [Contest; 3] {
    let ours = ours();
    [
        growing(
            "how the cost of a check grows",
            &inputs.growing,
            |_| None,
            |name| format!("exec {ours} check -q -j 1 {name}"),
        ),
        growing(
            "how the cost of a fix grows, one row in twenty dirty",
            &inputs.growing_dirty,
            |name| Some(copy(name)),
            |_| format!("exec {ours} check -q -j 1 --fix dirty-copy.csv"),
        ),
        growing(
            "how the cost of a conversion grows, one row in twenty dirty",
            &inputs.growing_dirty,
            |_| None,
            |name| format!("exec {ours} convert -q --force -o converted.csv {name}"),
        ),
    ]
}

fn check_clean(clean: &str, rows: usize) -> Contest {
    let (ours, bare) = (ours(), example("bare_csv_loop"));
    Contest::new(
        format!("check a clean CSV file of {rows} rows"),
        vec![
            ("csv crate, bare loop, checks nothing", Needs::Nothing, format!("exec {bare} {clean}")),
            ("metricsheet check -j 1", Needs::Nothing, format!("exec {ours} check -q -j 1 {clean}")),
            ("metricsheet check -j 2", Needs::Nothing, format!("exec {ours} check -q -j 2 {clean}")),
            (
                "metricsheet check -j 1, rules across rows ignored",
                Needs::Nothing,
                format!("exec {ours} check -q -j 1 --ignore {ACROSS_ROWS} {clean}"),
            ),
            ("polars, three regular expressions", Needs::Python("polars"), polars_check(clean)),
            ("duckdb, the same", Needs::Python("duckdb"), duckdb_check(clean)),
            ("xan count", Needs::Program("xan"), format!("exec xan count {clean}")),
            ("qsv validate", Needs::Program("qsv"), format!("exec qsv validate {clean}")),
            ("wc -l", Needs::Nothing, format!("exec wc -l {clean}")),
        ],
    )
}

fn check_dirty(dirty: &str, rows: usize) -> Contest {
    let (ours, bare) = (ours(), example("bare_csv_loop"));
    Contest::new(
        format!("check a CSV file of {rows} rows, one in twenty dirty, and print what is found"),
        vec![
            ("csv crate, bare loop, checks nothing", Needs::Nothing, format!("exec {bare} {dirty}")),
            (
                "metricsheet check",
                Needs::Nothing,
                format!("exec {ours} check -q --exit-zero --output-format concise {dirty}"),
            ),
            (
                "metricsheet check --statistics",
                Needs::Nothing,
                format!("exec {ours} check -q --exit-zero --statistics {dirty}"),
            ),
        ],
    )
}

fn fix(dirty: &str, rows: usize) -> Contest {
    let ours = ours();
    Contest::new(
        format!("fix a CSV file of {rows} rows, one in twenty dirty"),
        vec![
            ("polars, the same normalising, inexact", Needs::Python("polars"), polars_fix(dirty)),
            ("metricsheet check --fix", Needs::Nothing, format!("exec {ours} check -q --fix dirty-copy.csv")),
            ("cp", Needs::Nothing, format!("exec cp {dirty} fixed.csv")),
        ],
    )
    .after(&copy(dirty))
}

/// Makes the file that is mended in its place. What others left to be written to the disk is not to be waited for.
fn copy(dirty: &str) -> String {
    format!("cp {dirty} dirty-copy.csv && sync")
}

fn convert(dirty: &str, rows: usize) -> Contest {
    let ours = ours();
    Contest::new(
        format!("convert a CSV file of {rows} rows, one in twenty dirty"),
        vec![
            ("polars, the same normalising, inexact", Needs::Python("polars"), polars_fix(dirty)),
            (
                "metricsheet convert",
                Needs::Nothing,
                format!("exec {ours} convert -q --force -o converted.csv {dirty}"),
            ),
        ],
    )
}

fn check_many(many_files: &str, files: usize) -> Contest {
    let (ours, bare) = (ours(), example("bare_csv_loop"));
    Contest::new(
        format!("check {files} CSV files of 100 rows"),
        vec![
            ("csv crate, bare loop, checks nothing", Needs::Nothing, format!("exec {bare} {many_files}")),
            ("metricsheet check -j 1", Needs::Nothing, format!("exec {ours} check -q -j 1 {many_files}")),
            ("metricsheet check -j 2", Needs::Nothing, format!("exec {ours} check -q -j 2 {many_files}")),
        ],
    )
}

fn growing(
    title: &str,
    files: &[(usize, String)],
    before: impl Fn(&str) -> Option<String>,
    script: impl Fn(&str) -> String,
) -> Contest {
    let contestants = files.iter().map(|(rows, name)| Contestant {
        name: format!("{rows} rows"),
        needs: Needs::Nothing,
        script: script(name),
        before: before(name),
    });
    Contest { title: title.to_owned(), contestants: contestants.collect(), times: Times::Once }
}

fn polars_check(file: &str) -> String {
    format!(
        r#"exec python3 -c '
import polars as pl
rows = pl.scan_csv("{file}", infer_schema=False)
shape = [("External ID", "^[ -~]+$"), ("Current Metric Value", "^-?[0-9]*(\\.[0-9]+)?$"), ("As Of Date", "^[0-9]{{2}}/[0-9]{{2}}/[0-9]{{4}}$")]
print(rows.select([(~pl.col(name).str.contains(regex)).sum() for name, regex in shape]).collect())'"#
    )
}

fn duckdb_check(file: &str) -> String {
    format!(
        r#"exec python3 -c '
import duckdb
rows = "read_csv(\"{file}\", all_varchar = true, header = true)".replace(chr(34), chr(39))
shape = [("External ID", "^[ -~]+$"), ("Current Metric Value", "^-?[0-9]*(\\.[0-9]+)?$"), ("As Of Date", "^[0-9]{{2}}/[0-9]{{2}}/[0-9]{{4}}$")]
counts = ", ".join(f"count(*) filter (not regexp_matches(\"{{name}}\", {{chr(39)}}{{regex}}{{chr(39)}}))" for name, regex in shape)
print(duckdb.sql(f"select {{counts}} from {{rows}}").fetchall())'"#
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
