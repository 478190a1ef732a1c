//! Credentials that are bound to their sender.

use http::{HeaderMap, Method, Uri};
use remint_core::{ClientCertificate, Confirmation, DeniedKind, Slot};
use remint_credential::RequestHead;
use remint_dpop::{DpopVerifier, ProofRequest, Proven};

use crate::Pass;
use crate::line::Line;

/// What a request states of its sender, as far as a credential may be bound to it, kept for as long as the
/// credential is checked.
pub(crate) struct Sender {
    slot: Slot,
    certificate: Option<ClientCertificate>,
    /// Under the scheme DPoP alone.
    attempt: Option<Box<Attempt>>,
}

/// A proof that nobody has looked at, with what it must fit.
struct Attempt {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Sender {
    pub(crate) fn of(head: RequestHead<'_>, slot: Slot) -> Self {
        let attempt = (slot == Slot::Dpop).then(|| {
            let mut headers = HeaderMap::new();
            for value in head.headers.get_all(DPOP) {
                headers.append(DPOP, value.clone());
            }
            Box::new(Attempt { method: head.method.clone(), uri: head.uri.clone(), headers })
        });
        Self { slot, certificate: head.certificate.copied(), attempt }
    }

    /// As [`prove`] for a request that is still there.
    pub(crate) fn prove(&self, line: &Line, pass: &Pass, token: &[u8]) -> Result<Option<Proven>, DeniedKind> {
        let Some((verifier, jkt)) = line.binding(pass, self.slot, self.certificate)? else { return Ok(None) };
        let Attempt { method, uri, headers } = self.attempt.as_deref().ok_or(DeniedKind::SenderConstrained)?;
        verifier.check(ProofRequest { method, path: uri.path(), headers }, token, &jkt).map(Some)
    }
}

/// Whether who sends this request may use what they present: `None` if that is settled, or a proof that must
/// be spent.
pub(crate) fn prove(
    line: &Line,
    pass: &Pass,
    head: RequestHead<'_>,
    slot: Slot,
    token: &[u8],
) -> Result<Option<Proven>, DeniedKind> {
    let Some((verifier, jkt)) = line.binding(pass, slot, head.certificate.copied())? else { return Ok(None) };
    let request = ProofRequest { method: head.method, path: head.uri.path(), headers: head.headers };
    verifier.check(request, token, &jkt).map(Some)
}

impl Line {
    /// What must be proven of a credential that was presented so: nothing more, or a key.
    ///
    /// A token that is bound to a key passes as nothing else (RFC 9449 §7.2), and what is not bound does not
    /// pass as if it were.
    fn binding(
        &self,
        pass: &Pass,
        slot: Slot,
        certificate: Option<ClientCertificate>,
    ) -> Result<Option<(&DpopVerifier, [u8; 32])>, DeniedKind> {
        match (pass.confirmation(), slot == Slot::Dpop) {
            (None, false) => Ok(None),
            (Some(Confirmation::Jkt(jkt)), true) => {
                let verifier = self.dpop.as_ref().ok_or(DeniedKind::SenderConstrained)?;
                Ok(Some((verifier, jkt)))
            }
            (Some(Confirmation::X5tS256(bound)), false) => match certificate {
                Some(stated) if stated.0 == bound => Ok(None),
                _ => Err(DeniedKind::ClientCertificate),
            },
            _ => Err(DeniedKind::SenderConstrained),
        }
    }
}

const DPOP: &str = "dpop";
