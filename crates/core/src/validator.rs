//! Rows in, findings out. Each cell is read once, by the reader of its column; what one cell cannot show is
//! left to [`crate::evidence`], which sees the whole table. Refuses nothing: every text has a finding or none.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::evidence::{CellReport, Evidence, Footprints, RowFacts, Suspects};
use crate::finding::{Applicability, Change, Finding, Place, Suggestion};
use crate::plan::Updated;
use crate::position::RowNumber;
use crate::rules::id::UNKNOWN_ID;
use crate::rules::row::{EMPTY_ROW, MISSING_FIELD};
use crate::settings::{DecimalMark, Settings};
use crate::template::{Field, Presence, Template};
use crate::text::says_nothing;
use crate::value::decimal::Decimal;
use crate::value::number::{Marks, Number, NumberSettings};
use crate::value::{Reading, comment, date, id, number, status};

/// How a cell came to its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Somebody typed it: everything about it has to be read from the text.
    Text,
    /// A workbook stores a number: the text is plain, with a decimal point, whatever the settings say.
    Number,
    /// A workbook stores a number and shows it as a percentage: the text is the fraction, for certain.
    Percent,
    /// A workbook stores a day: the text has the form of [`Settings::written_date_form`], whatever the other
    /// settings say.
    Date,
    /// The row ends before this column.
    Missing,
}

/// One cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The text; empty for a missing cell.
    pub text: &'a str,
    /// How it came about.
    pub kind: CellKind,
}

impl<'a> Cell<'a> {
    /// A row that ends before this column.
    pub const MISSING: Self = Self { text: "", kind: CellKind::Missing };

    /// A cell that somebody typed.
    #[must_use]
    pub const fn text(text: &'a str) -> Self {
        Self { text, kind: CellKind::Text }
    }

    fn is_blank(&self) -> bool {
        says_nothing(self.text)
    }
}

/// One row of a table, its cells in the order of the template's columns.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Where it stands.
    pub number: RowNumber,
    /// One cell for each column of the template; fewer count as missing.
    pub cells: &'a [Cell<'a>],
}

/// Reads the rows of one table. Numbers must ascend from row to row.
#[derive(Debug)]
pub struct Validator<'s> {
    template: &'s Template,
    settings: &'s Settings,
    evidence: Evidence,
    findings: Vec<Finding>,
    updated: Updated,
    /// What the plan makes of the IDs it does not know, which may stand in many rows.
    unknown: HashMap<String, Reading<id::Id>>,
}

impl<'s> Validator<'s> {
    /// A validator for one table.
    #[must_use]
    pub fn new(template: &'s Template, settings: &'s Settings) -> Self {
        Self {
            template,
            settings,
            evidence: Evidence::default(),
            findings: Vec::new(),
            updated: Updated::default(),
            unknown: HashMap::new(),
        }
    }

    /// Reads one row.
    pub fn read(&mut self, row: &Row<'_>) {
        if let ControlFlow::Break(finding) = whole_row(row, self.template) {
            self.findings.push(finding);
            if row.cells.iter().all(Cell::is_blank) {
                return;
            }
        }
        let mut facts = RowFacts::new(row.number);
        let mut reports = BTreeMap::new();
        let mut is_guess = false;
        let cells =
            row.cells.iter().zip(&self.template.columns).filter(|(cell, _)| cell.kind != CellKind::Missing);
        for (cell, column) in cells {
            let report = match column.field {
                Field::ExternalId => {
                    let reading = self.id(cell.text);
                    is_guess = reading.deviations.iter().any(|deviation| deviation.rule == &UNKNOWN_ID);
                    if let (Some(plan), Some(id), false) = (&self.settings.plan, &reading.value, is_guess)
                        && let Some(item) = plan.find(&id.written)
                    {
                        self.updated.add(item);
                    }
                    if let Some(id) = &reading.value {
                        facts.id = Some(self.evidence.ids.intern(&id.written));
                        facts.typed_id =
                            id.typed.as_ref().map(|typed| self.evidence.ids.intern(typed)).or(facts.id);
                    }
                    CellReport::of(cell.text, reading)
                }
                Field::Status => {
                    let reading = status::read(cell.text, &self.settings.statuses);
                    facts.status = reading.value.as_ref().map(|status| self.evidence.texts.intern(status));
                    CellReport::of(cell.text, reading)
                }
                Field::MetricValue => {
                    // The ID decides whether the value is a percentage; every template has it first.
                    // The metric that an unknown ID may mean decides nothing.
                    let ids = [facts.id.filter(|_| !is_guess), facts.typed_id].into_iter().flatten();
                    let percent_maximum = ids
                        .map(|id| self.evidence.ids.text(id))
                        .find_map(|id| self.settings.percent_maximum(id));
                    let may_be_empty = column.presence == Presence::MayBeEmpty;
                    let reading = self.number(cell, percent_maximum, may_be_empty);
                    facts.set_number(cell, &reading, percent_maximum.is_some());
                    CellReport::of(cell.text, reading)
                }
                Field::AsOfDate => {
                    let reading = self.date(cell);
                    facts.set_date(cell.text, &reading);
                    CellReport::of(cell.text, reading)
                }
                Field::Comment => {
                    let reading = comment::read(cell.text);
                    let written = reading.rewrite.as_deref().unwrap_or(cell.text);
                    facts.comment = (!written.is_empty()).then(|| self.evidence.texts.intern(written));
                    CellReport::of(cell.text, reading)
                }
            };
            if let Some(report) = report {
                reports.insert((row.number, column.field), report);
            }
        }
        self.evidence.add(facts, reports);
    }

    /// Which metrics of the plan have a row so far.
    #[must_use]
    pub const fn updated(&self) -> &Updated {
        &self.updated
    }

    /// All findings, by row, column and code.
    #[must_use]
    pub fn finish(self) -> Vec<Finding> {
        self.finish_with(None)
    }

    /// Which of the rows that were not read, because they are valid and left only `footprints`, have something
    /// to do with each other or with the rows that were.
    #[must_use]
    pub fn suspects(&self, footprints: &[Footprints], threads: NonZeroUsize) -> Suspects {
        self.evidence.suspects(footprints, self.settings, threads)
    }

    /// All findings, where beside the rows that are not valid only the `suspects` were read: the same as if all
    /// rows had been.
    #[must_use]
    pub fn finish_beside(self, suspects: &Suspects) -> Vec<Finding> {
        self.finish_with(Some(suspects))
    }

    /// The findings of rows that are settled, as [`crate::plain::PlainCells::settled_row`] says, and of which none is a
    /// suspect: the same as if all rows had been read.
    #[must_use]
    pub fn finish_settled(mut self) -> Vec<Finding> {
        self.evidence.tell_cells(&mut self.findings);
        self.findings
    }

    fn finish_with(mut self, suspects: Option<&Suspects>) -> Vec<Finding> {
        self.findings.extend(self.evidence.weigh(self.settings, suspects));
        self.findings.sort_by(|one, two| {
            let key = |finding: &Finding| (finding.place.row(), finding.place.field(), finding.rule.code);
            key(one).cmp(&key(two))
        });
        self.findings
    }

    fn id(&mut self, text: &str) -> Reading<id::Id> {
        let Some(plan) = self.settings.plan.as_deref() else { return id::read(text) };
        if plan.find(text).is_some() {
            return id::read_with(text, Some(plan));
        }
        if let Some(reading) = self.unknown.get(text) {
            return reading.clone();
        }
        let reading = id::read_with(text, Some(plan));
        self.unknown.insert(text.to_owned(), reading.clone());
        reading
    }

    fn number(
        &self,
        cell: &Cell<'_>,
        maximum: Option<&Decimal>,
        may_be_empty: bool,
    ) -> Reading<Option<Number>> {
        let decimal = match cell.kind {
            CellKind::Percent => {
                if let Some(decimal) = Decimal::from_plain(cell.text) {
                    return Reading::valid(Some(Number {
                        decimal,
                        has_percent_sign: true,
                        marks: Marks::NONE,
                    }));
                }
                DecimalMark::Point
            }
            CellKind::Number => DecimalMark::Point,
            CellKind::Text | CellKind::Date | CellKind::Missing => self.settings.decimal,
        };
        number::read(cell.text, &NumberSettings { decimal, percent_maximum: maximum, may_be_empty })
    }

    fn date(&self, cell: &Cell<'_>) -> Reading<date::Date> {
        if cell.kind == CellKind::Date {
            date::read_stored(cell.text, self.settings)
        } else {
            date::read(cell.text, self.settings)
        }
    }
}

/// What is wrong with the row as a whole, if anything.
fn whole_row(row: &Row<'_>, template: &Template) -> ControlFlow<Finding> {
    if row.cells.iter().all(Cell::is_blank) {
        let mut finding = Finding::new(&EMPTY_ROW, Place::Row(row.number), "the row is empty; remove it");
        finding.suggestion = Some(Suggestion {
            applicability: Applicability::Safe,
            title: "remove the row".to_owned(),
            change: Change::RemoveRow,
        });
        return ControlFlow::Break(finding);
    }
    let is_missing = |at: usize| row.cells.get(at).is_none_or(|cell| cell.kind == CellKind::Missing);
    let missing: Vec<String> = template
        .columns
        .iter()
        .enumerate()
        .filter(|(at, column)| column.presence != Presence::Optional && is_missing(*at))
        .map(|(_, column)| format!("`{}`", column.field))
        .collect();
    if missing.is_empty() {
        return ControlFlow::Continue(());
    }
    let message = format!("the row ends before {}; complete it", missing.join(" and "));
    ControlFlow::Break(Finding::new(&MISSING_FIELD, Place::Row(row.number), message))
}
