use std::fmt;
use std::path::PathBuf;

use remint_core::ClientId;
use remint_jwt::{Algorithm, KeyError, SigningKey};
use remint_secret_file::SecretFileError;
use zeroize::Zeroizing;

use crate::{AssertionAudience, ClientCredentials, ClientSecret};

/// A file that holds what a client proves itself with. It is refused if others could have read or written it:
/// `remint-secret-file` says when.
#[derive(Debug, Clone)]
pub struct CredentialsFile {
    id: ClientId,
    path: PathBuf,
    form: FileForm,
}

#[derive(Debug, Clone)]
enum FileForm {
    SecretBasic,
    SecretPost,
    PrivateKeyJwt(Algorithm, AssertionAudience),
}

impl CredentialsFile {
    /// A secret for [`ClientCredentials::secret_basic`]. White space at the file's end is not of it.
    #[must_use]
    pub fn secret_basic(id: ClientId, path: impl Into<PathBuf>) -> Self {
        Self { id, path: path.into(), form: FileForm::SecretBasic }
    }

    /// A secret for [`ClientCredentials::secret_post`]. White space at the file's end is not of it.
    #[must_use]
    pub fn secret_post(id: ClientId, path: impl Into<PathBuf>) -> Self {
        Self { id, path: path.into(), form: FileForm::SecretPost }
    }

    /// A PKCS#8 key in PEM for [`ClientCredentials::private_key_jwt`].
    #[must_use]
    pub fn private_key_jwt(
        id: ClientId,
        path: impl Into<PathBuf>,
        algorithm: Algorithm,
        audience: AssertionAudience,
    ) -> Self {
        Self { id, path: path.into(), form: FileForm::PrivateKeyJwt(algorithm, audience) }
    }

    pub(crate) fn read(&self) -> Result<Text, CredentialsFileError> {
        let text = remint_secret_file::read_to_string(&self.path, MAX_LEN);
        let mut text = Text(text.map_err(|error| match error {
            SecretFileError::TooLong { .. } => CredentialsFileError::Length,
            error => CredentialsFileError::Unreadable(error),
        })?);
        let len = text.0.trim_end().len();
        if len == 0 {
            return Err(CredentialsFileError::Length);
        }
        text.0.truncate(len);
        Ok(text)
    }

    pub(crate) fn parse(&self, text: &Text) -> Result<ClientCredentials, CredentialsFileError> {
        let secret = || ClientSecret::new(text.0.as_str());
        Ok(match &self.form {
            FileForm::SecretBasic => ClientCredentials::secret_basic(self.id.clone(), secret()),
            FileForm::SecretPost => ClientCredentials::secret_post(self.id.clone(), secret()),
            FileForm::PrivateKeyJwt(algorithm, audience) => {
                let key = SigningKey::from_pem(*algorithm, &text.0).map_err(CredentialsFileError::Key)?;
                ClientCredentials::private_key_jwt(self.id.clone(), key, audience.clone())
            }
        })
    }
}

/// Why a file holds no credentials. It shows nothing of what stands in the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsFileError {
    /// It cannot be read, or others could have read or written it.
    #[error("the credentials' file cannot be used")]
    Unreadable(#[source] SecretFileError),
    /// It is empty, or over 64 KiB.
    #[error("the credentials' file is empty or over 64 KiB")]
    Length,
    /// It is no key of the algorithm.
    #[error("the credentials' file holds no key of the algorithm")]
    Key(#[source] KeyError),
}

/// What stands in the file: a secret.
pub(crate) struct Text(Zeroizing<String>);

impl Text {
    /// Compares what we have read with what we had read: nobody else's text is measured here.
    pub(crate) fn is(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

const MAX_LEN: u64 = 64 * 1024;
