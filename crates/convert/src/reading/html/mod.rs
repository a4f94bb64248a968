//! Web pages that call themselves workbooks, and those that spreadsheet programs save: Excel's own pages and web
//! archives (MHTML), the tables that report servers and scripts write and call `.xls`.
//!
//! The tables of a page stand one below the other on one sheet, as spreadsheet programs show them, with the text
//! around them in rows of its own. What a page says of a cell counts (`x:num`, `sdval`, a number format in its style);
//! all other cells are text. Nothing is fetched, no script is run, and what other files say of the style is not known.

mod archive;
mod hidden;
mod island;
mod page;
mod styles;
mod text;
mod value;

use std::io::Read as _;
use std::sync::Arc;

use encoding_rs::Encoding;
use html5gum::{DefaultEmitter, StringReader, Token, Tokenizer};
use metricsheet_delimited::{Decoded, encoding_named};

use super::area::reference;
use super::limits::{Excess, Meter, Tally, room_for_one_more};
use super::{
    AreaKind, Format, NamedArea, Opening, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility,
};
use crate::number_format::DateSystem;

use archive::Part;
use island::Worksheet;
use styles::Styles;

pub(super) use archive::is_archive;

/// How far from its beginning a page names its encoding.
const HEAD: usize = 8 << 10;

/// The tokens of a page, one after the other; pages cannot fail to be HTML.
type Tokens<'p> = Tokenizer<StringReader<'p>, DefaultEmitter>;

pub(super) struct Html {
    meter: Arc<Meter>,
    /// The text of each page that has a table.
    pages: Vec<String>,
    sheets: Vec<Sheet>,
    styles: Styles,
    dates: DateSystem,
    areas: Vec<NamedArea>,
}

impl Html {
    /// Opens a page, which is one sheet.
    pub(super) fn open(source: Source, meter: &Arc<Meter>, opening: &Opening) -> Result<Self, ReadError> {
        let part = Part {
            location: String::new(),
            kind: "text/html".to_owned(),
            charset: None,
            body: held(source, meter)?,
        };
        Self::of_parts(vec![part], meter, opening)
    }

    /// Opens a web archive, in which each page is a sheet.
    pub(super) fn open_archive(
        source: Source,
        meter: &Arc<Meter>,
        opening: &Opening,
    ) -> Result<Self, ReadError> {
        let bytes = held(source, meter)?;
        let parts = archive::parts(&bytes, meter.limits.parts)?;
        drop(bytes);
        Self::of_parts(parts, meter, opening)
    }

    fn of_parts(parts: Vec<Part>, meter: &Arc<Meter>, opening: &Opening) -> Result<Self, ReadError> {
        let mut html = Self {
            meter: Arc::clone(meter),
            pages: Vec::new(),
            sheets: Vec::new(),
            styles: Styles::default(),
            dates: DateSystem::default(),
            areas: Vec::new(),
        };
        let mut tally = Tally::new("the memory of the formats", meter.limits.format_bytes);
        let mut worksheets: Vec<Worksheet> = Vec::new();
        let mut names: Vec<(String, String)> = Vec::new();
        for part in parts {
            let text = decoded(part.body, part.charset.as_deref(), opening.encoding);
            if part.kind == "text/css" {
                html.styles.read(&text, &mut tally)?;
            }
            if part.kind != "text/html" {
                continue;
            }
            let own = island::worksheets(&text, meter.limits.sheets)?;
            names.extend(island::names(&text, meter.limits.areas)?);
            if island::counts_from_1904(&text) {
                html.dates = DateSystem::From1904;
            }
            if !html.read_styles(&text, &mut tally)? {
                // The page of an archive that lists its sheets has no table.
                worksheets.extend(own);
                continue;
            }
            room_for_one_more(html.sheets.len(), meter.limits.sheets, "sheets")?;
            let listed = worksheets.iter().find(|it| it.is_at(&part.location));
            let worksheet = listed.or(if let [only] = own.as_slice() { Some(only) } else { None });
            let name = worksheet.map(|it| it.name.clone()).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| match html.sheets.len() {
                0 => opening.sheet_name.clone(),
                before => format!("Sheet{}", before + 1),
            });
            let visibility = worksheet.map_or(Visibility::Visible, |it| it.visibility);
            html.sheets.push(Sheet { name, visibility });
            html.pages.push(text);
        }
        if html.pages.is_empty() {
            return Err(ReadError::NotAWorkbook {
                found: "a web page without a table",
                advice: "export it again: it may be a page to log in, or one that tells of an error",
            });
        }
        let areas = names.into_iter().filter_map(|(name, cells)| {
            let (sheet, range) = reference(&cells, '!', &html.sheets)?;
            Some(NamedArea { name, kind: AreaKind::Name, sheet, range })
        });
        html.areas = areas.collect();
        Ok(html)
    }

    /// Reads the style sheets of a page; tells whether it has a table.
    fn read_styles(&mut self, page: &str, tally: &mut Tally) -> Result<bool, ReadError> {
        let mut has_table = false;
        let mut is_style = false;
        for token in tokens(page) {
            match token {
                Token::StartTag(tag) => match tag.name.as_slice() {
                    b"style" => is_style = true,
                    b"td" | b"th" => has_table = true,
                    _ => {}
                },
                Token::EndTag(tag) if tag.name.as_slice() == b"style" => is_style = false,
                Token::String(text) if is_style => {
                    self.styles.read(&String::from_utf8_lossy(&text), tally)?;
                }
                Token::EndTag(_)
                | Token::String(_)
                | Token::Comment(_)
                | Token::Doctype(_)
                | Token::Error(_) => {}
            }
        }
        Ok(has_table)
    }
}

impl Format for Html {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn areas(&mut self) -> Result<Option<Vec<NamedArea>>, ReadError> {
        Ok(Some(self.areas.clone()))
    }

    fn dates(&self) -> DateSystem {
        self.dates
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let Some(page) = self.pages.get(sheet) else { return Ok(SheetFacts::default()) };
        self.meter.charge(page.len() as u64)?;
        page::read(page, &mut self.styles, &self.meter.limits, sink)
    }
}

/// The whole file: a page can name its encoding anywhere near its beginning, and its styles anywhere.
fn held(source: Source, meter: &Meter) -> Result<Vec<u8>, ReadError> {
    let most = meter.limits.held_bytes;
    let mut bytes = Vec::new();
    if source.take(most + 1).read_to_end(&mut bytes)? as u64 > most {
        return Err(Excess::bytes("the size of a web page", most).into());
    }
    Ok(bytes)
}

/// The text of a page: UTF-8 or marked, else as its archive, itself or the caller says, else by its look.
fn decoded(bytes: Vec<u8>, charset: Option<&str>, declared: Option<&'static Encoding>) -> String {
    let named = charset.and_then(encoding_named).or_else(|| named_encoding(&bytes)).or(declared);
    let text = match Decoded::read(&bytes, named).text {
        std::borrow::Cow::Owned(text) => text,
        std::borrow::Cow::Borrowed(_) => String::from_utf8(bytes).unwrap_or_default(),
    };
    match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    }
}

/// The encoding that a page names: `<meta charset=…>`, or the same within `content="text/html; charset=…"`.
fn named_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..HEAD.min(bytes.len()))?.to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let (_, after) = head.split_once("<meta").map(|(_, after)| after.split_once("charset="))??;
    let name = after.trim_start_matches(['"', '\'', ' ']);
    let end =
        name.find(|it: char| !(it.is_ascii_alphanumeric() || "-_:.".contains(it))).unwrap_or(name.len());
    encoding_named(name.get(..end)?)
}

fn tokens(page: &str) -> impl Iterator<Item = Token> {
    let mut emitter = DefaultEmitter::default();
    // Scripts and style sheets hold what looks like tags.
    emitter.naively_switch_states(true);
    let tokens: Tokens<'_> = Tokenizer::new_with_emitter(page, emitter);
    tokens.map(|token| match token {
        Ok(token) => token,
    })
}

#[cfg(test)]
mod tests;
