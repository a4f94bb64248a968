//! Which settings count for a file: the nearest `metricsheet.toml` upward from it and what that extends, then
//! the environment, then the command line. A later source replaces the value of an earlier one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, bail};

use super::in_force::InForce;
use super::layer::{self, Layer};
use crate::inputs::Input;

/// The name of a settings file.
pub(crate) const FILE_NAME: &str = "metricsheet.toml";

/// So many settings files may extend one another.
const LONGEST_CHAIN: usize = 16;

/// Where the settings of a run come from.
#[derive(Debug)]
pub(crate) struct Sources {
    files: Files,
    /// The environment and the command line, the later the stronger.
    above: Vec<Layer>,
    /// The settings in force, by directory, whether named in full or as it was given. Many files of one run share them.
    known: Mutex<HashMap<PathBuf, Arc<InForce>>>,
}

/// Which settings files are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Files {
    /// The nearest one of each file.
    Nearest,
    /// This one for all files.
    This(PathBuf),
    /// None, and no environment either.
    Isolated,
}

impl Sources {
    /// The sources of a run. `pairs` and `flags` are what the command line sets.
    ///
    /// # Errors
    /// Names the variable or the flag that cannot be used.
    pub(crate) fn new(files: Files, pairs: Vec<Layer>, flags: Layer) -> anyhow::Result<Self> {
        let mut above = Vec::new();
        if files != Files::Isolated {
            let variables = std::env::vars_os().filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
            });
            above.push(layer::of_environment(variables)?);
        }
        above.extend(pairs);
        above.push(flags);
        // What is wrong for every input is said once.
        InForce::new(above.clone())?;
        Ok(Self { files, above, known: Mutex::default() })
    }

    /// The settings in force for an input: those of its directory, and of the current one for standard input.
    ///
    /// # Errors
    /// Names the settings file and the line that cannot be used.
    pub(crate) fn of_input(&self, input: &Input) -> anyhow::Result<Arc<InForce>> {
        match input {
            Input::File(path) => self.of_path(path),
            Input::Stdin(name) => self.of_path(Path::new(name)),
        }
    }

    /// The settings in force for a file, whether or not it is there.
    ///
    /// # Errors
    /// Those of [`Self::of_input`].
    pub(crate) fn of_path(&self, path: &Path) -> anyhow::Result<Arc<InForce>> {
        // Thousands of files of a folder need not ask where that is.
        let named = path.parent().unwrap_or(Path::new(""));
        if let Some(in_force) = self.known().get(named) {
            return Ok(Arc::clone(in_force));
        }
        let directory = std::path::absolute(path)
            .ok()
            .and_then(|path| path.parent().map(Path::to_owned))
            .unwrap_or_default();
        let in_force = self.of_directory(&directory)?;
        self.known().insert(named.to_owned(), Arc::clone(&in_force));
        Ok(in_force)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PathBuf, Arc<InForce>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The settings in force for the files of a directory, given by its absolute path.
    ///
    /// # Errors
    /// Those of [`Self::of_input`].
    pub(crate) fn of_directory(&self, directory: &Path) -> anyhow::Result<Arc<InForce>> {
        if let Some(in_force) = self.known().get(directory) {
            return Ok(Arc::clone(in_force));
        }
        let file = match &self.files {
            Files::Nearest => nearest(directory),
            Files::This(path) => Some(path.clone()),
            Files::Isolated => None,
        };
        let mut layers = match file {
            Some(file) => chain(&file)?,
            None => Vec::new(),
        };
        layers.extend(self.above.iter().cloned());
        let in_force = Arc::new(InForce::new(layers)?);
        self.known().insert(directory.to_owned(), Arc::clone(&in_force));
        Ok(in_force)
    }
}

fn nearest(directory: &Path) -> Option<PathBuf> {
    let found = directory.ancestors().map(|ancestor| ancestor.join(FILE_NAME)).find(|file| file.is_file())?;
    // Messages name the file as people would: from where they stand.
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| found.strip_prefix(here).map(Path::to_owned).ok());
    Some(relative.unwrap_or(found))
}

/// The layers of a settings file and of all that it extends, the weakest first.
fn chain(file: &Path) -> anyhow::Result<Vec<Layer>> {
    let mut layers = Vec::new();
    let mut next = Some(file.to_owned());
    while let Some(file) = next {
        if layers.len() == LONGEST_CHAIN {
            bail!(
                "{}: more than {LONGEST_CHAIN} settings files extend one another; does one extend itself?",
                file.display()
            );
        }
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read the settings file `{}`", file.display()))?;
        let mut layer = layer::of_file(&file, &text)?;
        next = layer.remove(&("extend", None)).and_then(|entry| {
            let directory = file.parent().unwrap_or(Path::new(""));
            entry.value.as_str().map(|path| directory.join(path))
        });
        layers.push(layer);
    }
    layers.reverse();
    Ok(layers)
}
