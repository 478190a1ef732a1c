use std::collections::HashMap;
use std::fmt::Write;
use std::sync::OnceLock;

use http::HeaderValue;
use remint_core::{PlanName, QuotaTaken};

use crate::Limit;

/// A set of limits.
#[derive(Debug, Clone)]
pub struct Plan {
    limits: Box<[Limit]>,
    /// `RateLimit-Policy` for each set of limits, made when it is first sent.
    policies: Box<[OnceLock<HeaderValue>]>,
}

impl Plan {
    /// A plan with these limits; with none, it limits nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidPlan`] if there are more than eight, or two of one name.
    pub fn new(limits: impl IntoIterator<Item = Limit>) -> Result<Self, InvalidPlan> {
        let limits: Box<[Limit]> = limits.into_iter().collect();
        if limits.len() > QuotaTaken::MAX {
            return Err(InvalidPlan::TooMany);
        }
        let mut names: Vec<_> = limits.iter().map(Limit::name).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < limits.len() {
            return Err(InvalidPlan::NamedTwice);
        }
        let policies = (0..1_usize << limits.len()).map(|_| OnceLock::new()).collect();
        Ok(Self { limits, policies })
    }

    /// Its limits.
    #[must_use]
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// The limits of a set, in order.
    pub(crate) fn chosen(&self, set: u8) -> impl Iterator<Item = &Limit> {
        self.limits.iter().enumerate().filter(move |(index, _)| set & (1 << index) != 0).map(|(_, limit)| limit)
    }

    /// `RateLimit-Policy` for a set of limits.
    pub(crate) fn policy(&self, set: u8) -> Option<HeaderValue> {
        let made = self.policies.get(usize::from(set))?.get_or_init(|| {
            let mut text = String::new();
            for limit in self.chosen(set) {
                let (comma, name) = (if text.is_empty() { "" } else { ", " }, limit.name());
                let _infallible = write!(text, "{comma}\"{name}\";q={};w={}", limit.quota(), limit.window().as_secs());
            }
            HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
        });
        Some(made.clone())
    }
}

/// The plans that users and tenants may be given, and the one for those who were given none.
#[derive(Debug, Clone)]
pub struct Plans {
    /// The default plan stands first.
    plans: Vec<Plan>,
    named: HashMap<PlanName, usize>,
}

impl Plans {
    /// The default plan, and no other.
    #[must_use]
    pub fn new(default: Plan) -> Self {
        Self { plans: vec![default], named: HashMap::new() }
    }

    /// The same with one more plan. Of two with one name the later holds.
    #[must_use]
    pub fn with_plan(mut self, name: PlanName, plan: Plan) -> Self {
        self.named.insert(name, self.plans.len());
        self.plans.push(plan);
        self
    }

    /// The place of a plan; `None` if there is none of that name.
    pub(crate) fn find(&self, name: &PlanName) -> Option<usize> {
        self.named.get(name).copied()
    }

    pub(crate) fn at(&self, place: usize) -> Option<&Plan> {
        self.plans.get(place)
    }
}

/// Why a plan is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPlan {
    /// It has more limits than are counted at once.
    #[error("a plan has at most {} limits", QuotaTaken::MAX)]
    TooMany,
    /// Callers could not tell them apart.
    #[error("a plan has two limits of one name")]
    NamedTwice,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limit(name: &str) -> Limit {
        Limit::new(name, 100, Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn a_plan_that_is_none_is_refused() {
        assert_eq!(Plan::new([limit("a"), limit("b"), limit("a")]).unwrap_err(), InvalidPlan::NamedTwice);
        let names: Vec<_> = (0..9).map(|number| format!("l{number}")).collect();
        assert_eq!(Plan::new(names.iter().map(|name| limit(name))).unwrap_err(), InvalidPlan::TooMany);
        assert!(Plan::new(names.iter().take(8).map(|name| limit(name))).is_ok());
    }

    #[test]
    fn a_policy_names_the_limits_of_a_set() {
        let plan = Plan::new([limit("a"), limit("b")]).unwrap();
        assert_eq!(plan.policy(0b10).unwrap(), r#""b";q=100;w=60"#);
        assert_eq!(plan.policy(0b11).unwrap(), r#""a";q=100;w=60, "b";q=100;w=60"#);
    }
}
