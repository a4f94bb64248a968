//! What happens to a file before it is sent. The uploader knows bytes, the linter knows what is in them; they
//! meet here and nowhere else.

use anyhow::ensure;

use crate::connection::TemplateChoice;

/// A file that may be sent.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What to send: the file's bytes.
    pub(crate) bytes: Vec<u8>,
    /// The template: the one that was asked for, or the one the header tells of.
    pub(crate) template: TemplateChoice,
    /// Rows of data, the header not counted.
    pub(crate) rows: usize,
}

/// Checks a file for sending.
///
/// SEAM: this looks at the header and counts rows, no more; the service has the only opinion on the cells.
/// The linter takes this function over, and with it come the errors that keep a file from being sent.
///
/// # Errors
/// If the file is no UTF-8 text or has no rows.
pub(crate) fn checked(bytes: Vec<u8>, template: Option<TemplateChoice>) -> anyhow::Result<Checked> {
    let Ok(text) = std::str::from_utf8(&bytes) else {
        anyhow::bail!("the file is not UTF-8 text; `metricsheet convert` makes it so");
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    let cell =
        |name: &str| first.split(',').any(|cell| cell.trim().trim_matches('"').eq_ignore_ascii_case(name));
    let has_header = cell("External ID");
    let told = if has_header && cell("Status") {
        TemplateChoice::ProgressUpdates
    } else {
        TemplateChoice::MetricUpdates
    };
    let rows = lines.count() + usize::from(!has_header && !first.is_empty());
    ensure!(rows > 0, "the file has no rows");
    Ok(Checked { template: template.unwrap_or(told), rows, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_the_template_and_is_no_row() {
        use TemplateChoice::{MetricUpdates, ProgressUpdates};
        let cases = [
            ("External ID,Current Metric Value,As Of Date\nA,1,2024-03-31\n", None, MetricUpdates, 1),
            (
                "External ID,Status,Current Metric Value,As Of Date\r\nA,b,1,c\r\nB,b,2,c",
                None,
                ProgressUpdates,
                2,
            ),
            ("A,1,2024-03-31\nB,1,2024-03-31\n", None, MetricUpdates, 2),
            ("A,On Track,1,2024-03-31\n", Some(ProgressUpdates), ProgressUpdates, 1),
        ];
        for (text, asked, template, rows) in cases {
            let checked = checked(text.into(), asked).unwrap();
            assert_eq!((checked.template, checked.rows), (template, rows), "{text}");
        }
        for text in ["", "\n\n", "External ID,Current Metric Value,As Of Date\n"] {
            assert!(checked(text.into(), None).is_err(), "{text:?}");
        }
        assert!(checked(vec![0xff], None).is_err());
    }
}
