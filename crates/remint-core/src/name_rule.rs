/// What a kind of name may be. It is held where the name is made, and shown by whatever describes the name: a schema, a
/// message.
///
/// No name is empty, and none holds a control character. Names that are given to Remint (of users, tenants, keys and
/// plans) are counted in characters. An id is not `.` or `..`, which no path can name, nor `*`, which
/// stands for all where names are listed. A name for people holds no
/// character that turns the direction of what follows (U+202A to U+202E, U+2066 to U+2069), which would show a list of
/// names as it is not. Names that an issuer chose are counted in bytes of UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameRule {
    what: &'static str,
    max: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Another's.
    Text,
    /// For people.
    Label,
    Id,
    UserId,
}

impl NameRule {
    /// A name that another chose, of at most so many bytes.
    pub(crate) const fn text(what: &'static str, max: usize) -> Self {
        Self { what, max, kind: Kind::Text }
    }

    /// A name for people, of at most so many characters.
    pub(crate) const fn label(what: &'static str, max: usize) -> Self {
        Self { what, max, kind: Kind::Label }
    }

    /// An id, of at most so many characters.
    pub(crate) const fn id(what: &'static str, max: usize) -> Self {
        Self { what, max, kind: Kind::Id }
    }

    /// An id that is no external subject.
    pub(crate) const fn user(what: &'static str, max: usize) -> Self {
        Self { what, max, kind: Kind::UserId }
    }

    /// How many characters it has at most; where bytes are counted, no name with more fits.
    #[must_use]
    pub const fn max_length(&self) -> usize {
        self.max
    }

    /// Which characters it has, as a regular expression of ECMA-262, Python and the crate `regex`. The length is not in
    /// it.
    #[must_use]
    pub const fn pattern(&self) -> &'static str {
        match self.kind {
            Kind::Text => r"^[^\u0000-\u001f\u007f-\u009f]+$",
            Kind::Label => r"^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+$",
            Kind::Id => {
                r"^([^.*\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*|\.[^.\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*|(\*|\.\.)[^\u0000-\u001f\u007f-\u009f]+)$"
            }
            Kind::UserId => {
                r"^([^.*|\u0000-\u001f\u007f-\u009f][^|\u0000-\u001f\u007f-\u009f]*|\.[^.|\u0000-\u001f\u007f-\u009f][^|\u0000-\u001f\u007f-\u009f]*|(\*|\.\.)[^|\u0000-\u001f\u007f-\u009f]+)$"
            }
        }
    }

    pub(crate) fn check(&self, text: &str) -> Result<(), InvalidName> {
        let length = if self.kind == Kind::Text { text.len() } else { text.chars().count() };
        let reserved = matches!(self.kind, Kind::Id | Kind::UserId) && matches!(text, "." | ".." | "*");
        if (1..=self.max).contains(&length) && !reserved && text.chars().all(|c| self.allows(c)) {
            Ok(())
        } else {
            Err(InvalidName(*self))
        }
    }

    fn allows(&self, c: char) -> bool {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match self.kind {
            _ if c.is_control() => false,
            Kind::Text | Kind::Id => true,
            Kind::Label => !turns,
            Kind::UserId => c != '|',
        }
    }
}

/// A name that is empty, too long, or holds a character it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} must be 1 to {} {}", .0.what, .0.max, .0.says())]
pub struct InvalidName(NameRule);

impl NameRule {
    /// What is said of it behind its length.
    const fn says(&self) -> &'static str {
        match self.kind {
            Kind::Text => "bytes without control characters",
            Kind::Label => "characters without control characters",
            Kind::Id => "characters without control characters, and not `.`, `..` or `*`",
            Kind::UserId => {
                "characters without control characters or `|`, and not `.`, `..` or `*`: a subject of an external issuer, \
                 such as `auth0|…`, is linked to a user by `external`"
            }
        }
    }
}

impl std::fmt::Display for NameRule {
    /// As a schema says it: `must be 1 to 128 …`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "must be 1 to {} {}", self.max, self.says())
    }
}

#[cfg(test)]
mod tests {
    use crate::{KeyName, NameRule, PlanName, SessionId, Subject, TenantId, UserId};

    #[test]
    fn what_the_pattern_and_the_length_say_is_what_is_taken() {
        let long: Vec<_> = ["a", "ß", "漢"].into_iter().flat_map(|c| [c.repeat(128), c.repeat(129)]).collect();
        let texts = [
            "",
            "a",
            "alice",
            "it's",
            "a\"b",
            "Zoë",
            "Ωμέγα",
            "a b",
            "a|b",
            "auth0|1",
            ".",
            "..",
            "...",
            ".a",
            "..a",
            "a.",
            "*",
            "**",
            "*a",
            "a*",
            ".*",
            "*.",
            "|",
            ".|",
            "a\0b",
            "a\nb",
            "a\n",
            "\u{7f}",
            "\u{85}",
            "\u{202e}",
            "a\u{2066}b",
            "\u{200d}",
            "🦀",
        ];
        let rules: [NameRule; 5] = [UserId::RULE, TenantId::RULE, PlanName::RULE, KeyName::RULE, Subject::RULE];
        for rule in rules {
            let pattern = regex::Regex::new(rule.pattern()).unwrap();
            for text in texts.into_iter().chain(long.iter().map(String::as_str)) {
                let described = text.chars().count() <= rule.max_length() && pattern.is_match(text);
                assert_eq!(rule.check(text).is_ok(), described, "{rule:?} {text:?}");
            }
        }
    }

    #[test]
    fn an_id_is_any_text_that_a_path_can_name() {
        for text in ["alice", "zoë", "it's", "a\"b", "Ω", "...", ".a", "a/b", &"漢".repeat(128)] {
            assert!(UserId::new(text).is_ok() && TenantId::new(text).is_ok(), "{text}");
        }
        for text in ["", ".", "..", "*", "a\0b", "a\nb", "\u{85}", &"a".repeat(129)] {
            assert!(UserId::new(text).is_err() && TenantId::new(text).is_err(), "{text:?}");
        }
        assert!(TenantId::new("acme|eu").is_ok());
    }

    #[test]
    fn a_name_that_an_issuer_chose_is_counted_in_bytes() {
        assert!(SessionId::new("a\u{202e}b").is_ok() && Subject::new("..").is_ok());
        assert!(SessionId::new("ß".repeat(128)).is_ok() && SessionId::new("ß".repeat(129)).is_err());
    }

    #[test]
    fn the_error_says_what_to_do_with_an_external_subject() {
        let told = UserId::new("auth0|64f0").unwrap_err().to_string();
        assert!(told.starts_with("a user id must be 1 to 128 characters") && told.contains("`external`"), "{told}");
    }
}
