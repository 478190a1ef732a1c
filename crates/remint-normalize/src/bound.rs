//! Credentials that are bound to their sender.

use http::Method;
use remint_core::{ClientCertificate, Confirmation, DeniedKind, Slot};
use remint_credential::{HeaderLines, RequestHead};
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

/// A proof that is not checked yet, with what it must fit.
struct Attempt {
    method: Method,
    path: Box<str>,
    proofs: Vec<Box<[u8]>>,
}

impl Sender {
    pub(crate) fn of<H: HeaderLines + ?Sized>(head: RequestHead<'_, H>, slot: Slot) -> Self {
        let attempt = (slot == Slot::Dpop).then(|| {
            let proofs = head.values(DPOP).map(Box::from).collect();
            Box::new(Attempt { method: head.method.clone(), path: head.path.into(), proofs })
        });
        Self { slot, certificate: head.certificate.copied(), attempt }
    }

    /// [`check_sender`] of a request that waited.
    pub(crate) fn check(&self, line: &Line, pass: &Pass, token: &[u8]) -> Result<Option<Proven>, DeniedKind> {
        let Some((verifier, jkt)) = line.binding(pass, self.slot, self.certificate)? else { return Ok(None) };
        let Attempt { method, path, proofs } = self.attempt.as_deref().ok_or(DeniedKind::SenderConstrained)?;
        let request = ProofRequest::new(method, path, proofs.iter().map(|proof| &**proof));
        verifier.check(request, token, &jkt).map(Some)
    }
}

/// Whether the sender of this request may use the credential: `None` if that is settled, or a proof that must
/// be spent.
pub(crate) fn check_sender<H: HeaderLines + ?Sized>(
    line: &Line,
    pass: &Pass,
    head: RequestHead<'_, H>,
    slot: Slot,
    token: &[u8],
) -> Result<Option<Proven>, DeniedKind> {
    let Some((verifier, jkt)) = line.binding(pass, slot, head.certificate.copied())? else { return Ok(None) };
    let request = ProofRequest::new(head.method, head.path, head.values(DPOP));
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
