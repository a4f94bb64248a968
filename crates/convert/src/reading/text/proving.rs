//! Plain lines of a large file are proved and written on other threads, a stretch of them on each, and what comes of them
//! is taken in the order of the file. Lines of which more has to be known are handed on as they are elsewhere.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, Scope};

use metricsheet_core::RowNumber;
use metricsheet_delimited::{Dialect, Record, Records, Step};

use super::super::{Outcome, Prove, ReadError, TakeRows};
use super::Rows;
use super::stretches::Stretches;
use crate::output::Transcript;

/// Smaller files are read before a thread has begun.
pub(super) const WORTHWHILE: usize = 2 << 20;
/// So many bytes are proved at a time.
const STRETCH: usize = 512 << 10;
/// So many stretches wait for each thread.
const AHEAD: usize = 2;
/// After so many stretches that were proved in vain, the next ones are not tried.
const MOST_IN_VAIN: usize = 16;

/// Hands on all records.
pub(super) fn read<T: TakeRows>(
    stretches: &mut Stretches<'_>,
    taker: &mut T,
    rows: &mut Rows,
) -> Result<(), ReadError> {
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut in_vain = 0;
    loop {
        if threads > NonZeroUsize::MIN
            && in_vain < MOST_IN_VAIN
            && let Some(prover) = taker.prover()
            && let Some(lines) = stretches.take_lines(STRETCH)?
        {
            let mut reader = LinesReader { stretches, taker, rows, prover: &prover, in_vain: &mut in_vain };
            if reader.read(lines, threads)?.is_break() {
                return Ok(());
            }
        }
        if stretches.next(&mut |record| rows.hand_on(record, taker))?.is_break() {
            return Ok(());
        }
    }
}

/// Reads plain lines as long as nothing else comes.
struct LinesReader<'r, 't, T: TakeRows> {
    stretches: &'r mut Stretches<'t>,
    taker: &'r mut T,
    rows: &'r mut Rows,
    prover: &'r T::Prover,
    in_vain: &'r mut usize,
}

impl<T: TakeRows> LinesReader<'_, '_, T> {
    fn read(&mut self, first: String, threads: NonZeroUsize) -> Result<ControlFlow<()>, ReadError> {
        let (prover, dialect) = (self.prover, self.stretches.dialect());
        thread::scope(|scope| {
            let workers: Vec<Worker<_>> =
                (0..threads.get()).map(|_| Worker::begin(scope, prover, dialect)).collect();
            // Each gets every so many stretches, so that it is known from which one the next result comes.
            let mut next = Some(first);
            let (mut begun, mut taken) = (0, 0);
            loop {
                while begun - taken < workers.len() * AHEAD
                    && let Some(lines) = next.take()
                    && let Some(worker) = workers.get(begun % workers.len())
                {
                    // One that has panicked gives no result, either.
                    let _ = worker.lines.send(lines);
                    begun += 1;
                    if self.taker.trusts(prover) && *self.in_vain < MOST_IN_VAIN {
                        next = self.stretches.take_lines(STRETCH)?;
                    }
                }
                let worker = workers.get(taken % workers.len()).filter(|_| taken < begun);
                let Some((lines, outcome)) = worker.and_then(|worker| worker.outcomes.recv().ok()) else {
                    return Ok(ControlFlow::Continue(()));
                };
                taken += 1;
                if self.take(&lines, outcome).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        })
    }

    fn take(&mut self, lines: &str, proved: Option<Proved<T::Prover>>) -> ControlFlow<()> {
        match proved {
            Some(proved) if self.taker.trusts(self.prover) => self.take_proved(lines, proved),
            Some(_) | None => {
                *self.in_vain += 1;
                let Self { stretches, taker, rows, .. } = self;
                stretches.read_lines(lines, &mut |record| rows.hand_on(record, *taker))
            }
        }
    }

    fn take_proved(&mut self, lines: &str, proved: Proved<T::Prover>) -> ControlFlow<()> {
        let Self { stretches, taker, rows, .. } = self;
        let first = stretches.row();
        let mut written = 0;
        for Other { record, start, before, is_proved } in proved.others {
            let row = RowNumber::new(first.saturating_add(record));
            taker.take_lines(proved.written.get(written..before).unwrap_or_default(), row);
            written = before;
            let mut records = Records::of_lines(lines.get(start..).unwrap_or_default(), stretches.dialect());
            let mut other = Record::default();
            records.read_into(&mut other);
            other.row = row.get();
            if is_proved {
                taker.decline(row);
            }
            rows.hand_on_as_row(&other, &mut |row| taker.take_row(row))?;
        }
        stretches.pass(proved.records);
        let end = RowNumber::new(stretches.row());
        taker.take_lines(proved.written.get(written..).unwrap_or_default(), end);
        taker.take_leavings(proved.leavings)
    }
}

/// What came of some lines.
struct Proved<P: Prove> {
    records: u32,
    /// The lines of the output.
    written: Vec<u8>,
    others: Vec<Other>,
    leavings: P::Leavings,
}

/// A record that was not written.
struct Other {
    /// How many there are before it.
    record: u32,
    /// Where it starts.
    start: usize,
    /// How many bytes of the output belong before it.
    before: usize,
    /// Whether it was shown that it has to wait.
    is_proved: bool,
}

/// A thread that proves lines.
struct Worker<P: Prove> {
    lines: SyncSender<String>,
    outcomes: Receiver<(String, Option<Proved<P>>)>,
}

impl<P: Prove> Worker<P> {
    fn begin<'s>(scope: &'s Scope<'s, '_>, prover: &'s P, dialect: &'s Dialect) -> Self {
        let (lines, work) = sync_channel::<String>(AHEAD);
        let (done, outcomes) = channel();
        scope.spawn(move || {
            for lines in work {
                let outcome = prove(prover, &lines, dialect);
                if done.send((lines, outcome)).is_err() {
                    return;
                }
            }
        });
        Self { lines, outcomes }
    }
}

/// `None` if the lines have to be seen one by one.
fn prove<P: Prove>(prover: &P, lines: &str, dialect: &Dialect) -> Option<Proved<P>> {
    let mut to = Transcript::of(lines.as_bytes());
    let (mut count, mut others, mut leavings) = (0, Vec::new(), P::Leavings::default());
    let mut records = Records::of_lines(lines, dialect);
    let mut record = Record::default();
    let has_commas = dialect.plain_delimiter() == Some(b',');
    loop {
        let start = records.position();
        let line = if has_commas { prover.write_line(start, &mut leavings, &mut to) } else { None };
        let outcome = match line {
            Some((length, outcome)) => {
                records.pass_line(length);
                outcome
            }
            None if records.read_into(&mut record) == Step::Record => {
                prover.write(&record, &mut leavings, to.written())
            }
            None => break,
        };
        let is_proved = match outcome {
            Outcome::Written => None,
            Outcome::Waits => Some(true),
            Outcome::NotProved => Some(false),
            Outcome::Unclear => return None,
        };
        if let Some(is_proved) = is_proved {
            others.push(Other { record: count, start, before: to.length(), is_proved });
        }
        count += 1;
    }
    prover.end(&mut leavings);
    Some(Proved { records: count, written: to.into_bytes(), others, leavings })
}
