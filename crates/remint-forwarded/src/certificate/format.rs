use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use remint_core::ClientCertificate;
use sha2::{Digest, Sha256};

use super::xfcc;

/// How proxies write a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 9440 §2.2.
    ClientCert,
    /// Envoy's.
    Xfcc,
}

impl Format {
    /// The certificate that a line names; none if it cannot be read to the last byte.
    pub(super) fn read(self, line: &[u8]) -> Option<ClientCertificate> {
        let is_text = line.len() <= MAX_LINE && line.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        let text = std::str::from_utf8(line).ok().filter(|_| is_text)?;
        match self {
            Self::ClientCert => byte_sequence(text).map(|der| ClientCertificate(Sha256::digest(der).into())),
            Self::Xfcc => xfcc::hash(text).map(ClientCertificate),
        }
    }
}

/// The bytes of `:base64:` (RFC 9651 §3.3.5), in canonical base64 and without parameters; not none of them.
fn byte_sequence(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_matches([' ', '\t']).strip_prefix(':')?.strip_suffix(':')?;
    BASE64_STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

/// A certificate has one or two KiB; Envoy's elements may name it in full, twice.
const MAX_LINE: usize = 16 * 1024;
