//! The results as tables: medians, and how far the runs lie apart.

use std::fmt::Write as _;

use super::contests::Outcome;
use crate::measure::Cost;

/// The page of all results.
pub(super) fn page(outcomes: &[Outcome], runs: usize) -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut page = format!(
        "# Performance\n\n\
         Measured by `cargo xtask bench` on a machine with {cores} cores, warm cache, whole processes. The programs of a\n\
         table ran in turn, {runs} times each; a figure is the median, and in brackets stand the least and the most. A\n\
         ratio is taken run by run, to the first line of its table. Seconds are those of this one run, on a machine that\n\
         others may use at the same time: the ratios are what lasts. What is mended in its place is copied there before, outside\n\
         of the time. How cost grows was measured once for each size. The inputs are made from a fixed seed in `target/bench`.\n"
    );
    for outcome in outcomes {
        let _ = write!(page, "\n## {}\n\n{}", capitalised(&outcome.title), table(outcome));
    }
    page
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// One contest as a table.
pub(super) fn table(outcome: &Outcome) -> String {
    let mut table = "| | seconds | processor seconds | memory | ratio of seconds | of processor seconds |\n|---|---|---|---|---|---|\n".to_owned();
    let first = outcome.costs.first().map_or(&[][..], |(_, costs)| costs);
    for (name, costs) in &outcome.costs {
        let wall = |cost: &Cost| Some(cost.wall);
        let processor = |cost: &Cost| cost.processor;
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} | {} |",
            spread(costs.iter().filter_map(wall).collect(), 3),
            spread(costs.iter().filter_map(processor).collect(), 3),
            memory(costs),
            spread(ratios(costs, first, wall), 2),
            spread(ratios(costs, first, processor), 2),
        );
    }
    if !outcome.absent.is_empty() {
        let _ = writeln!(table, "\nNot installed: {}.", outcome.absent.join("; "));
    }
    table
}

fn ratios(costs: &[Cost], first: &[Cost], figure: impl Fn(&Cost) -> Option<f64>) -> Vec<f64> {
    let pairs = costs.iter().zip(first);
    pairs
        .filter_map(|(one, other)| Some(figure(one)? / figure(other)?))
        .filter(|ratio| ratio.is_finite())
        .collect()
}

/// `0.36 (0.35-0.41)`
fn spread(mut figures: Vec<f64>, decimals: usize) -> String {
    figures.sort_by(f64::total_cmp);
    let (Some(least), Some(median), Some(most)) =
        (figures.first(), figures.get(figures.len() / 2), figures.last())
    else {
        return "–".to_owned();
    };
    format!("{median:.decimals$} ({least:.decimals$}-{most:.decimals$})")
}

/// The most that any run took.
fn memory(costs: &[Cost]) -> String {
    let most = costs.iter().filter_map(|cost| cost.memory).max();
    most.map_or_else(|| "–".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000))
}
