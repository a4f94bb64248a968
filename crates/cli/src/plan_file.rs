//! The file that `plan pull` writes: a plan's items as the service gave them, and when and where they were
//! pulled. The service's articles do not say whether items carry their External ID and their metric's unit, so
//! both are looked for under the names that suggest themselves, and missing ones are shown as missing.

use anyhow::{Context, ensure};
use metricsheet_core::Unit;
use metricsheet_upload::PlanItem;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

/// The only version so far.
const VERSION: u32 = 1;

/// A plan file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlanFile {
    version: u32,
    /// The plan's ID.
    pub(crate) plan: String,
    /// The base URL it was pulled from.
    pub(crate) place: String,
    /// When.
    pub(crate) pulled: String,
    /// Each item to the letter.
    items: Vec<PlanItem>,
}

/// What is known of one item.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct KnownItem {
    pub(crate) external_id: Option<String>,
    #[serde(serialize_with = "sign")]
    pub(crate) unit: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minimum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maximum: Option<String>,
    pub(crate) name: Option<String>,
}

#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
fn sign<S: Serializer>(unit: &Option<Unit>, serializer: S) -> Result<S::Ok, S::Error> {
    unit.as_ref().map(Unit::sign).serialize(serializer)
}

impl PlanFile {
    /// A plan that was just pulled.
    pub(crate) fn new(plan: String, place: String, pulled: String, items: Vec<PlanItem>) -> Self {
        Self { version: VERSION, plan, place, pulled, items }
    }

    /// Reads the text of a plan file.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let file: Self =
            serde_json::from_str(text).context("it is no plan file; `metricsheet plan pull` makes one")?;
        ensure!(file.version == VERSION, "it has version {}, and only {VERSION} is known", file.version);
        Ok(file)
    }

    /// The text of the file: one item a line, so that two pulls can be compared line by line.
    pub(crate) fn text(&self) -> anyhow::Result<String> {
        let header = [("plan", &self.plan), ("place", &self.place), ("pulled", &self.pulled)]
            .map(|(key, value)| format!(" \"{key}\": {},\n", Value::from(value.as_str())));
        let items: Vec<String> = self
            .items
            .iter()
            // Items of several lines are written on one; their spaces mean nothing, those in texts stay.
            .map(|item| if item.get().contains('\n') { compact(item) } else { Ok(item.get().to_owned()) })
            .collect::<anyhow::Result<_>>()?;
        let items = if items.is_empty() { String::new() } else { format!("\n  {}\n ", items.join(",\n  ")) };
        Ok(format!("{{\"version\": {VERSION},\n{} \"items\": [{items}]}}\n", header.concat()))
    }

    /// What is known of each item.
    pub(crate) fn known(&self) -> Vec<KnownItem> {
        self.items.iter().map(known).collect()
    }
}

/// The item without the line breaks between its members; a raw line break cannot stand inside of a JSON text.
fn compact(item: &PlanItem) -> anyhow::Result<String> {
    let line = item.get().replace(['\n', '\r'], " ");
    serde_json::from_str::<&serde_json::value::RawValue>(&line)
        .context("an item cannot be written on one line")?;
    Ok(line)
}

fn known(item: &PlanItem) -> KnownItem {
    let members: Map<String, Value> = serde_json::from_str(item.get()).unwrap_or_default();
    let metric = members.get("metric").and_then(Value::as_object);
    // The item itself first, then the object that describes its metric.
    let find = |names: &[&str]| {
        [Some(&members), metric].into_iter().flatten().find_map(|object| text_of(object, names))
    };
    KnownItem {
        external_id: find(&["externalid"]),
        unit: find(&["metricunit", "unit", "unitofmeasure", "unittype"]).map(|word| Unit::read(&word)),
        minimum: find(&["minimum", "min", "minvalue", "minimumvalue", "low"]),
        maximum: find(&["maximum", "max", "maxvalue", "maximumvalue", "high"]),
        name: find(&["name", "title", "itemname"]),
    }
}

/// The text of the first member with one of the names, whatever its capitals and underscores.
fn text_of(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let plain = |key: &str| key.replace(['_', '-', ' '], "").to_ascii_lowercase();
    let value = names.iter().find_map(|name| {
        object.iter().find(|(key, value)| plain(key) == *name && !value.is_null()).map(|(_, value)| value)
    })?;
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> PlanItem {
        serde_json::value::RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn ids_and_units_are_found_under_the_names_that_suggest_themselves() {
        let known_as = |id: Option<&str>, unit: Option<Unit>, name: Option<&str>| KnownItem {
            external_id: id.map(str::to_owned),
            unit,
            minimum: None,
            maximum: None,
            name: name.map(str::to_owned),
        };
        let cases = [
            ("{}", known_as(None, None, None)),
            (
                r#"{"externalId":"A","unit":"%","name":"Share"}"#,
                known_as(Some("A"), Some(Unit::Percent), Some("Share")),
            ),
            (
                r#"{"External_ID":" A ","metricUnit":"Dollars","title":"x"}"#,
                known_as(Some("A"), Some(Unit::Dollars), Some("x")),
            ),
            (
                r##"{"externalID":7,"metric":{"unit_of_measure":"#"}}"##,
                known_as(Some("7"), Some(Unit::Number), None),
            ),
            (
                r#"{"externalId":null,"unit":"days"}"#,
                known_as(None, Some(Unit::Other("days".to_owned())), None),
            ),
            (r#"{"externalId":"","unit":{"id":1}}"#, known_as(None, None, None)),
            ("[1]", known_as(None, None, None)),
        ];
        for (text, expected) in cases {
            assert_eq!(known(&item(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_file_keeps_its_items_to_the_letter_and_can_be_read_again() {
        let items = [r#"{"a":0.10000000000000000001}"#, "{\"b\":\n  \"c\\nd\"}", "{}"];
        for count in 0..=items.len() {
            let pulled = items[..count].iter().map(|text| item(text)).collect();
            let file = PlanFile::new("p \"1\"".to_owned(), "https://x".to_owned(), "now".to_owned(), pulled);
            let text = file.text().unwrap();
            let again = PlanFile::parse(&text).unwrap();
            assert_eq!((again.plan.as_str(), again.items.len()), ("p \"1\"", count));
            assert_eq!(again.text().unwrap(), text, "writing what was read changes nothing");
            if count > 0 {
                assert_eq!(again.items[0].get(), items[0]);
            }
            assert_eq!(text.lines().count(), 5 + count + usize::from(count > 0), "{text}");
        }
        for text in ["", "{}", r#"{"version":2,"plan":"p","place":"x","pulled":"","items":[]}"#] {
            assert!(PlanFile::parse(text).is_err(), "{text}");
        }
    }
}
