//! How records are read, by the rules and where they are broken.

use metricsheet_delimited::{Dialect, Escape, Quote, Records, detect};

fn rows(text: &str, dialect: &Dialect, usual: usize) -> Vec<Vec<String>> {
    let mut records = Records::new(text, dialect, 0, usual);
    let mut rows = Vec::new();
    while let Some(record) = records.read() {
        rows.push(record.fields.iter().map(|field| field.clone().into_owned()).collect());
    }
    rows
}

#[test]
fn records_are_read_by_the_rules() {
    let dialect = Dialect::rfc4180();
    for (text, expected) in [
        ("a,b\n1,2\n", vec![vec!["a", "b"], vec!["1", "2"]]),
        ("a,b\r1,\r\n,", vec![vec!["a", "b"], vec!["1", ""], vec!["", ""]]),
        ("\"1,\"\"x\"\"\n2\",y", vec![vec!["1,\"x\"\n2", "y"]]),
        ("a\n\nb", vec![vec!["a"], vec![], vec!["b"]]),
        ("\"a\" ,  \"b, c\"\n", vec![vec!["a", "b, c"]]),
        ("\"\",\"\"\"\"\n", vec![vec!["", "\""]]),
        ("5\" pipe,x\"\n", vec![vec!["5\" pipe", "x\""]]),
    ] {
        assert_eq!(rows(text, &dialect, 0), expected, "{text:?}");
    }
}

#[test]
fn broken_quoting_is_read_as_it_was_meant() {
    let dialect = Dialect::rfc4180();
    for (text, expected) in [
        // Marks that should have been doubled.
        ("1,\"5\" pipe\",x\n", vec![vec!["1", "5\" pipe", "x"]]),
        ("1,\"5\"\",\"6\"\n", vec![vec!["1", "5\"", "6"]]),
        // A mark too many, at the beginning of a field.
        ("1,\"abc,\"d, e\"\n2,b,c\n", vec![vec!["1", "\"abc", "d, e"], vec!["2", "b", "c"]]),
        ("1,\"\"abc\",d\n", vec![vec!["1", "\"abc", "d"]]),
        // A mark that is never closed.
        ("1,b,\"c\n2,d,e\n", vec![vec!["1", "b", "\"c"], vec!["2", "d", "e"]]),
        // A mark that is closed by one of another record.
        ("1,b,\"\n2,d,\"\"\n3,e,f\n", vec![vec!["1", "b", "\""], vec!["2", "d", ""], vec!["3", "e", "f"]]),
        ("1,\"a\"b,c\n", vec![vec!["1", "\"a\"b", "c"]]),
    ] {
        assert_eq!(rows(text, &dialect, 3), expected, "{text:?}");
    }
}

#[test]
fn other_dialects_are_read() {
    let dialect =
        |delimiter: &str, quote, escape| Dialect { delimiter: Some(delimiter.to_owned()), quote, escape };
    for (text, dialect, expected) in [
        ("a||\"b||c\"||d", dialect("||", Quote::Double, Escape::Doubled), vec!["a", "b||c", "d"]),
        ("a, \"b, c\",", dialect(", ", Quote::Double, Escape::Doubled), vec!["a", "b, c", ""]),
        ("'it''s',b", dialect(",", Quote::Single, Escape::Doubled), vec!["it's", "b"]),
        (
            "\"5\\\" x\",\"a\\\\\",\"C:\\d\"",
            dialect(",", Quote::Double, Escape::Backslash),
            vec!["5\" x", "a\\", "C:\\d"],
        ),
        ("a\\,b,c", dialect(",", Quote::Double, Escape::Backslash), vec!["a,b", "c"]),
    ] {
        assert_eq!(rows(text, &dialect, 0), [expected], "{text:?}");
    }
    let lines = Dialect { delimiter: None, ..Dialect::rfc4180() };
    assert_eq!(rows("a, b\nc\n", &lines, 0), [["a, b"], ["c"]]);
}

#[test]
fn comments_above_the_table_stay_whole() {
    let text = "# made by hand, \"5\n# on Monday\n#ID,Value\nA,1\nB,2\nC,3\n# D,4\n";
    let detected = detect(text);
    let found = rows(text, &detected.dialect, detected.width);
    assert_eq!(found[0], ["# made by hand, \"5"]);
    assert_eq!(found[2], ["#ID", "Value"]);
    assert_eq!(found[6], ["# D", "4"]);
}

#[test]
fn rows_and_lines_are_counted() {
    let dialect = Dialect::rfc4180();
    let mut records = Records::new("a\r\n\"b\nc\"\n\nd\n", &dialect, 0, 1);
    let mut places = Vec::new();
    while let Some(record) = records.read() {
        places.push((record.row, record.line));
    }
    assert_eq!(places, [(1, 1), (2, 2), (3, 4), (4, 5)]);
}
