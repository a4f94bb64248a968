//! Web archives (MHTML): the parts of a page in one file, as a letter holds its attachments.
//! Sources: RFC 2045, 2046 and 2557.
//!
//! Only pages and style sheets are kept. Parts within parts are read to a small depth.

use super::super::ReadError;
use super::super::base64::base64;
use super::super::limits::room_for_one_more;

/// How deep parts may stand within parts: letters with attached letters.
const DEPTH: usize = 8;

/// A part of an archive.
#[derive(Debug)]
pub(super) struct Part {
    /// Where it was.
    pub(super) location: String,
    /// Its media type, in lower case.
    pub(super) kind: String,
    /// The name of its encoding.
    pub(super) charset: Option<String>,
    /// Its bytes, decoded.
    pub(super) body: Vec<u8>,
}

/// Whether the first bytes of a file are those of an archive: the lines of a letter's head, one of which says that it
/// has parts.
pub(in super::super) fn is_archive(head: &[u8]) -> bool {
    let (head, _) = head_and_body(head);
    let fields = Fields::read(head);
    fields.get("mime-version").is_some() && fields.kind().starts_with("multipart/")
}

/// The pages and style sheets of an archive.
pub(super) fn parts(bytes: &[u8], most: u64) -> Result<Vec<Part>, ReadError> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut seen = 0;
    // Those that are still to be read, the first one last.
    let mut waiting: Vec<(&[u8], usize)> = vec![(bytes, 0)];
    while let Some((entity, depth)) = waiting.pop() {
        room_for_one_more(seen, most, "parts of the web archive")?;
        seen += 1;
        let (head, body) = head_and_body(entity);
        let fields = Fields::read(head);
        let kind = fields.kind();
        if kind.starts_with("multipart/") {
            let Some(boundary) = fields.parameter("boundary").filter(|it| !it.is_empty() && depth < DEPTH)
            else {
                continue;
            };
            waiting.extend(split(body, &boundary).into_iter().rev().map(|entity| (entity, depth + 1)));
        } else if matches!(kind.as_str(), "text/html" | "application/xhtml+xml" | "text/css") {
            let kind = if kind == "text/css" { kind } else { "text/html".to_owned() };
            let location = fields.get("content-location").unwrap_or_default().to_owned();
            let encoding = fields.get("content-transfer-encoding").unwrap_or_default().to_lowercase();
            let body = match encoding.as_str() {
                "quoted-printable" => quoted_printable(body),
                "base64" => base64(&String::from_utf8_lossy(body))
                    .ok_or_else(|| ReadError::broken("the web archive", "a part of it is not in base 64"))?,
                _ => body.to_vec(),
            };
            parts.push(Part { location, kind, charset: fields.parameter("charset"), body });
        }
    }
    Ok(parts)
}

/// The fields of a head, names in lower case, lines that go on joined.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(head: &[u8]) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in String::from_utf8_lossy(head).lines() {
            match (line.split_once(':'), fields.last_mut()) {
                (_, Some((_, value))) if line.starts_with([' ', '\t']) => {
                    value.extend([" ", line.trim()]);
                }
                (Some((name, value)), _) => {
                    fields.push((name.trim().to_lowercase(), value.trim().to_owned()));
                }
                (None, _) => {}
            }
        }
        Self(fields)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The media type; that of text where none is given.
    fn kind(&self) -> String {
        let value = self.get("content-type").unwrap_or("text/plain");
        value.split(';').next().unwrap_or_default().trim().to_lowercase()
    }

    /// A parameter of the media type.
    fn parameter(&self, name: &str) -> Option<String> {
        let parameters = self.get("content-type")?.split(';').skip(1);
        let mut parameters = parameters.filter_map(|it| it.split_once('='));
        let (_, value) = parameters.find(|(it, _)| it.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim().trim_matches('"').to_owned())
    }
}

/// What stands before and behind the first empty line, apart from such in front.
fn head_and_body(entity: &[u8]) -> (&[u8], &[u8]) {
    let entity = entity.trim_ascii_start();
    let mut at = 0;
    for line in entity.split_inclusive(|byte| *byte == b'\n') {
        let (head, rest) = entity.split_at(at);
        if line.trim_ascii().is_empty() {
            return (head, rest.get(line.len()..).unwrap_or_default());
        }
        at += line.len();
    }
    (entity, &[])
}

/// The parts between lines of `--boundary`.
fn split<'b>(body: &'b [u8], boundary: &str) -> Vec<&'b [u8]> {
    let mark = format!("--{boundary}").into_bytes();
    let mut parts = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(rest) = line.strip_prefix(mark.as_slice()) {
            let rest = rest.trim_ascii_end();
            if rest.is_empty() || rest == b"--" {
                parts.extend(start.and_then(|start| body.get(start..at)));
                start = (rest != b"--").then_some(at + line.len());
            }
        }
        at += line.len();
    }
    parts.extend(start.and_then(|start| body.get(start..at)));
    parts
}

/// Bytes written as text: `=3D` for `=`, and lines that end in `=` go on.
fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii_end();
        let goes_on = content.ends_with(b"=");
        let mut rest = content.strip_suffix(b"=").unwrap_or(content);
        while let Some((first, after)) = rest.split_first() {
            if let (b'=', Some(high), Some(low)) = (first, digit(after.first()), digit(after.get(1))) {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = after.get(2..).unwrap_or_default();
            } else {
                bytes.push(*first);
                rest = after;
            }
        }
        if !goes_on {
            bytes.push(b'\n');
        }
    }
    bytes
}
