use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::file::{CredentialsFile, CredentialsFileError, Text};
use crate::{ClientCredentials, Failure, FailureKind};

/// Credentials that can be replaced while they are in use. A clone is another handle to the same ones:
/// several endpoints of one server share them.
///
/// A call that is under way ends with those it began with; each one after a replacement has the new
/// ones.
#[derive(Clone)]
pub struct RotatingCredentials(Arc<Inner>);

struct Inner {
    current: ArcSwap<ClientCredentials>,
    file: Option<(CredentialsFile, ArcSwap<Text>)>,
}

impl RotatingCredentials {
    /// Credentials that are replaced by [`RotatingCredentials::replace`] only.
    #[must_use]
    pub fn new(credentials: ClientCredentials) -> Self {
        Self(Arc::new(Inner { current: ArcSwap::from_pointee(credentials), file: None }))
    }

    /// Credentials in a file. It is read now, by [`RotatingCredentials::reread`], and whenever the
    /// server says `invalid_client`: whoever rotates them writes the file, and no call is lost.
    ///
    /// # Errors
    ///
    /// [`CredentialsFileError`] if it cannot be read, or holds nothing of the kind.
    pub fn from_file(file: CredentialsFile) -> Result<Self, CredentialsFileError> {
        let text = file.read()?;
        let current = ArcSwap::from_pointee(file.parse(&text)?);
        Ok(Self(Arc::new(Inner { current, file: Some((file, ArcSwap::from_pointee(text))) })))
    }

    /// From now on these.
    pub fn replace(&self, credentials: ClientCredentials) {
        self.0.current.store(Arc::new(credentials));
    }

    /// The present ones.
    #[must_use]
    pub fn current(&self) -> Arc<ClientCredentials> {
        self.0.current.load_full()
    }

    /// Reads the file again, if there is one; says whether it holds something new. On an error the
    /// present credentials stay.
    ///
    /// # Errors
    ///
    /// [`CredentialsFileError`] if it cannot be read, or holds nothing of the kind.
    pub async fn reread(&self) -> Result<bool, CredentialsFileError> {
        let handle = self.clone();
        tokio::task::spawn_blocking(move || handle.read_again()).await.unwrap_or(Ok(false))
    }

    fn read_again(&self) -> Result<bool, CredentialsFileError> {
        let Some((file, known)) = &self.0.file else { return Ok(false) };
        let text = file.read()?;
        if text.is(&known.load()) {
            return Ok(false);
        }
        self.replace(file.parse(&text)?);
        known.store(Arc::new(text));
        Ok(true)
    }

    /// Whether there are other credentials than `used`, which the server did not take: replaced
    /// meanwhile, or in the file.
    pub(crate) async fn moved_on(&self, used: &Arc<ClientCredentials>) -> Result<bool, Failure> {
        let moved = || !Arc::ptr_eq(used, &self.0.current.load());
        if moved() {
            return Ok(true);
        }
        self.reread().await.map_err(|error| Failure::new(FailureKind::Credentials).with_source(error))?;
        Ok(moved())
    }
}

impl From<ClientCredentials> for RotatingCredentials {
    fn from(credentials: ClientCredentials) -> Self {
        Self::new(credentials)
    }
}

impl fmt::Debug for RotatingCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RotatingCredentials").field(&*self.0.current.load()).finish()
    }
}
