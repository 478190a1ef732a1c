use std::fmt;
use std::sync::Arc;

/// Of a request whose connection is counted: how the connection gets a place among those that wait.
///
/// A server that bounds its connections states it as an extension of each request, so that those who wait for a row
/// of the revocation log take no place from others. It is asked once the client has proven that it may follow, and
/// before it waits.
#[derive(Clone)]
pub struct FollowerPlace(Arc<dyn Fn() -> bool + Send + Sync>);

impl FollowerPlace {
    /// `take` gives the request's connection a place among those that wait, and says whether it has one.
    pub fn new(take: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    pub(super) fn take(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for FollowerPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FollowerPlace(..)")
    }
}
