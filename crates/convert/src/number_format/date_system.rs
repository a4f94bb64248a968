//! Serial numbers to days, in the two date systems that workbooks use.
//!
//! Refuses serial numbers that no spreadsheet program shows as a date: below 0 and beyond the year 9999.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// From which day a workbook counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateSystem {
    /// 1 is 1 January 1900, and there is a 29 February 1900 that never was.
    #[default]
    From1900,
    /// 0 is 1 January 1904.
    From1904,
}

/// The days that are 0 in the two systems, counted from the 1 January of the year 1, which is the first one.
const ZERO_OF_1900: i32 = 693_595;
const ZERO_OF_1904: i32 = 695_056;
/// 31 December 9999.
const LAST: i32 = 3_652_059;

impl DateSystem {
    /// The day of a serial number; its fraction is a time of that day.
    ///
    /// `None` for what is no date: negative numbers, 0 and the fictitious 60 of the 1900 system, days after
    /// 31 December 9999.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use metricsheet_convert::number_format::DateSystem;
    /// let day = NaiveDate::from_ymd_opt(2024, 3, 31);
    /// assert_eq!(DateSystem::From1900.day(45_382.0), day);
    /// assert_eq!(DateSystem::From1904.day(43_920.0), day);
    /// ```
    #[must_use]
    pub fn day(self, serial: f64) -> Option<NaiveDate> {
        // 2,958,465 is 31 December 9999 in the 1900 system; the bound also makes the cast below exact.
        if !(0.0..2_958_466.0).contains(&serial) {
            return None;
        }
        // A time within half a millisecond of midnight is midnight: 45381.999999999 is 45382.
        let whole = (serial + 0.5 / 86_400_000.0).floor();
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        let whole = whole as i32;
        let zero = match self {
            Self::From1904 => ZERO_OF_1904,
            Self::From1900 if whole == 0 || whole == 60 => return None,
            Self::From1900 if whole < 60 => ZERO_OF_1900,
            Self::From1900 => ZERO_OF_1900 - 1,
        };
        let days = zero + whole;
        if days > LAST { None } else { NaiveDate::from_num_days_from_ce_opt(days) }
    }

    /// The serial number of a moment, exact to the millisecond; negative before the system begins.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use metricsheet_convert::number_format::DateSystem;
    /// let noon = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap().and_hms_opt(12, 0, 0).unwrap();
    /// assert_eq!(DateSystem::From1900.serial(noon), 1.5);
    /// assert_eq!(DateSystem::From1904.serial(noon), -1459.5);
    /// ```
    #[must_use]
    pub fn serial(self, moment: NaiveDateTime) -> f64 {
        let days_since = |epoch: Option<NaiveDate>| {
            #[expect(
                clippy::cast_precision_loss,
                reason = "ten thousand years in milliseconds have 15 digits"
            )]
            let milliseconds =
                (moment - epoch.unwrap_or_default().and_time(NaiveTime::MIN)).num_milliseconds() as f64;
            milliseconds / 86_400_000.0
        };
        match self {
            Self::From1904 => days_since(NaiveDate::from_ymd_opt(1904, 1, 1)),
            Self::From1900 => {
                let days = days_since(NaiveDate::from_ymd_opt(1899, 12, 30));
                // Before 1 March 1900 the numbers run one behind, because of the 29 February that never was.
                if days < 61.0 { days - 1.0 } else { days }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_days_of_their_system() {
        for (system, serial, expected) in [
            (DateSystem::From1900, 1.0, Some("1900-01-01")),
            (DateSystem::From1900, 59.0, Some("1900-02-28")),
            (DateSystem::From1900, 60.0, None),
            (DateSystem::From1900, 61.0, Some("1900-03-01")),
            (DateSystem::From1900, 45_382.75, Some("2024-03-31")),
            (DateSystem::From1900, 45_381.999_999_999_5, Some("2024-03-31")),
            (DateSystem::From1900, 2_958_465.0, Some("9999-12-31")),
            (DateSystem::From1900, 2_958_466.0, None),
            (DateSystem::From1900, 0.5, None),
            (DateSystem::From1900, -1.0, None),
            (DateSystem::From1900, f64::NAN, None),
            (DateSystem::From1904, 0.0, Some("1904-01-01")),
            (DateSystem::From1904, 43_920.0, Some("2024-03-31")),
            (DateSystem::From1904, 2_958_465.0, None),
        ] {
            let day = system.day(serial).map(|day| day.to_string());
            assert_eq!(day.as_deref(), expected, "{system:?} {serial}");
        }
    }

    #[test]
    fn moments_have_the_serial_numbers_that_lead_back_to_them() {
        for (system, moment, expected) in [
            (DateSystem::From1900, "1899-12-29 19:12:00", -1.2),
            (DateSystem::From1900, "1899-12-31 00:00:00", 0.0),
            (DateSystem::From1900, "1900-02-28 00:00:00", 59.0),
            (DateSystem::From1900, "1900-03-01 00:00:00", 61.0),
            (DateSystem::From1900, "2024-03-31 18:00:00", 45_382.75),
            (DateSystem::From1904, "1904-01-01 12:00:00", 0.5),
            (DateSystem::From1904, "2024-03-31 00:00:00", 43_920.0),
        ] {
            let moment = NaiveDateTime::parse_from_str(moment, "%Y-%m-%d %H:%M:%S").unwrap();
            assert!((system.serial(moment) - expected).abs() < 1e-9, "{system:?} {moment}");
            if expected >= 1.0 {
                assert_eq!(system.day(system.serial(moment)), Some(moment.date()), "{system:?} {moment}");
            }
        }
    }
}
