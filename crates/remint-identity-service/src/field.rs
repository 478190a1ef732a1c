//! The fields of our own JSON: how each is read, and the schema that says so.

use std::borrow::Cow;
use std::time::Duration;

use remint_apikey::KeyName;
use remint_core::{
    ApiKeyRecord, Environment, ExternalIdentity, IssuerId, Network, PlanName, REMINT_SCOPES, Scopes, Subject, TenantId,
    UserId, is_reserved, unknown_remint_scope,
};
use remint_http_api::{Fault, Members, Read};
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// How many items a list may have.
pub(crate) const MAX_ITEMS: usize = 100;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $schema:literal, min $min:literal, max $max:literal, $pattern:literal, $allowed:expr, $says:literal) => {
        $(#[$doc])*
        pub(crate) enum $name {}

        impl $name {
            /// The text, if it is of this kind.
            pub(crate) fn text(value: Value) -> Read<String> {
                let allowed: fn(u8) -> bool = $allowed;
                match value {
                    Value::String(text)
                        if ($min..=$max).contains(&text.len()) && text.bytes().all(allowed) =>
                    {
                        Ok(text)
                    }
                    Value::String(_) => Err(vec![Fault::new($says)]),
                    _ => Err(vec![Fault::new("must be a string")]),
                }
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(SchemaType::Type(Type::String))
                    .min_length(Some($min))
                    .max_length(Some($max))
                    .pattern(Some($pattern))
                    .description(Some($says))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                $schema.into()
            }
        }
    };
}

text!(
    /// A user's id as it may be chosen here: ASCII, so that it looks the same to everyone.
    UserIdText, "UserId", min 1, max 128, r"^[0-9A-Za-z][!#-&(-{}~]*$",
    |byte| matches!(byte, b'!' | b'#'..=b'&' | b'('..=b'{' | b'}' | b'~'),
    "must be 1 to 128 printable ASCII characters, the first a letter or digit, without spaces, quotes and `|`"
);
text!(
    /// A tenant's id.
    TenantIdText, "TenantId", min 1, max 128, r"^[0-9A-Za-z][!#-&(-~]*$", is_plain,
    "must be 1 to 128 printable ASCII characters, the first a letter or digit, without spaces and quotes"
);
text!(
    /// A plan's name.
    PlanNameText, "PlanName", min 1, max 64, r"^[!#-&(-~]+$", is_plain,
    "must be 1 to 64 printable ASCII characters without spaces and quotes"
);
text!(
    /// A name for people.
    KeyNameText, "KeyName", min 1, max 128, r"^[ !#-&(-~]+$", |byte| byte == b' ' || is_plain(byte),
    "must be 1 to 128 printable ASCII characters without quotes"
);
text!(
    /// An entitlement.
    EntitlementText, "Entitlement", min 1, max 128, r"^[ !#-&(-~]+$", |byte| byte == b' ' || is_plain(byte),
    "must be 1 to 128 printable ASCII characters without quotes"
);
text!(
    /// An issuer or a subject at one (OpenID Connect Core §2: ASCII).
    ExternalText, "ExternalName", min 1, max 512, r"^[!#-&(-~]+$", is_plain,
    "must be 1 to 512 printable ASCII characters without spaces and quotes"
);
text!(
    /// A scope token (RFC 6749 §3.3).
    ScopeText, "Scope", min 1, max 128, r"^[!#-\[\]-~]+$", is_scope_char,
    "must be a scope token of RFC 6749 §3.3, of at most 128 characters"
);
text!(
    /// Scope tokens, separated by single spaces.
    ScopeListText, "ScopeList", min 0, max 8192, r"^([!#-\[\]-~]+( [!#-\[\]-~]+)*)?$",
    |byte| byte == b' ' || is_scope_char(byte),
    "must be scope tokens of RFC 6749 §3.3, separated by single spaces, of at most 8192 characters"
);
text!(
    /// How long.
    DurationText, "Duration", min 2, max 7, r"^(0|[1-9][0-9]{0,5})[smhd]$",
    |byte| byte.is_ascii_digit() || matches!(byte, b's' | b'm' | b'h' | b'd'),
    "must be a number of seconds, minutes, hours or days, such as `90s`, `15m`, `24h` or `30d`"
);
text!(
    /// How long, and not zero.
    LifetimeText, "Lifetime", min 2, max 7, r"^[1-9][0-9]{0,5}[smhd]$",
    |byte| byte.is_ascii_digit() || matches!(byte, b's' | b'm' | b'h' | b'd'),
    "must be a number of seconds, minutes, hours or days above zero, such as `90s`, `15m`, `24h` or `30d`"
);
text!(
    /// A network in CIDR notation.
    NetworkText, "Network", min 2, max 43,
    r"^(((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(/(3[0-2]|[12]?[0-9]))?|(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|([0-9a-fA-F]{1,4}:){1,1}(:[0-9a-fA-F]{1,4}){1,6}|:((:[0-9a-fA-F]{1,4}){1,7}|:))(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$",
    |byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'/'),
    "must be a network in CIDR notation, such as `192.0.2.0/24` or `2001:db8::/32`, or one address"
);
text!(
    /// The text of an API key, whatever it is.
    KeyText, "KeyText", min 1, max 512, r"^[!-~]+$", |byte| byte.is_ascii_graphic(),
    "must be 1 to 512 visible ASCII characters"
);

text!(
    /// What an issuer calls something.
    IssuerNameText, "IssuerName", min 1, max 512, r"^[ -~]+$", is_printable,
    "must be 1 to 512 printable ASCII characters"
);
text!(
    /// What an issuer calls a session or a token, or the settings a client.
    NameText, "Name", min 1, max 256, r"^[ -~]+$", is_printable, "must be 1 to 256 printable ASCII characters"
);
text!(
    /// A tenant as an issuer may name it.
    TenantNameText, "TenantName", min 1, max 128, r"^[ -~]+$", is_printable,
    "must be 1 to 128 printable ASCII characters"
);
text!(
    /// The id of an API key.
    KeyIdText, "KeyId", min 1, max 64, r"^[ -~]+$", is_printable, "must be 1 to 64 printable ASCII characters"
);
text!(
    /// The digest of a token.
    DigestText, "TokenDigest", min 43, max 43, r"^[0-9A-Za-z_-]{42}[048AEIMQUYcgkosw]$",
    |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
    "must be a SHA-256 in base64url without padding: 43 characters"
);
text!(
    /// Why something is done, for the audit trail.
    ReasonText, "Reason", min 1, max 256, r"^[ -~]+$", is_printable, "must be 1 to 256 printable ASCII characters"
);

/// Scopes: a list of them, or one text in which spaces separate them.
pub(crate) enum ScopesText {}

impl PartialSchema for ScopesText {
    fn schema() -> RefOr<Schema> {
        let list = ArrayBuilder::new().items(ScopeText::schema()).max_items(Some(MAX_ITEMS));
        OneOfBuilder::new().item(list).item(ScopeListText::schema()).into()
    }
}

impl ToSchema for ScopesText {
    fn name() -> Cow<'static, str> {
        "Scopes".into()
    }
}

pub(crate) fn user_id(value: Value) -> Read<UserId> {
    starting_with_alphanumeric(UserIdText::text(value)?, UserId::new)
}

pub(crate) fn tenant_id(value: Value) -> Read<TenantId> {
    starting_with_alphanumeric(TenantIdText::text(value)?, TenantId::new)
}

pub(crate) fn plan(value: Value) -> Read<PlanName> {
    PlanName::new(PlanNameText::text(value)?).map_err(unfit)
}

pub(crate) fn key_name(value: Value) -> Read<KeyName> {
    KeyName::new(KeyNameText::text(value)?).map_err(unfit)
}

/// The scopes of a user: not the one that only a key of its own can have.
pub(crate) fn user_scopes(value: Value) -> Read<Scopes> {
    let scopes = scopes(value)?;
    if scopes.contains(ApiKeyRecord::KEYS_SCOPE) {
        return Err(vec![Fault::new("must not hold remint:keys: it is given to a key by itself, and no user has it")]);
    }
    Ok(scopes)
}

/// Scopes. Of those that begin with `remint:` there are only ours.
pub(crate) fn scopes(value: Value) -> Read<Scopes> {
    let scopes = any_scopes(value)?;
    match unknown_remint_scope(&scopes) {
        Some(scope) => Err(vec![Fault::new(format!("`{scope}` is none of {}", REMINT_SCOPES.join(", ")))]),
        None => Ok(scopes),
    }
}

fn any_scopes(value: Value) -> Read<Scopes> {
    match value {
        Value::Array(_) => {
            let tokens = list(value, ScopeText::text)?;
            Scopes::try_from_iter(tokens.iter().map(String::as_str)).map_err(unfit)
        }
        Value::String(_) => {
            let text = ScopeListText::text(value)?;
            if text.is_empty() {
                return Ok(Scopes::new());
            }
            Scopes::try_from_iter(text.split(' ')).map_err(unfit)
        }
        _ => Err(vec![Fault::new("must be a list of scopes, or a text in which spaces separate them")]),
    }
}

pub(crate) fn entitlements(value: Value) -> Read<Vec<String>> {
    list(value, |item| {
        let text = EntitlementText::text(item)?;
        if is_reserved(&text) {
            Err(vec![Fault::new("must not begin with `remint:`, which is reserved")])
        } else {
            Ok(text)
        }
    })
}

pub(crate) fn networks(value: Value) -> Read<Vec<Network>> {
    list(value, |item| NetworkText::text(item)?.parse().map_err(unfit))
}

pub(crate) fn environment(value: Value) -> Read<Environment> {
    match value.as_str() {
        Some("live") => Ok(Environment::Live),
        Some("test") => Ok(Environment::Test),
        _ => Err(vec![Fault::new("must be `live` or `test`")]),
    }
}

/// Environments, each at most once.
pub(crate) fn environments(value: Value) -> Read<Vec<Environment>> {
    let found = list(value, environment)?;
    let twice = found.iter().enumerate().any(|(index, item)| found.iter().skip(index + 1).any(|other| other == item));
    if twice { Err(vec![Fault::new("must hold each environment once at most")]) } else { Ok(found) }
}

pub(crate) fn external(value: Value) -> Read<Vec<ExternalIdentity>> {
    list(value, |item| {
        let mut members = Members::of(item)?;
        let issuer = members.required("issuer", |value| IssuerId::new(ExternalText::text(value)?).map_err(unfit));
        let subject = members.required("subject", |value| Subject::new(ExternalText::text(value)?).map_err(unfit));
        members.finish(issuer.zip(subject).map(|(issuer, subject)| ExternalIdentity { issuer, subject }))
    })
}

/// What has to be of this kind of text, and of the name's own rules.
pub(crate) fn named<T: std::str::FromStr<Err: std::error::Error>>(text: Read<String>) -> Read<T> {
    text?.parse().map_err(unfit)
}

pub(crate) fn flag(value: Value) -> Read<bool> {
    value.as_bool().ok_or_else(|| vec![Fault::new("must be true or false")])
}

/// A time span, which may be zero.
pub(crate) fn duration(value: Value) -> Read<Duration> {
    span(&DurationText::text(value)?)
}

/// A time span that is not zero.
pub(crate) fn lifetime(value: Value) -> Read<Duration> {
    let span = span(&LifetimeText::text(value)?)?;
    if span.is_zero() { Err(vec![Fault::new("must be above zero")]) } else { Ok(span) }
}

/// A number in its one spelling, and a unit.
fn span(text: &str) -> Read<Duration> {
    let unit = |(suffix, seconds)| text.strip_suffix(suffix).map(|number: &str| (number, seconds));
    let found = UNITS.into_iter().find_map(unit).filter(|(number, _)| *number == "0" || !number.starts_with('0'));
    let number = found.and_then(|(number, seconds)| Some(number.parse::<u64>().ok()? * seconds));
    number.map(Duration::from_secs).ok_or_else(|| vec![Fault::new(SPELLED)])
}

/// A list of bounded length, each item read by itself.
pub(crate) fn list<T>(value: Value, read: impl Fn(Value) -> Read<T>) -> Read<Vec<T>> {
    let Value::Array(items) = value else { return Err(vec![Fault::new("must be a list")]) };
    if items.len() > MAX_ITEMS {
        return Err(vec![Fault::new("must have at most 100 items")]);
    }
    let (mut found, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
    for (index, item) in items.into_iter().enumerate() {
        match read(item) {
            Ok(item) => found.push(item),
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| fault.within(&index.to_string()))),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// An id that no path can take for `.` or `..`.
fn starting_with_alphanumeric<T, E: std::error::Error>(
    text: String,
    new: impl FnOnce(String) -> Result<T, E>,
) -> Read<T> {
    if text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        new(text).map_err(unfit)
    } else {
        Err(vec![Fault::new("must begin with a letter or digit")])
    }
}

fn unfit(error: impl std::error::Error) -> Vec<Fault> {
    vec![Fault::new(error.to_string())]
}

const fn is_printable(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_graphic()
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'&' | b'('..=b'~')
}

const fn is_scope_char(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 24 * 3600)];
const SPELLED: &str = "must be a number of seconds, minutes, hours or days, such as `90s`, `15m`, `24h` or `30d`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_is_a_number_and_a_unit() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("15m", 900), ("24h", 86_400), ("30d", 2_592_000)] {
            assert_eq!(duration(text.into()), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "1", "s", "1 h", "1.5h", "00s", "1h30m", "1H", "+1s", "1000000s", "1w"] {
            assert!(duration(text.into()).is_err(), "{text}");
        }
        assert!(lifetime("0s".into()).is_err());
    }

    #[test]
    fn scopes_are_a_list_or_a_text() {
        assert_eq!(scopes("b a".into()), scopes(vec!["a", "b", "a"].into()));
        assert_eq!(scopes("".into()), Ok(Scopes::new()));
        for text in [" ", "a ", " a", "a  b", "a\tb", "a\"", "ä"] {
            assert!(scopes(text.into()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_reserved_name_is_one_of_ours_or_refused() {
        assert!(scopes("read remint:admin remint:keys remint:verify".into()).is_ok());
        for scope in ["remint:", "remint:owner"] {
            assert!(scopes(scope.into()).is_err() && scopes(vec!["read", scope].into()).is_err(), "{scope}");
        }
        assert!(entitlements(vec!["remint", "a remint:"].into()).is_ok());
        for entitlement in ["remint:", "remint:admin"] {
            assert!(entitlements(vec!["export", entitlement].into()).is_err(), "{entitlement}");
        }
    }

    #[test]
    fn networks_are_spelled_as_the_standards_have_it() {
        for text in [
            "192.0.2.0/24",
            "10.0.0.1",
            "2001:db8::/32",
            "2001:DB8::1/64",
            "::1",
            "::",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
        ] {
            assert!(networks(vec![text].into()).is_ok(), "{text}");
        }
        for text in [
            "10.0.0.0/33",
            "10.0.0",
            "010.0.0.0",
            "1::2::3",
            "1:2:3:4:5:6:7:8:9",
            "::/129",
            "::ffff:10.0.0.0/104",
            "localhost",
        ] {
            assert!(networks(vec![text].into()).is_err(), "{text}");
        }
    }
}
