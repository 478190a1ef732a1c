use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use remint_core::{Cursor, LogId, LoggedRevocation, UnavailableKind};
use remint_guard::{Challenge, ProblemDocument, RequestTrace, retry_after};
use remint_http_api::Problem;
use remint_token::revocation_log::{GAP, LogPage, LogRow, REWRITTEN};

use crate::error::{Code, OAuthError};

/// What the log's reader is told.
pub(super) enum Answer {
    Rows(LogPage),
    /// It cannot go on from where it stands. What the log has, from the beginning.
    Gone(Gone, LogPage),
}

/// Why a reader cannot go on.
#[derive(Clone, Copy)]
pub(super) enum Gone {
    Gap,
    Rewritten,
}

/// Why it is told nothing.
pub(super) enum Refused {
    /// The query does not fit.
    Query(Problem),
    /// As whom the client asks, and what is out.
    OAuth(OAuthError),
    /// As many wait as may.
    Full,
}

impl<E: Into<OAuthError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::OAuth(error.into())
    }
}

impl Answer {
    pub(super) const fn outcome(&self) -> &'static str {
        match self {
            Self::Rows(_) => "ok",
            Self::Gone(Gone::Gap, _) => "gap",
            Self::Gone(Gone::Rewritten, _) => "rewritten",
        }
    }

    pub(super) fn into_response(self) -> Response {
        let (kind, detail, page) = match self {
            Self::Rows(page) => return no_store(axum::Json(page).into_response()),
            Self::Gone(Gone::Gap, page) => (GAP, "rows after the cursor are not here any more", page),
            Self::Gone(Gone::Rewritten, page) => (REWRITTEN, "the log had another history at the cursor", page),
        };
        let document = ProblemDocument::new(StatusCode::GONE).with_type(kind).with_detail(detail);
        no_store(document.with_members(page).into_response().map(Body::from))
    }
}

impl Refused {
    pub(super) const fn outcome(&self) -> &'static str {
        match self {
            Self::Query(_) => "invalid_request",
            Self::OAuth(error) => error.reason(),
            Self::Full => "overloaded",
        }
    }

    pub(super) fn into_response(self, trace: &RequestTrace) -> Response {
        let mut response = no_store(match self {
            Self::Query(problem) => problem.into_response(),
            Self::OAuth(error) => refused(&error),
            Self::Full => {
                problem(StatusCode::SERVICE_UNAVAILABLE, "as many clients wait for the log as may", Some(SOON))
            }
        });
        trace.write(response.headers_mut());
        response
    }
}

/// As the endpoints of OAuth answer it, as a problem document.
fn refused(error: &OAuthError) -> Response {
    match error {
        OAuthError::Refused(Code::InvalidClient, detail) => {
            let mut response = problem(StatusCode::UNAUTHORIZED, detail, None);
            // RFC 7617 §2.
            let challenge = Challenge::new("Basic").with("realm", "remint").with("charset", "UTF-8");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge.into_value());
            response
        }
        OAuthError::Refused(Code::UnauthorizedClient, detail) => problem(StatusCode::FORBIDDEN, detail, None),
        OAuthError::TooManyFailures(after) => problem(StatusCode::TOO_MANY_REQUESTS, error.description(), Some(*after)),
        OAuthError::Unavailable(unavailable) => {
            let detail = match unavailable.kind() {
                UnavailableKind::RevocationLog => "the revocation log does not answer; try again later",
                _ => error.description(),
            };
            problem(StatusCode::SERVICE_UNAVAILABLE, detail, Some(unavailable.retry_after()))
        }
        _ => problem(StatusCode::BAD_REQUEST, error.description(), None),
    }
}

fn problem(status: StatusCode, detail: &'static str, after: Option<Duration>) -> Response {
    let mut response = ProblemDocument::new(status).with_detail(detail).into_response().map(Body::from);
    if let Some(after) = after {
        response.headers_mut().insert(header::RETRY_AFTER, retry_after(after));
    }
    response
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// So many of these rows as an answer may have: no more than `limit`, and not more than [`MAX_BYTES`] if they are
/// several. If some are left, the place of the last one that is in it.
pub(super) fn fitting(log: &LogId, rows: Vec<LoggedRevocation>, limit: usize) -> (Vec<LogRow>, Option<Cursor>) {
    let (mut fit, mut bytes, mut last) = (Vec::new(), 0_usize, None);
    for row in rows {
        let place = Cursor { log: log.clone(), position: row.position, row: row.id };
        let row = LogRow::from(row);
        bytes = bytes.saturating_add(serde_json::to_string(&row).map_or(0, |text| text.len()));
        if fit.len() == limit || (bytes > MAX_BYTES && !fit.is_empty()) {
            return (fit, last);
        }
        fit.push(row);
        last = Some(place);
    }
    (fit, None)
}

/// Clients read answers up to a limit.
const MAX_BYTES: usize = 256 * 1024;
const SOON: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use remint_core::{Position, Revocation, RowId, Subject, Target, Timestamp};

    use super::*;

    fn rows(count: u64, name: &str) -> Vec<LoggedRevocation> {
        let (issuer, subject) = ("https://idp.example".parse().unwrap(), Subject::new(name).unwrap());
        let at = Timestamp::from_secs(1);
        let row = Revocation::ended(Target::Subject { issuer, subject }, at);
        let row = |number| LoggedRevocation {
            position: Position(number),
            id: RowId(number),
            logged_at: at,
            revocation: row.clone(),
        };
        (1..=count).map(row).collect()
    }

    #[test]
    fn an_answer_is_bounded_in_rows_and_in_bytes_and_says_where_the_rest_begins() {
        let log = LogId::new("log").unwrap();
        let place = |number| Cursor { log: log.clone(), position: Position(number), row: RowId(number) };
        let (fit, next) = fitting(&log, rows(5, "a"), 5);
        assert_eq!((fit.len(), next), (5, None));
        let (fit, next) = fitting(&log, rows(6, "a"), 5);
        assert_eq!((fit.len(), next), (5, Some(place(5))));
        let (fit, next) = fitting(&log, rows(1000, &"a".repeat(500)), 1000);
        let bytes = serde_json::to_string(&fit).unwrap().len();
        assert!((MAX_BYTES * 9 / 10..MAX_BYTES * 11 / 10).contains(&bytes), "{bytes}");
        assert_eq!(next, Some(place(u64::try_from(fit.len()).unwrap())));
    }
}
