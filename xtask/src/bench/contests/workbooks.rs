//! Contests on workbooks.

use super::super::inputs::Inputs;
use super::{Contest, Size, example, ours};
use crate::measure::Needs;

pub(super) fn contests(inputs: &Inputs, size: &Size) -> Vec<Contest> {
    let mut contests = vec![
        convert_xlsx("long", &inputs.long_workbook),
        convert_xlsx("wide", &inputs.wide_workbook),
        convert_many(&inputs.many_workbooks, size.workbooks),
    ];
    contests.extend(inputs.other_workbooks.iter().map(|name| convert_other(name)));
    contests
}

fn convert_xlsx(shape: &str, workbook: &str) -> Contest {
    let (ours, inflate) = (ours(), example("inflate"));
    Contest::new(
        format!("convert a {shape} workbook, `{workbook}`"),
        vec![
            ("xan from, a bare dump", Needs::Program("xan"), format!("exec xan from {workbook}")),
            ("metricsheet convert", Needs::Nothing, format!("exec {ours} convert -q -o - {workbook}")),
            ("inflate its parts, and nothing else", Needs::Nothing, format!("exec {inflate} {workbook}")),
            ("qsv excel", Needs::Program("qsv"), format!("exec qsv excel {workbook}")),
            ("polars", Needs::Python("fastexcel"), polars_excel(workbook)),
            ("xlsx2csv", Needs::Program("xlsx2csv"), format!("exec xlsx2csv {workbook} -")),
        ],
    )
}

fn convert_many(directory: &str, count: usize) -> Contest {
    let (ours, bare) = (ours(), example("bare_calamine_loop"));
    // Each run writes into a new folder: file systems search long for places of files that were just deleted.
    let script = |threads: usize| format!("exec {ours} convert -q -j {threads} -o converted/$$/ {directory}");
    Contest::new(
        format!("convert {count} workbooks of 50 rows"),
        vec![
            ("calamine, bare loop, writes nothing", Needs::Nothing, format!("exec {bare} {directory}")),
            ("metricsheet convert -j 1", Needs::Nothing, script(1)),
            ("metricsheet convert -j 2", Needs::Nothing, script(2)),
            ("python-calamine, values only", Needs::Python("python_calamine"), calamine_all(directory)),
        ],
    )
}

fn convert_other(workbook: &str) -> Contest {
    let ours = ours();
    Contest::new(
        format!("convert `{workbook}`"),
        vec![
            ("xan from, a bare dump", Needs::Program("xan"), format!("exec xan from {workbook}")),
            ("metricsheet convert", Needs::Nothing, format!("exec {ours} convert -q -o - {workbook}")),
        ],
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
