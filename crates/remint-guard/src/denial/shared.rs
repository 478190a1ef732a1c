use http::Extensions;

use super::Denials;

impl Denials {
    /// Leaves them in the extensions of a request that goes on, for what stands further in and has no denials of its
    /// own: [`RequireLayer`](crate::RequireLayer), [`Caller`](crate::Caller) as an extractor, the layers of quotas and those
    /// of tokens.
    /// A hook, a realm, the metadata's address and a DPoP challenge are so given once. It is for surfaces of your own:
    /// the layers of this workspace do it themselves.
    ///
    /// [Plain](Self::are_plain) denials leave nothing, and what a layer outside has left remains.
    ///
    /// ```
    /// use http::{Extensions, Request};
    /// use remint_guard::Denials;
    ///
    /// # fn main() -> Result<(), remint_guard::InvalidRealm> {
    /// let mut request = Request::new(());
    /// Denials::new().share(request.extensions_mut());
    /// assert!(request.extensions().is_empty());
    ///
    /// Denials::new().with_realm("api")?.share(request.extensions_mut());
    /// assert!(Denials::shared(request.extensions()).is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn share(&self, extensions: &mut Extensions) {
        if !self.are_plain() {
            extensions.insert(self.clone());
        }
    }

    /// Those that a layer outside has left.
    #[must_use]
    pub fn shared(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }
}
