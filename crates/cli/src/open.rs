//! Opens workbooks, and texts that are read like one, by their content.

use std::fs::File;
use std::io::Cursor;

use metricsheet_convert::{Opening, Password, Workbook};

use crate::inputs::Input;
use crate::new_files::stem_of;
use crate::settings::InForce;

/// Opens a workbook, or a text, whose one sheet is called as the file.
pub(crate) fn workbook(
    input: &Input,
    in_force: &InForce,
    password: Option<Password>,
) -> anyhow::Result<Workbook> {
    let sheet_name = stem_of(input).to_string_lossy().into_owned();
    let (encoding, limits) = (in_force.encoding(), in_force.limits().clone());
    let opening = Opening { encoding, sheet_name, limits, password };
    Ok(match input {
        Input::File(path) => Workbook::open_as(File::open(path)?, &opening)?,
        Input::Stdin(_) => Workbook::open_as(Cursor::new(input.read()?), &opening)?,
    })
}
