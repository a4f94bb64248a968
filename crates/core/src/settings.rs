//! What a file is taken to mean where its text alone does not say. The defaults are those of the service:
//! US dates, decimal points, no metric known to be a percentage.

use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDate;
use globset::{GlobBuilder, GlobMatcher};

use crate::plan::Plan;
use crate::value::decimal::Decimal;

/// The character between whole and fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecimalMark {
    /// `1234.5`
    #[default]
    Point,
    /// `1234,5`
    Comma,
}

/// The order of the parts of a numeric date that does not start with a four-digit year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `03/31/2024`
    #[default]
    MonthFirst,
    /// `31/03/2024`
    DayFirst,
    /// `24/03/31`
    YearFirst,
}

/// How dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateForm {
    /// `MM/DD/YYYY`
    #[default]
    Us,
    /// `YYYY-MM-DD`
    Iso,
}

/// Which day stands for a period such as `March 2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PeriodDay {
    /// Not declared: the last day is suggested, as an unsafe fix.
    #[default]
    Undeclared,
    /// The last day, for certain.
    End,
    /// The first day, for certain.
    Start,
}

/// Where fixed text goes, which decides whether it may be read again under the same settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Destination {
    /// Over its own input: day-first dates are written as ISO dates, which cannot be misread next time.
    #[default]
    InPlace,
    /// Into a new file for the service: dates are always written `MM/DD/YYYY` unless ISO is asked for.
    NewFile,
}

/// The names of all settings of readings.
const KEYS: [&str; 11] = [
    "date-format",
    "date-order",
    "decimal",
    "fiscal-year-start",
    "latest-date",
    "percent",
    "percent-max",
    "period",
    "plausible-years",
    "statuses",
    "two-digit-years-from",
];

/// All that a reading depends on beside the text.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `decimal`
    pub decimal: DecimalMark,
    /// `date-order`
    pub date_order: DateOrder,
    /// `date-format`; `None`: US dates, and ISO dates where `date_order` is not month first.
    pub date_form: Option<DateForm>,
    /// `period`
    pub period: PeriodDay,
    /// `fiscal-year-start`: the month, 1 to 12, in which a fiscal year begins. The fiscal year is named after
    /// the calendar year in which it ends.
    pub fiscal_year_start: u32,
    /// `percent` and `percent-max`: the metrics known to be percentages.
    pub percent: PercentMetrics,
    /// `plan`: the metrics that the service knows, if they are known here.
    pub plan: Option<Arc<Plan>>,
    /// `two-digit-years-from`: two-digit years from here to 99 are of the 1900s, the others of the 2000s.
    pub two_digit_years_from: u8,
    /// `plausible-years`: outside of these a date is doubtful.
    pub plausible_years: RangeInclusive<i32>,
    /// `latest-date`: dates after it are doubtful; off unless set.
    pub latest_date: Option<NaiveDate>,
    /// `statuses`: an organisation's own statuses instead of the built-in ones.
    pub statuses: Vec<String>,
    /// Where fixed text goes.
    pub destination: Destination,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            decimal: DecimalMark::default(),
            date_order: DateOrder::default(),
            date_form: None,
            period: PeriodDay::default(),
            fiscal_year_start: 1,
            percent: PercentMetrics::default(),
            plan: None,
            two_digit_years_from: 69,
            plausible_years: 1950..=2100,
            latest_date: None,
            statuses: crate::value::status::BUILT_IN.iter().map(ToString::to_string).collect(),
            destination: Destination::default(),
        }
    }
}

impl Settings {
    /// Sets one setting by its name, as `percent=*` or `date-order=dmy` in a settings file or on the command
    /// line. A repeated `percent` adds a pattern; every other setting is replaced.
    ///
    /// # Errors
    /// [`InvalidSetting::Key`] for an unknown name, and otherwise what is wrong with the value.
    ///
    /// ```
    /// use metricsheet_core::Settings;
    /// let mut settings = Settings::default();
    /// settings.set("date-order", "dmy").unwrap();
    /// let error = settings.set("date-order", "dym").unwrap_err();
    /// assert_eq!(error.to_string(), "`dym` is no value of `date-order`: give `mdy`, `dmy` or `ymd`");
    /// ```
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), InvalidSetting> {
        let choice = |expected: &'static str| InvalidSetting::Value {
            key: key.to_owned(),
            value: value.to_owned(),
            expected,
        };
        match key {
            "percent" => self.percent.declare(value)?,
            "percent-max" => self.percent.set_default_maximum(value)?,
            "decimal" => {
                self.decimal = match value {
                    "point" => DecimalMark::Point,
                    "comma" => DecimalMark::Comma,
                    _ => return Err(choice("`point` or `comma`")),
                };
            }
            "date-order" => {
                self.date_order = match value {
                    "mdy" => DateOrder::MonthFirst,
                    "dmy" => DateOrder::DayFirst,
                    "ymd" => DateOrder::YearFirst,
                    _ => return Err(choice("`mdy`, `dmy` or `ymd`")),
                };
            }
            "date-format" => {
                self.date_form = match value {
                    "us" => Some(DateForm::Us),
                    "iso" => Some(DateForm::Iso),
                    _ => return Err(choice("`us` or `iso`")),
                };
            }
            "period" => {
                self.period = match value {
                    "error" => PeriodDay::Undeclared,
                    "end" => PeriodDay::End,
                    "start" => PeriodDay::Start,
                    _ => return Err(choice("`error`, `end` or `start`")),
                };
            }
            "fiscal-year-start" => {
                let month = value.parse().ok().filter(|month| (1..=12).contains(month));
                self.fiscal_year_start = month.ok_or_else(|| choice("a month from `1` to `12`"))?;
            }
            "two-digit-years-from" => {
                let year = value.parse().ok().filter(|year| *year <= 100);
                self.two_digit_years_from = year.ok_or_else(|| choice("a number from `0` to `100`"))?;
            }
            "plausible-years" => {
                let years =
                    value.split_once('-').and_then(|(from, to)| Some(from.parse().ok()?..=to.parse().ok()?));
                self.plausible_years = years.ok_or_else(|| choice("two years, such as `1950-2100`"))?;
            }
            "latest-date" => {
                let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
                self.latest_date = Some(day.ok_or_else(|| choice("a day, such as `2024-12-31`"))?);
            }
            "statuses" => self.statuses = value.split(',').map(|status| status.trim().to_owned()).collect(),
            _ => {
                let near = KEYS.iter().find(|known| strsim::osa_distance(known, key) <= 2);
                return Err(InvalidSetting::Key { key: key.to_owned(), near: near.copied() });
            }
        }
        Ok(())
    }

    /// The maximum, as a fraction, of the metric with this ID if it is a percentage: by the patterns, or else by
    /// its unit in the plan.
    #[must_use]
    pub fn percent_maximum(&self, id: &str) -> Option<&Decimal> {
        let by_plan = || {
            let maximum = self.plan.as_ref()?.percentage(id)?;
            Some(maximum.unwrap_or(self.percent.default_maximum()))
        };
        self.percent.maximum(id).or_else(by_plan)
    }

    /// Whether any metric is known to be a percentage.
    #[must_use]
    pub fn has_percentages(&self) -> bool {
        !self.percent.is_empty() || self.plan.as_ref().is_some_and(|plan| plan.has_percentages())
    }

    /// Why fixes under these settings must not be written over their own input, if they must not: the fixed
    /// text would be read differently next time.
    #[must_use]
    pub fn refused_in_place(&self) -> Option<&'static str> {
        let writes_us = self.written_date_form() == DateForm::Us;
        (self.date_order == DateOrder::DayFirst && writes_us).then_some(
            "dates written MM/DD/YYYY would be read day first next time; leave `date-format` out or set it to `iso`, or convert into a new file",
        )
    }

    /// The form in which dates are written.
    #[must_use]
    pub fn written_date_form(&self) -> DateForm {
        match (self.date_form, self.destination, self.date_order) {
            (Some(form), _, _) => form,
            (None, Destination::InPlace, DateOrder::DayFirst | DateOrder::YearFirst) => DateForm::Iso,
            (None, Destination::InPlace, DateOrder::MonthFirst) | (None, Destination::NewFile, _) => {
                DateForm::Us
            }
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// There is no such setting.
    #[error("there is no setting `{key}`{}", near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Key {
        /// The name given.
        key: String,
        /// The setting whose name is near, if one is.
        near: Option<&'static str>,
    },
    /// The setting has no such value.
    #[error("`{value}` is no value of `{key}`: give {expected}")]
    Value {
        /// The setting.
        key: String,
        /// The text given.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The pattern is not a glob.
    #[error("`{pattern}` is not a pattern: {reason}")]
    Pattern {
        /// The text given.
        pattern: String,
        /// What the glob library says of it.
        reason: String,
    },
    /// The maximum of a percentage is not a positive number.
    #[error("`{text}` is not a maximum for percentages: give a number above 0, such as `1` for 100 %")]
    Maximum {
        /// The text given.
        text: String,
    },
}

/// The metrics declared to be percentages, by patterns on their IDs.
#[derive(Debug, Clone)]
pub struct PercentMetrics {
    patterns: Vec<(GlobMatcher, Option<Decimal>)>,
    default_maximum: Decimal,
}

impl Default for PercentMetrics {
    /// None declared; the maximum of one that is declared later is 1, that is 100 %.
    fn default() -> Self {
        Self { patterns: Vec::new(), default_maximum: Decimal::ONE }
    }
}

impl PercentMetrics {
    /// Declares the IDs that match `PATTERN` or `PATTERN=MAXIMUM` as percentages. In a pattern `*` is any
    /// text, `?` any character, `[abc]` one of these, `{a,b}` either. Capitals matter.
    ///
    /// # Errors
    /// [`InvalidSetting::Pattern`] if it is not a glob; [`InvalidSetting::Maximum`] if the maximum is not
    /// above 0.
    pub fn declare(&mut self, pattern: &str) -> Result<(), InvalidSetting> {
        // Only what reads as a number is a maximum: an ID may itself hold an equals sign.
        let (glob, maximum) = match pattern.rsplit_once('=') {
            Some((glob, maximum)) if Decimal::from_plain(maximum).is_some() => {
                (glob, Some(positive(maximum)?))
            }
            Some(_) | None => (pattern, None),
        };
        let matcher = GlobBuilder::new(glob)
            .literal_separator(false)
            .backslash_escape(true)
            .build()
            .map_err(|error| InvalidSetting::Pattern {
                pattern: glob.to_owned(),
                reason: error.kind().to_string(),
            })?
            .compile_matcher();
        self.patterns.push((matcher, maximum));
        Ok(())
    }

    /// Sets the maximum of percentages whose pattern has none of its own: 1 is 100 %.
    ///
    /// # Errors
    /// [`InvalidSetting::Maximum`] if it is not a number above 0.
    pub fn set_default_maximum(&mut self, maximum: &str) -> Result<(), InvalidSetting> {
        self.default_maximum = positive(maximum)?;
        Ok(())
    }

    /// Whether no metric is declared a percentage.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The maximum, as a fraction, of the metric with this ID if it is a percentage. The first pattern that
    /// matches decides.
    #[must_use]
    pub fn maximum(&self, id: &str) -> Option<&Decimal> {
        let (_, maximum) = self.patterns.iter().find(|(pattern, _)| pattern.is_match(id))?;
        Some(maximum.as_ref().unwrap_or(&self.default_maximum))
    }

    /// The maximum of a percentage that no pattern declares.
    #[must_use]
    pub const fn default_maximum(&self) -> &Decimal {
        &self.default_maximum
    }
}

fn positive(text: &str) -> Result<Decimal, InvalidSetting> {
    Decimal::from_plain(text)
        .filter(|maximum| !maximum.is_zero() && !maximum.is_negative())
        .ok_or_else(|| InvalidSetting::Maximum { text: text.to_owned() })
}
