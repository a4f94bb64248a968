//! Sheets as `fixtures/layouts` describe them: a line for each row, cells between bars.

use std::fmt::Write as _;
use std::io::Cursor;

use metricsheet_convert::{Conversion, Options, Workbook, convert};
use metricsheet_core::{Applicability, Destination, Settings};

/// A sheet as the files describe it.
#[derive(Default)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Sheet {
    pub(crate) fn read(text: &str) -> Self {
        let mut sheet = Self { name: "Sheet1".to_owned(), ..Self::default() };
        sheet.settings.destination = Destination::NewFile;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix("sheet: ") {
                name.clone_into(&mut sheet.name);
            } else if let Some(setting) = line.strip_prefix("settings: ") {
                let (key, value) = setting.split_once('=').unwrap();
                sheet.settings.set(key, value).unwrap();
            } else {
                sheet.rows.push(line.split('|').map(|cell| cell.trim_start().to_owned()).collect());
            }
        }
        sheet
    }

    /// The sheet as an XML spreadsheet of 2003, the one format that is written in a few lines.
    pub(crate) fn xml(&self) -> String {
        let mut xml = String::from(
            "<?xml version=\"1.0\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" \
             xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Styles>\
             <Style ss:ID=\"percent\"><NumberFormat ss:Format=\"0%\"/></Style>\
             <Style ss:ID=\"day\"><NumberFormat ss:Format=\"m/d/yyyy\"/></Style>\
             <Style ss:ID=\"month\"><NumberFormat ss:Format=\"mmm-yy\"/></Style></Styles>",
        );
        write!(xml, "<Worksheet ss:Name=\"{}\"><Table>", self.name).unwrap();
        for (row, cells) in self.rows.iter().enumerate() {
            write!(xml, "<Row ss:Index=\"{}\">", row + 1).unwrap();
            for (column, text) in cells.iter().enumerate() {
                let is_merged = |row: usize, column: usize, mark: &str| {
                    self.rows.get(row).and_then(|cells| cells.get(column)).is_some_and(|it| it.trim() == mark)
                };
                let across =
                    (column + 1..cells.len()).take_while(|column| is_merged(row, *column, "<")).count();
                let down = (row + 1..self.rows.len()).take_while(|row| is_merged(*row, column, "^")).count();
                let (kind, style, content) = match text.trim() {
                    "<" | "^" => continue,
                    trimmed => match trimmed.split_once(':') {
                        Some(("d", day)) => ("DateTime", "day", format!("{day}T00:00:00.000")),
                        Some(("m", day)) => ("DateTime", "month", format!("{day}T00:00:00.000")),
                        Some(("t", _)) => ("String", "Default", text[2..].to_owned()),
                        _ if trimmed.is_empty() => continue,
                        _ => match (trimmed.strip_prefix('%'), trimmed.parse::<f64>()) {
                            (Some(number), _) => ("Number", "percent", number.to_owned()),
                            (None, Ok(_)) => ("Number", "Default", trimmed.to_owned()),
                            (None, Err(_)) => ("String", "Default", trimmed.to_owned()),
                        },
                    },
                };
                write!(
                    xml,
                    "<Cell ss:Index=\"{}\" ss:StyleID=\"{style}\" ss:MergeAcross=\"{across}\" ss:MergeDown=\"{down}\">\
                     <Data ss:Type=\"{kind}\">{content}</Data></Cell>",
                    column + 1
                )
                .unwrap();
            }
            xml.push_str("</Row>");
        }
        xml.push_str("</Table></Worksheet></Workbook>");
        xml
    }

    pub(crate) fn converted(&self) -> Conversion {
        let mut workbook = Workbook::open(Cursor::new(self.xml().into_bytes())).unwrap();
        let options = Options { fixes: Some(Applicability::Safe), ..Options::default() };
        convert(&mut workbook, &options, &self.settings).unwrap()
    }
}
