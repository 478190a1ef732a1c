use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{RedisError, RedisResult};
use tokio::sync::watch;

use crate::RedisAddress;
use crate::connection::Connection;

/// The one connection to a server, made when it is needed and again when it has ended.
///
/// It is made in a task of its own: commands wait for it less long than it may take.
#[derive(Debug)]
pub(crate) struct Link {
    address: RedisAddress,
    connect_within: Duration,
    longest_answer: usize,
    state: Mutex<State>,
}

#[derive(Debug, Clone)]
enum State {
    Down,
    Connecting(watch::Receiver<Option<Made>>),
    Up(Arc<Connection>),
}

type Made = RedisResult<Arc<Connection>>;

impl Link {
    pub(crate) const fn new(address: RedisAddress, connect_within: Duration, longest_answer: usize) -> Self {
        Self { address, connect_within, longest_answer, state: Mutex::new(State::Down) }
    }

    pub(crate) const fn address(&self) -> &RedisAddress {
        &self.address
    }

    /// The connection that there is, or the one that is being made.
    pub(crate) async fn connection(&self) -> Made {
        let mut making = match self.or_begin() {
            Ok(connection) => return Ok(connection),
            Err(making) => making,
        };
        let made = match making.wait_for(Option::is_some).await {
            Ok(made) => made.clone(),
            // The runtime that made it has ended.
            Err(_) => None,
        };
        let made = made.unwrap_or_else(|| Err(RedisError::from(std::io::Error::other("the connection was given up"))));
        let mut state = self.lock();
        if let State::Connecting(present) = &*state
            && present.same_channel(&making)
        {
            *state = made.as_ref().map_or(State::Down, |connection| State::Up(Arc::clone(connection)));
        }
        made
    }

    /// Takes a connection out of use, if it is the present one.
    pub(crate) fn give_up(&self, connection: &Arc<Connection>) {
        let mut state = self.lock();
        if matches!(&*state, State::Up(present) if Arc::ptr_eq(present, connection)) {
            *state = State::Down;
        }
    }

    /// Takes the present connection out of use. One that is being made goes on: it may take longer than any command
    /// waits, and has a deadline of its own.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        if matches!(&*state, State::Up(_)) {
            *state = State::Down;
        }
    }

    fn or_begin(&self) -> Result<Arc<Connection>, watch::Receiver<Option<Made>>> {
        let mut state = self.lock();
        match &*state {
            State::Up(connection) if !connection.has_ended() => Ok(Arc::clone(connection)),
            State::Connecting(making) => Err(making.clone()),
            State::Up(_) | State::Down => {
                let making = self.begin();
                *state = State::Connecting(making.clone());
                Err(making)
            }
        }
    }

    fn begin(&self) -> watch::Receiver<Option<Made>> {
        let (made, making) = watch::channel(None);
        let (address, within, longest) = (self.address.clone(), self.connect_within, self.longest_answer);
        tokio::spawn(async move {
            let opened = tokio::time::timeout(within, Connection::open(&address, longest)).await;
            let opened = opened.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()));
            made.send_replace(Some(opened.map(Arc::new)));
        });
        making
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
