//! The flags that say what of a workbook counts and how its table is laid out. `convert`, `inspect` and `init` share
//! them; each is a setting of the same name in the table `convert`.

use clap::Args;

use crate::settings::{Layer, of_flag};

/// What of a workbook counts.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What of a workbook counts")]
pub(crate) struct LayoutArguments {
    /// Sheets to convert: a name, a number from 1, or a pattern; repeatable [default: all that hold a table]
    #[arg(long, value_name = "NAME|NUMBER|GLOB")]
    sheet: Vec<String>,

    /// The cells that count: B4:F200, columns B:F, or rows 4:200
    #[arg(long, value_name = "RANGE")]
    range: Option<String>,

    /// The Excel table or defined name that counts
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sheet", "range"])]
    table: Option<String>,

    /// The row of the header: a number, auto or none [default: auto]
    #[arg(long, value_name = "N")]
    header_row: Option<String>,

    /// The column of a field, by its header or letters, such as 'External ID=KPI code'; repeatable
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,

    /// The date of all rows, for sheets without a column for it
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,

    /// What to do with metrics down and periods across: auto (a row for each metric and period) or never
    /// [default: auto]
    #[arg(long, value_name = "WHEN")]
    unpivot: Option<String>,

    /// Leave out hidden sheets, columns and rows, filtered rows too [default: use and report them]
    #[arg(long)]
    skip_hidden: bool,

    /// Give all cells of a merged area the value of its first one
    #[arg(long)]
    fill_merged: bool,
}

impl LayoutArguments {
    /// Whether sheets are named, so that each of them must hold a table.
    pub(crate) fn names_sheets(&self) -> bool {
        !self.sheet.is_empty()
    }

    /// The flags as settings.
    pub(crate) fn layer(&self) -> Layer {
        let text = |name, value: &Option<String>| Some(of_flag(name, value.clone()?));
        let list = |name, values: &Vec<String>| (!values.is_empty()).then(|| of_flag(name, values.clone()));
        let flag = |name, is_set: bool| is_set.then(|| of_flag(name, true));
        [
            list("convert.sheet", &self.sheet),
            text("convert.range", &self.range),
            text("convert.table", &self.table),
            text("convert.header-row", &self.header_row),
            list("convert.map", &self.map),
            text("convert.as-of", &self.as_of),
            text("convert.unpivot", &self.unpivot),
            flag("convert.skip-hidden", self.skip_hidden),
            flag("convert.fill-merged", self.fill_merged),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
