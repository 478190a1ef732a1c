use serde::Serialize;
use serde_json::Value;

/// Says that a token would be too long, and which of its claims takes most of it.
pub(crate) fn tell(length: usize, limit: usize, claims: &impl Serialize) {
    let (claim, bytes) = longest(claims);
    tracing::warn!(target: "remint", length, limit, claim, bytes, "a token would be too long and is not minted");
}

/// The name of the longest claim, and its length as JSON; of `ext`, that of its longest member.
fn longest(claims: &impl Serialize) -> (String, usize) {
    let Ok(Value::Object(claims)) = serde_json::to_value(claims) else { return Default::default() };
    let named = claims.into_iter().flat_map(|(name, value)| match value {
        Value::Object(members) if name == "ext" => {
            members.into_iter().map(|(member, value)| (format!("ext.{member}"), value)).collect()
        }
        value => vec![(name, value)],
    });
    named.map(|(name, value)| (name, value.to_string().len())).max_by_key(|(_, length)| *length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_longest_claim_is_named() {
        let long = "x".repeat(50);
        assert_eq!(longest(&json!({ "sub": "alice", "groups": [long] })), ("groups".into(), 54));
        assert_eq!(longest(&json!({ "sub": "alice", "ext": { "a": 1, "plan": long } })), ("ext.plan".into(), 52));
        assert_eq!(
            longest(&json!({ "groups": [long], "ext": { "a": "x".repeat(30), "b": "x".repeat(30) } })).0,
            "groups"
        );
    }
}
