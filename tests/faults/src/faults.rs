use std::fmt;

use crate::database::Kind;
use crate::history::Node;
use crate::random::Random;

/// What the harness does to the nodes and to what they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A node is killed in the middle of a revocation, and started again.
    Kill(Node),
    /// A node is suspended for longer than the bound.
    Suspend(Node),
    /// A node's connections to the database break, and no new one comes about.
    Cut(Node),
    /// A node's connections to the database fall silent.
    Stall(Node),
    /// What a node and the database say to each other arrives late.
    Slow(Node),
    /// The database is gone for a while: it crashed and starts again, or nobody finds the file.
    Restart,
    /// Nobody reaches the database.
    CutOff,
    /// A replica that missed commits takes the place of the database.
    Failover,
    /// A backup takes the place of the database.
    Restore,
    /// The provider does not answer.
    ProviderGone,
    /// The edge that exchanges does not reach the authorization server.
    ServerGone,
    /// A node's clock is this many seconds ahead.
    Clock(Node, i64),
}

impl Fault {
    /// One of each kind, of nodes that the seed chooses.
    pub(crate) fn each(kind: Kind, random: &mut Random) -> Vec<Self> {
        let mut node = || random.below(EDGES);
        let anywhere = vec![
            Self::Kill(node()),
            Self::Suspend(node()),
            Self::Restart,
            Self::Restore,
            Self::ProviderGone,
            Self::ServerGone,
        ];
        let networked = vec![
            Self::Cut(node()),
            Self::Stall(node()),
            Self::Slow(node()),
            Self::CutOff,
            Self::Failover,
            Self::Clock(node(), HOUR),
            Self::Clock(node(), -HOUR),
        ];
        match kind {
            Kind::Sqlite => anywhere,
            // The nodes of a file are on one machine, and have one clock and no network.
            Kind::Postgres => [anywhere, networked].concat(),
        }
    }

    /// Whether both can happen at once: not two that are about the same process, or about the place of the database.
    pub(crate) fn goes_with(self, other: Self) -> bool {
        match (self.process(), other.process()) {
            (Some(one), Some(two)) if one == two => return false,
            _ => {}
        }
        !(self.is_about_the_database() && other.is_about_the_database())
    }

    /// Whether the two are about different parties.
    pub(crate) fn is_apart_from(self, other: Self) -> bool {
        let party = |fault: Self| match fault {
            Self::Kill(_) | Self::Suspend(_) | Self::Clock(..) | Self::Cut(_) | Self::Stall(_) | Self::Slow(_) => 0,
            Self::Restart | Self::CutOff | Self::Failover | Self::Restore => 1,
            Self::ProviderGone | Self::ServerGone => 2,
        };
        party(self) != party(other) && (party(self) == 2 || party(other) == 2)
    }

    /// Whether it puts something in the place of the database that must be there before.
    pub(crate) const fn copy(self) -> Option<bool> {
        match self {
            Self::Failover => Some(true),
            Self::Restore => Some(false),
            _ => None,
        }
    }

    /// Whether it begins in the middle of a round: what it does to the database takes effect at once, and rows are to
    /// be lost by it.
    pub(crate) const fn is_late(self) -> bool {
        matches!(self, Self::Failover | Self::Restore)
    }

    const fn process(self) -> Option<Node> {
        match self {
            Self::Kill(node) | Self::Suspend(node) | Self::Clock(node, _) => Some(node),
            _ => None,
        }
    }

    const fn is_about_the_database(self) -> bool {
        matches!(self, Self::Restart | Self::CutOff | Self::Failover | Self::Restore)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(node) => write!(f, "node {node} killed"),
            Self::Suspend(node) => write!(f, "node {node} suspended"),
            Self::Cut(node) => write!(f, "node {node} cut off from the database"),
            Self::Stall(node) => write!(f, "node {node} hears nothing of the database"),
            Self::Slow(node) => write!(f, "node {node} slow to the database"),
            Self::Restart => f.write_str("database down and up again"),
            Self::CutOff => f.write_str("database cut off"),
            Self::Failover => f.write_str("failover to a replica that missed commits"),
            Self::Restore => f.write_str("database restored from a backup"),
            Self::ProviderGone => f.write_str("provider gone"),
            Self::ServerGone => f.write_str("authorization server gone"),
            Self::Clock(node, ahead) => write!(f, "clock of node {node} off by {ahead} s"),
        }
    }
}

/// How many edges over the store there are: nodes 0, 1 and 2.
pub(crate) const EDGES: usize = 3;

/// The service behind them.
pub(crate) const SERVICE: Node = 3;

/// The authorization server. It has the same store, and serves its log.
pub(crate) const SERVER: Node = 4;

/// The edge that exchanges at the server.
pub(crate) const REMOTE: Node = 5;

const HOUR: i64 = 3600;
