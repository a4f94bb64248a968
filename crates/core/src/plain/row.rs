//! The second chance of a row that no scanner could prove: its cells are read, and if none deviates, the row
//! leaves no more behind than a scanned one.

use crate::footprint::{Day, Footprint, IdPrint};
use crate::plan::ItemIndex;
use crate::settings::{DecimalMark, Settings};
use crate::template::{Column, Field, Presence};
use crate::validator::{Cell, CellKind};
use crate::value::date::{self, OrderEvidence};
use crate::value::number::{self, NumberSettings};
use crate::value::{comment, id, status};

/// A row all of whose cells are valid as they stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlainRow {
    /// What is remembered of it.
    pub footprint: Footprint,
    /// Whether its date gives another day when read in the other order.
    pub has_ambiguous_date: bool,
    /// Whether its ID is a number, so that it may have lost its zeros (I008).
    pub has_numeric_id: bool,
    /// The place of its metric in the plan, if there is a plan.
    pub item: Option<ItemIndex>,
}

/// Reads the cells of a row, in the order of `columns`; `None` if any of them deviates or proves something about
/// the cells of other rows.
#[must_use]
pub fn plain_row(columns: &[Column], cells: &[Cell<'_>], settings: &Settings) -> Option<PlainRow> {
    let mut id_text = "";
    let mut print = None;
    let mut item = None;
    let mut day = Day::NONE;
    let mut size = 0.0;
    let mut has_ambiguous_date = false;
    for (at, column) in columns.iter().enumerate() {
        let text = match cells.get(at) {
            Some(cell) if cell.kind == CellKind::Text => cell.text,
            Some(cell) if cell.kind != CellKind::Missing => return None,
            Some(_) | None if column.presence == Presence::Optional => continue,
            Some(_) | None => return None,
        };
        let has_deviations = match column.field {
            Field::ExternalId => {
                if let Some(plan) = &settings.plan {
                    item = Some(plan.find(text)?);
                }
                let reading = id::read_with(text, settings.plan.as_deref());
                id_text = text;
                print = Some(IdPrint::of(text));
                !reading.deviations.is_empty()
            }
            Field::Status => !status::read(text, &settings.statuses).deviations.is_empty(),
            Field::MetricValue => {
                let may_be_empty = column.presence == Presence::MayBeEmpty;
                let percent_maximum = settings.percent_maximum(id_text);
                let numbers = NumberSettings { decimal: settings.decimal, percent_maximum, may_be_empty };
                let reading = number::read(text, &numbers);
                let number = reading.value?;
                size = number.as_ref().map_or(0.0, |number| number.decimal.approximate().abs());
                let divides = number.is_some_and(|number| number.marks.decimal_point);
                !reading.deviations.is_empty() || (divides && settings.decimal == DecimalMark::Comma)
            }
            Field::AsOfDate => {
                let reading = date::read(text, settings);
                let date = reading.value?;
                day = Day::of(date.day);
                has_ambiguous_date = matches!(date.order, OrderEvidence::Either(_));
                !reading.deviations.is_empty() || day == Day::NONE
            }
            Field::Comment => !comment::read(text).deviations.is_empty(),
        };
        if has_deviations {
            return None;
        }
    }
    let has_numeric_id = id_text.bytes().all(|byte| byte.is_ascii_digit());
    Some(PlainRow { footprint: Footprint::new(print?, day, size), has_ambiguous_date, has_numeric_id, item })
}
