//! Finds exactly one credential in a set of HTTP headers, and knows what to strip.
//!
//! # Where it stands on the line
//!
//! First. What it returns is hashed into the fingerprint; what it refuses never reaches a cache.
//!
//! # The decision
//!
//! One pass over the header lines, whose names are compared without case. A request presents a credential if and only if exactly one of these
//! stands in it, once: an `Authorization` header of a configured scheme (RFC 9110 §11.6.2, RFC 6750
//! §2.1), a configured API-key header, or a configured cookie: one that carries a JWT, or one that carries the name of
//! a session, which is read by an authenticator of your own and by none of ours. Two, whether in two slots, two
//! header lines or joined by a comma, are [`DeniedKind::TwoCredentials`]. The query string is never
//! looked at (RFC 6750 §2.3 advises against it).
//!
//! A header that *becomes* an API-key header when `_` is read as `-` (`x_api_key`) is refused: some
//! proxies and frameworks take the two for one name.
//!
//! `Authorization: DPoP …` (RFC 9449 §7.1) is such a scheme where it is [taken](CredentialRules::with_dpop).
//! Two `DPoP` headers are then a refusal, whatever they come with; what the one says is for whoever checks
//! the proof.
//!
//! # What does not go on
//!
//! Whatever the outcome, [`Extractor::strip`] takes a client's copies of headers in which services look for an
//! identity: those of [`CredentialRules::STRIP_HEADERS`] unless the rules say otherwise, and always `Txn-Token`
//! and every `X-Remint-*`. A name with `_` in place of `-` counts as the same name.
//!
//! # A cookie, and where its request comes from
//!
//! A browser attaches cookies to requests that other sites cause. On an unsafe method, and on an upgrade, a cookie
//! counts only if the browser says that the request comes from our own origin: by `Sec-Fetch-Site: same-origin`, or by
//! an `Origin` that is the [configured](CredentialRules::with_origin) one in scheme, host and port. If both are there,
//! both must say so. Neither `Host` nor the target says where we are.
//!
//! # Two steps
//!
//! [`Extractor::extract`] looks at names, scheme and length and returns a [`RawCredential`], borrowed
//! from the headers. [`RawCredential::check`] looks at alphabet and dots. A cached hit needs the first
//! step only: the cache holds nothing that has not passed the second, and the fingerprint covers
//! every byte.
//!
//! # Example
//!
//! ```
//! use http::{HeaderMap, Method};
//! use remint_core::{CredentialForm, Slot};
//! use remint_credential::{Extractor, RequestHead};
//!
//! let extractor = Extractor::default();
//! let mut headers = HeaderMap::new();
//! headers.insert("authorization", "Bearer e30.e30.c2ln".parse()?);
//! let head = RequestHead::new(&Method::GET, "/", &headers);
//!
//! let credential = extractor.credential(head)?.expect("one credential");
//! assert_eq!((credential.slot(), credential.form()), (Slot::Bearer, CredentialForm::Jwt));
//!
//! // The same of header lines that are no `HeaderMap`.
//! let lines: [(&[u8], &[u8]); 1] = [(b"Authorization", b"Bearer e30.e30.c2ln")];
//! let head = RequestHead::new(&Method::GET, "/", &lines[..]);
//! assert!(extractor.credential(head)?.is_some());
//!
//! headers.append("x-api-key", "rmt_live_abc".parse()?);
//! let head = RequestHead::new(&Method::GET, "/", &headers);
//! assert_eq!(extractor.credential(head).unwrap_err().kind().reason(), "two_credentials");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The client's address and certificate
//!
//! A [`RequestHead`] carries what the adapter states of the client's address and certificate, for whoever
//! checks it after the credential is known. Made from an `http::Request`, it reads the extensions
//! [`ClientAddr`](remint_core::ClientAddr) and [`ClientCertificate`](remint_core::ClientCertificate), and
//! no header.
//!
//! # What this crate is not
//!
//! It decodes nothing and asks nobody: whether a text is a sound JWT or API key is for `remint-jwt`
//! and `remint-apikey`.
//!
//! [`DeniedKind::TwoCredentials`]: remint_core::DeniedKind::TwoCredentials

mod authorization;
mod beginnings;
mod cookie;
mod edit;
mod extraction;
mod extractor;
mod head;
mod origin;
mod raw;
mod rules;
mod strip;
mod watch;

pub use edit::Edit;
pub use extraction::Extraction;
pub use extractor::Extractor;
pub use head::{HeaderLines, RequestHead, header_values};
pub use raw::RawCredential;
pub use rules::{CredentialRules, InvalidRules};
pub use watch::Removals;
