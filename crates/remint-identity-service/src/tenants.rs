use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use remint_core::{TenantChange, TenantId};
use remint_http_api::{JsonBody, Problem, Read};
use utoipa::ToSchema;

use crate::actor::Admin;
use crate::field::{self, PlanNameText, TenantIdText};
use crate::path::Id;
use crate::shared::Shared;
use crate::view::{TenantView, answer};

/// What is to be changed of a tenant; what is absent stays.
#[derive(ToSchema)]
#[schema(as = TenantChange, examples(json!({ "plan": "team" })))]
#[expect(dead_code, reason = "a shape of the OpenAPI document; what is read is the core's own type")]
pub(crate) struct TenantChangeRequest {
    #[schema(value_type = bool, required = false)]
    enabled: (),
    /// `null`: none.
    #[schema(value_type = Option<PlanNameText>)]
    plan: (),
}

/// A tenant. It comes into being with its first user.
#[utoipa::path(get, operation_id = "read_tenant", path = "/v1/tenants/{id}", tag = "tenants",
    params(("id" = TenantIdText, Path)),
    responses((status = 200, body = TenantView, description = "The tenant")))]
pub(crate) async fn read(
    State(shared): State<Shared>,
    admin: Admin,
    Id(id): Id<TenantId>,
) -> Result<Response, Problem> {
    let tenant = shared.resources().administration(&admin).tenant(&id).await?;
    Ok(answer(StatusCode::OK, &TenantView::from(tenant)))
}

/// Changes a tenant. Disabling it stops all its users.
#[utoipa::path(patch, operation_id = "change_tenant", path = "/v1/tenants/{id}", tag = "tenants", request_body = TenantChangeRequest,
    params(("id" = TenantIdText, Path)),
    responses((status = 200, body = TenantView, description = "The tenant as changed")))]
pub(crate) async fn change(
    State(shared): State<Shared>,
    admin: Admin,
    Id(id): Id<TenantId>,
    body: JsonBody,
) -> Result<Response, Problem> {
    let change = change_of(body).map_err(Problem::invalid_body)?;
    let tenant = shared.resources().administration(&admin).change_tenant(&id, &change).await?;
    Ok(answer(StatusCode::OK, &TenantView::from(tenant)))
}

fn change_of(body: JsonBody) -> Read<TenantChange> {
    let mut members = body.into_members();
    let change =
        TenantChange { enabled: members.present("enabled", field::flag), plan: members.nullable("plan", field::plan) };
    members.finish(Some(change))
}
