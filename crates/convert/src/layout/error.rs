//! Why no table was found, in words that show what was looked for and what was seen.

use std::fmt;

use chrono::NaiveDate;
use metricsheet_core::text::quoted;
use metricsheet_core::{ColumnIndex, Field, RowNumber};

/// Why no table was found on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayoutError {
    /// No row labels all columns that must be there.
    NotFound {
        /// The fields that no column is labelled as.
        missing: Vec<Field>,
        /// The row that came nearest, and its texts.
        nearest: Option<(RowNumber, Vec<String>)>,
    },
    /// Several columns have an equal claim to a field.
    Ambiguous {
        /// The field.
        field: Field,
        /// The header row.
        row: RowNumber,
        /// The columns and their headers.
        candidates: Vec<(ColumnIndex, String)>,
    },
    /// Two columns hold the same period.
    SamePeriod {
        /// The header row.
        row: RowNumber,
        /// The columns and their headers.
        columns: [(ColumnIndex, String); 2],
        /// The period's last day.
        last: NaiveDate,
    },
    /// Columns are headed by months, quarters or weeks, and no year.
    NoYear {
        /// The header row.
        row: RowNumber,
        /// The columns and their headers.
        columns: Vec<(ColumnIndex, String)>,
    },
    /// Periods are in a year that spans two of the calendar, and it is not known with which month it begins.
    FiscalYear {
        /// The header row.
        row: RowNumber,
        /// The year, as it stands.
        year: String,
    },
    /// December and January stand side by side, and one year for both.
    TurnOfYear {
        /// The header row.
        row: RowNumber,
        /// The columns and their headers.
        columns: [(ColumnIndex, String); 2],
    },
    /// A mapping names a header that is not there.
    UnknownSource {
        /// The field.
        field: Field,
        /// The header asked for.
        source: String,
        /// The row looked at.
        row: RowNumber,
        /// What it holds.
        seen: Vec<String>,
    },
    /// The row declared as header is empty.
    NoSuchRow {
        /// The row.
        row: RowNumber,
    },
    /// Without a header row a mapping must give letters.
    HeaderNeeded {
        /// The field.
        field: Field,
        /// What the mapping gives.
        source: String,
    },
}

impl LayoutError {
    /// Whether there is a table, and only its layout is in doubt.
    #[must_use]
    pub const fn is_doubt(&self) -> bool {
        match self {
            Self::Ambiguous { .. }
            | Self::SamePeriod { .. }
            | Self::NoYear { .. }
            | Self::FiscalYear { .. }
            | Self::TurnOfYear { .. } => true,
            Self::NotFound { .. }
            | Self::UnknownSource { .. }
            | Self::NoSuchRow { .. }
            | Self::HeaderNeeded { .. } => false,
        }
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { missing, nearest } => {
                write!(formatter, "no header row labels {}", list(missing.iter().map(|it| it.label())))?;
                match nearest {
                    Some((row, seen)) => {
                        write!(
                            formatter,
                            "; row {row} comes nearest, with {}",
                            list(seen.iter().map(String::as_str))
                        )?;
                    }
                    None => write!(formatter, "; the sheet has no text that could be a header")?,
                }
                if let Some(field) = missing.first() {
                    write!(formatter, "; name a column with `--map '{field}=HEADER'`")?;
                }
                if let [Field::AsOfDate] = missing[..] {
                    write!(formatter, ", or give one day for all rows with `--as-of`")?;
                }
                Ok(())
            }
            Self::Ambiguous { field, row, candidates } => {
                let columns = candidates.iter().map(|(column, text)| format!("{column} ({})", quoted(text)));
                let columns = columns.collect::<Vec<_>>().join(" and ");
                let first =
                    candidates.first().map_or_else(|| "HEADER".to_owned(), |(column, _)| column.to_string());
                write!(
                    formatter,
                    "columns {columns} of header row {row} may both hold {}; choose one, as with \
                     `--map '{field}={first}'`",
                    quoted(field.label())
                )
            }
            Self::SamePeriod { row, columns: [(one, one_header), (other, other_header)], last } => write!(
                formatter,
                "columns {one} ({}) and {other} ({}) of header row {row} both stand for the period up to {last}; keep \
                 the others out with `--range`",
                quoted(one_header),
                quoted(other_header)
            ),
            Self::NoYear { row, columns } => {
                let headers = list(columns.iter().map(|(_, header)| header.as_str()));
                write!(
                    formatter,
                    "the periods {headers} of header row {row} have no year, and no single one stands above them or \
                     in the sheet's name; write it into the row above"
                )
            }
            Self::FiscalYear { row, year } => write!(
                formatter,
                "{} at header row {row} spans two calendar years; say with which month it begins: \
                 `--fiscal-year-start MONTH`",
                quoted(year)
            ),
            Self::TurnOfYear { row, columns: [(one, one_header), (other, other_header)] } => write!(
                formatter,
                "between columns {one} ({}) and {other} ({}) of header row {row} the year turns, and one year stands \
                 for both; give `--fiscal-year-start MONTH` if it is a fiscal year, or write the year beside each \
                 period",
                quoted(one_header),
                quoted(other_header)
            ),
            Self::UnknownSource { field, source, row, seen } => write!(
                formatter,
                "no column is headed {} for {}; row {row} has {}",
                quoted(source),
                quoted(field.label()),
                list(seen.iter().map(String::as_str))
            ),
            Self::NoSuchRow { row } => {
                write!(formatter, "row {row} cannot be the header: it is empty; give another `--header-row`")
            }
            Self::HeaderNeeded { field, source } => write!(
                formatter,
                "without a header row, {} needs column letters instead of {}",
                quoted(field.label()),
                quoted(source)
            ),
        }
    }
}

impl std::error::Error for LayoutError {}

/// The texts in backticks, at most a dozen of them.
fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 12;
    let mut texts: Vec<String> = texts.map(quoted).collect();
    if texts.len() > MOST {
        let more = texts.len() - MOST;
        texts.truncate(MOST);
        texts.push(format!("{more} more"));
    }
    match texts.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
