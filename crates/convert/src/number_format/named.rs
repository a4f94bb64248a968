//! Formats that pages and XML spreadsheets name instead of spelling them out. Source: Microsoft's XML Spreadsheet
//! Reference, and what Excel writes as `mso-number-format`.

/// The code of a named format; `None` for what is a code itself.
pub(crate) fn named_code(name: &str) -> Option<&'static str> {
    Some(match name {
        "Text" => "@",
        "General Date" => "m/d/yyyy h:mm",
        "Short Date" => "m/d/yyyy",
        "Medium Date" => "d-mmm-yy",
        "Long Date" => "dddd, mmmm d, yyyy",
        "Short Time" => "h:mm",
        "Medium Time" => "h:mm AM/PM",
        "Long Time" => "h:mm:ss AM/PM",
        "Currency" => "\"$\"#,##0.00_);[Red]\\(\"$\"#,##0.00\\)",
        "Euro Currency" => "[$€-2] #,##0.00_);[Red]\\([$€-2] #,##0.00\\)",
        "Fixed" => "0.00",
        "Standard" => "#,##0.00",
        "Percent" => "0.00%",
        "Scientific" => "0.00E+00",
        "General" | "Yes/No" | "True/False" | "On/Off" => "General",
        _ => return None,
    })
}
