use remint_core::{RoleName, Roles, is_reserved};
use remint_http_api::{Fault, Read};
use serde_json::Value;

use super::list::list;
use super::{name, unfit};

/// The roles of a user.
pub(crate) fn roles(value: Value) -> Read<Roles> {
    let names = list(value, |item| {
        let role = name::<RoleName>(item)?;
        if is_reserved(role.as_str()) {
            Err(vec![Fault::new("must not begin with `remint:`, which is reserved")])
        } else {
            Ok(String::from(role))
        }
    })?;
    Roles::new(names).map_err(unfit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn roles_are_a_list_of_names_without_reserved_ones() {
        assert_eq!(roles(json!(["b", "a b", "b"])), Ok(Roles::new(["b", "a b"]).unwrap()));
        assert_eq!(roles(json!([])), Ok(Roles::none()));
        for value in [json!("editor"), json!(["a", ""]), json!([1]), json!(["a\nb"]), json!(["r".repeat(257)])] {
            assert!(roles(value.clone()).is_err(), "{value}");
        }
        for role in ["remint:", "remint:admin"] {
            let faults = roles(json!(["a", role])).unwrap_err();
            assert_eq!(faults, [Fault::new("must not begin with `remint:`, which is reserved").within("1")]);
        }
    }

    #[test]
    fn roles_are_no_more_than_fit_into_a_token() {
        let numbered =
            |count: usize, width: usize| (0..count).map(|number| format!("{number:0>width$}").into()).collect();
        let of = |count, width| roles(Value::Array(numbered(count, width)));
        assert!(of(100, 3).is_ok() && of(101, 3).is_err());
        assert!(of(32, 256).is_ok() && of(33, 256).is_err());
    }
}
