use super::DpopChallenge;
use super::hook::SharedHook;

/// What shapes denials.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) realm: Option<Box<str>>,
    pub(super) resource_metadata: Option<Box<str>>,
    pub(super) dpop: Option<DpopChallenge>,
    pub(super) hook: Option<SharedHook>,
}

impl Shape {
    /// That of denials that nothing shapes.
    pub(super) const NONE: &'static Self = &Self { realm: None, resource_metadata: None, dpop: None, hook: None };
}
