//! What style sheets and the styles of single cells say of number formats: `mso-number-format`, which Excel reads and
//! writes, in rules for classes and for cells. All else that styles say is passed over, except what hides a row or a
//! column.

use std::collections::HashMap;
use std::sync::Arc;

use metricsheet_core::DateOrder;

use super::super::limits::{Excess, OVERHEAD, Tally};
use crate::number_format::{NumberFormat, named_code};

/// So many styles of single cells are remembered; reports repeat a handful.
const REMEMBERED: usize = 1_000;

/// How deep a class may lean on others.
const PARENTS: usize = 8;

/// The number format of a cell, and what it tells of its text.
#[derive(Debug, Clone)]
pub(super) struct CellFormat {
    pub(super) format: Arc<NumberFormat>,
    /// The order of days that it shows in digits alone; `None` where the reader's country decides.
    pub(super) order: Option<DateOrder>,
}

impl CellFormat {
    fn new(value: &str) -> Self {
        let text = unquoted(value);
        match named_code(&text) {
            Some(code) => Self { format: Arc::new(NumberFormat::new(code)), order: None },
            None => Self { order: day_order(&text), format: Arc::new(NumberFormat::new(&text)) },
        }
    }
}

/// The rules of all style sheets of a workbook.
#[derive(Debug, Default)]
pub(super) struct Styles {
    /// By class, in lower case.
    classes: HashMap<String, Rule>,
    /// By the name of the element: `td`, `th`.
    elements: HashMap<String, Rule>,
    /// The formats of styles that stand in cells, by their text.
    remembered: HashMap<String, Option<CellFormat>>,
}

#[derive(Debug, Clone, Default)]
struct Rule {
    format: Option<CellFormat>,
    /// The class that says what this one does not.
    parent: Option<String>,
    /// Whether it hides what has it.
    hides: bool,
}

impl Styles {
    /// Reads a style sheet.
    pub(super) fn read(&mut self, sheet: &str, tally: &mut Tally) -> Result<(), Excess> {
        let sheet = without_remarks(sheet);
        for (selectors, block) in rules(&sheet) {
            let mut rule = Rule::default();
            for (name, value) in declarations(block) {
                match name.as_str() {
                    "mso-number-format" => rule.format = Some(CellFormat::new(value)),
                    "mso-style-parent" => rule.parent = Some(value.trim().to_lowercase()),
                    "display" => rule.hides = is_none(value),
                    _ => {}
                }
            }
            if rule.format.is_none() && rule.parent.is_none() && !rule.hides {
                continue;
            }
            for selector in selectors.split(',') {
                let last = selector.split_whitespace().last().unwrap_or_default().to_lowercase();
                let (known, name) = match last.split_once('.') {
                    Some((_, class)) => (&mut self.classes, class),
                    None => (&mut self.elements, last.as_str()),
                };
                tally.add(name.len() + block.len() + OVERHEAD)?;
                let entry = known.entry(name.to_owned()).or_default();
                entry.format = rule.format.clone().or_else(|| entry.format.take());
                entry.parent = rule.parent.clone().or_else(|| entry.parent.take());
                entry.hides |= rule.hides;
            }
        }
        Ok(())
    }

    /// The format of a cell by its own style, its classes, or its element, the first that has one.
    pub(super) fn format(
        &mut self,
        element: &str,
        class: Option<&str>,
        style: Option<&str>,
    ) -> Option<CellFormat> {
        style
            .and_then(|style| self.of_style(style))
            .or_else(|| self.of_classes(class?))
            .or_else(|| self.elements.get(element).and_then(|rule| rule.format.clone()))
    }

    /// Whether an element is hidden, by its own style or one of its classes.
    pub(super) fn hides(&self, class: Option<&str>, style: Option<&str>) -> bool {
        let is_hiding = |class: &str| self.classes.get(&class.to_lowercase()).is_some_and(|rule| rule.hides);
        style.is_some_and(hides) || class.is_some_and(|classes| classes.split_whitespace().any(is_hiding))
    }

    fn of_style(&mut self, style: &str) -> Option<CellFormat> {
        if !style.contains("mso-number-format") {
            return None;
        }
        if let Some(known) = self.remembered.get(style) {
            return known.clone();
        }
        let format = declarations(style)
            .into_iter()
            .rfind(|(name, _)| name == "mso-number-format")
            .map(|(_, value)| CellFormat::new(value));
        if self.remembered.len() >= REMEMBERED {
            self.remembered.clear();
        }
        self.remembered.insert(style.to_owned(), format.clone());
        format
    }

    fn of_classes(&self, classes: &str) -> Option<CellFormat> {
        classes.split_whitespace().find_map(|class| {
            let mut class = class.to_lowercase();
            for _ in 0..PARENTS {
                let rule = self.classes.get(&class)?;
                if rule.format.is_some() {
                    return rule.format.clone();
                }
                class.clone_from(rule.parent.as_ref()?);
            }
            None
        })
    }
}

/// Whether a style hides its element.
fn hides(style: &str) -> bool {
    style.contains("display")
        && declarations(style).into_iter().any(|(name, value)| name == "display" && is_none(value))
}

fn is_none(value: &str) -> bool {
    let value = value.trim().trim_end_matches("!important").trim_end();
    value.eq_ignore_ascii_case("none")
}

/// The sheet without remarks, and without the marks that hide it from browsers of the last century.
fn without_remarks(sheet: &str) -> String {
    let mut plain = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        plain.push(' ');
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain.replace("<!--", " ").replace("-->", " ")
}

/// Selectors and blocks. Rules for some media and pages are passed over with all that they hold.
fn rules(sheet: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = sheet;
    std::iter::from_fn(move || {
        loop {
            let (selectors, after) = split_outside_quotes(rest, '{')?;
            let selectors = selectors.rsplit(';').next().unwrap_or(selectors).trim();
            if selectors.starts_with('@') {
                rest = after_block(after);
                continue;
            }
            let (block, after) = split_outside_quotes(after, '}').unwrap_or((after, ""));
            rest = after;
            return Some((selectors, block));
        }
    })
}

/// What follows the block whose opening brace was just read.
fn after_block(text: &str) -> &str {
    let mut open = 1_u32;
    for (at, character) in text.char_indices() {
        match character {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

/// Names in lower case, and values as they stand.
fn declarations(block: &str) -> Vec<(String, &str)> {
    let mut declarations = Vec::new();
    let mut rest = block;
    while !rest.is_empty() {
        let (one, after) = split_outside_quotes(rest, ';').unwrap_or((rest, ""));
        if let Some((name, value)) = one.split_once(':') {
            declarations.push((name.trim().to_lowercase(), value));
        }
        rest = after;
    }
    declarations
}

/// Splits at the first such character that is neither quoted nor escaped.
fn split_outside_quotes(text: &str, at: char) -> Option<(&str, &str)> {
    let mut quote = None;
    let mut is_escaped = false;
    for (index, character) in text.char_indices() {
        match (quote, character) {
            _ if is_escaped => is_escaped = false,
            (_, '\\') => is_escaped = true,
            (Some(mark), _) if mark == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, _) if character == at => {
                return Some((text.get(..index)?, text.get(index + at.len_utf8()..)?));
            }
            (Some(_) | None, _) => {}
        }
    }
    None
}

/// A value without its quotation marks and escapes: `"0\.00"` is `0.00`, `\0022` a quotation mark.
fn unquoted(value: &str) -> String {
    let value = value.trim().trim_end_matches("!important").trim_end();
    let value = ['"', '\'']
        .into_iter()
        .find_map(|mark| value.strip_prefix(mark)?.strip_suffix(mark))
        .unwrap_or(value);
    let mut text = String::new();
    let mut rest = value.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        // Excel writes characters by four digits, and all others as they are.
        let digits: String = rest.clone().take(4).take_while(char::is_ascii_hexdigit).collect();
        let by_number = (digits.len() == 4 && digits.starts_with("00"))
            .then(|| u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32))
            .flatten();
        match by_number {
            Some(character) => {
                text.push(character);
                rest.nth(3);
            }
            None => text.extend(rest.next()),
        }
    }
    text
}

/// The order of a format that shows day, month and year in digits alone.
fn day_order(code: &str) -> Option<DateOrder> {
    let first = code.split(';').next()?;
    let mut parts: Vec<(char, usize)> = Vec::new();
    let mut characters = first.chars();
    while let Some(character) = characters.next() {
        match character.to_ascii_lowercase() {
            '\\' => _ = characters.next(),
            '[' => _ = characters.by_ref().find(|it| *it == ']'),
            letter if letter.is_alphabetic() => match parts.last_mut() {
                Some((last, count)) if *last == letter => *count += 1,
                Some(_) | None => parts.push((letter, 1)),
            },
            _ => {}
        }
    }
    match parts.as_slice() {
        [('m', 1..=2), ('d', 1..=2), ('y', 2 | 4)] => Some(DateOrder::MonthFirst),
        [('d', 1..=2), ('m', 1..=2), ('y', 2 | 4)] => Some(DateOrder::DayFirst),
        [('y', 4), ('m', 1..=2), ('d', 1..=2)] => Some(DateOrder::YearFirst),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_from_styles() {
        for (style, expected) in [
            ("mso-number-format:Percent", "0.00%"),
            ("mso-number-format:\"0\\.0%\"", "0.0%"),
            ("mso-number-format:'\\@'", "@"),
            ("mso-number-format:\\@;color:red", "@"),
            ("COLOR:red; MSO-Number-Format : \"Short Date\" ;", "m/d/yyyy"),
            (
                "mso-number-format:\"\\#\\,\\#\\#0\\.00_\\)\\;\\[Red\\]\\\\\\(\\#\\,\\#\\#0\\.00\\\\\\)\"",
                "#,##0.00_);[Red]\\(#,##0.00\\)",
            ),
            ("mso-number-format:\"\\0022$\\0022\\#\\,\\#\\#0\"", "\"$\"#,##0"),
            ("mso-number-format:\"dd\\\\-mmm\\\\-yyyy\"", "dd\\-mmm\\-yyyy"),
            ("mso-number-format:00000", "00000"),
            ("mso-number-format:\"0000\\0022x;y\\0022\"", "0000\"x;y\""),
        ] {
            let style = style.replace("MSO-Number-Format", "mso-number-format");
            let format = Styles::default().format("td", None, Some(&style));
            assert_eq!(format.map(|it| it.format.code().to_owned()).as_deref(), Some(expected), "{style}");
        }
        assert!(Styles::default().format("td", None, Some("color:red")).is_none());
    }

    #[test]
    fn a_cell_has_the_format_of_its_style_its_class_or_all_cells() {
        let mut styles = Styles::default();
        let sheet = "<!-- td {mso-number-format:General;} @page {margin:1in} @media print { .x {mso-number-format:0%} }\n\
                     .xl65 {mso-style-parent:style0;\n mso-number-format:\"0\\.0%\";} /* td.xl66 {} */\n\
                     tr.odd td.xl66, .XL67 {mso-number-format:\"Short Date\"}\n.xl68 {mso-style-parent:xl65} -->";
        styles.read(sheet, &mut Tally::new("styles", 10_000)).unwrap();
        for (class, style, expected) in [
            (None, None, "General"),
            (Some("xl65"), None, "0.0%"),
            (Some("other xl66"), None, "m/d/yyyy"),
            (Some("xl67"), None, "m/d/yyyy"),
            (Some("xl68"), None, "0.0%"),
            (Some("x"), None, "General"),
            (Some("xl65"), Some("mso-number-format:00"), "00"),
        ] {
            let format = styles.format("td", class, style).unwrap();
            assert_eq!(format.format.code(), expected, "{class:?} {style:?}");
        }
        assert!(styles.format("th", None, None).is_none());
        assert!(Styles::default().read(".a{mso-number-format:0}", &mut Tally::new("styles", 10)).is_err());
    }

    #[test]
    fn orders_of_days_are_told_by_formats_in_digits() {
        for (code, expected) in [
            ("dd/mm/yyyy", Some(DateOrder::DayFirst)),
            ("[$-409]m\\/d\\/yy;@", Some(DateOrder::MonthFirst)),
            ("yyyy-mm-dd", Some(DateOrder::YearFirst)),
            ("dd-mmm-yyyy", None),
            ("dd/mm/yyyy hh:mm", None),
            ("0.00", None),
        ] {
            assert_eq!(day_order(code), expected, "{code}");
        }
    }
}
