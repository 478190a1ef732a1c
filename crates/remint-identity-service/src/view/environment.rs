use utoipa::ToSchema;

/// `live` or `test`.
#[derive(ToSchema)]
#[schema(as = Environment, rename_all = "lowercase")]
#[expect(dead_code, reason = "a shape of the OpenAPI document")]
pub(crate) enum EnvironmentView {
    Live,
    Test,
}
