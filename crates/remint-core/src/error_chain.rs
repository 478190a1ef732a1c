use std::error::Error;
use std::fmt;

use crate::with_causes;

/// An error [with its causes](with_causes) in one line: `the issuer cannot be set up: … : permission denied`.
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
        f.write_str(&with_causes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unavailable, UnavailableKind};

    #[test]
    fn it_shows_the_error_with_its_causes() {
        let error = Unavailable::new(UnavailableKind::Store).with_source("connection refused");
        assert_eq!(ErrorChain(&error).to_string(), format!("{error}: connection refused"));
    }
}
