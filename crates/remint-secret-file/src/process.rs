/// Who this process is to the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    user: u32,
    groups: Vec<u32>,
}

impl Process {
    /// A process of this user in these groups.
    #[must_use]
    pub fn new(user: u32, groups: impl IntoIterator<Item = u32>) -> Self {
        Self { user, groups: groups.into_iter().collect() }
    }

    /// This one: effective user and group, supplementary groups.
    #[cfg(unix)]
    #[must_use]
    pub fn this() -> Self {
        use rustix::process::{getegid, geteuid, getgroups};

        // Without an answer it is in no further group: that refuses, and never lets through.
        let further = getgroups().unwrap_or_default();
        Self::new(geteuid().as_raw(), std::iter::once(getegid()).chain(further).map(|group| group.as_raw()))
    }

    /// The user's number.
    #[must_use]
    pub const fn user(&self) -> u32 {
        self.user
    }

    /// Whether it is in the group of this number.
    #[must_use]
    pub fn is_in(&self, group: u32) -> bool {
        self.groups.contains(&group)
    }
}
