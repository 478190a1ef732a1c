use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{Clock, Cursor, Page, Position, Reading, Stamp, Unavailable, UnavailableKind};
use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;

use crate::RevocationTable;
use crate::sight::{LATELY, Sight, Sighted};
use crate::source::Source;
use crate::telemetry;

/// Reads a log into a table.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) log: Source,
    pub(crate) table: Arc<RevocationTable>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) read: Mutex<Cursor>,
    /// Somebody wants the log to be read now.
    pub(crate) wanted: Notify,
    /// More is known of whether the log answers.
    looked: Notify,
}

impl Reader {
    pub(crate) fn new(log: Source, table: Arc<RevocationTable>, clock: Arc<dyn Clock>, read: Cursor) -> Self {
        table.begin(&read.log, log.is_shared());
        Self { log, table, clock, read: Mutex::new(read), wanted: Notify::new(), looked: Notify::new() }
    }

    /// Reads what is new and applies it.
    pub(crate) async fn catch_up(&self) -> Result<Stamp, Unavailable> {
        let mut read = self.read.lock().await;
        match self.table.sight() {
            None => self.read_on(&mut read).await,
            Some(sight) => self.look(sight, &mut read).await,
        }
    }

    /// Reads what the log has kept, as at the start.
    pub(crate) async fn start(&self) -> Result<(), Unavailable> {
        let mut read = self.read.lock().await;
        let began = self.table.sight().map(Sight::now);
        *read = self.read_what_is_kept().await?;
        if let Some((sight, began)) = self.table.sight().zip(began) {
            sight.note_in_step(began);
        }
        Ok(())
    }

    /// Returns once what is known of the log is recent, at once if it is already.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log has not answered for too long.
    pub(crate) async fn stay_in_step(&self) -> Result<(), Unavailable> {
        let Some(sight) = self.table.sight() else { return Ok(()) };
        let blind =
            || Unavailable::new(UnavailableKind::RevocationLog).with_source("the log was not read for too long");
        for _ in 0..LOOKS {
            let mut looked = pin!(self.looked.notified());
            looked.as_mut().enable();
            match sight.sighted() {
                Sighted::Well => return Ok(()),
                Sighted::Blind => return Err(blind()),
                Sighted::NotLately => {}
            }
            self.wanted.notify_one();
            // Nobody is left who could read it, if there is no answer.
            let _ = timeout(LATELY, looked).await;
        }
        Err(blind())
    }

    /// One reading, while which it is noted whether the log answers.
    async fn look(&self, sight: &Sight, read: &mut Cursor) -> Result<Stamp, Unavailable> {
        'again: loop {
            let began = sight.now();
            let mut seen = began;
            let mut reading = pin!(self.read_on(read));
            loop {
                let outcome = timeout(TICK, &mut reading).await;
                let now = sight.now();
                // What this process missed while it slept, a question from before does not answer.
                let slept = now.since(seen) > LATELY;
                seen = now;
                let outcome = match outcome {
                    Ok(Ok(stamp)) => {
                        sight.note_in_step(began);
                        telemetry::in_step(&self.table, stamp.position.0, self.clock.now());
                        Some(Ok(stamp))
                    }
                    _ if slept => continue 'again,
                    Ok(Err(error)) => Some(Err(error)),
                    Err(_) if now.since(began) > READ_WITHIN => {
                        let late = "the revocation log did not answer in time";
                        Some(Err(Unavailable::new(UnavailableKind::RevocationLog).with_source(late)))
                    }
                    Err(_) => None,
                };
                if !matches!(outcome, Some(Ok(_))) {
                    sight.note_unanswered(now);
                }
                if matches!(outcome, Some(Err(_))) {
                    telemetry::blind(now.since(sight.in_step()));
                }
                self.looked.notify_waiters();
                if let Some(outcome) = outcome {
                    return outcome;
                }
            }
        }
    }

    async fn read_on(&self, read: &mut Cursor) -> Result<Stamp, Unavailable> {
        let Self { log, table, .. } = self;
        loop {
            match log.log().read_after(read, BATCH).await? {
                Reading::Rows(rows) => {
                    let now = self.clock.now();
                    for row in &rows {
                        table.apply_logged(row);
                        telemetry::read(row, now);
                    }
                    if let Some(last) = rows.last() {
                        read.position = last.position;
                        read.row = last.id;
                        table.read_to(last.position);
                    }
                    if rows.len() < BATCH {
                        return Ok(read.stamp());
                    }
                    continue;
                }
                Reading::Rewritten => {
                    if let Some(writer) = log.writer() {
                        writer.renew(&read.log).await?;
                    }
                }
                Reading::Gap => {}
            }
            telemetry::gap();
            *read = self.read_what_is_kept().await?;
            table.forget_entries(self.clock.now());
            return Ok(read.stamp());
        }
    }

    /// Applies the rows in force, and returns how far they were read.
    async fn read_what_is_kept(&self) -> Result<Cursor, Unavailable> {
        let Self { log, table, .. } = self;
        telemetry::snapshot();
        'log: loop {
            let head = log.log().head().await?;
            table.begin(&head.log, log.is_shared());
            let mut after = Position(0);
            while after < head.position {
                let page = Page { after: Some(after), limit: BATCH };
                let Some(rows) = log.log().kept(&head.log, page).await? else { continue 'log };
                let Some(last) = rows.last() else { break };
                rows.iter().for_each(|row| table.apply_logged(row));
                after = last.position;
            }
            table.read_to(head.position);
            return Ok(head);
        }
    }
}

const BATCH: usize = 256;

/// How often it is looked whether there is an answer.
const TICK: Duration = Duration::from_millis(250);

/// How long one reading may take: longer than any log lets its readers wait.
const READ_WITHIN: Duration = Duration::from_secs(40);

/// How many looks a caller who needs to know waits for.
const LOOKS: usize = 5;
