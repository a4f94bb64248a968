//! Where the layout of a workbook is saved: the settings file in the workbook's own folder, so that no other folder's
//! workbooks are read by it. A new file extends the one that counted so far; an older one keeps what it says.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::frozen_layout::Frozen;
use crate::in_place;
use crate::inputs::Input;
use crate::new_files;
use crate::say::say;
use crate::settings::{self, edited};
use crate::settings_arguments::SettingsArguments;

/// A settings file that is to be written.
pub(crate) struct Target {
    path: PathBuf,
    /// The first line of a file that is not there yet.
    extend: Option<String>,
}

impl Target {
    /// The file for the layout of an input.
    ///
    /// # Errors
    /// For standard input, which stands in no folder, unless a file is named.
    pub(crate) fn new(input: &Input, arguments: &SettingsArguments) -> anyhow::Result<Self> {
        if let Some(path) = arguments.file() {
            return Ok(Self { path: path.to_owned(), extend: None });
        }
        let input = input.path().context(
            "standard input has no folder for `--save-settings`; name a settings file with `--config FILE`",
        )?;
        let mut target = Self::in_folder(input.parent().unwrap_or(Path::new("")))?;
        if arguments.is_isolated() {
            target.extend = None;
        }
        Ok(target)
    }

    /// The file of a folder.
    ///
    /// # Errors
    /// If the folder has no absolute path.
    pub(crate) fn in_folder(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(settings::FILE_NAME);
        let whole = std::path::absolute(Path::new(".").join(folder))
            .with_context(|| format!("there is no folder for `{}`", path.display()))?;
        // Paths of settings count from their file, and settings files further up stand in a folder of this one's path.
        let steps = whole.ancestors().skip(1).position(|up| up.join(settings::FILE_NAME).is_file());
        let extend = steps.map(|steps| format!("{}{}", "../".repeat(steps + 1), settings::FILE_NAME));
        Ok(Self { path, extend })
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The line that lets a settings file further up count on.
    pub(crate) fn extension(&self) -> Option<String> {
        self.extend.as_deref().map(|path| format!("extend = {}\n", toml::Value::from(path)))
    }

    /// Adds a layout to the file, or begins the file with it.
    ///
    /// # Errors
    /// If the file cannot be read or written, or is no settings file. It is then as it was.
    pub(crate) fn save(&self, input: &Input, frozen: &Frozen) -> anyhow::Result<()> {
        let shown = self.path.display();
        let old = match std::fs::read(&self.path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read `{shown}`")),
        };
        let text = match &old {
            Some(bytes) => {
                std::str::from_utf8(bytes).with_context(|| format!("`{shown}` is not in UTF-8"))?.to_owned()
            }
            None => self.extension().unwrap_or_default(),
        };
        let new = edited::with_conversion(&text, &frozen.values)
            .with_context(|| format!("cannot save the layout in `{shown}`"))?;
        match &old {
            Some(_) if new == text => {
                say(&format!("`{shown}` says all of this already"));
                return Ok(());
            }
            Some(old) => in_place::replace(&self.path, old, new.as_bytes())?,
            None => new_files::Target::File(self.path.clone()).write(
                &new_files::KnownInputs::new(std::iter::once(input)),
                false,
                |to| Ok(to.write_all(new.as_bytes())?),
            )?,
        }
        say(&format!("saved in `{shown}`: {}", told(frozen)));
        Ok(())
    }
}

/// The settings by name, and what they leave open.
pub(crate) fn told(frozen: &Frozen) -> String {
    let keys: Vec<_> = frozen.values.iter().map(|(key, _)| format!("`{key}`")).collect();
    let keys = if keys.is_empty() { "nothing".to_owned() } else { keys.join(", ") };
    match frozen.left_open {
        Some(open) => format!("{keys}; convert still finds {open} by itself"),
        None => keys,
    }
}
