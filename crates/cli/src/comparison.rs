//! What a file changes, by the journal's memory of what went to the same place before: old and new value of
//! each metric. It refuses to judge, but it points at jumps of about a hundred times: mostly a percentage that
//! was sent as `20` once and as `.2` now.

use std::io::{self, Write};

use metricsheet_core::value::decimal::Decimal;
use metricsheet_upload::SentValue;

use crate::before_sending::{SentRow, counted};
use crate::output::harmless;

/// How far from a hundred a jump may be: a metric that moves by a fifth and changes its scale still shows.
const ABOUT_A_HUNDRED: std::ops::RangeInclusive<f64> = 80.0..=125.0;

/// How the value of a metric changes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    /// Nothing was sent for it before.
    New,
    Same,
    /// By so many percent of the old value; `None` where the old value is 0.
    Percent(Option<f64>),
    /// About a hundred times, or a hundredth.
    Scale,
}

/// Writes a line for each row whose value changes, and a last line that counts them all. `last` holds what was
/// sent before, row by row.
pub(crate) fn write(rows: &[SentRow], last: &[Option<SentValue>], out: &mut impl Write) -> io::Result<()> {
    let (mut new, mut same, mut changed, mut jumps) = (0, 0, 0, 0);
    for (row, last) in rows.iter().zip(last) {
        let (old, day) = last.as_ref().map_or(("", ""), |sent| (&sent.value, &sent.as_of_date));
        let change = change(last.as_ref().map(|sent| sent.value.as_str()), &row.value);
        match change {
            Change::New => new += 1,
            Change::Same => same += 1,
            Change::Percent(_) => changed += 1,
            Change::Scale => (changed, jumps) = (changed + 1, jumps + 1),
        }
        let how = match change {
            Change::New | Change::Same => continue,
            Change::Percent(Some(percent)) => format!("{percent:+.1}%"),
            Change::Percent(None) => "from nothing".to_owned(),
            Change::Scale => "about 100 times; is one of them a percentage in the wrong form?".to_owned(),
        };
        let (id, new_day) = (harmless(&row.external_id), &row.as_of_date);
        writeln!(out, "  {id}: {old} ({day}) → {} ({new_day}), {how}", row.value)?;
    }
    let flagged =
        if jumps > 0 { format!(", {} of about 100 times", counted(jumps, "jump")) } else { String::new() };
    writeln!(out, "  {changed} changed, {same} the same, {new} new{flagged}")
}

fn change(old: Option<&str>, new: &str) -> Change {
    let Some(old) = old else { return Change::New };
    let (Some(old), Some(new)) = (Decimal::from_plain(old), Decimal::from_plain(new)) else {
        // An item without a metric has an empty value, which only equals another empty one.
        return if old == new { Change::Same } else { Change::New };
    };
    if old == new {
        return Change::Same;
    }
    let (old, new) = (old.approximate(), new.approximate());
    let ratio = new / old;
    if ABOUT_A_HUNDRED.contains(&ratio) || ABOUT_A_HUNDRED.contains(&ratio.recip()) {
        return Change::Scale;
    }
    Change::Percent((old != 0.0).then(|| (new - old) / old.abs() * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_apart() {
        let cases = [
            (None, "1", Change::New),
            (Some("1"), "1", Change::Same),
            (Some("0.20"), ".2", Change::Same),
            (Some(""), "", Change::Same),
            (Some(""), "1", Change::New),
            (Some("2"), "3", Change::Percent(Some(50.0))),
            (Some("-2"), "-3", Change::Percent(Some(-50.0))),
            (Some("0"), "3", Change::Percent(None)),
            (Some("3"), "0", Change::Percent(Some(-100.0))),
            (Some(".2"), "20", Change::Scale),
            (Some("20"), ".2", Change::Scale),
            (Some(".2"), "24", Change::Scale),
            (Some("-.2"), "-20", Change::Scale),
            (Some("-.2"), "20", Change::Percent(Some(10_100.0))),
            (Some("1"), "79", Change::Percent(Some(7800.0))),
            (Some("1"), "126", Change::Percent(Some(12_500.0))),
        ];
        for (old, new, expected) in cases {
            match (change(old, new), expected) {
                (Change::Percent(Some(is)), Change::Percent(Some(wanted))) => {
                    assert!((is - wanted).abs() < 1e-6, "{old:?} → {new}: {is}");
                }
                (is, wanted) => assert_eq!(is, wanted, "{old:?} → {new}"),
            }
        }
    }

    #[test]
    fn only_changes_are_listed_and_all_are_counted() {
        let row = |id: &str, value: &str| SentRow {
            external_id: id.to_owned(),
            status: None,
            value: value.to_owned(),
            as_of_date: "04/30/2024".to_owned(),
            comment: None,
        };
        let sent = |value: &str| {
            Some(SentValue {
                external_id: String::new(),
                value: value.to_owned(),
                as_of_date: "03/31/2024".to_owned(),
            })
        };
        let rows = [row("A", "5"), row("B", "20"), row("C", "7"), row("D", "1"), row("E", "3")];
        let last = [sent("4"), sent(".2"), sent("7"), None, sent("0")];
        let mut out = Vec::new();
        write(&rows, &last, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  A: 4 (03/31/2024) → 5 (04/30/2024), +25.0%\n  \
             B: .2 (03/31/2024) → 20 (04/30/2024), about 100 times; is one of them a percentage in the wrong form?\n  \
             E: 0 (03/31/2024) → 3 (04/30/2024), from nothing\n  \
             3 changed, 1 the same, 1 new, 1 jump of about 100 times\n"
        );
    }
}
