use crate::TrustErrorKind;

/// The issuers that one trust covers: one, or one per tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IssuerPattern {
    /// This text, to the byte.
    Exact(Box<str>),
    /// This text around a tenant, which is a whole segment of the path.
    Template { before: Box<str>, after: Box<str> },
}

impl IssuerPattern {
    pub(crate) fn parse(issuer: &str) -> Result<Self, TrustErrorKind> {
        let Some((before, after)) = issuer.split_once(PLACEHOLDER) else {
            return if issuer.contains(['{', '}']) {
                Err(TrustErrorKind::Issuer)
            } else {
                Ok(Self::Exact(issuer.into()))
            };
        };
        let whole_segment = before.ends_with('/') && (after.is_empty() || after.starts_with('/'));
        let in_path = before.split_once("://").is_some_and(|(_, rest)| rest.find('/').is_some_and(|slash| slash > 0));
        if !whole_segment || !in_path || before.contains(['{', '}']) || after.contains(['{', '}']) {
            return Err(TrustErrorKind::Issuer);
        }
        Ok(Self::Template { before: before.into(), after: after.into() })
    }

    /// Whether this is the issuer, and of which tenant.
    pub(crate) fn matches<'a>(&self, issuer: &'a str) -> Option<Option<&'a str>> {
        match self {
            Self::Exact(exact) => (**exact == *issuer).then_some(None),
            Self::Template { before, after } => {
                let tenant = issuer.strip_prefix(&**before)?.strip_suffix(&**after)?;
                is_tenant(tenant).then_some(Some(tenant))
            }
        }
    }

    pub(crate) const fn is_template(&self) -> bool {
        matches!(self, Self::Template { .. })
    }
}

fn is_tenant(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// What stands for the tenant in a template issuer, and in the `issuer` of its discovery document.
pub(crate) const PLACEHOLDER: &str = "{tenantid}";

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRA: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

    #[test]
    fn a_template_matches_one_plain_segment_and_nothing_else() {
        let template = IssuerPattern::parse(ENTRA).unwrap();
        let issuer = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";
        assert_eq!(template.matches(issuer), Some(Some("9188040d-6c67-4c5b-b112-36a304b66dad")));
        let too_long = ["https://login.microsoftonline.com/", &"a".repeat(65), "/v2.0"].concat();
        for other in [
            "https://login.microsoftonline.com//v2.0",
            "https://login.microsoftonline.com/a/b/v2.0",
            "https://login.microsoftonline.com/a%2Fb/v2.0",
            "https://login.microsoftonline.com/a.b/v2.0",
            "https://login.microsoftonline.com/../v2.0",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/a/v2.0/",
            "https://login.microsoftonline.com/a/v2.0?x",
            "https://login.microsoftonline.com/a",
            "https://login.microsoftonline.com.evil.example/a/v2.0",
            " https://login.microsoftonline.com/a/v2.0",
            "https://LOGIN.microsoftonline.com/a/v2.0",
            "https://login.microsoftonline.com/v2.0",
            too_long.as_str(),
        ] {
            assert_eq!(template.matches(other), None, "{other}");
        }
    }

    #[test]
    fn a_placeholder_anywhere_but_in_a_whole_path_segment_is_an_error() {
        for bad in [
            "https://{tenantid}.example/",
            "https://{tenantid}/v2.0",
            "https://idp.example/x{tenantid}/",
            "https://idp.example/{tenantid}x",
            "https://idp.example/{tenantid}/{tenantid}",
            "https://idp.example/{tenant}",
            "{tenantid}",
        ] {
            assert!(IssuerPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
