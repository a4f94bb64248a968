//! Elements are mostly like some before them: the cells of a table differ in a value and a text. Those that were passed
//! over are remembered, and the next one is compared with them; where they differ, both must be in the same value or
//! text. Then the other one is well formed too, and as deep. In a table the same ones mostly follow each other.

use memchr::memchr;

use super::text;

/// So many elements are remembered.
const MOST: usize = 16;
/// Longer ones are not.
const LONGEST: usize = 1 << 10;
/// Once so many more elements were like none than like one, nothing is compared any more.
const PATIENCE: u32 = 256;

/// Elements that were passed over.
pub(in crate::reading) struct Known {
    elements: Vec<Element>,
    /// The one that the last element was like.
    last: usize,
    patience: u32,
}

/// An element with the text before it.
struct Element {
    bytes: Vec<u8>,
    gaps: Vec<Gap>,
    /// The one that came next the last time.
    next: usize,
}

/// Where a value or a text stands that may be another one. The byte behind it ends both.
struct Gap {
    start: usize,
    end: usize,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Value,
    Text,
}

impl Default for Known {
    fn default() -> Self {
        Self { elements: Vec::new(), last: 0, patience: PATIENCE }
    }
}

impl Known {
    /// The length of the element at the start, if it is like a known one. Whether it is UTF-8 is not asked.
    #[inline]
    pub(in crate::reading) fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        let expected = self.elements.get(self.last)?.next;
        let is_like = |at: usize| Some((at, self.elements.get(at)?.length(bytes)?));
        let others = || (0..self.elements.len()).filter(|at| *at != expected).find_map(is_like);
        let (at, length) = is_like(expected).or_else(others)?;
        self.patience = PATIENCE.min(self.patience + 1);
        self.follow(at);
        Some(length)
    }

    /// Remembers a well-formed element that is like none.
    pub(in crate::reading) fn learn(&mut self, bytes: &[u8]) {
        self.patience = self.patience.saturating_sub(1);
        if self.patience == 0 {
            self.elements.clear();
        } else if bytes.len() <= LONGEST {
            let element = Element { bytes: bytes.to_vec(), gaps: gaps(bytes), next: 0 };
            let at = if self.elements.len() < MOST { self.elements.len() } else { (self.last + 1) % MOST };
            match self.elements.get_mut(at) {
                Some(known) => *known = element,
                None => self.elements.push(element),
            }
            self.follow(at);
        }
    }

    fn follow(&mut self, at: usize) {
        if let Some(last) = self.elements.get_mut(self.last) {
            last.next = at;
        }
        self.last = at;
    }
}

impl Element {
    fn length(&self, bytes: &[u8]) -> Option<usize> {
        let (mut known, mut at) = (0, 0);
        let mut gaps = self.gaps.iter();
        loop {
            let same = common(self.bytes.get(known..)?, bytes.get(at..)?);
            known += same;
            at += same;
            if known == self.bytes.len() {
                return Some(at);
            }
            let gap = gaps.find(|gap| gap.end >= known).filter(|gap| gap.start <= known)?;
            match gap.kind {
                Kind::Value => at += memchr(b'"', bytes.get(at..)?)?,
                Kind::Text => {
                    // A reference may have begun before they differ.
                    at -= known - gap.start;
                    at += text(bytes.get(at..)?).ok()?;
                }
            }
            known = gap.end;
        }
    }
}

/// How many bytes are the same.
#[inline]
fn common(one: &[u8], other: &[u8]) -> usize {
    let (words, _) = one.as_chunks::<8>();
    let (other_words, _) = other.as_chunks::<8>();
    let mut same = 0;
    for (word, other_word) in words.iter().zip(other_words) {
        let difference = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other_word);
        if difference != 0 {
            return same + difference.trailing_zeros() as usize / 8;
        }
        same += 8;
    }
    let rest = one.iter().zip(other).skip(same);
    same + rest.take_while(|(byte, other_byte)| byte == other_byte).count()
}

/// The values and texts of an element; none behind an apostrophe in a tag, which may quote.
fn gaps(bytes: &[u8]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut is_tag = false;
    let mut start = 0;
    // Where the value begins inside of whose quotation marks we are.
    let mut value = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (byte, value) {
            (b'<', _) if !is_tag => {
                gaps.push(Gap { start, end: at, kind: Kind::Text });
                is_tag = true;
            }
            (b'"', None) if is_tag => value = Some(at + 1),
            (b'"', Some(start)) => {
                gaps.push(Gap { start, end: at, kind: Kind::Value });
                value = None;
            }
            (b'>', None) if is_tag => {
                is_tag = false;
                start = at + 1;
            }
            (b'\'', None) if is_tag => break,
            _ => {}
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_alike_but_for_values_and_texts() {
        let element = "<r a=\"1\" b=\"&lt;\"><c/>text é<d>5</d> <e></e></r>";
        for (other, is_alike) in [
            (element, true),
            ("<r a=\"23\" b=\"&lt;\"><c/>text é<d>5</d> <e></e></r>", true),
            ("<r a=\"\" b=\"&lt;\"><c/>text é<d></d><e>more</e></r>", true),
            ("<r a=\"1\" b=\"&lt;\">so<c/>text é<d>5</d> > \" <e></e></r>", true),
            ("<r a=\"1'\" b=\"&lt;\"><c/>text é<d>'</d> <e></e></r>", true),
            ("<r a=\"1\" b=\"&gt;\"><c/>text é<d>5</d> <e></e></r>", true),
            ("<r a=\"<>\" b=\"&lt;\"><c/>text é<d>5</d> <e></e></r>", true),
            ("<r a=\"1\" b=\"&lt;\"><c/>text ü<d>5</d> <e></e></r>", true),
            ("<r a=\"1\" b=\"&lt;\"><c/>text é<d>&amp;</d> <e></e></r>", true),
            ("<r a=\"1\" b=\"&lt;\"><c/>text é<d>&amp</d> <e></e></r>", false),
            ("<r a=\"1\" b=\"&lt;\"><c/>text é<d>5</d> <e/></r>", false),
            ("<r a=\"1\" c=\"&lt;\"><c/>text é<d>5</d> <e></e></r>", false),
            ("<r a='1' b=\"&lt;\"><c/>text é<d>5</d> <e></e></r>", false),
        ] {
            let mut known = Known::default();
            known.learn(element.as_bytes());
            let expected = is_alike.then_some(other.len());
            assert_eq!(known.length(format!("{other}<r a=\"").as_bytes()), expected, "{other}");
            assert_eq!(known.length(&other.as_bytes()[..other.len() - 1]), None, "{other}");
        }
    }

    #[test]
    fn references_are_whole_wherever_texts_differ() {
        let mut known = Known::default();
        known.learn(b"<a>&amp;</a>");
        for (other, expected) in [("<a>&am</a>", None), ("<a>&am;</a>", Some(11)), ("<a>&am&;</a>", None)] {
            assert_eq!(known.length(other.as_bytes()), expected, "{other}");
        }
    }

    #[test]
    fn as_many_are_known_as_serve() {
        let mut known = Known::default();
        for number in 10..10 + MOST + 2 {
            known.learn(format!("<a{number}>1</a{number}>").as_bytes());
        }
        for (number, expected) in
            [(10, None), (11, None), (12, Some(13)), (15, Some(13)), (11 + MOST, Some(13))]
        {
            assert_eq!(known.length(format!("<a{number}>23</a{number}>").as_bytes()), expected, "{number}");
        }
        known.learn(&[b' '; LONGEST + 1]);
        assert_eq!(known.length(&[b' '; LONGEST + 1]), None);
        for number in 100..100 + PATIENCE {
            known.learn(format!("<a{number}>1</a{number}>").as_bytes());
        }
        assert!(known.elements.is_empty());
    }
}
