//! The text of a settings file with values added. What people wrote stays as it stands: order, comments, blank
//! lines. Nothing is taken away, and a value that is there already is not written again.

use anyhow::Context as _;
use toml_edit::{DocumentMut, Item, TableLike, Value, table};

/// The text with these keys of the table `convert`; the same text if it says all of that already.
///
/// # Errors
/// If the text is no settings file.
pub(crate) fn with_conversion(text: &str, values: &[(&str, Value)]) -> anyhow::Result<String> {
    let mut document: DocumentMut = text.parse().context("it is not written in TOML")?;
    let is_new = !document.contains_key("convert");
    let convert = document.entry("convert").or_insert_with(table);
    if let (true, Item::Table(table), false) = (is_new, &mut *convert, text.trim().is_empty()) {
        table.decor_mut().set_prefix("\n");
    }
    let convert = convert.as_table_like_mut().context("its `convert` is no table")?;
    let mut is_changed = false;
    for (key, value) in values {
        is_changed |= set(convert, key, value);
    }
    Ok(if is_changed { document.to_string() } else { text.to_owned() })
}

/// Sets a key, unless it has this value; what stands around an older value stays around the new one.
fn set(table: &mut dyn TableLike, key: &str, value: &Value) -> bool {
    let mut value = value.clone();
    if let Some(Item::Value(old)) = table.get(key) {
        if plain(old) == plain(&value) {
            return false;
        }
        *value.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(item) => *item = Item::Value(value),
        None => {
            table.insert(key, Item::Value(value));
        }
    }
    true
}

/// The texts of a value, however they are written: `4` is as good as `"4"`.
fn plain(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(plain).collect(),
        Value::String(text) => vec![text.value().clone()],
        Value::Integer(number) => vec![number.value().to_string()],
        Value::Float(number) => vec![number.value().to_string()],
        Value::Boolean(flag) => vec![flag.value().to_string()],
        Value::Datetime(moment) => vec![moment.value().to_string()],
        Value::InlineTable(table) => vec![table.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays() {
        let values = [("header-row", Value::from(4)), ("sheet", ["Q1"].into_iter().collect())];
        for (text, expected) in [
            ("", "[convert]\nheader-row = 4\nsheet = [\"Q1\"]\n"),
            (
                "# Mine.\npercent = ['A-*'] # all of them\n",
                "# Mine.\npercent = ['A-*'] # all of them\n\n[convert]\nheader-row = 4\nsheet = [\"Q1\"]\n",
            ),
            (
                "[convert]\n# Below the titles.\nheader-row = 3   # was 2\nskip-hidden = true\n\n[severity]\nV = \"error\"\n",
                "[convert]\n# Below the titles.\nheader-row = 4   # was 2\nskip-hidden = true\nsheet = [\"Q1\"]\n\n\
                 [severity]\nV = \"error\"\n",
            ),
            (
                "convert = { skip-hidden = true }\n",
                "convert = { skip-hidden = true , header-row = 4, sheet = [\"Q1\"] }\n",
            ),
            (
                "convert.skip-hidden = true\n",
                "convert.skip-hidden = true\nconvert.header-row = 4\nconvert.sheet = [\"Q1\"]\n",
            ),
        ] {
            let changed = with_conversion(text, &values).unwrap();
            assert_eq!(changed, expected);
            assert_eq!(with_conversion(&changed, &values).unwrap(), changed);
        }
        let same = "[convert]\nheader-row = '4'\nsheet = [\n  'Q1', # the first\n]\n";
        assert_eq!(with_conversion(same, &values).unwrap(), same);
        assert!(with_conversion("convert = 3", &values).is_err());
        assert!(with_conversion("[convert", &values).is_err());
    }
}
