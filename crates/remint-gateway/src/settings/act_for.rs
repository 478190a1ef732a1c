use remint::{ActFor, Environment, TenantId, UserId};

use super::client_scopes::ClientScopes;
use super::origin::Origin;
use super::section::{At, Section};

/// `[clients.act_for]`: for whom a client may act. `None`: for nobody.
pub(super) fn read(mut section: Section<'_, '_>) -> Option<At<ActFor>> {
    let anyone = section.or("anyone", false);
    let users = section.or("users", Vec::<UserId>::new());
    let tenants = section.or("tenants", Vec::<TenantId>::new());
    let scopes = section.optional::<ClientScopes>("scopes", "all that whom it acts for may");
    let environments = section.or("environments", Vec::<Environment>::new());
    let whom = [&anyone.origin, &users.origin, &tenants.origin];
    let is_for_nobody = !*anyone && users.is_empty() && tenants.is_empty();
    let limits = [scopes.as_ref().map(|at| &at.origin), (!environments.is_empty()).then_some(&environments.origin)];
    if let Some(limit) = limits.into_iter().flatten().next().filter(|_| is_for_nobody) {
        section.problem(limit, "`clients.act_for` has a limit and nobody to act for");
    }
    section.finish();
    let origin = whom.into_iter().find(|origin| **origin != Origin::Default).cloned();
    (!is_for_nobody).then(|| At {
        value: ActFor {
            anyone: *anyone,
            users: users.value,
            tenants: tenants.value,
            scopes: scopes.map(|scopes| scopes.value.0),
            environments: environments.value,
        },
        origin: origin.unwrap_or(Origin::Default),
    })
}
