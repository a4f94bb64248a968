//! Layouts of all kinds, each with what is found in it.

use std::sync::Arc;

use super::*;
use crate::cell::StoredCell;
use crate::number_format::NumberFormat;

/// Rows from texts: cells between `|`, trimmed; numbers become numbers, `d:` and a number a date.
fn rows(texts: &[&str]) -> Vec<StoredRow> {
    let cell = |(column, text): (u32, &str)| {
        let text = text.trim();
        let (value, format) = match (text.strip_prefix("d:"), text.parse()) {
            _ if text.is_empty() => return None,
            (Some(serial), _) => (StoredValue::Number(serial.parse().unwrap()), "m/d/yyyy"),
            (None, Ok(number)) => (StoredValue::Number(number), "General"),
            (None, Err(_)) => (StoredValue::Text(text.into()), "General"),
        };
        let (column, format) = (ColumnIndex::new(column), Arc::new(NumberFormat::new(format)));
        Some(StoredCell { column, value, format, from_other_workbook: false })
    };
    (1..)
        .zip(texts)
        .map(|(number, text)| StoredRow {
            number: RowNumber::new(number),
            cells: (0..).zip(text.split('|')).filter_map(cell).collect(),
            ..StoredRow::default()
        })
        .filter(|row| !row.cells.is_empty())
        .collect()
}

/// `header row: columns` in the template's order, or the error.
fn found(texts: &[&str], wanted: &Wanted) -> String {
    let rows = rows(texts);
    let finder = Finder {
        wanted,
        settings: &metricsheet_core::Settings::default(),
        dates: crate::number_format::DateSystem::From1900,
        with_periods: false,
        sheet: "Sheet1",
    };
    let found = finder.headers(&rows).and_then(|headers| {
        headers.into_iter().flat_map(|it| it.layouts).next().ok_or_else(|| finder.reason(&rows))
    });
    match found {
        Ok(layout) => {
            let columns: Vec<_> = layout.columns.iter().map(|column| column.column.to_string()).collect();
            let header = layout.header.map_or_else(|| "none".to_owned(), |row| row.to_string());
            format!("{header}: {}", columns.join(" "))
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn tables_are_found() {
    for (texts, expected) in [
        // The service's own labels, first row.
        (&["External ID|Current Metric Value|As Of Date"][..], "1: A B C"),
        // Any order, amid other columns, below titles and blank rows.
        (&["Title", "", "Owner|Reporting date|KPI code|Target|Actual|Notes"], "3: C E B F"),
        // The exact label wins over aliases; an ID over a name; the value over the target.
        (&["KPI code|External ID|Value|Current Metric Value|Date|As Of Date"], "1: B D F"),
        (&["KPI name|KPI code|Actual|Date"], "1: B C D"),
        (&["KPI|Measure ID|Actual|Month|Effective date"], "1: B C E"),
        // A near spelling, where nothing better is there.
        (&["Exernal ID|Curent Metric Value|As Of Date"], "1: A B C"),
        // Line breaks and capitals are spelling.
        (&["EXTERNAL\nID|current metric\nvalue|as-of date"], "1: A B C"),
        // A legend that names some columns is not the header.
        (&["External ID|the code of the metric", "Date|when", "External ID|Value|Date"], "3: A B C"),
        // Columns with an equal claim: the cells below tell.
        (&["KPI code|Value|Actual|Date", "A|text|1|d:45382"], "1: A C D"),
        (&["KPI code|Actual|Report date|Due date|Effective date", "A|1|soon|none|d:45382"], "1: A B E"),
        // A description is no comment.
        (&["KPI code|Description|Value|Date"], "1: A C D"),
        // All of the progress labels make a progress update; a status alone does not.
        (&["External ID|Status|Current Metric Value|As Of Date"], "1: A B C D"),
        (&["KPI code|Status|Value|Date"], "1: A C D"),
    ] {
        assert_eq!(found(texts, &Wanted::default()), expected, "{texts:?}");
    }
}

#[test]
fn what_is_not_found_is_explained() {
    for (texts, expected) in [
        (
            &["KPI code|Value|Actual|Date", "A|1|1|d:45382"][..],
            "columns B (`Value`) and C (`Actual`) of header row 1 may both hold `Current Metric Value`; choose one, as \
             with `--map 'Current Metric Value=B'`",
        ),
        (
            &["Title", "KPI code|Value|Owner", "A|1|Lee"],
            "no header row labels `As Of Date`; row 2 comes nearest, with `KPI code`, `Value` and `Owner`; name a \
             column with `--map 'As Of Date=HEADER'`, or give one day for all rows with `--as-of`",
        ),
        (
            &["Dear all", "Apples|Pears|Plums", "1|2|3"],
            "no header row labels `External ID`, `Current Metric Value` and `As Of Date`; row 2 comes nearest, with \
             `Apples`, `Pears` and `Plums`; name a column with `--map 'External ID=HEADER'`",
        ),
        (
            &["1|2|3"],
            "no header row labels `External ID`, `Current Metric Value` and `As Of Date`; the sheet has no text that \
             could be a header; name a column with `--map 'External ID=HEADER'`",
        ),
    ] {
        assert_eq!(found(texts, &Wanted::default()), expected);
    }
}

#[test]
fn the_caller_has_the_last_word() {
    let map = |texts: &[&str]| texts.iter().map(|text| Mapping::parse(text).unwrap()).collect::<Vec<_>>();
    let texts = &["Report", "Code|Target|Actual|Result|Date", "A|1|2|3|d:45382"];
    for (wanted, expected) in [
        (Wanted { map: map(&["value=result"]), ..Wanted::default() }, "2: A D E"),
        (Wanted { map: map(&["Current Metric Value=B"]), ..Wanted::default() }, "2: A B E"),
        (
            Wanted { map: map(&["Value=Outcome"]), ..Wanted::default() },
            "no column is headed `Outcome` for `Current Metric Value`; row 2 has `Code`, `Target`, `Actual`, `Result` \
             and `Date`",
        ),
        (Wanted { map: map(&["Value=D"]), date_given: true, ..Wanted::default() }, "2: A D"),
        (
            Wanted {
                map: map(&["External ID=A", "Value=C", "Date=E"]),
                header_row: HeaderRow::Absent,
                ..Wanted::default()
            },
            "none: A C E",
        ),
        (
            Wanted { map: map(&["External ID=Code"]), header_row: HeaderRow::Absent, ..Wanted::default() },
            "without a header row, `External ID` needs column letters instead of `Code`",
        ),
        (
            Wanted { header_row: HeaderRow::At(RowNumber::new(9)), ..Wanted::default() },
            "row 9 cannot be the header: it is empty; give another `--header-row`",
        ),
    ] {
        assert_eq!(found(texts, &wanted), expected, "{wanted:?}");
    }
}
