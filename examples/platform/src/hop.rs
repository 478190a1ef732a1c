use axum::http::{HeaderMap, header};
use remint_jwt::Jws;
use serde_json::{Map, Value, json};

/// What a service saw of a request: the claims of the token, which its layer has verified, and what else says
/// who somebody is.
pub(crate) fn seen(hop: &str, headers: &HeaderMap) -> Value {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let claims = bearer.and_then(|token| Some(Jws::parse(token).ok()?.unverified_claims().clone().into_map()));
    let claims = claims.unwrap_or_else(Map::new);
    json!({ "hop": hop, "claims": claims, "x-user-id": text("x-user-id"), "x-api-key": text("x-api-key") })
}

/// The same, by the name that whoever asked has for it.
pub(crate) fn named(mut hop: Value, name: &str) -> Value {
    if let Some(members) = hop.as_object_mut() {
        members.insert("hop".to_owned(), name.into());
    }
    hop
}

/// Rows of hops as a table.
pub(crate) fn table(hops: &[Value]) -> String {
    let head = ["hop", "iss", "aud", "sub", "act", "client_id", "scope", "exp", "X-User-Id"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(hops.iter().map(row)).collect();
    let mut widths = [0; 9];
    for row in &rows {
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = cell.chars().count().max(*width));
    }
    let line = |row: &[String; 9]| {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("    {}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(hop: &Value) -> [String; 9] {
    let claim = |name: &str| hop.pointer(&format!("/claims/{name}"));
    let text = |name: &str| claim(name).and_then(Value::as_str).unwrap_or("-").to_owned();
    let moment = |name: &str| claim(name).and_then(Value::as_u64).unwrap_or_default();
    let own = |name: &str| hop.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
    let end = format!("in {}s", moment("exp").saturating_sub(moment("iat")));
    [
        own("hop"),
        text("iss"),
        text("aud"),
        text("sub"),
        chain(claim("act")),
        text("client_id"),
        text("scope"),
        end,
        own("x-user-id"),
    ]
}

/// Who acts, the last one first.
fn chain(act: Option<&Value>) -> String {
    let Some(act) = act else { return "-".to_owned() };
    let who = act.get("sub").and_then(Value::as_str).unwrap_or("?");
    match act.get("act") {
        Some(before) => format!("{who} < {}", chain(Some(before))),
        None => who.to_owned(),
    }
}
