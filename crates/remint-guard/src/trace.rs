use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use remint_credential::{HeaderLines, RequestHead};

/// What names a refused request in the log: its method, its path and an id, which the answer has too, in the header
/// `x-request-id`.
///
/// The id is that of the request's own `x-request-id` if there is one such line of 1 to 64 letters, digits and
/// `-`, `_`, `.`, `:`, `/`, `+`, `=`; else a new one. The query is not kept: it may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTrace {
    id: HeaderValue,
    method: Method,
    path: Box<str>,
}

impl RequestTrace {
    /// That of this request.
    #[must_use]
    #[cold]
    pub fn of<H: HeaderLines + ?Sized>(head: RequestHead<'_, H>) -> Self {
        let name = REQUEST_ID;
        let mut stated = head.values(name.as_str());
        let id = match (stated.next(), stated.next()) {
            (Some(id), None) if is_sane(id) => HeaderValue::from_bytes(id).ok(),
            _ => None,
        };
        let path = head.path.chars().take(MAX_PATH).collect();
        Self { id: id.unwrap_or_else(new_id), method: head.method.clone(), path }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.to_str().unwrap_or_default()
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path, cut to 200 characters.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Sets the id in the headers of the answer.
    pub fn write(&self, headers: &mut HeaderMap) {
        headers.insert(REQUEST_ID, self.id.clone());
    }
}

fn is_sane(id: &[u8]) -> bool {
    let may_stand = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte);
    (1..=MAX_ID).contains(&id.len()) && id.iter().all(may_stand)
}

/// Unlike every other of this process, and in all likelihood of every other process. It is no secret.
fn new_id() -> HeaderValue {
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:016x}{:016x}", SEED.hash_one(count), SEED.hash_one((count, "id")));
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("none"))
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_ID: usize = 64;
const MAX_PATH: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ids: &[&str]) -> RequestTrace {
        let lines: Vec<(&[u8], &[u8])> = ids.iter().map(|id| (&b"X-Request-Id"[..], id.as_bytes())).collect();
        RequestTrace::of(RequestHead::new(&Method::GET, "/jobs", &lines[..]))
    }

    #[test]
    fn a_sane_id_of_the_callers_is_kept_and_every_other_is_replaced() {
        for id in ["7f3c-AB_c.1:2/3+4=", "1", &"a".repeat(MAX_ID)] {
            assert_eq!(of(&[id]).id(), id);
        }
        let too_long = "a".repeat(MAX_ID + 1);
        for ids in
            [vec![], vec![""], vec!["a b"], vec!["a\"b"], vec!["a\nb"], vec!["é"], vec![&too_long], vec!["a", "b"]]
        {
            let id = of(&ids).id().to_owned();
            assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{ids:?}: {id}");
            assert_ne!(of(&ids).id(), id, "each has its own");
        }
    }

    #[test]
    fn the_path_is_cut_and_the_query_is_not_kept() {
        let headers = HeaderMap::new();
        let uri: http::Uri = "/a?token=secret".parse().unwrap();
        let trace = RequestTrace::of(RequestHead::new(&Method::PUT, "", &headers).with_uri(&uri));
        assert_eq!((trace.method(), trace.path()), (&Method::PUT, "/a"));
        let long = "é".repeat(MAX_PATH + 1);
        let trace = RequestTrace::of(RequestHead::new(&Method::GET, &long, &headers));
        assert_eq!(trace.path().chars().count(), MAX_PATH);
    }
}
