use std::time::UNIX_EPOCH;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use remint_core::{Day, Environment, KeyId, Subject, TenantId, Timestamp, UsageFilter, UsageKey, UsageRow};
use remint_http_api::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::page::{Query, cut};
use crate::shared::Shared;
use crate::view::{EnvironmentView, answer, time};

/// One line of the account.
#[derive(Serialize, ToSchema)]
#[schema(as = Usage)]
pub(crate) struct UsageView {
    /// In UTC.
    #[schema(format = Date)]
    day: String,
    /// The user, or an external subject that is linked to none.
    user: String,
    tenant: Option<String>,
    /// The API key; `null` for a token.
    key: Option<String>,
    #[schema(value_type = EnvironmentView)]
    environment: &'static str,
    requests: u64,
    units: u64,
}

/// A page of the account, by day.
#[derive(Serialize, ToSchema)]
#[schema(as = UsagePage, examples(json!({
    "items": [{ "day": "2026-11-22", "user": "alice", "tenant": "acme", "key": null, "environment": "live", "requests": 12, "units": 12 }],
    "next": null
})))]
pub(crate) struct UsagePage {
    items: Vec<UsageView>,
    /// The next page's `cursor`; `null` if this is the last one.
    next: Option<String>,
}

/// What was used: the caller's own in the environment that they came in, or anyone's for an administrator.
#[utoipa::path(get, operation_id = "read_usage", path = "/v1/usage", tag = "usage",
    responses((status = 200, body = UsagePage, description = "A page of the account")), params(
    ("user" = Option<String>, Query, min_length = 1, max_length = 512, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$"),
    ("tenant" = Option<String>, Query, min_length = 1, max_length = 128, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$"),
    ("from" = Option<String>, Query, format = Date, description = "The first day, such as `2026-11-22`"),
    ("to" = Option<String>, Query, format = Date, description = "The last day, included"),
    ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many at most: 50 unless set"),
    ("cursor" = Option<String>, Query, description = "Where the page before ended"),
))]
pub(crate) async fn read(
    State(shared): State<Shared>,
    actor: Actor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref(), &["user", "tenant", "from", "to", "limit", "cursor"])?;
    let must = "must be a day such as `2026-11-22`";
    let filter = UsageFilter {
        subject: query.get("user", |text| Subject::new(text).ok(), "is no user id")?,
        tenant: query.get("tenant", |text| TenantId::new(text).ok(), "is no tenant id")?,
        from: query.get("from", day, must)?,
        to: query.get("to", day, must)?,
    };
    let page = query.page(place)?;
    let limit = page.limit;
    let mut rows = shared.resources().reading(&actor).usage(filter, page).await?;
    let next = cut(&mut rows, limit, |last| {
        let UsageKey { day, subject, tenant, key, environment } = &last.key;
        (day.0, subject.clone(), tenant.clone(), key.clone(), *environment)
    })?;
    Ok(answer(StatusCode::OK, &UsagePage { items: rows.into_iter().map(UsageView::from).collect(), next }))
}

impl From<UsageRow> for UsageView {
    fn from(UsageRow { key, count }: UsageRow) -> Self {
        Self {
            day: time(key.day.starts_at()).chars().take(DAY_LEN).collect(),
            user: key.subject.into(),
            tenant: key.tenant.map(Into::into),
            key: key.key.map(Into::into),
            environment: key.environment.as_str(),
            requests: count.requests,
            units: count.units,
        }
    }
}

type Place = (u32, Subject, Option<TenantId>, Option<KeyId>, Environment);

fn place((day, subject, tenant, key, environment): Place) -> Option<UsageKey> {
    Some(UsageKey { day: Day(day), subject, tenant, key, environment })
}

/// `YYYY-MM-DD` (RFC 3339 `full-date`); a day before 1970 is its first one.
fn day(text: &str) -> Option<Day> {
    if text.len() != DAY_LEN {
        return None;
    }
    let moment = humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).ok()?;
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(Day::of(Timestamp::from_secs(since.as_secs())))
}

const DAY_LEN: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_that_the_calendar_has() {
        assert_eq!(day("1970-01-01"), Some(Day(0)));
        assert_eq!(day("2026-11-22"), Some(Day(20_779)));
        assert_eq!(day("2024-02-29"), Some(Day(19_782)));
        for text in
            ["", "2026-13-01", "2026-02-29", "2026-1-1", "20261122", "2026-11-22T00:00:00Z", "2026-11-2x", "+026-11-22"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
