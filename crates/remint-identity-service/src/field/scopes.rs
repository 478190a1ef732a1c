use std::borrow::Cow;

use remint_core::{ApiKeyRecord, GivenScopes, Scopes, is_reserved};
use remint_http_api::{Fault, Read};
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::list::{MAX_ITEMS, list};
use super::text::{EntitlementText, ScopeListText, ScopeText};
use super::unfit;

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
    GivenScopes::new(any_scopes(value)?).map(GivenScopes::into_inner).map_err(unfit)
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
