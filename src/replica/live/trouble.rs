//! Connections that break, lie or go dead, peers that do not read, disks that fail.

use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::net::TcpStream;

use super::node::{Harm, Primary, Standby, TOKEN, name, proxy, secret, until};
use crate::replica::sample::PAGE;
use crate::replica::ship::WINDOW;
use crate::replica::wire::Message;
use crate::replica::wire::message::{Hello, PROTOCOL, Wants};
use crate::replica::wire::noise;

#[tokio::test]
async fn a_standby_gets_through_connections_that_are_cut_or_changed_at_any_byte() {
    let mut primary = Primary::start().await;
    for _ in 0..200 {
        primary.commit(1);
    }
    // The handshake, the welcome, the snapshot, the commits; each connection fails somewhere else. Several standbys, as
    // each waits longer after each failure.
    let places = [
        [0, 1, 20],
        [49, 50, 60],
        [150, 400, 3000],
        [9000, 12_000, 15_000],
    ];
    let mut standbys = Vec::new();
    for (id, places) in (2..).zip(places) {
        let harms = places.map(|at| [Harm::Cut(at + 1), Harm::Flip(at)]);
        let (address, task) = proxy(primary.address, harms.concat()).await;
        let standby = Standby::start(name(id, None), TOKEN, address);
        standbys.push((standby, task));
    }
    for _ in 0..100 {
        primary.commit(1);
    }
    for (mut standby, task) in standbys {
        standby.wait_for(primary.memory.end()).await;
        assert_eq!(standby.memory.db(), primary.memory.db());
        standby.stop().await;
        task.abort();
    }
}

#[tokio::test]
async fn a_half_open_connection_is_given_up_by_both_sides() {
    let mut primary = Primary::start().await;
    let (address, proxy) = proxy(primary.address, vec![Harm::Hold(2000)]).await;
    let mut standby = Standby::start(name(2, None), TOKEN, address);
    primary.wait_for_ack().await;
    let begun = Instant::now();
    for _ in 0..100 {
        primary.commit(1);
    }
    // First it is not counted on, then it is replaced.
    until(&mut primary.synced, |synced| synced.txid.is_none()).await;
    let lost = begun.elapsed().as_secs_f32();
    assert!((1.0..4.5).contains(&lost), "after {lost} s");
    primary.wait_for_ack().await;
    let back = begun.elapsed().as_secs_f32();
    assert!((4.0..12.0).contains(&back), "after {back} s");
    standby.wait_for(primary.memory.end()).await;
    standby.stop().await;
    proxy.abort();
}

#[tokio::test]
async fn a_standby_that_does_not_read_costs_a_window_and_no_more() {
    let mut primary = Primary::start().await;
    let from = primary.memory.end();
    // Padded to a part of what they unpack to.
    let pages = 10_000;
    let each = pages as usize * PAGE / 64;
    for _ in 0..10 * WINDOW / each {
        primary.commit(pages);
    }
    let stream = TcpStream::connect(primary.address).await.unwrap();
    let (mut to, _from) = noise::connect(stream, &secret(TOKEN)).await.unwrap();
    let hello = Hello {
        protocol: PROTOCOL,
        node: name(2, Some("site")),
        epoch: 1,
        point: from,
        wants: Wants::Rest,
    };
    to.send(&Message::Hello(hello).encode()).await.unwrap();
    // It goes on to live, and acknowledges nothing, until it is found out.
    let end = primary.ends.recv();
    let live = async {
        let mut beat = tokio::time::interval(std::time::Duration::from_millis(500));
        loop {
            beat.tick().await;
            if to
                .send(&Message::SnapshotAck { bytes: 0 }.encode())
                .await
                .is_err()
            {
                std::future::pending::<()>().await;
            }
        }
    };
    let end = tokio::select! { end = end => end.unwrap(), () = live => String::new() };
    assert!(end.contains("takes nothing"), "{end}");
    let read = primary.memory.reads.load(Ordering::Relaxed);
    assert!(read > WINDOW / 2, "{read} bytes were read");
    assert!(read < WINDOW + (4 << 20), "{read} bytes were read");
    assert!(primary.acks.followers().is_empty());
}

#[tokio::test]
async fn a_log_that_fails_ends_the_standby_and_nothing_more_is_acknowledged() {
    let mut primary = Primary::start().await;
    let standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    standby.memory.fails.store(true, Ordering::Relaxed);
    let memory = std::sync::Arc::clone(&standby.memory);
    let before = memory.end();
    primary.commit(1);
    assert!(standby.ended().await.is_err());
    assert_eq!(memory.end(), before);
    until(&mut primary.synced, |synced| synced.followers == 0).await;
}
