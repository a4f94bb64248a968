//! Opens workbooks, and texts that are read like one, by their content.

use std::fs::File;
use std::io::Cursor;
use std::io::ErrorKind::NotFound;
use std::path::Path;

use metricsheet_convert::reading::Content;
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
    let opening = opening(input, in_force, password);
    Ok(match (read_once(input, in_force)?, input.path()) {
        (Some(bytes), _) => Workbook::open_as(Cursor::new(bytes), &opening)?,
        (None, Some(path)) => Workbook::open_as(File::open(path)?, &opening)?,
        (None, None) => Workbook::open_as(Cursor::new(input.read(in_force.limits())?), &opening)?,
    })
}

/// Opens a workbook whose bytes were read already.
pub(crate) fn workbook_in(
    bytes: Vec<u8>,
    input: &Input,
    in_force: &InForce,
    password: Option<Password>,
) -> anyhow::Result<Workbook> {
    Ok(Workbook::open_as(Cursor::new(bytes), &opening(input, in_force, password))?)
}

fn opening(input: &Input, in_force: &InForce, password: Option<Password>) -> Opening {
    let sheet_name = stem_of(input).to_string_lossy().into_owned();
    let (encoding, limits) = (in_force.encoding(), in_force.limits().clone());
    Opening { encoding, sheet_name, limits, password }
}

/// The bytes of what can be read only once: standard input, a pipe.
pub(crate) fn read_once(input: &Input, in_force: &InForce) -> anyhow::Result<Option<Vec<u8>>> {
    // What is missing is missed by whoever opens it.
    let can_be_opened =
        |path: &Path| path.metadata().map_or_else(|error| error.kind() == NotFound, |it| it.is_file());
    if input.path().is_some_and(can_be_opened) { Ok(None) } else { input.read(in_force.limits()).map(Some) }
}

/// Whether a file is to be checked as a workbook. Its content decides, except that what calls itself delimited text is
/// held to that, and that a name is believed where the content is of neither kind.
pub(crate) fn is_workbook(input: &Input, bytes: Option<&[u8]>, in_force: &InForce) -> bool {
    if input.is_named_text() {
        return false;
    }
    let limits = in_force.limits();
    let content = match (bytes, input.path()) {
        (Some(bytes), _) => Content::of(Cursor::new(bytes.to_vec()), limits),
        (None, Some(path)) => File::open(path).map_or(Content::Other, |file| Content::of(file, limits)),
        (None, None) => Content::Other,
    };
    match content {
        Content::Workbook => true,
        Content::Text => false,
        Content::Other => input.is_named_workbook(),
    }
}
