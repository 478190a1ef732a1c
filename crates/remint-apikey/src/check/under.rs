use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use remint_core::{Dependencies, Timestamp, Unavailable, UnavailableKind};

use super::KeyCheck;
use crate::Pepper;
use crate::pairing::{first, from_in_use, in_use, objected, registered, settled};

/// The pepper that the nodes of the store hash keys under.
#[derive(Debug)]
pub(super) enum InUse {
    /// It is here. A key under one of these schemes is hashed as the nodes want it, or as they will.
    Here { pepper: Pepper, good: Vec<Box<str>> },
    /// It has this scheme, and is not here.
    Absent(Box<str>),
    /// It is not known yet that every node has it.
    None,
}

/// What this process last saw of the store's record.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Last>);

#[derive(Debug, Default)]
struct Last {
    /// When, and which scheme was in use and here.
    in_use: Option<(Timestamp, Option<Box<str>>)>,
    /// The waiting peppers that are not here, as far as the log was told.
    lacking: Vec<Box<str>>,
}

impl KeyCheck {
    /// The pepper for a key that is made now: the one in use. Where there is none yet, one is put in use.
    ///
    /// # Errors
    ///
    /// [`UnavailableKind::Pepper`] if the one in use is not here: another node could not read the key.
    pub(crate) async fn pepper_for_new(&self) -> Result<Pepper, Unavailable> {
        match self.in_use(true).await? {
            InUse::Here { pepper, .. } => Ok(pepper),
            InUse::Absent(scheme) => Err(absent(&scheme)),
            InUse::None => Err(Unavailable::new(UnavailableKind::Pepper)),
        }
    }

    /// The pepper that names a key which is imported now: every node finds it again by that.
    ///
    /// # Errors
    ///
    /// As of [`pepper_for_new`](Self::pepper_for_new).
    pub(crate) async fn pepper_for_import(&self) -> Result<Pepper, Unavailable> {
        match self.in_use(false).await? {
            InUse::Here { pepper, .. } => Ok(pepper),
            InUse::Absent(scheme) => Err(absent(&scheme)),
            InUse::None => Ok(self.peppers.newest().clone()),
        }
    }

    /// Says in the store which waiting peppers this process lacks, so that no node begins to use one meanwhile.
    pub(crate) async fn object(&self) -> Result<(), Unavailable> {
        self.in_use(false).await.map(|_| ())
    }

    /// What is in use by the store's record, once this process's newest pepper stands in it. With `begin` one is put in
    /// use where none is.
    pub(super) async fn in_use(&self, begin: bool) -> Result<InUse, Unavailable> {
        for _ in 0..ATTEMPTS {
            let now = self.clock.now();
            let record = self.store.record().await?;
            let mut next = record.depends_on.clone();
            let is_known = next.peppers.iter().any(|pepper| self.peppers.newest().is_of(pepper));
            let is_missing = begin && in_use(&next).is_none();
            if !is_known || is_missing {
                let live = self.store.live_schemes(Pepper::SCHEMES, now).await?;
                if is_missing {
                    first(&mut next, &self.peppers, &live);
                }
                next = registered(&next, &self.peppers, &live, now).unwrap_or(next);
            }
            settled(&mut next, &self.peppers, now);
            let lacking = objected(&mut next, &self.peppers, now);
            if next == record.depends_on || self.store.set_dependencies(record.revision, &next).await? {
                self.seen.tell_of(lacking);
                let in_use = self.of(&next);
                self.seen.note(now, &in_use);
                return Ok(in_use);
            }
        }
        Err(Unavailable::new(UnavailableKind::Store).with_source("other nodes change the store's record all the time"))
    }

    /// Whether a key under this scheme was hashed as the nodes want it when the record was last read, just now.
    pub(super) fn is_settled(&self, scheme: &str) -> bool {
        self.seen.says(self.clock.now(), scheme)
    }

    fn of(&self, depends_on: &Dependencies) -> InUse {
        let Some(recorded) = in_use(depends_on) else { return InUse::None };
        match self.peppers.iter().find(|own| own.is_of(recorded)) {
            Some(pepper) => {
                let good = from_in_use(depends_on).iter().map(|pepper| pepper.scheme.clone()).collect();
                InUse::Here { pepper: pepper.clone(), good }
            }
            None => InUse::Absent(recorded.scheme.clone()),
        }
    }
}

impl Seen {
    fn note(&self, now: Timestamp, in_use: &InUse) {
        let scheme = match in_use {
            InUse::Here { pepper, .. } => Some(pepper.scheme().into()),
            InUse::Absent(_) | InUse::None => None,
        };
        self.lock().in_use = Some((now, scheme));
    }

    /// Of a key that would stay as it is. Before another is hashed again, the record is read.
    fn says(&self, now: Timestamp, scheme: &str) -> bool {
        let last = self.lock();
        let Some((at, in_use)) = &last.in_use else { return false };
        now.saturating_duration_since(*at) < FRESH && in_use.as_deref().is_none_or(|in_use| in_use == scheme)
    }

    fn tell_of(&self, lacking: Vec<Box<str>>) {
        let mut last = self.lock();
        if lacking != last.lacking && !lacking.is_empty() {
            let peppers: Vec<_> = lacking.iter().map(|scheme| Pepper::id_of(scheme)).collect();
            tracing::warn!(
                target: "remint",
                peppers = peppers.join(", "),
                "another node has newer peppers, which this process lacks: no key is hashed under them until it has \
                 them; give it the peppers, and start it again"
            );
        }
        last.lacking = lacking;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn absent(scheme: &str) -> Unavailable {
    let source = format!("the pepper {} is not here: give all nodes the same", Pepper::id_of(scheme));
    Unavailable::new(UnavailableKind::Pepper).with_source(source)
}

const ATTEMPTS: usize = 8;
/// For how long a key that is left alone costs no look at the record.
const FRESH: Duration = Duration::from_secs(10);
