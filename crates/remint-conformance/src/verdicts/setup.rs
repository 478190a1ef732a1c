use remint_core::Environment;
use remint_guard::{Denials, Policy, Requirements, ResourceMetadata};
use serde::{Deserialize, Serialize};

/// How an edge is set up: a row names what differs from the default, which requires a credential and nothing
/// more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Setup {
    /// Requests without a credential pass as anonymous.
    pub optional: bool,
    /// CORS preflights pass without a credential.
    pub preflight: bool,
    /// The environment that the policy requires.
    pub environment: Option<Environment>,
    /// The environment that the audience demands as a whole.
    pub audience_environment: Option<Environment>,
    /// The scopes that the policy requires.
    pub scopes: Vec<String>,
    /// The roles that the policy requires.
    pub roles: Vec<String>,
    /// The entitlements that the policy requires.
    pub entitlements: Vec<String>,
    /// Whether external identities are linked to users.
    pub linked: bool,
    /// The realm in challenges.
    pub realm: Option<String>,
    /// Whether the metadata of the resource `https://api.example/jobs` is served.
    pub metadata: bool,
    /// Whether DPoP proofs are taken, for `https://api.example`.
    pub dpop: bool,
    /// Whether they need a nonce.
    pub nonces: bool,
    /// The cookie that may carry a JWT.
    pub cookie: Option<String>,
    /// The cookie that carries the name of a session.
    pub session_cookie: Option<String>,
    /// The header of its own that may carry a JWT.
    pub jwt_header: Option<String>,
    /// Where browsers find the edge.
    pub origin: Option<String>,
    /// Whether `Authorization: Bearer` is no source.
    pub no_bearer: bool,
    /// The headers that are stripped, in place of the default.
    pub strip: Option<Vec<String>>,
    /// The longest credential in bytes.
    pub max_length: Option<usize>,
    /// From how many failures of one address 429 is answered.
    pub failure_limit: Option<u32>,
    /// What cannot be reached from the beginning.
    pub outage: Option<Outage>,
}

/// What cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// The store of API keys.
    Store,
    /// Who signs internal tokens.
    Issuer,
    /// The store of used DPoP proofs.
    Replays,
    /// An enricher whose claims are required.
    Enricher,
}

impl Setup {
    /// What every identity must meet.
    ///
    /// # Panics
    ///
    /// If a scope, a role or an entitlement is none.
    #[must_use]
    pub fn requirements(&self) -> Requirements {
        let [scopes, roles, entitlements] =
            [&self.scopes, &self.roles, &self.entitlements].map(|names| names.iter().map(String::as_str));
        let required = Requirements::new().with_scopes(scopes).expect("scope tokens");
        let required = required.with_roles(roles).expect("names of roles");
        let required = required.with_entitlements(entitlements).expect("names of entitlements");
        match self.environment {
            Some(environment) => required.with_environment(environment),
            None => required,
        }
    }

    /// How denials are answered.
    ///
    /// # Panics
    ///
    /// If the realm is none.
    #[must_use]
    pub fn denials(&self) -> Denials {
        match &self.realm {
            Some(realm) => Denials::new().with_realm(realm).expect("a realm"),
            None => Denials::new(),
        }
    }

    /// The document that is served.
    ///
    /// # Panics
    ///
    /// Never: both addresses are valid.
    #[must_use]
    pub fn metadata(&self) -> Option<ResourceMetadata> {
        let servers = ["https://auth.example".parse().expect("an issuer")];
        let document = || ResourceMetadata::new("https://api.example/jobs")?.with_authorization_servers(servers);
        self.metadata.then(|| document().expect("valid addresses"))
    }

    /// All of it as a policy, but for DPoP: whether proofs are taken, the normalizer says.
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::new().with_requirements(self.requirements()).with_denials(self.denials());
        if self.optional {
            policy = policy.optional();
        }
        if self.preflight {
            policy = policy.allow_cors_preflight();
        }
        match self.metadata() {
            Some(metadata) => policy.with_resource_metadata(&metadata),
            None => policy,
        }
    }
}
