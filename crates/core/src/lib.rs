//! What a valid metric update is: templates, exact readers of decimals, dates, IDs and statuses, the rules,
//! and the validator that weighs evidence across rows.
//!
//! No input or output, no file format and no command line. Text goes in, findings come out, and no text can
//! make it fail: a bad cell is a [`Finding`], never an error.
//!
//! ```
//! use metricsheet_core::{Cell, Row, RowNumber, Settings, Template, Validator};
//!
//! let template = Template::metric_updates();
//! let settings = Settings::default();
//! let mut validator = Validator::new(&template, &settings);
//! validator.read(&Row {
//!     number: RowNumber::new(2),
//!     cells: &[Cell::text("KPI-1"), Cell::text("20%"), Cell::text("03/31/2024"), Cell::text("")],
//! });
//! let findings = validator.finish();
//! assert_eq!(findings[0].rule.code, "V002");
//! assert_eq!(findings[0].rewrite(), Some(".2"));
//! ```

mod evidence;
mod finding;
pub mod footer;
pub mod footprint;
pub mod plain;
pub mod plan;
mod position;
pub mod rule;
pub mod rules;
mod selection;
mod settings;
pub mod template;
pub mod text;
mod validator;
pub mod value;

pub use evidence::{AMONG_VALID_ROWS, Footprints, Suspects, Trail};
pub use finding::{Applicability, Change, Finding, Place, Severity, Suggestion};
pub use plan::{Plan, Unit, Updated};
pub use position::{ColumnIndex, RowNumber};
pub use rule::Rule;
pub use selection::{RuleChoices, Selection, UnknownCode};
pub use settings::{
    DateForm, DateOrder, DecimalMark, Destination, InvalidSetting, PercentMetrics, PeriodDay, Settings,
};
pub use template::{Column, Field, Presence, Template};
pub use validator::{Cell, CellKind, Row, Validator};
