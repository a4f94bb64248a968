//! The digits of a number and the marks between them: which comma groups, which divides.

use crate::settings::DecimalMark;

/// What a number's text shows about the use of commas and points, as evidence for its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// A comma certainly or likely divides whole and fraction.
    pub decimal_comma: bool,
    /// A point divides whole and fraction.
    pub decimal_point: bool,
    /// One group mark that could as well be a decimal mark: `1,234`, or `1.234` where commas are declared.
    pub ambiguous_group: bool,
}

impl Marks {
    /// No evidence.
    pub const NONE: Self = Self { decimal_comma: false, decimal_point: false, ambiguous_group: false };
    /// A plain decimal point.
    pub const DECIMAL_POINT: Self =
        Self { decimal_comma: false, decimal_point: true, ambiguous_group: false };
}

/// Whether a decimal comma stands in the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommaUse {
    None,
    /// Declared, or unmistakable beside other marks.
    Certain,
    /// It divides no well-formed groups, so it is probably one.
    Likely,
}

/// The mark between groups of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Comma,
    Point,
    Blank,
    Apostrophe,
    Underscore,
}

impl Group {
    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::Comma => "commas",
            Self::Point => "points",
            Self::Blank => "spaces",
            Self::Apostrophe => "apostrophes",
            Self::Underscore => "underscores",
        }
    }

    /// The mark that a character is, if it is one beside comma and point.
    const fn of(character: char) -> Option<Self> {
        match character {
            // The blanks that languages group with: no-break, figure, thin, narrow no-break.
            ' ' | '\u{a0}' | '\u{2007}' | '\u{2008}' | '\u{2009}' | '\u{202f}' => Some(Self::Blank),
            '\'' | '’' | '‘' | 'ʼ' | '´' | '`' | '٬' => Some(Self::Apostrophe),
            '_' => Some(Self::Underscore),
            _ => None,
        }
    }
}

/// The digits before and after the decimal mark, as ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) whole: String,
    pub(super) fraction: String,
    pub(super) group: Option<Group>,
    pub(super) comma: CommaUse,
    pub(super) has_foreign_digits: bool,
    pub(super) marks: Marks,
}

impl Body {
    /// The digits as they stand, without group marks.
    pub(super) fn written(&self, is_negative: bool) -> String {
        let sign = if is_negative { "-" } else { "" };
        if self.fraction.is_empty() {
            return format!("{sign}{}", self.whole);
        }
        format!("{sign}{}.{}", self.whole, self.fraction)
    }

    /// Reads digits and marks; `None` if they do not form one number. The text has no sign and no blanks
    /// around it.
    pub(super) fn read(text: &str, decimal: DecimalMark) -> Option<Self> {
        let mut has_foreign_digits = false;
        let mut other_group = None;
        let mut ascii = String::with_capacity(text.len());
        for character in text.chars() {
            let (plain, is_foreign) = ascii_of(character);
            has_foreign_digits |= is_foreign;
            let Some(group) = Group::of(plain) else {
                ascii.push(plain);
                continue;
            };
            if other_group.is_some_and(|seen| seen != group) {
                return None;
            }
            other_group = Some(group);
            ascii.push(GROUP_MARK);
        }
        let divided = match (other_group, decimal) {
            (Some(group), _) => divide_grouped(&ascii, group),
            (None, DecimalMark::Point) => divide_with_points(&ascii),
            (None, DecimalMark::Comma) => divide_with_commas(&ascii),
        }?;
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = only_digits(&divided.whole)
            && only_digits(divided.fraction)
            && !(divided.whole.is_empty() && divided.fraction.is_empty());
        is_number.then(|| Self {
            has_foreign_digits,
            marks: Marks {
                decimal_comma: divided.comma != CommaUse::None,
                decimal_point: divided.comma == CommaUse::None && !divided.fraction.is_empty(),
                ambiguous_group: divided.is_ambiguous,
            },
            whole: divided.whole,
            fraction: divided.fraction.to_owned(),
            group: divided.group,
            comma: divided.comma,
        })
    }
}

/// Stands for any group mark other than comma and point.
const GROUP_MARK: char = '_';

/// A digit or mark of any script as ASCII, and whether it was of another script.
fn ascii_of(character: char) -> (char, bool) {
    match character {
        '．' | '٫' => ('.', true),
        '，' => (',', true),
        _ => match digit_of(character) {
            Some(digit) if !character.is_ascii() => (char::from(b'0' + digit), true),
            Some(_) | None => (character, false),
        },
    }
}

/// The value of a decimal digit of any script.
pub(super) fn digit_of(character: char) -> Option<u8> {
    if character.is_ascii() {
        return character.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
    }
    let code = u32::from(character);
    let zero = *ZEROS.iter().rev().find(|zero| **zero <= code)?;
    u8::try_from(code - zero).ok().filter(|digit| *digit < 10)
}

/// The code points of the digit zero in the scripts whose decimal digits stand in a run of ten (Unicode
/// general category Nd), in ascending order.
const ZEROS: &[u32] = &[
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
    0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30,
    0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0,
    0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
    0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950, 0x1fbf0,
];

struct Divided<'a> {
    whole: String,
    fraction: &'a str,
    group: Option<Group>,
    comma: CommaUse,
    is_ambiguous: bool,
}

impl<'a> Divided<'a> {
    fn plain(whole: &str, fraction: &'a str, comma: CommaUse) -> Self {
        Self { whole: whole.to_owned(), fraction, group: None, comma, is_ambiguous: false }
    }

    fn grouped(groups: &str, mark: char, group: Group, fraction: &'a str, comma: CommaUse) -> Option<Self> {
        well_formed(groups, mark).then(|| Self {
            whole: groups.replace(mark, ""),
            fraction,
            group: Some(group),
            comma,
            is_ambiguous: false,
        })
    }
}

/// Blanks, apostrophes or underscores group, so a point or comma can only divide.
fn divide_grouped(text: &str, group: Group) -> Option<Divided<'_>> {
    match text.split_once(['.', ',']) {
        None => Divided::grouped(text, GROUP_MARK, group, "", CommaUse::None),
        Some((_, "")) => None,
        Some((whole, fraction)) => {
            let is_comma = text.as_bytes().get(whole.len()) == Some(&b',');
            let comma = if is_comma { CommaUse::Certain } else { CommaUse::None };
            Divided::grouped(whole, GROUP_MARK, group, fraction, comma)
        }
    }
}

/// Points divide unless the text shows otherwise.
fn divide_with_points(text: &str) -> Option<Divided<'_>> {
    match (text.rfind(','), text.rfind('.')) {
        (None, None) => Some(Divided::plain(text, "", CommaUse::None)),
        (None, Some(_)) => text
            .split_once('.')
            .filter(|(_, fraction)| !fraction.is_empty())
            .map(|(whole, fraction)| Divided::plain(whole, fraction, CommaUse::None)),
        (Some(comma), None) => {
            let (whole, fraction) = (&text[..comma], &text[comma + 1..]);
            if whole.contains(',') || is_one_group(whole, fraction) {
                let mut divided = Divided::grouped(text, ',', Group::Comma, "", CommaUse::None)?;
                divided.is_ambiguous = !whole.contains(',');
                return Some(divided);
            }
            // `12,3456` may as well be a slip in grouping; nothing is certain enough to suggest.
            let is_decimal = !fraction.is_empty()
                && (whole == "0"
                    || (!whole.is_empty()
                        && !whole.starts_with('0')
                        && (fraction.len() <= 2 || whole.len() > 3)));
            is_decimal.then(|| Divided::plain(whole, fraction, CommaUse::Likely))
        }
        (Some(comma), Some(point)) if comma < point => {
            let fraction = &text[point + 1..];
            (!fraction.is_empty()).then_some(())?;
            Divided::grouped(&text[..point], ',', Group::Comma, fraction, CommaUse::None)
        }
        (Some(comma), Some(_)) => divide_european(text, comma),
    }
}

/// Commas divide, as declared; points group where they form groups.
fn divide_with_commas(text: &str) -> Option<Divided<'_>> {
    match (text.rfind(','), text.rfind('.')) {
        (None, None) => Some(Divided::plain(text, "", CommaUse::None)),
        (None, Some(point)) => {
            let (whole, fraction) = (&text[..point], &text[point + 1..]);
            if whole.contains('.') || is_one_group(whole, fraction) {
                let mut divided = Divided::grouped(text, '.', Group::Point, "", CommaUse::None)?;
                divided.is_ambiguous = !whole.contains('.');
                return Some(divided);
            }
            // No group has this length, so the point can only divide: `20.5` is what fixes write.
            (!fraction.is_empty()).then(|| Divided::plain(whole, fraction, CommaUse::None))
        }
        (Some(comma), None) => {
            let (whole, fraction) = (&text[..comma], &text[comma + 1..]);
            (!fraction.is_empty()).then(|| Divided::plain(whole, fraction, CommaUse::Certain))
        }
        (Some(comma), Some(point)) if point < comma => divide_european(text, comma),
        (Some(_), Some(_)) => None,
    }
}

/// `1.234.567,89`: points group, the last comma divides.
fn divide_european(text: &str, comma: usize) -> Option<Divided<'_>> {
    let fraction = &text[comma + 1..];
    (!fraction.is_empty()).then_some(())?;
    Divided::grouped(&text[..comma], '.', Group::Point, fraction, CommaUse::Certain)
}

/// Whether two runs of digits with one mark between them look like one group of thousands.
fn is_one_group(whole: &str, rest: &str) -> bool {
    (1..=3).contains(&whole.len()) && !whole.starts_with('0') && rest.len() == 3
}

/// Whether digits are grouped by threes, or the Indian way: three, then twos.
fn well_formed(text: &str, mark: char) -> bool {
    let groups: Vec<&str> = text.split(mark).collect();
    let [first, middle @ .., last] = groups.as_slice() else { return false };
    let all_digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    let by =
        |width: usize| (1..=width).contains(&first.len()) && middle.iter().all(|group| group.len() == width);
    all_digits && last.len() == 3 && !first.starts_with('0') && (by(3) || by(2))
}

/// Whether plain unsigned digits would be read as one group where commas divide: `1.234`.
pub(super) fn reads_as_group(unsigned: &str) -> bool {
    unsigned.split_once('.').is_some_and(|(whole, fraction)| is_one_group(whole, fraction))
}

/// Adds a zero where a written number would be read as a group next time under the same settings.
pub(crate) fn unmistakable(mut written: String, decimal: DecimalMark) -> String {
    let unsigned = written.strip_prefix('-').unwrap_or(&written);
    if decimal == DecimalMark::Comma && reads_as_group(unsigned) {
        written.push('0');
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_sorted_so_that_the_nearest_below_is_found() {
        assert!(ZEROS.is_sorted());
        for (character, digit) in [('7', 7), ('٢', 2), ('２', 2), ('९', 9), ('𝟗', 9)] {
            assert_eq!(digit_of(character), Some(digit));
        }
        for character in ['a', '½', '²', '一', '٪'] {
            assert_eq!(digit_of(character), None, "{character}");
        }
    }

    #[test]
    fn groups_are_threes_or_indian() {
        for good in ["1,234", "12,345,678", "12,34,567", "1,23,45,678"] {
            assert!(well_formed(good, ','), "{good}");
        }
        for bad in ["1,23,4", "0,123,456", ",123", "1,,234", "1,2345", "123,45,678", "1234,567"] {
            assert!(!well_formed(bad, ','), "{bad}");
        }
    }
}
