use std::collections::HashSet;

use remint::{Audience, ClientId, Environment, IssuerId, is_reserved};
use remint_authorization_server::{Client, Right};

use super::act_for;
use super::client_keys::ClientKeys;
use super::client_scopes::ClientScopes;
use super::node::{self, Node};
use super::origin::Origin;
use super::secret::Secret;
use super::section::{At, Book, Section};
use super::setting::{Setting, World, Wrong};
use super::shown::Shown;
use super::trust::TrustSettings;
use super::value::{one_of, quoted, text};

/// `[[clients]]`: who may ask the authorization server, and for what.
#[derive(Debug, Clone)]
pub(crate) struct ClientSettings {
    pub(crate) client: Client,
    /// It could be guessed sooner than one of 32 characters.
    pub(crate) has_short_secret: bool,
    id: At<ClientId>,
    issuers: Option<At<Vec<IssuerId>>>,
}

impl ClientSettings {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let begin = section.origin();
        let id = section.required::<ClientId>("id", &begin);
        let proof = Proof::read(&mut section, &begin);
        let may = section.required::<Vec<May>>("may", &begin);
        let audience = section.optional::<Vec<Audience>>("audience", "`issuer.audience`");
        let subject_audience = section.optional::<Vec<Audience>>("subject_audience", "`issuer.audience`");
        let issuers = section.optional::<Vec<IssuerId>>("issuers", "any that is trusted");
        let scopes = section.optional::<ClientScopes>("scopes", "those of whom it asks for; of its own it has none");
        let environment = section.or("environment", Environment::Live);
        let edge = section.or("edge", false);
        let act_for = act_for::read(section.section("act_for"));

        let rights: Vec<Right> = may.iter().flat_map(|may| &may.value).map(|may| may.0).collect();
        let lacks = |needed: &[Right]| may.is_some() && !needed.iter().any(|right| rights.contains(right));
        if let Some(may) = may.as_ref().filter(|may| may.is_empty()) {
            section.problem(&may.origin, "`clients.may` is empty: the client could do nothing");
        } else {
            let for_itself = (*environment != Environment::Live).then_some(&environment.origin);
            for (set, key, needed) in [
                (subject_audience.as_ref().map(|at| &at.origin), "subject_audience", &[Right::Exchange][..]),
                (issuers.as_ref().map(|at| &at.origin), "issuers", &[Right::Exchange, Right::JwtBearer]),
                (edge.then_some(&edge.origin), "edge", &[Right::Exchange]),
                (for_itself, "environment", &[Right::ClientCredentials]),
                (act_for.as_ref().map(|at| &at.origin), "act_for", &[Right::ClientCredentials]),
            ] {
                if let Some(origin) = set.filter(|_| lacks(needed)) {
                    let needed = needed.iter().map(|right| quoted(right.as_str())).collect::<Vec<_>>().join(" or ");
                    section.problem(origin, format!("`clients.{key}` means nothing without {needed} in `may`"));
                }
            }
        }
        for (list, key) in [(&audience, "audience"), (&subject_audience, "subject_audience")] {
            if let Some(list) = list.as_ref().filter(|list| list.is_empty()) {
                section.problem(&list.origin, format!("`clients.{key}` is empty; leave it out for `issuer.audience`"));
            }
        }
        if let Some(scopes) = &scopes
            && rights.contains(&Right::ClientCredentials)
            && scopes.0.iter().any(is_reserved)
        {
            let message = "`clients.scopes`: only the store gives remint:*, and never to a client for itself";
            section.problem(&scopes.origin, message);
        }
        section.finish();

        let (id, proof) = (id?, proof?);
        let has_short_secret = proof.is_short();
        let mut client = proof.client(id.value.clone()).may(rights).environment(*environment);
        if let Some(audience) = audience {
            client = client.audiences(audience.value);
        }
        if let Some(audience) = subject_audience {
            client = client.subject_audiences(audience.value);
        }
        if let Some(issuers) = &issuers {
            client = client.issuers(issuers.value.iter().cloned());
        }
        if let Some(scopes) = scopes {
            client = client.scopes(scopes.value.0);
        }
        if let Some(act_for) = act_for {
            client = client.act_for(act_for.value);
        }
        if *edge {
            client = client.edge();
        }
        Some(Self { client, has_short_secret, id, issuers })
    }

    /// What is wrong with all of them together.
    pub(super) fn check(clients: &[Self], own: &IssuerId, trusts: &[TrustSettings]) -> Vec<(Origin, String)> {
        let (mut ids, mut problems) = (HashSet::new(), Vec::new());
        // A trust in many tenants has as many issuers.
        let many = trusts.iter().any(|trust| trust.issuer.as_str().contains('{'));
        let known = |issuer: &IssuerId| many || issuer == own || trusts.iter().any(|trust| trust.issuer == *issuer);
        for Self { id, issuers, .. } in clients {
            if !ids.insert(id.value.clone()) {
                problems.push((id.origin.clone(), format!("`clients`: there is another client {}", id.value)));
            }
            let Some(issuers) = issuers else { continue };
            if issuers.is_empty() {
                let message = "`clients.issuers` is empty; leave it out for any that is trusted";
                problems.push((issuers.origin.clone(), message.to_owned()));
            }
            for issuer in issuers.iter().filter(|issuer| !known(issuer)) {
                let message = format!("`clients.issuers`: {issuer} is neither trusted nor `issuer.url`");
                problems.push((issuers.origin.clone(), message));
            }
        }
        problems
    }
}

/// How a client proves who it is.
enum Proof {
    Secret(Secret, Option<Secret>),
    Keys(ClientKeys),
}

impl Proof {
    fn read(section: &mut Section<'_, '_>, begin: &Origin) -> Option<Self> {
        let before = section.book.problems.len();
        let secret = section.optional::<Secret>("secret", "it signs with a key of `jwks`");
        let also = section.optional::<Secret>("also_secret", "the other one while a secret is changed");
        let keys = section.optional::<ClientKeys>("jwks", "it has a secret");
        match (secret, also, keys) {
            _ if section.book.problems.len() > before => None,
            (Some(secret), also, None) => Some(Self::Secret(secret.value, also.map(|also| also.value))),
            (None, None, Some(keys)) => Some(Self::Keys(keys.value)),
            (None, also, None) => {
                let origin = also.map_or(begin.clone(), |also| also.origin);
                section.problem(&origin, "`clients`: it lacks `secret` or `jwks`, to prove who it is");
                None
            }
            (_, _, Some(keys)) => {
                section.problem(&keys.origin, "`clients`: a secret or `jwks`, not both");
                None
            }
        }
    }

    fn is_short(&self) -> bool {
        let is_short = |secret: &Secret| secret.expose_secret().chars().count() < SOUND;
        matches!(self, Self::Secret(secret, also) if is_short(secret) || also.as_ref().is_some_and(is_short))
    }

    fn client(self, id: ClientId) -> Client {
        match self {
            Self::Keys(keys) => Client::with_keys(id, keys.into_set()),
            Self::Secret(secret, also) => {
                let client = Client::with_secret(id, secret.expose_secret());
                also.into_iter().fold(client, |client, also| client.also_secret(also.expose_secret()))
            }
        }
    }
}

/// What a client may do, by its name.
#[derive(Debug, Clone, Copy)]
struct May(Right);

impl Setting for May {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let index = one_of(text(node)?, &Right::ALL.map(Right::as_str))?;
        Right::ALL.get(index).copied().map(Self).ok_or_else(|| Wrong::because("no such right"))
    }

    fn toml(&self) -> String {
        quoted(self.0.as_str())
    }
}

/// What a block looks like, where there is none.
pub(super) fn show_example(book: &mut Book<'_>) {
    // It refers to nothing, and what stands in it is no secret.
    let world = World::default();
    let mut example = Book { world: &world, problems: Vec::new(), shown: Shown::default() };
    if let Ok(tree) = node::parse(EXAMPLE) {
        Section::root(tree, &mut example).list("clients", ClientSettings::read);
    }
    book.shown.example(&example.shown);
}

/// A secret of so many characters is not guessed.
const SOUND: usize = 32;
const EXAMPLE: &str = "[[clients]]\nid = 'edge-1'\nsecret = 'an example'\nmay = ['exchange', 'introspect', 'revoke']\n\
                       edge = true\n";
