/// How the names of headers begin that are stripped: `x-remint-` for all of `x-remint-*`.
#[derive(Debug, Clone)]
pub(crate) struct Beginnings {
    texts: Vec<Box<str>>,
    /// Which letters the texts begin with, by their low six bits.
    firsts: u64,
    /// The place of the last letter of the shortest text. It and the first letter are looked at before the rest.
    place: usize,
    /// Which letters stand there in the texts.
    letters: u64,
}

impl Beginnings {
    /// Each text is in lower case and not empty.
    pub(crate) fn new(texts: Vec<Box<str>>) -> Self {
        let place = texts.iter().map(|text| text.len()).min().map_or(0, |shortest| shortest.saturating_sub(1));
        let letters_at = |place: usize| {
            texts.iter().filter_map(|text| text.as_bytes().get(place)).fold(0, |letters, letter| {
                let twin = if dashed(*letter) == b'-' { bit(b'-') | bit(b'_') } else { bit(*letter) };
                letters | twin
            })
        };
        let (firsts, letters) = (letters_at(0), letters_at(place));
        Self { texts, firsts, place, letters }
    }

    /// Whether a name may begin so, by two of its letters. `false` is certain.
    #[inline]
    pub(crate) fn may_begin(&self, name: &str) -> bool {
        let letter = |place: usize| name.as_bytes().get(place).map_or(0, |letter| bit(*letter));
        // Without a branch between the two.
        (self.firsts & letter(0) != 0) & (self.letters & letter(self.place) != 0)
    }

    /// Whether a name begins so, `_` taken for `-`.
    pub(crate) fn begin(&self, name: &str) -> bool {
        self.texts.iter().any(|text| {
            name.len() >= text.len()
                && text.bytes().zip(name.bytes()).all(|(ours, theirs)| dashed(ours) == dashed(theirs))
        })
    }
}

#[inline]
const fn bit(letter: u8) -> u64 {
    1 << (letter % 64)
}

#[inline]
pub(crate) const fn dashed(byte: u8) -> u8 {
    if byte == b'_' { b'-' } else { byte }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beginnings(texts: &[&str]) -> Beginnings {
        Beginnings::new(texts.iter().map(|text| Box::from(*text)).collect())
    }

    #[test]
    fn the_first_look_misses_nothing_that_begins_so() {
        let several = beginnings(&["x-remint-", "x-auth-request-", "abc"]);
        for name in ["x-remint-", "x_remint_env", "x-auth_request-user", "abcd", "abc"] {
            assert!(several.begin(name) && several.may_begin(name), "{name}");
        }
        for name in ["", "ab", "x-remin", "x-auth-reques", "x-remix-a", "authorization"] {
            assert!(!several.begin(name), "{name}");
        }
    }

    #[test]
    fn the_first_look_dismisses_most_names() {
        let ours = beginnings(&["x-remint-", "x-auth-request-"]);
        for name in [
            "host",
            "accept",
            "user-agent",
            "content-type",
            "content-length",
            "x-forwarded-for",
            "x-request-id",
            "traceparent",
        ] {
            assert!(!ours.may_begin(name), "{name}");
        }
        assert!(!beginnings(&[]).may_begin("x"));
    }
}
