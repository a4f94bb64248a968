//! How much a field looks like one that somebody meant: a number, a date, a word. A text divided in the wrong
//! places gives fields that look like nothing.

/// Between 0 (divided wrongly) and 1 (a value).
pub(crate) fn plausibility(field: &str) -> f64 {
    let text = field.trim();
    if text.is_empty() {
        return 0.8;
    }
    let is_enclosed = |mark: char| text.len() > 1 && text.starts_with(mark) && text.ends_with(mark);
    if is_enclosed('"') || is_enclosed('\'') {
        return 0.3;
    }
    if is_number(text) || is_date_or_time(text) || is_name(text) {
        return 1.0;
    }
    // What may divide fields stands in fields only where they were left whole.
    let dividing = text.matches(['\t', '|', ';']).count() + text.matches('"').count();
    let tight_commas = text.split(',').skip(1).filter(|behind| !behind.starts_with(' ')).count();
    match (dividing, tight_commas) {
        (0, 0) => 0.9,
        (0, 1) => 0.5,
        (1, 0) => 0.4,
        (_, _) => 0.1,
    }
}

/// Digits with what stands around and between digits: signs, one currency or percent sign, grouping, exponents.
fn is_number(text: &str) -> bool {
    let core = text.trim_matches(|character| "+-()$€£¥% ".contains(character));
    let (mantissa, exponent) = core.split_once(['e', 'E']).unwrap_or((core, "0"));
    let is_exponent = exponent.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = mantissa
        .starts_with(|first: char| first.is_ascii_digit() || first == '.' || first == ',')
        && mantissa.bytes().any(|byte| byte.is_ascii_digit())
        && mantissa.chars().all(|character| character.is_ascii_digit() || ".,' \u{a0}".contains(character));
    // `1,2,3` is a list unless its commas stand where they group.
    let groups: Vec<&str> = mantissa.split(',').collect();
    let is_grouped = groups.len() <= 2
        || groups.iter().skip(1).all(|group| group.split('.').next().unwrap_or_default().len() == 3);
    is_mantissa && is_exponent && is_grouped && !mantissa.contains("  ")
}

/// Groups of digits with one or two kinds of what divides dates and times, or a month's name among them.
fn is_date_or_time(text: &str) -> bool {
    let has_digits = text.bytes().filter(u8::is_ascii_digit).count() >= 2;
    let is_part = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_digit())
            || (part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
    };
    let words = text.split(['-', '/', '.', ':', ' ', '+']).filter(|part| !part.is_empty());
    let mut parts = 0;
    let mut words_of_letters = 0;
    for part in words {
        // `2024-03-31T12:00:00Z`
        let pieces = part.split(['T', 'Z']).filter(|piece| !piece.is_empty());
        for piece in pieces {
            if !is_part(piece) {
                return false;
            }
            parts += 1;
            words_of_letters += usize::from(piece.bytes().all(|byte| byte.is_ascii_alphabetic()));
        }
    }
    has_digits && (2..=8).contains(&parts) && words_of_letters <= 2
}

/// Words, codes, addresses: letters and digits, with what stands within names.
fn is_name(text: &str) -> bool {
    let is_address = text.contains("://") || (text.contains('@') && !text.contains(' '));
    let is_of_names = |character: char| {
        character.is_alphanumeric()
            || matches!(character, ' ' | '_' | '-' | '.' | '/' | '&' | '(' | ')' | '\'' | '#' | '%')
    };
    (is_address && !text.contains(['\t', ';', '|', '"', ' '])) || text.chars().all(is_of_names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_better_than_what_is_divided_wrongly() {
        for text in [
            "1.5",
            "-1,234.56",
            "1,5",
            "$74.69",
            "20%",
            "(5)",
            "1e-7",
            "03/31/2024",
            "14:30",
            "2024-03-31T12:00:00Z",
            "31-Mar-24",
            "KPI-1",
            "Men's Boots",
            "https://example.com/a?b=1",
            "a@b.org",
        ] {
            assert!(plausibility(text) > 0.95, "{text}");
        }
        for text in ["1,2,3", "1;2;3", "a\tb", "\"abc\"", "5;\"x", "'abc'"] {
            assert!(plausibility(text) < 0.6, "{text}");
        }
    }
}
