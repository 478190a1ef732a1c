//! What is changed of a request's headers.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use remint_credential::CredentialRules;
use remint_gate::{Decision, Edit, Edits, Gate, RequestHead, Verdict};
use remint_guard::Policy;

use crate::support::{forwarded, gate, get, headers, known, normalizer};

#[tokio::test]
async fn authorization_is_the_internal_token_and_the_clients_copies_of_identity_headers_are_gone() {
    let gate = gate(Policy::new());
    let lines = [("x-api-key", "good"), ("x-user-id", "admin"), ("x_remint_env", "live"), ("accept", "*/*")];
    for _ in 0..2 {
        let mut map = headers(&lines);
        forwarded(get(&gate, &lines).await).edits.apply(&mut map);
        assert!(map[AUTHORIZATION].as_bytes().starts_with(b"Bearer e30.e30."));
        assert!(map[AUTHORIZATION].is_sensitive());
        map.remove(AUTHORIZATION);
        assert_eq!(map, headers(&[("accept", "*/*")]));
    }
}

#[tokio::test]
async fn a_request_without_a_credential_loses_authorization_whether_it_had_one_or_not() {
    let gate = gate(Policy::new().optional());
    let forward = forwarded(get(&gate, &[]).await);
    let mut told = Vec::new();
    forward.edits.each(&HeaderMap::new(), |edit| told.push(format!("{edit:?}")));
    assert_eq!(told, [format!("{:?}", Edit::Remove(b"authorization"))]);
    let mut map = headers(&[("authorization", "Bearer left")]);
    forward.edits.apply(&mut map);
    assert!(map.is_empty());
}

#[tokio::test]
async fn beginnings_and_look_alikes_are_told_as_the_names_that_are_there() {
    let gate = gate(Policy::new().optional());
    let lines: [(&[u8], &[u8]); 6] = [
        (b"X-Remint-Env", b"live"),
        (b"x_auth_request_user", b"a"),
        (b"X-User-Id", b"a"),
        (b"x-user-id", b"b"),
        (b"connection", b"close, x-user-id"),
        (b"accept", b"*/*"),
    ];
    let Decision::Ready(Verdict::Forward(forward)) = gate.decide(RequestHead::new(&Method::GET, "/", &lines[..]))
    else {
        panic!("it passes as anonymous")
    };
    let (mut removed, mut set) = (Vec::new(), Vec::new());
    forward.edits.each(&lines[..], |edit| match edit {
        Edit::Remove(name) => removed.push(String::from_utf8(name.to_vec()).unwrap()),
        Edit::Set(name, value) | Edit::Append(name, value) => set.push((name.to_string(), value.clone())),
    });
    assert_eq!(removed, ["X-Remint-Env", "x_auth_request_user", "X-User-Id", "authorization"]);
    assert_eq!(set, [("connection".to_owned(), HeaderValue::from_static("close"))]);
}

#[tokio::test]
async fn the_edits_of_a_hit_borrow_the_gate_and_those_of_a_request_that_waited_hold_it() {
    let gate = gate(Policy::new());
    let map = headers(&[("x-api-key", "good")]);
    let head = RequestHead::new(&Method::GET, "/", &map);
    let Decision::Waiting(waiting) = gate.decide(head) else { panic!("it is not remembered") };
    let waited = forwarded(waiting.await).edits;
    assert!(format!("{waited:?}").contains("borrows_the_gate: false"));
    let Decision::Ready(Verdict::Forward(forward)) = gate.decide(head) else { panic!("it is remembered") };
    assert!(format!("{:?}", forward.edits).contains("borrows_the_gate: true"));
    // Neither borrows the head.
    drop(map);
    drop(waited);
    forward.edits.apply(&mut HeaderMap::new());
}

#[tokio::test]
async fn no_edit_shows_the_token_in_its_debug_output() {
    let edits = forwarded(get(&gate(Policy::new()), &[("x-api-key", "good")]).await).edits;
    assert!(!format!("{edits:?}").contains("e30"));
}

/// What `each` tells, made in a `HeaderMap`. Fails where a name is both set and removed, where `Authorization` is
/// neither, or where a line is appended to what was not set.
fn applied(edits: &Edits<'_>, mut map: HeaderMap) -> Result<HeaderMap, TestCaseError> {
    let sent = map.clone();
    let (mut set, mut removed) = (Vec::new(), Vec::new());
    let mut misplaced = None;
    edits.each(&sent, |edit| match edit {
        Edit::Set(name, value) => {
            map.insert(name, value.clone());
            set.push(name.clone());
        }
        Edit::Append(name, value) => {
            if !set.contains(name) {
                misplaced = Some(name.clone());
            }
            map.append(name, value.clone());
        }
        Edit::Remove(name) => {
            let name = HeaderName::from_bytes(name).unwrap();
            map.remove(&name);
            removed.push(name);
        }
    });
    prop_assert_eq!(misplaced, None);
    prop_assert!(set.iter().all(|name| !removed.contains(name)), "{set:?} {removed:?}");
    prop_assert!(set.contains(&AUTHORIZATION) != removed.contains(&AUTHORIZATION), "{set:?} {removed:?}");
    Ok(map)
}

proptest! {
    #[test]
    fn what_each_tells_is_what_apply_does(lines in lines()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let rules = CredentialRules::default().with_cookie("session");
        let known = known();
        let normalizer = normalizer(&known, |builder| builder.credential_rules(rules));
        let gate = Gate::new(normalizer, Policy::new().optional());
        let lines: Vec<_> = lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for _ in 0..2 {
            let verdict = runtime.block_on(get(&gate, &lines));
            let Verdict::Forward(forward) = verdict else { return Ok(()) };
            let told = applied(&forward.edits, headers(&lines))?;
            let mut map = headers(&lines);
            forward.edits.apply(&mut map);
            prop_assert_eq!(told, map);
        }
    }
}

fn lines() -> impl Strategy<Value = Vec<(String, String)>> {
    let line = |name: &str, value: &str| Just((name.to_owned(), value.to_owned()));
    let credential = prop_oneof![
        line("authorization", "Bearer a.b.good"),
        line("x-api-key", "good"),
        line("cookie", "session=a.b.good; theme=dark"),
        line("cookie", "session=a.b.good"),
        line("accept", "*/*"),
    ];
    let other = prop_oneof![
        line("cookie", "theme=dark; lang=en"),
        line("connection", "keep-alive"),
        line("connection", "close, Authorization, x_user_id, X-Trace"),
        line("connection", "x-user-id"),
        line("x-user-id", "admin"),
        line("x_user_id", "admin"),
        line("x-remint-env", "live"),
        line("x_remint-env", "live"),
        line("x-auth-request-user", "admin"),
        line("txn-token", "a"),
        line("proxy-authorization", "Basic a"),
        line("x-request-id", "1"),
        ("[a-z][a-z_-]{0,10}", "[ -~]{0,10}"),
    ];
    (credential, proptest::collection::vec(other, 0..6), any::<prop::sample::Index>()).prop_map(
        |(credential, mut others, place)| {
            let place = place.index(others.len() + 1);
            others.insert(place, credential);
            others
        },
    )
}
