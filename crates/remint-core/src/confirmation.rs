use std::fmt;

/// What whoever sends a token must prove to hold: the token's `cnf` (RFC 7800 §3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Confirmation {
    /// The key of this RFC 7638 thumbprint (SHA-256), by a DPoP proof (`jkt`, RFC 9449 §6.1).
    Jkt([u8; 32]),
    /// The client certificate of this SHA-256 (`x5t#S256`, RFC 8705 §3.1).
    X5tS256([u8; 32]),
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jkt(_) => "Jkt(..)",
            Self::X5tS256(_) => "X5tS256(..)",
        })
    }
}

/// The client certificate of the connection that a request came over, as the SHA-256 of its DER: an
/// extension that the adapter states, as it states [`ClientAddr`](crate::ClientAddr). No header is one
/// by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientCertificate(pub [u8; 32]);
