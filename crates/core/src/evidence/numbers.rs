//! What the values of a column, or of one metric, show about each other: commas (V004, V005), percentages
//! (V003) and scale (V015).

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use super::{Evidence, Suspects, Symbol};
use crate::position::RowNumber;
use crate::rule::Fixable;
use crate::rules::value::{GROUPED_DIGITS, PERCENT_SIGN, SCALE_OUTLIER, UNSCALED_PERCENT};
use crate::settings::{DecimalMark, Settings};
use crate::template::Field;
use crate::text::quoted;
use crate::validator::CellKind;
use crate::value::Deviation;
use crate::value::decimal::Decimal;
use crate::value::number::Number;
use crate::value::number::is_float_noise;

/// A mark that groups in one cell and divides in another makes the cells doubtful where it could do both.
pub(super) fn mixed_marks(evidence: &mut Evidence, settings: &Settings) {
    let typed = || evidence.rows.iter().filter(|facts| facts.value_kind == CellKind::Text);
    let divides =
        |facts: &&super::RowFacts| facts.number.as_ref().is_some_and(|number| divides(number, settings));
    let is_ambiguous =
        |facts: &&super::RowFacts| facts.number.as_ref().is_some_and(|number| number.marks.ambiguous_group);
    let (Some(dividing), Some(ambiguous)) = (typed().find(divides), typed().find(is_ambiguous)) else {
        return;
    };
    let mark = match settings.decimal {
        DecimalMark::Point => "comma",
        DecimalMark::Comma => "point",
    };
    let grouped_because = format!(
        "the {mark} may divide whole and fraction, as it does in {} in row {}",
        quoted(&dividing.value_text()),
        dividing.row
    );
    let divided_because = format!(
        "{} in row {} may be read both ways; rewriting this cell removes the evidence for it",
        quoted(&ambiguous.value_text()),
        ambiguous.row
    );
    let rows: Vec<(RowNumber, bool)> = typed()
        .filter(|facts| is_ambiguous(facts) || divides(facts))
        .map(|facts| (facts.row, is_ambiguous(&facts)))
        .collect();
    for (row, is_ambiguous) in rows {
        let Some(report) = evidence.reports.get_mut(&(row, Field::MetricValue)) else { continue };
        if is_ambiguous {
            report.demote(&GROUPED_DIGITS, &grouped_because);
        } else {
            // Whatever is rewritten in this cell, its decimal mark is the evidence.
            report.demote_all(&divided_because);
        }
    }
}

/// Whether the mark that should group divides whole and fraction.
pub(super) fn divides(number: &Number, settings: &Settings) -> bool {
    match settings.decimal {
        DecimalMark::Point => number.marks.decimal_comma,
        DecimalMark::Comma => number.marks.decimal_point,
    }
}

/// A metric that has a percent sign in one row is probably a percentage in the others.
pub(super) fn percent_elsewhere(evidence: &mut Evidence, settings: &Settings) {
    let shows_percent = |facts: &&super::RowFacts| {
        !facts.is_declared_percent && facts.number.as_ref().is_some_and(|number| number.has_percent_sign)
    };
    let percentages: BTreeMap<Symbol, RowNumber> = evidence
        .rows
        .iter()
        .rev()
        .filter(shows_percent)
        .filter_map(|facts| Some((facts.id?, facts.row)))
        .collect();
    if percentages.is_empty() {
        return;
    }
    let maximum = settings.percent.default_maximum();
    let unscaled: Vec<(RowNumber, String, Decimal, RowNumber)> = evidence
        .rows
        .iter()
        .filter_map(|facts| {
            let proof = *percentages.get(&facts.id?)?;
            let number = facts.number.as_ref()?;
            let is_above = number.decimal.compare_absolute(maximum) == Ordering::Greater;
            (is_above && !number.has_percent_sign)
                .then(|| (facts.row, facts.value_text(), number.decimal.clone(), proof))
        })
        .collect();
    let mut proofs: BTreeMap<Symbol, bool> = BTreeMap::new();
    for (row, text, decimal, proof) in unscaled {
        let shown = quoted(&text);
        let is_beyond = decimal.compare_absolute(&maximum.clone().shifted(2)) == Ordering::Greater;
        let scaled = decimal.shifted(-2);
        let deviation = if is_beyond {
            let message = format!(
                "{shown} is above any percentage, and row {proof} shows this metric as one; enter a fraction, 20% as `.2`"
            );
            Deviation::new(&UNSCALED_PERCENT, message, Fixable::No)
        } else {
            let message = format!(
                "{shown} is probably a whole percentage, because row {proof} shows this metric as one; write the fraction `{scaled}`"
            );
            let because = format!(
                "the only evidence is row {proof}; declare the metric with `percent` to make it certain"
            );
            Deviation::new(&UNSCALED_PERCENT, message, Fixable::unsafe_because(because))
        };
        evidence.report(row, Field::MetricValue, text).deviations.push(deviation);
        if let Some(id) = evidence.facts(row).and_then(|facts| facts.id) {
            *proofs.entry(id).or_default() |= is_beyond;
        }
        if !is_beyond {
            evidence.rescale(row, scaled, settings);
        }
    }
    keep_percent_signs(evidence, &proofs);
}

/// The signs that show a metric to be a percentage are taken away only together with the doubt about its other
/// values: a run that left those as they are would leave the next one without evidence.
fn keep_percent_signs(evidence: &mut Evidence, proofs: &BTreeMap<Symbol, bool>) {
    let signs: Vec<(RowNumber, bool)> = evidence
        .rows
        .iter()
        .filter(|facts| facts.number.as_ref().is_some_and(|number| number.has_percent_sign))
        .filter_map(|facts| Some((facts.row, *proofs.get(&facts.id?)?)))
        .collect();
    for (row, must_stay) in signs {
        let Some(report) = evidence.reports.get_mut(&(row, Field::MetricValue)) else { continue };
        report.demote(
            &PERCENT_SIGN,
            "it shows that the metric's values without a sign are whole percentages too",
        );
        if must_stay {
            for deviation in report.deviations.iter_mut().filter(|deviation| deviation.rule == &PERCENT_SIGN)
            {
                deviation.fixable = Fixable::No;
                deviation.message.push_str(", once the metric's values without a sign are settled");
            }
        }
    }
}

/// A value that is at least this many times the largest of the others may be out of scale.
const LEAST_RATIO: f64 = 10.0;
/// A hundredth of it fits the others within this factor beyond their range.
const FIT: f64 = 2.0;
/// So many other values are needed to say what is usual.
const FEWEST_OTHERS: usize = 2;

/// Among the values of one metric, one that fits only as its hundredth was probably typed as a percentage.
///
/// `suspects` are the IDs of which all rows are known; of the others it is known that no value is an outlier.
pub(super) fn scale_outliers(evidence: &mut Evidence, settings: &Settings, suspects: Option<&Suspects>) {
    let mut metrics: BTreeMap<Symbol, Vec<(usize, f64)>> = BTreeMap::new();
    for (at, facts) in evidence.rows.iter().enumerate() {
        if let (Some(id), Some(number)) = (facts.id, &facts.number)
            && !number.decimal.is_zero()
        {
            metrics.entry(id).or_default().push((at, number.decimal.approximate().abs()));
        }
    }
    let already_unscaled: HashSet<RowNumber> = evidence
        .reports
        .iter()
        .filter(|((_, field), report)| *field == Field::MetricValue && report.deviates(&UNSCALED_PERCENT))
        .map(|((row, _), _)| *row)
        .collect();
    let mut outliers = Vec::new();
    for (_, values) in metrics.iter().filter(|(id, values)| {
        values.len() > FEWEST_OTHERS
            && suspects.is_none_or(|suspects| suspects.include_all_of(evidence.ids.text(**id)))
    }) {
        let mut sizes: Vec<f64> = values.iter().map(|(_, size)| *size).collect();
        sizes.sort_by(f64::total_cmp);
        outliers.extend(values.iter().filter(|(_, size)| is_outlier(*size, &sizes)).map(|(at, _)| *at));
    }
    for at in outliers {
        let Some(facts) = evidence.rows.get(at) else { continue };
        let Some(number) = &facts.number else { continue };
        if already_unscaled.contains(&facts.row) {
            leave_unscaled(evidence, facts.row);
            continue;
        }
        let (row, text) = (facts.row, facts.value_text());
        let scaled = number.decimal.clone().shifted(-2);
        // A whole number of many digits would become one with digits that look like noise.
        if is_float_noise(&scaled) {
            continue;
        }
        let message = format!(
            "{} is about 100 times the other values of its metric; `{scaled}` would fit them",
            quoted(&text)
        );
        let because = "the metric may really have changed that much";
        let report = evidence.report(row, Field::MetricValue, text);
        report.deviations.push(Deviation::new(&SCALE_OUTLIER, message, Fixable::unsafe_because(because)));
        evidence.rescale(row, scaled, settings);
    }
}

/// A whole percentage whose hundredth is out of scale, too, is not divided: neither number can be believed, and a
/// second run would divide it once more.
fn leave_unscaled(evidence: &mut Evidence, row: RowNumber) {
    let Some(report) = evidence.reports.get_mut(&(row, Field::MetricValue)) else { return };
    for deviation in report.deviations.iter_mut().filter(|deviation| deviation.rule == &UNSCALED_PERCENT) {
        if deviation.fixable != Fixable::No {
            deviation.fixable = Fixable::No;
            deviation.message.push_str(", but even that is about 100 times the other values of its metric");
        }
    }
}

/// Whether a value is out of scale among all values of its metric, itself included, which are sorted.
fn is_outlier(size: f64, sizes: &[f64]) -> bool {
    // The usual values are those far below this one, and they must be the majority.
    let usual = sizes.partition_point(|other| is_far_below(*other, size));
    let (Some(least), Some(most)) = (sizes.first(), usual.checked_sub(1).and_then(|last| sizes.get(last)))
    else {
        return false;
    };
    let fits = (least / FIT..=most * FIT).contains(&(size / 100.0));
    usual >= FEWEST_OTHERS && are_most(usual, sizes.len()) && fits
}

/// Whether so many values are the majority of all.
pub(super) const fn are_most(count: usize, all: usize) -> bool {
    count * 2 > all
}

/// Whether the other value may be usual where this one is out of scale.
pub(super) fn is_far_below(other: f64, size: f64) -> bool {
    other <= size / LEAST_RATIO
}

/// Whether one of so many values, none of them zero, may be out of scale, going by the least and the greatest. Settles
/// nearly all metrics.
pub(super) fn may_have_outlier(count: usize, least: f64, most: f64) -> bool {
    count > FEWEST_OTHERS && most / 100.0 >= least / FIT
}

/// Whether one of a metric's values, none of them zero, is out of scale. Reorders them.
pub(super) fn has_outlier(sizes: &mut [f64]) -> bool {
    sizes.sort_unstable_by(f64::total_cmp);
    sizes.iter().any(|size| is_outlier(*size, sizes))
}
