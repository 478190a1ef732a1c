use remint_core::{Confirmation, Network, PlanName, Timestamp};
use remint_jwt::Claims;
use serde_json::{Map, Value};

/// What our server tells one of its edges of a credential beside the token: the answer's member
/// `remint`. All but the plan are restrictions, which somebody must enforce.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Restrictions {
    /// From where the credential may be used; empty: from anywhere.
    pub(crate) networks: Vec<Network>,
    /// What whoever presents it must prove.
    pub(crate) confirmation: Option<Confirmation>,
    /// The plan whose limits hold.
    pub(crate) plan: Option<PlanName>,
    /// When the credential ends.
    pub(crate) credential_ends: Option<Timestamp>,
}

/// A restriction that nobody here would enforce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer restricts the credential in a way that is not understood")]
pub(crate) struct UnknownRestriction;

impl Restrictions {
    /// Reads the member; `None`: there is none.
    pub(crate) fn read(member: Option<&Value>) -> Result<Self, UnknownRestriction> {
        let Some(member) = member else { return Ok(Self::default()) };
        let members: &Map<String, Value> = member.as_object().ok_or(UnknownRestriction)?;
        let mut restrictions = Self::default();
        for (name, value) in members {
            match name.as_str() {
                "networks" => restrictions.networks = networks(value)?,
                "cnf" => restrictions.confirmation = confirmation(value)?,
                "plan" => restrictions.plan = Some(plan(value)?),
                "credential_exp" => restrictions.credential_ends = Some(moment(value)?),
                _ => return Err(UnknownRestriction),
            }
        }
        Ok(restrictions)
    }
}

/// By the rule for the claim of this name.
fn confirmation(cnf: &Value) -> Result<Option<Confirmation>, UnknownRestriction> {
    let member = Map::from_iter([("cnf".to_owned(), cnf.clone())]);
    Claims::from(member).confirmation().map_err(|_| UnknownRestriction)
}

/// An empty list would allow either nobody or everybody: who means everybody leaves it out.
fn networks(value: &Value) -> Result<Vec<Network>, UnknownRestriction> {
    let listed = value.as_array().filter(|listed| !listed.is_empty()).ok_or(UnknownRestriction)?;
    let parsed = listed.iter().map(|network| network.as_str()?.parse().ok());
    parsed.collect::<Option<_>>().ok_or(UnknownRestriction)
}

fn plan(value: &Value) -> Result<PlanName, UnknownRestriction> {
    value.as_str().and_then(|name| PlanName::new(name).ok()).ok_or(UnknownRestriction)
}

fn moment(value: &Value) -> Result<Timestamp, UnknownRestriction> {
    value.as_u64().filter(|seconds| *seconds < 1 << 53).map(Timestamp::from_secs).ok_or(UnknownRestriction)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_is_read_and_each_may_be_absent() {
        assert_eq!(Restrictions::read(None), Ok(Restrictions::default()));
        assert_eq!(Restrictions::read(Some(&json!({}))), Ok(Restrictions::default()));
        let all = json!({
            "networks": ["10.0.0.0/8", "2001:db8::/32"],
            "cnf": { "jkt": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
            "plan": "gold",
            "credential_exp": 1_234_567_890,
        });
        let read = Restrictions::read(Some(&all)).unwrap();
        assert_eq!(read.networks.len(), 2);
        assert_eq!(read.confirmation, Some(Confirmation::Jkt([0; 32])));
        assert_eq!(read.plan.unwrap().as_str(), "gold");
        assert_eq!(read.credential_ends, Some(Timestamp::from_secs(1_234_567_890)));
    }

    #[test]
    fn what_is_not_understood_is_not_passed_over() {
        for member in [
            json!(null),
            json!([]),
            json!("x"),
            json!({ "network": ["10.0.0.0/8"] }),
            json!({ "networks": "10.0.0.0/8" }),
            json!({ "networks": [] }),
            json!({ "networks": null }),
            json!({ "networks": ["10.0.0.0/8", "nowhere"] }),
            json!({ "networks": ["10.0.0.0/8", 1] }),
            json!({ "cnf": null }),
            json!({ "cnf": { "jwk": {} } }),
            json!({ "cnf": { "jkt": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "kid": "k" } }),
            json!({ "plan": 1 }),
            json!({ "plan": "" }),
            json!({ "credential_exp": "1234567890" }),
            json!({ "credential_exp": 1.5 }),
            json!({ "credential_exp": -1 }),
            json!({ "credential_exp": null }),
            json!({ "credential_exp": 9_007_199_254_740_992_u64 }),
            json!({ "plan": "gold", "hours": "9-17" }),
        ] {
            assert_eq!(Restrictions::read(Some(&member)), Err(UnknownRestriction), "{member}");
        }
    }
}
