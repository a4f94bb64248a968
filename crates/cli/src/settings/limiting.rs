//! What the settings of limits mean to the readers of workbooks.

use anyhow::ensure;
use metricsheet_convert::Limits;

use super::keys::LimitSettings;
use super::layer::{Entry, Name, Origin};

/// The limits that the settings ask for, with defaults for all that is not set.
///
/// # Errors
/// If a limit is zero, or a settings file widens one: the file may have come with the workbook.
pub(super) fn limits(values: &LimitSettings, entries: &[(&Name, &Entry)]) -> anyhow::Result<Limits> {
    let (mut limits, usual) = (Limits::default(), Limits::default());
    let pick = |key: &str, value: Option<u32>, unit: u64, usual: u64| -> anyhow::Result<u64> {
        let Some(value) = value else { return Ok(usual) };
        ensure!(value > 0, "`limits.{key}` must be at least 1");
        let asked = u64::from(value) * unit;
        let is_of_file = entries
            .iter()
            .any(|((name, _), entry)| name.strip_prefix("limits.") == Some(key) && is_file(&entry.origin));
        ensure!(
            asked <= usual || !is_of_file,
            "a settings file can only narrow limits, and the default of `limits.{key}` is {}; \
             widen it with `--config 'limits.{key} = {value}'`",
            usual / unit
        );
        Ok(asked)
    };
    let whole = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let bytes = |key, value, usual| pick(key, value, MEBIBYTE, usual);
    let count = |key, value, usual| pick(key, value, 1, usual);
    limits.part_bytes = bytes("part-mebibytes", values.part_mebibytes, usual.part_bytes)?;
    limits.inflation = count("inflation", values.inflation, usual.inflation)?;
    limits.read_bytes = bytes("read-mebibytes", values.read_mebibytes, usual.read_bytes)?;
    limits.held_bytes = bytes("held-mebibytes", values.held_mebibytes, usual.held_bytes)?;
    limits.parts = count("part-count", values.part_count, usual.parts)?;
    limits.sheets = whole(count("sheet-count", values.sheet_count, usual.sheets as u64)?);
    limits.text_bytes = whole(bytes("text-mebibytes", values.text_mebibytes, usual.text_bytes as u64)?);
    limits.shared_text_bytes =
        whole(bytes("shared-text-mebibytes", values.shared_text_mebibytes, usual.shared_text_bytes as u64)?);
    limits.format_bytes =
        whole(bytes("format-mebibytes", values.format_mebibytes, usual.format_bytes as u64)?);
    limits.areas = whole(count("area-count", values.area_count, usual.areas as u64)?);
    limits.depth = whole(count("depth", values.depth, usual.depth as u64)?);
    limits.repeated_cells = count("repeated-cells", values.repeated_cells, usual.repeated_cells)?;
    limits.waiting_rows = count("waiting-rows", values.waiting_rows, usual.waiting_rows)?;
    limits.waiting_bytes = bytes("waiting-mebibytes", values.waiting_mebibytes, usual.waiting_bytes)?;
    limits.output_bytes = bytes("output-mebibytes", values.output_mebibytes, usual.output_bytes)?;
    limits.whole_text_bytes =
        bytes("whole-text-mebibytes", values.whole_text_mebibytes, usual.whole_text_bytes)?;
    Ok(limits)
}

const MEBIBYTE: u64 = 1 << 20;

const fn is_file(origin: &Origin) -> bool {
    match origin {
        Origin::File(..) => true,
        Origin::Default | Origin::Environment(_) | Origin::Flag(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{InForce, catalogue, of_pair};
    use super::*;

    #[test]
    fn the_defaults_that_are_told_are_those_in_force() {
        for setting in catalogue::ALL.iter().filter(|setting| setting.name.starts_with("limits.")) {
            let default = setting.default.as_ref().unwrap();
            let layer = of_pair(&format!("{} = {default}", setting.name)).unwrap();
            assert_eq!(*InForce::new(vec![layer]).unwrap().limits(), Limits::default(), "{}", setting.name);
        }
    }

    #[test]
    fn each_limit_can_be_set_alone() {
        for setting in catalogue::ALL.iter().filter(|setting| setting.name.starts_with("limits.")) {
            let layer = of_pair(&format!("{} = 1", setting.name)).unwrap();
            assert_ne!(*InForce::new(vec![layer]).unwrap().limits(), Limits::default(), "{}", setting.name);
        }
    }
}
