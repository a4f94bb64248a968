//! What earlier runs wrote into a directory that is searched again.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::inputs::{Input, has_text_extension};
use crate::say::say;

/// Leaves out what an earlier run wrote into a directory that is searched: a run over the same directory must
/// not convert its own results. Files that are named are taken as they are.
pub(super) fn leave_out(found: &mut Vec<anyhow::Result<Input>>, named: &[PathBuf], quiet: bool) {
    let stems: HashSet<PathBuf> = found
        .iter()
        .flatten()
        .filter_map(Input::path)
        .filter(|path| !has_text_extension(path))
        .map(|path| path.with_extension(""))
        .collect();
    found.retain(|input| {
        let Some(path) = input.as_ref().ok().and_then(Input::path) else { return true };
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        // `q1.csv` and `q1.Sheet 1.csv` beside `q1.xlsx`.
        let mut stem = path.with_extension("");
        let mut is_of_workbook = stems.contains(&stem);
        while !is_of_workbook && stem.extension().is_some() {
            stem.set_extension("");
            is_of_workbook = stems.contains(&stem);
        }
        let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let is_result =
            is_csv && (is_of_workbook || [".clean.csv", ".rejects.csv"].iter().any(|it| name.ends_with(it)));
        if !is_result || named.iter().any(|named| named == path) {
            return true;
        }
        if !quiet {
            say(&format!(
                "note: `{}` is left out: it has the name of an earlier result; name it to convert it",
                path.display()
            ));
        }
        false
    });
}
