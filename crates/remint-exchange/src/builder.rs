use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{Audience, Clock, Environment, IssuerId, RevocationLog, Scopes, SystemClock};
use remint_keyset::{Discovery, KeySet, KeySetSettings, KeySource};
use remint_oauth_client::{
    DiscoveredServer, DiscoverySettings, Endpoint, EndpointAddress, EndpointSettings, ForbiddenAddress, HttpClient,
    HttpClientError, InvalidIssuerUrl, RotatingCredentials, Url,
};
use remint_token::Expectations;
use remint_token::revocation_log::PATH;

use crate::RemoteExchanger;
use crate::revocation_log::{HttpLog, PermittedLog};
use crate::settings::Settings;

/// The settings of a [`RemoteExchanger`].
#[must_use]
pub struct RemoteExchangerBuilder {
    credentials: RotatingCredentials,
    token_endpoint: Option<Url>,
    revocation_log: Option<Url>,
    keys: Option<KeySource>,
    http: Option<HttpClient>,
    clock: Arc<dyn Clock>,
    endpoint: EndpointSettings,
    key_set: KeySetSettings,
    settings: Settings,
}

impl RemoteExchangerBuilder {
    pub(crate) fn new(issuer: IssuerId, audience: Audience, credentials: RotatingCredentials) -> Self {
        Self {
            credentials,
            token_endpoint: None,
            revocation_log: None,
            keys: None,
            http: None,
            clock: Arc::new(SystemClock),
            endpoint: EndpointSettings::default(),
            key_set: KeySetSettings::default(),
            settings: Settings {
                expectations: Expectations::new(issuer.clone(), audience.clone()),
                issuer,
                audience,
                parameters: Vec::new(),
                opaque_prefixes: Vec::new(),
                jwt_as_access_token: false,
                foreign: None,
                token_types: vec![remint_token::TOKEN_TYPE.into()],
                max_lifetime: Duration::from_secs(24 * 60 * 60),
                may_outlive: false,
                max_waiting: 1024,
            },
        }
    }

    /// Where the token endpoint is (the server's metadata says so unless set).
    pub fn token_endpoint(mut self, url: Url) -> Self {
        self.token_endpoint = Some(url);
        self
    }

    /// Where the server's keys are (its metadata says so unless set).
    pub fn keys(mut self, source: KeySource) -> Self {
        self.keys = Some(source);
        self
    }

    /// Where the server's revocation log is. Unless set, the server's metadata says so; where the
    /// [token endpoint](Self::token_endpoint) is set, it is `/v1/revocations` beside it. The log of a
    /// [foreign](Self::foreign) server is not read. One that does not permit this client to follow it is as none
    /// ([`PermittedLog`]).
    pub fn revocation_log(mut self, url: Url) -> Self {
        self.revocation_log = Some(url);
        self
    }

    /// A further `audience` of the request (RFC 8693 §2.1). The token must name the first one.
    pub fn also_audience(mut self, audience: &Audience) -> Self {
        self.settings.parameters.push(("audience", audience.to_string()));
        self
    }

    /// A `resource` of the request (RFC 8693 §2.1, RFC 8707). May be called repeatedly.
    pub fn resource(mut self, resource: &Url) -> Self {
        self.settings.parameters.push(("resource", resource.to_string()));
        self
    }

    /// The `scope` of the request (RFC 8693 §2.1); unless set, the server decides.
    pub fn scope(mut self, scopes: &Scopes) -> Self {
        self.settings.parameters.push(("scope", scopes.to_string()));
        self
    }

    /// A Bearer or DPoP token that begins so and is no JWT is sent as an access token, for the server to introspect;
    /// others without the shape of a JWT are sent as API keys. May be called repeatedly; the empty
    /// text means every Bearer.
    pub fn opaque_prefix(mut self, prefix: impl Into<Box<str>>) -> Self {
        self.settings.opaque_prefixes.push(prefix.into());
        self
    }

    /// Sends JWTs as `urn:ietf:params:oauth:token-type:access_token`: some servers know that type only.
    pub const fn jwt_as_access_token(mut self) -> Self {
        self.settings.jwt_as_access_token = true;
        self
    }

    /// The server is not one of ours: its tokens have no claims of ours, and are all of this
    /// environment. `sub`, `client_id` (or `azp`), `scope` and `act` are read, scopes that begin with
    /// `remint:` are passed over, and the credential is taken from the JWT that was sent. Without a client,
    /// `client_id` is the host of the server's issuer and `|`.
    pub fn foreign(mut self, environment: Environment) -> Self {
        self.settings.foreign = Some(environment);
        self
    }

    /// A further `typ` of a foreign server's tokens beside `at+jwt`, such as `JWT`, which stands for
    /// none as well. It should be a type that its other tokens do not have.
    pub fn accept_type(mut self, token_type: impl Into<Box<str>>) -> Self {
        self.settings.token_types.push(token_type.into());
        self
    }

    /// The longest that `exp` may be after `iat` (24 hours unless set).
    pub const fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.max_lifetime = lifetime;
        self
    }

    /// Accepts tokens that outlive the credential. This edge then uses one until the credential ends;
    /// the services behind it, and whoever steals it there, until it ends itself.
    pub const fn insecure_allow_outliving(mut self) -> Self {
        self.settings.may_outlive = true;
        self
    }

    /// How many tokens may wait for the server at once, and how many API keys beside them (1,024 unless set);
    /// one more is answered with 503 at once. Tokens that name one issuer get at most a quarter, so that a
    /// provider for which the server waits does not take the whole.
    pub const fn max_waiting(mut self, exchanges: usize) -> Self {
        self.settings.max_waiting = exchanges;
        self
    }

    /// How the token endpoint is called: deadline, retries, breaker.
    pub const fn endpoint_settings(mut self, settings: EndpointSettings) -> Self {
        self.endpoint = settings;
        self
    }

    /// How the server's keys are kept.
    pub const fn key_set_settings(mut self, settings: KeySetSettings) -> Self {
        self.key_set = settings;
        self
    }

    /// The HTTP client (one with every default unless set).
    pub fn http(mut self, client: HttpClient) -> Self {
        self.http = Some(client);
        self
    }

    /// Where the time comes from (the system unless set).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    /// The exchanger. Nothing is asked yet: see [`RemoteExchanger::start`].
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a setting cannot be used.
    pub fn build(self) -> Result<RemoteExchanger, BuildError> {
        let Self { credentials, token_endpoint, revocation_log, keys, http, clock, endpoint, key_set, settings } = self;
        if settings.foreign.is_none() && settings.token_types.len() > 1 {
            return Err(BuildError::TokenType);
        }
        let http = Arc::new(match http {
            Some(http) => http,
            None => HttpClient::new()?,
        });
        let issuer = settings.issuer.clone();
        let (address, beside) = match token_endpoint {
            Some(url) => (EndpointAddress::Fixed(url.clone()), EndpointAddress::Fixed(beside(url))),
            None => {
                let settings = DiscoverySettings::default();
                let server =
                    DiscoveredServer::with_settings(issuer.clone(), http.clone(), Arc::clone(&clock), settings)?;
                (EndpointAddress::Token(server.clone()), EndpointAddress::RevocationLog(server))
            }
        };
        let log: Option<Arc<dyn RevocationLog>> = match &settings.foreign {
            Some(_) => None,
            None => {
                let address = revocation_log.map_or(beside, EndpointAddress::Fixed);
                let log = HttpLog::builder(address, credentials.clone(), http.clone());
                let log = log.wait(WAIT.min(http.timeout() / 2)).clock(Arc::clone(&clock)).build()?;
                Some(Arc::new(PermittedLog::new(Arc::new(log))))
            }
        };
        let source = match keys {
            Some(source) => source,
            None => KeySource::Discovery(Discovery::of(&issuer)?),
        };
        let keys = KeySet::new(issuer.clone(), source, http.clone(), Arc::clone(&clock), key_set);
        let deadline = endpoint.deadline;
        let builder = Endpoint::builder(address, credentials, http).name(issuer.as_str()).clock(Arc::clone(&clock));
        let endpoint = builder.settings(endpoint).build()?;
        Ok(RemoteExchanger::new(settings, endpoint, keys, clock, deadline, log))
    }
}

/// Where a server of ours with this token endpoint has its revocation log.
fn beside(mut token_endpoint: Url) -> Url {
    let path = token_endpoint.path();
    let base = path.strip_suffix("/oauth2/token").unwrap_or_default().to_owned();
    token_endpoint.set_path(&[&base, PATH].concat());
    token_endpoint.set_query(None);
    token_endpoint
}

impl fmt::Debug for RemoteExchangerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteExchangerBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A setting of a [`RemoteExchanger`] that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The server's issuer is no address, and so has no metadata.
    #[error(transparent)]
    Issuer(#[from] InvalidIssuerUrl),
    /// The token endpoint's address may not be asked.
    #[error(transparent)]
    Address(#[from] ForbiddenAddress),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// A type of token was added for a server of ours, whose tokens have one.
    #[error("the tokens of our own servers have one type; further ones are for foreign servers")]
    TokenType,
}

/// How long a question for revocations waits at the server.
const WAIT: Duration = Duration::from_secs(3);
