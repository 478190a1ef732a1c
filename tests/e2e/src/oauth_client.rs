use serde_json::Value;
use tokio::process::Command;

use crate::Outcome;
use crate::script;

/// An OAuth client that nobody here wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthClient {
    /// npm `openid-client`, with `jose`.
    OpenidClient,
    /// npm `oauth4webapi`.
    Oauth4webapi,
    /// PyPI `Authlib`, with `PyJWT`.
    Authlib,
    /// PyPI `google-auth`: its client of RFC 8693, which does nothing else.
    GoogleSts,
    /// npm `openid-client` with a token that is bound to a key of its (RFC 9449), before a resource.
    DpopSender,
}

impl OAuthClient {
    /// Those that can do all of it.
    pub const WHOLE: [Self; 3] = [Self::OpenidClient, Self::Oauth4webapi, Self::Authlib];

    /// Drives the authorization server, or calls the resource, as the orders say; what each step gave.
    ///
    /// # Errors
    ///
    /// What the client says if a step fails that must not.
    pub async fn drive(self, orders: &Value) -> Outcome<Value> {
        let output = script::run(self.command(), &orders.to_string()).await?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn command(self) -> Command {
        match self {
            Self::OpenidClient => script::node("oauth-openid-client.mjs"),
            Self::Oauth4webapi => script::node("oauth-oauth4webapi.mjs"),
            Self::Authlib => script::python("oauth_authlib.py"),
            Self::GoogleSts => script::python("oauth_google_sts.py"),
            Self::DpopSender => script::node("dpop-client.mjs"),
        }
    }
}
