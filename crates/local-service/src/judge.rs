//! The service's own opinion of a file, in a few strict lines that share nothing with the linter: if the two
//! agree, both have read the articles. It refuses whatever the articles do not allow in so many words.

use chrono::NaiveDate;
use serde_json::Value;

/// The two kinds of updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updates {
    /// `External ID`, `Current Metric Value`, `As Of Date`, `Comment`.
    Metric,
    /// `External ID`, `Status`, `Current Metric Value`, `As Of Date`, `Comment`.
    Progress,
}

const STATUSES: [&str; 7] =
    ["on track", "off track", "at risk", "achieved", "not achieved", "canceled", "not started"];

impl Updates {
    pub(crate) fn of(segment: &str) -> Option<Self> {
        match segment {
            "metricupdates" => Some(Self::Metric),
            "progressupdates" => Some(Self::Progress),
            _ => None,
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Metric => &["External ID", "Current Metric Value", "As Of Date", "Comment"],
            Self::Progress => &["External ID", "Status", "Current Metric Value", "As Of Date", "Comment"],
        }
    }
}

/// Processes a CSV file: the number of rows taken, or what is wrong with the first bad one.
///
/// # Errors
/// A sentence for the customer, with the row as a spreadsheet program counts it.
pub fn judge(updates: Updates, file: &[u8]) -> Result<usize, String> {
    let text = std::str::from_utf8(file).map_err(|_| "The file is not UTF-8.".to_owned())?;
    let records = records(text)?;
    let columns = updates.columns();
    let has_header = records.first().is_some_and(|record| record[0].eq_ignore_ascii_case("External ID"));
    if has_header {
        check_header(&records[0], columns)?;
    }
    check_rows(updates, &records[usize::from(has_header)..], 1 + usize::from(has_header))
}

/// Processes a JSON array: the number of rows taken, or what is wrong with the first bad one.
///
/// # Errors
/// A sentence for the customer, with the row counted from 1.
pub fn judge_json(updates: Updates, body: &[u8]) -> Result<usize, String> {
    const NAMES: [&str; 5] = ["externalId", "status", "metricValue", "asOfDate", "comment"];
    let array: Vec<serde_json::Map<String, Value>> =
        serde_json::from_slice(body).map_err(|error| format!("The body is no array of objects: {error}."))?;
    let mut rows = Vec::new();
    for object in array {
        if let Some(stranger) = object.keys().find(|key| !NAMES.contains(&key.as_str())) {
            return Err(format!("Row {}: there is no field '{stranger}'.", rows.len() + 1));
        }
        let wanted = NAMES.iter().filter(|name| **name != "status" || updates == Updates::Progress);
        let cells = wanted.map(|name| match object.get(*name) {
            Some(Value::String(text)) if *name != "metricValue" => text.clone(),
            Some(Value::Number(number)) if *name == "metricValue" => number.to_string(),
            Some(_) => "of the wrong type".to_owned(),
            None => String::new(),
        });
        rows.push(cells.collect::<Vec<_>>());
    }
    check_rows(updates, &rows, 1)
}

/// `first` is the number of the first row.
fn check_rows(updates: Updates, rows: &[Vec<String>], first: usize) -> Result<usize, String> {
    if rows.is_empty() {
        return Err("The file has no rows.".to_owned());
    }
    for (index, row) in rows.iter().enumerate() {
        check_row(updates, row, updates.columns().len())
            .map_err(|reason| format!("Row {}: {reason}.", index + first))?;
    }
    Ok(rows.len())
}

fn check_header(header: &[String], columns: &[&str]) -> Result<(), String> {
    let known = |cell: &String, column: &&str| {
        cell.eq_ignore_ascii_case(column)
            || (*column == "Current Metric Value" && cell.eq_ignore_ascii_case("Metric Value"))
    };
    let width = columns.len();
    let sound = (header.len() == width || header.len() == width - 1)
        && header.iter().zip(columns).all(|(cell, column)| known(cell, column));
    if sound { Ok(()) } else { Err(format!("The header must be {}.", columns.join(", "))) }
}

fn check_row(updates: Updates, row: &[String], width: usize) -> Result<(), String> {
    if row.iter().all(String::is_empty) {
        return Err("empty rows are not allowed".to_owned());
    }
    if row.len() != width && row.len() != width - 1 {
        return Err(format!("{} columns instead of {} or {width}", row.len(), width - 1));
    }
    let id = &row[0];
    if id.is_empty() || id.contains([',', '"']) || id.to_lowercase().contains("external") {
        return Err(format!("'{id}' is not an External ID"));
    }
    let (value, date) = match updates {
        Updates::Metric => (&row[1], &row[2]),
        Updates::Progress => {
            if !STATUSES.contains(&row[1].to_lowercase().as_str()) {
                return Err(format!("'{}' is not a status", row[1]));
            }
            (&row[2], &row[3])
        }
    };
    let no_metric = updates == Updates::Progress && value.is_empty();
    if !no_metric && !is_number(value) {
        return Err(format!("'{value}' is not a number"));
    }
    if is_date(date) { Ok(()) } else { Err(format!("'{date}' is not a date")) }
}

/// `-?digits`, `-?digits.digits` or `-?.digits`, nothing else.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole.is_empty() || digits(whole)) && digits(fraction),
        None => digits(unsigned),
    }
}

/// ISO 8601 (a calendar, ordinal or week date, with any time of day) or `MM/DD/YYYY`, and a real day.
fn is_date(text: &str) -> bool {
    const FORMS: [(&str, usize); 7] = [
        ("%m/%d/%Y", 10),
        ("%Y-%m-%d", 10),
        ("%Y%m%d", 8),
        ("%Y-%j", 8),
        ("%Y%j", 7),
        ("%G-W%V-%u", 10),
        ("%GW%V%u", 8),
    ];
    let day = text.split_once('T').map_or(text, |(day, _)| day);
    FORMS.iter().any(|(form, length)| {
        day.len() == *length
            && !day.contains(|letter: char| letter.is_whitespace() || letter == '+')
            && NaiveDate::parse_from_str(day, form).is_ok()
    })
}

/// RFC 4180: commas, quotation marks doubled inside of quoted fields, LF or CRLF.
fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let mut record = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let field = record.last_mut().expect("a record has at least one field");
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if quoted => {
                quoted = false;
                if !matches!(characters.peek(), None | Some(',' | '\r' | '\n')) {
                    return Err(format!("Row {}: text after a closing quotation mark.", records.len() + 1));
                }
            }
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !quoted => records.push(std::mem::replace(&mut record, vec![String::new()])),
            other => field.push(other),
        }
    }
    if quoted {
        return Err(format!("Row {}: a quotation mark is not closed.", records.len() + 1));
    }
    if record.len() > 1 || !record[0].is_empty() {
        records.push(record);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_judged_as_the_articles_say() {
        let cases = [
            (Updates::Metric, "KPI-1,.2,03/31/2024\n", Ok(1)),
            (Updates::Metric, "External ID,Current Metric Value,As Of Date\nKPI-1,20,2024-03-31\n", Ok(1)),
            (
                Updates::Metric,
                "external id,metric value,as of date,comment\r\nA,-1.50,2024-W13-7,\"a, b\"",
                Ok(1),
            ),
            (Updates::Metric, "A,1,2024-03-31T09:00:00Z\nB,2,2024-091\nC,3,20240331\n", Ok(3)),
            (Updates::Progress, "A,On track,,03/31/2024\nB,ACHIEVED,1,03/31/2024,done\n", Ok(2)),
            (Updates::Metric, "", Err("no rows")),
            (Updates::Metric, "External ID,Current Metric Value,As Of Date\n", Err("no rows")),
            (
                Updates::Metric,
                "External ID,As Of Date,Current Metric Value\nA,1,2024-03-31\n",
                Err("The header"),
            ),
            (Updates::Metric, "ID,Current Metric Value,As Of Date\nA,1,2024-03-31\n", Err("Row 1: 'Current")),
            (Updates::Metric, "\u{feff}External ID,Metric Value,As Of Date\nA,1,2024-03-31\n", Err("Row 1")),
            (Updates::Metric, "A,1,03/31/2024\n\nB,1,03/31/2024\n", Err("Row 2: empty")),
            (Updates::Metric, "A,1,03/31/2024\n,,\n", Err("Row 2: empty")),
            (Updates::Metric, "A,1\n", Err("2 columns")),
            (Updates::Metric, "A,20%,03/31/2024\n", Err("'20%' is not a number")),
            (Updates::Metric, "A,\"1,000\",03/31/2024\n", Err("'1,000' is not a number")),
            (Updates::Metric, "A,1e3,03/31/2024\n", Err("not a number")),
            (Updates::Metric, "A,1.,03/31/2024\n", Err("not a number")),
            (Updates::Metric, "A,+1,03/31/2024\n", Err("not a number")),
            (Updates::Metric, "A,,03/31/2024\n", Err("not a number")),
            (Updates::Metric, "A, 1,03/31/2024\n", Err("not a number")),
            (Updates::Metric, "A,1,02/30/2024\n", Err("'02/30/2024' is not a date")),
            (Updates::Metric, "A,1,3/31/2024\n", Err("not a date")),
            (Updates::Metric, "A,1,31-Mar-2024\n", Err("not a date")),
            (Updates::Metric, "\"A, B\",1,03/31/2024\n", Err("not an External ID")),
            (Updates::Metric, "\"A \"\"B\"\"\",1,03/31/2024\n", Err("not an External ID")),
            (Updates::Metric, "My External KPI,1,03/31/2024\n", Err("not an External ID")),
            (Updates::Metric, "\"A\"B,1,03/31/2024\n", Err("text after")),
            (Updates::Metric, "\"A,1,03/31/2024\n", Err("not closed")),
            (Updates::Progress, "A,Ontrack,1,03/31/2024\n", Err("not a status")),
        ];
        for (updates, file, expected) in cases {
            match (judge(updates, file.as_bytes()), expected) {
                (Ok(rows), Ok(wanted)) => assert_eq!(rows, wanted, "{file:?}"),
                (Err(reason), Err(part)) => assert!(reason.contains(part), "{file:?}: {reason}"),
                (outcome, _) => panic!("{file:?}: {outcome:?}"),
            }
        }
        assert!(judge(Updates::Metric, b"\xff,1,03/31/2024\n").is_err());
    }

    #[test]
    fn json_is_judged_like_csv() {
        let cases = [
            (Updates::Metric, r#"[{"externalId":"A","metricValue":0.2,"asOfDate":"2024-03-31"}]"#, Ok(1)),
            (
                Updates::Progress,
                r#"[{"externalId":"A","status":"On Track","asOfDate":"2024-03-31","comment":"x"}]"#,
                Ok(1),
            ),
            (Updates::Metric, "[]", Err("no rows")),
            (Updates::Metric, "{}", Err("no array")),
            (
                Updates::Metric,
                r#"[{"externalId":"A","metricValue":"0.2","asOfDate":"2024-03-31"}]"#,
                Err("number"),
            ),
            (
                Updates::Metric,
                r#"[{"externalId":"A","metricValue":1,"asOfDate":"soon"}]"#,
                Err("Row 1: 'soon'"),
            ),
            (
                Updates::Metric,
                r#"[{"id":"A","metricValue":1,"asOfDate":"2024-03-31"}]"#,
                Err("no field 'id'"),
            ),
            (Updates::Progress, r#"[{"externalId":"A","asOfDate":"2024-03-31"}]"#, Err("not a status")),
        ];
        for (updates, body, expected) in cases {
            match (judge_json(updates, body.as_bytes()), expected) {
                (Ok(rows), Ok(wanted)) => assert_eq!(rows, wanted, "{body}"),
                (Err(reason), Err(part)) => assert!(reason.contains(part), "{body}: {reason}"),
                (outcome, _) => panic!("{body}: {outcome:?}"),
            }
        }
    }
}
