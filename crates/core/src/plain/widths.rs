//! Whether numeric IDs have lost zeros is seen from a few of them.

/// Whether the numeric IDs of a file all have one width but one (I008) takes few of them to tell: the first three
/// of each of the first three widths are read, so that the long way decides as it would on all.
#[derive(Debug, Default)]
pub struct IdWidths {
    seen: Vec<(usize, Vec<Vec<u8>>)>,
}

/// More widths, or more IDs of one width, change nothing.
const ENOUGH: usize = 3;

impl IdWidths {
    /// Whether the numeric ID has to be read, because it may decide.
    pub fn is_news(&mut self, id: &[u8]) -> bool {
        let width = id.len();
        let count = self.seen.len();
        match self.seen.iter_mut().find(|(seen, _)| *seen == width) {
            Some((_, ids)) if ids.len() >= ENOUGH || ids.iter().any(|known| known == id) => false,
            Some((_, ids)) => {
                ids.push(id.to_owned());
                true
            }
            None if count < ENOUGH => {
                self.seen.push((width, vec![id.to_owned()]));
                true
            }
            None => false,
        }
    }
}
