//! JSON whose strings can neither drive a terminal nor end a line early: what is invisible in them is written
//! as `\u…`. A reader of JSON gets the same strings either way.

use std::io::Write;

use metricsheet_core::text::{is_invisible, is_line_break};
use serde::Serialize;

/// A value over many lines, with a line end.
pub(super) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> std::io::Result<()> {
    write(&serde_json::to_string_pretty(value)?, out)
}

/// A value on one line, with a line end.
pub(super) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> std::io::Result<()> {
    write(&serde_json::to_string(value)?, out)
}

fn write(json: &str, out: &mut dyn Write) -> std::io::Result<()> {
    // Line ends stand between the values only, where they are meant.
    let is_told =
        |character: char| character != '\n' && (is_invisible(character) || is_line_break(character));
    let mut rest = json;
    while let Some(at) = rest.find(is_told) {
        let (plain, told) = rest.split_at(at);
        out.write_all(plain.as_bytes())?;
        let mut characters = told.chars();
        for unit in characters.next().map_or_else(Vec::new, |told| told.encode_utf16(&mut [0; 2]).to_vec()) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = characters.as_str();
    }
    writeln!(out, "{rest}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_invisible_is_told_and_reads_back_the_same() {
        let text = "a\u{7f}b\u{9b}31m\u{2028}c\u{202e}\u{e0041}\u{85}\n\té 🙂 </script>";
        let mut written = Vec::new();
        super::write_line(&text, &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert_eq!(
            written,
            "\"a\\u007fb\\u009b31m\\u2028c\\u202e\\udb40\\udc41\\u0085\\n\\té 🙂 </script>\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
