//! What proxies state of a client: its address and its certificate.
//!
//! # Where it stands on the line
//!
//! Before it. A surface (a layer of `remint-tower`, an authorization service that a proxy asks) knows who connects, and
//! has the headers. This crate says what of the headers may be believed; what comes out goes into a
//! [`RequestHead`](remint_credential::RequestHead).
//!
//! # The decision
//!
//! A header that names a client is believed if and only if the peer of the connection is a proxy that is trusted, and
//! the header is the one that the trusted proxies write.
//!
//! - [`ForwardedAddress`]: `X-Forwarded-For` or `Forwarded` (RFC 7239), read from the right;
//! - [`ForwardedCertificate`]: `Client-Cert` (RFC 9440) or Envoy's `x-forwarded-client-cert`.
//!
//! Each says in its own documentation when there is none.
//!
//! # What the deployment must guarantee
//!
//! A trusted proxy appends the address of its own peer to the header of addresses, and writes the header of
//! certificates itself for each request. Trust the addresses of proxies, and no network that clients live in: a trusted
//! peer may name any client it likes.
//!
//! # Example
//!
//! ```
//! use remint_forwarded::ForwardedAddress;
//!
//! let proxies = ForwardedAddress::new().trusting(["10.0.0.1".parse()?]);
//! let lines: [(&[u8], &[u8]); 1] = [(b"X-Forwarded-For", b"198.51.100.1, 192.0.2.1")];
//!
//! // The proxy wrote the last address; the client wrote what stands before it.
//! let client = proxies.client(Some("10.0.0.1".parse()?), &lines[..]);
//! assert_eq!(client, Some("192.0.2.1".parse()?));
//!
//! // Anybody else can write such a header, too.
//! assert_eq!(proxies.client(Some("203.0.113.7".parse()?), &lines[..]), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this crate is not
//!
//! It takes no header away, and reads no other that names an address, such as `X-Real-IP`.

mod address;
mod certificate;
mod proxies;

pub use address::ForwardedAddress;
pub use certificate::ForwardedCertificate;
