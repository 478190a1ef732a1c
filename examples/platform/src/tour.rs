use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::Outcome;
use crate::check::{Check, member};
use crate::platform::Platform;

/// Sends requests through the platform, prints what each hop saw, and says whether all was as it must be.
pub(crate) async fn take(platform: &Platform) -> Outcome<bool> {
    let mut check = Check::of(platform)?;
    check.a_jwt_at_the_orders().await?;
    check.the_same_jwt_at_the_stock().await?;
    check.a_key_at_the_orders().await?;
    check.what_is_refused().await?;
    check.the_end_of_a_key().await?;
    Ok(check.held())
}

impl Check<'_> {
    async fn a_jwt_at_the_orders(&mut self) -> Outcome<()> {
        self.step("Bob's JWT of an external issuer at the edge of the orders, with a forged X-User-Id");
        let bearer = format!("Bearer {}", self.platform.jwt);
        let answer = self.get(&self.platform.orders_edge, "authorization", &bearer).await?;
        let hops = self.hops(answer).await?;
        let auth = &self.platform.auth;
        self.hold("three hops were asked", hops.len() == 3);
        self.hold("one issuer at every hop", hops.iter().all(|hop| member(hop, "/claims/iss") == auth.as_str()));
        self.hold("the forged header is gone", hops.iter().all(|hop| member(hop, "/x-user-id").is_null()));
        self.sees(hops.first(), &json!({ "aud": "orders", "sub": "idp|bob", "client_id": "app", "act": null }));
        let acting = acting();
        self.sees(hops.get(1), &json!({ "aud": "stock", "sub": "idp|bob", "act": acting, "scope": "stock:read" }));
        self.sees(hops.get(2), &json!({ "aud": "stock", "sub": "client|orders", "act": null, "scope": "stock:read" }));
        Ok(())
    }

    async fn the_same_jwt_at_the_stock(&mut self) -> Outcome<()> {
        self.step("The same JWT at the edge of the stock");
        let bearer = format!("Bearer {}", self.platform.jwt);
        let answer = self.get(&self.platform.stock_edge, "authorization", &bearer).await?;
        let hops = self.hops(answer).await?;
        self.sees(hops.first(), &json!({ "aud": "stock", "sub": "idp|bob", "client_id": "app", "act": null }));
        Ok(())
    }

    async fn a_key_at_the_orders(&mut self) -> Outcome<()> {
        self.step("Alice's API key at the edge of the orders");
        let (key, id) = &self.platform.key;
        let answer = self.get(&self.platform.orders_edge, "x-api-key", key).await?;
        let hops = self.hops(answer).await?;
        self.sees(hops.first(), &json!({ "aud": "orders", "sub": "alice", "client_id": id, "act": null }));
        self.sees(hops.get(1), &json!({ "aud": "stock", "sub": "alice", "act": acting() }));
        self.hold("the key goes no further than the edge", hops.iter().all(|hop| member(hop, "/x-api-key").is_null()));
        Ok(())
    }

    async fn what_is_refused(&mut self) -> Outcome<()> {
        self.step("What does not pass");
        let Platform { orders_edge, orders, stock, key, jwt, .. } = self.platform;
        let nobody = self.client.get(orders_edge).send().await?.status();
        self.hold("nobody: 401", nobody == StatusCode::UNAUTHORIZED);
        let token = self.token(&key.0).await?;
        let bearer = format!("Bearer {token}");
        let at = async |url: &str, bearer: &str| -> Outcome<_> {
            Ok(self.get(url, "authorization", bearer).await?.status())
        };
        let (own, other, outside) =
            (at(orders, &bearer).await?, at(stock, &bearer).await?, at(orders_edge, &bearer).await?);
        let external = at(stock, &format!("Bearer {jwt}")).await?;
        self.hold("a token for the orders, at the orders: 200", own == StatusCode::OK);
        self.hold("the same at the stock: 401", other == StatusCode::UNAUTHORIZED);
        self.hold("the same at an edge, from outside: 401", outside == StatusCode::UNAUTHORIZED);
        self.hold("bob's JWT past the edges, at the stock: 401", external == StatusCode::UNAUTHORIZED);
        Ok(())
    }

    async fn the_end_of_a_key(&mut self) -> Outcome<()> {
        self.step("Alice's key is revoked at the server");
        let Platform { orders_edge, stock_edge, key: (key, _), .. } = self.platform;
        let token = self.token(key).await?;
        let before = self.active(&token).await?;
        self.hold("introspection before: active", before);
        let revoked = self.ask("revoke", &[("token", key.as_str())]).await?.status();
        self.hold("revocation: 200", revoked == StatusCode::OK);
        let after = self.active(&token).await?;
        self.hold("introspection after, of a token that was made of it: inactive", !after);
        let cold = self.get(stock_edge, "x-api-key", key).await?.status();
        self.hold("the key at an edge that had not seen it: 401", cold == StatusCode::UNAUTHORIZED);
        // An edge that had seen it has it in its cache, and follows the server's log.
        let revoked = Instant::now();
        let mut warm = self.get(orders_edge, "x-api-key", key).await?.status();
        while warm != StatusCode::UNAUTHORIZED && revoked.elapsed() < Duration::from_secs(10) {
            warm = self.get(orders_edge, "x-api-key", key).await?.status();
        }
        self.hold("the key at the edge that had, as soon as it has read of it: 401", warm == StatusCode::UNAUTHORIZED);
        Ok(())
    }
}

/// The service of the orders, which asks the stock for its caller.
fn acting() -> Value {
    json!({ "sub": "client|orders", "cred": { "kind": "client", "id": "orders" } })
}
