//! Trust in external OpenID providers.
