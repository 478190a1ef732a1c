use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use remint_core::{KeyCursor, KeyId, Timestamp, UserId};
use remint_http_api::{JsonBody, OptionalJsonBody, Problem, Read};
use utoipa::ToSchema;

use crate::act_for::{self, ActForRequest};
use crate::actor::Actor;
use crate::field::{self, DurationText, KeyNameText, LifetimeText, NetworkText, ScopesText, UserIdText};
use crate::idempotency;
use crate::page::{Query, cut};
use crate::path::Id;
use crate::resources::{Made, Wanted};
use crate::shared::Shared;
use crate::view::{EnvironmentView, KeyPage, KeyView, answer};

/// What a new key is to be.
#[derive(ToSchema)]
#[schema(as = NewApiKey, examples(json!({ "name": "ci", "environment": "test", "scopes": ["jobs:write"], "expires_in": "30d" })))]
#[expect(dead_code, reason = "a shape of the OpenAPI document; what is read is what is wanted")]
pub(crate) struct NewKeyRequest {
    #[schema(value_type = Option<KeyNameText>)]
    name: (),
    /// Whose it is to be: the caller's unless an administrator says otherwise.
    #[schema(value_type = Option<UserIdText>)]
    user: (),
    /// The caller's unless an administrator says otherwise.
    #[schema(value_type = Option<EnvironmentView>)]
    environment: (),
    /// Absent: those of the user, or of the caller's key if it is restricted to some.
    #[schema(value_type = Option<ScopesText>)]
    scopes: (),
    /// Absent: those of the caller's key.
    #[schema(value_type = Option<Vec<NetworkText>>, max_items = 100)]
    networks: (),
    #[schema(value_type = Option<LifetimeText>)]
    expires_in: (),
    /// Absent: for nobody but its user. Only an administrator gives it.
    #[schema(value_type = Option<ActForRequest>)]
    act_for: (),
}

/// How a key is to be rotated.
#[derive(ToSchema)]
#[schema(as = Rotation, examples(json!({ "overlap": "24h" })))]
pub(crate) struct RotationRequest {
    /// How long the old key goes on: 24 hours unless set; `0s`: it ends now.
    #[schema(value_type = Option<DurationText>)]
    overlap: Option<Duration>,
}

/// Makes a key.
#[utoipa::path(post, operation_id = "create_api_key", path = "/v1/api-keys", tag = "api-keys", request_body = NewKeyRequest,
    responses((status = 201, body = KeyView, description = "The key, with its text"),
        (status = 409, description = "What was made under the idempotency key is gone")))]
pub(crate) async fn create(
    State(shared): State<Shared>,
    actor: Actor,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Problem> {
    let once = idempotency::once(&headers, &actor, "POST /v1/api-keys", body.digest(), shared.0.clock.now())?;
    let wanted = Wanted { once, ..NewKeyRequest::read(body).map_err(Problem::invalid_body)? };
    let permit = shared.resources().make(&actor, wanted).await?;
    Ok(made(permit.carry_out().await?))
}

/// A user's keys, newest first; for who is no administrator, those of the environment that they came in.
#[utoipa::path(get, operation_id = "list_api_keys", path = "/v1/api-keys", tag = "api-keys",
    responses((status = 200, body = KeyPage, description = "A page of keys, without their texts")), params(
    ("user" = Option<UserIdText>, Query, description = "Whose; the caller's own unless an administrator says otherwise"),
    ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many at most: 50 unless set"),
    ("cursor" = Option<String>, Query, description = "Where the page before ended"),
))]
pub(crate) async fn list(
    State(shared): State<Shared>,
    actor: Actor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref(), &["user", "limit", "cursor"])?;
    let user = query.get("user", |text| UserId::new(text).ok(), "is no user id")?;
    let page = query.page(|(millis, id): (u64, String)| {
        Some(KeyCursor { created_at: Timestamp::from_millis(millis), id: KeyId::new(id).ok()? })
    })?;
    let limit = page.limit;
    let mut keys = shared.resources().reading(&actor).keys(user, page).await?;
    let next = cut(&mut keys, limit, |last| (last.created_at.as_millis(), last.id.as_str().to_owned()))?;
    Ok(answer(StatusCode::OK, &KeyPage { items: keys.into_iter().map(KeyView::listed).collect(), next }))
}

/// Makes a key in place of an old one, which goes on for a while.
#[utoipa::path(post, operation_id = "rotate_api_key", path = "/v1/api-keys/{id}/rotate", tag = "api-keys",
    request_body = Option<RotationRequest>, params(("id" = String, Path)),
    responses((status = 201, body = KeyView, description = "The new key, with its text"),
        (status = 409, description = "The key has ended, or was rotated already")))]
pub(crate) async fn rotate(
    State(shared): State<Shared>,
    actor: Actor,
    Id(id): Id<KeyId>,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<Response, Problem> {
    let operation = ["POST /v1/api-keys/", id.as_str(), "/rotate"].concat();
    let once = idempotency::once(&headers, &actor, &operation, body.digest(), shared.0.clock.now())?;
    let RotationRequest { overlap } = RotationRequest::read(body).map_err(Problem::invalid_body)?;
    let permit = shared.resources().rotate(&actor, id, overlap, once).await?;
    Ok(made(permit.carry_out().await?))
}

/// Ends a key, now and everywhere.
#[utoipa::path(delete, operation_id = "revoke_api_key", path = "/v1/api-keys/{id}", tag = "api-keys",
    params(
        ("id" = String, Path),
        ("cascade" = Option<bool>, Query, description = "`true`: the keys that it made end with it, and those that they made"),
    ),
    responses((status = 204, description = "The key works no more")))]
pub(crate) async fn revoke(
    State(shared): State<Shared>,
    actor: Actor,
    Id(id): Id<KeyId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref(), &["cascade"])?;
    let cascade = query.get("cascade", |text| text.parse::<bool>().ok(), "must be `true` or `false`")?;
    shared.resources().revoke(&actor, id, cascade.unwrap_or_default()).await?.carry_out().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn made(made: Made) -> Response {
    match made {
        Made::Now(key, record) => {
            let view = KeyView::issued(record.key, key.expose_secret()).without_effect(&record.without_effect);
            answer(StatusCode::CREATED, &view)
        }
        Made::Before(record) => {
            let view = KeyView::replayed(record.key).without_effect(&record.without_effect);
            ([idempotency::REPLAYED], answer(StatusCode::CREATED, &view)).into_response()
        }
    }
}

impl NewKeyRequest {
    fn read(body: JsonBody) -> Read<Wanted> {
        let mut members = body.into_members();
        let request = Wanted {
            name: members.optional("name", field::key_name),
            user: members.optional("user", field::user_id),
            environment: members.optional("environment", field::environment),
            scopes: members.optional("scopes", field::scopes),
            networks: members.optional("networks", field::networks),
            expires_in: members.optional("expires_in", field::lifetime),
            act_for: members.optional("act_for", act_for::read),
            once: None,
        };
        members.finish(Some(request))
    }
}

impl RotationRequest {
    fn read(body: JsonBody) -> Read<Self> {
        let mut members = body.into_members();
        let overlap = members.optional("overlap", field::duration);
        members.finish(Some(Self { overlap }))
    }
}
