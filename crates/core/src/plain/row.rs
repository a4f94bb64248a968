//! A row of cells that are known one by one: scanned, or else, as its second chance, read. If what deviates in them depends on
//! no other row, the row is settled, and leaves no more behind than a scanned one; what there is to say of it can
//! be said later, without the other rows.

use crate::evidence::{footprint_of, hints_of};
use crate::footprint::{Day, Footprint, Hints, IdPrint};
use crate::plain::PlainCells;
use crate::plan::ItemIndex;
use crate::settings::{DecimalMark, Settings};
use crate::template::{Column, Field, Presence};
use crate::text::says_nothing;
use crate::validator::{Cell, CellKind};
use crate::value::decimal::Decimal;
use crate::value::number::{Marks, Number, NumberSettings};
use crate::value::{Deviation, Reading, comment, date, id, number, status};

/// What a row leaves behind that has nothing to do with another one, as far as it shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlainRow {
    /// What is remembered of it.
    pub footprint: Footprint,
    /// What it shows about all other rows, and for what it depends on them.
    pub hints: Hints,
    /// Whether its ID is a number, so that it may have lost its zeros (I008).
    pub has_numeric_id: bool,
    /// The place of its metric in the plan, if there is a plan.
    pub item: Option<ItemIndex>,
}

/// A row of which nothing remains to be said: valid as it stands, or as soon as some of its cells are rewritten.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedRow {
    /// What it leaves behind.
    pub row: PlainRow,
    /// What is to be written in place of cells, each by its position.
    pub rewrites: Vec<(usize, String)>,
    /// How many findings that mends.
    pub mended: u64,
}

impl PlainCells<'_> {
    /// Proves the cells of a row, in the order of `columns`, from their bytes; what that cannot prove is read as
    /// [`settled_row`] does. A cell that deviates is rewritten if its deviations `may_be_mended`. `None` if something
    /// remains, or if it depends on other rows whether it does.
    #[must_use]
    pub fn row(
        &self,
        columns: &[Column],
        cells: &[Cell<'_>],
        may_be_mended: impl Fn(&[Deviation]) -> bool,
    ) -> Option<FinishedRow> {
        if let Some(row) = self.scanned_row(columns, cells) {
            return Some(FinishedRow { row, rewrites: Vec::new(), mended: 0 });
        }
        let (mut rewrites, mut mended, mut remains) = (Vec::new(), 0, false);
        let settled = read_row(columns, cells, self.settings(), |at, deviations, rewrite| match rewrite {
            Some(rewrite) if may_be_mended(deviations) => {
                mended += deviations.len() as u64;
                rewrites.push((at, rewrite));
            }
            Some(_) | None => remains = true,
        })?;
        (!remains).then_some(FinishedRow { row: settled.row, rewrites, mended })
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
            hints: Hints::EITHER_ORDER.only_if(has_ambiguous_date),
            has_numeric_id: id.is_all_digits,
            item: id.item,
        })
    }
}

/// A row whose cells were read.
#[derive(Debug, Clone, PartialEq)]
pub struct SettledRow {
    /// What it leaves behind.
    pub row: PlainRow,
    /// Its ID after the cell's fixes.
    pub id: String,
    /// Whether all cells are valid as they stand.
    pub is_valid: bool,
    /// Whether there is something to write in place of a cell.
    pub has_rewriting: bool,
}

/// What is seen of the cells so far.
struct Seen<F> {
    is_valid: bool,
    has_rewriting: bool,
    /// Takes what deviates in a cell, and what may be written in its place.
    deviates: F,
}

impl<F: FnMut(usize, &[Deviation], Option<String>)> Seen<F> {
    fn note<T>(&mut self, at: usize, reading: Reading<T>) -> Option<T> {
        let Reading { value, deviations, rewrite } = reading;
        self.has_rewriting |= rewrite.is_some();
        if !deviations.is_empty() {
            self.is_valid = false;
            (self.deviates)(at, &deviations, rewrite);
        }
        value
    }
}

/// Reads the cells of a row, in the order of `columns`. `None` if it is not certain that the findings of the row
/// are those of its cells, or that its footprint and its hints say all that it means for other rows.
#[must_use]
pub fn settled_row(columns: &[Column], cells: &[Cell<'_>], settings: &Settings) -> Option<SettledRow> {
    read_row(columns, cells, settings, |_, _, _| {})
}

/// The same, with what deviates in each cell and what may be written in its place.
fn read_row(
    columns: &[Column],
    cells: &[Cell<'_>],
    settings: &Settings,
    deviates: impl FnMut(usize, &[Deviation], Option<String>),
) -> Option<SettledRow> {
    let mut seen = Seen { is_valid: true, has_rewriting: false, deviates };
    let (mut written, mut typed) = (String::new(), None);
    let (mut item, mut number, mut date, mut date_deviates) = (None, None, None, false);
    let (mut is_declared_percent, mut is_typed) = (false, false);
    for (at, column) in columns.iter().enumerate() {
        let Cell { text, kind } = match cells.get(at) {
            Some(cell) if cell.kind != CellKind::Missing => *cell,
            Some(_) | None if column.presence == Presence::Optional => continue,
            Some(_) | None => return None,
        };
        match column.field {
            Field::ExternalId => {
                let reading = id::read_with(text, settings.plan.as_deref());
                if let Some(plan) = &settings.plan {
                    // What a plan makes of an ID that it does not know is for the validator to see.
                    item = Some(plan.find(text).filter(|_| reading.deviations.is_empty())?);
                }
                let id = seen.note(at, reading)?;
                (written, typed) = (id.written, id.typed);
            }
            Field::Status => {
                seen.note(at, status::read(text, &settings.statuses));
            }
            Field::MetricValue => {
                let mut ids = std::iter::once(&written).chain(&typed);
                let percent_maximum = ids.find_map(|id| settings.percent_maximum(id));
                is_declared_percent = percent_maximum.is_some();
                let may_be_empty = column.presence == Presence::MayBeEmpty;
                if kind == CellKind::Percent {
                    let decimal = Decimal::from_plain(text)?;
                    number = Some(Number { decimal, has_percent_sign: true, marks: Marks::NONE });
                    continue;
                }
                is_typed = kind != CellKind::Number;
                let decimal = if is_typed { settings.decimal } else { DecimalMark::Point };
                let numbers = NumberSettings { decimal, percent_maximum, may_be_empty };
                number = seen.note(at, number::read(text, &numbers)).flatten();
            }
            Field::AsOfDate => {
                // Without a date a row may be a total or a remark.
                if says_nothing(text) {
                    return None;
                }
                let is_stored = kind == CellKind::Date;
                let reading =
                    if is_stored { date::read_stored(text, settings) } else { date::read(text, settings) };
                date_deviates = !reading.deviations.is_empty();
                date = seen.note(at, reading);
            }
            Field::Comment => {
                seen.note(at, comment::read(text));
            }
        }
    }
    let day = match date {
        // Days too far away cannot be told apart.
        Some(date) => Some(Day::of(date.day)).filter(|day| *day != Day::NONE)?,
        None => Day::NONE,
    };
    let print = match typed {
        Some(typed) => IdPrint::of_rewritten(&written, &typed),
        None => IdPrint::of(&written),
    };
    let row = PlainRow {
        footprint: footprint_of(print, day, number.as_ref(), is_declared_percent),
        hints: hints_of(date.as_ref(), date_deviates, number.as_ref().filter(|_| is_typed), settings),
        has_numeric_id: !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit()),
        item,
    };
    Some(SettledRow { row, id: written, is_valid: seen.is_valid, has_rewriting: seen.has_rewriting })
}
