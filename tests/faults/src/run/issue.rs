use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use remint::{IssuerId, KeyId, Target, UserId};
use serde_json::Value;

use crate::Outcome;
use crate::history::{Moment, Node};
use crate::node::{MadeKey, NewUsers};
use crate::provider::Claims;
use crate::random::Random;
use crate::run::world::{Issued, World};

/// Users with a key each, made by this node.
pub(crate) async fn keys(world: &World, node: Node, count: usize, random: &mut Random) -> Outcome<Vec<Issued>> {
    let first = world.users.fetch_add(count, Ordering::Relaxed);
    let order = serde_json::to_string(&NewUsers { first, count })?;
    let (status, body) = world.connection(node).post("/control/users", &order).await?;
    if status != 200 {
        return Err(format!("no users were made: {}", String::from_utf8_lossy(&body)).into());
    }
    let made: Vec<MadeKey> = serde_json::from_slice(&body)?;
    let mut keys = Vec::with_capacity(made.len());
    for MadeKey { key, id, user } in made {
        let credential = world.credential(format!("key {id} of {user}"), None, None);
        let target = match random.below(2) {
            0 => Target::User(UserId::new(user)?),
            _ => Target::Key(KeyId::new(id)?),
        };
        keys.push(Issued { credential, header: format!("x-api-key: {key}"), target: Some(target) });
    }
    Ok(keys)
}

/// One token of the provider, of a subject and a session that nobody else has.
pub(crate) fn token(world: &World, lives: Duration, random: &mut Random) -> Outcome<Issued> {
    let number = world.users.fetch_add(1, Ordering::Relaxed);
    let (subject, session, id) = (format!("subject-{number}"), format!("session-{number}"), format!("token-{number}"));
    let text = world.provider.token(&Claims { subject: &subject, session: &session, id: &id, lives })?;
    let issuer = IssuerId::new(world.provider.issuer())?;
    let target = match random.below(3) {
        0 => Target::Subject { issuer, subject: subject.parse()? },
        1 => Target::Session { issuer, session: session.parse()? },
        _ => Target::Token { issuer, id: id.parse()? },
    };
    let credential = world.credential(format!("token of {subject}"), end_of(world, &text), None);
    Ok(Issued { credential, header: format!("authorization: Bearer {text}"), target: Some(target) })
}

/// The internal token that an edge answered with, as a credential for the service.
pub(crate) fn internal(world: &World, source: &Issued, body: Vec<u8>) -> Option<Issued> {
    let text = String::from_utf8(body).ok()?;
    let name = format!("internal token of credential {}", source.credential);
    let credential = world.credential(name, Some(end_of(world, &text)?), Some(source.credential));
    let made = Issued { credential, header: format!("authorization: Bearer {text}"), target: None };
    let mut pool = world.pool.write().unwrap_or_else(PoisonError::into_inner);
    pool.internal.push_back(made.clone());
    if pool.internal.len() > RECENT {
        pool.internal.pop_front();
    }
    Some(made)
}

/// Gives these to the load.
pub(crate) fn recent(world: &World, issued: &[Issued]) {
    let mut pool = world.pool.write().unwrap_or_else(PoisonError::into_inner);
    pool.recent.extend(issued.iter().cloned());
    let over = pool.recent.len().saturating_sub(RECENT);
    pool.recent.drain(..over);
}

/// The `exp` of a token.
fn end_of(world: &World, token: &str) -> Option<Moment> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(world.moment(claims.get("exp")?.as_u64()?))
}

/// How many the load chooses among.
const RECENT: usize = 200;
