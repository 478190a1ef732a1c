use http::HeaderName;
use remint::CredentialRules;
use remint_credential::{Extractor, InvalidRules};

use super::origin::Origin;
use super::section::Section;

/// `[credentials]`: where credentials may stand, and what is removed. `public_url` is where browsers find us,
/// unless they find the services at another address.
pub(super) fn read(mut section: Section<'_, '_>, public_url: &str) -> CredentialRules {
    let schemes = ["Token", "Api-Key"].map(str::to_owned).to_vec();
    let headers = |names: &[&'static str]| names.iter().map(|name| HeaderName::from_static(name)).collect::<Vec<_>>();
    let bearer = section.or("bearer", true);
    let api_key_schemes = section.or("api_key_schemes", schemes);
    let api_key_headers = section.or("api_key_headers", headers(&["x-api-key"]));
    let jwt_headers = section.or("jwt_headers", Vec::<HeaderName>::new());
    let cookie = section.or("cookie", String::new());
    let origin = section.optional::<String>("origin", "that of listen.public_url");
    let max_length = section.or("max_length", 8192_u64);
    let strip_headers = section.or("strip_headers", headers(&CredentialRules::STRIP_HEADERS));

    let mut rules = CredentialRules::default()
        .with_bearer(*bearer)
        .with_api_key_schemes(api_key_schemes.value)
        .with_api_key_headers(api_key_headers.value)
        .with_max_length(usize::try_from(*max_length).unwrap_or(usize::MAX))
        .with_strip_headers(strip_headers.value);
    let is_ambient = !cookie.is_empty() || !jwt_headers.is_empty();
    if !cookie.is_empty() {
        rules = rules.with_cookie(cookie.value);
    }
    if is_ambient {
        rules = rules.with_jwt_headers(jwt_headers.value);
        rules = rules.with_origin(origin.as_ref().map_or(public_url, |origin| origin.value.as_str()));
    } else if let Some(origin) = &origin {
        section.problem(
            &origin.origin,
            "`credentials.origin` means nothing without `credentials.cookie` or `jwt_headers`",
        );
    }
    if let Err(invalid) = Extractor::new(rules.clone()) {
        let culprits: &[(&Origin, &str)] = match invalid {
            InvalidRules::Scheme => &[(&api_key_schemes.origin, "api_key_schemes")],
            InvalidRules::Origin => &[(origin.as_ref().map_or(&Origin::Default, |origin| &origin.origin), "origin")],
            InvalidRules::Cookie => &[(&cookie.origin, "cookie")],
            InvalidRules::Beginning => &[(&strip_headers.origin, "strip_headers")],
            InvalidRules::TwoMeanings => &[(&jwt_headers.origin, "jwt_headers")],
            InvalidRules::Length => &[(&max_length.origin, "max_length")],
            _ => &[
                (&api_key_headers.origin, "api_key_headers"),
                (&jwt_headers.origin, "jwt_headers"),
                (&strip_headers.origin, "strip_headers"),
            ],
        };
        // Of two that may be meant, one that was set.
        let set = culprits.iter().rev().find(|(origin, _)| **origin != Origin::Default).or(culprits.first());
        if let Some((origin, key)) = set {
            section.problem(origin, format!("`credentials.{key}`: {invalid}"));
        }
    }
    section.finish();
    rules
}
