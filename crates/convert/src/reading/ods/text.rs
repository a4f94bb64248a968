//! The texts of cells: paragraphs whose blanks are written as elements where there are several of them.

use crate::reading::markup::{Cursor, Stop};

/// An element of blanks stands for no more of them.
pub(super) const MOST_BLANKS: usize = 1024;

/// So deep may spans and links stand inside of each other.
pub(super) const MOST_SPANS: usize = 8;

/// Appends a text as it is shown: blanks and line ends in a row are one blank, at the beginning of a paragraph none;
/// other blanks are elements. Source: OpenDocument 1.3, part 3, 6.1.2.
pub(super) fn push_collapsed(text: &str, after_blank: &mut bool, to: &mut String) {
    for character in text.chars() {
        let is_blank = matches!(character, ' ' | '\t' | '\r' | '\n');
        if !is_blank {
            to.push(character);
        } else if !*after_blank {
            to.push(' ');
        }
        *after_blank = is_blank;
    }
}

/// Appends the rest of a paragraph and passes over its end. Its text may stand in spans and links.
pub(super) fn push_paragraph(cursor: &mut Cursor<'_>, to: &mut String) -> Result<(), Stop> {
    let mut after_blank = true;
    let mut open = 0;
    loop {
        match cursor.peek()? {
            b'<' if cursor.is_at(b"</text:p>")? => {
                cursor.at += b"</text:p>".len();
                return if open == 0 { Ok(()) } else { Err(Stop::Odd) };
            }
            b'<' => element(cursor, &mut open, &mut after_blank, to)?,
            b'&' => {
                to.push(entity(cursor)?);
                after_blank = false;
            }
            _ => {
                let rest = cursor.rest();
                let length = rest.iter().position(|byte| matches!(byte, b'<' | b'&')).ok_or(Stop::Short)?;
                let piece = std::str::from_utf8(rest.get(..length).unwrap_or_default());
                push_collapsed(piece.map_err(|_| Stop::Odd)?, &mut after_blank, to);
                cursor.at += length;
            }
        }
    }
}

/// Reads a tag inside of a paragraph.
fn element(
    cursor: &mut Cursor<'_>,
    open: &mut usize,
    after_blank: &mut bool,
    to: &mut String,
) -> Result<(), Stop> {
    for (tag, blank) in [(&b"<text:tab/>"[..], '\t'), (b"<text:line-break/>", '\n')] {
        if cursor.is_at(tag)? {
            cursor.at += tag.len();
            to.push(blank);
            return Ok(());
        }
    }
    for tag in [&b"</text:span>"[..], b"</text:a>"] {
        if cursor.is_at(tag)? {
            cursor.at += tag.len();
            *open = open.checked_sub(1).ok_or(Stop::Odd)?;
            return Ok(());
        }
    }
    for tag in [&b"<text:span"[..], b"<text:a"] {
        if cursor.is_at(tag)? {
            cursor.at += tag.len();
            while cursor.attribute()?.is_some() {}
            *open += usize::from(cursor.ends_element()?);
            return if *open > MOST_SPANS { Err(Stop::Odd) } else { Ok(()) };
        }
    }
    cursor.expect(b"<text:s")?;
    let mut count = 1;
    while let Some((name, value)) = cursor.attribute()? {
        if name != b"text:c" || count != 1 {
            return Err(Stop::Odd);
        }
        count = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok()).ok_or(Stop::Odd)?;
    }
    if cursor.ends_element()? {
        return Err(Stop::Odd);
    }
    to.extend(std::iter::repeat_n(' ', count.min(MOST_BLANKS)));
    *after_blank = false;
    Ok(())
}

/// Reads one of the entities that every XML document has.
fn entity(cursor: &mut Cursor<'_>) -> Result<char, Stop> {
    let known = [(&b"&amp;"[..], '&'), (b"&lt;", '<'), (b"&gt;", '>'), (b"&quot;", '"'), (b"&apos;", '\'')];
    for (entity, character) in known {
        if cursor.is_at(entity)? {
            cursor.at += entity.len();
            return Ok(character);
        }
    }
    Err(Stop::Odd)
}
