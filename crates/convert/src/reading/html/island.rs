//! What Excel tells of a workbook within its pages, in islands of XML: the names of the sheets, where they are, whether
//! they are hidden, and the date system. They stand in comments that only Office reads.

use super::super::Visibility;
use super::super::limits::{Excess, room_for_one_more};

/// A sheet of a workbook that was saved as pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Worksheet {
    pub(super) name: String,
    /// The page that holds it, as the page that lists it names it.
    source: Option<String>,
    pub(super) visibility: Visibility,
}

impl Worksheet {
    /// Whether this is the page at a location such as `file:///C:/x/sheet001.htm`.
    pub(super) fn is_at(&self, location: &str) -> bool {
        let file = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
        self.source.as_deref().is_some_and(|source| !source.is_empty() && file(source) == file(location))
    }
}

/// The sheets that a page tells of.
pub(super) fn worksheets(page: &str, most: usize) -> Result<Vec<Worksheet>, Excess> {
    let mut worksheets = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("<x:ExcelWorksheet>") {
        let (island, after) = after.split_once("</x:ExcelWorksheet>").unwrap_or((after, ""));
        rest = after;
        room_for_one_more(worksheets.len(), most, "sheets")?;
        let name = between(island, "<x:Name>", "</x:Name>").unwrap_or_default();
        let visibility = match between(island, "<x:Visible>", "</x:Visible>").map(str::trim) {
            Some("SheetHidden") => Visibility::Hidden,
            Some("SheetVeryHidden") => Visibility::VeryHidden,
            Some(_) | None => Visibility::Visible,
        };
        let source = between(island, "<x:WorksheetSource HRef=\"", "\"").map(unescaped);
        worksheets.push(Worksheet { name: unescaped(name.trim()), source, visibility });
    }
    Ok(worksheets)
}

/// The names that a page defines, each with what it stands for: `='Q 1'!$A$4:$F$20`. Those that the program gives are
/// left out.
pub(super) fn names(page: &str, most: usize) -> Result<Vec<(String, String)>, Excess> {
    const OWN_NAMES: [&str; 3] = ["Print_Area", "Print_Titles", "_FilterDatabase"];
    let mut names = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("<x:ExcelName>") {
        let (island, after) = after.split_once("</x:ExcelName>").unwrap_or((after, ""));
        rest = after;
        let name = between(island, "<x:Name>", "</x:Name>").map(|name| unescaped(name.trim()));
        let cells = between(island, "<x:Formula>", "</x:Formula>").map(|cells| unescaped(cells.trim()));
        let Some((name, cells)) = name.zip(cells) else { continue };
        if !island.contains("<x:Hidden/>") && !OWN_NAMES.contains(&name.as_str()) {
            room_for_one_more(names.len(), most, "names")?;
            names.push((name, cells));
        }
    }
    Ok(names)
}

/// Whether the serial numbers of the page count from 1904.
pub(super) fn counts_from_1904(page: &str) -> bool {
    page.contains("<x:Date1904/>") || page.contains("<x:Date1904>")
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}
