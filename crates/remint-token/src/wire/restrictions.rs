use remint_core::{Confirmation, Network, PlanName, Timestamp};
use remint_jwt::{Claims, confirmation_claim};
use serde_json::{Map, Value};

/// What the authorization server tells one of its edges of a credential beside the token: the member
/// [`REMINT_MEMBER`](super::REMINT_MEMBER) of the token endpoint's answer. All but the plan are restrictions,
/// which the edge must enforce.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restrictions {
    /// `networks`: from where the credential may be used; empty: from anywhere.
    pub networks: Vec<Network>,
    /// `cnf`: what the sender of the credential must prove.
    pub confirmation: Option<Confirmation>,
    /// `plan`: the plan whose limits hold.
    pub plan: Option<PlanName>,
    /// `credential_exp`: when the credential ends, in whole seconds.
    pub credential_ends: Option<Timestamp>,
}

/// A restriction that has no member, or a member that is not understood: nobody would enforce it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer restricts the credential in a way that is not understood")]
pub struct UnknownRestriction;

impl Restrictions {
    /// Writes the member. What is absent or empty is left out.
    ///
    /// # Errors
    ///
    /// [`UnknownRestriction`] for a confirmation that has no member.
    pub fn to_json(&self) -> Result<Value, UnknownRestriction> {
        let mut members = Map::new();
        if !self.networks.is_empty() {
            members.insert(NETWORKS.into(), self.networks.iter().map(ToString::to_string).collect());
        }
        if let Some(confirmation) = self.confirmation {
            members.insert(CNF.into(), confirmation_claim(confirmation).ok_or(UnknownRestriction)?);
        }
        if let Some(plan) = &self.plan {
            members.insert(PLAN.into(), plan.as_str().into());
        }
        if let Some(ends) = self.credential_ends {
            members.insert(CREDENTIAL_EXP.into(), ends.as_secs().into());
        }
        Ok(members.into())
    }

    /// Reads the member; `None`: there is none.
    ///
    /// # Errors
    ///
    /// [`UnknownRestriction`] for a member of another name or type: it is not passed over.
    pub fn read(member: Option<&Value>) -> Result<Self, UnknownRestriction> {
        let Some(member) = member else { return Ok(Self::default()) };
        let members: &Map<String, Value> = member.as_object().ok_or(UnknownRestriction)?;
        let mut restrictions = Self::default();
        for (name, value) in members {
            match name.as_str() {
                NETWORKS => restrictions.networks = networks(value)?,
                CNF => restrictions.confirmation = confirmation(value)?,
                PLAN => restrictions.plan = Some(plan(value)?),
                CREDENTIAL_EXP => restrictions.credential_ends = Some(moment(value)?),
                _ => return Err(UnknownRestriction),
            }
        }
        Ok(restrictions)
    }
}

/// By the rule for the claim of this name.
fn confirmation(cnf: &Value) -> Result<Option<Confirmation>, UnknownRestriction> {
    let member = Map::from_iter([(CNF.to_owned(), cnf.clone())]);
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

const NETWORKS: &str = "networks";
const CNF: &str = "cnf";
const PLAN: &str = "plan";
const CREDENTIAL_EXP: &str = "credential_exp";

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

    #[test]
    fn what_the_server_writes_the_edge_reads() {
        let networks = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32"].map(|text| text.parse().unwrap());
        let confirmations = [None, Some(Confirmation::Jkt([7; 32])), Some(Confirmation::X5tS256([0; 32]))];
        let ends = [None, Some(Timestamp::from_secs(0)), Some(Timestamp::from_secs((1 << 53) - 1))];
        for (count, confirmation, credential_ends) in
            (0..4).flat_map(|n| confirmations.map(|one| (n, one))).flat_map(|(n, c)| ends.map(|end| (n, c, end)))
        {
            for plan in [None, Some(PlanName::new("gold").unwrap())] {
                let written =
                    Restrictions { networks: networks[..count].to_vec(), confirmation, plan, credential_ends };
                assert_eq!(Restrictions::read(Some(&written.to_json().unwrap())), Ok(written));
            }
        }
    }

    #[test]
    fn the_members_are_named_as_they_were_published() {
        let all = Restrictions {
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            confirmation: Some(Confirmation::Jkt([0; 32])),
            plan: Some(PlanName::new("gold").unwrap()),
            credential_ends: Some(Timestamp::from_millis(1_234_567_890_999)),
        };
        let expected = json!({
            "networks": ["10.0.0.0/8"],
            "cnf": { "jkt": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
            "plan": "gold",
            "credential_exp": 1_234_567_890,
        });
        assert_eq!(all.to_json(), Ok(expected));
        assert_eq!(Restrictions::default().to_json(), Ok(json!({})));
    }
}
