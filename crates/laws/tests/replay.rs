//! What fuzzing once found worth keeping, and the fixtures, hold the laws.

use std::path::Path;

use metricsheet_laws::LAWS;

#[test]
fn the_corpora_hold_their_laws() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for (name, law) in LAWS {
        let Ok(folder) = std::fs::read_dir(corpora.join(name)) else {
            panic!("`fuzz/corpus/{name}` is missing")
        };
        let mut inputs = 0;
        for path in folder.flatten().map(|entry| entry.path()) {
            let Ok(bytes) = std::fs::read(&path) else { panic!("`{}` cannot be read", path.display()) };
            let outcome = std::panic::catch_unwind(|| law(&bytes));
            assert!(outcome.is_ok(), "`{}` breaks its law", path.display());
            inputs += 1;
        }
        assert!(inputs > 0, "`fuzz/corpus/{name}` is empty");
    }
}
