//! The laws of the project, asserted over any bytes at all. A fuzzer feeds them what it thinks of (`cargo xtask
//! fuzz`), and the tests what it once thought of (`fuzz/corpus`). A law that does not hold panics; what a law says
//! stands at its function.

mod answers;
mod cells;
mod settings;
mod texts;
mod workbooks;

/// A law, by the name of its folder in `fuzz/corpus`.
pub type Law = (&'static str, fn(&[u8]));

/// All laws.
pub const LAWS: &[Law] = &[
    ("value", cells::value),
    ("date", cells::date),
    ("id", cells::id),
    ("check", texts::check_and_fix),
    ("records", texts::records),
    ("xlsx", workbooks::xlsx),
    ("xlsb", workbooks::xlsb),
    ("ods", workbooks::ods),
    ("xml2003", workbooks::xml2003),
    ("container", workbooks::container),
    ("settings", settings::file),
    ("answer", answers::answer),
];

/// The law of this name.
#[must_use]
pub fn law(name: &str) -> Option<fn(&[u8])> {
    LAWS.iter().find(|(known, _)| *known == name).map(|(_, law)| *law)
}

/// The first byte chooses among so many, the others are the input.
fn choice<'a, T>(data: &'a [u8], among: &'a [T]) -> Option<(&'a T, &'a [u8])> {
    let (first, rest) = data.split_first()?;
    let chosen = among.get(usize::from(*first) % among.len().max(1))?;
    Some((chosen, rest))
}
