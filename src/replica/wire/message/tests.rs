//! Every message is read as it was written, and nothing that comes can do more than be refused.

use super::*;
use crate::replica::sample::commit_after;

fn node() -> Node {
    Node {
        id: [7; 16],
        instance: 8,
        cluster: Some("a site".into()),
        sqlite: 3_054_001,
        schema: 12,
        page_size: 4096,
        version: "0.1.0".into(),
        address: "http://one.example".into(),
    }
}

fn all() -> Vec<Message> {
    let point = commit_after(Point::default(), 3, 4).point;
    let welcome = |what| {
        Message::Welcome(Welcome {
            protocol: 1,
            node: node(),
            epoch: 3,
            head: point,
            what,
        })
    };
    let refused = |refusal| Message::Refused {
        refusal,
        text: "So.".into(),
    };
    let why = [Why::Fresh, Why::Asked, Why::Gone, Why::Diverged, Why::Ahead];
    let mut all: Vec<Message> = why
        .map(|why| welcome(What::Snapshot { why }))
        .into_iter()
        .collect();
    all.extend([
        Message::Hello(Hello {
            protocol: (1, 2),
            node: node(),
            epoch: 3,
            point,
            wants: Wants::Rest,
        }),
        Message::Hello(Hello {
            protocol: PROTOCOL,
            node: Node::default(),
            epoch: 0,
            point: Point::default(),
            wants: Wants::Snapshot,
        }),
        welcome(What::Resume { from: point }),
        refused(Refusal::Cluster),
        refused(Refusal::Itself),
        refused(Refusal::SameNode),
        refused(Refusal::Fenced { epoch: 9 }),
        refused(Refusal::Version { protocol: (2, 5) }),
        refused(Refusal::PageSize { page_size: 512 }),
        refused(Refusal::NotPrimary { primary: None }),
        refused(Refusal::NotPrimary {
            primary: Some("there".into()),
        }),
        refused(Refusal::Unknown(200)),
        Message::Commit(vec![1, 2, 3]),
        Message::Ack {
            received: point,
            applied: 2,
        },
        Message::Heartbeat(Heartbeat {
            epoch: 3,
            head: point,
            acked: 1,
            wall_ms: -5,
            in_sync: true,
        }),
        Message::SnapshotBegin(Begin {
            point,
            size: 10,
            page_size: 4096,
            bytes: 40_960,
        }),
        Message::SnapshotPages(Packed(vec![1, 2, 3])),
        Message::SnapshotPages(Packed(vec![])),
        Message::SnapshotEnd { hash: [5; 32] },
        Message::SnapshotAck { bytes: 77 },
        Message::Request {
            id: 1,
            head: b"head".to_vec(),
            body: b"body".to_vec(),
        },
        Message::Response {
            id: 1,
            head: vec![],
            body: vec![],
        },
        Message::Cancel { id: 2 },
        Message::Declined { id: 3 },
        Message::Handoff { epoch: 4 },
        Message::HandoffReady { point },
        Message::Bye(Reason::Stopping),
        Message::Bye(Reason::Failed("so".into())),
        Message::Bye(Reason::Fenced { epoch: 4 }),
        Message::Bye(Reason::HandedOver { epoch: 4 }),
    ]);
    all
}

#[test]
fn every_message_is_read_as_it_was_written() {
    for message in all() {
        assert_eq!(Message::decode(&message.encode()).unwrap(), message);
    }
}

#[test]
fn the_first_messages_may_grow_and_no_other() {
    for message in all() {
        let mut bytes = message.encode();
        let kind = bytes[0];
        bytes.extend([0; 3]);
        let read = Message::decode(&bytes);
        match kind {
            1..=3 => assert_eq!(read.unwrap(), message),
            // Their last field is whatever is left.
            4 | 8 | 11 | 12 => assert_ne!(read.unwrap(), message),
            _ => assert!(read.is_err(), "{message:?}"),
        }
    }
}

#[test]
fn no_part_of_a_message_is_another_message_of_its_kind_by_accident() {
    for message in all() {
        let bytes = message.encode();
        for length in 0..bytes.len() {
            match Message::decode(&bytes[..length]) {
                Err(_) => {}
                // Lists and opaque bytes have no end of their own: the channel keeps messages whole.
                Ok(read) => assert!(
                    matches!(bytes[0], 4 | 8 | 11 | 12) && read != message,
                    "{message:?} cut at {length}"
                ),
            }
        }
    }
}

#[test]
fn whatever_comes_is_read_or_refused() {
    let mut state: u64 = 42;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let all: Vec<Vec<u8>> = all().iter().map(Message::encode).collect();
    for round in 0..20_000_usize {
        let mut bytes = all[round % all.len()].clone();
        for _ in 0..=random() % 4 {
            let at = usize::try_from(random() % bytes.len() as u64).unwrap();
            bytes[at] = random().to_be_bytes()[0];
        }
        if let Ok(message) = Message::decode(&bytes) {
            // What is understood is understood in one way.
            assert_eq!(Message::decode(&message.encode()).unwrap(), message);
        }
        let noise: Vec<u8> = (0..random() % 100)
            .map(|_| random().to_be_bytes()[0])
            .collect();
        let _ = Message::decode(&noise);
    }
}

#[test]
fn a_length_that_is_a_lie_costs_no_memory() {
    for kind in [1_u8, 2, 3, 11, 12] {
        let mut bytes = vec![kind];
        bytes.extend([255; 200]);
        assert!(Message::decode(&bytes).is_err());
    }
}
