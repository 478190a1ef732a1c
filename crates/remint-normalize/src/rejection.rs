use remint_core::{CredentialForm, DeniedKind, Explanation, Refusal};

/// A request whose credential may not be used: what its sender is told, and what the metrics and the log say
/// beside it.
#[derive(Debug)]
pub struct Rejection {
    refusal: Refusal,
    form: Option<CredentialForm>,
    because: Option<DeniedKind>,
    explanation: Option<Box<Explanation>>,
}

impl Rejection {
    pub(crate) const fn new(refusal: Refusal, form: Option<CredentialForm>) -> Self {
        Self { refusal, form, because: None, explanation: None }
    }

    /// What the sender is told is that too many failed: `because` is what this one failed for.
    pub(crate) const fn limited(told: Refusal, form: Option<CredentialForm>, because: DeniedKind) -> Self {
        Self { refusal: told, form, because: Some(because), explanation: None }
    }

    pub(crate) fn explained(self, explanation: Option<Explanation>) -> Self {
        Self { explanation: explanation.map(Box::new), ..self }
    }

    /// What the credential says of itself, for the log; `None` where no log is kept, or nothing is known.
    #[must_use]
    pub fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_deref()
    }

    /// What the sender is told.
    #[must_use]
    pub const fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_refusal(self) -> Refusal {
        self.refusal
    }

    /// The form of the credential, where that is known.
    #[must_use]
    pub const fn form(&self) -> Option<CredentialForm> {
        self.form
    }

    /// What the credential failed for, where the sender is told only that too many did.
    #[must_use]
    pub const fn because(&self) -> Option<DeniedKind> {
        self.because
    }

    /// [`Refusal::reason`] of what the sender is told.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.refusal.reason()
    }
}
