//! Settings: what can be set ([`keys`]), where it is set ([`layer`]), whose settings count for a file
//! ([`discovery`]), and what they come to ([`in_force`], [`converting`], [`limiting`],
//! [`template_file`]); and files of them as they are written for people ([`documented`]) or added to
//! ([`edited`]).

pub(crate) mod catalogue;
mod converting;
mod discovery;
pub(crate) mod documented;
pub(crate) mod edited;
mod in_force;
pub(crate) mod keys;
mod layer;
mod limiting;
mod template_file;

pub(crate) use discovery::{FILE_NAME, Files, Sources};
pub(crate) use in_force::{InForce, shown};
pub(crate) use layer::{Layer, Origin, of_flag, of_pair};

/// Whether the text of a settings file can be understood; the plan and the template that it names are not read.
///
/// # Errors
/// If it cannot; the error begins with where.
pub(crate) fn understand(text: &str) -> anyhow::Result<()> {
    let mut layer = layer::of_file(std::path::Path::new("metricsheet.toml"), text)?;
    layer.retain(|(name, _), _| !matches!(*name, "plan" | "template"));
    InForce::new(vec![layer])?;
    Ok(())
}
