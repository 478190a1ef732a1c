use std::collections::HashSet;
use std::time::Duration;

use remint::{Limit, Per, Plan, PlanName, Plans};
use remint_identity_service::IdentityService;
use remint_quota::InvalidLimit;

use super::node::{self, Node};
use super::origin::Origin;
use super::section::{At, Book, Section};
use super::setting::{Setting, World, Wrong};
use super::shown::Shown;
use super::value::{one_of, quoted, text};

/// `[quota]`, the plan of whoever was given none, and `[plans.NAME]`. `None`: nobody is limited.
pub(super) fn read(root: &mut Section<'_, '_>) -> Option<Plans> {
    let standard = plan(root.section("quota"));
    if standard.as_ref().is_some_and(|plan| plan.limits().is_empty()) {
        show_example(root.book, EXAMPLE, |root| drop(plan(root.section("quota"))));
    }
    let named = root.named::<PlanName, _>("plans", plan);
    if named.is_empty() {
        show_example(root.book, EXAMPLE_PLAN, |root| drop(root.named::<PlanName, _>("plans", plan)));
    }
    let standard = standard?;
    let named: Vec<_> = named.into_iter().filter_map(|(name, plan)| Some((name, plan?))).collect();
    let unlimited = standard.limits().is_empty() && named.iter().all(|(_, plan)| plan.limits().is_empty());
    let plans = named.into_iter().fold(Plans::new(standard), |plans, (name, plan)| plans.with_plan(name, plan));
    (!unlimited).then_some(plans)
}

fn plan(mut section: Section<'_, '_>) -> Option<Plan> {
    let limits: Vec<_> = section.list("limits", limit).into_iter().flatten().collect();
    let mut names = HashSet::new();
    let again = limits.iter().find(|limit| !names.insert(limit.name()));
    let origin = again.or(limits.last()).map_or(Origin::Default, |limit| limit.origin.clone());
    let made = Plan::new(limits.into_iter().map(|limit| limit.value));
    let made = made.map_err(|error| section.problem(&origin, format!("`limits`: {error}")));
    section.finish();
    made.ok()
}

/// `[[quota.limits]]`, with the place of its name.
fn limit(mut section: Section<'_, '_>) -> Option<At<Limit>> {
    let begin = section.origin();
    let name = section.required::<String>("name", &begin);
    let quota = section.required::<u64>("quota", &begin);
    let window = section.or("window", MINUTE);
    let per = section.or("per", Per::User);
    let burst = section.or("burst", quota.as_deref().copied().unwrap_or(1));
    let class = section.optional::<Class>("class", "every route");
    let (name, quota) = match (name, quota) {
        (Some(name), Some(quota)) => (name, quota),
        _ => {
            section.finish();
            return None;
        }
    };
    let made = Limit::new(&name, *quota, *window).and_then(|limit| limit.with_burst(*burst));
    let made = made.map_err(|error| {
        let origin = match error {
            InvalidLimit::Name => &name.origin,
            InvalidLimit::Window => &window.origin,
            InvalidLimit::Burst if burst.origin != Origin::Default => &burst.origin,
            _ => &quota.origin,
        };
        section.problem(origin, format!("`limits`: {error}"));
    });
    section.finish();
    let limit = made.ok()?.per(*per);
    let limit = if let Some(class) = class { limit.with_class(class.0) } else { limit };
    Some(At { value: limit, origin: name.origin })
}

/// What a block looks like, where there is none.
fn show_example(book: &mut Book<'_>, text: &str, read: impl FnOnce(&mut Section<'_, '_>)) {
    let mut example = Book { world: book.world, problems: Vec::new(), shown: Shown::default() };
    if let Ok(tree) = node::parse(text) {
        read(&mut Section::root(tree, &mut example));
    }
    book.shown.example(&example.shown);
}

impl Setting for Per {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        one_of(text(node)?, &PER.map(|(name, _)| name)).map(|index| PER.get(index).map_or(Self::User, |(_, per)| *per))
    }

    fn toml(&self) -> String {
        PER.iter().find(|(_, per)| per == self).map(|(name, _)| quoted(name)).unwrap_or_default()
    }
}

/// A class of routes, as the identity service tells them apart.
struct Class(&'static str);

impl Setting for Class {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let classes = IdentityService::QUOTA_CLASSES;
        one_of(text(node)?, &classes).map(|index| Self(classes.get(index).copied().unwrap_or_default()))
    }

    fn toml(&self) -> String {
        quoted(self.0)
    }
}

const PER: [(&str, Per); 3] = [("user", Per::User), ("tenant", Per::Tenant), ("key", Per::Key)];
const MINUTE: Duration = Duration::from_secs(60);
const EXAMPLE: &str = "[[quota.limits]]\nname = 'user'\nquota = 600\n";
const EXAMPLE_PLAN: &str = "[[plans.team.limits]]\nname = 'tenant'\nquota = 20000\nper = 'tenant'\n";
