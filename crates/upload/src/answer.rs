//! One answer of the service, and the words in it. It refuses to trust them: whatever comes is cut, freed of
//! markup and control characters, and made a fragment that fits on a line.

use serde_json::Value;

/// The longest part of an answer that goes into a message, in characters.
const LONGEST_MESSAGE: usize = 300;

/// How much of a page is searched for words, in characters: each unclosed `<script` looks through the rest.
const LONGEST_PAGE: usize = 16 * 1024;

/// An answer as it came, with the key (should it be echoed) already replaced by stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The text of `Retry-After`, if there was one.
    pub retry_after: Option<String>,
    /// The body, or what arrived of it.
    pub body: Vec<u8>,
    /// False when the connection broke within the body or the body was too long to be read whole.
    pub complete: bool,
}

impl Answer {
    /// The body as text; bytes that are no UTF-8 show as replacement characters.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What the service says went wrong, if it says anything: the message of a JSON object, the text of a
    /// page, or the plain text.
    pub(crate) fn message(&self) -> Option<String> {
        let text = self.text();
        let said = match serde_json::from_str::<Value>(&text) {
            Ok(value) => in_json(&value),
            Err(_) if looks_like_markup(&text) => {
                without_markup(&text.chars().take(LONGEST_PAGE).collect::<String>())
            }
            Err(_) => text,
        };
        let line = one_line(&said);
        (!line.is_empty()).then_some(line)
    }

    /// The service's words as the tail of a sentence, or nothing.
    pub(crate) fn says(&self) -> String {
        self.message().map_or_else(String::new, |message| format!(", it says `{message}`"))
    }
}

/// The message members of an object, in the order of what services mostly use; else the whole as it came.
fn in_json(value: &Value) -> String {
    const KEYS: [&str; 9] = [
        "message",
        "errormessage",
        "exceptionmessage",
        "detail",
        "details",
        "error",
        "errors",
        "title",
        "reason",
    ];
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            values.iter().map(in_json).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
        }
        Value::Object(members) => KEYS
            .iter()
            .find_map(|wanted| {
                members
                    .iter()
                    .find(|(key, value)| {
                        key.to_ascii_lowercase().replace(['_', '-'], "") == *wanted && !value.is_null()
                    })
                    .map(|(_, value)| in_json(value))
            })
            .unwrap_or_else(|| value.to_string()),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn looks_like_markup(text: &str) -> bool {
    let start = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
    start.starts_with('<')
}

/// The text of a page: tags go, and with them whatever stands in `style` and `script`.
fn without_markup(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        let tag = &rest[open..];
        let unread = ["style", "script"].into_iter().find(|name| starts_with_name(&tag[1..], name));
        let end = match unread {
            Some(name) => tag.to_ascii_lowercase().find(&format!("</{name}")).map(|at| at + 1),
            None => Some(0),
        };
        let closed = end.and_then(|from| tag[from..].find('>').map(|at| from + at + 1));
        let Some(closed) = closed else { return text };
        rest = &tag[closed..];
    }
    text.push_str(rest);
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

fn starts_with_name(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// One line of bounded length without control characters; a final period goes, as messages have none.
fn one_line(text: &str) -> String {
    let printable = |letter: char| if letter.is_control() || letter == '`' { ' ' } else { letter };
    let words: String = text.chars().map(printable).collect();
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_MESSAGE) {
        Some((cut, _)) => format!("{}…", line[..cut].trim_end()),
        None => line.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Option<String> {
        Answer { status: 400, retry_after: None, body: body.as_bytes().to_vec(), complete: true }.message()
    }

    #[test]
    fn the_words_of_any_body_come_out_as_one_line() {
        let cases = [
            ("", None),
            ("  \r\n", None),
            ("null", None),
            ("Row 2: the date is invalid.", Some("Row 2: the date is invalid")),
            ("two\nlines\u{1b}[31m", Some("two lines [31m")),
            ("\"quoted text\"", Some("quoted text")),
            (r#"{"message":"No such item"}"#, Some("No such item")),
            (r#"{"Message":"No such item","StackTrace":"…"}"#, Some("No such item")),
            (r#"{"error":{"code":7,"message":"No such item"}}"#, Some("No such item")),
            (r#"{"errors":["row 1","row 2"]}"#, Some("row 1; row 2")),
            (r#"{"title":"Bad Request","detail":"row 3"}"#, Some("row 3")),
            (r#"{"message":null,"error_message":"row 4"}"#, Some("row 4")),
            (r#"{"code":7}"#, Some(r#"{"code":7}"#)),
            (
                "<html><head><title>502 Bad Gateway</title><style>p{}</style></head><body>a &amp; b</body></html>",
                Some("502 Bad Gateway a & b"),
            ),
            ("<html", None),
            ("<script>x > y", None),
            ("`ticks`", Some("ticks")),
        ];
        for (body, expected) in cases {
            assert_eq!(message(body).as_deref(), expected, "{body}");
        }
        let long = message(&"é".repeat(1000)).unwrap();
        assert_eq!(long.chars().count(), LONGEST_MESSAGE + 1);
        let noise = Answer { status: 400, retry_after: None, body: vec![0xff, 0, 7], complete: true };
        assert_eq!(noise.message().as_deref(), Some("\u{fffd}"));
    }

    #[test]
    fn a_page_made_to_be_slow_is_not() {
        let page = "<script ".repeat(256 * 1024 / 8);
        assert_eq!(message(&page), None);
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_it_panic_or_leaves_a_control_character(
            body in "([<>{}\\[\\]\",:a-z /&;]|<script|</style|message|\\PC|[\u{0}-\u{1f}]){0,60}"
        ) {
            if let Some(message) = message(&body) {
                proptest::prop_assert!(!message.chars().any(char::is_control), "{:?}", message);
                proptest::prop_assert!(message.chars().count() <= LONGEST_MESSAGE + 1);
            }
        }
    }
}
