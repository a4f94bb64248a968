//! Says how a number's parts deviate from plain digits, and writes the number that they mean.

use std::cmp::Ordering;

use super::digits::{CommaUse, unmistakable};
use super::parts::Parts;
use super::{EXACT_DIGITS, Number, NumberSettings, is_float_noise};
use crate::rule::{Fixable, Rule};
use crate::rules::value as rules;
use crate::text::quoted;
use crate::value::decimal::Decimal;
use crate::value::{Deviation, Reading};

/// The powers of ten between which spreadsheet programs can have written an exponent.
const EXPONENTS: std::ops::RangeInclusive<i32> = -324..=308;

/// The reading of a text that was taken apart; `deviations` are those found before.
pub(super) fn judge(
    text: &str,
    parts: &Parts,
    settings: &NumberSettings<'_>,
    deviations: Vec<Deviation>,
) -> Reading<Option<Number>> {
    let decimal = Decimal::from_digits(parts.is_negative, &parts.body.whole, &parts.body.fraction);
    let mut judge = Judge {
        parts,
        settings,
        shown: quoted(text),
        deviations,
        decimal,
        is_scaled: false,
        is_rounded: false,
    };
    judge.digits();
    judge.surroundings();
    if !judge.exponent_and_unit() {
        return judge.out_of_range();
    }
    judge.percentage();
    judge.reading()
}

struct Judge<'a> {
    parts: &'a Parts,
    settings: &'a NumberSettings<'a>,
    shown: String,
    deviations: Vec<Deviation>,
    /// The number as far as the parts were taken into account.
    decimal: Decimal,
    /// Whether the decimal point was moved, so that the digits as typed are no longer what is written.
    is_scaled: bool,
    is_rounded: bool,
}

impl Judge<'_> {
    fn note(&mut self, rule: &'static Rule, problem: &str, fixable: Fixable) {
        self.deviations.push(Deviation::new(rule, [&*self.shown, " ", problem].concat(), fixable));
    }

    /// Digits that a calculation left behind. Moving the decimal point can make them of digits that were whole, and
    /// the next reader would find them then.
    fn noise(&mut self) {
        if self.is_rounded || !is_float_noise(&self.decimal) {
            return;
        }
        self.decimal = self.decimal.rounded(EXACT_DIGITS);
        self.is_rounded = true;
        let problem = format!("carries rounding noise of a calculation; write `{}`", self.decimal);
        let because = format!("it drops the digits after the {EXACT_DIGITS}th");
        self.note(&rules::FLOAT_NOISE, &problem, Fixable::unsafe_because(because));
    }

    /// Brings the decimal point to another place.
    fn shift(&mut self, places: i32) {
        self.decimal = self.decimal.clone().shifted(places);
        self.is_scaled |= places != 0;
        if self.decimal.has_fraction() {
            self.noise();
        }
    }

    /// Noise, digits of other scripts, groups, the decimal comma.
    fn digits(&mut self) {
        let body = &self.parts.body;
        if !body.fraction.is_empty() {
            self.noise();
        }
        if body.has_foreign_digits {
            self.note(
                &rules::NON_ASCII_DIGIT,
                "is written in other digits than 0-9; write them",
                Fixable::Safe,
            );
        }
        if let Some(group) = body.group {
            let problem = format!("has {} between its digits; remove them", group.plural());
            self.note(&rules::GROUPED_DIGITS, &problem, Fixable::Safe);
        }
        let fixable = match body.comma {
            CommaUse::None => return,
            CommaUse::Certain => Fixable::Safe,
            CommaUse::Likely => Fixable::unsafe_because(
                "a comma may also be a slip in grouping; declare `decimal = \"comma\"` to make this certain",
            ),
        };
        self.note(&rules::DECIMAL_COMMA, "has a decimal comma; write a point", fixable);
    }

    /// Currency and sign.
    fn surroundings(&mut self) {
        if self.parts.has_currency {
            let problem = "has a currency symbol; remove it, the metric's unit says what it is";
            self.note(&rules::CURRENCY_SYMBOL, problem, Fixable::Safe);
        }
        if self.parts.has_odd_sign || (self.parts.has_sign && self.decimal.is_zero()) {
            let advice = if self.decimal.is_negative() { "write a leading `-`" } else { "write no sign" };
            self.note(
                &rules::NONSTANDARD_SIGN,
                &format!("has a sign in another form; {advice}"),
                Fixable::Safe,
            );
        }
    }

    /// Exponent, magnitude, unit. Says whether the number is still in a possible range.
    fn exponent_and_unit(&mut self) -> bool {
        if let Some(exponent) = self.parts.exponent {
            if !EXPONENTS.contains(&self.decimal.magnitude().saturating_add(exponent)) {
                return false;
            }
            self.shift(exponent);
            let because =
                Fixable::unsafe_because("digits may have been lost when it was brought into this form");
            self.note(&rules::EXPONENT, "is in exponent form; write it out", because);
        }
        if let Some(unit) = &self.parts.unit {
            let name = quoted(&unit.text);
            let because = if unit.shift == 0 {
                format!("{name} is dropped; the metric must be counted in it")
            } else {
                format!("{name} is read as a multiple of 10^{}", unit.shift)
            };
            self.shift(unit.shift);
            let problem = format!("has the unit {name} behind it; write the number alone");
            self.note(&rules::UNIT_SUFFIX, &problem, Fixable::unsafe_because(because));
        }
        true
    }

    fn out_of_range(mut self) -> Reading<Option<Number>> {
        self.deviations.clear();
        self.note(&rules::NOT_A_NUMBER, "is not a number: it is out of the range of any metric", Fixable::No);
        Reading { value: None, deviations: self.deviations, rewrite: None }
    }

    /// A percent sign, or a number that only a percentage without its sign explains.
    fn percentage(&mut self) {
        let maximum = self.settings.percent_maximum;
        let exceeds =
            |decimal: &Decimal, maximum: &Decimal| decimal.compare_absolute(maximum) == Ordering::Greater;
        if let Some(shift) = self.parts.percent_shift {
            self.shift(shift);
            let problem = match maximum.filter(|maximum| exceeds(&self.decimal, maximum)) {
                // The next reader takes a written fraction above the maximum for a whole percentage.
                Some(maximum) => format!(
                    "has a percent sign; write the fraction `{}` and raise the metric's maximum, `{maximum}`, which it exceeds",
                    self.decimal
                ),
                None => format!("has a percent sign; write the fraction `{}`", self.decimal),
            };
            self.note(&rules::PERCENT_SIGN, &problem, Fixable::Safe);
            return;
        }
        let Some(maximum) = maximum.filter(|maximum| exceeds(&self.decimal, maximum)) else { return };
        if exceeds(&self.decimal, &maximum.clone().shifted(2)) {
            let problem = format!(
                "is above 100 times the maximum `{maximum}` of this percentage; enter a fraction, 20% as `.2`"
            );
            self.note(&rules::UNSCALED_PERCENT, &problem, Fixable::No);
            return;
        }
        self.shift(-2);
        let fixable = if self.parts.has_currency || self.parts.unit.is_some() {
            Fixable::unsafe_because("a percentage has no unit; the number may be of another metric")
        } else {
            Fixable::Safe
        };
        let problem = format!(
            "is a whole percentage of a metric with the maximum `{maximum}`; write the fraction `{}`",
            self.decimal
        );
        self.note(&rules::UNSCALED_PERCENT, &problem, fixable);
    }

    fn reading(self) -> Reading<Option<Number>> {
        let rewrite =
            (!self.deviations.is_empty()).then(|| unmistakable(self.written(), self.settings.decimal));
        let number = Number {
            decimal: self.decimal,
            has_percent_sign: self.parts.percent_shift.is_some(),
            marks: self.parts.body.marks,
        };
        Reading { value: Some(Some(number)), deviations: self.deviations, rewrite }
    }

    /// The digits as they stand where they are still right, else the shortest form.
    fn written(&self) -> String {
        if !self.is_scaled && !self.is_rounded {
            return self.parts.body.written(self.decimal.is_negative());
        }
        let shortest = self.decimal.to_string();
        match shortest.split_once('.') {
            // Rounding keeps the zero that was typed before the point.
            Some((sign @ ("" | "-"), fraction)) if !self.is_scaled && !self.parts.body.whole.is_empty() => {
                format!("{sign}0.{fraction}")
            }
            Some(_) | None => shortest,
        }
    }
}
