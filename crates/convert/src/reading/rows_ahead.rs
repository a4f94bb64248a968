//! The rows of a long sheet are read on a thread of their own, ahead of whoever takes them, and handed over in batches
//! whose memory goes back and forth.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::{ReadError, RowSink, SheetFacts};
use crate::cell::{StoredRow, StoredValue};

/// Files of fewer bytes are read before a thread has begun.
pub(super) const WORTHWHILE: u64 = 256 << 10;

/// A batch is handed over once it has so many rows,
const ROWS: usize = 2048;
/// or so many cells: the memory of each row is kept for later ones, so this bounds what all of them can come to,
const CELLS: usize = 8192;
/// or texts of so many bytes, and then its memory is not used again.
const TEXT_BYTES: usize = 1 << 20;
/// So many batches wait at most.
const WAITING: usize = 4;

/// Hands on the rows that `read` reads on another thread. A sink that breaks off is told of no error behind the break:
/// how far the other thread has come by then is chance.
pub(super) fn reading(
    read: impl FnOnce(&mut RowSink<'_>) -> Result<SheetFacts, ReadError> + Send,
    sink: &mut RowSink<'_>,
) -> Result<SheetFacts, ReadError> {
    std::thread::scope(|scope| {
        let (full, batches) = sync_channel(WAITING);
        let (emptied, empty) = channel();
        let reader = scope.spawn(move || {
            let mut batches = Batches { full, empty, batch: Batch::default() };
            let facts = read(&mut |row| batches.take(row));
            // The last one, which may be empty; whether anybody takes it makes no difference any more.
            let _ = batches.hand_over();
            facts
        });
        let is_broken_off = hand_on(batches, &emptied, sink).is_break();
        match reader.join() {
            Ok(Err(_)) if is_broken_off => Ok(SheetFacts::default()),
            Ok(outcome) => outcome,
            // The reader is guarded, so this is a panic of this file's own.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Rows of which as many count as are said.
#[derive(Default)]
struct Batch {
    rows: Vec<StoredRow>,
    count: usize,
    cells: usize,
    text_bytes: usize,
}

/// Hands on the rows of all batches. The receiver ends with it, so that the other thread finds nobody to take more.
fn hand_on(batches: Receiver<Batch>, emptied: &Sender<Batch>, sink: &mut RowSink<'_>) -> ControlFlow<()> {
    for mut batch in batches {
        for row in batch.rows.iter_mut().take(batch.count) {
            sink(row)?;
        }
        if batch.text_bytes < TEXT_BYTES {
            // The other thread may have gone already.
            let _ = emptied.send(batch);
        }
    }
    ControlFlow::Continue(())
}

/// The other thread's side.
struct Batches {
    full: SyncSender<Batch>,
    empty: Receiver<Batch>,
    batch: Batch,
}

impl Batches {
    /// Takes the row, and leaves an earlier one for its memory.
    fn take(&mut self, row: &mut StoredRow) -> ControlFlow<()> {
        let batch = &mut self.batch;
        batch.cells += row.cells.len();
        batch.text_bytes += row.cells.iter().map(|cell| text_bytes(&cell.value)).sum::<usize>();
        match batch.rows.get_mut(batch.count) {
            Some(earlier) => std::mem::swap(earlier, row),
            None => batch.rows.push(std::mem::take(row)),
        }
        batch.count += 1;
        if batch.count >= ROWS || batch.cells >= CELLS || batch.text_bytes >= TEXT_BYTES {
            self.hand_over()
        } else {
            ControlFlow::Continue(())
        }
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        let rows = self.empty.try_recv().map(|batch| batch.rows).unwrap_or_default();
        let full = std::mem::replace(&mut self.batch, Batch { rows, ..Batch::default() });
        if self.full.send(full).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

fn text_bytes(value: &StoredValue) -> usize {
    match value {
        StoredValue::Text(text) => text.len(),
        StoredValue::Error(text) => text.len(),
        StoredValue::Number(_)
        | StoredValue::Moment(_)
        | StoredValue::Duration(_)
        | StoredValue::Logical(_)
        | StoredValue::NoResult => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use metricsheet_core::{ColumnIndex, RowNumber};

    use super::*;
    use crate::cell::StoredCell;
    use crate::number_format::NumberFormat;

    /// A row of as many cells as its number says, modulo 100, with a text of that length.
    fn row(number: u32) -> StoredRow {
        let format = Arc::new(NumberFormat::general());
        let cell = |column| StoredCell {
            column: ColumnIndex::new(column),
            value: StoredValue::Text("x".repeat(number as usize % 5_000).into()),
            format: Arc::clone(&format),
            from_other_workbook: false,
        };
        StoredRow {
            number: RowNumber::new(number),
            cells: (0..number % 100).map(cell).collect(),
            ..StoredRow::default()
        }
    }

    /// Hands on so many rows in the memory of one, as readers do, and then ends as is said.
    fn read(
        count: u32,
        end: Result<SheetFacts, ReadError>,
    ) -> impl FnOnce(&mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        move |sink| {
            let mut memory = StoredRow::default();
            for number in 1..=count {
                memory.clone_from(&row(number));
                if sink(&mut memory).is_break() {
                    break;
                }
            }
            end
        }
    }

    #[test]
    fn rows_come_as_they_are_and_in_order() {
        for count in [0, 1, 255, 256, 257, 20_000] {
            let mut next = 1;
            let outcome = reading(read(count, Ok(SheetFacts::default())), &mut |it| {
                assert!(*it == row(next));
                next += 1;
                ControlFlow::Continue(())
            });
            assert_eq!(outcome.unwrap(), SheetFacts::default());
            assert_eq!(next, count + 1);
        }
    }

    #[test]
    fn errors_come_behind_the_rows_before_them_and_not_behind_a_break() {
        let broken = || Err(ReadError::broken("the sheet", "it is cut off"));
        let mut rows = 0;
        let outcome = reading(read(1_000, broken()), &mut |_| {
            rows += 1;
            ControlFlow::Continue(())
        });
        assert!(outcome.is_err());
        assert_eq!(rows, 1_000);
        rows = 0;
        let outcome = reading(read(100_000, broken()), &mut |_| {
            rows += 1;
            if rows == 700 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(outcome.unwrap(), SheetFacts::default());
        assert_eq!(rows, 700);
    }
}
