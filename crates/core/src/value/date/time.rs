//! The time of day, which the service ignores: it only has to be recognised, so that it can be taken away.

use crate::text::is_blank;

/// What stands behind a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    Valid,
    /// It has the form of a time, but no clock shows it.
    Impossible,
}

/// An ISO time with an optional offset: `12`, `12:30`, `1230`, `12:30:00.5+01:00`, `24:00`, `23:59:60`.
/// `None` if it has another form.
pub(super) fn iso_time(text: &str) -> Option<Time> {
    let bytes = text.as_bytes();
    let mut scanner = Scanner { bytes, at: 0 };
    let hour = scanner.two_digits()?;
    let mut minute = 0;
    let mut second = 0;
    if let Some(is_extended) = scanner.separator() {
        minute = scanner.two_digits()?;
        if let Some(is_still_extended) = scanner.separator() {
            // Basic or extended, not both: `14:3924` is neither.
            if is_extended != is_still_extended {
                return None;
            }
            second = scanner.two_digits()?;
        }
    }
    let fraction = scanner.fraction()?;
    let offset = scanner.offset()?;
    if scanner.at != bytes.len() {
        return None;
    }
    // 24:00 is the end of the day; second 60 is a leap second.
    let exists = (hour < 24 || (hour == 24 && minute == 0 && second == 0 && fraction))
        && minute < 60
        && second <= 60
        && offset;
    Some(if exists { Time::Valid } else { Time::Impossible })
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn two_digits(&mut self) -> Option<u32> {
        let pair = self.bytes.get(self.at..self.at + 2)?;
        if !pair.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.at += 2;
        Some(u32::from(pair[0] - b'0') * 10 + u32::from(pair[1] - b'0'))
    }

    /// A colon, or nothing before further digits; says which.
    fn separator(&mut self) -> Option<bool> {
        match self.peek()? {
            b':' => {
                self.at += 1;
                Some(true)
            }
            b'0'..=b'9' => Some(false),
            _ => None,
        }
    }

    /// A fraction of the last part, if there is one; says whether it is zero. `None` if its digits are missing.
    fn fraction(&mut self) -> Option<bool> {
        if !matches!(self.peek(), Some(b'.' | b',')) {
            return Some(true);
        }
        self.at += 1;
        let start = self.at;
        let mut is_zero = true;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            is_zero &= digit == b'0';
            self.at += 1;
        }
        (self.at > start).then_some(is_zero)
    }

    /// `Z`, `+01`, `+0100`, `+01:00`, if there is one; says whether it exists. `None` if it is cut off.
    fn offset(&mut self) -> Option<bool> {
        match self.peek() {
            Some(b'Z' | b'z') => {
                self.at += 1;
                Some(true)
            }
            Some(b'+' | b'-') => {
                self.at += 1;
                let hours = self.two_digits()?;
                let minutes = match self.separator() {
                    Some(_) => self.two_digits()?,
                    None => 0,
                };
                Some(hours < 24 && minutes < 60)
            }
            Some(_) | None => Some(true),
        }
    }
}

/// Splits a clock time such as `12:00`, `3:45:10 PM`, `3 PM` from the end of a text.
pub(super) fn split(text: &str) -> (&str, Option<Time>) {
    let (rest, has_half) = split_half_of_day(text);
    let Some(start) = clock_start(rest, has_half) else { return (text, None) };
    let (date, clock) = rest.split_at(start);
    let date = date.strip_suffix(['T', 't']).unwrap_or(date);
    let trimmed = date.trim_end_matches(|character: char| is_blank(character) || character == ',');
    if trimmed.is_empty() || (trimmed.len() == date.len() && date.len() == start) {
        return (text, None);
    }
    match clock_time(clock, has_half) {
        Some(time) => (trimmed, Some(time)),
        None => (text, None),
    }
}

/// `AM`, `pm`, `a.m.` at the end.
fn split_half_of_day(text: &str) -> (&str, bool) {
    for suffix in ["am", "pm", "a.m.", "p.m.", "a", "p"] {
        let Some(start) = text.len().checked_sub(suffix.len()) else { continue };
        let Some((rest, end)) = text.split_at_checked(start) else { continue };
        let trimmed = rest.trim_end_matches(is_blank);
        if end.eq_ignore_ascii_case(suffix) && trimmed.ends_with(|character: char| character.is_ascii_digit())
        {
            return (trimmed, true);
        }
    }
    (text, false)
}

/// Where the hour begins. Without AM or PM a colon is needed: `31 March 12` has no time.
fn clock_start(text: &str, has_half: bool) -> Option<usize> {
    let hour_end = match text.find(':') {
        Some(colon) => colon,
        None if has_half => text.len(),
        None => return None,
    };
    let hour = text[..hour_end].len() - text[..hour_end].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    (1..=2).contains(&hour).then_some(hour_end - hour)
}

fn clock_time(clock: &str, has_half: bool) -> Option<Time> {
    if !has_half {
        let padded = if clock.find(':') == Some(1) { format!("0{clock}") } else { clock.to_owned() };
        return iso_time(&padded);
    }
    let mut parts = clock.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let mut exists = (1..=12).contains(&hour);
    for (index, part) in parts.enumerate() {
        let (whole, fraction) = part.split_once('.').unwrap_or((part, "0"));
        let is_number =
            whole.len() == 2 && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !is_number || index > 1 {
            return None;
        }
        exists &= whole.parse::<u32>().is_ok_and(|number| number < 60);
    }
    Some(if exists { Time::Valid } else { Time::Impossible })
}
