//! Workbooks with a password, encrypted by other programs: what they convert to, and what is said without the
//! password.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::fs::{self, File};
use std::path::PathBuf;

use metricsheet_convert::output::write_rows;
use metricsheet_convert::{Opening, Options, Password, Workbook, convert};
use metricsheet_core::{Applicability, Destination, Settings};

const FILES: [(&str, bool); 7] = [
    ("agile.xlsx", true),
    ("agile-built-in.xlsx", false),
    ("standard.xlsx", true),
    ("rc4-97.xls", true),
    ("rc4-cryptoapi.xls", true),
    ("rc4-built-in.xls", false),
    ("xor.xls", true),
];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks").join(name)
}

fn open(name: &str, password: Option<&str>) -> Result<Workbook, String> {
    let opening = Opening { password: password.map(Password::new), ..Opening::default() };
    let file = File::open(path("encrypted").join(name)).unwrap();
    Workbook::open_as(file, &opening).map_err(|error| error.to_string())
}

#[test]
fn the_password_opens_them_and_the_built_in_one_needs_no_asking() {
    let expected = fs::read_to_string(path("expected/metrics.csv")).unwrap();
    let settings = Settings { destination: Destination::NewFile, ..Settings::default() };
    let options = Options { fixes: Some(Applicability::Safe), ..Options::default() };
    for (name, needs_password) in FILES {
        for password in [Some("Blau-42"), None] {
            if password.is_none() && needs_password {
                continue;
            }
            let mut workbook = open(name, password).unwrap();
            let conversion = convert(&mut workbook, &options, &settings).unwrap();
            let mut csv = Vec::new();
            write_rows(&conversion.sheets[0], &mut csv).unwrap();
            assert_eq!(String::from_utf8(csv).unwrap(), expected, "{name}");
        }
    }
}

#[test]
fn without_the_password_it_is_said_how_to_give_it() {
    for (name, _) in FILES.iter().filter(|(_, needs_password)| *needs_password) {
        let error = open(name, None).unwrap_err();
        assert!(error.contains("`--password-env NAME`"), "{name}: {error}");
        for wrong in ["blau-42", "Blau-43", "Blau-42 ", "a", "ß", ""] {
            assert_eq!(
                open(name, Some(wrong)).unwrap_err(),
                "the password does not open the workbook",
                "{name}"
            );
        }
    }
}

#[test]
fn a_password_does_not_print() {
    assert_eq!(format!("{:?}", Password::new("Blau-42")), "Password(***)");
}

#[test]
fn encrypted_files_cut_off_are_refused() {
    for (name, _) in FILES {
        let whole = fs::read(path("encrypted").join(name)).unwrap();
        let opening = Opening { password: Some(Password::new("Blau-42")), ..Opening::default() };
        for part in 1..8 {
            let cut = std::io::Cursor::new(whole[..whole.len() * part / 8].to_vec());
            if let Err(error) = Workbook::open_as(cut, &opening) {
                assert!(!error.to_string().contains("gave up"), "{name}, {part}/8");
            }
        }
    }
}
