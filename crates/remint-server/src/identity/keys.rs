use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use remint_apikey::{KeyName, NewKey, RotateKey};
use remint_core::{
    ActFor, ApiKeyRecord, Environment, KeyCursor, KeyId, Network, Scopes, StoreError, Timestamp, UserId,
};
use utoipa::ToSchema;

use super::act_for::{self, ActForRequest};
use super::limits::Limits;
use super::page::{Query, cut};
use super::path::Id;
use super::view::{EnvironmentView, KeyPage, KeyView, answer};
use super::{Actor, Shared, idempotency};
use crate::body::{JsonBody, OptionalJsonBody, Read, fault, within};
use crate::field::{self, DurationText, KeyNameText, LifetimeText, NetworkText, ScopesText, UserIdText};
use crate::problem::Problem;

/// What a new key is to be.
#[derive(ToSchema)]
#[schema(as = NewApiKey)]
pub(super) struct NewKeyRequest {
    #[schema(value_type = Option<KeyNameText>)]
    name: Option<KeyName>,
    /// Whose it is to be: the caller's unless an administrator says otherwise.
    #[schema(value_type = Option<UserIdText>)]
    user: Option<UserId>,
    /// The caller's unless an administrator says otherwise.
    #[schema(value_type = Option<EnvironmentView>)]
    environment: Option<Environment>,
    /// Absent: those of the user, or of the caller's key if it is restricted to some.
    #[schema(value_type = Option<ScopesText>)]
    scopes: Option<Scopes>,
    /// Absent: those of the caller's key.
    #[schema(value_type = Option<Vec<NetworkText>>, max_items = 100)]
    networks: Option<Vec<Network>>,
    #[schema(value_type = Option<LifetimeText>)]
    expires_in: Option<Duration>,
    /// Absent: for nobody but its user. Only an administrator gives it.
    #[schema(value_type = Option<ActForRequest>)]
    act_for: Option<ActFor>,
}

/// How a key is to be rotated.
#[derive(ToSchema)]
#[schema(as = Rotation)]
pub(super) struct RotationRequest {
    /// How long the old key goes on: 24 hours unless set; `0s`: it ends now.
    #[schema(value_type = Option<DurationText>)]
    overlap: Option<Duration>,
}

/// Makes a key.
#[utoipa::path(post, path = "/v1/api-keys", tag = "api-keys", request_body = NewKeyRequest,
    responses((status = 201, body = KeyView), (status = 409, description = "What was made under the idempotency key is gone")))]
pub(super) async fn create(
    State(shared): State<Shared>,
    actor: Actor,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Problem> {
    let limits = Limits::of(&actor, shared.keys()).await?;
    let once = idempotency::once(&headers, &actor, "POST /v1/api-keys", body.digest(), shared.0.clock.now())?;
    let request = NewKeyRequest::read(body).map_err(Problem::invalid_body)?;
    if request.act_for.is_some() {
        actor.administers()?;
    }
    if let Some(limits) = &limits {
        limits.may_make(request.scopes.as_ref())?;
    }
    let user = owner(&actor, request.user)?;
    let mut new = match &limits {
        None => {
            let environment = request.environment.unwrap_or_else(|| actor.environment());
            let new = NewKey::new(user, environment).with_networks(request.networks.unwrap_or_default());
            restricted(new, request.scopes)
        }
        Some(limits) => {
            let new = NewKey::new(user, limits.environment(request.environment)?)
                .with_networks(limits.networks(request.networks)?);
            ending(restricted(new, limits.scopes(request.scopes)?), limits.ends())
        }
    };
    if let Some(name) = request.name {
        new = new.with_name(name);
    }
    if let Some(duration) = request.expires_in {
        new = new.expiring_in(duration);
    }
    if let Some(act_for) = request.act_for {
        new = new.acting_for(act_for);
    }
    if let Some(once) = once {
        new = new.once(once);
    }
    match shared.keys_for(&actor).create(new).await {
        Ok((key, record)) => Ok(answer(StatusCode::CREATED, &KeyView::issued(record, key.expose_secret()))),
        Err(error) => replayed(&shared, error).await,
    }
}

/// A user's keys, newest first.
#[utoipa::path(get, path = "/v1/api-keys", tag = "api-keys", responses((status = 200, body = KeyPage)), params(
    ("user" = Option<UserIdText>, Query, description = "Whose; the caller's own unless an administrator says otherwise"),
    ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many at most: 50 unless set"),
    ("cursor" = Option<String>, Query, description = "Where the page before ended"),
))]
pub(super) async fn list(
    State(shared): State<Shared>,
    actor: Actor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref(), &["user", "limit", "cursor"])?;
    let asked = query.get("user", |text| UserId::new(text).ok(), "is no user id")?;
    let user = match asked {
        Some(asked) => actor.reaches(&asked).map(|()| asked)?,
        None => actor.user()?.ok_or_else(|| Problem::invalid_query("user", "is missing"))?,
    };
    let page = query.page(|(millis, id): (u64, String)| {
        Some(KeyCursor { created_at: Timestamp::from_millis(millis), id: KeyId::new(id).ok()? })
    })?;
    let limit = page.limit;
    if shared.keys().user(&user).await?.is_none() {
        return Err(Problem::not_found());
    }
    let mut keys = shared.keys().list_page(&user, page).await?;
    let next = cut(&mut keys, limit, |last| (last.created_at.as_millis(), last.id.as_str().to_owned()))?;
    Ok(answer(StatusCode::OK, &KeyPage { items: keys.into_iter().map(KeyView::listed).collect(), next }))
}

/// Makes a key in place of an old one, which goes on for a while.
#[utoipa::path(post, path = "/v1/api-keys/{id}/rotate", tag = "api-keys",
    request_body = Option<RotationRequest>, params(("id" = String, Path)),
    responses((status = 201, body = KeyView), (status = 409, description = "The key has ended, or was rotated already")))]
pub(super) async fn rotate(
    State(shared): State<Shared>,
    actor: Actor,
    Id(id): Id<KeyId>,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<Response, Problem> {
    let operation = ["POST /v1/api-keys/", id.as_str(), "/rotate"].concat();
    let once = idempotency::once(&headers, &actor, &operation, body.digest(), shared.0.clock.now())?;
    let RotationRequest { overlap } = RotationRequest::read(body).map_err(Problem::invalid_body)?;
    let old = reachable(&shared, &actor, &id).await?;
    let mut rotate = RotateKey::new(id);
    if let Some(limits) = Limits::of(&actor, shared.keys()).await? {
        limits.admits(&old)?;
        if let Some(end) = limits.ends() {
            rotate = rotate.not_after(end);
        }
    }
    if let Some(overlap) = overlap {
        rotate = rotate.overlapping(overlap);
    }
    if let Some(once) = once {
        rotate = rotate.once(once);
    }
    match shared.keys_for(&actor).rotate(rotate).await {
        Ok(rotated) => Ok(answer(StatusCode::CREATED, &KeyView::issued(rotated.new, rotated.key.expose_secret()))),
        Err(error) => replayed(&shared, error).await,
    }
}

/// Ends a key, now and everywhere.
#[utoipa::path(delete, path = "/v1/api-keys/{id}", tag = "api-keys",
    params(
        ("id" = String, Path),
        ("cascade" = Option<bool>, Query, description = "`true`: the keys that it made end with it, and those that they made"),
    ),
    responses((status = 204, description = "The key works no more")))]
pub(super) async fn revoke(
    State(shared): State<Shared>,
    actor: Actor,
    Id(id): Id<KeyId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref(), &["cascade"])?;
    let cascade = query.get("cascade", |text| text.parse::<bool>().ok(), "must be `true` or `false`")?;
    let cascade = cascade.unwrap_or_default();
    // What a key made that is gone with its user is an administrator's to end.
    if !(cascade && actor.is_admin()) {
        reachable(&shared, &actor, &id).await?;
    }
    let keys = shared.keys_for(&actor);
    let found = match cascade {
        true => keys.revoke_with_descendants(&id).await?.is_known(),
        false => keys.revoke(&id).await?.is_some(),
    };
    if found { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(Problem::not_found()) }
}

impl NewKeyRequest {
    fn read(body: JsonBody) -> Read<Self> {
        let mut members = body.into_members();
        let request = Self {
            name: members.optional("name", field::key_name),
            user: members.optional("user", field::user_id),
            environment: members.optional("environment", field::environment),
            scopes: members.optional("scopes", field::scopes),
            networks: members.optional("networks", field::networks),
            expires_in: members.optional("expires_in", field::lifetime),
            act_for: members.optional("act_for", act_for::read),
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

/// 409: what the first request made was deleted or revoked since.
pub(super) fn gone() -> Problem {
    Problem::new(StatusCode::CONFLICT, "gone", "what was made under the idempotency key is gone")
}

/// Whose the new key is to be.
fn owner(actor: &Actor, asked: Option<UserId>) -> Result<UserId, Problem> {
    match asked {
        Some(asked) => actor.reaches(&asked).map(|()| asked),
        None => actor.user()?.ok_or_else(|| Problem::invalid_body(vec![within(fault("is missing"), "user")])),
    }
}

/// A key that the caller may know of.
async fn reachable(shared: &Shared, actor: &Actor, id: &KeyId) -> Result<ApiKeyRecord, Problem> {
    // A subject that is no user learns that first, whatever it asks for.
    actor.user()?;
    let key = shared.keys().key(id).await?.ok_or_else(Problem::not_found)?;
    actor.reaches(&key.user)?;
    Ok(key)
}

async fn replayed(shared: &Shared, error: StoreError) -> Result<Response, Problem> {
    let StoreError::Replayed { resource } = error else { return Err(error.into()) };
    let id = KeyId::new(resource).map_err(|_| Problem::defect())?;
    // A key of which nobody could be told was revoked at once: it is gone as well.
    let key = shared.keys().key(&id).await?.filter(|key| key.revoked_at.is_none()).ok_or_else(gone)?;
    Ok(([idempotency::REPLAYED], answer(StatusCode::CREATED, &KeyView::replayed(key))).into_response())
}

fn restricted(new: NewKey, scopes: Option<Scopes>) -> NewKey {
    match scopes {
        Some(scopes) => new.with_scopes(scopes),
        None => new,
    }
}

fn ending(new: NewKey, end: Option<Timestamp>) -> NewKey {
    match end {
        Some(end) => new.not_after(end),
        None => new,
    }
}
