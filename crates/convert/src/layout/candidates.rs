//! Which columns of a row claim to hold a field, how strong their claims are, and which one wins.

use metricsheet_core::template::Label;
use metricsheet_core::{ColumnIndex, Field, RowNumber};

use super::{LayoutColumn, LayoutError, Mapping};
use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::number_format::Meaning;

/// How many rows below a header are asked which of two columns is meant.
const ROWS_ASKED: usize = 50;

/// Why a column is taken for a field, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// Its header is within a letter or two of a label.
    Near,
    /// Its header is a name people use for such a column and for others too.
    LooseAlias,
    /// Its header is a name people use for such a column.
    Alias,
    /// Its header is the service's own label.
    Exact,
    /// The caller says so.
    Mapped,
}

impl Claim {
    /// What it adds to the standing of its row.
    pub(super) const fn strength(self) -> u32 {
        match self {
            Self::Near => 1,
            Self::LooseAlias => 2,
            Self::Alias => 3,
            Self::Exact => 5,
            Self::Mapped => 6,
        }
    }

    /// The lower-case words that explanations use.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Near => "near spelling",
            Self::LooseAlias => "loose alias",
            Self::Alias => "alias",
            Self::Exact => "exact label",
            Self::Mapped => "mapped",
        }
    }
}

/// A column that claims to hold a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub column: ColumnIndex,
    /// Its header.
    pub header: String,
    /// Why.
    pub claim: Claim,
}

impl Candidate {
    pub(super) fn into_column(self, field: Field) -> LayoutColumn {
        LayoutColumn { field, column: self.column, header: self.header, claim: self.claim }
    }
}

/// The texts of a row, read as labels.
pub(super) struct Labels {
    pub(super) row: RowNumber,
    labels: Vec<(ColumnIndex, String, Label)>,
}

impl Labels {
    pub(super) fn of(row: &StoredRow) -> Self {
        let labels = row.cells.iter().filter_map(|cell| match &cell.value {
            StoredValue::Text(text) if !text.trim().is_empty() => {
                Some((cell.column, text.trim().to_owned(), Label::read(text.trim())))
            }
            _ => None,
        });
        Self { row: row.number, labels: labels.collect() }
    }

    pub(super) fn has(&self, label: Label) -> bool {
        self.labels.iter().any(|(_, _, it)| *it == label)
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.labels.iter().map(|(_, text, _)| text.clone()).collect()
    }

    /// The column that a mapping names: by its header, else by its letters.
    pub(super) fn mapped(&self, mapping: &Mapping) -> Option<Candidate> {
        let by_header = self.labels.iter().find(|(_, text, _)| mapping.source.names(text));
        let (column, header) = if let Some((column, text, _)) = by_header {
            (*column, text.clone())
        } else {
            let column = mapping.source.letters()?;
            let header = self.labels.iter().find(|(it, _, _)| *it == column);
            (column, header.map(|(_, text, _)| text.clone()).unwrap_or_default())
        };
        Some(Candidate { column, header, claim: Claim::Mapped })
    }

    /// The columns that claim a field, strongest first, then left to right.
    pub(super) fn candidates(&self, field: Field) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = self
            .labels
            .iter()
            .filter(|(_, _, label)| label.field() == Some(field))
            .filter_map(|(column, header, label)| {
                let claim = claim(field, header, *label)?;
                Some(Candidate { column: *column, header: header.clone(), claim })
            })
            .collect();
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.claim));
        candidates
    }

    /// The column that holds a field; `None` if none claims it.
    pub(super) fn choose(
        &self,
        field: Field,
        below: &[StoredRow],
        taken: &[LayoutColumn],
    ) -> Result<Option<Candidate>, LayoutError> {
        let mut candidates = self.candidates(field);
        candidates.retain(|candidate| taken.iter().all(|column| column.column != candidate.column));
        let Some(strongest) = candidates.first().map(|candidate| candidate.claim) else { return Ok(None) };
        candidates.retain(|candidate| candidate.claim == strongest);
        if candidates.len() > 1 {
            let fits = |candidate: &Candidate| {
                below
                    .iter()
                    .take(ROWS_ASKED)
                    .filter_map(|row| row.cell(candidate.column))
                    .any(|cell| fits(field, cell))
            };
            let (fitting, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(fits);
            candidates = if fitting.is_empty() { others } else { fitting };
        }
        match <[Candidate; 1]>::try_from(candidates) {
            Ok([candidate]) => Ok(Some(candidate)),
            Err(candidates) => Err(LayoutError::Ambiguous {
                field,
                row: self.row,
                candidates: candidates.into_iter().map(|it| (it.column, it.header)).collect(),
            }),
        }
    }
}

/// How strong the claim of a header is; `None` where the name is too loose to be taken at all.
fn claim(field: Field, header: &str, label: Label) -> Option<Claim> {
    match label {
        Label::Exact(_) => Some(Claim::Exact),
        Label::Near(_) => Some(Claim::Near),
        Label::Unknown => None,
        Label::Alias(_) => {
            let header = header.to_lowercase();
            let any = |words: &[&str]| words.iter().any(|word| header.contains(word));
            let firm = match field {
                // "KPI" and "KPI name" stand beside "KPI code" in many workbooks, and lose to it.
                Field::ExternalId => {
                    any(&["id", "code", "key", "number", "no", "ref", "guid"]) && !any(&["name"])
                }
                Field::MetricValue => any(&["value", "actual", "metric"]),
                Field::AsOfDate => any(&["date", "as of", "as at", "asof", "asat", "effective"]),
                // A description describes the metric, not this update of it.
                Field::Comment if any(&["description"]) => return None,
                Field::Comment | Field::Status => true,
            };
            Some(if firm { Claim::Alias } else { Claim::LooseAlias })
        }
    }
}

/// Whether a cell looks like one of a field.
fn fits(field: Field, cell: &StoredCell) -> bool {
    match (field, &cell.value) {
        (Field::MetricValue, StoredValue::Number(number)) => {
            !matches!(cell.format.meaning(*number), Meaning::Date | Meaning::TimeOfDay)
        }
        (Field::MetricValue, StoredValue::Text(text)) => text.chars().any(|it| it.is_ascii_digit()),
        (Field::AsOfDate, StoredValue::Number(number)) => cell.format.meaning(*number) == Meaning::Date,
        (Field::AsOfDate, StoredValue::Text(text)) => text.chars().any(|it| it.is_ascii_digit()),
        (Field::AsOfDate, StoredValue::Moment(_))
        | (
            Field::ExternalId | Field::Status | Field::Comment,
            StoredValue::Text(_) | StoredValue::Number(_),
        ) => true,
        (
            _,
            StoredValue::Moment(_)
            | StoredValue::Duration(_)
            | StoredValue::Logical(_)
            | StoredValue::Error(_)
            | StoredValue::NoResult,
        ) => false,
    }
}
