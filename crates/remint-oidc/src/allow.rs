use remint_core::TenantId;

/// For which tenants an issuer speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tenants {
    /// For none: its tenant claim is not taken over.
    Nobody,
    /// For these; a token that names another is refused.
    Listed(Vec<Box<str>>),
    /// For whichever it names.
    Any,
    /// For this one, whatever it names.
    Fixed(Box<str>),
}

/// Which of an issuer's scopes pass. `remint:*` is not for outsiders to give, so no value here
/// lets one pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AllowedScopes {
    Listed(Vec<Box<str>>),
    Any,
}

impl Tenants {
    pub(crate) fn listed(tenants: Vec<Box<str>>) -> Self {
        match tenants {
            none if none.is_empty() => Self::Nobody,
            any if any.iter().any(|tenant| &**tenant == "*") => Self::Any,
            some => Self::Listed(some),
        }
    }

    /// A name in the list that no tenant can have.
    pub(crate) fn unsound(&self) -> Option<&str> {
        let names = match self {
            Self::Nobody | Self::Any => &[],
            Self::Listed(tenants) => tenants.as_slice(),
            Self::Fixed(tenant) => std::slice::from_ref(tenant),
        };
        names.iter().find(|name| TenantId::new((*name).clone()).is_err()).map(|name| &**name)
    }
}

impl AllowedScopes {
    pub(crate) fn listed(scopes: Vec<Box<str>>) -> Self {
        if scopes.iter().any(|scope| &**scope == "*") { Self::Any } else { Self::Listed(scopes) }
    }

    pub(crate) fn allows(&self, scope: &str) -> bool {
        if scope.starts_with(OWN_SCOPES) {
            return false;
        }
        match self {
            Self::Any => true,
            Self::Listed(scopes) => scopes.iter().any(|allowed| &**allowed == scope),
        }
    }
}

/// Scopes over Remint itself: only our own store gives them.
const OWN_SCOPES: &str = "remint:";
