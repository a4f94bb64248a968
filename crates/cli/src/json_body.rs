//! The body that the service's newest article describes beside CSV: a JSON array of objects. Numbers keep
//! their digits; only the forms that JSON does not know (`.2`, `007`) are written in full.

use crate::before_sending::SentRow;

/// The array for rows that the check has passed.
pub(crate) fn json_body(rows: &[SentRow]) -> Vec<u8> {
    let objects: Vec<String> = rows.iter().map(json_object).collect();
    format!("[{}]", objects.join(",")).into_bytes()
}

fn json_object(row: &SentRow) -> String {
    let mut members = vec![member("externalId", &row.external_id)];
    members.extend(row.status.as_ref().map(|status| member("status", status)));
    // An item without a metric has no number, and an empty text is none.
    if !row.value.is_empty() {
        members.push(format!("\"metricValue\":{}", json_number(&row.value)));
    }
    members.push(member("asOfDate", &row.as_of_date));
    let comment = row.comment.as_ref().filter(|comment| !comment.is_empty());
    members.extend(comment.map(|comment| member("comment", comment)));
    format!("{{{}}}", members.join(","))
}

fn member(name: &str, text: &str) -> String {
    format!("\"{name}\":{}", serde_json::Value::from(text))
}

/// A plain decimal number as JSON writes it, digit for digit.
fn json_number(plain: &str) -> String {
    let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain), |unsigned| ("-", unsigned));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_become_json_numbers_digit_for_digit() {
        let cases = [
            (".2", "0.2"),
            ("-.50", "-0.50"),
            ("007", "7"),
            ("0", "0"),
            ("00.10", "0.10"),
            ("20", "20"),
            ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        ];
        for (plain, json) in cases {
            assert_eq!(json_number(plain), json);
        }
    }

    #[test]
    fn rows_become_objects_with_the_names_of_the_article() {
        let metric = SentRow {
            external_id: "KPI \\ 1".to_owned(),
            status: None,
            value: ".2".to_owned(),
            as_of_date: "03/31/2024".to_owned(),
            comment: Some("say \"hi\"".to_owned()),
        };
        let progress = SentRow {
            status: Some("On Track".to_owned()),
            value: String::new(),
            comment: Some(String::new()),
            ..metric.clone()
        };
        let body = String::from_utf8(json_body(&[metric, progress])).unwrap();
        assert_eq!(
            body,
            r#"[{"externalId":"KPI \\ 1","metricValue":0.2,"asOfDate":"03/31/2024","comment":"say \"hi\""},"#
                .to_owned()
                + r#"{"externalId":"KPI \\ 1","status":"On Track","asOfDate":"03/31/2024"}]"#
        );
        assert_eq!(json_body(&[]), b"[]");
    }
}
