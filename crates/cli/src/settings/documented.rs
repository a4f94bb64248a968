//! A settings file to begin with: every setting with what it does, as comments. Nothing in it counts before somebody
//! takes a `#` away.

use serde_json::Value;

use super::catalogue::{self, Setting, Shape};

/// How long a line of documentation gets.
const LINE: usize = 100;

/// The text of the file.
pub(crate) fn documented() -> String {
    let mut text = "# Settings of metricsheet for the files in this folder and below it. Take the `#` away before those \
                    that are to count;\n# `metricsheet config` shows what is in force.\n"
        .to_owned();
    for setting in catalogue::ALL.iter().filter(|it| !it.name.contains('.')) {
        text.push_str(&commented(setting, &setting.name));
    }
    for (table, documentation) in catalogue::TABLES.iter() {
        text.extend(["\n", &wrapped(documentation), "\n[", table, "]\n"]);
        for setting in catalogue::ALL.iter() {
            if let Some(key) =
                setting.name.strip_prefix(table.as_str()).and_then(|rest| rest.strip_prefix('.'))
            {
                text.push_str(&commented(setting, key));
            }
        }
    }
    text
}

/// What the setting does, and a line that sets it: to what counts anyway, else to an example.
fn commented(setting: &Setting, key: &str) -> String {
    format!("\n{}\n# {key} = {}\n", wrapped(&setting.documentation), value(setting))
}

/// The text as lines of comment.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < LINE => line.extend([" ", word]),
            Some(_) | None => lines.push(format!("# {word}")),
        }
    }
    lines.join("\n")
}

fn value(setting: &Setting) -> String {
    let as_text = |text: &str| toml::Value::from(text).to_string();
    let choice = setting.choices.first().map(String::as_str);
    let example = such_as(&setting.documentation);
    match (&setting.default, setting.shape) {
        (Some(Value::String(default)), _) => as_text(default),
        (Some(default), _) => default.to_string(),
        (None, Shape::Text | Shape::WholeNumber | Shape::Flag) => {
            as_text(choice.or(example).unwrap_or_default())
        }
        (None, Shape::Texts) => format!("[{}]", example.map(as_text).unwrap_or_default()),
        // The documentation shows one entry, the shape a whole table.
        (None, Shape::TextByName | Shape::TextsByName) => {
            such_as(setting.shape.expected()).unwrap_or("{}").to_owned()
        }
    }
}

/// The first example that a sentence gives.
fn such_as(text: &str) -> Option<&str> {
    let (_, example) = text.split_once("such as `")?;
    Some(example.split_once('`')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::keys::{ConvertSettings, LimitSettings, SettingsFile};

    #[test]
    fn every_setting_is_there_and_none_is_set() {
        let text = documented();
        let unset: SettingsFile = toml::from_str(&text).unwrap();
        let empty_tables = SettingsFile {
            convert: Some(ConvertSettings::default()),
            limits: Some(LimitSettings::default()),
            ..SettingsFile::default()
        };
        assert_eq!(unset, empty_tables);
        // Without their `#`, the lines are settings.
        let is_key = |key: &str| key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let set: String = text
            .lines()
            .map(|line| line.strip_prefix("# ").unwrap_or(line))
            .filter(|line| {
                line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| is_key(key))
            })
            .fold(String::new(), |text, line| text + line + "\n");
        let set: toml::Table = toml::from_str(&set).unwrap();
        for setting in catalogue::ALL.iter() {
            let value = match setting.name.split_once('.') {
                Some((table, key)) => &set[table][key],
                None => &set[&setting.name],
            };
            assert_eq!(value.is_table(), setting.shape.is_table(), "{}", setting.name);
        }
        assert!(text.lines().all(|line| line.chars().count() <= LINE + 20), "{text}");
    }

    #[test]
    fn a_setting_is_shown_with_what_counts_or_an_example() {
        let text = documented();
        for line in [
            "# date-order = \"mdy\"",
            "# fiscal-year-start = 1",
            "# latest-date = \"2024-12-31\"",
            "# range = \"B4:F200\"",
            "# map = [\"External ID=KPI code\"]",
            "# sheet = []",
            "# severity = { V016 = \"error\" }",
            "# skip-hidden = false",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
