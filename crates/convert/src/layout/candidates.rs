//! Which columns of a row claim to hold a field, how strong their claims are, and which one wins.

use std::ops::RangeInclusive;

use metricsheet_core::template::Label;
use metricsheet_core::{ColumnIndex, Field, RowNumber};

use super::{LayoutColumn, LayoutError, Mapping};
use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::number_format::Meaning;
use crate::reading::MAX_COLUMNS;

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

/// A header as a label. The service's own labels may have a remark behind them: `As Of Date (MM/DD/YYYY)`. Of other
/// names a remark may turn the meaning round: `Actual (prior year)`.
fn read(text: &str) -> Label {
    let label = Label::read(text);
    let remark = || text.trim_end().strip_suffix([')', ']'])?.rsplit_once(['(', '[']);
    let (Label::Unknown, Some((before, _))) = (label, remark()) else { return label };
    match Label::read(before.trim()).field() {
        Some(field) if Label::alias_rank(field, before) == 0 => Label::Alias(field),
        Some(_) | None => Label::Unknown,
    }
}

/// The texts of a header, read as labels: those of its row, completed by rows above where it has several.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    pub(super) row: RowNumber,
    labels: Vec<(ColumnIndex, String, Label)>,
}

impl Labels {
    pub(super) fn of(row: &StoredRow) -> Self {
        let labels = texts(row).map(|(column, text)| (column, text.to_owned(), read(text)));
        Self { row: row.number, labels: labels.collect() }
    }

    /// The labels of this row, and those of the row above in columns where this one has no cell: headers that
    /// are merged with the cells below them.
    pub(super) fn filled(&self, row: &StoredRow, above: &Self) -> Self {
        let mut filled = self.clone();
        let missing = above
            .labels
            .iter()
            .filter(|(column, _, label)| row.cell(*column).is_none() && label.field().is_some());
        filled.labels.extend(missing.cloned());
        filled.labels.sort_by_key(|(column, _, _)| *column);
        filled
    }

    /// The labels of two rows read as one: `KPI` over `Code` as `KPI Code`. A field that some columns are labelled
    /// as by both rows is told by both: then `Code` below `Owner` is none. A text above counts for the columns
    /// right of it, up to the next one, as merged cells are stored.
    pub(super) fn combined(&self, above: &Self) -> Self {
        let both = |column: ColumnIndex, text: &str| {
            let (_, group, _) = above.labels.iter().rev().find(|(it, _, _)| *it <= column)?;
            let both = format!("{group} {text}");
            match Label::read(&both) {
                label @ (Label::Exact(_) | Label::Alias(_)) => Some((both, label)),
                Label::Near(_) | Label::Unknown => None,
            }
        };
        let read: Vec<_> = self.labels.iter().map(|(column, text, _)| both(*column, text)).collect();
        let told: Vec<Option<Field>> = read.iter().flatten().map(|(_, label)| label.field()).collect();
        let labels = self.labels.iter().zip(read).map(|((column, text, label), read)| match read {
            Some((both, label)) => (*column, both, label),
            None if label.field().is_some() && told.contains(&label.field()) => {
                (*column, text.clone(), Label::Unknown)
            }
            None => (*column, text.clone(), *label),
        });
        Self { row: self.row, labels: labels.collect() }
    }

    /// The labels of these columns alone.
    pub(super) fn within(&self, columns: &RangeInclusive<ColumnIndex>) -> Self {
        let labels = self.labels.iter().filter(|(column, _, _)| columns.contains(column));
        Self { row: self.row, labels: labels.cloned().collect() }
    }

    /// How many of the texts label a field.
    pub(super) fn known(&self) -> usize {
        self.labels.iter().filter(|(_, _, label)| label.field().is_some()).count()
    }

    /// The columns of each of several tables side by side, if the column of IDs stands there several times
    /// under the same header.
    pub(super) fn side_by_side(&self) -> Vec<RangeInclusive<ColumnIndex>> {
        let ids = self.candidates(Field::ExternalId);
        let Some(first) = ids.first() else { return Vec::new() };
        let mut starts: Vec<ColumnIndex> = ids
            .iter()
            .filter(|it| it.claim == first.claim && it.header.to_lowercase() == first.header.to_lowercase())
            .map(|it| it.column)
            .collect();
        starts.sort_unstable();
        let ends = starts.iter().skip(1).map(|next| next.get().saturating_sub(1));
        let ends = ends.chain([MAX_COLUMNS - 1]).map(ColumnIndex::new);
        starts.iter().zip(ends).map(|(start, end)| *start..=end).collect()
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

/// The texts of a row that are not blank, trimmed.
fn texts(row: &StoredRow) -> impl Iterator<Item = (ColumnIndex, &str)> {
    row.cells.iter().filter_map(|cell| match &cell.value {
        StoredValue::Text(text) if !text.trim().is_empty() => Some((cell.column, text.trim())),
        _ => None,
    })
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
