//! The end of a table: `core` judges the rows, and what it finds decides which of them are written.

use std::num::NonZeroUsize;

use metricsheet_core::rules::workbook::MERGED_CELL;
use metricsheet_core::{Cell, Field, Finding, Row, RowNumber, Severity, Suspects, Template, Validator};

use super::super::outcome::Written;
use super::super::sweep::{Sweep, Swept};
use super::super::{Merged, SheetConversion, judge, surroundings};
use super::{Finished, Table, moved, output_fields, table_of};
use crate::layout::LayoutError;
use crate::output::{Rows, Spooled};
use crate::reading::{Sheet, SheetFacts};

impl Table<'_> {
    /// The result; `None` for a sheet without any cell, or one whose rows passed a limit and are not judged.
    ///
    /// # Errors
    /// What was refused by the file that keeps the rows.
    pub(in crate::conversion) fn finish(
        mut self,
        facts: &SheetFacts,
    ) -> std::io::Result<Option<Result<Finished, LayoutError>>> {
        if self.counts.read == 0 {
            return Ok(None);
        }
        if self.failure.is_none() {
            self.settle(true);
        }
        if self.room.excess().is_some() {
            return Ok(None);
        }
        if self.layouts.is_empty() && self.failure.is_none() {
            self.failure = self.none_at_head.take();
        }
        if let Some(error) = self.failure {
            return Ok(Some(Err(error)));
        }
        if self.sweep.as_ref().is_some_and(Sweep::is_refused) {
            return Ok(Some(Ok(Finished::LongWay)));
        }
        let known = self.sweep.as_ref().and_then(Sweep::suspects);
        let swept = self.sweep.take().map(Sweep::finish).transpose()?;
        Ok(Some(Ok(self.judged(facts, swept, known))))
    }

    fn judged(mut self, facts: &SheetFacts, swept: Option<Swept>, known: Option<&Suspects>) -> Finished {
        // A file may store its rows in any order.
        self.rows.sort_by_key(|row| row.number);
        self.hidden_rows.sort_unstable();
        self.source_rows.sort_unstable();
        self.source_rows.dedup();
        let mut findings = std::mem::take(&mut self.findings);
        let surroundings = self.surroundings(facts);
        // What was written cannot be rejected any more.
        if swept.is_some() && self.options.selection.apply(surroundings.clone()).iter().any(is_error_of_row) {
            return Finished::LongWay;
        }
        findings.extend(surroundings);
        let template = self.layouts.first().map_or_else(Template::metric_updates, |it| it.template.clone());
        let mut validator = Validator::new(&template, self.settings);
        let mut cells = Vec::new();
        for row in &self.rows {
            cells.clear();
            cells.extend(row.cells.iter().map(|(text, kind)| Cell { text, kind: *kind }));
            validator.read(&Row { number: row.number, cells: &cells });
        }
        let mut updated = validator.updated().clone();
        let only_counted = swept.as_ref().map_or(0, |swept| swept.mended);
        let (lines, beside) = match swept {
            None => ((Spooled::default(), 0), None),
            Some(swept) => {
                updated.add_all(&swept.updated);
                let suspects = match known {
                    Some(known) => known.clone(),
                    None => validator.suspects(&swept.footprints, threads(swept.lines.1)),
                };
                if known.is_none() && !suspects.is_empty() {
                    return Finished::Again(suspects);
                }
                (swept.lines, Some(suspects))
            }
        };
        findings.extend(match &beside {
            None => validator.finish(),
            Some(suspects) => validator.finish_beside(suspects),
        });
        let mut findings = self.options.selection.apply(findings);
        let origins = self.origins.unwrap_or_default();
        let column = |row: RowNumber, field: Field| {
            let table = origins.of(row).map_or_else(|| table_of(&self.layouts, row), |it| it.table);
            self.layouts.get(table).and_then(|layout| layout.column(field))
        };
        // Stable: of one place, ours come before those of `core`, each in the order of codes.
        findings.sort_by_key(|finding| {
            let row = finding.place.row();
            (row, row.zip(finding.place.field()).and_then(|(row, field)| column(row, field)))
        });
        let fields = output_fields(&template, &self.layouts, self.options.as_of.is_some());
        let verdicts = judge::judge(&template, self.rows, &findings, self.options.fixes);
        let mut counts = self.counts;
        counts.rejected = verdicts.rejected;
        for (reason, count) in verdicts.left_out {
            *counts.left_out.entry(reason).or_default() += count;
        }
        let positions: Vec<usize> = fields.iter().filter_map(|field| template.position(*field)).collect();
        let written = verdicts
            .sources
            .into_iter()
            .map(|(number, sources)| Written { number, sources: pick(&positions, sources) });
        let between = verdicts.rows.into_iter().map(|(before, row)| (before, pick(&positions, row)));
        let rows = Rows::new(fields, lines, between.collect());
        counts.written = rows.len();
        Finished::Sheet(Box::new(SheetConversion {
            sheet: self.sheet.name.clone(),
            tables: self.layouts,
            written: written.collect(),
            rows,
            rejects: verdicts.rejects,
            findings,
            counts,
            is_text: self.is_text,
            updated,
            dates: self.dates,
            mended: verdicts.mended,
            only_counted,
            origins,
        }))
    }

    /// What is doubtful about where cells stand, numbered as the rows of the output are.
    fn surroundings(&self, facts: &SheetFacts) -> Vec<Finding> {
        let Sheet { name, visibility } = self.sheet;
        let mut findings = surroundings::findings(
            name,
            *visibility,
            &self.layouts,
            facts,
            &self.source_rows,
            &self.hidden_rows,
        );
        // A merged cell that was filled is in no doubt.
        let filled = self.options.merged == Merged::Filled;
        findings.retain(|it| !(filled && it.rule.code == MERGED_CELL.code));
        if let Some(origins) = &self.origins {
            let first = origins.first_of_rows();
            for finding in &mut findings {
                finding.place = moved(finding.place, &first);
            }
        }
        findings
    }
}

/// The texts, or what else there is one of for each column of the template, of the output's fields.
fn pick<T>(positions: &[usize], all: Vec<T>) -> Vec<T> {
    let all = all.into_iter().enumerate();
    all.filter(|(at, _)| positions.contains(at)).map(|(_, one)| one).collect()
}

fn is_error_of_row(finding: &Finding) -> bool {
    finding.severity == Severity::Error && finding.place.row().is_some()
}

/// Fewer rows are compared before another thread has begun.
const WORTH_A_THREAD: u64 = 50_000;

fn threads(rows: u64) -> NonZeroUsize {
    if rows < WORTH_A_THREAD {
        return NonZeroUsize::MIN;
    }
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
