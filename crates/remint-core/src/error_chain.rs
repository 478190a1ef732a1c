use std::error::Error;
use std::fmt;

/// An error and its causes in one line, from the nearest to the first: `the issuer cannot be set up: … : permission
/// denied`.
///
/// The errors of building something show it as their `Debug`, since that is what `main` prints of an error.
///
/// ```
/// use remint_core::ErrorChain;
///
/// let error = "1x".parse::<u8>().unwrap_err();
/// assert_eq!(ErrorChain(&error).to_string(), "invalid digit found in string");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ErrorChain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        std::iter::successors(self.0.source(), |cause| Error::source(*cause))
            .try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unavailable, UnavailableKind};

    #[test]
    fn each_cause_is_told_once_from_the_nearest_to_the_first() {
        let error = Unavailable::new(UnavailableKind::Store).with_source("connection refused");
        assert_eq!(ErrorChain(&error).to_string(), format!("{error}: connection refused"));
    }
}
