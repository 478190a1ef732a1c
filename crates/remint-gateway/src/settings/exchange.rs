use std::ops::RangeInclusive;
use std::time::Duration;

use remint::{Audience, ClientId, HttpClient, IssuerId};
use remint_exchange::{EndpointSettings, KeySource, RemoteExchanger, Url};
use remint_keyset::HttpFetch as _;

use super::exchange_credentials as credentials;
use super::node;
use super::origin::Origin;
use super::revocation::Log;
use super::section::{At, Book, Section};
use super::setting::World;
use super::shown::Shown;

/// `[exchange]`: the server that authenticates and mints, in place of keys, trusts and a store.
#[derive(Debug, Clone)]
pub(crate) struct ExchangeSettings {
    pub(crate) issuer: IssuerId,
    pub(crate) audience: Audience,
    pub(crate) exchanger: RemoteExchanger,
}

impl ExchangeSettings {
    /// `None`: there is no such section. `Some(None)`: there is one, and it cannot be used.
    pub(super) fn read(root: &mut Section<'_, '_>, http: &HttpClient, log: &Log) -> Option<Option<Self>> {
        let begin = root.place("exchange")?;
        let settings = read(root.section("exchange"), &begin, http, log);
        for key in AT_THE_SERVER {
            root.not_beside(key, "exchange");
        }
        Some(settings)
    }
}

fn read(mut section: Section<'_, '_>, begin: &Origin, http: &HttpClient, log: &Log) -> Option<ExchangeSettings> {
    let before = section.book.problems.len();
    let issuer = section.required::<IssuerId>("issuer", begin);
    let url = section.optional::<String>("url", "the token endpoint is found by discovery");
    let jwks_uri = section.optional::<String>("jwks_uri", "the server's keys are found by discovery");
    let audience = section.required::<Audience>("audience", begin);
    let client = section.required::<ClientId>("client_id", begin);
    let credentials = credentials::read(&mut section, begin, client.as_deref(), issuer.as_deref());
    let prefix = section.optional::<String>("opaque_prefix", "all that is no JWT is an API key");
    let deadline = section.or("deadline", EndpointSettings::default().deadline);
    if !DEADLINE.contains(&*deadline) {
        section.problem(&deadline.origin, "`exchange.deadline`: between 10ms and 1m");
    }
    if let Some(prefix) = prefix.as_ref().filter(|prefix| prefix.is_empty()) {
        section.problem(&prefix.origin, "`exchange.opaque_prefix` is empty; leave it out");
    }
    let mut address = |key: &str, at: Option<At<String>>| {
        let at = at?;
        let address = Url::parse(&at).ok().filter(|url| http.permits(url));
        if address.is_none() {
            section.problem(&at.origin, format!("`exchange.{key}`: an https address (or of this machine)"));
        }
        address
    };
    let (url, jwks_uri) = (address("url", url), address("jwks_uri", jwks_uri));
    if let (Some(issuer), true) = (&issuer, url.is_none() || jwks_uri.is_none()) {
        // It is asked for what was not said.
        address("issuer", Some(At { value: issuer.to_string(), origin: issuer.origin.clone() }));
    }

    let is_sound = section.book.problems.len() == before;
    let parts = issuer.zip(audience).zip(credentials).filter(|_| is_sound);
    let settings = parts.and_then(|((issuer, audience), credentials)| {
        let builder = RemoteExchanger::builder(issuer.value.clone(), audience.value.clone(), credentials);
        let builder = builder.http(http.clone());
        let mut builder = builder.endpoint_settings(EndpointSettings { deadline: *deadline, ..Default::default() });
        if let Some(url) = url {
            builder = builder.token_endpoint(url);
        }
        if let Some(uri) = jwks_uri {
            builder = builder.keys(KeySource::JwksUri(uri));
        }
        if let Log::Server(url) = log {
            builder = builder.revocation_log(url.clone());
        }
        if let Some(prefix) = prefix {
            builder = builder.opaque_prefix(prefix.value);
        }
        let exchanger =
            builder.build().map_err(|error| section.problem(&issuer.origin, format!("`exchange`: {error}")));
        Some(ExchangeSettings { issuer: issuer.value, audience: audience.value, exchanger: exchanger.ok()? })
    });
    section.finish();
    settings
}

/// What a section looks like, where there is none.
pub(super) fn show_example(book: &mut Book<'_>, http: &HttpClient) {
    // It refers to nothing, and what stands in it is no secret.
    let world = World::default();
    let mut example = Book { world: &world, problems: Vec::new(), shown: Shown::default() };
    if let Ok(tree) = node::parse(EXAMPLE) {
        _ = read(Section::root(tree, &mut example).section("exchange"), &Origin::Default, http, &Log::Source);
    }
    book.shown.example(&example.shown);
}

/// What an edge without keys has no use for: it is the server's business.
const AT_THE_SERVER: [&str; 8] = ["issuer", "trust", "clients", "api_keys", "quota", "plans", "leaked_keys", "admin"];
const DEADLINE: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(60);
const EXAMPLE: &str = "[exchange]\nissuer = 'https://auth.example'\naudience = 'internal'\nclient_id = 'edge-1'\n\
                       client_secret = 'an example'\n";
