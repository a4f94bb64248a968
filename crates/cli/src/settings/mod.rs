//! Settings: what can be set ([`keys`]), where it is set ([`layer`]), whose settings count for a file
//! ([`discovery`]), and what they come to ([`in_force`], [`converting`],
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
mod template_file;

pub(crate) use discovery::{FILE_NAME, Files, Sources};
pub(crate) use in_force::{InForce, shown};
pub(crate) use layer::{Layer, Origin, of_flag, of_pair};
