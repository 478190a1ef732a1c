use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use remint_core::{Environment, is_token68};

use super::InvalidImport;
use crate::KeyFormat;

/// A format of key text that is accepted.
///
/// As a setting: `remint`, `drf` or `opaque:<prefix>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextFormat {
    /// Ours: [`KeyFormat`].
    Remint,
    /// djangorestframework-api-key's: a prefix of 8 letters and digits, a dot, and a secret of 32.
    Drf,
    /// Any text that begins with this prefix: 16 to 256 characters of `token68` (RFC 9110 §11.2),
    /// with one dot at most, since a text with two is a JWT.
    Opaque(OpaquePrefix),
}

impl TextFormat {
    /// Whether a text means to be a key of this format. Those of `drf` have no mark but their whole
    /// shape.
    fn claims(&self, ours: &KeyFormat, text: &str) -> bool {
        match self {
            Self::Remint => ours.claims(text),
            Self::Drf => drf_prefix(text).is_some(),
            Self::Opaque(prefix) => text.starts_with(prefix.as_str()),
        }
    }

    fn read<'a>(&self, ours: &KeyFormat, text: &'a str) -> Option<ParsedKey<'a>> {
        let (environment, slow_start, shown) = match self {
            Self::Remint => {
                let key = ours.parse(text).ok()?;
                let shown = key.start().len();
                (Some(key.environment()), None, shown..=shown)
            }
            Self::Drf => (None, Some(drf_prefix(text)?), DRF_PREFIX_LEN..=DRF_PREFIX_LEN),
            Self::Opaque(prefix) if is_opaque(text) => {
                let prefix = prefix.as_str().len();
                (None, None, prefix..=prefix + SHOWN_LEN)
            }
            Self::Opaque(_) => return None,
        };
        Some(ParsedKey { text, environment, slow_start, shown })
    }

    /// Whether this may be shown as the beginning of a key's text.
    pub(super) fn allows_start(&self, start: &str) -> bool {
        match self {
            Self::Remint => false,
            Self::Drf => is_alphanumeric(start, DRF_PREFIX_LEN),
            Self::Opaque(prefix) => start
                .strip_prefix(prefix.as_str())
                .is_some_and(|shown| shown.len() <= SHOWN_LEN && shown.bytes().all(is_body)),
        }
    }
}

impl FromStr for TextFormat {
    type Err = InvalidTextFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "remint" => Ok(Self::Remint),
            None if text == "drf" => Ok(Self::Drf),
            Some(("opaque", prefix)) => prefix.parse().map(Self::Opaque),
            _ => Err(InvalidTextFormat),
        }
    }
}

impl fmt::Display for TextFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remint => f.write_str("remint"),
            Self::Drf => f.write_str("drf"),
            Self::Opaque(prefix) => write!(f, "opaque:{}", prefix.as_str()),
        }
    }
}

/// The prefix of opaque texts: 1 to 24 letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpaquePrefix(Box<str>);

impl OpaquePrefix {
    /// The prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OpaquePrefix {
    type Err = InvalidTextFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let sound = (1..=MAX_PREFIX_LEN).contains(&text.len()) && text.bytes().all(plain);
        if sound { Ok(Self(text.into())) } else { Err(InvalidTextFormat) }
    }
}

/// A setting that names no format of key text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a format of key text is `remint`, `drf` or `opaque:` and a prefix of 1 to 24 letters, digits, `-` and `_`")]
pub struct InvalidTextFormat;

/// The formats that are accepted: ours first, whatever its place.
#[derive(Debug, Clone)]
pub(crate) struct Accepted(Box<[TextFormat]>);

impl Accepted {
    pub(crate) fn new(mut formats: Vec<TextFormat>) -> Self {
        // No text that means to be one of ours is ever looked for as anything else.
        formats.sort_by_key(|format| *format != TextFormat::Remint);
        Self(formats.into())
    }

    pub(crate) fn claims(&self, ours: &KeyFormat, text: &str) -> bool {
        self.0.iter().any(|format| format.claims(ours, text))
    }

    /// Whether a key of this format, whose text begins with `start`, is found by its text: the decision that
    /// [`read`](Self::read) makes, before there is a text.
    pub(crate) fn check(
        &self,
        ours: &KeyFormat,
        format: &TextFormat,
        start: &str,
        is_slow: bool,
    ) -> Result<(), InvalidImport> {
        if !self.0.contains(format) {
            return Err(InvalidImport::NotAccepted);
        }
        // As short as a text of it may be; whatever else is in one changes no decision.
        let text = match format {
            TextFormat::Drf => format!("{start}.{}", "0".repeat(DRF_SECRET_LEN)),
            TextFormat::Remint | TextFormat::Opaque(_) => format!("{start:0<width$}", width = *OPAQUE_LEN.start()),
        };
        match self.0.iter().find(|format| format.claims(ours, &text)) {
            Some(TextFormat::Remint) => Err(InvalidImport::ReadAsOurs),
            Some(TextFormat::Opaque(_)) if is_slow => Err(InvalidImport::ReadAsOpaque),
            Some(_) => Ok(()),
            None => Err(InvalidImport::NotAccepted),
        }
    }

    /// The text as the first format that claims it reads it.
    pub(crate) fn read<'a>(&self, ours: &KeyFormat, text: &'a str) -> Option<ParsedKey<'a>> {
        self.0.iter().find(|format| format.claims(ours, text))?.read(ours, text)
    }
}

impl Default for Accepted {
    fn default() -> Self {
        Self(Box::new([TextFormat::Remint]))
    }
}

/// A text of an accepted format. It says nothing of whether there is such a key.
pub(crate) struct ParsedKey<'a> {
    pub(crate) text: &'a str,
    /// What the text says. Only ours do.
    pub(crate) environment: Option<Environment>,
    /// What a key of a slow scheme is found by.
    pub(crate) slow_start: Option<&'a str>,
    /// How much of the text may be shown as its beginning.
    shown: RangeInclusive<usize>,
}

impl<'a> ParsedKey<'a> {
    /// What may stand in the store as the beginning of this text.
    pub(crate) fn starts(&self) -> impl Iterator<Item = &'a str> {
        let text = self.text;
        self.shown.clone().filter_map(move |len| text.get(..len))
    }

    pub(crate) const fn is_foreign(&self) -> bool {
        self.environment.is_none()
    }
}

fn drf_prefix(text: &str) -> Option<&str> {
    let (prefix, secret) = text.split_once('.')?;
    (is_alphanumeric(prefix, DRF_PREFIX_LEN) && is_alphanumeric(secret, DRF_SECRET_LEN)).then_some(prefix)
}

fn is_alphanumeric(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_opaque(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    OPAQUE_LEN.contains(&text.len())
        && !body.is_empty()
        && body.bytes().all(is_body)
        && body.bytes().filter(|byte| *byte == b'.').count() < 2
}

/// `token68` without the `=` at its end.
const fn is_body(byte: u8) -> bool {
    is_token68(byte) && byte != b'='
}

const DRF_PREFIX_LEN: usize = 8;
const DRF_SECRET_LEN: usize = 32;
const OPAQUE_LEN: RangeInclusive<usize> = 16..=256;
const MAX_PREFIX_LEN: usize = 24;
/// How much of an opaque text is shown beyond its prefix: as much as of ours.
const SHOWN_LEN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const DRF: &str = "7rgLGFbo.leqKSKsMSHQaTD130Kl4d8WhcTDSOidd";

    fn read<'a>(formats: &[&str], text: &'a str) -> Option<ParsedKey<'a>> {
        let formats = formats.iter().map(|format| format.parse().unwrap()).collect();
        Accepted::new(formats).read(&KeyFormat::default(), text)
    }

    #[test]
    fn a_format_is_written_as_it_is_read() {
        for text in ["remint", "drf", "opaque:sk_live_", "opaque:a"] {
            assert_eq!(text.parse::<TextFormat>().unwrap().to_string(), text);
        }
        for text in ["", "DRF", "drf:", "remint:rmt", "opaque", "opaque:", "opaque:a b", "opaque:a.b", "opaque:é"] {
            assert_eq!(text.parse::<TextFormat>(), Err(InvalidTextFormat), "{text}");
        }
        assert!(format!("opaque:{}", "a".repeat(24)).parse::<TextFormat>().is_ok());
        assert!(format!("opaque:{}", "a".repeat(25)).parse::<TextFormat>().is_err());
    }

    #[test]
    fn a_text_of_drf_is_eight_a_dot_and_thirty_two() {
        assert_eq!(read(&["drf"], DRF).unwrap().slow_start, Some("7rgLGFbo"));
        for place in 0..DRF.len() {
            assert!(read(&["drf"], &DRF[..place]).is_none(), "the first {place}");
            let mut edited = DRF.as_bytes().to_vec();
            edited[place] = b'-';
            assert!(read(&["drf"], str::from_utf8(&edited).unwrap()).is_none(), "{place}");
        }
        for text in [format!("{DRF}a"), format!("a{DRF}"), format!("{DRF}."), DRF.replace('d', "é")] {
            assert!(read(&["drf"], &text).is_none(), "{}", text.len());
        }
    }

    #[test]
    fn an_opaque_text_has_its_prefix_its_bounds_and_its_alphabet() {
        let opaque = |text: &str| read(&["opaque:sk_"], text).is_some();
        let of = |len: usize| format!("sk_{}", "a".repeat(len - 3));
        assert!(opaque(&of(16)) && opaque(&of(256)));
        assert!(!opaque(&of(15)) && !opaque(&of(257)));
        assert!(opaque("sk_ABC.def-~+/0123==") && !opaque("sk_ABC.def.0123456789"));
        for odd in ["=a", " ", "\0", ",", "é", "%"] {
            assert!(!opaque(&format!("sk_{}{odd}{}", "a".repeat(8), "a".repeat(8))), "{odd:?}");
        }
        assert!(!opaque("pk_aaaaaaaaaaaaaaaaaaaa") && !opaque("================="));
    }

    #[test]
    fn only_what_is_accepted_is_claimed() {
        let claims = |formats: &[&str], text: &str| {
            let formats = formats.iter().map(|format| format.parse().unwrap()).collect();
            Accepted::new(formats).claims(&KeyFormat::default(), text)
        };
        assert!(claims(&["drf"], DRF) && !claims(&["remint"], DRF) && !claims(&[], DRF));
        assert!(!claims(&["drf"], "rmt_live_x") && claims(&["remint"], "rmt_live_x"));
        assert!(!claims(&["opaque:sk_"], DRF) && claims(&["opaque:sk_"], "sk_"));
    }

    #[test]
    fn a_text_that_means_to_be_ours_is_read_as_nothing_else() {
        let malformed = "rmt_live_0123456789abcdef";
        assert!(read(&["opaque:rmt", "remint"], malformed).is_none());
        assert!(read(&["opaque:rmt"], malformed).unwrap().is_foreign());
        let key = KeyFormat::default().generate(Environment::Test).unwrap();
        let ours = read(&["opaque:rmt", "drf", "remint"], key.expose_secret()).unwrap();
        assert_eq!((ours.environment, ours.slow_start), (Some(Environment::Test), None));
        assert!(!ours.is_foreign());
    }

    #[test]
    fn a_key_whose_text_would_not_be_found_is_told_before_it_is_imported() {
        let check = |formats: &[&str], format: &str, start: &str, is_slow| {
            let accepted = Accepted::new(formats.iter().map(|format| format.parse().unwrap()).collect());
            accepted.check(&KeyFormat::default(), &format.parse().unwrap(), start, is_slow).err()
        };
        assert_eq!(check(&["drf", "remint"], "drf", "7rgLGFbo", true), None);
        assert_eq!(check(&["remint"], "drf", "7rgLGFbo", true), Some(InvalidImport::NotAccepted));
        assert_eq!(check(&["opaque:sk_"], "opaque:pk_", "pk_", false), Some(InvalidImport::NotAccepted));
        // The one before reads it, and looks for what the other would.
        assert_eq!(check(&["opaque:sk_", "opaque:sk_live_"], "opaque:sk_live_", "sk_live_", false), None);
        assert_eq!(check(&["opaque:7", "drf"], "drf", "7rgLGFbo", false), None);
        assert_eq!(check(&["opaque:7", "drf"], "drf", "7rgLGFbo", true), Some(InvalidImport::ReadAsOpaque));
        assert_eq!(check(&["drf", "opaque:7"], "drf", "7rgLGFbo", true), None);
        let rmt = ["opaque:rmt", "remint"];
        assert_eq!(check(&rmt, "opaque:rmt", "rmt_l", false), Some(InvalidImport::ReadAsOurs));
        assert_eq!(check(&rmt, "opaque:rmt", "rmtx", false), None);
        assert_eq!(check(&["opaque:rmt"], "opaque:rmt", "rmt_l", false), None);
    }

    #[test]
    fn no_more_is_shown_than_the_prefix_and_four_characters() {
        let [drf, opaque, ours] = ["drf", "opaque:sk_", "remint"].map(|text| text.parse::<TextFormat>().unwrap());
        assert!(
            drf.allows_start("7rgLGFbo") && opaque.allows_start("sk_") && opaque.allows_start("sk_abc="[..6].trim())
        );
        for start in ["", "7rgLGFb", "7rgLGFbo.", "7rgLGFboX", "7rgLGF\0o", "7rgLGF\u{202e}"] {
            assert!(!drf.allows_start(start), "{start:?}");
        }
        for start in ["", "sk", "sk_abcde", "sk_a\n", "sk_<b>", "pk_abcd"] {
            assert!(!opaque.allows_start(start), "{start:?}");
        }
        assert!(!ours.allows_start("rmt_live_abcd"));
    }
}
