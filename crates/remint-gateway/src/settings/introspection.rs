use std::time::Duration;

use remint::{ClientCredentials, ClientId, ClientSecret, Introspection};
use remint_core::with_causes;
use remint_exchange::{CredentialsFile, RotatingCredentials};
use remint_oidc::TrustErrorKind;

use super::node;
use super::origin::Origin;
use super::secret::Secret;
use super::section::{At, Book, Section};
use super::setting::World;
use super::shown::Shown;

/// `[trust.introspection]`: an issuer that is asked about its tokens, in place of its keys.
pub(super) struct IntrospectionSettings {
    pub(super) introspection: Introspection,
    pub(super) places: IntrospectionPlaces,
}

/// Where its settings stand; without it, where its trust stands.
#[derive(Debug, Clone)]
pub(super) struct IntrospectionPlaces {
    pub(super) begin: Origin,
    endpoint: Option<Origin>,
    prefix: Origin,
    again_after: Origin,
}

impl IntrospectionSettings {
    /// `None` if it lacks what it cannot be without.
    pub(super) fn read(mut section: Section<'_, '_>, begin: Origin) -> Option<Self> {
        let endpoint = section.optional::<String>("endpoint", "found by discovery");
        let id = section.optional::<ClientId>("client_id", "the issuer is not asked");
        let secret = section.optional::<Secret>("client_secret", "the issuer is not asked");
        let prefix = section.optional::<String>("opaque_prefix", "any text that is neither JWT nor key");
        let again_after = section.or("again_after", Duration::from_secs(60));
        for (key, is_missing) in [("client_id", id.is_none()), ("client_secret", secret.is_none())] {
            if is_missing {
                section.problem(&begin, format!("`trust.introspection.{key}` is missing"));
            }
        }
        let credentials = id.zip(secret).map(|(id, secret)| credentials(id.value, &secret));
        let credentials = credentials.and_then(|credentials| {
            let problem = |(origin, message): (Origin, String)| section.problem(&origin, message);
            credentials.map_err(problem).ok()
        });
        section.finish();

        let mut introspection = Introspection::new(credentials?).again_after(*again_after);
        let places = IntrospectionPlaces {
            endpoint: endpoint.as_ref().map(|endpoint| endpoint.origin.clone()),
            prefix: prefix.as_ref().map_or_else(|| begin.clone(), |prefix| prefix.origin.clone()),
            again_after: again_after.origin.clone(),
            begin,
        };
        if let Some(endpoint) = endpoint {
            introspection = introspection.endpoint(endpoint.value);
        }
        if let Some(prefix) = prefix {
            introspection = introspection.opaque_prefix(prefix.value);
        }
        Some(Self { introspection, places })
    }
}

/// A secret that is in a file is read again when the issuer does not know it any more.
pub(super) fn credentials(id: ClientId, secret: &At<Secret>) -> Result<RotatingCredentials, (Origin, String)> {
    let Some(path) = secret.file() else {
        return Ok(ClientCredentials::secret_basic(id, ClientSecret::new(secret.expose_secret())).into());
    };
    RotatingCredentials::from_file(CredentialsFile::secret_basic(id, path)).map_err(|error| {
        (secret.origin.clone(), format!("`trust.introspection.client_secret`: {}", with_causes(&error)))
    })
}

impl IntrospectionPlaces {
    /// The setting that this is about, if it is one of these.
    pub(super) fn of(&self, kind: &TrustErrorKind) -> Option<&Origin> {
        match kind {
            TrustErrorKind::Address(_) => self.endpoint.as_ref(),
            TrustErrorKind::OpaqueOverlap(_) | TrustErrorKind::OpaquePrefix => Some(&self.prefix),
            TrustErrorKind::AgainAfter => Some(&self.again_after),
            TrustErrorKind::IntrospectionTemplate | TrustErrorKind::Http => Some(&self.begin),
            _ => None,
        }
    }
}

/// What the section looks like, where there is none.
pub(super) fn show_example(book: &mut Book<'_>) {
    // It refers to nothing, and what stands in it is no secret.
    let world = World::default();
    let mut example = Book { world: &world, problems: Vec::new(), shown: Shown::default() };
    if let Ok(tree) = node::parse(EXAMPLE) {
        let mut trust = Section::at("trust", tree, &mut example);
        _ = IntrospectionSettings::read(trust.section("introspection"), Origin::Default);
    }
    book.shown.example(&example.shown);
}

const EXAMPLE: &str = "[introspection]\nclient_id = 'edge-1'\nclient_secret = 'an example'\n";
