//! The shortest way of a record of delimited text: proved and written from its bytes, it never becomes a row. All that
//! rows are asked for on their way holds of such a record anyway: it is no header, no total and no remark, for it has a
//! valid ID, number and date, and nothing is doubtful about where its fields stand.

use std::sync::Arc;

use metricsheet_core::{Cell, CellKind, Field, RowNumber, Template};
use metricsheet_delimited::Record;

use super::super::row_texts::MOST;
use super::Table;
use crate::layout::{Layout, is_value};

/// Where the fields of the records below a header stand.
pub(super) struct Fields {
    /// For each column of the template the field of the record; `None` for a column that the text lacks.
    places: Vec<Option<usize>>,
    value: usize,
    /// So many have a header.
    most: Option<u32>,
}

impl Fields {
    /// `None` if more has to be asked of the records below the header of these tables.
    fn below(layouts: &[Layout], header_fields: Option<u32>) -> Option<Self> {
        let [layout] = layouts else { return None };
        let place = |field| Some(usize::try_from(layout.column(field)?.get()).unwrap_or(usize::MAX));
        let value = place(Field::MetricValue)?;
        place(Field::AsOfDate)?;
        // Else a row might be taken for the header once more.
        let is_label = |field: Field| {
            let column = layout.columns.iter().find(|column| column.field == field);
            column.is_none_or(|column| !is_value(&column.header))
        };
        let Template { columns, .. } = &layout.template;
        let is_plain = layout.periods.is_empty() && columns.len() <= MOST && is_label(Field::MetricValue);
        let places = columns.iter().map(|column| place(column.field)).collect();
        is_plain.then_some(Self { places, value, most: header_fields })
    }

    /// The cells of a record, in the order of the template; `None` if it has to become a row.
    pub(super) fn cells<'r>(&self, record: &'r Record<'_>) -> Option<[Cell<'r>; MOST]> {
        let fields = &record.fields;
        let is_too_long =
            self.most.is_some_and(|most| u32::try_from(fields.len()).is_ok_and(|count| count > most));
        // A number that may be a year may label a period.
        if record.is_mended || is_too_long || !is_value(fields.get(self.value)?) {
            return None;
        }
        let mut cells = [Cell::MISSING; MOST];
        for (cell, place) in cells.iter_mut().zip(&self.places) {
            if let Some(place) = place {
                *cell = Cell { text: fields.get(*place).map_or("", AsRef::as_ref), kind: CellKind::Text };
            }
        }
        Some(cells)
    }

    /// Whether these are all fields that a record has, in places that `fit`.
    pub(super) fn are_all(&self, fit: impl FnOnce(&[Option<usize>]) -> bool) -> bool {
        let count = self.places.iter().flatten().count();
        self.most.is_some_and(|most| usize::try_from(most) == Ok(count)) && fit(&self.places)
    }

    /// Those of the cells that the template has.
    pub(super) fn of_template<'c, 'r>(&self, cells: &'c [Cell<'r>; MOST]) -> &'c [Cell<'r>] {
        cells.get(..self.places.len()).unwrap_or_default()
    }

    /// Whether a record may be a header or a title, as [`crate::layout::may_begin_table`] says of rows. One without any
    /// text is no row.
    pub(super) fn may_begin_table(record: &Record<'_>) -> bool {
        record.fields.iter().all(|field| !is_value(field))
            && record.fields.iter().any(|field| !field.is_empty())
    }
}

impl Table<'_> {
    /// Looks where the fields of the records stand that follow.
    pub(super) fn place_fields(&mut self) {
        let Self { options, layouts, current, .. } = self;
        let is_plain = options.range.is_none() && options.as_of.is_none() && self.origins.is_none();
        let layouts = layouts.get(*current..).unwrap_or_default();
        let fields = Fields::below(layouts, self.header_fields).filter(|_| is_plain);
        self.fields = fields.map(Arc::new);
    }

    /// Whether the record was written, and is done with.
    pub(super) fn write_record(&mut self, record: &Record<'_>) -> bool {
        let (Some(fields), Some(sweep), true) = (&self.fields, &mut self.sweep, self.waiting.is_empty())
        else {
            return false;
        };
        let Some(cells) = fields.cells(record) else { return false };
        let cells = fields.of_template(&cells);
        if !sweep.take_cells(RowNumber::new(record.row), cells) {
            return false;
        }
        self.is_text = true;
        self.counts.read += 1;
        self.room.write(cells.iter().map(|cell| cell.text.len()).sum());
        true
    }
}
