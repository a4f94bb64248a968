//! Who runs against whom, and on what.

mod starting;
mod text;
mod workbooks;

use std::path::Path;

use super::inputs::Inputs;
use crate::measure::{self, Cost, Needs};
use crate::shell::root;

/// How large the inputs are, and how often each contestant runs.
#[derive(Debug)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) files: usize,
    pub(super) growing: &'static [usize],
    pub(super) workbook_rows: usize,
    pub(super) workbooks: usize,
    pub(super) runs: usize,
}

impl Size {
    pub(super) const FULL: Self = Self {
        rows: 10_000_000,
        files: 10_000,
        growing: &[10_000, 100_000, 1_000_000, 10_000_000, 100_000_000],
        workbook_rows: 1_000_000,
        workbooks: 2_000,
        runs: 7,
    };
    pub(super) const QUICK: Self = Self {
        rows: 1_000_000,
        files: 1_000,
        growing: &[10_000, 100_000, 1_000_000],
        workbook_rows: 50_000,
        workbooks: 100,
        runs: 3,
    };
}

/// One who does the work, or a part of it.
#[derive(Debug)]
pub(super) struct Contestant {
    pub(super) name: String,
    pub(super) script: String,
    /// What is done before, outside of the time.
    before: Option<String>,
    needs: Needs,
}

/// Some work. All are compared with the first contestant that is installed.
#[derive(Debug)]
pub(super) struct Contest {
    pub(super) title: String,
    contestants: Vec<Contestant>,
    times: Times,
}

/// How often each contestant runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    /// As often as the size of the bench says, and before that once for nothing.
    Usual,
    /// Once: it takes long.
    Once,
}

/// What each contestant's runs cost.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) title: String,
    pub(super) costs: Vec<(String, Vec<Cost>)>,
    pub(super) absent: Vec<String>,
}

impl Contest {
    fn new(title: String, contestants: Vec<(&str, Needs, String)>) -> Self {
        let contestants = contestants.into_iter();
        let contestants = contestants
            .map(|(name, needs, script)| Contestant { name: name.to_owned(), needs, script, before: None })
            .collect();
        Self { title, contestants, times: Times::Usual }
    }

    /// Has something done before each run of each contestant, outside of the time.
    fn after(mut self, before: &str) -> Self {
        for contestant in &mut self.contestants {
            contestant.before = Some(before.to_owned());
        }
        self
    }

    /// All contests, in the order of the page.
    pub(super) fn all(inputs: &Inputs, size: &Size) -> Vec<Self> {
        let mut contests = vec![starting::start()];
        contests.extend(text::contests(inputs, size));
        contests.extend(workbooks::contests(inputs, size));
        contests.extend(text::growth(inputs));
        contests
    }

    /// Runs all contestants in turn, as a rule once for nothing and then `runs` times.
    pub(super) fn run(self, directory: &Path, runs: usize) -> anyhow::Result<Outcome> {
        let (present, absent): (Vec<_>, Vec<_>) =
            self.contestants.into_iter().partition(|contestant| measure::is_installed(contestant.needs));
        let mut costs: Vec<(String, Vec<Cost>)> =
            present.iter().map(|contestant| (contestant.name.clone(), Vec::new())).collect();
        let (first, last) = match self.times {
            Times::Usual => (0, runs),
            Times::Once => (1, 1),
        };
        for run in first..=last {
            for (contestant, (_, costs)) in present.iter().zip(&mut costs) {
                if let Some(before) = &contestant.before {
                    measure::run(before, directory)?;
                }
                let cost = measure::run(&contestant.script, directory)?;
                if run > 0 {
                    costs.push(cost);
                }
            }
        }
        let absent = absent.into_iter().map(|contestant| contestant.name).collect();
        Ok(Outcome { title: self.title, costs, absent })
    }
}

/// The program that is measured.
fn ours() -> String {
    root().join("target/release/metricsheet").display().to_string()
}

/// One of the examples that do a part of its work.
fn example(name: &str) -> String {
    root().join("target/release/examples").join(name).display().to_string()
}
