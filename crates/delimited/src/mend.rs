//! Records that break the rules of quoting, read as they were most likely meant: of all ways to take their
//! marks, the one with the fewest oddities that gives the usual number of fields.
//!
//! A mark may be doubled, closing, a forgotten escape in the text, or not meant to open a field at all. The ways
//! are searched from left to right, each place in the text and each number of fields once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use memchr::memchr2;

use crate::dialect::Dialect;
use crate::records::{Form, Reading, Span, closed_end, end_of_unquoted, next_run, opening_mark};

/// A record that spans more is not mended but read line by line.
const WINDOW: usize = 1 << 15;
/// More marks are not tried as the closing one of a field.
const MAX_CLOSINGS: usize = 64;
/// More fields are not told apart.
const MAX_FIELDS: usize = 2048;

/// A mark that should have been doubled.
const STRAY_MARK: u32 = 2;
/// A mark at the beginning of a field that opens nothing.
const NOT_OPENING: u32 = 3;
/// A line break within a field: more often than not, a mark is missing before it.
const LINE_BREAK: u32 = 2;
/// Another number of fields than usual.
const UNUSUAL_WIDTH: u32 = 6;

/// The field between two places on a way, and the best way before it.
struct Step {
    cost: u32,
    /// Where the field starts; the record's start has no field before it.
    from: usize,
    span: Span,
}

/// The cheapest reading of the record at `start`; `None` if it is too long or too many records were mended.
pub(crate) fn mended(
    text: &str,
    dialect: &Dialect,
    start: usize,
    usual: usize,
    effort: &mut usize,
) -> Option<Reading> {
    let bytes = text.as_bytes();
    let limit = bytes.len().min(start.saturating_add(WINDOW));
    // By where the next field starts and how many fields stand before it.
    let mut open: BTreeMap<(usize, usize), Option<Step>> = BTreeMap::from([((start, 0), None)]);
    let mut closed: BTreeMap<(usize, usize), Option<Step>> = BTreeMap::new();
    let mut best: Option<(u32, usize, usize, Step)> = None;
    while let Some(((at, count), step)) = open.pop_first() {
        let cost = step.as_ref().map_or(0, |step| step.cost);
        closed.insert((at, count), step);
        // A way that is dearer than a finished one cannot win.
        if count >= MAX_FIELDS || best.as_ref().is_some_and(|(least, ..)| cost >= *least) {
            continue;
        }
        for (span, end, odd) in ways(bytes, dialect, at, limit, effort)? {
            let step = Step { cost: cost + odd, from: at, span };
            if let Some(length) = dialect.delimiter_at(bytes, end) {
                match open.entry((end + length, count + 1)) {
                    Entry::Vacant(entry) => {
                        entry.insert(Some(step));
                    }
                    Entry::Occupied(mut entry) => {
                        if entry.get().as_ref().is_some_and(|other| other.cost > step.cost) {
                            entry.insert(Some(step));
                        }
                    }
                }
                continue;
            }
            let is_usual = usual == 0 || count + 1 == usual;
            let total = step.cost + if is_usual { 0 } else { UNUSUAL_WIDTH };
            if best.as_ref().is_none_or(|(least, ..)| total < *least) {
                best = Some((total, end, count, step));
            }
        }
    }
    let (_, end, mut count, mut step) = best?;
    let mut spans = Vec::with_capacity(count + 1);
    loop {
        let from = step.from;
        spans.push(step.span);
        match closed.remove(&(from, count)).flatten() {
            Some(before) => {
                step = before;
                count = count.saturating_sub(1);
            }
            None => break,
        }
    }
    spans.reverse();
    Some(Reading { spans, end })
}

/// The ways to read the field at `at`: the field, where it ends, and how odd that is. `None` if the effort is
/// used up.
fn ways(
    bytes: &[u8],
    dialect: &Dialect,
    at: usize,
    limit: usize,
    effort: &mut usize,
) -> Option<Vec<(Span, usize, u32)>> {
    let plain_end = end_of_unquoted(bytes, dialect, at);
    let plain = Span { content: at..plain_end, form: Form::Plain };
    *effort = effort.checked_sub(plain_end - at + 16)?;
    let Some(opening) = opening_mark(bytes, dialect, at) else { return Some(vec![(plain, plain_end, 0)]) };
    let mut ways = vec![(plain, plain_end, NOT_OPENING)];
    let mut odd = 0;
    let mut from = opening + 1;
    while let Some(run) = next_run(bytes, dialect, from) {
        let between = bytes.get(from..run.start).unwrap_or_default();
        *effort = effort.checked_sub(between.len() + run.len() + 16)?;
        if run.end > limit || ways.len() > MAX_CLOSINGS {
            break;
        }
        odd += LINE_BREAK * line_breaks(between);
        if let Some(end) = closed_end(bytes, dialect, run.end) {
            let span = Span { content: opening + 1..run.end - 1, form: Form::Quoted };
            ways.push((span, end, odd + STRAY_MARK * u32::from(run.len() % 2 == 0)));
        }
        odd += STRAY_MARK * u32::from(run.len() % 2 == 1);
        from = run.end;
    }
    Some(ways)
}

fn line_breaks(bytes: &[u8]) -> u32 {
    let mut count = 0;
    let mut rest = bytes;
    while let Some(at) = memchr2(b'\n', b'\r', rest) {
        let length = if rest.get(at..).is_some_and(|rest| rest.starts_with(b"\r\n")) { 2 } else { 1 };
        rest = rest.get(at + length..).unwrap_or_default();
        count += 1;
    }
    count
}

/// The line at `start`, its fields by the rules as far as they keep them, and as they stand where they do not.
pub(crate) fn literal_reading(text: &str, dialect: &Dialect, start: usize) -> Reading {
    let bytes = text.as_bytes();
    let line_end = crate::records::end_of_line(bytes, start);
    let line = text.get(..line_end).unwrap_or(text);
    let mut spans = Vec::new();
    let mut at = start;
    loop {
        let end = end_of_unquoted(line.as_bytes(), dialect, at);
        spans.push(Span { content: at..end, form: Form::Plain });
        match dialect.delimiter_at(line.as_bytes(), end) {
            Some(length) => at = end + length,
            None => return Reading { spans, end },
        }
    }
}
