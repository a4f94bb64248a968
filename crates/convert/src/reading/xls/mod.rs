//! xls: workbooks of Excel 97 to 2003, and of Excel 5 and 95. Each cell comes with its number format, each row
//! and column with its visibility. Source: MS-XLS.
//!
//! Workbooks of Excel 4 and older are refused; macro and chart sheets are only named.

mod names;
mod records;
mod sheet;

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use encoding_rs::Encoding;

use super::compound::{CompoundFile, u16_at, u32_at};
use super::encryption::{Password, decrypt_xls};
use super::foreign::STREAMS;
use super::limits::{Excess, Meter, Tally, room_for_one_more};
use super::rows::in_order;
use super::{
    Format, NamedArea, OtherKind, OtherSheet, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility,
};
use crate::number_format::{DateSystem, NumberFormat, built_in_code};

use records::{Parts, Record, Records, Texts};

mod kind {
    pub(super) const BOF: u16 = 0x0809;
    pub(super) const END: u16 = 0x000A;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const CODE_PAGE: u16 = 0x0042;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const XF: u16 = 0x00E0;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const SHARED_STRINGS: u16 = 0x00FC;
    pub(super) const WORKBOOKS: u16 = 0x01AE;
    pub(super) const SHEET_LIST: u16 = 0x0017;
    pub(super) const NAME: u16 = 0x0018;
}

pub(super) struct Xls {
    meter: Arc<Meter>,
    stream: Vec<u8>,
    texts: Texts,
    dates: DateSystem,
    sheets: Vec<Sheet>,
    other_sheets: Vec<OtherSheet>,
    offsets: Vec<usize>,
    /// From all sheets, charts too, to those of cells.
    positions: Vec<Option<usize>>,
    formats: Vec<Arc<NumberFormat>>,
    strings: Vec<Arc<str>>,
}

impl Xls {
    pub(super) fn open(
        source: Source,
        meter: &Arc<Meter>,
        password: Option<&Password>,
    ) -> Result<Self, ReadError> {
        // The whole file is kept in memory, so its size is bounded. Excel itself stops at 65,536 rows.
        let most = meter.limits.held_bytes;
        let mut bytes = Vec::new();
        let read = source.take(most + 1).read_to_end(&mut bytes)?;
        if read as u64 > most {
            return Err(Excess::bytes("the size of an xls file", most).into());
        }
        let stream = if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            let file = CompoundFile::open(&bytes)?;
            let stream = match file.stream("Workbook")? {
                Some(stream) => Some(stream),
                None => file.stream("Book")?,
            };
            stream.ok_or_else(|| without_workbook(&file))?
        } else {
            // Records without a container.
            bytes
        };
        Self::read_globals(decrypted(stream, password)?, meter)
    }

    fn read_globals(stream: Vec<u8>, meter: &Arc<Meter>) -> Result<Self, ReadError> {
        let mut records = Records::new(&stream, 0);
        let version = match records.next() {
            Some(Record { kind: kind::BOF, data }) => u16_at(data, 0),
            _ => None,
        };
        let mut texts = match version {
            Some(0x0600) => Texts::Unicode,
            Some(0x0500) => Texts::Bytes(encoding_rs::WINDOWS_1252),
            _ => {
                return Err(ReadError::broken(
                    "the workbook",
                    "it does not begin with Excel's mark of version 5 to 8",
                ));
            }
        };
        let mut globals = Globals::default();
        while let Some(record) = records.next() {
            match record.kind {
                kind::END => break,
                kind::CODE_PAGE => {
                    if let (Texts::Bytes(_), Some(page)) = (texts, u16_at(record.data, 0)) {
                        texts = Texts::Bytes(encoding(page));
                    }
                }
                kind::DATE_MODE if u16_at(record.data, 0) == Some(1) => globals.dates = DateSystem::From1904,
                kind::SHARED_STRINGS => {
                    let mut parts = vec![record.data];
                    parts.extend(records.continued());
                    globals.strings = shared_strings(parts, meter.limits.shared_text_bytes)?;
                }
                _ => {
                    globals.read(record, texts);
                    room_for_one_more(globals.positions.len(), meter.limits.sheets, "sheets")?;
                }
            }
        }
        let formats = globals.formats();
        let Globals { dates, sheets, other_sheets, offsets, positions, strings, .. } = globals;
        Ok(Self {
            meter: Arc::clone(meter),
            stream,
            texts,
            dates,
            sheets,
            other_sheets,
            offsets,
            positions,
            formats,
            strings,
        })
    }
}

/// What a compound file is whose workbook, if it has one, is embedded in something else.
fn without_workbook(file: &CompoundFile<'_>) -> ReadError {
    let is_at_root = |name: &str| file.stream(name).is_ok_and(|stream| stream.is_some());
    match STREAMS.iter().find(|(name, _)| is_at_root(name)) {
        Some((_, (found, advice))) => ReadError::NotAWorkbook { found, advice },
        None => ReadError::broken("the compound file", "it holds no workbook at its root"),
    }
}

/// The stream with its records readable.
fn decrypted(mut stream: Vec<u8>, password: Option<&Password>) -> Result<Vec<u8>, ReadError> {
    let mut records = Records::new(&stream, 0);
    let is_biff8 = records
        .next()
        .is_some_and(|record| record.kind == kind::BOF && u16_at(record.data, 0) == Some(0x0600));
    let description = records.take_while(|record| record.kind != kind::END);
    let description = description.into_iter().find(|record| record.kind == kind::FILE_PASS);
    if let Some(description) = description.map(|record| record.data.to_vec()) {
        decrypt_xls(&mut stream, &description, is_biff8, password)?;
    }
    Ok(stream)
}

/// What the first part of the stream says of the whole workbook.
#[derive(Default)]
struct Globals {
    dates: DateSystem,
    codes: HashMap<u16, String>,
    cell_formats: Vec<u16>,
    sheets: Vec<Sheet>,
    other_sheets: Vec<OtherSheet>,
    offsets: Vec<usize>,
    positions: Vec<Option<usize>>,
    strings: Vec<Arc<str>>,
}

impl Globals {
    fn read(&mut self, Record { kind, data }: Record<'_>, texts: Texts) {
        match kind {
            kind::FORMAT => {
                let Some(id) = u16_at(data, 0) else { return };
                let data = data.get(2..).unwrap_or_default();
                let code = match texts {
                    Texts::Unicode => texts.long(data),
                    Texts::Bytes(_) => texts.short(data),
                };
                self.codes.insert(id, code);
            }
            kind::XF => self.cell_formats.push(u16_at(data, 2).unwrap_or_default()),
            kind::BOUND_SHEET => {
                let name = texts.short(data.get(6..).unwrap_or_default());
                let (Some(offset), Some(state), Some(0)) = (u32_at(data, 0), data.get(4), data.get(5)) else {
                    let kind = match data.get(5) {
                        Some(1) => OtherKind::Macro,
                        Some(2) => OtherKind::Chart,
                        Some(6) => OtherKind::Module,
                        Some(_) | None => OtherKind::Missing,
                    };
                    self.other_sheets.push(OtherSheet { name, kind, tab: self.positions.len() });
                    self.positions.push(None);
                    return;
                };
                self.positions.push(Some(self.sheets.len()));
                let visibility = match state & 3 {
                    0 => Visibility::Visible,
                    1 => Visibility::Hidden,
                    _ => Visibility::VeryHidden,
                };
                self.sheets.push(Sheet { name, visibility });
                self.offsets.push(usize::try_from(offset).unwrap_or(usize::MAX));
            }
            _ => {}
        }
    }

    /// The number format of each cell format.
    fn formats(&self) -> Vec<Arc<NumberFormat>> {
        let mut known: HashMap<u16, Arc<NumberFormat>> = HashMap::new();
        let mut format = |id: u16| {
            let code = || self.codes.get(&id).map(String::as_str).or(built_in_code(id)).unwrap_or("General");
            Arc::clone(known.entry(id).or_insert_with(|| Arc::new(NumberFormat::new(code()))))
        };
        self.cell_formats.iter().map(|id| format(*id)).collect()
    }
}

fn shared_strings(parts: Vec<&[u8]>, limit: usize) -> Result<Vec<Arc<str>>, ReadError> {
    let mut parts = Parts::new(parts);
    // The counts in front are not believed; the strings end where the data ends.
    let (Some(_), Some(_)) = (parts.u32(), parts.u32()) else { return Ok(Vec::new()) };
    let mut strings: Vec<Arc<str>> = Vec::new();
    let mut tally = Tally::new("the memory of the shared texts", limit);
    while let Some(text) = parts.text() {
        tally.add(text.len())?;
        strings.push(text.into());
    }
    Ok(strings)
}

fn encoding(page: u16) -> &'static Encoding {
    match page {
        // Excel's own numbers of the Macintosh and Windows pages.
        0x8000 | 10_000 => encoding_rs::MACINTOSH,
        0x8001 => encoding_rs::WINDOWS_1252,
        page => codepage::to_encoding(page).unwrap_or(encoding_rs::WINDOWS_1252),
    }
}

impl Format for Xls {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn other_sheets(&self) -> &[OtherSheet] {
        &self.other_sheets
    }

    fn dates(&self) -> DateSystem {
        self.dates
    }

    fn areas(&mut self) -> Result<Option<Vec<NamedArea>>, ReadError> {
        Ok(Some(names::areas(&self.stream, self.texts, &self.positions, self.meter.limits.areas)?))
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let (Some(offset), Some(Sheet { name, .. })) = (self.offsets.get(sheet), self.sheets.get(sheet))
        else {
            return Ok(SheetFacts::default());
        };
        // Sheets may claim to begin at the same place, and each is read as if it were another.
        self.meter.charge(self.stream.len().saturating_sub(*offset) as u64)?;
        let mut records = Records::new(&self.stream, *offset);
        if !matches!(records.next(), Some(Record { kind: kind::BOF, .. })) {
            return Err(ReadError::broken(format!("sheet `{name}`"), "it is not where the workbook says"));
        }
        let read = |sink: &mut RowSink<'_>| {
            sheet::SheetReader::new(self.texts, &self.formats, &self.strings, sink).read(records.clone())
        };
        if sheet::is_disordered(records.clone()) {
            let most = usize::try_from(self.meter.limits.held_bytes).unwrap_or(usize::MAX);
            return in_order(most, sink, read);
        }
        read(sink)
    }
}
