use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderName, HeaderValue};
use remint_core::with_causes;
use remint_secret_file::SecretFileError;

/// Headers for the requests for a key set, whose values can be replaced while they are in use. A clone is another
/// handle to the same ones.
///
/// A value may stand in a file, which is read again before each request: to rotate a secret, write the file. While the
/// file cannot be read, the last value that was read from it is sent, and the log has a warning.
#[derive(Clone, Default)]
pub struct RotatingHeaders(Arc<Inner>);

#[derive(Default)]
struct Inner {
    fixed: HeaderMap,
    files: Vec<(HeaderName, PathBuf)>,
    /// Of the files, what was last read.
    read: ArcSwap<HeaderMap>,
}

impl RotatingHeaders {
    /// These headers, whose values do not change, and those whose values stand in files. White space around a value in
    /// a file is not of it. A file is refused if others could have read or written it (`remint-secret-file`).
    ///
    /// # Errors
    ///
    /// [`HeaderFileError`] if a file cannot be read now, or holds no value of a header.
    pub fn with_files(
        mut fixed: HeaderMap,
        files: impl IntoIterator<Item = (HeaderName, PathBuf)>,
    ) -> Result<Self, HeaderFileError> {
        fixed.values_mut().for_each(|value| value.set_sensitive(true));
        let files: Vec<_> = files.into_iter().collect();
        let read = ArcSwap::from_pointee(read(&files)?);
        Ok(Self(Arc::new(Inner { fixed, files, read })))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.fixed.is_empty() && self.0.files.is_empty()
    }

    /// Whether the other ones have the same names, and values of the same text or from the same file.
    #[must_use]
    pub fn are_those(&self, other: &Self) -> bool {
        self.0.fixed == other.0.fixed && self.0.files == other.0.files
    }

    /// All of them as they are now: the files are read again.
    pub(crate) async fn current(&self) -> HeaderMap {
        let mut headers = self.0.fixed.clone();
        if !self.0.files.is_empty() {
            let handle = self.clone();
            // Where the runtime ends, the last ones stay.
            _ = tokio::task::spawn_blocking(move || handle.read_again()).await;
            headers.extend(HeaderMap::clone(&self.0.read.load()));
        }
        headers
    }

    fn read_again(&self) {
        match read(&self.0.files) {
            Ok(headers) => self.0.read.store(Arc::new(headers)),
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(target: "remint", error, "a header for a key set is sent with its last value");
            }
        }
    }
}

impl From<HeaderMap> for RotatingHeaders {
    fn from(mut fixed: HeaderMap) -> Self {
        fixed.values_mut().for_each(|value| value.set_sensitive(true));
        Self(Arc::new(Inner { fixed, ..Inner::default() }))
    }
}

impl fmt::Debug for RotatingHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.fixed.keys().collect();
        f.debug_struct("RotatingHeaders").field("fixed", &names).field("files", &self.0.files).finish()
    }
}

/// A file that holds no value of a header. It shows nothing of what stands in the file.
#[derive(Debug, thiserror::Error)]
#[error("the file for the header `{header}` cannot be used")]
pub struct HeaderFileError {
    header: HeaderName,
    source: Fault,
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Unreadable(#[from] SecretFileError),
    #[error("it is empty")]
    Empty,
    #[error("a header's value has no line ends and is ASCII")]
    Value,
}

fn read(files: &[(HeaderName, PathBuf)]) -> Result<HeaderMap, HeaderFileError> {
    let one = |(header, path): &(HeaderName, PathBuf)| {
        let text = remint_secret_file::read_to_string(path, MAX_LEN)?;
        match text.trim() {
            "" => Err(Fault::Empty),
            text if !text.is_ascii() => Err(Fault::Value),
            text => Ok((header.clone(), HeaderValue::from_str(text).map_err(|_| Fault::Value)?)),
        }
    };
    let mut headers = HeaderMap::with_capacity(files.len());
    for file in files {
        let (name, mut value) = one(file).map_err(|source| HeaderFileError { header: file.0.clone(), source })?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

const MAX_LEN: u64 = 64 * 1024;
