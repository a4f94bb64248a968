//! From paths on the command line to files: directories are walked, ignored and lock files skipped, `-` is
//! standard input. Refuses nothing silently: a path that does not exist is an error for that path.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use ignore::WalkBuilder;
use metricsheet_convert::Limits;

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A file, by the path it was named or found by.
    File(PathBuf),
    /// Standard input, under the name it is reported by.
    Stdin(String),
}

impl Input {
    /// The name that reports use: forward slashes on every system.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string().replace('\\', "/"),
            Self::Stdin(name) => name.clone(),
        }
    }

    /// Whether it calls itself a workbook.
    pub(crate) fn is_named_workbook(&self) -> bool {
        has_extension(self.named_path(), WORKBOOK_EXTENSIONS)
    }

    /// Whether it calls itself delimited text.
    pub(crate) fn is_named_text(&self) -> bool {
        has_text_extension(self.named_path())
    }

    fn named_path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Stdin(name) => Path::new(name),
        }
    }

    /// The name of the file alone, if it is one.
    pub(crate) fn file_name(&self) -> Option<String> {
        match self {
            Self::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Stdin(_) => None,
        }
    }

    /// Its path, if it is a file.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdin(_) => None,
        }
    }

    /// All its bytes, if they are not more than the limit on texts that are held as a whole.
    pub(crate) fn read(&self, limits: &Limits) -> anyhow::Result<Vec<u8>> {
        let most = limits.whole_text_bytes;
        let mut bytes = Vec::new();
        let read = match self {
            Self::File(path) => File::open(path).and_then(|file| {
                // Room for all of a file, and for the look that sees its end, so that it is read at once.
                let length = file.metadata()?.len().min(most) + 1;
                bytes.reserve(usize::try_from(length).unwrap_or_default());
                file.take(most + 1).read_to_end(&mut bytes)
            }),
            Self::Stdin(_) => std::io::stdin().lock().take(most + 1).read_to_end(&mut bytes),
        };
        read.with_context(|| match self {
            Self::File(_) => format!("cannot read `{}`", self.name()),
            Self::Stdin(name) => format!("cannot read standard input (`{name}`)"),
        })?;
        let mebibytes = most >> 20;
        ensure!(
            bytes.len() as u64 <= most,
            "`{}` would be held in memory as a whole and exceeds the limit of {mebibytes} MiB; split it, or widen the \
             limit with `--config 'limits.whole-text-mebibytes = {}'`",
            self.name(),
            2 * mebibytes
        );
        Ok(bytes)
    }
}

/// Extensions of CSV and other delimited text.
pub(crate) const TEXT_EXTENSIONS: &[&str] = &["csv", "tsv", "txt"];

/// Extensions of workbooks. What a file is, its content tells.
const WORKBOOK_EXTENSIONS: &[&str] = &["xlsx", "xlsm", "xlsb", "xls", "ods"];

/// The files that directories are searched for.
pub(crate) const TABLE_EXTENSIONS: &[&str] = &["csv", "tsv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods"];

/// Whether the name is that of a text file.
pub(crate) fn has_text_extension(path: &Path) -> bool {
    has_extension(path, TEXT_EXTENSIONS)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    extensions.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// The files that `paths` name, in a stable order, each once. In a directory only those with one of the
/// `extensions`, in either case, count. Paths that cannot be read are errors in their place.
pub(crate) fn find(paths: &[PathBuf], stdin_name: &str, extensions: &[&str]) -> Vec<anyhow::Result<Input>> {
    let mut inputs: Vec<anyhow::Result<Input>> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    // Two names of one file are one input: it must not be mended twice at the same time.
    let true_path = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut is_new = |true_path: PathBuf| seen.insert(true_path);
    for path in paths {
        if path.as_os_str() == "-" {
            if is_new(path.clone()) {
                inputs.push(Ok(Input::Stdin(stdin_name.to_owned())));
            }
        } else if path.is_dir() {
            // A walk meets no links to files, so the folder alone can have another true path, once for all its files.
            let (mut folder, mut true_folder) = (PathBuf::new(), PathBuf::new());
            let mut true_file = |file: &Path| {
                let (Some(parent), Some(name)) = (file.parent(), file.file_name()) else {
                    return true_path(file);
                };
                if folder != parent || true_folder.as_os_str().is_empty() {
                    (folder, true_folder) = (parent.to_owned(), true_path(parent));
                }
                true_folder.join(name)
            };
            for file in walk(path, extensions) {
                match file {
                    Ok(file) if is_new(true_file(&file)) => inputs.push(Ok(Input::File(file))),
                    Ok(_) => {}
                    Err(error) => inputs.push(Err(error)),
                }
            }
        } else if is_new(true_path(path)) {
            inputs.push(Ok(Input::File(path.clone())));
        }
    }
    inputs
}

fn walk(directory: &Path, extensions: &[&str]) -> impl Iterator<Item = anyhow::Result<PathBuf>> {
    let walk = WalkBuilder::new(directory)
        .require_git(false)
        .sort_by_file_name(std::cmp::Ord::cmp)
        .build()
        .map(|entry| entry.context("cannot walk the directory"));
    let wanted = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // Spreadsheet programs keep `~$name` beside a workbook that is open.
        has_extension(path, extensions) && !name.starts_with("~$")
    };
    walk.filter_map(|entry| match entry {
        Ok(entry) => entry.file_type().is_some_and(|kind| kind.is_file()).then(|| Ok(entry.into_path())),
        Err(error) => Some(Err(error)),
    })
    .filter(move |path: &anyhow::Result<PathBuf>| path.as_ref().map_or(true, |path| wanted(path)))
    .collect::<Vec<_>>()
    .into_iter()
}
