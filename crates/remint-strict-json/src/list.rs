use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::strict::{Budget, Strict};
use crate::{JsonError, Limits};

/// Parses one object within these limits, and gives the items of its member `name`, which is a list. An item that
/// has a member twice is [marked](ListItem::has_duplicate); the others stay good.
///
/// # Errors
///
/// [`JsonError::Malformed`] also if there is no such list; [`JsonError::Duplicate`] for a member of the object
/// that is there twice, or one within a member other than the list.
///
/// ```
/// use remint_strict_json::{Limits, parse_list};
///
/// let limits = Limits { depth: 32, values: 1024 };
/// let items = parse_list(br#"{"keys": [{"a": 1, "a": 2}, {"a": 1}]}"#, "keys", limits).unwrap();
/// assert!(items[0].has_duplicate);
/// assert!(!items[1].has_duplicate);
/// ```
pub fn parse_list(bytes: &[u8], name: &str, limits: Limits) -> Result<Vec<ListItem>, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::Malformed)?;
    let budget = Budget::new(limits.values);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = deserializer.deserialize_map(Document { name, strict: Strict::new(&budget, limits.depth) });
    match (parsed, deserializer.end()) {
        (Ok(Some(items)), Ok(())) => Ok(items),
        _ => Err(budget.error()),
    }
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListItem {
    /// What it is; of a member that is there twice, the last.
    pub value: Value,
    /// Whether an object in it has a member twice, so that readers may differ about what it says.
    pub has_duplicate: bool,
}

/// The object with the list.
struct Document<'b> {
    name: &'b str,
    strict: Strict<'b>,
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Option<Vec<ListItem>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let inner = self.strict.descend()?;
        let (mut items, mut others) = (None, Map::new());
        while let Some(name) = map.next_key::<String>()? {
            let is_twice = if name == self.name {
                items.replace(map.next_value_seed(List(inner))?).is_some()
            } else {
                others.insert(name, map.next_value_seed(inner)?).is_some()
            };
            if is_twice {
                inner.budget().note_duplicate();
                return Err(A::Error::custom("present twice"));
            }
        }
        Ok(items)
    }
}

/// The list.
struct List<'b>(Strict<'b>);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = Vec<ListItem>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Vec<ListItem>, D::Error> {
        self.0.spend()?;
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = Vec<ListItem>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<ListItem>, A::Error> {
        let inner = self.0.descend()?;
        let mut items = Vec::new();
        loop {
            let (item, has_duplicate) = inner.budget().apart(|| seq.next_element_seed(inner));
            let Some(value) = item? else { return Ok(items) };
            items.push(ListItem { value, has_duplicate });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<ListItem>, JsonError> {
        parse_list(text.as_bytes(), "keys", Limits { depth: 8, values: 64 })
    }

    #[test]
    fn a_duplicate_refuses_its_item_alone() {
        let items = list(r#"{"keys":[{"a":{"b":1,"b":2}},{"a":1},[{"a":1,"a":1}],7]}"#).unwrap();
        let marked: Vec<_> = items.iter().map(|item| item.has_duplicate).collect();
        assert_eq!(marked, [true, false, true, false]);
        assert_eq!(items[1].value, serde_json::json!({ "a": 1 }));
    }

    #[test]
    fn a_duplicate_elsewhere_refuses_the_whole() {
        for text in [
            r#"{"keys":[],"keys":[]}"#,
            r#"{"keys":[{"a":1,"a":1}],"keys":[]}"#,
            r#"{"a":1,"keys":[],"a":1}"#,
            r#"{"keys":[],"a":{"b":1,"b":1}}"#,
        ] {
            assert_eq!(list(text), Err(JsonError::Duplicate), "{text}");
        }
    }

    #[test]
    fn what_is_no_object_with_that_list_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":null}"#,
            r#"{"Keys":[]}"#,
            r#"{"keys":[]} x"#,
            r#"{"keys":[}"#,
        ] {
            assert_eq!(list(text), Err(JsonError::Malformed), "{text}");
        }
        assert_eq!(
            parse_list(b"{\"keys\":[\"\xff\"]}", "keys", Limits { depth: 8, values: 64 }),
            Err(JsonError::Malformed)
        );
        assert_eq!(list(r#"{"x":1,"keys":[]}"#), Ok(Vec::new()));
    }

    #[test]
    fn the_limits_hold_for_all_items_together() {
        let deep = |arrays: usize| format!("{{\"keys\":[{}{}]}}", "[".repeat(arrays), "]".repeat(arrays));
        assert!(list(&deep(6)).is_ok());
        assert_eq!(list(&deep(7)), Err(JsonError::Malformed));
        let many = |items: usize| format!("{{\"keys\":[{}]}}", vec!["0"; items].join(","));
        assert!(list(&many(63)).is_ok());
        assert_eq!(list(&many(64)), Err(JsonError::Malformed));
    }
}
