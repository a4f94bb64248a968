//! Laws of settings: whatever a settings file holds, it is understood or refused with its place.

/// A settings file.
pub(crate) fn file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(error) = metricsheet::understand_settings(text) {
        let said = format!("{error:#}");
        let place =
            said.strip_prefix("metricsheet.toml:").unwrap_or_else(|| panic!("without a place: {said}"));
        let line: usize =
            place.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
        let lines = text.lines().count().max(1) + 1;
        assert!((1..=lines).contains(&line), "line {line} of {lines}: {said}");
    }
}
