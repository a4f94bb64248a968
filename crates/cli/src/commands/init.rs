//! `metricsheet init`: a settings file to begin with, in which everything that can be set stands as a comment; with
//! the layout of a workbook, if one is given. A file that is there is never written over.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::inspect;
use crate::exit::ExitStatus;
use crate::inputs::Input;
use crate::layout_arguments::LayoutArguments;
use crate::new_files;
use crate::passwords::password;
use crate::saved_layout::{self, Target};
use crate::say::say;
use crate::settings::{Files, Sources, documented, edited};

/// What `init` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A workbook whose layout is saved; the settings file is written beside it [default: none, and the file is
    /// written in the current directory]
    workbook: Option<PathBuf>,

    /// The environment variable that holds the password of an encrypted workbook
    #[arg(long, value_name = "NAME")]
    password_env: Option<String>,

    #[command(flatten)]
    layout: LayoutArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let folder = arguments.workbook.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let target = Target::in_folder(folder)?;
    let shown = target.path().display().to_string();
    // A dangling link counts as a file too.
    if target.path().symlink_metadata().is_ok() {
        anyhow::bail!(
            "`{shown}` exists already and is left as it is; `metricsheet inspect WORKBOOK --save-settings` adds a layout to it"
        );
    }
    let mut text = documented::documented();
    if let Some(line) = target.extension() {
        // The setting stands among the others; what is set has to stand before the first table.
        text = format!("{line}\n{text}");
    }
    let mut saved = None;
    if let Some(path) = &arguments.workbook {
        let input = Input::File(path.clone());
        let flags = arguments.layout.layer();
        let sources = Sources::new(Files::Nearest, Vec::new(), flags.clone())?;
        let password = password(arguments.password_env.as_deref())?;
        let found = inspect::inspect(&input, &sources, password, Some(&flags))?;
        let frozen = found.frozen.with_context(|| {
            format!(
                "no sheet of `{}` holds a table; `metricsheet inspect` says why, and nothing was written",
                input.name()
            )
        })?;
        text = edited::with_conversion(&text, &frozen.values)?;
        saved = Some(saved_layout::told(&frozen));
    }
    new_files::Target::File(target.path().to_owned()).write(
        &new_files::KnownInputs::default(),
        false,
        |to| Ok(to.write_all(text.as_bytes())?),
    )?;
    match saved {
        None => say(&format!("wrote `{shown}`: every setting, as a comment")),
        Some(saved) => say(&format!("wrote `{shown}`: every setting, as a comment, and set: {saved}")),
    }
    Ok(ExitStatus::Clean)
}
