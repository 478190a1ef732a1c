use std::error::Error;

/// An error and what lies beneath it, from the nearest to the first: `it: its cause: the cause's cause`. Some errors say
/// their cause themselves; it is not said twice.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !said.contains(&text) {
            said.push_str(": ");
            said.push_str(&text);
        }
        next = cause.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Link(&'static str, Option<Box<Self>>);

    impl fmt::Display for Link {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Link {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    fn chain(texts: &[&'static str]) -> Option<Box<Link>> {
        let (first, rest) = texts.split_first()?;
        Some(Box::new(Link(first, chain(rest))))
    }

    #[test]
    fn each_cause_is_said_once() {
        for (texts, said) in [
            (&["it failed"][..], "it failed"),
            (&["it failed", "no answer", "refused"], "it failed: no answer: refused"),
            (&["it failed", "of the store: full", "full"], "it failed: of the store: full"),
            (&["it failed: full", "full", "full", "no space"], "it failed: full: no space"),
        ] {
            assert_eq!(with_causes(&*chain(texts).unwrap()), said);
        }
    }
}
