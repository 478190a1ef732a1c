use std::fmt;

use crate::Process;

/// What a file is to this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file that holds a secret.
    Secret,
    /// A folder of files that hold secrets.
    Folder,
    /// A file without secrets that decides whom this process believes: settings, a set of public keys.
    Settings,
}

/// Whose a file is, and who may do what with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ownership {
    /// The owner's number.
    pub owner: u32,
    /// The group's number.
    pub group: u32,
    /// The permissions, without the type of the file.
    pub mode: u32,
}

/// Who may read what passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As few as should.
    Private,
    /// The group too, in which this process is.
    Group,
}

/// A file that others could have read or written: whose it is, and what is wrong with that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposed {
    kind: Kind,
    ownership: Ownership,
    user: u32,
    fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Owner,
    Write,
    Read,
    Group,
}

impl Kind {
    /// Judges by the table of the crate's documentation.
    ///
    /// # Errors
    ///
    /// [`Exposed`].
    pub fn judge(self, ownership: Ownership, process: &Process) -> Result<Access, Exposed> {
        let Ownership { owner, group, mode } = ownership;
        let exposed = |fault| Err(Exposed { kind: self, ownership, user: process.user(), fault });
        if owner != process.user() && owner != ROOT {
            return exposed(Fault::Owner);
        }
        if mode & GROUP_OR_OTHERS_WRITE != 0 {
            return exposed(Fault::Write);
        }
        if self == Self::Settings {
            return Ok(Access::Private);
        }
        if mode & OTHERS != 0 {
            return exposed(Fault::Read);
        }
        if mode & GROUP == 0 {
            return Ok(Access::Private);
        }
        if process.is_in(group) { Ok(Access::Group) } else { exposed(Fault::Group) }
    }

    const fn private_mode(self) -> &'static str {
        match self {
            Self::Secret => "0600",
            Self::Folder => "0700",
            Self::Settings => "0644",
        }
    }
}

impl fmt::Display for Exposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, ownership: Ownership { owner, group, mode }, user, fault } = *self;
        match fault {
            Fault::Owner => write!(f, "it belongs to neither user {user}, who runs this process, nor root")?,
            Fault::Write => f.write_str("others than its owner may write to it")?,
            Fault::Read => f.write_str("everybody may read it")?,
            Fault::Group => write!(f, "group {group} may read it, and this process is not in that group")?,
        }
        write!(f, " (owner {owner}, group {group}, mode {mode:04o}): ")?;
        match fault {
            Fault::Owner => write!(f, "change its owner to {user}"),
            _ => write!(f, "set its mode to {}", kind.private_mode()),
        }?;
        if kind == Kind::Settings { Ok(()) } else { f.write_str(", and replace the secret if others may have seen it") }
    }
}

impl std::error::Error for Exposed {}

const ROOT: u32 = 0;
const GROUP: u32 = 0o070;
const OTHERS: u32 = 0o007;
const GROUP_OR_OTHERS_WRITE: u32 = 0o022;

#[cfg(test)]
mod tests {
    use super::*;

    const US: u32 = 1000;
    const OUR_GROUPS: [u32; 2] = [1000, 2000];

    fn judge(kind: Kind, owner: u32, group: u32, mode: u32) -> Result<Access, Exposed> {
        kind.judge(Ownership { owner, group, mode }, &Process::new(US, OUR_GROUPS))
    }

    #[test]
    fn a_secret_is_its_owners_and_perhaps_the_groups_of_this_process() {
        let fault = |fault| Err(fault);
        for (owner, group, mode, verdict) in [
            (US, 1000, 0o600, Ok(Access::Private)),
            (US, 1000, 0o400, Ok(Access::Private)),
            (US, 9, 0o700, Ok(Access::Private)),
            (0, 0, 0o600, Ok(Access::Private)),
            (US, 1000, 0o640, Ok(Access::Group)),
            (US, 2000, 0o640, Ok(Access::Group)),
            // As Kubernetes mounts it with `fsGroup`.
            (0, 2000, 0o440, Ok(Access::Group)),
            (US, 9, 0o640, fault(Fault::Group)),
            (0, 0, 0o440, fault(Fault::Group)),
            (US, 9, 0o610, fault(Fault::Group)),
            (US, 1000, 0o660, fault(Fault::Write)),
            (US, 1000, 0o620, fault(Fault::Write)),
            (US, 1000, 0o602, fault(Fault::Write)),
            (0, 2000, 0o460, fault(Fault::Write)),
            (US, 1000, 0o604, fault(Fault::Read)),
            (US, 1000, 0o644, fault(Fault::Read)),
            (0, 2000, 0o444, fault(Fault::Read)),
            (US, 1000, 0o601, fault(Fault::Read)),
            (1001, 1000, 0o600, fault(Fault::Owner)),
            (1001, 1000, 0o640, fault(Fault::Owner)),
            (65534, 1000, 0o400, fault(Fault::Owner)),
        ] {
            let judged = judge(Kind::Secret, owner, group, mode).map_err(|exposed| exposed.fault);
            assert_eq!(judged, verdict, "{owner} {group} {mode:o}");
            let folder = judge(Kind::Folder, owner, group, mode | 0o100).map_err(|exposed| exposed.fault);
            assert_eq!(folder, verdict, "a folder of {owner} {group} {mode:o}");
        }
    }

    #[test]
    fn root_reads_what_is_roots_alone() {
        let root = Process::new(0, [0]);
        let of = |owner, mode| Kind::Secret.judge(Ownership { owner, group: 0, mode }, &root);
        assert_eq!(of(0, 0o600), Ok(Access::Private));
        assert_eq!(of(0, 0o640), Ok(Access::Group));
        assert!(of(US, 0o600).is_err());
    }

    #[test]
    fn settings_may_be_read_by_everybody_and_written_by_their_owner() {
        for (owner, mode, passes) in [
            (US, 0o644, true),
            (0, 0o644, true),
            (US, 0o444, true),
            (US, 0o600, true),
            (US, 0o664, false),
            (US, 0o646, false),
            (US, 0o622, false),
            (1001, 0o644, false),
            (1001, 0o600, false),
        ] {
            assert_eq!(judge(Kind::Settings, owner, 9, mode).is_ok(), passes, "{owner} {mode:o}");
        }
    }

    #[test]
    fn a_refusal_says_owner_and_mode_and_what_to_do() {
        let said = |kind, owner, mode| judge(kind, owner, 7, mode).unwrap_err().to_string();
        assert_eq!(
            said(Kind::Secret, 1001, 0o600),
            "it belongs to neither user 1000, who runs this process, nor root (owner 1001, group 7, mode 0600): change \
             its owner to 1000, and replace the secret if others may have seen it"
        );
        assert_eq!(
            said(Kind::Folder, US, 0o755),
            "everybody may read it (owner 1000, group 7, mode 0755): set its mode to 0700, and replace the secret if \
             others may have seen it"
        );
        assert_eq!(
            said(Kind::Settings, US, 0o664),
            "others than its owner may write to it (owner 1000, group 7, mode 0664): set its mode to 0644"
        );
        assert!(said(Kind::Secret, US, 0o640).contains("group 7 may read it, and this process is not in that group"));
    }
}
