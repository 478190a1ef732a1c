use remint_core::{Scopes, TenantId, is_reserved};

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

/// Which of an issuer's scopes, roles or groups pass. Reserved names (`remint:…`) are not for outsiders to give,
/// so no value here lets one pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
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

impl Allowed {
    pub(crate) const NONE: Self = Self::Listed(Vec::new());

    pub(crate) fn listed(names: Vec<Box<str>>) -> Self {
        if names.iter().any(|name| &**name == "*") { Self::Any } else { Self::Listed(names) }
    }

    /// A name in the list that no scope can have.
    pub(crate) fn unsound_scope(&self) -> Option<&str> {
        let names = match self {
            Self::Any => &[],
            Self::Listed(names) => names.as_slice(),
        };
        names.iter().map(|name| &**name).find(|name| Scopes::try_from_iter([*name]).is_err())
    }

    /// Whether nothing passes.
    pub(crate) const fn is_none(&self) -> bool {
        matches!(self, Self::Listed(names) if names.is_empty())
    }

    pub(crate) fn allows(&self, name: &str) -> bool {
        if is_reserved(name) {
            return false;
        }
        match self {
            Self::Any => true,
            Self::Listed(names) => names.iter().any(|allowed| &**allowed == name),
        }
    }
}
