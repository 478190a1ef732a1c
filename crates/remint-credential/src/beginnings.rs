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
            texts
                .iter()
                .filter_map(|text| text.as_bytes().get(place))
                .fold(0, |letters, letter| letters | bit(sieved(*letter)))
        };
        let (firsts, letters) = (letters_at(0), letters_at(place));
        Self { texts, firsts, place, letters }
    }

    /// Whether a name may begin so, by two of its letters. `false` is certain.
    #[inline]
    pub(crate) fn may_begin(&self, name: &[u8]) -> bool {
        let letter = |place: usize| name.get(place).map_or(0, |letter| bit(sieved(*letter)));
        // Without a branch between the two.
        (self.firsts & letter(0) != 0) & (self.letters & letter(self.place) != 0)
    }

    /// Whether a name begins so, in any case and `_` taken for `-`.
    pub(crate) fn begin(&self, name: &[u8]) -> bool {
        self.texts.iter().any(|text| {
            name.len() >= text.len() && text.bytes().zip(name).all(|(ours, theirs)| folded(ours) == folded(*theirs))
        })
    }
}

#[inline]
const fn bit(letter: u8) -> u64 {
    1 << (letter % 64)
}

/// A letter of a name, `_` taken for `-` and capitals for small letters. Of the bytes that a name may hold, no
/// others become one.
#[inline]
pub(crate) const fn folded(byte: u8) -> u8 {
    let lower = byte.to_ascii_lowercase();
    if lower == b'_' { b'-' } else { lower }
}

/// The same for a sieve, in fewer steps: other bytes may become one, and are told apart later.
#[inline]
pub(crate) const fn sieved(byte: u8) -> u8 {
    match byte | 0x20 {
        UNDERSCORE => b'-',
        letter => letter,
    }
}

const UNDERSCORE: u8 = b'_' | 0x20;

#[cfg(test)]
mod tests {
    use super::*;

    fn beginnings(texts: &[&str]) -> Beginnings {
        Beginnings::new(texts.iter().map(|text| Box::from(*text)).collect())
    }

    #[test]
    fn the_first_look_misses_nothing_that_begins_so() {
        let several = beginnings(&["x-remint-", "x-auth-request-", "abc"]);
        for name in ["x-remint-", "x_remint_env", "x-auth_request-user", "abcd", "abc", "X-Remint-Env", "ABC"] {
            assert!(several.begin(name.as_bytes()) && several.may_begin(name.as_bytes()), "{name}");
        }
        for name in ["", "ab", "x-remin", "x-auth-reques", "x-remix-a", "authorization"] {
            assert!(!several.begin(name.as_bytes()), "{name}");
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
            assert!(!ours.may_begin(name.as_bytes()), "{name}");
        }
        assert!(!beginnings(&[]).may_begin(b"x"));
    }
}
