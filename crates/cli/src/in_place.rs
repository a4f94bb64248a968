//! Writes files whole or not at all: to a temporary file beside the target, flushed, then renamed. The only
//! place of the command line that writes over a file.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Replaces a file that was read as `old`. Links are followed, permissions kept; a file that changed since it
/// was read is left alone, and on any error so is the original.
pub(crate) fn replace(path: &Path, old: &[u8], new: &[u8]) -> anyhow::Result<()> {
    let shown = path.display();
    let target = std::fs::canonicalize(path).with_context(|| format!("cannot find `{shown}`"))?;
    let permissions = std::fs::metadata(&target)
        .with_context(|| format!("cannot read the permissions of `{shown}`"))?
        .permissions();
    if permissions.readonly() {
        bail!("`{shown}` is read-only; nothing was written");
    }
    let directory = target.parent().with_context(|| format!("`{shown}` has no directory"))?;
    let mut file = tempfile::Builder::new()
        .prefix(".metricsheet-")
        .tempfile_in(directory)
        .with_context(|| format!("cannot write beside `{shown}`; it was left as it is"))?;
    let written = file
        .write_all(new)
        .and_then(|()| file.as_file().set_permissions(permissions))
        .and_then(|()| file.as_file().sync_all());
    written.with_context(|| format!("cannot write the fixed `{shown}`; it was left as it is"))?;
    let current = std::fs::read(&target).with_context(|| format!("cannot read `{shown}` again"))?;
    if current != old {
        bail!("`{shown}` changed while it was being checked; it was left as it is, run the check again");
    }
    file.persist(&target)
        .map_err(|error| error.error)
        .with_context(|| format!("cannot replace `{shown}`; it was left as it is"))?;
    Ok(())
}
