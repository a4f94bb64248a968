//! Where the table of a text is: what divides its fields, what stands above its header, and which field is which column.

use metricsheet_core::RowNumber;

use crate::check::{BYTE_ORDER_MARK, Options};
use crate::columns::Columns;
use crate::dialect::{self, Dialect};

/// Where the table is.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) dialect: Dialect,
    /// Where the first record starts, below a mark and a declaration, and in which line.
    pub(crate) start: usize,
    pub(crate) start_line: usize,
    pub(crate) columns: Columns,
    /// The row of the header, or of the first record if there is none.
    pub(crate) header_row: RowNumber,
}

impl Layout {
    /// Finds the table of a text.
    pub(crate) fn find(text: &str, options: &Options) -> Self {
        let mark = mark_length(text);
        let dialect = dialect::detect(text, mark);
        let start = dialect.declaration.as_ref().map_or(mark, |line| line.end);
        let start_line = 1 + usize::from(dialect.declaration.is_some());
        let template = options.template.as_ref();
        let columns = Columns::find(text, dialect.delimiter, start, start_line, template, &options.settings);
        let rows_above = u32::try_from(columns.above.len()).unwrap_or(u32::MAX);
        let header_row = RowNumber::new(u32::try_from(start_line).unwrap_or(1).saturating_add(rows_above));
        Self { dialect, start, start_line, columns, header_row }
    }

    /// Whether a text with that layout is divided into the same fields for the same columns.
    pub(crate) fn reads_as(&self, other: &Self) -> bool {
        let Self { dialect, columns, .. } = self;
        let has_header = |columns: &Columns| columns.header.is_some();
        dialect.delimiter == other.dialect.delimiter
            && dialect.declaration.is_some() == other.dialect.declaration.is_some()
            && has_header(columns) == has_header(&other.columns)
            && columns.above.len() == other.columns.above.len()
            && columns.fields == other.columns.fields
            && columns.template == other.columns.template
    }

    /// The table of a text divided by commas that begins with these columns.
    pub(crate) fn of_first_record(text: &str, columns: Columns) -> Self {
        let dialect = Dialect { delimiter: b',', declaration: None };
        let header_row = RowNumber::new(1);
        Self { dialect, start: mark_length(text), start_line: 1, columns, header_row }
    }
}

/// How long the byte order mark is, if the text begins with one.
pub(crate) fn mark_length(text: &str) -> usize {
    if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}
