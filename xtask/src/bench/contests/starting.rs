//! What it costs to begin at all.

use super::{Contest, ours};
use crate::measure::Needs;

/// One start is over before a clock has told it.
const STARTS: usize = 100;

pub(super) fn start() -> Contest {
    let often =
        |command: &str| format!("at=0; while [ $at -lt {STARTS} ]; do {command}; at=$((at + 1)); done");
    Contest::new(
        format!("start {STARTS} times"),
        vec![
            ("true", Needs::Nothing, often("/bin/true")),
            ("metricsheet --version", Needs::Nothing, often(&format!("{} --version", ours()))),
            ("xan --version", Needs::Program("xan"), often("xan --version")),
        ],
    )
}
