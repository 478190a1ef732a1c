/// Where an issuer keeps what we call subject, tenant, scopes, roles and groups: dotted paths.
#[derive(Debug, Clone)]
pub(crate) struct ClaimMap {
    pub(crate) subject: Box<str>,
    /// `None`: `org_id`, or `tid` for a template issuer.
    pub(crate) tenant: Option<Box<str>>,
    pub(crate) clients: Vec<Box<str>>,
    pub(crate) scopes: Vec<Box<str>>,
    pub(crate) roles: Box<str>,
    pub(crate) groups: Box<str>,
    /// Name in `ext`, and where its value is.
    pub(crate) extra: Vec<(Box<str>, Box<str>)>,
}

impl Default for ClaimMap {
    fn default() -> Self {
        Self {
            subject: "sub".into(),
            tenant: None,
            clients: vec!["azp".into(), "client_id".into()],
            scopes: vec!["scope".into(), "scp".into()],
            roles: "realm_access.roles".into(),
            groups: "groups".into(),
            extra: Vec::new(),
        }
    }
}
