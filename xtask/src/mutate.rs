//! Breaks workbooks and CSV files on purpose, and has the program read each in a process of its own, within half
//! a gigabyte and ten seconds: what panics, dies or hangs is kept, and what was refused is counted by its reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, ensure};

use crate::mutation::{Numbers, mutate};
use crate::shell::{cargo, program, root, run as run_command};

/// Seeds longer than this take too long to pack again and again.
const LONGEST_SEED: u64 = 4 << 20;

const WORKBOOKS: [&str; 12] =
    ["xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "xlt", "ods", "ots", "fods", "xml", "slk"];
const TEXTS: [&str; 3] = ["csv", "tsv", "txt"];

/// What `mutate` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folders of seeds beside `fixtures/`; all files below them are used
    #[arg(long, value_name = "DIR")]
    seeds: Vec<PathBuf>,

    /// How many broken files are read
    #[arg(short = 'n', long, value_name = "FILES", default_value_t = 500)]
    number: usize,

    /// Where the numbering of the changes begins: another one breaks the files differently
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    from: usize,

    /// Read the seeds as they are, each once, instead of breaking them
    #[arg(long)]
    unbroken: bool,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// It ended as a program should: read, or refused for this reason.
    Fine(String),
    /// It did not.
    Bad(&'static str),
}

/// Runs the chore.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    run_command(cargo().args(["build", "--quiet", "--locked", "--package", "metricsheet"]))?;
    let mut seeds = Vec::new();
    collect(&root().join("fixtures"), &mut seeds)?;
    for folder in &arguments.seeds {
        collect(folder, &mut seeds)?;
    }
    seeds.sort();
    ensure!(!seeds.is_empty(), "there is no seed in the folders given");
    let kept = root().join("target/mutants");
    std::fs::create_dir_all(&kept).context("cannot make `target/mutants`")?;
    let total = if arguments.unbroken { seeds.len() } else { arguments.number };
    let next = AtomicUsize::new(0);
    let kinds: Mutex<BTreeMap<Kind, usize>> = Mutex::default();
    std::thread::scope(|scope| {
        let work = || -> anyhow::Result<()> {
            let directory = tempfile::tempdir().context("cannot make a directory for broken files")?;
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= total {
                    return Ok(());
                }
                let at = if arguments.unbroken { index } else { arguments.from + index };
                let Some(seed) = seeds.get(at % seeds.len()) else { return Ok(()) };
                let kind = judge(seed, at as u64, !arguments.unbroken, directory.path(), &kept)?;
                *kinds.lock().unwrap_or_else(std::sync::PoisonError::into_inner).entry(kind).or_default() +=
                    1;
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a worker of this chore panicked")))
        })
    })?;
    let kinds = kinds.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut bad = 0;
    for (kind, count) in &kinds {
        match kind {
            Kind::Fine(reason) => anstream::println!("{count:7}  {reason}"),
            Kind::Bad(what) => {
                bad += count;
                anstream::println!("{count:7}  {what}: see `target/mutants`");
            }
        }
    }
    ensure!(bad == 0, "{bad} of {total} files were not read as they should be");
    Ok(())
}

fn collect(folder: &Path, seeds: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let known = WORKBOOKS.contains(&extension.as_str()) || TEXTS.contains(&extension.as_str());
        if path.is_dir() {
            collect(&path, seeds)?;
        } else if known && path.metadata().is_ok_and(|it| (1..=LONGEST_SEED).contains(&it.len())) {
            seeds.push(path);
        }
    }
    Ok(())
}

/// Breaks a seed and reads it; what goes wrong is kept under the seed's name and the number of the change.
fn judge(seed: &Path, number: u64, is_broken: bool, directory: &Path, kept: &Path) -> anyhow::Result<Kind> {
    let bytes = std::fs::read(seed).with_context(|| format!("cannot read `{}`", seed.display()))?;
    let broken = if is_broken { mutate(&bytes, &mut Numbers::new(number)) } else { bytes };
    let name = seed.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = directory.join(&name);
    std::fs::write(&path, &broken).context("cannot write a broken file")?;
    let is_text = TEXTS.iter().any(|it| name.to_ascii_lowercase().ends_with(it));
    let kind = if is_text { checked(&path)? } else { converted(&path)? };
    if let Kind::Bad(what) = kind {
        let copy = kept.join(format!("{number}-{name}"));
        std::fs::write(&copy, &broken).with_context(|| format!("cannot write `{}`", copy.display()))?;
        anstream::println!("{what}: `{}`", copy.display());
    }
    for leftover in std::fs::read_dir(directory)? {
        std::fs::remove_file(leftover?.path())?;
    }
    Ok(kind)
}

fn converted(path: &Path) -> anyhow::Result<Kind> {
    let output = metricsheet(&["convert", "-o", "-", "--unsafe-fixes"], path)?;
    Ok(kind_of(&output))
}

/// Also holds the law that fixing twice is fixing once.
fn checked(path: &Path) -> anyhow::Result<Kind> {
    let read = |path: &Path| std::fs::read(path).context("cannot read a fixed file");
    let first = metricsheet(&["check", "--fix", "--output-format", "json"], path)?;
    let kind = kind_of(&first);
    let fixed = read(path)?;
    metricsheet(&["check", "--fix", "--output-format", "json"], path)?;
    let is_stable = read(path)? == fixed;
    Ok(if matches!(kind, Kind::Fine(_)) && !is_stable {
        Kind::Bad("fixed differently the second time")
    } else {
        kind
    })
}

fn metricsheet(arguments: &[&str], path: &Path) -> anyhow::Result<Output> {
    let program = program();
    let mut command = if cfg!(unix) {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v 524288; ulimit -t 10; exec \"$0\" \"$@\""]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments).arg(path).output().context("cannot run the program")
}

fn kind_of(output: &Output) -> Kind {
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("panicked at") || said.contains("gave up on it") {
        return Kind::Bad("panicked");
    }
    if said.contains("memory allocation") {
        return Kind::Bad("asked for more than 512 MiB");
    }
    match output.status.code() {
        Some(0 | 1) => Kind::Fine("read".to_owned()),
        Some(2) => Kind::Fine(format!("refused: {}", reason(&said))),
        Some(_) => Kind::Bad("ended with an unknown status"),
        None => Kind::Bad("killed: it took more than 10 s, or more memory than there is"),
    }
}

/// The reason without what differs from file to file.
fn reason(said: &str) -> &'static str {
    let reasons = [
        ("exceeds the limit", "a limit"),
        ("not a workbook", "no workbook"),
        ("is encrypted", "encrypted"),
        ("is broken", "broken"),
        ("cannot read", "unreadable"),
    ];
    reasons.iter().find(|(part, _)| said.contains(part)).map_or("another reason", |(_, reason)| reason)
}
