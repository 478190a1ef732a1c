/// The type of a transaction token.
pub(super) const TXN_TOKEN: &str = "urn:ietf:params:oauth:token-type:txn_token";
