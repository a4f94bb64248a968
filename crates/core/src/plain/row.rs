//! A row of cells that are known one by one: each is scanned, or else read. If what deviates in them depends on no
//! other row, the row is settled, and leaves no more behind than a row without deviations; what there is to say of it
//! can be said later, without the other rows.

use std::borrow::Cow;

use crate::evidence::{footprint_of, hints_of};
use crate::finding::Applicability;
use crate::footprint::{Day, Footprint, Hints, IdPrint};
use crate::plain::{LastId, PlainCells, ScannedDate, ScannedId, ScannedNumber};
use crate::plan::ItemIndex;
use crate::selection::Selection;
use crate::settings::DecimalMark;
use crate::template::{Column, Field, Presence};
use crate::text::says_nothing;
use crate::validator::{Cell, CellKind};
use crate::value::decimal::Decimal;
use crate::value::number::NumberSettings;
use crate::value::{Deviation, Reading, combined_applicability, comment, date, id, number, status};

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

/// A row all of which can be said without the others.
#[derive(Debug, Clone, PartialEq)]
pub struct SettledRow<'t> {
    /// What it leaves behind.
    pub row: PlainRow,
    /// Its ID after the cell's fixes.
    pub id: Cow<'t, str>,
    /// The cells that are not valid as they stand.
    pub deviating: Vec<DeviatingCell>,
    /// Whether all cells are proved to be valid, which those with a comma, a quotation mark or a line break never are.
    pub is_proved: bool,
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
    /// Whether all is proved to have no comma, quotation mark or line break, so that nothing needs quotation marks.
    pub is_bare: bool,
}

/// A cell of a settled row that is not valid as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviatingCell {
    /// Its place in the row, counted from 0.
    pub at: usize,
    /// How it deviates: at least one deviation.
    pub deviations: Vec<Deviation>,
    /// What says the same without the deviations.
    pub rewrite: Option<String>,
}

impl DeviatingCell {
    /// Whether nothing remains to be said of the cell once it is rewritten, where rewritings may be as uncertain as
    /// `most`.
    #[must_use]
    pub fn is_settled_by(&self, selection: &Selection, most: Applicability) -> bool {
        let is_wanted =
            |deviation: &Deviation| selection.contains(deviation.rule) && selection.may_fix(deviation.rule);
        self.rewrite.is_some()
            && combined_applicability(&self.deviations).is_some_and(|applicability| applicability <= most)
            && self.deviations.iter().all(is_wanted)
    }
}

/// The ID of a row.
struct Id<'t> {
    print: IdPrint,
    written: Cow<'t, str>,
    /// What was typed, where that is something else.
    typed: Option<String>,
}

/// The value of a row, as far as it matters for other rows.
#[derive(Default)]
struct Value {
    size: f64,
    has_percent_sign: bool,
    is_declared_percent: bool,
}

impl Value {
    fn footprint(&self, id: IdPrint, day: Day) -> Footprint {
        footprint_of(id, day, self.size, self.has_percent_sign && !self.is_declared_percent)
    }
}

impl PlainCells<'_> {
    /// Looks at the cells of a row, in the order of `columns`. A cell that deviates is rewritten if it
    /// `may_be_mended`. `None` if something remains, or if it depends on other rows whether it does.
    #[must_use]
    pub fn row(
        &self,
        columns: &[Column],
        cells: &[Cell<'_>],
        last_id: &mut LastId,
        may_be_mended: impl Fn(&DeviatingCell) -> bool,
    ) -> Option<FinishedRow> {
        // The ID is the first column of every template.
        let id = cells.first().and_then(|cell| self.id_of_row(cell.text.as_bytes(), last_id));
        if let Some(row) = id.and_then(|id| self.row_of_plain_cells(id, columns, cells)) {
            return Some(FinishedRow { row, rewrites: Vec::new(), mended: 0, is_bare: true });
        }
        let SettledRow { row, deviating, is_proved, .. } = self.row_with_id(id, columns, cells)?;
        let mut finished = FinishedRow { row, rewrites: Vec::new(), mended: 0, is_bare: is_proved };
        for cell in deviating {
            if !may_be_mended(&cell) {
                return None;
            }
            finished.rewrites.push((cell.at, cell.rewrite?));
            finished.mended += cell.deviations.len() as u64;
        }
        Some(finished)
    }

    /// Looks at the cells of a row, in the order of `columns`. `None` if it is not certain that the findings of the
    /// row are those of its cells, or that its footprint and its hints say all that it means for other rows.
    #[must_use]
    pub fn settled_row<'t>(&self, columns: &[Column], cells: &[Cell<'t>]) -> Option<SettledRow<'t>> {
        let id = cells.first().and_then(|cell| self.whole_id(cell.text.as_bytes()));
        self.row_with_id(id, columns, cells)
    }

    /// The row, if none of its cells has to be read. Nearly all rows are such.
    pub(super) fn row_of_plain_cells(
        &self,
        id: ScannedId,
        columns: &[Column],
        cells: &[Cell<'_>],
    ) -> Option<PlainRow> {
        let mut value = Value::default();
        let (mut day, mut hints) = (Day::NONE, Hints::NONE);
        let written = cells.first()?.text;
        for (at, column) in columns.iter().enumerate() {
            let cell = match cells.get(at) {
                Some(cell) if cell.kind != CellKind::Missing => cell,
                Some(_) | None if column.presence == Presence::Optional => continue,
                Some(_) | None => return None,
            };
            let bytes = cell.text.as_bytes();
            match column.field {
                Field::ExternalId if at == 0 => {}
                Field::Status if self.status(bytes) == Some(bytes.len()) => {}
                Field::Comment if self.comment(bytes) == Some(bytes.len()) => {}
                Field::ExternalId | Field::Status | Field::Comment => return None,
                Field::MetricValue => {
                    value.has_percent_sign = cell.kind == CellKind::Percent;
                    if column.presence == Presence::MayBeEmpty && bytes.is_empty() {
                        continue;
                    }
                    value.size = self.scanned_number(cell, written)?.size;
                    value.is_declared_percent =
                        value.has_percent_sign && self.percent_maximum_of(written, None).is_some();
                }
                Field::AsOfDate => {
                    let scanned = self.scanned_date(cell)?;
                    day = scanned.day;
                    hints = hints.and(Hints::EITHER_ORDER.only_if(scanned.is_ambiguous));
                }
            }
        }
        Some(PlainRow {
            footprint: value.footprint(id.print, day),
            hints,
            has_numeric_id: id.is_all_digits,
            item: id.item,
        })
    }

    /// The same, with the first cell looked at as an ID already.
    fn row_with_id<'t>(
        &self,
        first: Option<ScannedId>,
        columns: &[Column],
        cells: &[Cell<'t>],
    ) -> Option<SettledRow<'t>> {
        let settings = self.settings();
        let mut deviating = Deviating::default();
        let (mut id, mut item, mut value) = (None, None, Value::default());
        let (mut day, mut hints) = (Day::NONE, Hints::NONE);
        for (at, column) in columns.iter().enumerate() {
            let cell = match cells.get(at) {
                Some(cell) if cell.kind != CellKind::Missing => cell,
                Some(_) | None if column.presence == Presence::Optional => continue,
                Some(_) | None => return None,
            };
            let (text, bytes) = (cell.text, cell.text.as_bytes());
            match column.field {
                Field::ExternalId => {
                    if let Some(scanned) = first.filter(|_| at == 0) {
                        item = scanned.item;
                        id = Some(Id { print: scanned.print, written: text.into(), typed: None });
                        continue;
                    }
                    let reading = id::read_with(text, settings.plan.as_deref());
                    if let Some(plan) = &settings.plan {
                        // What a plan makes of an ID that it does not know is for the validator to see.
                        item = Some(plan.find(text).filter(|_| reading.deviations.is_empty())?);
                    }
                    let id::Id { written, typed } = deviating.note(at, reading)?;
                    let print = match &typed {
                        Some(typed) => IdPrint::of_rewritten(&written, typed),
                        None => IdPrint::of(&written),
                    };
                    id = Some(Id { print, written: written.into(), typed });
                }
                Field::Status => {
                    if self.status(bytes) != Some(bytes.len()) {
                        deviating.note(at, status::read(text, &settings.statuses));
                    }
                }
                Field::MetricValue => {
                    // The ID is the first column of every template.
                    let id = id.as_ref()?;
                    let may_be_empty = column.presence == Presence::MayBeEmpty;
                    let is_typed = !matches!(cell.kind, CellKind::Number | CellKind::Percent);
                    value.has_percent_sign = cell.kind == CellKind::Percent;
                    if may_be_empty && bytes.is_empty() {
                        continue;
                    }
                    // Of an ID that deviates the metric is not certain.
                    let is_certain = id.typed.is_none() || cell.kind == CellKind::Percent;
                    let scanned = if is_certain { self.scanned_number(cell, &id.written) } else { None };
                    let percent_maximum = self.percent_maximum_of(&id.written, id.typed.as_deref());
                    if let Some(scanned) = scanned {
                        value.size = scanned.size;
                        // Whether a typed number is a percentage shows only if it has the sign.
                        value.is_declared_percent = value.has_percent_sign && percent_maximum.is_some();
                        continue;
                    }
                    value.is_declared_percent = percent_maximum.is_some();
                    if value.has_percent_sign {
                        value.size = Decimal::from_plain(text)?.approximate().abs();
                        continue;
                    }
                    let decimal = if is_typed { settings.decimal } else { DecimalMark::Point };
                    let numbers = NumberSettings { decimal, percent_maximum, may_be_empty };
                    let number = deviating.note(at, number::read(text, &numbers)).flatten();
                    value.size = number.as_ref().map_or(0.0, |number| number.decimal.approximate().abs());
                    value.has_percent_sign = number.as_ref().is_some_and(|number| number.has_percent_sign);
                    hints = hints.and(hints_of(None, false, number.as_ref().filter(|_| is_typed), settings));
                }
                Field::AsOfDate => {
                    if let Some(scanned) = self.scanned_date(cell) {
                        day = scanned.day;
                        hints = hints.and(Hints::EITHER_ORDER.only_if(scanned.is_ambiguous));
                        continue;
                    }
                    // Without a date a row may be a total or a remark.
                    if says_nothing(text) {
                        return None;
                    }
                    let reading = if cell.kind == CellKind::Date {
                        date::read_stored(text, settings)
                    } else {
                        date::read(text, settings)
                    };
                    let deviates = !reading.deviations.is_empty();
                    if let Some(date) = deviating.note(at, reading) {
                        // Days too far away cannot be told apart.
                        day = Some(Day::of(date.day)).filter(|day| *day != Day::NONE)?;
                        hints = hints.and(hints_of(Some(&date), deviates, None, settings));
                    }
                }
                Field::Comment => {
                    if self.comment(bytes) != Some(bytes.len()) {
                        deviating.note(at, comment::read(text));
                    }
                }
            }
        }
        let Id { print, written: id, .. } = id?;
        let row = PlainRow {
            footprint: value.footprint(print, day),
            hints,
            has_numeric_id: !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()),
            item,
        };
        let Deviating { cells: deviating, has_read } = deviating;
        Some(SettledRow { row, id, deviating, is_proved: !has_read })
    }

    /// The number of a cell of the metric with this ID.
    fn scanned_number(&self, cell: &Cell<'_>, id: &str) -> Option<ScannedNumber> {
        let bytes = cell.text.as_bytes();
        let number = match cell.kind {
            CellKind::Percent => Self::stored_fraction(bytes),
            CellKind::Number => self.stored_number(bytes, id.as_bytes()),
            CellKind::Text | CellKind::Date | CellKind::Missing => self.number(bytes, id.as_bytes()),
        };
        number.filter(|number| number.length == bytes.len())
    }

    fn scanned_date(&self, cell: &Cell<'_>) -> Option<ScannedDate> {
        let bytes = cell.text.as_bytes();
        let is_stored = cell.kind == CellKind::Date;
        let date = if is_stored { self.stored_date(bytes) } else { self.date(bytes) };
        date.filter(|date| date.length == bytes.len())
    }

    /// The percentage that a number of this metric may come to, if it is declared to be one.
    #[inline]
    fn percent_maximum_of(&self, written: &str, typed: Option<&str>) -> Option<&Decimal> {
        if !self.has_percentages() {
            return None;
        }
        std::iter::once(written).chain(typed).find_map(|id| self.settings().percent_maximum(id))
    }
}

/// What deviates in the cells so far.
#[derive(Default)]
struct Deviating {
    cells: Vec<DeviatingCell>,
    /// Whether any cell had to be read.
    has_read: bool,
}

impl Deviating {
    fn note<T>(&mut self, at: usize, reading: Reading<T>) -> Option<T> {
        let Reading { value, deviations, rewrite } = reading;
        self.has_read = true;
        if !deviations.is_empty() {
            self.cells.push(DeviatingCell { at, deviations, rewrite });
        }
        value
    }
}
