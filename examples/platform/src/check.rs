use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use crate::auth::ORDERS_EDGE;
use crate::platform::Platform;
use crate::{Outcome, hop, listen};

/// Asks the platform, and remembers whether all was as it must be.
pub(crate) struct Check<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) client: Client,
    steps: usize,
    held: bool,
}

impl<'a> Check<'a> {
    pub(crate) fn of(platform: &'a Platform) -> Outcome<Self> {
        Ok(Self { platform, client: listen::client()?, steps: 0, held: true })
    }

    /// Whether everything held.
    pub(crate) const fn held(&self) -> bool {
        self.held
    }

    pub(crate) fn step(&mut self, title: &str) {
        self.steps += 1;
        println!("\n{}. {title}", self.steps);
    }

    /// Something that must be so.
    pub(crate) fn hold(&mut self, what: &str, is_so: bool) {
        println!("    {} {what}", if is_so { "ok   " } else { "NOT  " });
        self.held &= is_so;
    }

    /// What the token must say that a hop saw; `null`: it says nothing of it.
    pub(crate) fn sees(&mut self, hop: Option<&Value>, expected: &Value) {
        let hop = hop.cloned().unwrap_or_default();
        let expected = expected.as_object().cloned().unwrap_or_default();
        let is_so = expected.iter().all(|(name, value)| member(&hop, &format!("/claims/{name}")) == value);
        let name = member(&hop, "/hop").as_str().unwrap_or("a hop that is not there");
        self.hold(&format!("{name}: the token says what it must"), is_so && !hop.is_null());
    }

    /// A request with a credential, and with a header that only somebody behind the edge may send.
    pub(crate) async fn get(&self, url: &str, header: &str, credential: &str) -> Outcome<Response> {
        Ok(self.client.get(url).header(header, credential).header("x-user-id", "root").send().await?)
    }

    pub(crate) async fn ask(&self, endpoint: &str, form: &[(&str, &str)]) -> Outcome<Response> {
        let request = self.client.post(format!("{}/oauth2/{endpoint}", self.platform.auth));
        Ok(request.basic_auth(ORDERS_EDGE.0, Some(ORDERS_EDGE.1)).form(form).send().await?)
    }

    /// The token for the orders that their edge gets for a key.
    pub(crate) async fn token(&self, key: &str) -> Outcome<String> {
        let grant = "urn:ietf:params:oauth:grant-type:token-exchange";
        let kind = "urn:remint:params:oauth:token-type:api-key";
        let form = [("grant_type", grant), ("subject_token", key), ("subject_token_type", kind)];
        let answer: Value = self.ask("token", &form).await?.error_for_status()?.json().await?;
        let token = member(&answer, "/access_token").as_str().ok_or("there is no token in the answer")?;
        Ok(token.to_owned())
    }

    pub(crate) async fn active(&self, token: &str) -> Outcome<bool> {
        let answer: Value = self.ask("introspect", &[("token", token)]).await?.error_for_status()?.json().await?;
        member(&answer, "/active").as_bool().ok_or_else(|| "an answer that does not say".into())
    }

    pub(crate) async fn hops(&mut self, answer: Response) -> Outcome<Vec<Value>> {
        let status = answer.status();
        self.hold("it passes: 200", status == StatusCode::OK);
        let hops: Vec<Value> = if status.is_success() { answer.json().await? } else { Vec::new() };
        print!("{}", hop::table(&hops));
        Ok(hops)
    }
}

/// What stands there; `null` if nothing does.
pub(crate) fn member<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_step_that_does_not_hold_is_not_forgotten() {
        let platform = Platform::start().await.unwrap();
        let hop = json!({ "hop": "edge > orders", "claims": { "sub": "alice", "aud": "orders" } });
        for (hop, expected, held) in [
            (Some(&hop), json!({ "sub": "alice", "act": null }), true),
            (Some(&hop), json!({ "sub": "bob" }), false),
            (Some(&hop), json!({ "act": { "sub": "client|orders" } }), false),
            (Some(&hop), json!({ "aud": null }), false),
            (None, json!({}), false),
        ] {
            let mut check = Check::of(&platform).unwrap();
            check.sees(hop, &expected);
            check.hold("another step", true);
            assert_eq!(check.held(), held, "{expected}");
        }
    }
}
