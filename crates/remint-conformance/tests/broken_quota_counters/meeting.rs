use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// Two threads that meet, whatever the scheduler does: the first one stands still until another one comes by.
#[derive(Debug, Default)]
pub(crate) struct Meeting {
    state: Mutex<State>,
    came: Condvar,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Nobody,
    Waiting,
    Over,
}

impl Meeting {
    /// The first caller lets go of its lock and waits for another one; whether this was the first.
    pub(crate) fn wait<L>(&self, lock: L) -> bool {
        let mut state = self.state.lock().unwrap();
        if *state != State::Nobody {
            return false;
        }
        *state = State::Waiting;
        drop(lock);
        // Nobody comes if the case has no other caller: then it passes, and its test fails.
        drop(self.came.wait_timeout_while(state, PATIENCE, |state| *state == State::Waiting).unwrap());
        true
    }

    /// Comes by.
    pub(crate) fn come(&self) {
        let mut state = self.state.lock().unwrap();
        if *state == State::Waiting {
            *state = State::Over;
            self.came.notify_all();
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
