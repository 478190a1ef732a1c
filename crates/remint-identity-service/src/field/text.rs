use std::borrow::Cow;

use remint_http_api::{Fault, Read};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

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
    /// Scope tokens, separated by single spaces.
    ScopeListText, "ScopeList", min 0, max 16384, r"^([!#-\[\]-~]+( [!#-\[\]-~]+)*)?$",
    |byte| byte == b' ' || is_scope_char(byte),
    "must be scope tokens of RFC 6749 §3.3, separated by single spaces, of at most 16384 characters"
);
text!(
    /// An entitlement.
    EntitlementText, "Entitlement", min 1, max 128, r"^[ !#-&(-~]+$", |byte| byte == b' ' || is_plain(byte),
    "must be 1 to 128 printable ASCII characters without quotes"
);
text!(
    /// A scope token (RFC 6749 §3.3).
    ScopeText, "Scope", min 1, max 128, r"^[!#-\[\]-~]+$", is_scope_char,
    "must be a scope token of RFC 6749 §3.3, of at most 128 characters"
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
    /// What an authenticator of your own calls its credentials.
    CredentialKindText, "CredentialKind", min 1, max 32, r"^[a-z][a-z0-9_]*$",
    |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_',
    "must be 1 to 32 small letters, digits and `_` with a letter first, and no kind of ours"
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

const fn is_printable(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_graphic()
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'&' | b'('..=b'~')
}

const fn is_scope_char(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}
