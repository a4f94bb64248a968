//! The number formats of the cells of one table.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::styles::Styles;
use crate::cell::StoredValue;
use crate::number_format::{Meaning, NumberFormat};

/// The styles, and which of them cells without one have.
pub(super) struct Formats<'t> {
    styles: &'t Styles,
    /// By column, in order.
    column_styles: Vec<(RangeInclusive<u32>, String)>,
}

impl<'t> Formats<'t> {
    pub(super) const fn new(styles: &'t Styles) -> Self {
        Self { styles, column_styles: Vec::new() }
    }

    /// Adds the style of columns behind those known so far.
    pub(super) fn add(&mut self, columns: RangeInclusive<u32>, style: String) {
        self.column_styles.push((columns, style));
    }

    /// What a cell's style makes of it: its own, else its row's, else its column's.
    pub(super) fn of_style(
        &self,
        own: Option<&str>,
        row_style: Option<&str>,
        column: u32,
    ) -> &'t Arc<NumberFormat> {
        let of_column = || {
            let at = self.column_styles.partition_point(|(columns, _)| *columns.end() < column);
            self.column_styles.get(at).filter(|(columns, _)| columns.contains(&column))
        };
        let style = own.or(row_style).or_else(|| of_column().map(|(_, style)| &**style));
        style.map_or_else(|| self.styles.general(), |style| self.styles.format(style))
    }

    /// The type of a number has the last word on what is a percentage, and on what is none.
    #[inline]
    pub(super) fn of_value<'f>(
        &'f self,
        value: &StoredValue,
        kind: Option<&str>,
        of_style: &'f Arc<NumberFormat>,
    ) -> &'f Arc<NumberFormat> {
        let StoredValue::Number(number) = value else { return of_style };
        match kind {
            Some("percentage") => self.of_percentage(*number, of_style),
            Some("float" | "currency") => self.of_number(*number, of_style),
            Some(_) | None => of_style,
        }
    }

    #[inline]
    pub(super) fn of_percentage<'f>(
        &'f self,
        number: f64,
        of_style: &'f Arc<NumberFormat>,
    ) -> &'f Arc<NumberFormat> {
        if of_style.meaning(number) == Meaning::Percent { of_style } else { self.styles.percent() }
    }

    /// A number stored as a number is no percentage, date or time, whatever its style would make of it.
    #[inline]
    pub(super) fn of_number<'f>(
        &'f self,
        number: f64,
        of_style: &'f Arc<NumberFormat>,
    ) -> &'f Arc<NumberFormat> {
        match of_style.meaning(number) {
            Meaning::Percent | Meaning::Date | Meaning::TimeOfDay | Meaning::Duration => {
                self.styles.general()
            }
            Meaning::General | Meaning::Number | Meaning::LiteralPercent | Meaning::Text => of_style,
        }
    }
}
