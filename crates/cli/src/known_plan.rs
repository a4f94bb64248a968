//! What is known of a plan, from a file: what `plan pull` wrote, or any table with a column of External IDs and,
//! as far as there are such columns, units, minimums and maximums. Refuses what it cannot read, with its cell.

use std::collections::HashMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use anyhow::{Context as _, anyhow, bail};
use metricsheet_convert::cell::{StoredCell, StoredRow, StoredValue};
use metricsheet_convert::number::plain_text;
use metricsheet_convert::number_format::DateSystem;
use metricsheet_convert::{Opening, Workbook};
use metricsheet_core::plan::{Item, Plan, Unit};
use metricsheet_core::rule::Fixable;
use metricsheet_core::rules::value::MISSING_VALUE;
use metricsheet_core::template::Label;
use metricsheet_core::text::quoted;
use metricsheet_core::value::decimal::Decimal;
use metricsheet_core::value::number::{self, NumberSettings};
use metricsheet_core::{ColumnIndex, DecimalMark, Field};

use crate::plan_file::PlanFile;

/// The header is looked for in so many rows of each sheet.
const DEEPEST_HEADER: usize = 40;
const UNITS: [&str; 6] = ["unit", "units", "uom", "unitofmeasure", "measure", "format"];
const MINIMUMS: [&str; 4] = ["minimum", "min", "low", "lowest"];
const MAXIMUMS: [&str; 4] = ["maximum", "max", "high", "highest"];

/// The plan of a file. A run reads each file once, for however many directories it is in force.
pub(crate) fn read(path: &Path) -> anyhow::Result<Arc<Plan>> {
    static READ: LazyLock<Mutex<HashMap<PathBuf, Arc<Plan>>>> = LazyLock::new(Mutex::default);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(plan) = read.get(path) {
        return Ok(Arc::clone(plan));
    }
    let plan = plan_of(path).with_context(|| format!("cannot read the plan `{}`", path.display()))?;
    if plan.items().is_empty() {
        bail!("the plan `{}` has no item with an External ID", path.display());
    }
    let plan = Arc::new(plan);
    read.insert(path.to_owned(), Arc::clone(&plan));
    Ok(plan)
}

fn plan_of(path: &Path) -> anyhow::Result<Plan> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        return pulled(&std::fs::read_to_string(path)?);
    }
    let sheet_name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut workbook = Workbook::open_as(File::open(path)?, &Opening { sheet_name, ..Opening::default() })?;
    let dates = workbook.dates();
    let names: Vec<String> = workbook.sheets().iter().map(|sheet| sheet.name.clone()).collect();
    let mut seen = None;
    for (at, name) in names.iter().enumerate() {
        let mut table = Table { dates, plan: Plan::default(), columns: None, first: None, rows: 0 };
        let mut outcome = Ok(());
        workbook.read(at, &mut |row| {
            outcome = table.take(row);
            let is_hopeless = table.columns.is_none() && table.rows >= DEEPEST_HEADER;
            if outcome.is_err() || is_hopeless { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        outcome.with_context(|| format!("sheet {}", quoted(name)))?;
        if table.columns.is_some() {
            return Ok(table.plan);
        }
        seen = seen.or(table.first);
    }
    let seen = seen.map_or_else(|| "it is empty".to_owned(), |seen| format!("its first row has {seen}"));
    Err(anyhow!("it has no column of External IDs; call one `External ID` ({seen})"))
}

/// The plan in the text of a file that was pulled.
fn pulled(text: &str) -> anyhow::Result<Plan> {
    let mut plan = Plan::default();
    for item in PlanFile::parse(text)?.known() {
        let Some(id) = item.external_id else { continue };
        let bound = |bound: Option<String>| {
            bound.map_or(Ok(None), |text| limit(&text)).with_context(|| format!("item {}", quoted(&id)))
        };
        let (minimum, maximum) = (bound(item.minimum)?, bound(item.maximum)?);
        plan.add(Item { id, unit: item.unit, minimum, maximum })?;
    }
    Ok(plan)
}

/// The table of a sheet.
struct Table {
    dates: DateSystem,
    plan: Plan,
    columns: Option<Columns>,
    /// What the first row says, for the case that it is no header.
    first: Option<String>,
    rows: usize,
}

/// Where the columns stand.
struct Columns {
    id: ColumnIndex,
    unit: Option<ColumnIndex>,
    minimum: Option<ColumnIndex>,
    maximum: Option<ColumnIndex>,
}

impl Table {
    fn take(&mut self, row: &StoredRow) -> anyhow::Result<()> {
        self.rows += 1;
        let Some(columns) = &self.columns else {
            self.columns = self.header(row);
            if self.first.is_none() {
                let texts: Vec<String> =
                    row.cells.iter().take(6).map(|cell| quoted(&self.text(cell))).collect();
                self.first = Some(texts.join(", "));
            }
            return Ok(());
        };
        let text = |column: Option<ColumnIndex>| {
            column.and_then(|column| row.cell(column)).map(|cell| self.text(cell))
        };
        let Some(id) = text(Some(columns.id)) else { return Ok(()) };
        let unit = text(columns.unit).filter(|unit| !unit.trim().is_empty()).map(|unit| Unit::read(&unit));
        let bound = |column: Option<ColumnIndex>| match (column, text(column)) {
            (Some(column), Some(text)) => {
                limit(&text).with_context(|| format!("cell {column}{}", row.number))
            }
            (_, _) => Ok(None),
        };
        let (minimum, maximum) = (bound(columns.minimum)?, bound(columns.maximum)?);
        let cell = format!("cell {}{}", columns.id, row.number);
        self.plan.add(Item { id, unit, minimum, maximum }).context(cell)?;
        Ok(())
    }

    fn header(&self, row: &StoredRow) -> Option<Columns> {
        let labels: Vec<(ColumnIndex, String)> =
            row.cells.iter().map(|cell| (cell.column, self.text(cell))).collect();
        let rank = |label: &str| match Label::read(label) {
            Label::Exact(Field::ExternalId) => Some(0),
            Label::Alias(Field::ExternalId) => Some(1 + Label::alias_rank(Field::ExternalId, label)),
            Label::Exact(_) | Label::Alias(_) | Label::Near(_) | Label::Unknown => None,
        };
        let ids = labels.iter().filter_map(|(column, label)| Some((rank(label)?, *column)));
        let (_, id) = ids.min()?;
        let named = |names: &[&str]| {
            let key = |label: &str| -> String {
                label
                    .chars()
                    .filter(|character| character.is_alphanumeric())
                    .flat_map(char::to_lowercase)
                    .collect()
            };
            let column = |name: &&str| labels.iter().find(|(_, label)| key(label) == **name);
            names.iter().find_map(column).map(|(column, _)| *column)
        };
        Some(Columns { id, unit: named(&UNITS), minimum: named(&MINIMUMS), maximum: named(&MAXIMUMS) })
    }

    /// What a cell says: a stored number exactly, but for the zeros with which it is shown.
    fn text(&self, cell: &StoredCell) -> String {
        let shown = cell.shown(self.dates);
        match &cell.value {
            StoredValue::Number(number) if !shown.bytes().all(|byte| byte.is_ascii_digit()) => {
                plain_text(*number)
            }
            StoredValue::Number(_)
            | StoredValue::Text(_)
            | StoredValue::Moment(_)
            | StoredValue::Duration(_)
            | StoredValue::Logical(_)
            | StoredValue::Error(_)
            | StoredValue::NoResult => shown,
        }
    }
}

/// A minimum or maximum; `None` for a text that stands for nothing.
fn limit(text: &str) -> anyhow::Result<Option<Decimal>> {
    let settings = NumberSettings { decimal: DecimalMark::Point, percent_maximum: None, may_be_empty: true };
    let reading = number::read(text, &settings);
    let is_certain = reading.deviations.iter().all(|deviation| deviation.fixable == Fixable::Safe);
    let is_missing = reading.deviations.iter().any(|deviation| deviation.rule == &MISSING_VALUE);
    match reading.value {
        _ if is_missing => Ok(None),
        Some(number) if is_certain => Ok(number.map(|number| number.decimal)),
        Some(_) | None => bail!("{} is no plain number; write one such as `1` or `100%`", quoted(text)),
    }
}
