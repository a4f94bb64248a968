//! A row of cells that are known one by one: scanned, or else, as its second chance, read; if none deviates, the row
//! leaves no more behind than a scanned one.

use crate::footprint::{Day, Footprint, IdPrint};
use crate::plain::PlainCells;
use crate::plan::ItemIndex;
use crate::settings::{DecimalMark, Settings};
use crate::template::{Column, Field, Presence};
use crate::validator::{Cell, CellKind};
use crate::value::date::{self, OrderEvidence};
use crate::value::decimal::Decimal;
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

impl PlainCells<'_> {
    /// Proves the cells of a row, in the order of `columns`, from their bytes; what that cannot prove is read as
    /// [`plain_row`] does.
    #[must_use]
    pub fn row(&self, columns: &[Column], cells: &[Cell<'_>]) -> Option<PlainRow> {
        self.scanned_row(columns, cells).or_else(|| plain_row(columns, cells, self.settings()))
    }

    fn scanned_row(&self, columns: &[Column], cells: &[Cell<'_>]) -> Option<PlainRow> {
        let mut scanned_id = None;
        let mut id_text: &[u8] = b"";
        let mut day = Day::NONE;
        let mut size = 0.0;
        let mut is_percentage = false;
        let mut has_ambiguous_date = false;
        for (at, column) in columns.iter().enumerate() {
            let cell = match cells.get(at) {
                Some(cell) if cell.kind != CellKind::Missing => cell,
                Some(_) | None if column.presence == Presence::Optional => continue,
                Some(_) | None => return None,
            };
            let bytes = cell.text.as_bytes();
            let length = match column.field {
                Field::ExternalId => {
                    let id = self.id(bytes)?;
                    (scanned_id, id_text) = (Some(id), bytes);
                    id.length
                }
                Field::Status => self.status(bytes)?,
                Field::MetricValue if column.presence == Presence::MayBeEmpty && bytes.is_empty() => 0,
                Field::MetricValue => {
                    let number = match cell.kind {
                        CellKind::Number => self.stored_number(bytes, id_text)?,
                        CellKind::Percent => Self::stored_fraction(bytes)?,
                        CellKind::Text | CellKind::Date | CellKind::Missing => self.number(bytes, id_text)?,
                    };
                    is_percentage = cell.kind == CellKind::Percent;
                    size = number.size;
                    number.length
                }
                Field::AsOfDate => {
                    let date = match cell.kind {
                        CellKind::Date => self.stored_date(bytes)?,
                        CellKind::Text | CellKind::Number | CellKind::Percent | CellKind::Missing => {
                            self.date(bytes)?
                        }
                    };
                    (day, has_ambiguous_date) = (date.day, date.is_ambiguous);
                    date.length
                }
                Field::Comment => self.comment(bytes)?,
            };
            if length != bytes.len() {
                return None;
            }
        }
        let id = scanned_id?;
        // Declared percentages need no proof, and are none for other rows.
        let is_declared =
            || std::str::from_utf8(id_text).is_ok_and(|id| self.settings().percent_maximum(id).is_some());
        let footprint = Footprint::new(id.print, day, size);
        let is_proof = is_percentage && !(self.settings().has_percentages() && is_declared());
        Some(PlainRow {
            footprint: if is_proof { footprint.of_percentage() } else { footprint },
            has_ambiguous_date,
            has_numeric_id: id.is_all_digits,
            item: id.item,
        })
    }
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
    let mut is_percentage = false;
    for (at, column) in columns.iter().enumerate() {
        let Cell { text, kind } = match cells.get(at) {
            Some(cell) if cell.kind != CellKind::Missing => *cell,
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
                if kind == CellKind::Percent {
                    size = Decimal::from_plain(text)?.approximate().abs();
                    is_percentage = percent_maximum.is_none();
                    continue;
                }
                let is_stored = kind == CellKind::Number;
                let decimal = if is_stored { DecimalMark::Point } else { settings.decimal };
                let numbers = NumberSettings { decimal, percent_maximum, may_be_empty };
                let reading = number::read(text, &numbers);
                let number = reading.value?;
                size = number.as_ref().map_or(0.0, |number| number.decimal.approximate().abs());
                let divides = number.is_some_and(|number| number.marks.decimal_point);
                !reading.deviations.is_empty() || (divides && decimal == DecimalMark::Comma)
            }
            Field::AsOfDate => {
                let is_stored = kind == CellKind::Date;
                let reading =
                    if is_stored { date::read_stored(text, settings) } else { date::read(text, settings) };
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
    let footprint = Footprint::new(print?, day, size);
    let footprint = if is_percentage { footprint.of_percentage() } else { footprint };
    Some(PlainRow { footprint, has_ambiguous_date, has_numeric_id, item })
}
