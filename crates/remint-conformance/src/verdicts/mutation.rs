use serde_json::{Value, json};

use super::Verdict;

/// Every verdict that differs from this one in one thing: a value, an element, an optional member, or its kind.
pub(super) fn changed(verdict: &Verdict) -> Vec<Verdict> {
    let whole = serde_json::to_value(verdict).expect("JSON");
    let mut changed = variants(&whole);
    changed.extend([
        json!({ "forward": {} }),
        json!({ "forward": { "subject": "nobody" } }),
        json!({ "deny": { "status": 401 } }),
        json!({ "document": { "status": 200 } }),
    ]);
    let read = changed.into_iter().filter_map(|value| serde_json::from_value::<Verdict>(value).ok());
    read.filter(|other| other != verdict).collect()
}

/// The value with one thing changed in it, in each way.
fn variants(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!("x"), json!(1)],
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => vec![json!(number.as_u64().unwrap_or_default() + 1), Value::Null],
        Value::String(text) => vec![json!(format!("{text}x")), Value::Null],
        Value::Array(elements) => {
            let mut all =
                vec![with(elements, elements.len(), json!("x")), with(elements, elements.len(), json!(["x", "x"]))];
            for (index, element) in elements.iter().enumerate() {
                let mut without = elements.clone();
                without.remove(index);
                all.push(Value::Array(without));
                for variant in variants(element) {
                    let mut other = elements.clone();
                    if let Some(place) = other.get_mut(index) {
                        *place = variant;
                    }
                    all.push(Value::Array(other));
                }
            }
            all
        }
        Value::Object(members) => {
            let mut all = Vec::new();
            for (name, member) in members {
                for variant in variants(member) {
                    let mut other = members.clone();
                    other.insert(name.clone(), variant);
                    all.push(Value::Object(other));
                }
            }
            all
        }
    }
}

fn with(elements: &[Value], index: usize, element: Value) -> Value {
    let mut all = elements.to_vec();
    all.insert(index, element);
    Value::Array(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(value: Value) -> Verdict {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn each_member_and_element_is_changed_once_in_each_way() {
        let deny = verdict(json!({ "deny": { "status": 401, "challenges": ["Bearer"] } }));
        let changed = changed(&deny);
        for expected in [
            json!({ "deny": { "status": 402, "challenges": ["Bearer"] } }),
            json!({ "deny": { "status": 401, "challenges": [] } }),
            json!({ "deny": { "status": 401, "challenges": ["Bearerx"] } }),
            json!({ "deny": { "status": 401, "challenges": ["Bearer", "x"] } }),
            json!({ "deny": { "status": 401, "challenges": ["Bearer"], "error": "x" } }),
            json!({ "deny": { "status": 401, "challenges": ["Bearer"], "retry_after": 1 } }),
            json!({ "deny": { "status": 401, "challenges": ["Bearer"], "nonce": true } }),
            json!({ "forward": {} }),
        ] {
            assert!(changed.contains(&verdict(expected.clone())), "{expected}");
        }
        assert!(!changed.contains(&deny));
    }
}
