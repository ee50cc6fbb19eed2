//! Whether a standby is taken: by its first words alone.

use crate::replica::wire::message::{Hello, Node, PROTOCOL, Refusal};

/// What this node is and does at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Office {
    /// Who it is.
    pub node: Node,
    /// Its epoch.
    pub epoch: u64,
    /// What it does.
    pub role: Role,
}

/// What a node does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Role {
    /// It writes.
    #[default]
    Primary,
    /// It does not; another does, if it knows which.
    Other(Option<String>),
}

/// Why this standby is not taken, if so.
pub(super) fn refusal(office: &Office, hello: &Hello) -> Option<Refusal> {
    let own = &office.node;
    let theirs = &hello.node;
    let sizes = (own.page_size, theirs.page_size);
    let highest = hello.epoch.max(hello.point.position.epoch);
    if hello.protocol.0 > PROTOCOL.1 || hello.protocol.1 < PROTOCOL.0 {
        Some(Refusal::Version { protocol: PROTOCOL })
    } else if own.id == theirs.id {
        Some(Refusal::Itself)
    } else if theirs.cluster.is_some() && theirs.cluster != own.cluster {
        Some(Refusal::Cluster)
    } else if let Role::Other(primary) = &office.role {
        let primary = primary.clone();
        Some(Refusal::NotPrimary { primary })
    } else if highest > office.epoch {
        Some(Refusal::Fenced { epoch: highest })
    } else if sizes.1 != 0 && sizes.0 != sizes.1 {
        Some(Refusal::PageSize { page_size: sizes.0 })
    } else {
        None
    }
}

/// The newest protocol of both.
pub(super) fn protocol(hello: Option<&Hello>) -> u32 {
    hello.map_or(PROTOCOL.1, |hello| hello.protocol.1.min(PROTOCOL.1))
}

/// A refusal as people read it, at the standby.
pub(super) fn text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Cluster => {
            "The data directories belong to different sites: a standby starts with an empty one."
                .into()
        }
        Refusal::Itself => "That is this node itself: --follow has to name the other one.".into(),
        Refusal::SameNode => {
            "A node with the same number is connected: was a data directory copied? Start one of them with an empty one."
                .into()
        }
        Refusal::Fenced { epoch } => {
            format!("The node was the primary, but not since epoch {epoch}.")
        }
        Refusal::Version { protocol } => format!(
            "The programs are too far apart: protocols {} to {} are spoken there. Upgrade the older one.",
            protocol.0, protocol.1
        ),
        Refusal::PageSize { page_size } => format!(
            "The pages of the databases have different sizes ({page_size} bytes there): start the standby with an empty data directory."
        ),
        Refusal::NotPrimary { primary: None } => "The node is no primary.".into(),
        Refusal::NotPrimary { primary: Some(at) } => {
            format!("The node is no primary; {at} is.")
        }
        Refusal::Unknown(kind) => format!("For a reason that this program does not know ({kind})."),
    }
}
