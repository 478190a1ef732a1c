use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use remint_apikey::{NewUser, SignedUp};
use remint_core::{Environment, ExternalIdentity, PlanName, Roles, Scopes, TenantId, UserChange, UserId};
use remint_http_api::{JsonBody, Problem, Read};
use utoipa::ToSchema;

use crate::actor::{Actor, Admin};
use crate::field::{
    self, EntitlementText, IssuerText, PlanNameText, RoleNameText, ScopesText, SubjectText, TenantIdText, UserIdText,
};
use crate::idempotency;
use crate::path::Id;
use crate::resources::SignUpOutcome;
use crate::shared::Shared;
use crate::view::{EnvironmentView, KeyView, SignedUpView, UserView, answer};

/// Who is to be signed up.
#[derive(ToSchema)]
#[schema(as = NewUser, examples(json!({ "id": "alice", "tenant": "acme", "scopes": ["jobs:write"], "roles": ["editor"], "issue": ["live", "test"] })))]
pub(crate) struct NewUserRequest {
    #[schema(value_type = UserIdText)]
    id: UserId,
    /// Made if it is not there.
    #[schema(value_type = Option<TenantIdText>)]
    tenant: Option<TenantId>,
    #[schema(value_type = Option<Vec<ExternalRequest>>, max_items = 100)]
    external: Option<Vec<ExternalIdentity>>,
    /// The environments of the first keys; absent: what the service gives.
    #[schema(value_type = Option<std::collections::BTreeSet<EnvironmentView>>, max_items = 100)]
    issue: Option<Vec<Environment>>,
    #[schema(value_type = Option<ScopesText>)]
    scopes: Option<Scopes>,
    #[schema(value_type = Option<Vec<RoleNameText>>, max_items = 100)]
    roles: Option<Roles>,
    #[schema(value_type = Option<Vec<EntitlementText>>, max_items = 100)]
    entitlements: Option<Vec<String>>,
    #[schema(value_type = Option<PlanNameText>)]
    plan: Option<PlanName>,
}

/// What is to be changed of a user; what is absent stays.
#[derive(ToSchema)]
#[schema(as = UserChange, examples(json!({ "enabled": false }), json!({ "roles": ["editor", "viewer"] })))]
#[expect(dead_code, reason = "a shape of the OpenAPI document; what is read is the core's own type")]
pub(crate) struct UserChangeRequest {
    #[schema(value_type = bool, required = false)]
    enabled: (),
    /// `null`: of none.
    #[schema(value_type = Option<TenantIdText>)]
    tenant: (),
    #[schema(value_type = ScopesText, required = false)]
    scopes: (),
    /// All of them: those that are not named are taken away.
    #[schema(value_type = Vec<RoleNameText>, required = false, max_items = 100)]
    roles: (),
    #[schema(value_type = Vec<EntitlementText>, required = false, max_items = 100)]
    entitlements: (),
    /// `null`: the tenant's.
    #[schema(value_type = Option<PlanNameText>)]
    plan: (),
    /// All of them: those that are not named are unlinked.
    #[schema(value_type = Vec<ExternalRequest>, required = false, max_items = 100)]
    external: (),
}

/// Who a user is at an external issuer.
#[derive(ToSchema)]
#[schema(as = NewExternalIdentity)]
#[expect(dead_code, reason = "a shape of the OpenAPI document")]
pub(crate) struct ExternalRequest {
    #[schema(value_type = IssuerText)]
    issuer: (),
    #[schema(value_type = SubjectText)]
    subject: (),
}

/// Signs a user up.
#[utoipa::path(post, operation_id = "create_user", path = "/v1/users", tag = "users", request_body = NewUserRequest,
    responses((status = 201, body = SignedUpView, description = "The user, with the text of each first key"), (status = 409, description = "The id or an external identity is taken")))]
pub(crate) async fn create(
    State(shared): State<Shared>,
    admin: Admin,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Problem> {
    let once = idempotency::once(&headers, admin.actor(), "POST /v1/users", body.digest(), shared.0.clock.now())?;
    let request = NewUserRequest::read(body).map_err(Problem::invalid_body)?;
    let issue = request.issue.unwrap_or_else(|| shared.0.sign_up.clone());
    let mut new = NewUser::new(request.id);
    if let Some(tenant) = request.tenant {
        new = new.with_tenant(tenant);
    }
    if let Some(scopes) = request.scopes {
        new = new.with_scopes(scopes);
    }
    if let Some(roles) = request.roles {
        new = new.with_roles(roles);
    }
    if let Some(entitlements) = request.entitlements {
        new = new.with_entitlements(entitlements);
    }
    if let Some(plan) = request.plan {
        new = new.with_plan(plan);
    }
    new = request.external.into_iter().flatten().fold(new, NewUser::with_external);
    if let Some(once) = once {
        new = new.once(once);
    }
    match shared.resources().administration(&admin).sign_up(new, issue).await? {
        SignUpOutcome::Now(SignedUp { user, external, keys }) => {
            let keys = keys.into_iter().map(|(key, record)| KeyView::issued(record, key.expose_secret())).collect();
            Ok(answer(StatusCode::CREATED, &SignedUpView { user: UserView::new(user, external), keys }))
        }
        SignUpOutcome::Before { user, external, keys } => {
            let keys = keys.into_iter().map(KeyView::replayed).collect();
            let body = SignedUpView { user: UserView::new(user, external), keys };
            Ok(([idempotency::REPLAYED], answer(StatusCode::CREATED, &body)).into_response())
        }
    }
}

/// A user.
#[utoipa::path(get, operation_id = "read_user", path = "/v1/users/{id}", tag = "users",
    params(("id" = UserIdText, Path)), responses((status = 200, body = UserView, description = "The user")))]
pub(crate) async fn read(State(shared): State<Shared>, actor: Actor, Id(id): Id<UserId>) -> Result<Response, Problem> {
    let (user, external) = shared.resources().reading(&actor).user(&id).await?;
    Ok(answer(StatusCode::OK, &UserView::new(user, external)))
}

/// Changes a user.
#[utoipa::path(patch, operation_id = "change_user", path = "/v1/users/{id}", tag = "users", request_body = UserChangeRequest,
    params(("id" = UserIdText, Path)),
    responses((status = 200, body = UserView, description = "The user as changed"), (status = 409, description = "An external identity is another user's")))]
pub(crate) async fn change(
    State(shared): State<Shared>,
    admin: Admin,
    Id(id): Id<UserId>,
    body: JsonBody,
) -> Result<Response, Problem> {
    let change = change_of(body).map_err(Problem::invalid_body)?;
    let (user, external) = shared.resources().administration(&admin).change_user(&id, &change).await?;
    Ok(answer(StatusCode::OK, &UserView::new(user, external)))
}

/// Deletes a user with all that hangs on them.
#[utoipa::path(delete, operation_id = "delete_user", path = "/v1/users/{id}", tag = "users",
    params(("id" = UserIdText, Path)), responses((status = 204, description = "The user is gone")))]
pub(crate) async fn delete(
    State(shared): State<Shared>,
    admin: Admin,
    Id(id): Id<UserId>,
) -> Result<Response, Problem> {
    shared.resources().administration(&admin).delete_user(&id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl NewUserRequest {
    fn read(body: JsonBody) -> Read<Self> {
        let mut members = body.into_members();
        let id = members.required("id", field::user_id);
        let tenant = members.optional("tenant", field::tenant_id);
        let external = members.optional("external", field::external);
        let issue = members.optional("issue", field::environments);
        let scopes = members.optional("scopes", field::user_scopes);
        let roles = members.optional("roles", field::roles);
        let entitlements = members.optional("entitlements", field::entitlements);
        let plan = members.optional("plan", field::plan);
        members.finish(id.map(|id| Self { id, tenant, external, issue, scopes, roles, entitlements, plan }))
    }
}

fn change_of(body: JsonBody) -> Read<UserChange> {
    let mut members = body.into_members();
    let change = UserChange {
        enabled: members.present("enabled", field::flag),
        tenant: members.nullable("tenant", field::tenant_id),
        scopes: members.present("scopes", field::user_scopes),
        roles: members.present("roles", field::roles),
        entitlements: members.present("entitlements", field::entitlements),
        plan: members.nullable("plan", field::plan),
        external: members.present("external", field::external),
    };
    members.finish(Some(change))
}
