//! Takes a number's text apart: signs, currency, percent, digits, exponent, unit. Each part may stand once.

use super::digits::{Body, Group, digit_of};
use crate::settings::DecimalMark;
use crate::text::is_blank;

/// The parts of a number as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) is_negative: bool,
    pub(super) has_sign: bool,
    /// Any other sign than one `-` right before the number: parentheses, `+`, `−`, a trailing minus.
    pub(super) has_odd_sign: bool,
    pub(super) has_currency: bool,
    /// -2 for percent, -3 for per mille.
    pub(super) percent_shift: Option<i32>,
    pub(super) body: Body,
    pub(super) exponent: Option<i32>,
    pub(super) unit: Option<Unit>,
}

/// Words behind a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) text: String,
    /// The power of ten that the unit stands for; 0 for one that is only a name.
    pub(super) shift: i32,
}

/// Why a text is not one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NoDigits,
    Inequality,
    Formula,
    Several,
    Marks,
    Contradiction,
    Other,
}

impl Refusal {
    /// What to do, as the end of a sentence.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::NoDigits => "enter digits, such as `12.5`",
            Self::Inequality => "it is a limit or an estimate; enter the measured value",
            Self::Formula => "it is a formula; enter its result",
            Self::Several => "it holds more than one number; enter one",
            Self::Marks => {
                "its commas and points form no number; enter it without grouping, or declare `decimal = \"comma\"` if commas divide"
            }
            Self::Contradiction => "its parts contradict each other; enter digits, such as `12.5`",
            Self::Other => "enter digits alone, such as `12.5`",
        }
    }
}

impl Parts {
    /// Whether blanks stand between the digits.
    pub(super) fn is_grouped_by_blanks(&self) -> bool {
        self.body.group == Some(Group::Blank)
    }

    /// Takes `text`, trimmed, apart.
    pub(super) fn split(text: &str, decimal: DecimalMark) -> Result<Self, Refusal> {
        let mut scanner = Scanner::default();
        let rest = scanner.prefix(text)?;
        let (body_text, rest) = split_body(rest);
        if body_text.is_empty() {
            return Err(if text.chars().any(|character| digit_of(character).is_some()) {
                Refusal::Other
            } else {
                Refusal::NoDigits
            });
        }
        let body = Body::read(body_text, decimal).ok_or(Refusal::Marks)?;
        let (exponent, rest) = split_exponent(rest)?;
        scanner.suffix(rest)?;
        scanner.finish(body, exponent)
    }
}

/// The digits and marks at the start; a blank belongs to them only between digits.
fn split_body(text: &str) -> (&str, &str) {
    let mut end = 0;
    for (index, character) in text.char_indices() {
        let is_mark = matches!(
            character,
            '.' | ',' | '\'' | '’' | '‘' | 'ʼ' | '´' | '`' | '_' | '．' | '，' | '٫' | '٬'
        );
        if digit_of(character).is_some() || is_mark {
            end = index + character.len_utf8();
        } else if !is_blank(character) {
            break;
        }
    }
    text.split_at(end)
}

/// `e5`, `E+05`, right behind the digits.
fn split_exponent(text: &str) -> Result<(Option<i32>, &str), Refusal> {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return Ok((None, text)) };
    let unsigned = rest.strip_prefix(['+', '-', '−']).unwrap_or(rest);
    let digits =
        unsigned.len() - unsigned.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    if digits == 0 {
        return Ok((None, text));
    }
    // Beyond five digits no exponent is in range, whatever the number; the bound keeps the sum below from overflowing.
    let Ok(exponent @ 0..=99_999) = unsigned[..digits].parse::<i32>() else { return Err(Refusal::Other) };
    let is_negative = rest.starts_with(['-', '−']);
    Ok((Some(if is_negative { -exponent } else { exponent }), &unsigned[digits..]))
}

/// Collects the parts around the digits.
#[derive(Default)]
struct Scanner {
    minus: bool,
    sign_seen: bool,
    odd_sign: bool,
    open: bool,
    closed: bool,
    currency_symbol: Option<char>,
    currency_code: Option<String>,
    percent_shift: Option<i32>,
    words: Vec<String>,
}

impl Scanner {
    /// Reads what stands before the digits and returns the text from there on.
    fn prefix<'a>(&mut self, text: &'a str) -> Result<&'a str, Refusal> {
        let mut rest = text;
        loop {
            let trimmed = rest.trim_start_matches(is_blank);
            let had_blank = trimmed.len() < rest.len();
            rest = trimmed;
            let Some(first) = rest.chars().next() else { return Err(Refusal::NoDigits) };
            if digit_of(first).is_some() || matches!(first, '.' | ',' | '．' | '，' | '٫' | '\'' | '_') {
                self.odd_sign |= had_blank && self.sign_seen && !self.currency_seen();
                return Ok(rest);
            }
            let after_first = &rest[first.len_utf8()..];
            rest = match first {
                '<' | '>' | '≤' | '≥' | '~' | '≈' | '±' | '∼' => return Err(Refusal::Inequality),
                '=' => return Err(Refusal::Formula),
                '(' | '（' => {
                    if self.open || self.sign_seen {
                        return Err(Refusal::Contradiction);
                    }
                    self.open = true;
                    after_first
                }
                _ if is_sign(first) => {
                    self.sign(first)?;
                    after_first
                }
                _ if percent_of(first).is_some() => {
                    self.percent(percent_of(first))?;
                    after_first
                }
                _ => match self.currency(rest) {
                    Some(after) => after,
                    None => self.percent_word(rest)?,
                },
            };
        }
    }

    /// Reads what stands behind the digits, to the end.
    fn suffix(&mut self, text: &str) -> Result<(), Refusal> {
        let mut rest = text.trim_start_matches(is_blank);
        while let Some(first) = rest.chars().next() {
            let after_first = &rest[first.len_utf8()..];
            rest = match first {
                ')' | '）' => {
                    if !self.open || self.closed {
                        return Err(Refusal::Contradiction);
                    }
                    self.closed = true;
                    after_first
                }
                '-' | '−' | '–' | '－' if after_first.is_empty() => {
                    self.sign('-')?;
                    self.odd_sign = true;
                    after_first
                }
                _ if percent_of(first).is_some() => {
                    self.percent(percent_of(first))?;
                    after_first
                }
                _ => match self.currency(rest) {
                    Some(after) => after,
                    None => self.word(rest)?,
                },
            }
            .trim_start_matches(is_blank);
        }
        Ok(())
    }

    fn finish(self, body: Body, exponent: Option<i32>) -> Result<Parts, Refusal> {
        let unit = self.unit()?;
        let has_currency = self.currency_seen();
        let percent_with_unit = self.percent_shift.is_some() && (has_currency || unit.is_some());
        if self.open != self.closed || percent_with_unit || self.names_two_currencies() {
            return Err(Refusal::Contradiction);
        }
        Ok(Parts {
            is_negative: self.minus || self.open,
            has_sign: self.sign_seen || self.open,
            has_odd_sign: self.odd_sign || self.open,
            has_currency,
            percent_shift: self.percent_shift,
            body,
            exponent,
            unit,
        })
    }

    const fn currency_seen(&self) -> bool {
        self.currency_symbol.is_some() || self.currency_code.is_some()
    }

    /// `$5 USD` names one currency twice, `$5 EUR` two.
    fn names_two_currencies(&self) -> bool {
        let (Some(symbol), Some(code)) = (self.currency_symbol, &self.currency_code) else { return false };
        !match symbol {
            '€' => code == "EUR",
            '£' | '￡' => ["GBP", "EGP", "LBP", "SYP", "FKP", "GIP", "SHP"].contains(&code.as_str()),
            '¥' | '￥' => ["JPY", "CNY", "RMB"].contains(&code.as_str()),
            '$' | '＄' | '﹩' => {
                code.ends_with('D')
                    || ["MXN", "ARS", "CLP", "COP", "BRL", "UYU", "DOP", "CUP"].contains(&code.as_str())
            }
            _ => true,
        }
    }

    fn sign(&mut self, sign: char) -> Result<(), Refusal> {
        if self.sign_seen || self.open {
            return Err(Refusal::Contradiction);
        }
        self.sign_seen = true;
        self.minus = !matches!(sign, '+' | '＋');
        self.odd_sign |= sign != '-';
        Ok(())
    }

    fn percent(&mut self, shift: Option<i32>) -> Result<(), Refusal> {
        if self.percent_shift.is_some() {
            return Err(Refusal::Contradiction);
        }
        self.percent_shift = shift;
        Ok(())
    }

    /// The text behind a currency symbol or code, if one stands at the start. One of each is one currency:
    /// `$5 USD`.
    fn currency<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let letters =
            text.len() - text.trim_start_matches(|character: char| character.is_ascii_alphabetic()).len();
        let (word, rest) = text.split_at(letters);
        if let Some(symbol) = rest.chars().next().filter(|first| is_currency_symbol(*first))
            && (word.is_empty() || SYMBOL_PREFIXES.contains(&word))
        {
            let after = &rest[symbol.len_utf8()..];
            return self.currency_symbol.replace(symbol).is_none().then_some(after);
        }
        let upper = word.to_ascii_uppercase();
        let is_code = CURRENCY_CODES.contains(&word) || MAJOR_CODES.contains(&upper.as_str());
        if is_code || CURRENCY_WORDS.contains(&word) {
            let after = if is_code { rest } else { rest.strip_prefix('.').unwrap_or(rest) };
            let code = if is_code { upper } else { word.to_owned() };
            return self.currency_code.replace(code).is_none().then_some(after);
        }
        let (symbol, after) = [('z', "zł"), ('K', "Kč")]
            .into_iter()
            .find_map(|(symbol, word)| Some((symbol, text.strip_prefix(word)?)))?;
        self.currency_symbol.replace(symbol).is_none().then_some(after)
    }

    /// Takes `percent` before the number.
    fn percent_word<'a>(&mut self, text: &'a str) -> Result<&'a str, Refusal> {
        let end = text.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        if !PERCENT_WORDS.contains(&word.to_lowercase().as_str()) {
            return Err(refuse_words(text));
        }
        self.percent(Some(-2))?;
        Ok(rest)
    }

    /// Takes one word of a unit, or a percent word.
    fn word<'a>(&mut self, text: &'a str) -> Result<&'a str, Refusal> {
        let is_part =
            |character: char| character.is_alphabetic() || matches!(character, '/' | '²' | '³' | '°' | '.');
        let end = text.find(|character| !is_part(character)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        if word.is_empty() || !word.contains(char::is_alphabetic) {
            return Err(refuse_words(text));
        }
        let lower = word.trim_end_matches('.').to_lowercase();
        if PERCENT_WORDS.contains(&lower.as_str()) && self.words.is_empty() {
            self.percent(Some(-2))?;
            return Ok(rest);
        }
        if lower == "per" && rest.trim_start().to_lowercase().starts_with("cent") && self.words.is_empty() {
            self.percent(Some(-2))?;
            return Ok(&rest.trim_start()["cent".len()..]);
        }
        self.words.push(word.to_owned());
        Ok(rest)
    }

    /// What the words behind the number mean.
    fn unit(&self) -> Result<Option<Unit>, Refusal> {
        const MOST_WORDS: usize = 3;
        let Some((first, others)) = self.words.split_first() else { return Ok(None) };
        let text = self.words.join(" ");
        let is_stopped = self.words.iter().any(|word| NO_UNITS.contains(&word.to_lowercase().as_str()));
        if is_stopped || self.words.len() > MOST_WORDS {
            return Err(Refusal::Other);
        }
        if let Some((_, shift)) = MAGNITUDES.iter().find(|(name, _)| is_magnitude(first, name)) {
            let is_doubled =
                others.iter().any(|word| MAGNITUDES.iter().any(|(name, _)| is_magnitude(word, name)));
            return if is_doubled {
                Err(Refusal::Contradiction)
            } else {
                Ok(Some(Unit { text, shift: *shift }))
            };
        }
        let single = first.chars().count() == 1 && others.is_empty();
        if single && !SINGLE_LETTER_UNITS.contains(&first.as_str()) {
            return Err(Refusal::Other);
        }
        Ok(Some(Unit { text, shift: 0 }))
    }
}

/// What to say of text that has no place around a number.
fn refuse_words(text: &str) -> Refusal {
    if text.chars().any(|character| digit_of(character).is_some()) {
        Refusal::Several
    } else {
        Refusal::Other
    }
}

const fn is_sign(character: char) -> bool {
    matches!(character, '-' | '+' | '−' | '–' | '—' | '‐' | '‑' | '‒' | '－' | '＋' | '﹣')
}

const fn percent_of(character: char) -> Option<i32> {
    match character {
        '%' | '％' | '٪' | '﹪' => Some(-2),
        '‰' => Some(-3),
        _ => None,
    }
}

const PERCENT_WORDS: &[&str] = &["percent", "pct", "percentage"];

/// Unicode's currency symbols, except the cent and other signs of a hundredth: removing those would change
/// the number.
const fn is_currency_symbol(character: char) -> bool {
    matches!(character,
        '$' | '£' | '¤' | '¥' | '֏' | '؋' | '৲' | '৳' | '૱' | '௹' | '฿' | '៛' | '₠'..='₮' | '₱'..='₿' | '﷼' | '﹩'
        | '＄' | '￡' | '￥' | '￦')
}

/// Letters that stand before a symbol: `US$`, `R$`, `CN¥`.
const SYMBOL_PREFIXES: &[&str] = &[
    "US", "C", "CA", "CAD", "A", "AU", "AUD", "NZ", "HK", "S", "SG", "NT", "R", "Z", "TT", "BZ", "EC", "J",
    "MX", "Mex", "USD",
];

/// Names that people write like a symbol; a point may follow.
const CURRENCY_WORDS: &[&str] = &["kr", "Kr", "Fr", "Rs", "RM", "Rp", "Ft", "SFr", "lei"];

/// Codes that are no words in lower case either, so that capitals do not matter.
const MAJOR_CODES: &[&str] =
    &["USD", "EUR", "GBP", "CAD", "AUD", "NZD", "CHF", "JPY", "CNY", "RMB", "INR", "SEK", "NOK", "DKK"];

/// ISO 4217 codes of money in use.
const CURRENCY_CODES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD",
    "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY",
    "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP",
    "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR",
    "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT",
    "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR",
    "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK",
    "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD",
    "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY",
    "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD",
    "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

/// Words for powers of ten. Single letters are told apart by case only where custom does so: `m` and `M`
/// both stand for a million behind a figure.
const MAGNITUDES: &[(&str, i32)] = &[
    ("k", 3),
    ("thousand", 3),
    ("thousands", 3),
    ("thsd", 3),
    ("tsd", 3),
    ("m", 6),
    ("mm", 6),
    ("mn", 6),
    ("mln", 6),
    ("mil", 6),
    ("mill", 6),
    ("mio", 6),
    ("million", 6),
    ("millions", 6),
    ("b", 9),
    ("bn", 9),
    ("bln", 9),
    ("bil", 9),
    ("billion", 9),
    ("billions", 9),
    ("trn", 12),
    ("tn", 12),
    ("trillion", 12),
    ("trillions", 12),
    ("lakh", 5),
    ("lakhs", 5),
    ("crore", 7),
    ("crores", 7),
    ("cr", 7),
];

fn is_magnitude(word: &str, name: &str) -> bool {
    word.trim_end_matches('.').eq_ignore_ascii_case(name)
}

/// Single letters that are units on their own.
const SINGLE_LETTER_UNITS: &[&str] =
    &["h", "H", "d", "D", "g", "l", "L", "w", "y", "s", "t", "W", "V", "A", "°"];

/// Words that make a text something else than a number with a unit.
const NO_UNITS: &[&str] = &[
    "of",
    "or",
    "to",
    "and",
    "approx",
    "approx.",
    "est",
    "est.",
    "about",
    "circa",
    "ca",
    "plus",
    "minus",
    "st",
    "nd",
    "rd",
    "th",
    "x",
    "e",
    "out",
    "over",
    "under",
    "above",
    "below",
    "more",
    "less",
    "max",
    "min",
    "avg",
    "average",
    "total",
    "am",
    "pm",
    "a.m.",
    "p.m.",
    "tbd",
    "tbc",
    "n/a",
    "na",
    "not",
    "pending",
    "external",
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "pp",
    "bp",
    "bps",
    "basis",
    "p.p.",
    "p.p",
    "cent",
    "cents",
    "percentile",
    "from",
    "in",
    "per",
    "dozen",
    "hundred",
    "half",
    "true",
    "false",
    "nan",
    "inf",
    "infinity",
];
