//! Fields of CSV as they are written: in quotation marks only where they need them.

/// Appends a record of several fields.
pub(crate) fn push_record<'f>(fields: impl Iterator<Item = &'f str>, to: &mut Vec<u8>) {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            to.push(b',');
        }
        push_field(field, to);
    }
    to.push(b'\n');
}

/// The same, of fields none of which needs quotation marks.
pub(crate) fn push_bare_record<'f>(fields: impl Iterator<Item = &'f str>, to: &mut Vec<u8>) {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            to.push(b',');
        }
        to.extend_from_slice(field.as_bytes());
    }
    to.push(b'\n');
}

fn push_field(field: &str, to: &mut Vec<u8>) {
    let bytes = field.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return to.extend_from_slice(bytes);
    }
    to.push(b'"');
    for byte in bytes {
        if *byte == b'"' {
            to.push(b'"');
        }
        to.push(*byte);
    }
    to.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::push_record;

    proptest! {
        #[test]
        fn records_are_written_as_the_csv_crate_does(
            fields in prop::collection::vec("[a,\"\n\r ;é\t]{0,6}", 2..5)
        ) {
            let mut ours = Vec::new();
            push_record(fields.iter().map(String::as_str), &mut ours);
            let mut theirs = csv::Writer::from_writer(Vec::new());
            theirs.write_record(&fields).unwrap();
            prop_assert_eq!(ours, theirs.into_inner().unwrap());
        }
    }
}
