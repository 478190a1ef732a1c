use remint_core::is_token68;

/// Which texts that are no JWT are an issuer's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opaque {
    /// None.
    None,
    /// All that begin so; empty: all there are.
    Prefix(Box<str>),
}

impl Opaque {
    pub(crate) fn claims(&self, text: &str) -> bool {
        match self {
            Self::None => false,
            Self::Prefix(prefix) => text.starts_with(&**prefix),
        }
    }

    /// Whether one text could be a token of both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Prefix(one), Self::Prefix(other)) => one.starts_with(&**other) || other.starts_with(&**one),
            _ => false,
        }
    }

    /// A prefix that a token could have (RFC 9110 §11.2, `token68`), if it is one.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::None => true,
            Self::Prefix(prefix) => prefix.len() <= MAX_PREFIX && prefix.bytes().all(is_token68),
        }
    }
}

const MAX_PREFIX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Opaque {
        Opaque::Prefix(text.into())
    }

    #[test]
    fn prefixes_overlap_if_one_text_can_have_both() {
        for (one, other, overlap) in [
            ("a_", "b_", false),
            ("a_", "a_", true),
            ("a_", "a_b", true),
            ("", "a_", true),
            ("", "", true),
            ("ab", "ac", false),
            ("A_", "a_", false),
        ] {
            assert_eq!(prefix(one).overlaps(&prefix(other)), overlap, "{one} {other}");
            assert_eq!(prefix(other).overlaps(&prefix(one)), overlap, "{other} {one}");
        }
        assert!(!prefix("").overlaps(&Opaque::None) && !Opaque::None.overlaps(&Opaque::None));
    }

    #[test]
    fn a_token_begins_with_the_prefix_to_the_byte() {
        assert!(prefix("ory_at_").claims("ory_at_x") && prefix("ory_at_").claims("ory_at_") && prefix("").claims("x"));
        for other in ["ory_at", "ORY_AT_x", " ory_at_x", "xory_at_x"] {
            assert!(!prefix("ory_at_").claims(other), "{other}");
        }
        assert!(!Opaque::None.claims("x"));
    }

    #[test]
    fn a_prefix_that_no_token_can_have_is_not_sound() {
        assert!(prefix("").is_sound() && prefix(&"a".repeat(64)).is_sound() && prefix("ya29.a0-_~+/=").is_sound());
        for bad in ["a b", "a,b", "ä", "a\n", "\""] {
            assert!(!prefix(bad).is_sound(), "{bad}");
        }
        assert!(!prefix(&"a".repeat(65)).is_sound());
    }
}
