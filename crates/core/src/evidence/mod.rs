//! What only the whole table shows: dates whose order another row proves or disproves, commas that group
//! here and divide there, IDs that are nearly the same, rows that say the same or the opposite.
//!
//! Rows leave small facts behind; only cells with a deviation leave more. Nothing is decided before the last
//! row was read.

mod dates;
mod groups;
mod ids;
mod likeness;
mod numbers;
mod repeats;
mod trail;

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::finding::{Change, Finding, Place, Suggestion};
use crate::footprint::{Day, Footprint, Hints, IdPrint};
use crate::position::RowNumber;
use crate::rule::{Fixable, Rule};
use crate::rules::id::{COLLIDING_ID, INCONSISTENT_ID, LOST_LEADING_ZEROS};
use crate::rules::row::{CONFLICTING_ROW, REPEATED_ROW};
use crate::rules::value::SCALE_OUTLIER;
use crate::settings::Settings;
use crate::template::Field;
use crate::validator::{Cell, CellKind};
use crate::value::date::{Date, OrderEvidence, written};
use crate::value::decimal::Decimal;
use crate::value::number::{Number, unmistakable};
use crate::value::{Deviation, Reading, combined_applicability};

use self::likeness::Questions;
pub use self::likeness::Suspects;
pub use self::trail::{Footprints, Trail};

/// All that rows can break together of which each is valid: without these rules nothing has to be remembered of such
/// rows, as long as there are no others beside them.
pub static AMONG_VALID_ROWS: [&Rule; 6] =
    [&COLLIDING_ID, &INCONSISTENT_ID, &LOST_LEADING_ZEROS, &REPEATED_ROW, &CONFLICTING_ROW, &SCALE_OUTLIER];

/// A text that stands in many rows, kept once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Symbol(u32);

/// Gives equal texts equal symbols.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    symbols: HashMap<Arc<str>, Symbol>,
    texts: Vec<Arc<str>>,
}

impl Interner {
    pub(crate) fn intern(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.symbols.get(text) {
            return *symbol;
        }
        let symbol = Symbol(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let shared: Arc<str> = text.into();
        self.texts.push(Arc::clone(&shared));
        self.symbols.insert(shared, symbol);
        symbol
    }

    pub(crate) fn text(&self, symbol: Symbol) -> &str {
        usize::try_from(symbol.0).ok().and_then(|at| self.texts.get(at)).map_or("", |text| text)
    }
}

/// A cell with deviations.
#[derive(Debug, Clone)]
pub(crate) struct CellReport {
    text: String,
    deviations: Vec<Deviation>,
    rewrite: Option<String>,
}

impl CellReport {
    /// What there is to say of the cell, if anything.
    pub(crate) fn of<T>(text: &str, reading: Reading<T>) -> Option<Self> {
        (!reading.deviations.is_empty()).then(|| Self {
            text: text.to_owned(),
            deviations: reading.deviations,
            rewrite: reading.rewrite,
        })
    }

    fn deviates(&self, rule: &'static Rule) -> bool {
        self.deviations.iter().any(|deviation| deviation.rule == rule)
    }

    /// Makes the fixes for this rule doubtful; what is already more doubtful stays.
    fn demote(&mut self, rule: &'static Rule, because: &str) {
        for deviation in self.deviations.iter_mut().filter(|deviation| deviation.rule == rule) {
            deviation.demote(because);
        }
    }

    /// Makes all fixes of the cell doubtful.
    fn demote_all(&mut self, because: &str) {
        for deviation in &mut self.deviations {
            deviation.demote(because);
        }
    }
}

/// What a row contributes to the evidence.
#[derive(Debug, Clone)]
pub(crate) struct RowFacts {
    row: RowNumber,
    /// The ID after its fixes.
    pub(crate) id: Option<Symbol>,
    /// The ID as typed.
    pub(crate) typed_id: Option<Symbol>,
    pub(crate) status: Option<Symbol>,
    pub(crate) comment: Option<Symbol>,
    number: Option<Number>,
    /// The value's text where it is not the number's shortest form.
    value_text: Option<Box<str>>,
    value_kind: CellKind,
    is_declared_percent: bool,
    date: Option<Date>,
    /// The date's text where it is not the written form of the day.
    date_text: Option<Box<str>>,
}

impl RowFacts {
    pub(crate) fn new(row: RowNumber) -> Self {
        Self {
            row,
            id: None,
            typed_id: None,
            status: None,
            comment: None,
            number: None,
            value_text: None,
            value_kind: CellKind::Missing,
            is_declared_percent: false,
            date: None,
            date_text: None,
        }
    }

    pub(crate) fn set_number(
        &mut self,
        cell: &Cell<'_>,
        reading: &Reading<Option<Number>>,
        is_declared_percent: bool,
    ) {
        self.value_kind = cell.kind;
        self.is_declared_percent = is_declared_percent;
        self.number = reading.value.clone().flatten();
        let is_shortest = reading.deviations.is_empty() && is_shortest_form(cell.text);
        self.value_text = (self.number.is_some() && !is_shortest).then(|| cell.text.into());
    }

    pub(crate) fn set_date(&mut self, text: &str, reading: &Reading<Date>) {
        self.date = reading.value;
        // A valid date stands in the written form.
        self.date_text = (self.date.is_some() && !reading.deviations.is_empty()).then(|| text.into());
    }

    fn value_text(&self) -> String {
        match (&self.value_text, &self.number) {
            (Some(text), _) => text.to_string(),
            (None, Some(number)) => number.decimal.to_string(),
            (None, None) => String::new(),
        }
    }

    fn date_text(&self, settings: &Settings) -> String {
        match (&self.date_text, self.date) {
            (Some(text), _) => text.to_string(),
            (None, Some(date)) => written(date.day, settings.written_date_form()),
            (None, None) => String::new(),
        }
    }

    fn day(&self) -> Option<NaiveDate> {
        self.date.map(|date| date.day)
    }

    /// The number, if somebody typed it: its marks say something.
    fn typed_number(&self) -> Option<&Number> {
        self.number.as_ref().filter(|_| self.value_kind == CellKind::Text)
    }

    fn order(&self) -> OrderEvidence {
        self.date.map_or(OrderEvidence::None, |date| date.order)
    }
}

/// What is remembered of a row with this ID, day, and value so far from zero. It is a percentage if it shows that, not
/// because it is declared to be one.
pub(crate) fn footprint_of(id: IdPrint, day: Day, size: f64, is_percentage: bool) -> Footprint {
    let footprint = Footprint::new(id, day, size);
    if is_percentage { footprint.of_percentage() } else { footprint }
}

/// What a date and a typed number show about others, and for what they depend on them. A date that `deviates` will
/// be rewritten.
pub(crate) fn hints_of(
    date: Option<&Date>,
    deviates: bool,
    typed_number: Option<&Number>,
    settings: &Settings,
) -> Hints {
    let mut hints = Hints::NONE;
    if let Some(date) = date {
        let is_either =
            matches!(date.order, OrderEvidence::Either(_)) || (deviates && dates::reads_both_ways(date.day));
        hints = hints
            .and(Hints::EITHER_ORDER.only_if(is_either))
            .and(Hints::OTHER_ORDER.only_if(dates::is_contrary(date.order, settings)));
    }
    if let Some(number) = typed_number {
        hints = hints
            .and(Hints::AMBIGUOUS_MARK.only_if(number.marks.ambiguous_group))
            .and(Hints::DIVIDING_MARK.only_if(numbers::divides(number, settings)));
    }
    hints
}

/// Whether a plain number is written as its shortest form: without needless zeros.
fn is_shortest_form(plain: &str) -> bool {
    let unsigned = plain.strip_prefix('-').unwrap_or(plain);
    let has_needless_end = unsigned.contains('.') && unsigned.ends_with('0');
    unsigned == "0" || (!unsigned.starts_with('0') && !has_needless_end)
}

/// All that is remembered of a table.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) ids: Interner,
    pub(crate) texts: Interner,
    rows: Vec<RowFacts>,
    reports: BTreeMap<(RowNumber, Field), CellReport>,
}

impl Evidence {
    pub(crate) fn add(&mut self, facts: RowFacts, reports: BTreeMap<(RowNumber, Field), CellReport>) {
        self.rows.push(facts);
        // Not `append`, which builds the whole map anew for each row.
        self.reports.extend(reports);
    }

    /// Which of the rows that left only footprints have something to do with each other or with the rows that
    /// were read.
    ///
    /// Each rule that weighs several rows asks its question here, or needs none because valid cells tell it
    /// nothing: commas and points (V004, V005) are evidence only where they deviate.
    pub(crate) fn suspects(
        &self,
        stretches: &[Footprints],
        settings: &Settings,
        threads: NonZeroUsize,
    ) -> Suspects {
        let mut own = Trail::default();
        let mut questions = Questions {
            least_percentage: settings.percent.default_maximum().approximate() * (1.0 - 1e-9),
            wanted: ids::short_and_padded(self, settings)
                .map_or_else(Vec::new, |ids| ids.iter().map(|id| IdPrint::of(id).group()).collect()),
            ..Questions::default()
        };
        let mut hints = Hints::NONE;
        for facts in &self.rows {
            hints = hints.and(hints_of(facts.date.as_ref(), false, facts.typed_number(), settings));
            let Some(id) = facts.id else { continue };
            let written = self.ids.text(id);
            let print = match facts.typed_id.filter(|typed| *typed != id) {
                Some(typed) => IdPrint::of_rewritten(written, self.ids.text(typed)),
                None => IdPrint::of(written),
            };
            let day = facts.day().map_or(Day::NONE, Day::of);
            let size = facts.number.as_ref().map_or(0.0, |number| number.decimal.approximate().abs());
            let has_sign = facts.number.as_ref().is_some_and(|number| number.has_percent_sign);
            own.push(&footprint_of(print, day, size, has_sign && !facts.is_declared_percent));
        }
        questions.own = Footprints::take(&mut own, hints);
        likeness::suspects(stretches, &questions, threads)
    }

    /// Decides what the rows show together, and says all that was found. Where only some rows were read,
    /// `suspects` says of which IDs all were.
    pub(crate) fn weigh(mut self, settings: &Settings, suspects: Option<&Suspects>) -> Vec<Finding> {
        dates::mixed_order(&mut self, settings);
        numbers::mixed_marks(&mut self, settings);
        numbers::percent_elsewhere(&mut self, settings);
        numbers::scale_outliers(&mut self, settings, suspects);
        ids::lost_leading_zeros(&mut self, settings);
        ids::collisions(&mut self);
        ids::inconsistent(&mut self);
        let mut findings = repeats::repeats_and_conflicts(&self);
        self.tell_cells(&mut findings);
        findings
    }

    /// Says what was found in each cell, where it is known that no row has anything to do with another.
    pub(crate) fn tell_cells(&self, findings: &mut Vec<Finding>) {
        for ((row, field), report) in &self.reports {
            let id = self.facts(*row).and_then(|facts| facts.typed_id).map(|id| self.ids.text(id).to_owned());
            findings.extend(findings_of(*row, *field, report, id.as_ref()));
        }
    }

    fn facts(&self, row: RowNumber) -> Option<&RowFacts> {
        self.rows.binary_search_by_key(&row, |facts| facts.row).ok().and_then(|at| self.rows.get(at))
    }

    /// What a doubtful fix makes of a value; rows are compared by it.
    fn rescale(&mut self, row: RowNumber, scaled: Decimal, settings: &Settings) {
        if let Some(report) = self.reports.get_mut(&(row, Field::MetricValue)) {
            report.rewrite = Some(unmistakable(scaled.to_string(), settings.decimal));
        }
        let at = self.rows.binary_search_by_key(&row, |facts| facts.row).ok();
        if let Some(number) = at.and_then(|at| self.rows.get_mut(at)).and_then(|facts| facts.number.as_mut())
        {
            number.decimal = scaled;
        }
    }

    /// The report of a cell, made for it if it had none.
    fn report(&mut self, row: RowNumber, field: Field, text: String) -> &mut CellReport {
        self.reports.entry((row, field)).or_insert_with(|| CellReport {
            text,
            deviations: Vec::new(),
            rewrite: None,
        })
    }
}

/// One finding for each deviation of a cell; all of them share one rewriting.
fn findings_of<'a>(
    row: RowNumber,
    field: Field,
    report: &'a CellReport,
    external_id: Option<&'a String>,
) -> impl Iterator<Item = Finding> + 'a {
    let applicability = combined_applicability(&report.deviations);
    let suggestion = report.rewrite.as_ref().zip(applicability).map(|(rewrite, applicability)| Suggestion {
        applicability,
        title: if rewrite.is_empty() { "empty the cell".to_owned() } else { format!("write `{rewrite}`") },
        change: Change::Rewrite(rewrite.clone()),
    });
    report.deviations.iter().map(move |deviation| Finding {
        rule: deviation.rule,
        severity: deviation.severity,
        place: Place::Cell(row, field),
        message: deviation.message.clone(),
        note: match &deviation.fixable {
            Fixable::Unsafe { because } => Some(because.clone()),
            Fixable::No | Fixable::Safe => None,
        },
        text: report.text.clone(),
        external_id: external_id.cloned(),
        suggestion: suggestion.clone(),
    })
}
