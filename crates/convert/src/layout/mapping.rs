//! Columns named by the caller: `External ID=KPI code`, `As Of Date=C`.

use std::fmt;

use metricsheet_core::template::Label;
use metricsheet_core::{ColumnIndex, Field};

/// Which column of the sheet holds a field of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The field.
    pub field: Field,
    /// The column.
    pub source: MappingSource,
}

/// A column by its header, or by its letters where no header reads like that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingSource(String);

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMapping {
    /// There is no equals sign, or nothing beside it.
    #[error("`{0}` is no mapping: write `FIELD=HEADER` or `FIELD=LETTERS`, such as `External ID=KPI code`")]
    Form(String),
    /// The left side is no column of a template.
    #[error(
        "`{0}` is no column of the template: it has `External ID`, `Status`, `Current Metric Value`, \
         `As Of Date` and `Comment`"
    )]
    Field(String),
}

impl Mapping {
    /// Reads `FIELD=HEADER` or `FIELD=LETTERS`.
    ///
    /// ```
    /// use metricsheet_convert::layout::Mapping;
    /// assert!(Mapping::parse("External ID=KPI code").is_ok());
    /// assert!(Mapping::parse("Colour=B").is_err());
    /// ```
    ///
    /// # Errors
    /// [`InvalidMapping`] if the text has another form or names no field.
    pub fn parse(text: &str) -> Result<Self, InvalidMapping> {
        let (field, source) = text.split_once('=').ok_or_else(|| InvalidMapping::Form(text.to_owned()))?;
        if source.trim().is_empty() {
            return Err(InvalidMapping::Form(text.to_owned()));
        }
        let label = Label::read(field.trim());
        let field = label.field().ok_or_else(|| InvalidMapping::Field(field.trim().to_owned()))?;
        Ok(Self { field, source: MappingSource(source.trim().to_owned()) })
    }
}

impl MappingSource {
    /// Whether a header cell reads like this, apart from capitals and surrounding blanks.
    pub(super) fn names(&self, header: &str) -> bool {
        header.trim().to_lowercase() == self.0.to_lowercase()
    }

    /// The column, if this can be column letters.
    pub(super) fn letters(&self) -> Option<ColumnIndex> {
        ColumnIndex::from_letters(&self.0)
    }
}

impl fmt::Display for MappingSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
