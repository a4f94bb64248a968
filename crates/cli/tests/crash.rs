//! Whatever ends a run, each file is afterwards the old one or the new one, whole: killed at any moment, no room
//! on the disk, no right to write, somebody else at the same files.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_metricsheet");

/// A file with something to mend in each of its rows.
fn dirty(rows: usize) -> String {
    let rows = (0..rows).map(|row| format!("KPI-{row},{}%,2024-03-31\n", row % 90));
    format!("External ID,Current Metric Value,As Of Date\n{}", rows.collect::<String>())
}

/// A folder of such files.
fn folder(files: usize, rows: usize) -> TempDir {
    let directory = TempDir::new().unwrap();
    for file in 0..files {
        std::fs::write(directory.path().join(format!("{file:03}.csv")), dirty(rows + file)).unwrap();
    }
    directory
}

/// The files of a folder by name; what a killed run has left unfinished is none of them.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let named = paths.filter(|path| !is_unfinished(path));
    named.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn is_unfinished(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with(".metricsheet-")
}

fn fix(directory: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["check", "--fix", "-q", "."]).current_dir(directory);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Every file is one of the two that it may be; says how many are new.
fn whole(
    directory: &Path,
    old: &BTreeMap<PathBuf, Vec<u8>>,
    new: &BTreeMap<PathBuf, Vec<u8>>,
    name: &str,
) -> usize {
    let now = contents(directory);
    assert_eq!(now.len(), old.len(), "{name}");
    for (path, bytes) in &now {
        assert!(*bytes == old[path] || *bytes == new[path], "{name}: `{}` is neither", path.display());
    }
    now.iter().filter(|(path, bytes)| **bytes == new[*path]).count()
}

/// What the files become when nothing disturbs: learnt from a copy in the same place.
fn fixed(directory: &Path, old: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<PathBuf, Vec<u8>> {
    assert_eq!(fix(directory).status().unwrap().code(), Some(0));
    let new = contents(directory);
    assert!(new.iter().all(|(path, bytes)| *bytes != old[path]));
    restore(old);
    new
}

fn restore(old: &BTreeMap<PathBuf, Vec<u8>>) {
    for (path, bytes) in old {
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_killed_fix_leaves_each_file_old_or_new() {
    let directory = folder(24, 300);
    let old = contents(directory.path());
    let new = fixed(directory.path(), &old);
    let mut states = Vec::new();
    for round in 0..12 {
        restore(&old);
        let mut child = fix(directory.path()).spawn().unwrap();
        // Killed when the file of this number has been written, which is in the middle of others.
        let (path, before) = old.iter().nth(round * 2).unwrap();
        while round > 0 && std::fs::read(path).unwrap() == *before && child.try_wait().unwrap().is_none() {}
        let _ = child.kill();
        child.wait().unwrap();
        states.push(whole(directory.path(), &old, &new, &format!("round {round}")));
    }
    assert!(states.iter().any(|new| (1..old.len()).contains(new)), "killed in between: {states:?}");
    assert_eq!(fix(directory.path()).status().unwrap().code(), Some(0));
    assert_eq!(whole(directory.path(), &old, &new, "run again"), old.len());
}

/// Runs the program with files that may not grow beyond so many blocks: a disk that fills. Where the system's
/// signal is not ignored, it kills the program in the middle of writing.
fn with_little_room(blocks: u32, ignore_signal: bool, directory: &Path, arguments: &[&str]) -> Output {
    let trap = if ignore_signal { "trap '' XFSZ; " } else { "" };
    Command::new("sh")
        .args(["-c", &format!("{trap}ulimit -f {blocks}; exec \"$0\" \"$@\""), PROGRAM])
        .args(arguments)
        .current_dir(directory)
        .env("XDG_STATE_HOME", directory.join("state"))
        .env("ACHIEVEIT_API_KEY", "local-key")
        .output()
        .unwrap()
}

#[test]
fn a_full_disk_leaves_the_old_files_and_is_said() {
    let directory = folder(3, 3_000);
    let old = contents(directory.path());
    for ignore_signal in [true, false] {
        let run = with_little_room(16, ignore_signal, directory.path(), &["check", "--fix", "-q", "."]);
        assert_eq!(contents(directory.path()), old, "{run:?}");
        if ignore_signal {
            assert_eq!(run.status.code(), Some(2), "{run:?}");
            let said = String::from_utf8(run.stderr).unwrap();
            assert!(said.contains("cannot write the fixed") && said.contains("left as it is"), "{said}");
            let leftovers = std::fs::read_dir(directory.path()).unwrap();
            assert!(!leftovers.map(|entry| entry.unwrap().path()).any(|path| is_unfinished(&path)));
        } else {
            assert_eq!(run.status.code(), None, "killed by the signal: {run:?}");
        }
    }
}

/// A small file system of its own, in which a shell runs `commands`; `None` where the system gives nobody but root one.
#[cfg(target_os = "linux")]
fn on_a_small_disk(kibibytes: u32, commands: &str) -> Option<Output> {
    let directory = TempDir::new().unwrap();
    let script = format!(
        "mount -t tmpfs -o size={kibibytes}k tmpfs '{0}' || exit 99; cd '{0}'; {commands}",
        directory.path().display()
    );
    let output =
        Command::new("unshare").args(["-rm", "sh", "-c", &script]).env("PROGRAM", PROGRAM).output().ok()?;
    (output.status.code() != Some(99) && output.status.code() != Some(1)).then_some(output)
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_really_full_leaves_the_old_files_and_is_said() {
    let source = folder(3, 3_000);
    let copy = format!("cp '{}'/*.csv .; cp 000.csv before; ", source.path().display());
    let check =
        "\"$PROGRAM\" check --fix -q . ; status=$?; cmp 000.csv before && ls -A && exit $((status + 10))";
    // The three files take about 260 KiB: there is room for them and for no fourth one.
    let Some(run) = on_a_small_disk(400, &(copy + check)) else { return };
    assert_eq!(run.status.code(), Some(12), "{run:?}");
    let (files, said) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert_eq!(files.lines().collect::<Vec<_>>(), ["000.csv", "001.csv", "002.csv", "before"]);
    assert!(said.contains("left as it is") && said.contains("No space left on device"), "{said}");
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo/hospital-kpis.xlsx");
    let convert = format!(
        "head -c 16384 /dev/zero > filler; \"$PROGRAM\" convert -q '{}' -o new.csv; status=$?; ls -A; exit $((status + 10))",
        book.display()
    );
    let run = on_a_small_disk(16, &convert).unwrap();
    assert_eq!(run.status.code(), Some(12), "{run:?}");
    assert_eq!(String::from_utf8_lossy(&run.stdout), "filler\n", "{run:?}");
}

#[test]
fn a_full_disk_leaves_no_half_output() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo/hospital-kpis.xlsx");
    let directory = TempDir::new().unwrap();
    let book = book.to_str().unwrap();
    std::fs::write(directory.path().join("older.csv"), "what was there before\n").unwrap();
    for (output, ignore_signal) in
        [("new.csv", true), ("new.csv", false), ("older.csv", true), ("older.csv", false)]
    {
        let arguments = ["convert", book, "-o", output, "--force", "--rejects", "r.csv"];
        let run = with_little_room(0, ignore_signal, directory.path(), &arguments);
        assert_ne!(run.status.code(), Some(0), "{run:?}");
        let expected = (output == "older.csv").then(|| "what was there before\n".to_owned());
        assert_eq!(std::fs::read_to_string(directory.path().join(output)).ok(), expected, "{run:?}");
        if ignore_signal {
            assert!(String::from_utf8_lossy(&run.stderr).contains("cannot write"), "{run:?}");
        }
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let run = Command::new(PROGRAM).args(["convert", book, "-o", "-"]).stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(2), "{run:?}");
}

#[test]
fn without_room_for_the_journal_nothing_is_sent() {
    let service =
        metricsheet_local_service::Service::start(metricsheet_local_service::Settings::default()).unwrap();
    let directory = TempDir::new().unwrap();
    let clean = "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\n";
    std::fs::write(directory.path().join("good.csv"), clean).unwrap();
    let base_url = service.base_url();
    let arguments = ["upload", "good.csv", "--base-url", &base_url];
    for blocks in [0, 8, 16, 24] {
        let run = with_little_room(blocks, true, directory.path(), &arguments);
        if service.submissions().is_empty() {
            assert_eq!(run.status.code(), Some(2), "{blocks}: {run:?}");
            assert!(format!("{run:?}").contains("journal"), "{blocks}: {run:?}");
        }
    }
    // With room again, the journal opens, and whatever was sent was sent once.
    let run = with_little_room(1 << 20, true, directory.path(), &arguments);
    assert!(matches!(run.status.code(), Some(0 | 4)), "{run:?}");
    assert_eq!(service.submissions().len(), 1, "{run:?}");
}

#[test]
fn a_folder_that_must_not_be_written_is_left_and_said() {
    use std::os::unix::fs::PermissionsExt;

    let directory = folder(2, 5);
    let old = contents(directory.path());
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o555)).unwrap();
    let root_writes_anyway = std::fs::write(directory.path().join("probe"), "").is_ok();
    let mut command = if root_writes_anyway {
        let _ = std::fs::remove_file(directory.path().join("probe"));
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", PROGRAM]);
        command
    } else {
        Command::new(PROGRAM)
    };
    let run = command.args(["check", "--fix", "-q", "."]).current_dir(directory.path()).output();
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(contents(directory.path()), old);
    // Root can lay its rights down only where there is a tool for it, and nobody may be kept from the program.
    let Ok(run) = run else { return };
    if root_writes_anyway && run.status.code() == Some(127) {
        return;
    }
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(said.matches("it was left as it is").count(), 2, "{said}");
}

#[test]
fn runs_at_the_same_time_leave_whole_files() {
    let directory = folder(20, 200);
    let old = contents(directory.path());
    let new = fixed(directory.path(), &old);
    let children: Vec<_> = (0..4).map(|_| fix(directory.path()).spawn().unwrap()).collect();
    for mut child in children {
        // Whoever finds that a file has changed leaves it and says so.
        assert!(matches!(child.wait().unwrap().code(), Some(0 | 2)));
    }
    assert_eq!(whole(directory.path(), &old, &new, "all at once"), old.len());
}

#[test]
fn a_file_that_is_replaced_meanwhile_is_the_fixed_one_or_the_other_one() {
    const OTHER: &[u8] = b"External ID,Current Metric Value,As Of Date\nOTHER,1,03/31/2024\n";
    let directory = folder(1, 4_000);
    let old = contents(directory.path());
    let new = fixed(directory.path(), &old);
    let (path, old) = old.into_iter().next().unwrap();
    for _ in 0..6 {
        std::fs::write(&path, &old).unwrap();
        let mut child = fix(directory.path()).spawn().unwrap();
        let has_begun = || {
            std::fs::read_dir(directory.path()).unwrap().any(|entry| is_unfinished(&entry.unwrap().path()))
        };
        while !has_begun() && child.try_wait().unwrap().is_none() {}
        let beside = directory.path().join("beside");
        std::fs::write(&beside, OTHER).unwrap();
        std::fs::rename(&beside, &path).unwrap();
        let status = child.wait().unwrap().code();
        let now = std::fs::read(&path).unwrap();
        assert!(now == OTHER || now == new[&path], "{status:?}: {}", now.len());
        assert!(matches!(status, Some(0 | 2)), "{status:?}");
    }
}
