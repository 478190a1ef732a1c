use std::borrow::Cow;
use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use remint_credential::Edit;
use remint_normalize::{HeaderLines, Normalizer, Removals};

/// What is changed of the headers of a request that goes on: whatever could be taken for an identity is removed, and
/// `Authorization` is the internal token, or is removed too.
///
/// `Authorization` is always either set or removed, and no name is both.
#[must_use = "the headers are as the client sent them until the edits are made"]
pub struct Edits<'g> {
    // Borrowed on a hit: a count that threads share costs the second thread.
    normalizer: Cow<'g, Normalizer>,
    removals: Removals,
    authorization: Option<HeaderValue>,
}

impl<'g> Edits<'g> {
    #[inline(always)]
    pub(crate) const fn new(
        normalizer: Cow<'g, Normalizer>,
        removals: Removals,
        authorization: Option<HeaderValue>,
    ) -> Self {
        Self { normalizer, removals, authorization }
    }

    /// Makes them in these headers, which are those that were decided about.
    #[inline(always)]
    pub fn apply(self, headers: &mut HeaderMap) {
        self.normalizer.extractor().strip(headers, self.removals);
        match self.authorization {
            Some(token) => headers.insert(AUTHORIZATION, token),
            None => headers.remove(AUTHORIZATION),
        };
    }

    /// Tells them one by one, for a surface whose headers are no `HeaderMap`. `headers` are those that were decided
    /// about: beginnings and look-alikes that are to be removed are told as the names that are there. `Cookie` and
    /// `Connection` are set where a part of them goes.
    pub fn each<H: HeaderLines + ?Sized>(&self, headers: &H, mut edit: impl FnMut(Edit<'_>)) {
        self.normalizer.extractor().each_edit(headers, self.removals, &mut edit);
        edit(match &self.authorization {
            Some(token) => Edit::Set(&AUTHORIZATION, token),
            None => Edit::Remove(AUTHORIZATION.as_str().as_bytes()),
        });
    }

    /// The same, to keep beyond the gate.
    pub fn into_owned(self) -> Edits<'static> {
        Edits {
            normalizer: Cow::Owned(self.normalizer.into_owned()),
            removals: self.removals,
            authorization: self.authorization,
        }
    }
}

/// Not the token.
impl fmt::Debug for Edits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let borrows = matches!(self.normalizer, Cow::Borrowed(_));
        f.debug_struct("Edits")
            .field("sets_authorization", &self.authorization.is_some())
            .field("borrows_the_gate", &borrows)
            .finish_non_exhaustive()
    }
}
