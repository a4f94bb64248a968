//! What a format code says about a number, section by section.
//!
//! Only tokens count: quoted, escaped, padded and filling characters mean nothing, except that a literal
//! percent sign says that the number is stored as it is read aloud (`0"%"` shows 20 as `20%`).

/// What a number format says that a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing is said.
    General,
    /// A number, an amount, a fraction: what is stored.
    Number,
    /// A fraction shown as a percentage: 0.2 is 20 %.
    Percent,
    /// A number followed by a percent sign that does not scale: 20 is 20 %.
    LiteralPercent,
    /// A day.
    Date,
    /// A time of day without a day.
    TimeOfDay,
    /// A length of time in days: `[h]:mm`.
    Duration,
    /// Shown as it was typed.
    Text,
}

/// One of the up to four parts of a format code.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Section {
    condition: Option<Condition>,
    meaning: Meaning,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Condition {
    comparison: Comparison,
    number: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl Condition {
    fn holds(self, value: f64) -> bool {
        match self.comparison {
            Comparison::Less => value < self.number,
            Comparison::LessOrEqual => value <= self.number,
            #[expect(clippy::float_cmp, reason = "the format asks for equality")]
            Comparison::Equal => value == self.number,
            #[expect(clippy::float_cmp, reason = "the format asks for inequality")]
            Comparison::NotEqual => value != self.number,
            Comparison::GreaterOrEqual => value >= self.number,
            Comparison::Greater => value > self.number,
        }
    }

    /// Whether nothing but numbers below zero fulfil it.
    fn is_below_zero(self) -> bool {
        match self.comparison {
            Comparison::Less => self.number <= 0.0,
            Comparison::LessOrEqual | Comparison::Equal => self.number < 0.0,
            Comparison::NotEqual | Comparison::GreaterOrEqual | Comparison::Greater => false,
        }
    }

    /// Whether all numbers from zero on fulfil it.
    fn holds_from_zero(self) -> bool {
        match self.comparison {
            Comparison::GreaterOrEqual => self.number <= 0.0,
            Comparison::Greater => self.number < 0.0,
            Comparison::Less | Comparison::LessOrEqual | Comparison::Equal | Comparison::NotEqual => false,
        }
    }

    /// Reads what stands in brackets: `>=100`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (comparison, number) = [
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<>", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
            ("=", Comparison::Equal),
        ]
        .into_iter()
        .find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?)))?;
        Some(Self { comparison, number: number.trim().parse().ok()? })
    }
}

/// The meaning of the section that a number falls into.
pub(super) fn meaning_for(sections: &[Section], value: f64) -> Meaning {
    let first = sections.first().map_or(Meaning::General, |section| section.meaning);
    if sections.iter().any(|section| section.condition.is_some()) {
        let section = sections.iter().find(|section| section.condition.is_none_or(|it| it.holds(value)));
        return section.map_or(first, |section| section.meaning);
    }
    // The fourth section is for text.
    let index = match sections.len() {
        0 | 1 => 0,
        2 => usize::from(value < 0.0),
        _ if value > 0.0 => 0,
        _ if value < 0.0 => 1,
        _ => 2,
    };
    let chosen = sections.get(index).map_or(first, |section| section.meaning);
    // `0%;-0%;"-"` shows a dash for zero, and `m/d/yy;@` is a date that never is negative: a section without
    // a placeholder of its own takes over the meaning of the first.
    match chosen {
        Meaning::General | Meaning::Text if index > 0 => first,
        Meaning::General
        | Meaning::Text
        | Meaning::Number
        | Meaning::Percent
        | Meaning::LiteralPercent
        | Meaning::Date
        | Meaning::TimeOfDay
        | Meaning::Duration => chosen,
    }
}

/// What a format of one section says of every number; `None` if it may say different things.
pub(super) fn of_every_number(sections: &[Section]) -> Option<Meaning> {
    match sections {
        [section] if section.condition.is_none() => Some(section.meaning),
        _ => None,
    }
}

/// The section that a number falls into where sections have conditions, and whether it is one for numbers below zero
/// alone, which are then shown without their sign; `None` where no section has a condition.
pub(super) fn section_under_conditions(sections: &[Section], value: f64) -> Option<(usize, bool)> {
    if sections.iter().all(|section| section.condition.is_none()) {
        return None;
    }
    let holds = |section: &Section| section.condition.is_none_or(|it| it.holds(value));
    let index = sections.iter().position(holds).unwrap_or(sections.len().saturating_sub(1));
    let is_below_zero = match sections.get(index).and_then(|section| section.condition) {
        Some(condition) => condition.is_below_zero(),
        // What is left when the others have taken all numbers from zero on.
        None => sections
            .iter()
            .take(index)
            .filter_map(|section| section.condition)
            .any(Condition::holds_from_zero),
    };
    Some((index, is_below_zero))
}

/// Reads a format code into its sections.
pub(super) fn sections(code: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut tokens = Tokens::default();
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ';' => sections.push(std::mem::take(&mut tokens).section()),
            '"' => {
                while let Some(quoted) = characters.next_if(|next| *next != '"') {
                    tokens.literal(quoted);
                }
                characters.next();
            }
            '\\' => {
                if let Some(escaped) = characters.next() {
                    tokens.literal(escaped);
                }
            }
            '_' | '*' => {
                characters.next();
            }
            '[' => {
                let mut inside = String::new();
                while let Some(next) = characters.next_if(|next| *next != ']') {
                    inside.push(next);
                }
                characters.next();
                tokens.brackets(&inside);
            }
            // `E+00` is an exponent; any other `e` is a year.
            'e' | 'E' if matches!(characters.peek(), Some('+' | '-')) => {
                characters.next();
                tokens.digits = true;
            }
            'G' | 'g' if starts_with_eneral(&characters) => {
                characters.nth("eneral".len() - 1);
                tokens.general = true;
            }
            // `AM/PM` and `A/P` belong to a time.
            'a' | 'A' if matches!(characters.peek(), Some('m' | 'M' | '/')) => {
                while characters.next_if(|next| "mMpP/".contains(*next)).is_some() {}
                tokens.time = true;
            }
            'm' | 'M' => {
                let mut run = 1;
                while characters.next_if(|next| matches!(next, 'm' | 'M')).is_some() {
                    run += 1;
                }
                if run > 2 {
                    tokens.day = true;
                } else {
                    tokens.month_or_minute = true;
                }
            }
            'y' | 'Y' | 'd' | 'D' | 'e' | 'E' | 'b' | 'B' => tokens.day = true,
            'h' | 'H' | 's' | 'S' => tokens.time = true,
            '%' => tokens.percent = true,
            '0' | '#' | '?' => tokens.digits = true,
            '@' => tokens.text = true,
            _ => {}
        }
    }
    sections.push(tokens.section());
    sections
}

/// Whether a date format shows this part: `d`, `m` or `y`. Only the first section counts; quoted and escaped
/// characters do not.
pub(crate) fn has_date_letter(code: &str, letter: char) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for character in code.chars() {
        match character {
            _ if escaped => escaped = false,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '\\' | '_' | '*' => escaped = true,
            '[' => bracketed = true,
            ']' => bracketed = false,
            _ if bracketed => {}
            ';' => return false,
            _ if character.eq_ignore_ascii_case(&letter) => return true,
            _ => {}
        }
    }
    false
}

fn starts_with_eneral(characters: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    characters.clone().take("eneral".len()).collect::<String>().eq_ignore_ascii_case("eneral")
}

/// Which tokens a section has.
#[derive(Debug, Default)]
struct Tokens {
    condition: Option<Condition>,
    general: bool,
    digits: bool,
    percent: bool,
    literal_percent: bool,
    day: bool,
    month_or_minute: bool,
    time: bool,
    elapsed: bool,
    text: bool,
}

impl Tokens {
    fn literal(&mut self, character: char) {
        self.literal_percent |= matches!(character, '%' | '％');
    }

    fn brackets(&mut self, inside: &str) {
        let all =
            |letter: char| !inside.is_empty() && inside.chars().all(|it| it.eq_ignore_ascii_case(&letter));
        if all('h') || all('m') || all('s') {
            self.elapsed = true;
        } else if let Some(condition) = Condition::read(inside) {
            self.condition = Some(condition);
        }
        // Colours, currencies and countries mean nothing.
    }

    fn section(self) -> Section {
        let meaning = if self.elapsed {
            Meaning::Duration
        } else if self.day || (self.month_or_minute && !self.time) {
            Meaning::Date
        } else if self.time {
            Meaning::TimeOfDay
        } else if self.percent {
            Meaning::Percent
        } else if self.literal_percent && (self.digits || self.general) {
            Meaning::LiteralPercent
        } else if self.digits {
            Meaning::Number
        } else if self.text {
            Meaning::Text
        } else {
            Meaning::General
        };
        Section { condition: self.condition, meaning }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_codes_have_meanings() {
        for (code, value, expected) in [
            ("General", 1.0, Meaning::General),
            ("GENERAL", 1.0, Meaning::General),
            ("", 1.0, Meaning::General),
            ("0", 1.0, Meaning::Number),
            ("00000", 42.0, Meaning::Number),
            ("#,##0.00 €;-#,##0.00 €", -1.0, Meaning::Number),
            ("[Red]General", 1.0, Meaning::General),
            ("0.00E+00", 1.0, Meaning::Number),
            ("# ?/?", 0.5, Meaning::Number),
            ("0.0,,\"M\"", 1.0, Meaning::Number),
            ("0.0\" hours\"", 1.0, Meaning::Number),
            ("\\Y000000", 1.0, Meaning::Number),
            ("#,##0*y", 1.0, Meaning::Number),
            ("0_d", 1.0, Meaning::Number),
            ("0%", 0.2, Meaning::Percent),
            ("0.0%;-0.0%;\"-\"", 0.0, Meaning::Percent),
            ("[<1]0.0%;0", 0.5, Meaning::Percent),
            ("[<1]0.0%;0", 5.0, Meaning::Number),
            ("[=1]0%;[>1]0.0;0.00%", 0.3, Meaning::Percent),
            ("0\"%\"", 20.0, Meaning::LiteralPercent),
            ("0\\%", 20.0, Meaning::LiteralPercent),
            ("m/d/yyyy", 45_000.0, Meaning::Date),
            ("YYYY-MM-DD HH:MM:SS", 45_000.0, Meaning::Date),
            ("[$-409]d\\-mmm\\-yy;@", 45_000.0, Meaning::Date),
            ("[$-F800]dddd, mmmm dd, yyyy", 45_000.0, Meaning::Date),
            ("[$-404]e\"年\"m\"月\"d\"日\"", 45_000.0, Meaning::Date),
            ("mmm-yy", 45_000.0, Meaning::Date),
            ("mmmm", 45_000.0, Meaning::Date),
            ("m", 45_000.0, Meaning::Date),
            ("h:mm AM/PM", 0.5, Meaning::TimeOfDay),
            ("mm:ss.0", 0.5, Meaning::TimeOfDay),
            ("[h]:mm", 1.5, Meaning::Duration),
            ("[mm]:ss", 1.5, Meaning::Duration),
            ("[Blue]\\+[h]:mm;[Red]\\-[h]:mm;[Green][h]:mm", -1.0, Meaning::Duration),
            ("@", 1.0, Meaning::Text),
            ("\"unterminated", 1.0, Meaning::General),
            ("[unterminated", 1.0, Meaning::General),
            ("\\", 1.0, Meaning::General),
        ] {
            let sections = sections(code);
            assert_eq!(meaning_for(&sections, value), expected, "{code:?}");
            assert!(of_every_number(&sections).is_none_or(|meaning| meaning == expected), "{code:?}");
        }
    }
}
