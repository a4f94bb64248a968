//! The passwords of workbooks. A password is never an argument: other users of the machine see those.

use anyhow::{Context as _, bail};
use metricsheet_convert::Password;

/// The password that the environment variable of this name holds, if one is named.
pub(crate) fn password(variable: Option<&str>) -> anyhow::Result<Option<Password>> {
    let Some(name) = variable else { return Ok(None) };
    let password = std::env::var(name)
        .with_context(|| format!("`--password-env {name}` names no variable that can be read; set it"))?;
    if password.is_empty() {
        bail!("the variable `{name}` that `--password-env` names is empty");
    }
    Ok(Some(Password::new(password)))
}
