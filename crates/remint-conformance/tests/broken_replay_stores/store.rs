use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{ReplayKey, ReplayStore, Timestamp, Unavailable, UnavailableKind};

/// A plain store made unsound in the one way that a case of the suite is to notice.
#[derive(Debug)]
pub(crate) struct Broken {
    case: &'static str,
    room: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: u32,
    under_way: u32,
    uses: HashMap<[u8; 32], Use>,
}

#[derive(Debug, Clone, Copy)]
struct Use {
    at: Timestamp,
    until: Timestamp,
    /// The number of the call.
    call: u32,
    whole: bool,
}

impl Broken {
    pub(crate) fn new(case: &'static str, room: usize) -> Self {
        Self { case, room, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn name(&self, key: ReplayKey) -> [u8; 32] {
        let ReplayKey(mut bytes) = key;
        if self.case == "keys_that_differ_in_one_bit_are_two" {
            // A text of C's.
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            bytes[end..].fill(0);
        }
        bytes
    }

    /// Forgets what has ended or, where that is the fault, more or less than that.
    fn sweep(&self, uses: &mut HashMap<[u8; 32], Use>, now: Timestamp) {
        match self.case {
            "what_has_ended_makes_room" | "of_many_uses_after_the_end_one_at_most_is_the_first" => {}
            "a_node_whose_clock_is_ahead_forgets_nothing_of_the_others" => uses.retain(|_, kept| kept.until > now),
            "each_use_has_an_end_of_its_own" if uses.values().any(|kept| kept.until <= now) => uses.clear(),
            "nothing_is_forgotten_for_what_comes_after_it" if uses.len() >= 100 => forget_the_oldest(uses),
            _ => uses.retain(|_, kept| kept.until.saturating_add(AHEAD) > now),
        }
    }

    fn was_used(&self, state: &State, name: [u8; 32], now: Timestamp) -> bool {
        let Some(kept) = state.uses.get(&name) else { return false };
        match self.case {
            "a_use_is_remembered_until_its_end" => now.saturating_add(Duration::from_millis(1)) < kept.until,
            "an_end_may_be_as_far_as_there_is" => i64::try_from(kept.until.as_millis()).is_ok(),
            "a_clock_that_is_set_back_forgets_nothing" => (kept.at..kept.until).contains(&now),
            "who_comes_after_the_answer_is_not_the_first" => state.calls > kept.call + 1,
            "a_dropped_call_leaves_no_second_first_use" => kept.whole,
            _ => now < kept.until,
        }
    }

    /// Lets others go on in between, where the fault is that nothing keeps them out.
    async fn pause(&self, is_new: bool) {
        let is_torn = match self.case {
            "of_many_uses_at_once_one_is_the_first"
            | "a_dropped_call_leaves_no_second_first_use"
            | "keys_do_not_stand_in_each_others_way" => true,
            "of_many_uses_after_the_end_one_at_most_is_the_first" => !is_new,
            _ => false,
        };
        for _ in 0..if is_torn { 10 } else { 0 } {
            tokio::task::yield_now().await;
        }
    }

    fn look(&self, name: [u8; 32], now: Timestamp, until: Timestamp) -> Result<Look, Unavailable> {
        let mut state = self.state();
        self.sweep(&mut state.uses, now);
        state.calls += 1;
        state.under_way += 1;
        if self.was_used(&state, name, now) {
            match self.case {
                "only_the_first_use_is_the_first" => _ = state.uses.remove(&name),
                "a_replay_brings_the_end_no_nearer" => state.uses.get_mut(&name).unwrap().until = until,
                _ => {}
            }
            return Ok(Look::Used);
        }
        let is_new = !state.uses.contains_key(&name);
        if is_new && state.uses.len() >= self.room {
            if self.case == "a_full_store_forgets_nothing" {
                forget_the_oldest(&mut state.uses);
            }
            return match self.case {
                "what_has_no_room_is_an_error" => Ok(Look::Used),
                _ => Err(Unavailable::new(UnavailableKind::Overloaded)),
            };
        }
        let kept = Use { at: now, until, call: state.calls, whole: false };
        match self.case {
            "of_many_uses_at_once_one_is_the_first" | "of_many_uses_after_the_end_one_at_most_is_the_first" => {}
            "keys_do_not_stand_in_each_others_way" if state.under_way > 1 => return Ok(Look::Used),
            _ => _ = state.uses.insert(name, kept),
        }
        Ok(Look::First { is_new, kept })
    }
}

enum Look {
    Used,
    First { is_new: bool, kept: Use },
}

#[async_trait]
impl ReplayStore for Broken {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        let name = self.name(key);
        let look = self.look(name, now, until);
        if let Ok(Look::First { is_new, kept }) = look {
            self.pause(is_new).await;
            self.state().uses.insert(name, Use { whole: true, ..kept });
        }
        self.state().under_way -= 1;
        look.map(|look| matches!(look, Look::First { .. }))
    }
}

fn forget_the_oldest(uses: &mut HashMap<[u8; 32], Use>) {
    let oldest = uses.iter().min_by_key(|(_, kept)| kept.call).map(|(name, _)| *name);
    oldest.and_then(|name| uses.remove(&name));
}

/// By how much clocks may differ.
const AHEAD: Duration = Duration::from_secs(300);
