//! Who is not taken, and what is said to whom.

use std::sync::Arc;

use tokio::net::TcpStream;

use super::node::{Primary, SCHEMA, Standby, TOKEN, name, secret, until};
use crate::replica::sample::sized;
use crate::replica::ship::{Notice, Office, Role};
use crate::replica::wire::Message;
use crate::replica::wire::message::{Hello, Node, PROTOCOL, Refusal, Wants};
use crate::replica::wire::noise;
use crate::store::commit::{Journal, Point};

/// What a standby with this node's name is told.
async fn refusal(primary: &Primary, node: Node) -> Refusal {
    let mut standby = Standby::start(node, TOKEN, primary.address);
    let status = until(&mut standby.status, |status| status.refusal.is_some()).await;
    let (refusal, text) = status.refusal.unwrap();
    assert!(!text.is_empty());
    assert!(standby.memory.db().is_empty());
    standby.stop().await;
    refusal
}

#[tokio::test]
async fn a_wrong_token_is_named_on_both_sides_and_nothing_is_sent() {
    let mut primary = Primary::start().await;
    let other = TOKEN.replace('0', "x");
    let mut standby = Standby::start(name(2, None), &other, primary.address);
    let status = until(&mut standby.status, |status| status.trouble.is_some()).await;
    let trouble = status.trouble.unwrap();
    assert!(trouble.contains("same token"), "{trouble}");
    let end = primary.ends.recv().await.unwrap();
    assert!(end.contains("another token"), "{end}");
    assert!(standby.memory.db().is_empty());
    standby.stop().await;
}

#[tokio::test]
async fn another_sites_standby_itself_and_other_pages_are_refused() {
    let primary = Primary::start().await;
    let found = refusal(&primary, name(2, Some("another"))).await;
    assert_eq!(found, Refusal::Cluster);
    let found = refusal(&primary, name(1, Some("site"))).await;
    assert_eq!(found, Refusal::Itself);
    let mut node = name(2, Some("site"));
    node.page_size = 8192;
    let found = refusal(&primary, node).await;
    assert_eq!(found, Refusal::PageSize { page_size: 512 });
}

#[tokio::test]
async fn a_node_that_is_no_primary_says_who_is() {
    let primary = Primary::start().await;
    primary.office.send_modify(|office| {
        office.role = Role::Other(Some("there".into()));
    });
    let found = refusal(&primary, name(2, Some("site"))).await;
    let there = Some("there".to_owned());
    assert_eq!(found, Refusal::NotPrimary { primary: there });
}

#[tokio::test]
async fn who_changes_its_role_sends_its_standbys_away() {
    let mut primary = Primary::start().await;
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    primary.office.send_modify(|office| {
        office.role = Role::Other(None);
    });
    until(&mut standby.status, |status| status.refusal.is_some()).await;
    assert!(primary.acks.followers().is_empty());
    assert_eq!(primary.acks.synced().borrow().txid, None);
    standby.stop().await;
}

#[tokio::test]
async fn a_standby_of_an_older_program_takes_no_copy_of_a_newer_schema_says_so_and_stays() {
    let mut newer = name(1, Some("site"));
    newer.schema = SCHEMA + 1;
    let primary = Primary::start_with(newer).await;
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    let said = |status: &super::super::follow::Status| {
        let trouble = status.trouble.as_deref().unwrap_or_default();
        trouble.contains("upgrade this one")
    };
    until(&mut standby.status, said).await;
    assert!(standby.memory.db().is_empty());
    // Once both are of one program it gets its copy.
    primary
        .office
        .send_modify(|office| office.node.schema = SCHEMA);
    until(&mut standby.status, |status| status.applied > 0).await;
    standby.stop().await;
}

#[tokio::test]
async fn of_two_processes_with_one_number_the_second_is_refused() {
    let mut primary = Primary::start().await;
    let first = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    let mut copy = name(2, None);
    copy.instance = 77;
    assert_eq!(refusal(&primary, copy).await, Refusal::SameNode);
    assert_eq!(primary.acks.followers().len(), 1);
    // The one that was there goes on.
    primary.commit(1);
    primary.wait_for_ack().await;
    first.stop().await;
}

#[tokio::test]
async fn a_standby_of_a_later_epoch_tells_a_primary_that_it_was_fenced() {
    let mut primary = Primary::start().await;
    let memory = Arc::<super::memory::Memory>::default();
    let later = sized(Point::default(), 7, 9, 1);
    memory.commit(&later);
    assert!(memory.end().position.epoch == 7 && Journal::end(memory.as_ref()).is_some());
    let node = name(2, Some("site"));
    let id = node.id;
    let mut standby = Standby::on(memory, node, TOKEN, primary.address);
    let status = until(&mut standby.status, |status| status.refusal.is_some()).await;
    assert_eq!(status.refusal.unwrap().0, Refusal::Fenced { epoch: 7 });
    let notice = primary.notices.recv().await;
    assert!(matches!(notice, Some(Notice::Fenced(7, by)) if by.id == id));
    standby.stop().await;
}

#[tokio::test]
async fn a_program_that_speaks_only_other_protocols_is_told_which_are_spoken() {
    let primary = Primary::start().await;
    for protocol in [(PROTOCOL.1 + 1, PROTOCOL.1 + 2), (1, PROTOCOL.0 - 1)] {
        let stream = TcpStream::connect(primary.address).await.unwrap();
        let (mut to, mut from) = noise::connect(stream, &secret(TOKEN)).await.unwrap();
        let hello = Hello {
            protocol,
            node: name(2, None),
            epoch: 0,
            point: Point::default(),
            wants: Wants::Rest,
        };
        let mut bytes = Message::Hello(hello).encode();
        // What it says beyond what is known here.
        bytes.extend(b"new");
        to.send(&bytes).await.unwrap();
        let answer = from.receive(|| ()).await.unwrap().unwrap();
        let Message::Refused { refusal, text } = Message::decode(&answer).unwrap() else {
            panic!("{protocol:?} is taken");
        };
        assert_eq!(refusal, Refusal::Version { protocol: PROTOCOL });
        assert!(text.contains("Upgrade the older one"), "{text}");
        assert_eq!(from.receive(|| ()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn who_does_not_greet_is_sent_away() {
    let mut primary = Primary::start().await;
    let stream = TcpStream::connect(primary.address).await.unwrap();
    let (mut to, _from) = noise::connect(stream, &secret(TOKEN)).await.unwrap();
    let cancel = Message::SnapshotAck { bytes: 1 }.encode();
    to.send(&cancel).await.unwrap();
    let end = primary.ends.recv().await.unwrap();
    assert!(end.contains("no greeting"), "{end}");
    let stream = TcpStream::connect(primary.address).await.unwrap();
    let (mut to, _from) = noise::connect(stream, &secret(TOKEN)).await.unwrap();
    to.send(b"\xffgibberish").await.unwrap();
    let end = primary.ends.recv().await.unwrap();
    assert!(end.contains("no version"), "{end}");
}

#[tokio::test]
async fn a_standby_leaves_a_primary_of_an_epoch_that_is_over() {
    // It does not know of the later epoch from the greeting, so the standby has to say it.
    let primary = Primary::start_with(name(1, Some("site"))).await;
    let office = Office {
        node: name(1, Some("site")),
        epoch: 9,
        ..Office::default()
    };
    primary.office.send_replace(office);
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    until(&mut standby.status, |status| status.beat.is_some()).await;
    primary.office.send_modify(|office| office.epoch = 1);
    let status = until(&mut standby.status, |status| status.refusal.is_some()).await;
    assert_eq!(status.refusal.unwrap().0, Refusal::Fenced { epoch: 9 });
    standby.stop().await;
}
