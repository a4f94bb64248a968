//! The compound file that holds an xls workbook, or an encrypted one of a newer format: a small file system of sectors and chains.
//! Source: MS-CFB.
//!
//! Nothing the file says is believed: sector numbers are checked, chains that loop are refused, and only
//! streams at the root count, so that a workbook embedded in another is not taken for it.

use crate::reading::ReadError;

const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const NO_SECTOR: u32 = 0xFFFF_FFFF;
const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
const PART: &str = "the compound file";

/// A compound file in memory.
pub(super) struct CompoundFile<'b> {
    bytes: &'b [u8],
    sector_bytes: usize,
    mini_sector_bytes: usize,
    mini_cutoff: u64,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini_stream: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    is_stream: bool,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: u64,
}

impl<'b> CompoundFile<'b> {
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, ReadError> {
        let header = bytes.get(..HEADER_BYTES).ok_or_else(|| ReadError::broken(PART, "it is cut off"))?;
        let sector_bytes = match u16_at(header, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Err(ReadError::broken(PART, "its sectors have an unknown size")),
        };
        let mini_sector_bytes = 64;
        let field = |at: usize| u32_at(header, at).unwrap_or(NO_SECTOR);
        let mut file = Self {
            bytes,
            sector_bytes,
            mini_sector_bytes,
            mini_cutoff: u64::from(field(56)),
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini_stream: Vec::new(),
            entries: Vec::new(),
        };
        file.fat = file.read_fat(header)?;
        let directory = file.chain(field(48))?;
        let version = u16_at(header, 26).unwrap_or_default();
        file.entries = directory.chunks_exact(ENTRY_BYTES).map(|entry| Entry::read(entry, version)).collect();
        file.mini_fat = words(&file.chain(field(60))?);
        if let Some(root) = file.entries.first() {
            file.mini_stream = file.chain(root.start)?;
        }
        Ok(file)
    }

    /// The stream of this name at the root.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let mut waiting: Vec<u32> = self.entries.first().map(|root| root.child).into_iter().collect();
        let mut visited = vec![false; self.entries.len()];
        let mut found = None;
        while let Some(index) = waiting.pop() {
            let Some(index) = usize::try_from(index).ok().filter(|index| *index < self.entries.len()) else {
                continue;
            };
            // A tree that leads to an entry twice is no tree.
            if std::mem::replace(&mut visited[index], true) {
                continue;
            }
            let entry = &self.entries[index];
            if entry.is_stream && entry.name.eq_ignore_ascii_case(name) {
                found = Some(entry);
            }
            waiting.extend([entry.left, entry.right]);
        }
        let Some(entry) = found else { return Ok(None) };
        let mut stream = if entry.size < self.mini_cutoff {
            self.mini_chain(entry.start)?
        } else {
            self.chain(entry.start)?
        };
        stream.truncate(usize::try_from(entry.size).unwrap_or(usize::MAX));
        Ok(Some(stream))
    }

    /// The sector's bytes; the last sector of a file may be short.
    fn sector(&self, number: u32) -> Option<&'b [u8]> {
        let start = usize::try_from(number).ok()?.checked_add(1)?.checked_mul(self.sector_bytes)?;
        let end = start.checked_add(self.sector_bytes)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// The table of successors: its sectors are listed in the header, and in further sectors for large files.
    fn read_fat(&self, header: &[u8]) -> Result<Vec<u32>, ReadError> {
        let most = self.bytes.len() / self.sector_bytes + 1;
        let mut sectors = words(&header[76..HEADER_BYTES]);
        let mut next = u32_at(header, 68).unwrap_or(END_OF_CHAIN);
        let mut seen = 0;
        while let Some(sector) = self.sector(next) {
            seen += 1;
            if seen > most {
                return Err(ReadError::broken(PART, "its sector list loops"));
            }
            let mut list = words(sector);
            next = list.pop().unwrap_or(END_OF_CHAIN);
            sectors.extend(list);
        }
        sectors.retain(|sector| *sector < END_OF_CHAIN);
        // A list longer than the file is long names sectors that are not there.
        sectors.truncate(most);
        Ok(sectors.into_iter().filter_map(|sector| self.sector(sector)).flat_map(words).collect())
    }

    /// A chain longer than the file has sectors is a loop, found before it fills the memory.
    fn chain(&self, start: u32) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        for sector in Chain::new(&self.fat, start, self.bytes.len() / self.sector_bytes + 1) {
            let Some(sector) = self.sector(sector?) else { break };
            bytes.extend_from_slice(sector);
        }
        Ok(bytes)
    }

    fn mini_chain(&self, start: u32) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        for sector in Chain::new(&self.mini_fat, start, self.mini_stream.len() / self.mini_sector_bytes + 1) {
            let start = usize::try_from(sector?).unwrap_or(usize::MAX).saturating_mul(self.mini_sector_bytes);
            let end = start.saturating_add(self.mini_sector_bytes).min(self.mini_stream.len());
            let Some(sector) = self.mini_stream.get(start..end) else { break };
            bytes.extend_from_slice(sector);
        }
        Ok(bytes)
    }
}

/// Follows successors until the end of the chain; more steps than there are sectors are a loop.
struct Chain<'t> {
    table: &'t [u32],
    next: u32,
    left: usize,
}

impl<'t> Chain<'t> {
    fn new(table: &'t [u32], start: u32, longest: usize) -> Self {
        Self { table, next: start, left: longest.min(table.len()) }
    }
}

impl Iterator for Chain<'_> {
    type Item = Result<u32, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let sector = self.next;
        let successor = self.table.get(usize::try_from(sector).ok()?)?;
        let Some(left) = self.left.checked_sub(1) else {
            self.next = END_OF_CHAIN;
            return Some(Err(ReadError::broken(PART, "a chain of sectors loops")));
        };
        self.left = left;
        self.next = *successor;
        Some(Ok(sector))
    }
}

impl Entry {
    fn read(bytes: &[u8], version: u16) -> Self {
        let length = usize::from(u16_at(bytes, 64).unwrap_or_default()).min(64);
        let units = bytes[..length].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        let name = char::decode_utf16(units.take_while(|unit| *unit != 0));
        let field = |at: usize| u32_at(bytes, at).unwrap_or(NO_SECTOR);
        // Only files with large sectors use the upper half of the size; others may hold anything there.
        let upper = if version > 3 { field(124) } else { 0 };
        Self {
            name: name.map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
            is_stream: bytes.get(66) == Some(&2),
            left: field(68),
            right: field(72),
            child: field(76),
            start: field(116),
            size: u64::from(field(120)) | (u64::from(upper) << 32),
        }
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

pub(super) fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
}
