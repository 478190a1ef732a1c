//! The checker over histories that were written by hand: what it must find, and what it must not.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

use std::time::Duration;

use remint_faults::checker::{Breach, Promise, Verdict, check};
use remint_faults::history::{Answer, Credential, Disturbance, Disturbed, History, Moment, Revocation};

const fn ms(millis: u64) -> Moment {
    Duration::from_millis(millis)
}

const PROMISE: Promise = Promise {
    bound: Duration::from_secs(1),
    poll: Duration::from_secs(1),
    max_staleness: Duration::from_secs(30),
    leeway: Duration::from_secs(30),
};

/// One credential that does not end, and one that does.
fn history() -> History {
    let lasting = Credential { name: "lasting".to_owned(), expires: None, source: None };
    let ending = Credential { name: "ending".to_owned(), expires: Some(ms(100_000)), source: None };
    History { credentials: vec![lasting, ending], ..History::default() }
}

trait Told: Sized {
    fn asked(self, at: u64, status: u16) -> Self;
    fn asked_with(self, credential: usize, at: u64, status: u16) -> Self;
    fn revoked(self, sent: u64, acknowledged: Option<u64>) -> Self;
    fn disturbed(self, kind: Disturbed, from: u64, until: u64) -> Self;
    fn verdict(&self) -> Verdict;
}

impl Told for History {
    fn asked(self, at: u64, status: u16) -> Self {
        self.asked_with(0, at, status)
    }

    /// Answered a millisecond after it was sent.
    fn asked_with(mut self, credential: usize, at: u64, status: u16) -> Self {
        let status = (status != 0).then_some(status);
        self.answers.push(Answer { node: 1, credential, sent: ms(at), answered: ms(at + 1), status });
        self
    }

    fn revoked(mut self, sent: u64, acknowledged: Option<u64>) -> Self {
        let acknowledged = acknowledged.map(ms);
        let (target, credentials) = ("key".to_owned(), vec![0]);
        self.revocations.push(Revocation { target, credentials, sent: ms(sent), acknowledged, lost: false });
        self
    }

    fn disturbed(mut self, kind: Disturbed, from: u64, until: u64) -> Self {
        self.disturbances.push(Disturbance { node: 1, kind, from: ms(from), until: ms(until) });
        self
    }

    fn verdict(&self) -> Verdict {
        check(self, PROMISE)
    }
}

fn only(verdict: &Verdict) -> &Breach {
    assert_eq!(verdict.breaches.len(), 1, "{verdict:?}");
    &verdict.breaches[0]
}

#[test]
fn a_revocation_that_every_node_follows_in_time_is_kept() {
    let verdict = history().asked(0, 200).revoked(10, Some(20)).asked(900, 200).asked(1_021, 401).verdict();
    assert_eq!(verdict, Verdict { refusals: 1, ..Verdict::default() });
}

#[test]
fn a_node_that_ignores_rows_is_found() {
    let verdict = history().revoked(10, Some(20)).asked(5_000, 200).asked(60_000, 200).verdict();
    assert!(matches!(verdict.breaches[..], [Breach::Late { .. }, Breach::Late { .. }]), "{verdict:?}");
}

#[test]
fn a_node_that_follows_too_late_is_found_by_the_time_at_which_a_request_was_sent() {
    let late = history().revoked(10, Some(20)).asked(1_021, 200).asked(1_100, 401).verdict();
    assert!(matches!(only(&late), Breach::Late { after, .. } if *after == ms(1_001)));

    let mut sent_in_time = history().revoked(10, Some(20)).asked(1_020, 200);
    sent_in_time.answers[0].answered = ms(9_000);
    assert_eq!(sent_in_time.verdict().breaches, []);
}

#[test]
fn a_node_that_follows_over_http_has_one_poll_more() {
    let mut remote = history().revoked(10, Some(20)).asked(2_020, 200);
    remote.followers = vec![1];
    assert_eq!(remote.verdict().breaches, []);
    assert!(matches!(only(&remote.asked(2_021, 200).verdict()), Breach::Late { .. }));
}

#[test]
fn a_node_that_serves_before_it_reads_is_found_after_it_was_suspended() {
    let suspended = history().asked(0, 200).disturbed(Disturbed::Suspended, 100, 9_000).revoked(200, Some(210));
    let mut served = suspended.clone().asked(8_000, 200);
    served.answers[1].answered = ms(9_001);
    assert!(matches!(only(&served.verdict()), Breach::Late { .. }));

    let mut read_first = suspended.asked(8_000, 401);
    read_first.answers[1].answered = ms(9_001);
    assert_eq!(read_first.verdict().breaches, []);
}

#[test]
fn without_a_log_a_node_goes_on_until_the_staleness_and_no_longer() {
    let blind = history().disturbed(Disturbed::Blind, 0, 60_000).revoked(10, Some(20));
    assert_eq!(blind.clone().asked(29_000, 200).verdict().breaches, []);
    assert!(matches!(only(&blind.clone().asked(30_001, 200).verdict()), Breach::Late { .. }));
    assert_eq!(blind.clone().asked(30_001, 503).verdict().breaches, []);
    assert!(matches!(only(&blind.asked(62_000, 200).verdict()), Breach::Late { .. }), "and then it has read");
}

#[test]
fn a_log_that_comes_back_is_read_within_the_bound() {
    let blind = history().disturbed(Disturbed::Blind, 0, 5_000).revoked(10, Some(20));
    assert_eq!(blind.clone().asked(5_900, 200).verdict().breaches, []);
    assert!(matches!(only(&blind.asked(6_001, 200).verdict()), Breach::Late { .. }));
}

#[test]
fn what_was_read_before_the_log_went_is_known() {
    let blind = history().revoked(10, Some(20)).disturbed(Disturbed::Blind, 2_000, 9_000);
    assert!(matches!(only(&blind.asked(3_000, 200).verdict()), Breach::Late { .. }));
}

#[test]
fn another_node_without_a_log_excuses_nobody() {
    let mut other = history().disturbed(Disturbed::Blind, 0, 60_000).revoked(10, Some(20)).asked(5_000, 200);
    other.disturbances[0].node = 2;
    assert!(matches!(only(&other.verdict()), Breach::Late { .. }));
}

#[test]
fn a_lost_row_is_listed_and_nothing_is_promised_of_it() {
    let mut lost = history().revoked(10, Some(20)).asked(5_000, 200);
    lost.revocations[0].lost = true;
    assert_eq!(lost.verdict(), Verdict { lost: vec![0], ..Verdict::default() });
}

#[test]
fn a_revocation_that_failed_may_have_either_outcome() {
    let failed = history().revoked(10, None).asked(5_000, 200).asked(5_002, 401);
    assert_eq!(failed.verdict(), Verdict::default());
}

#[test]
fn a_revocation_that_was_done_by_half_is_found_when_all_is_over() {
    let mut half = history().revoked(10, None).asked(5_000, 200).asked(6_000, 401);
    half.answers[1].node = 2;
    assert_eq!(half.verdict().breaches, [], "it may be under way");
    half.settled = Some(ms(5_000));
    assert_eq!(half.verdict().breaches, [Breach::Divided { credential: 0 }]);
    half.revocations[0].lost = true;
    assert_eq!(half.verdict().breaches, [], "whoever read the row that was lost may go by it");
    let mut whole = history().revoked(10, None).asked(5_000, 401).asked(6_000, 401).asked(7_000, 503);
    whole.settled = Some(ms(5_000));
    assert_eq!(whole.verdict().breaches, []);
}

#[test]
fn an_outage_that_becomes_a_401_is_found() {
    for credential in [0, 1] {
        let refused = history().disturbed(Disturbed::Blind, 0, 10_000).asked_with(credential, 5_000, 401);
        assert!(matches!(only(&refused.verdict()), Breach::Refused(_)));
        let unavailable = history().disturbed(Disturbed::Blind, 0, 10_000).asked_with(credential, 5_000, 503);
        assert_eq!(unavailable.verdict().breaches, []);
    }
    let early = history().asked(5, 401).revoked(10, Some(20));
    assert!(matches!(only(&early.verdict()), Breach::Refused(_)), "before anybody asked for it");
}

#[test]
fn a_credential_that_was_cached_must_pass_while_the_log_is_gone() {
    let blind = history().asked(50, 200).disturbed(Disturbed::Blind, 100, 60_000);
    assert_eq!(blind.clone().asked(20_000, 200).verdict().cached, 1);
    for given_up in [503, 0] {
        assert!(matches!(only(&blind.clone().asked(20_000, given_up).verdict()), Breach::GaveUp(_)));
    }
    assert!(matches!(only(&blind.clone().asked(29_000, 503).verdict()), Breach::GaveUp(_)));
    assert_eq!(blind.clone().asked(29_101, 503).verdict().breaches, [], "what it had read may have been a second old");
    assert_eq!(blind.clone().asked(61_000, 503).verdict().breaches, [], "the log is there");
    assert_eq!(blind.clone().asked_with(1, 20_000, 503).verdict().breaches, [], "it was not cached");
    let killed = blind.clone().disturbed(Disturbed::Dead, 1_000, 2_000).asked(20_000, 503);
    assert_eq!(killed.verdict().breaches, [], "the cache went with the process");
    assert_eq!(blind.revoked(300, None).asked(20_000, 503).verdict().breaches, [], "it may be revoked");
}

#[test]
fn no_token_outlives_itself_or_its_source() {
    assert_eq!(history().asked_with(1, 129_999, 200).verdict().breaches, []);
    assert!(matches!(only(&history().asked_with(1, 130_001, 200).verdict()), Breach::Expired(_)));
    assert_eq!(history().asked_with(1, 100_000, 401).verdict().breaches, []);

    let mut made = history();
    let internal = |expires| Credential { name: "internal".to_owned(), expires, source: Some(1) };
    made.credentials.push(internal(Some(ms(99_000))));
    assert_eq!(made.verdict().breaches, []);
    for expires in [None, Some(ms(100_001))] {
        made.credentials[2] = internal(expires);
        assert_eq!(made.verdict().breaches, [Breach::Outlives { credential: 2 }]);
    }
}

#[test]
fn a_clock_that_is_off_changes_expiry_and_nothing_else() {
    let ahead = history().disturbed(Disturbed::Clock(3_600), 0, 90_000);
    assert_eq!(ahead.clone().asked_with(1, 1_000, 401).verdict().breaches, []);
    assert!(matches!(only(&ahead.clone().asked_with(1, 1_000, 200).verdict()), Breach::Expired(_)));
    assert!(matches!(only(&ahead.clone().asked(1_000, 401).verdict()), Breach::Refused(_)));
    let cached = history().asked_with(1, 50, 200).disturbed(Disturbed::Blind, 100, 60_000);
    let expired = cached.clone().disturbed(Disturbed::Clock(3_600), 100, 2_000).asked_with(1, 1_000, 401);
    assert_eq!(expired.verdict().breaches, [], "while the log is gone, too, and however soon the clock is right again");
    assert!(matches!(only(&cached.asked_with(1, 1_000, 503).verdict()), Breach::GaveUp(_)));
    let late = ahead.revoked(10, Some(20)).asked(5_000, 200);
    assert!(matches!(only(&late.verdict()), Breach::Late { .. }));
}

#[test]
fn a_status_that_nobody_expects_is_found() {
    for status in [302, 400, 403, 429, 500] {
        assert!(matches!(only(&history().asked(1, status).verdict()), Breach::Unexpected(_)), "{status}");
    }
}

#[test]
fn a_breach_names_the_node_the_credential_and_the_revocation() {
    let late = history().revoked(10, Some(20)).asked(5_000, 200);
    let told = only(&late.verdict()).told(&late).to_string();
    for part in ["node 1", "lasting", "key was revoked", "4.980s"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
