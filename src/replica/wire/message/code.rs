//! How messages are written: a byte for which one it is, then its fields in their order.

use super::{
    Begin, COMMIT, Heartbeat, Hello, Message, Node, Reason, Refusal, Wants, Welcome, What, Why,
};
use crate::error::Result;
use crate::replica::wire::field::{Fields, Writing, malformed};
use crate::replica::wire::pack::Packed;

impl Message {
    /// Writes it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writing(Vec::new());
        match self {
            Self::Hello(hello) => write_hello(to.u8(1), hello),
            Self::Welcome(welcome) => write_welcome(to.u8(2), welcome),
            Self::Refused { refusal, text } => write_refusal(to.u8(3), refusal).text(text),
            Self::Commit(record) => to.u8(COMMIT).raw(record),
            Self::Ack { received, applied } => to.u8(5).point(received).u64(*applied),
            Self::Heartbeat(beat) => to
                .u8(6)
                .u64(beat.epoch)
                .point(&beat.head)
                .u64(beat.acked)
                .i64(beat.wall_ms)
                .flag(beat.in_sync),
            Self::SnapshotBegin(begin) => to
                .u8(7)
                .point(&begin.point)
                .u32(begin.size)
                .u32(begin.page_size)
                .u64(begin.bytes),
            Self::SnapshotPages(packed) => to.u8(8).raw(&packed.0),
            Self::SnapshotEnd { hash } => to.u8(9).raw(hash),
            Self::SnapshotAck { bytes } => to.u8(10).u64(*bytes),
            Self::Request { id, head, body } => to.u8(11).u64(*id).bytes(head).raw(body),
            Self::Response { id, head, body } => to.u8(12).u64(*id).bytes(head).raw(body),
            Self::Cancel { id } => to.u8(13).u64(*id),
            Self::Declined { id } => to.u8(14).u64(*id),
            Self::Handoff { epoch } => to.u8(15).u64(*epoch),
            Self::HandoffReady { point } => to.u8(16).point(point),
            Self::Bye(reason) => write_reason(to.u8(17), reason),
        };
        to.0
    }

    /// Reads one.
    ///
    /// # Errors
    /// When these bytes are no message.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut from = Fields(bytes);
        let kind = from.u8()?;
        let message = match kind {
            1 => Self::Hello(read_hello(&mut from)?),
            2 => Self::Welcome(read_welcome(&mut from)?),
            3 => Self::Refused {
                refusal: read_refusal(&mut from)?,
                text: from.text()?,
            },
            COMMIT => Self::Commit(std::mem::take(&mut from.0).to_vec()),
            5 => Self::Ack {
                received: from.point()?,
                applied: from.u64()?,
            },
            6 => Self::Heartbeat(read_heartbeat(&mut from)?),
            7 => Self::SnapshotBegin(read_begin(&mut from)?),
            8 => Self::SnapshotPages(Packed(std::mem::take(&mut from.0).to_vec())),
            9 => Self::SnapshotEnd {
                hash: from.array()?,
            },
            10 => Self::SnapshotAck { bytes: from.u64()? },
            11 => {
                let (id, head, body) = read_call(&mut from)?;
                Self::Request { id, head, body }
            }
            12 => {
                let (id, head, body) = read_call(&mut from)?;
                Self::Response { id, head, body }
            }
            13 => Self::Cancel { id: from.u64()? },
            14 => Self::Declined { id: from.u64()? },
            15 => Self::Handoff { epoch: from.u64()? },
            16 => Self::HandoffReady {
                point: from.point()?,
            },
            17 => Self::Bye(read_reason(&mut from)?),
            _ => return Err(malformed()),
        };
        // Only what is said before both know each other's version may be longer than we know.
        if kind > 3 && !from.0.is_empty() {
            return Err(malformed());
        }
        Ok(message)
    }
}

fn write_node<'a>(to: &'a mut Writing, node: &Node) -> &'a mut Writing {
    to.raw(&node.id)
        .u64(node.instance)
        .option(node.cluster.as_ref(), |to, cluster| {
            to.text(cluster);
        })
        .u32(node.sqlite)
        .u32(node.schema)
        .u32(node.page_size)
        .text(&node.version)
        .text(&node.address)
}

fn read_node(from: &mut Fields) -> Result<Node> {
    Ok(Node {
        id: from.array()?,
        instance: from.u64()?,
        cluster: from.option(Fields::text)?,
        sqlite: from.u32()?,
        schema: from.u32()?,
        page_size: from.u32()?,
        version: from.text()?,
        address: from.text()?,
    })
}

// The versions stand first: they are read even from a program that says all else in another way.
fn write_hello<'a>(to: &'a mut Writing, hello: &Hello) -> &'a mut Writing {
    to.u32(hello.protocol.0).u32(hello.protocol.1);
    write_node(to, &hello.node)
        .u64(hello.epoch)
        .point(&hello.point)
        .flag(hello.wants == Wants::Snapshot)
}

fn read_hello(from: &mut Fields) -> Result<Hello> {
    Ok(Hello {
        protocol: (from.u32()?, from.u32()?),
        node: read_node(from)?,
        epoch: from.u64()?,
        point: from.point()?,
        wants: if from.flag()? {
            Wants::Snapshot
        } else {
            Wants::Rest
        },
    })
}

fn write_welcome<'a>(to: &'a mut Writing, welcome: &Welcome) -> &'a mut Writing {
    to.u32(welcome.protocol);
    write_node(to, &welcome.node)
        .u64(welcome.epoch)
        .point(&welcome.head);
    match &welcome.what {
        What::Resume { from } => to.u8(0).point(from),
        What::Snapshot { why } => to.u8(match why {
            Why::Fresh => 1,
            Why::Asked => 2,
            Why::Gone => 3,
            Why::Diverged => 4,
            Why::Ahead => 5,
        }),
    }
}

fn read_welcome(from: &mut Fields) -> Result<Welcome> {
    let protocol = from.u32()?;
    let node = read_node(from)?;
    let epoch = from.u64()?;
    let head = from.point()?;
    let snapshot = |why| What::Snapshot { why };
    let what = match from.u8()? {
        0 => What::Resume {
            from: from.point()?,
        },
        1 => snapshot(Why::Fresh),
        2 => snapshot(Why::Asked),
        3 => snapshot(Why::Gone),
        4 => snapshot(Why::Diverged),
        5 => snapshot(Why::Ahead),
        _ => return Err(malformed()),
    };
    Ok(Welcome {
        protocol,
        node,
        epoch,
        head,
        what,
    })
}

// What a refusal holds is written as bytes, so that a kind that is not known yet can be skipped.
fn write_refusal<'a>(to: &'a mut Writing, refusal: &Refusal) -> &'a mut Writing {
    let mut held = Writing(Vec::new());
    let kind = match refusal {
        Refusal::Cluster => 1,
        Refusal::Itself => 2,
        Refusal::SameNode => 3,
        Refusal::Fenced { epoch } => {
            held.u64(*epoch);
            4
        }
        Refusal::Version { protocol } => {
            held.u32(protocol.0).u32(protocol.1);
            5
        }
        Refusal::PageSize { page_size } => {
            held.u32(*page_size);
            6
        }
        Refusal::NotPrimary { primary } => {
            held.option(primary.as_ref(), |to, primary| {
                to.text(primary);
            });
            7
        }
        Refusal::Unknown(kind) => *kind,
    };
    to.u8(kind).bytes(&held.0)
}

fn read_refusal(from: &mut Fields) -> Result<Refusal> {
    let kind = from.u8()?;
    let mut held = Fields(from.bytes()?);
    Ok(match kind {
        1 => Refusal::Cluster,
        2 => Refusal::Itself,
        3 => Refusal::SameNode,
        4 => Refusal::Fenced { epoch: held.u64()? },
        5 => Refusal::Version {
            protocol: (held.u32()?, held.u32()?),
        },
        6 => Refusal::PageSize {
            page_size: held.u32()?,
        },
        7 => Refusal::NotPrimary {
            primary: held.option(Fields::text)?,
        },
        unknown => Refusal::Unknown(unknown),
    })
}

fn write_reason<'a>(to: &'a mut Writing, reason: &Reason) -> &'a mut Writing {
    match reason {
        Reason::Stopping => to.u8(1),
        Reason::Failed(text) => to.u8(2).text(text),
        Reason::Fenced { epoch } => to.u8(3).u64(*epoch),
        Reason::HandedOver { epoch } => to.u8(4).u64(*epoch),
    }
}

fn read_reason(from: &mut Fields) -> Result<Reason> {
    Ok(match from.u8()? {
        1 => Reason::Stopping,
        2 => Reason::Failed(from.text()?),
        3 => Reason::Fenced { epoch: from.u64()? },
        4 => Reason::HandedOver { epoch: from.u64()? },
        _ => return Err(malformed()),
    })
}

fn read_heartbeat(from: &mut Fields) -> Result<Heartbeat> {
    Ok(Heartbeat {
        epoch: from.u64()?,
        head: from.point()?,
        acked: from.u64()?,
        wall_ms: from.i64()?,
        in_sync: from.flag()?,
    })
}

fn read_begin(from: &mut Fields) -> Result<Begin> {
    Ok(Begin {
        point: from.point()?,
        size: from.u32()?,
        page_size: from.u32()?,
        bytes: from.u64()?,
    })
}

fn read_call(from: &mut Fields) -> Result<(u64, Vec<u8>, Vec<u8>)> {
    let id = from.u64()?;
    let head = from.bytes()?.to_vec();
    Ok((id, head, std::mem::take(&mut from.0).to_vec()))
}
