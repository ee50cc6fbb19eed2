//! Whether a standby is taken: by its first words alone.

use crate::replica::wire::message::{Hello, INHERITS, Node, PROTOCOL, Refusal, Wants};
use crate::store::commit::Point;

/// What this node is and does at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Office {
    /// Who it is.
    pub node: Node,
    /// Its epoch.
    pub epoch: u64,
    /// What it does.
    pub role: Role,
    /// Whom it has given that, and from which epoch on.
    pub heir: Option<([u8; 16], u64)>,
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

/// The epoch that this standby is to begin, since this node has handed over to it and that word was lost. Nothing was written
/// since then, and it has all that was.
pub(super) fn inherited(office: &Office, head: Point, hello: &Hello) -> Option<u64> {
    let (heir, epoch) = office.heir?;
    let is_over = matches!(office.role, Role::Other(_)) && office.epoch == epoch;
    let is_heir = hello.node.id == heir && hello.node.cluster == office.node.cluster;
    let has_all = hello.wants == Wants::Rest && hello.point == head;
    let is_new = hello.epoch < epoch && hello.protocol.1 >= INHERITS;
    (is_over && is_heir && has_all && is_new).then_some(epoch)
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
