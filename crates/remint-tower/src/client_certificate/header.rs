use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName};
use remint_core::ClientCertificate;
use sha2::{Digest, Sha256};

use super::xfcc;

/// The header in which proxies write the client's certificate.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) name: HeaderName,
    pub(super) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 9440 §2.2.
    ClientCert,
    /// Envoy's.
    Xfcc,
}

impl Header {
    /// The certificate in the one line of the header; none if there are more, or if it cannot be read.
    pub(super) fn certificate(&self, headers: &HeaderMap) -> Option<ClientCertificate> {
        let mut lines = headers.get_all(&self.name).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return None };
        let text = line.to_str().ok().filter(|text| text.len() <= MAX_LINE)?;
        match self.format {
            Format::ClientCert => byte_sequence(text).map(|der| ClientCertificate(Sha256::digest(der).into())),
            Format::Xfcc => xfcc::hash(text).map(ClientCertificate),
        }
    }

    /// Takes every line of it away, and of what some take for it: `client_cert`.
    pub(super) fn remove(&self, headers: &mut HeaderMap) {
        let is_alike = |name: &&HeaderName| {
            let (ours, theirs) = (self.name.as_str(), name.as_str());
            ours.len() == theirs.len() && ours.bytes().zip(theirs.bytes()).all(|(a, b)| dashed(a) == dashed(b))
        };
        let alike: Vec<HeaderName> = headers.keys().filter(is_alike).cloned().collect();
        for name in alike {
            headers.remove(name);
        }
    }
}

/// The bytes of `:base64:` (RFC 9651 §3.3.5), in canonical base64 and without parameters; not none of them.
fn byte_sequence(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_matches([' ', '\t']).strip_prefix(':')?.strip_suffix(':')?;
    BASE64_STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

const fn dashed(byte: u8) -> u8 {
    if byte == b'_' { b'-' } else { byte }
}

/// A certificate has one or two KiB; Envoy's elements may name it in full, twice.
const MAX_LINE: usize = 16 * 1024;
