use serde::Serialize;

/// The members of RFC 9728 §2 that are used here. One without a value is left out (§3.2).
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Document {
    pub(super) resource: Box<str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) authorization_servers: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jwks_uri: Option<Box<str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) scopes_supported: Vec<Box<str>>,
    pub(super) bearer_methods_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resource_signing_alg_values_supported: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_name: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_documentation: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_policy_uri: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_tos_uri: Option<Box<str>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) tls_client_certificate_bound_access_tokens: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) dpop_signing_alg_values_supported: Vec<Box<str>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) dpop_bound_access_tokens_required: bool,
}
