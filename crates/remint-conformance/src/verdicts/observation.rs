use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use serde::{Deserialize, Serialize};

/// What became of a request, as it can be seen from outside. It can be written as JSON, so that an upstream in
/// another process can report it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// It reached the upstream.
    Forwarded {
        /// What the upstream saw.
        upstream: Upstream,
        /// What the client was answered.
        answer: Answer,
    },
    /// It was answered before.
    Answered(Answer),
}

/// The head of a request, as the upstream saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The header lines, names in lower case.
    pub headers: Vec<(String, String)>,
}

/// What a client was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Upstream {
    /// What there is to see of a request.
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Self {
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        Self { method: request.method().to_string(), target: target.to_owned(), headers: lines(request.headers()) }
    }

    /// The answer of an upstream that says what it saw: [`Observation::of`] reads it on the client's side.
    ///
    /// # Panics
    ///
    /// Never: texts can be written as JSON.
    #[must_use]
    pub fn echo(&self) -> Response<Bytes> {
        let mut response = Response::new(serde_json::to_vec(self).expect("JSON").into());
        response.headers_mut().insert(ECHO, HeaderValue::from_static("1"));
        response
    }
}

impl Observation {
    /// What an answer says: an [echo](Upstream::echo) of the upstream, or an answer of the edge.
    ///
    /// # Panics
    ///
    /// If an echo has another body than the upstream wrote.
    #[must_use]
    pub fn of(response: &Response<Bytes>) -> Self {
        let answer = Answer {
            status: response.status().as_u16(),
            headers: lines(response.headers()),
            body: String::from_utf8_lossy(response.body()).into_owned(),
        };
        if response.headers().contains_key(ECHO) {
            let upstream = serde_json::from_slice(response.body()).expect("what the upstream saw");
            Self::Forwarded { upstream, answer }
        } else {
            Self::Answered(answer)
        }
    }
}

impl Answer {
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        values(&self.headers, name)
    }

    /// The one value of this name.
    pub(super) fn value<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        values(&self.headers, name).next()
    }
}

impl Upstream {
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        values(&self.headers, name)
    }
}

/// The values of the lines of this name, in their order.
pub(super) fn values<'a>(lines: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    lines.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// What marks an answer of the upstream.
const ECHO: &str = "upstream-echo";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_upstream_saw_is_read_from_its_answer_and_nothing_else_is_one() {
        let request = Request::get("/jobs?page=2").header("X-A", "1").header("x-a", "2").body(()).unwrap();
        let upstream = Upstream::of(&request);
        assert_eq!((upstream.method.as_str(), upstream.target.as_str()), ("GET", "/jobs?page=2"));
        assert_eq!(upstream.values("x-a").collect::<Vec<_>>(), ["1", "2"]);
        let Observation::Forwarded { upstream: read, answer } = Observation::of(&upstream.echo()) else {
            panic!("it is an echo")
        };
        assert_eq!((read, answer.status), (upstream, 200));

        let mut denied = Response::new(Bytes::from_static(b"no"));
        *denied.status_mut() = http::StatusCode::UNAUTHORIZED;
        denied.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
        let Observation::Answered(answer) = Observation::of(&denied) else { panic!("nothing reached the upstream") };
        assert_eq!(
            (answer.status, answer.value("www-authenticate"), answer.body.as_str()),
            (401, Some("Bearer"), "no")
        );
    }

    #[test]
    fn an_observation_is_written_as_json_and_read_again() {
        let request = Request::get("/").header("accept", "*/*").body(()).unwrap();
        let observation = Observation::of(&Upstream::of(&request).echo());
        let text = serde_json::to_string(&observation).unwrap();
        assert_eq!(serde_json::from_str::<Observation>(&text).unwrap(), observation);
    }
}
