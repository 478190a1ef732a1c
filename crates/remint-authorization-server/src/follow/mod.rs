//! The revocation log, for clients that follow it.

mod answer;
mod followers;
mod openapi;
mod place;
mod question;
mod tail;
mod watch;

use axum::extract::{Request, State};
use axum::response::Response;
use http::Extensions;
use remint_core::{Cursor, LoggedRevocation, Page, Reading, Unavailable, UnavailableKind};
use remint_guard::RequestTrace;
use remint_token::revocation_log::LogPage;

pub use self::followers::Followers;
pub use self::openapi::describe_revocation_log;
pub use self::place::FollowerPlace;

use self::answer::{Answer, Gone, Refused, fitting};
use self::followers::Waits;
use self::question::Question;
use crate::client::Right;
use crate::error::{Code, OAuthError};
use crate::server::{Server, Shared};
use crate::throttle::counted_by;
use crate::trail::Trail;

/// `GET /v1/revocations`: rows of the revocation log, for clients with the right to follow it, since rows name users.
///
/// - `after`: the rows after this cursor. If there are none, the answer waits for one, up to `wait`. If the log
///   cannot say what came
///   after the cursor, the answer is 410 with the first page of what the log has.
/// - Without it: what the log has, page by page. `next` of an answer is the `page` of the next question; the
///   `cursor` of the *first* one is where to go on
///   from when all have been read.
/// - `target` (as JSON, several times): the last row that ended each of these.
///
/// Nothing that a client asks changes the log. A GET has no form, so the client authenticates by its
/// `Authorization` header: HTTP Basic, or an assertion (RFC 7523 §2.2) as a Bearer.
pub(crate) async fn endpoint(State(server): State<Shared>, request: Request) -> Response {
    let (trace, trail) = (RequestTrace::of((&request).into()), Trail::default());
    let outcome = respond(&server, request, &trail).await;
    let name = outcome.as_ref().map_or_else(Refused::outcome, Answer::outcome);
    metrics::counter!("remint_revocation_log_requests_total", "outcome" => name).increment(1);
    match outcome {
        Ok(answer) => answer.into_response(),
        Err(refused) => {
            if let Refused::OAuth(error) = &refused {
                trail.log("revocation_log", "none", error, &trace);
            }
            refused.into_response(&trace)
        }
    }
}

async fn respond(server: &Server, request: Request, trail: &Trail) -> Result<Answer, Refused> {
    let (parts, _) = request.into_parts();
    let address = counted_by(&parts.extensions);
    let client = server.clients.authenticate_by_header(&parts.headers, address, trail).await?;
    if !client.has(Right::Follow) {
        let refused = OAuthError::Refused(Code::UnauthorizedClient, "the client may not follow the revocation log");
        return Err(refused.into());
    }
    let followers = server.followers.as_ref().ok_or_else(|| Server::defect("there is no log to be followed"))?;
    let (question, limit) = Question::parse(parts.uri.query()).map_err(Refused::Query)?;
    match question {
        Question::After(cursor, wait) if wait.is_zero() => {
            // One more tells whether there are more.
            let reading = followers.log().read_after(&cursor, limit.saturating_add(1)).await?;
            after(followers, cursor, reading, limit).await
        }
        Question::After(cursor, wait) => {
            let _place = place(followers, &parts.extensions)?;
            let reading = followers.wait(&cursor, limit.saturating_add(1), wait).await?;
            after(followers, cursor, reading, limit).await
        }
        Question::Kept(page) => kept(followers, page, limit).await,
        Question::Latest(targets) => {
            let cursor = followers.log().head().await?;
            let rows = followers.log().latest(&targets).await?;
            Ok(Answer::Rows(LogPage { rows: rows.into_iter().map(Into::into).collect(), cursor, next: None }))
        }
    }
}

/// A place to wait in, until it is dropped.
fn place(followers: &Followers, extensions: &Extensions) -> Result<Waits, Refused> {
    let place = followers.place().ok_or(Refused::Full)?;
    match extensions.get::<FollowerPlace>() {
        Some(of_connection) if !of_connection.take() => Err(Refused::Full),
        _ => Ok(place),
    }
}

async fn after(followers: &Followers, cursor: Cursor, reading: Reading, limit: usize) -> Result<Answer, Refused> {
    let gone = match reading {
        Reading::Rows(rows) => {
            let last = rows.last().map_or_else(|| cursor.clone(), |row| place_of(&cursor, row));
            let (rows, next) = fitting(&cursor.log, rows, limit);
            return Ok(Answer::Rows(LogPage { rows, cursor: next.clone().unwrap_or(last), next }));
        }
        Reading::Gap => Gone::Gap,
        Reading::Rewritten => Gone::Rewritten,
    };
    Ok(Answer::Gone(gone, first_page(followers, limit).await?))
}

async fn kept(followers: &Followers, page: Option<Cursor>, limit: usize) -> Result<Answer, Refused> {
    let Some(page) = page else { return Ok(Answer::Rows(first_page(followers, limit).await?)) };
    let head = followers.log().head().await?;
    let after = Page { after: Some(page.position), limit: limit.saturating_add(1) };
    match followers.log().kept(&page.log, after).await? {
        Some(rows) => {
            let (rows, next) = fitting(&page.log, rows, limit);
            Ok(Answer::Rows(LogPage { rows, cursor: head, next }))
        }
        None => Ok(Answer::Gone(Gone::Gap, first_page(followers, limit).await?)),
    }
}

/// Where the log stands, and then the first page of what it has: what comes between is read twice, and not missed.
async fn first_page(followers: &Followers, limit: usize) -> Result<LogPage, Unavailable> {
    for _ in 0..ATTEMPTS {
        let cursor = followers.log().head().await?;
        let page = Page::first(limit.saturating_add(1));
        if let Some(rows) = followers.log().kept(&cursor.log, page).await? {
            let (rows, next) = fitting(&cursor.log, rows, limit);
            return Ok(LogPage { rows, cursor, next });
        }
    }
    let cause = "the log got another id each time that it was read";
    Err(Unavailable::new(UnavailableKind::RevocationLog).with_source(cause))
}

fn place_of(cursor: &Cursor, row: &LoggedRevocation) -> Cursor {
    Cursor { log: cursor.log.clone(), position: row.position, row: row.id }
}

const ATTEMPTS: usize = 3;
