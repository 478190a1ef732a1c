use remint_core::{DeniedKind, Environment};

use super::{InvalidRight, Requirements};
use crate::Caller;

#[test]
fn every_required_scope_must_be_held() {
    let required = Requirements::new().with_scopes(["a"]).unwrap().with_scopes(["b"]).unwrap();
    let kind = |scopes: &[&str]| {
        let caller = Caller::for_test("alice").with_scopes(scopes.iter().copied());
        required.check(&caller).map_err(|denied| denied.kind())
    };
    assert_eq!(kind(&["a", "b", "c"]), Ok(()));
    assert_eq!(kind(&["a"]), Err(DeniedKind::InsufficientScope));
    assert_eq!(kind(&["b"]), Err(DeniedKind::InsufficientScope));
    assert_eq!(kind(&[]), Err(DeniedKind::InsufficientScope));
}

#[test]
fn a_test_caller_does_not_meet_live_nor_a_live_one_test() {
    for (required, held) in [(Environment::Live, Environment::Test), (Environment::Test, Environment::Live)] {
        let required = Requirements::new().with_environment(required);
        let denied = required.check(&Caller::for_test("alice").with_environment(held)).unwrap_err();
        assert_eq!(denied.kind(), DeniedKind::Environment);
    }
}

#[test]
fn no_requirement_is_met_by_anyone() {
    assert_eq!(Requirements::new().check(&Caller::for_test("alice")), Ok(()));
}

#[test]
fn every_required_role_and_entitlement_must_be_held() {
    let roles = Requirements::new().with_roles(["a"]).unwrap().with_roles(["b", "a"]).unwrap();
    let entitlements = Requirements::new().with_entitlements(["a"]).unwrap().with_entitlements(["b"]).unwrap();
    assert_eq!((roles.roles(), entitlements.entitlements()), (&owned(&["a", "b"])[..], &owned(&["a", "b"])[..]));
    for (held, meets) in
        [(&["a", "b", "c"][..], true), (&["a"], false), (&["b"], false), (&["A", "b"], false), (&[], false)]
    {
        let caller = Caller::for_test("alice").with_roles(held.iter().copied());
        let denied = roles.check(&caller).map_err(|denied| denied.kind());
        assert_eq!(denied, if meets { Ok(()) } else { Err(DeniedKind::Role) }, "{held:?}");

        let caller = Caller::for_test("alice").with(|identity| identity.entitlements = owned(held));
        let denied = entitlements.check(&caller).map_err(|denied| denied.kind());
        assert_eq!(denied, if meets { Ok(()) } else { Err(DeniedKind::Entitlement) }, "{held:?}");
    }
}

#[test]
fn a_role_is_no_group_no_scope_and_no_entitlement() {
    let names = owned(&["planner"]);
    let caller = Caller::for_test("alice").with_scopes(["planner"]).with(|identity| {
        identity.groups = names.clone();
        identity.entitlements = names.clone();
    });
    let required = Requirements::new().with_roles(["planner"]).unwrap();
    assert_eq!(required.check(&caller).unwrap_err().kind(), DeniedKind::Role);
    let caller = Caller::for_test("alice").with_scopes(["planner"]).with_roles(["planner"]);
    let required = Requirements::new().with_entitlements(["planner"]).unwrap();
    assert_eq!(required.check(&caller).unwrap_err().kind(), DeniedKind::Entitlement);
}

#[test]
fn what_nobody_can_have_cannot_be_required() {
    let control = "a\nb";
    for name in ["", control, &"a".repeat(257)] {
        let [role, entitlement] = both(name);
        assert!(matches!((role, entitlement), (InvalidRight::Name(_), InvalidRight::Name(_))), "{name:?}");
    }
    for name in ["remint:", "remint:admin"] {
        assert_eq!(both(name), [InvalidRight::Reserved, InvalidRight::Reserved]);
    }
    assert!(Requirements::new().with_roles(["remint", "two words", "é"]).is_ok());
}

#[test]
fn a_predicate_is_asked_last_and_its_name_is_the_denials_detail() {
    let required = Requirements::new()
        .with_roles(["a"])
        .unwrap()
        .with_predicate("has-tenant", |identity| identity.tenant.is_some())
        .with_predicate("of-acme", |identity| identity.tenant.as_ref().is_some_and(|tenant| tenant.as_str() == "acme"));
    let denied = |caller: Caller| required.check(&caller).map_err(|denied| (denied.kind(), denied.detail()));
    let alice = || Caller::for_test("alice").with_roles(["a"]);
    assert_eq!(denied(Caller::for_test("alice")), Err((DeniedKind::Role, None)));
    assert_eq!(denied(alice()), Err((DeniedKind::Predicate, Some("has-tenant"))));
    assert_eq!(denied(alice().with_tenant("other")), Err((DeniedKind::Predicate, Some("of-acme"))));
    assert_eq!(denied(alice().with_tenant("acme")), Ok(()));
}

#[test]
fn requirements_are_equal_where_they_share_a_predicate() {
    let required = || Requirements::new().with_roles(["a"]).unwrap();
    assert_eq!(required(), required());
    assert_ne!(required(), Requirements::new());
    let one = required().with_predicate("p", |_| true);
    assert_eq!(one, one.clone());
    assert_ne!(one, required().with_predicate("p", |_| true), "whether two functions do the same cannot be seen");
    assert_ne!(one, required());
    assert!(format!("{one:?}").contains(r#"predicates: ["p"]"#), "{one:?}");
}

fn both(name: &str) -> [InvalidRight; 2] {
    let role = Requirements::new().with_roles([name]).unwrap_err();
    [role, Requirements::new().with_entitlements([name]).unwrap_err()]
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
