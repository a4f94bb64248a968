//! What conversions are compared by.

use metricsheet_convert::output::{RejectsWriter, write_rows};
use metricsheet_convert::{Conversion, Mended};

/// All that a conversion tells, in words and bytes; of mended findings only how many they are, if so wanted.
pub(crate) fn told(conversion: &Conversion, mended: Mended) -> Vec<String> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let mut told = Vec::new();
    for sheet in &conversion.sheets {
        let mut csv = Vec::new();
        write_rows(sheet, &mut csv).unwrap();
        let mut rejects = RejectsWriter::new(Vec::new()).unwrap();
        rejects.write("file", sheet).unwrap();
        told.extend([sheet.sheet.clone(), text(csv), text(rejects.into_inner().unwrap())]);
        told.push(format!("{:?} {:?}", sheet.tables, sheet.counts));
        told.push(format!("{} mended", sheet.mended_findings()));
        for finding in &sheet.findings {
            if mended == Mended::Counted && sheet.is_mended(finding) {
                continue;
            }
            let place = finding.place.row().map(|row| {
                (sheet.sheet_row(row), finding.place.field().and_then(|field| sheet.cell_name(row, field)))
            });
            told.push(format!("{finding:?} {:?} {}", place, sheet.is_mended(finding)));
        }
    }
    told.extend(conversion.without_table.iter().map(|(sheet, error)| format!("{sheet}: {error}")));
    told
}
