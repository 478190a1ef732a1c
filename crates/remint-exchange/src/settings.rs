use std::time::Duration;

use remint_core::{Audience, Environment, IssuerId};
use remint_token::Expectations;

/// What is asked of the server, and what is expected of its answers.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) issuer: IssuerId,
    pub(crate) audience: Audience,
    pub(crate) expectations: Expectations,
    /// Further parameters of the request, in their order.
    pub(crate) parameters: Vec<(&'static str, String)>,
    pub(crate) opaque_prefixes: Vec<Box<str>>,
    pub(crate) jwt_as_access_token: bool,
    /// The server is not one of ours: which environment its tokens are for.
    pub(crate) foreign: Option<Environment>,
    /// The `typ` of a foreign server's tokens; `JWT` stands for absence too.
    pub(crate) token_types: Vec<Box<str>>,
    pub(crate) max_lifetime: Duration,
    pub(crate) may_outlive: bool,
    /// How many tokens may wait at once, and how many API keys.
    pub(crate) max_waiting: usize,
}
