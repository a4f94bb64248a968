//! Byte edits: what a fix changes in a file, and nothing else.

use std::borrow::Cow;
use std::ops::Range;

/// Replaces some bytes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub span: Range<usize>,
    /// What comes in their place. A file divided by semicolons has an edit for each of them, all with the same content.
    pub content: Cow<'static, str>,
}

impl Edit {
    /// Replaces `span` by `content`.
    pub fn new(span: Range<usize>, content: impl Into<Cow<'static, str>>) -> Self {
        Self { span, content: content.into() }
    }

    /// Takes `span` away.
    #[must_use]
    pub fn removal(span: Range<usize>) -> Self {
        Self { span, content: Cow::Borrowed("") }
    }
}

/// The bytes after the edits, which are sorted and do not overlap. All other bytes are kept.
pub(crate) fn apply(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(bytes.get(at..edit.span.start).unwrap_or_default());
        out.extend_from_slice(edit.content.as_bytes());
        at = edit.span.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

/// Collects whole fixes, each of one or more edits, as long as they do not touch one another.
#[derive(Debug, Default)]
pub(crate) struct EditSet {
    edits: std::collections::BTreeMap<(usize, usize), Cow<'static, str>>,
}

impl EditSet {
    /// Takes a fix in, or says that it touches one that was taken before. A fix that is already there is
    /// taken again: several findings of a cell share one rewriting.
    pub(crate) fn add(&mut self, fix: &[Edit]) -> bool {
        let is_new = |edit: &&Edit| self.edits.get(&(edit.span.start, edit.span.end)) != Some(&edit.content);
        let new: Vec<&Edit> = fix.iter().filter(is_new).collect();
        if new.iter().any(|edit| self.touches(&edit.span)) {
            return false;
        }
        for edit in new {
            self.edits.insert((edit.span.start, edit.span.end), edit.content.clone());
        }
        true
    }

    fn touches(&self, span: &Range<usize>) -> bool {
        let before = self.edits.range(..(span.start, usize::MAX)).next_back();
        let from = self.edits.range((span.start, 0)..).next();
        before.is_some_and(|((_, end), _)| *end > span.start)
            || from.is_some_and(|((start, _), _)| *start < span.end || *start == span.start)
    }

    pub(crate) fn into_sorted(self) -> Vec<Edit> {
        self.edits.into_iter().map(|((start, end), content)| Edit::new(start..end, content)).collect()
    }
}

/// Where a byte of the text before the edits stands afterwards; within an edit, where its content begins.
pub(crate) struct Moved {
    /// For each edit: where it starts and ends before, and where its content starts and ends afterwards.
    spans: Vec<(Range<usize>, Range<usize>)>,
}

impl Moved {
    /// The edits are sorted and do not overlap.
    pub(crate) fn new(edits: &[Edit]) -> Self {
        let mut spans: Vec<(Range<usize>, Range<usize>)> = Vec::with_capacity(edits.len());
        for edit in edits {
            let (end_before, end_after) =
                spans.last().map_or((0, 0), |(before, after)| (before.end, after.end));
            let start = end_after + (edit.span.start - end_before);
            spans.push((edit.span.clone(), start..start + edit.content.len()));
        }
        Self { spans }
    }

    /// Where a stretch of the text stands afterwards.
    pub(crate) fn span(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.position(span.start);
        start..self.position(span.end).max(start)
    }

    pub(crate) fn position(&self, byte: usize) -> usize {
        let behind = self.spans.partition_point(|(before, _)| before.end <= byte);
        let inside = self.spans.get(behind).filter(|(before, _)| before.start <= byte);
        if let Some((_, after)) = inside {
            return after.start;
        }
        match behind.checked_sub(1).and_then(|last| self.spans.get(last)) {
            Some((before, after)) => after.end + (byte - before.end),
            None => byte,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_that_touch_are_taken_whole_or_not_at_all() {
        let mut set = EditSet::default();
        assert!(set.add(&[Edit::new(3..5, "x"), Edit::new(8..9, "y")]));
        assert!(set.add(&[Edit::new(3..5, "x")]), "the same edit again");
        assert!(!set.add(&[Edit::new(0..1, "z"), Edit::new(4..6, "z")]));
        assert!(set.add(&[Edit::new(5..8, "")]), "beside");
        assert_eq!(apply(b"0123456789", &set.into_sorted()), b"012xy9");
    }

    #[test]
    fn positions_move_with_the_text() {
        let edits = [Edit::new(2..4, "abcd"), Edit::removal(6..8)];
        let moved = Moved::new(&edits);
        assert_eq!([0, 2, 3, 4, 6, 9].map(|byte| moved.position(byte)), [0, 2, 2, 6, 8, 9]);
    }
}
