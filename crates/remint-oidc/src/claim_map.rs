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

impl ClaimMap {
    /// Whether the subject is the token's `sub`.
    pub(crate) fn names_sub(&self) -> bool {
        &*self.subject == "sub"
    }

    /// What stands before the value of another claim that names the subject.
    pub(crate) fn prefix(&self) -> String {
        [&self.subject, ":"].concat()
    }
}

impl Default for ClaimMap {
    fn default() -> Self {
        Self {
            subject: "sub".into(),
            tenant: None,
            clients: ["azp", "client_id", "appid", "cid"].map(Into::into).to_vec(),
            scopes: vec!["scope".into(), "scp".into()],
            roles: "realm_access.roles".into(),
            groups: "groups".into(),
            extra: Vec::new(),
        }
    }
}
