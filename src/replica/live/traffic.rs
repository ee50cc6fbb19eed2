//! Commits, snapshots, calls and the planned switch.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::node::{Primary, Standby, TOKEN, name, until};
use crate::error::Error;
use crate::replica::follow::Ended;
use crate::replica::sample::{record, sized};
use crate::replica::ship::{Notice, Office, Order, Role};
use crate::replica::source::Record;
use crate::replica::wire::message::{Reason, What, Why};
use crate::replica::wire::noise::MESSAGE_MAX;

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_fresh_standby_gets_all_and_then_each_commit() {
    let mut primary = Primary::start().await;
    for _ in 0..1000 {
        primary.commit(1);
    }
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    let status = until(&mut standby.status, |status| status.beat.is_some()).await;
    let what = status.welcome.unwrap().what;
    assert_eq!(what, What::Snapshot { why: Why::Fresh });
    for _ in 0..50 {
        let point = primary.commit(2);
        primary.wait_for_ack().await;
        // What is acknowledged is on the standby's disk.
        assert!(standby.memory.has(point));
    }
    standby.wait_for(primary.memory.end()).await;
    assert_eq!(standby.memory.db(), primary.memory.db());
    let followers = primary.acks.followers();
    assert!(followers[0].progress.in_sync);
    assert_eq!(followers[0].node.version, "test");
    standby.stop().await;
}

#[tokio::test]
async fn one_sync_serves_all_commits_that_came_meanwhile() {
    let mut primary = Primary::start().await;
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    for _ in 0..5000 {
        primary.commit(1);
    }
    primary.wait_for_ack().await;
    standby.wait_for(primary.memory.end()).await;
    let syncs = standby.memory.syncs.load(Ordering::Relaxed);
    let applies = standby.memory.applies.load(Ordering::Relaxed);
    assert!(syncs < 2500, "{syncs} syncs");
    assert!(applies < 2500, "{applies} transactions");
    standby.stop().await;
}

#[tokio::test]
async fn a_standby_that_comes_back_goes_on_where_it_was() {
    let mut primary = Primary::start().await;
    let standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    let memory = Arc::clone(&standby.memory);
    standby.stop().await;
    for _ in 0..20 {
        primary.commit(1);
    }
    let node = name(2, Some("site"));
    let mut standby = Standby::on(Arc::clone(&memory), node, TOKEN, primary.address);
    standby.wait_for(primary.memory.end()).await;
    assert_eq!(memory.installs.load(Ordering::Relaxed), 1);
    let what = standby.status.borrow().welcome.clone().unwrap().what;
    assert!(matches!(what, What::Resume { from } if from.position.txid == 1));
    let memory = Arc::clone(&standby.memory);
    standby.stop().await;
    // What it needs next is not there any more.
    primary.commit(1);
    primary.memory.trim();
    primary.commit(1);
    let node = name(2, Some("site"));
    let mut standby = Standby::on(Arc::clone(&memory), node, TOKEN, primary.address);
    standby.wait_for(primary.memory.end()).await;
    assert_eq!(memory.installs.load(Ordering::Relaxed), 2);
    assert_eq!(memory.db(), primary.memory.db());
    standby.stop().await;
}

#[tokio::test]
async fn a_commit_too_large_for_a_message_comes_as_a_snapshot() {
    let mut primary = Primary::start().await;
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    primary.commit(1);
    let large = Record {
        bytes: vec![0; MESSAGE_MAX].into(),
        ..record(&sized(primary.memory.end(), 1, 7, 1))
    };
    primary.keep(large);
    for _ in 0..10 {
        primary.commit(1);
    }
    primary.wait_for_ack().await;
    standby.wait_for(primary.memory.end()).await;
    assert_eq!(standby.memory.installs.load(Ordering::Relaxed), 2);
    assert_eq!(standby.memory.db(), primary.memory.db());
    standby.stop().await;
}

#[tokio::test]
async fn records_that_are_damaged_or_claim_too_much_are_neither_kept_nor_acknowledged() {
    let mut primary = Primary::start().await;
    let standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    let memory = Arc::clone(&standby.memory);
    let before = memory.end();
    let good = record(&sized(before, 1, 7, 1));
    let mut bytes = good.bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let damaged = Record {
        bytes: bytes.into(),
        ..good
    };
    let damaged = primary.keep(damaged);
    let mut status = standby.status.clone();
    until(&mut status, |status| {
        let trouble = status.trouble.as_deref();
        trouble.is_some_and(|trouble| trouble.contains("damaged"))
    })
    .await;
    assert!(!memory.has(damaged));
    assert_eq!(memory.end(), before);
    assert!(primary.synced.borrow().txid != Some(damaged.position.txid));
    standby.stop().await;
}

#[tokio::test]
async fn calls_are_answered_in_both_directions() {
    let mut primary = Primary::start().await;
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    let status = until(&mut standby.status, |status| status.primary.is_some()).await;
    let up = status.primary.unwrap();
    let down = primary.acks.remote([2; 16]).unwrap();
    for remote in [&up, &down] {
        let calls = (0..100_u32).map(|number| {
            let body = vec![7; number as usize * 1000];
            let remote = remote.clone();
            tokio::spawn(async move {
                let head = number.to_be_bytes().to_vec();
                let answer = remote.call(head.clone(), body.clone(), LONG).await.unwrap();
                assert_eq!(answer, (head, body));
            })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
    }
    // Commits go on beside them.
    primary.commit(1);
    primary.wait_for_ack().await;
    let declined = up.call(b"decline".to_vec(), vec![], LONG).await;
    assert!(matches!(declined, Err(Error::Busy)));
    standby.stop().await;
}

#[tokio::test]
async fn a_call_that_is_given_up_is_dropped_where_it_was_being_answered() {
    let mut primary = Primary::start().await;
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    let status = until(&mut standby.status, |status| status.primary.is_some()).await;
    let up = status.primary.unwrap();
    let wait = || (b"wait".to_vec(), vec![]);
    // By its deadline.
    let (head, body) = wait();
    let late = up.call(head, body, Duration::from_millis(300)).await;
    assert!(matches!(late, Err(Error::Deadline)));
    assert_eq!(primary.told.recv().await, Some("waiting"));
    assert_eq!(primary.told.recv().await, Some("gone"));
    // By whoever asked.
    let down = primary.acks.remote([2; 16]).unwrap();
    let (head, body) = wait();
    let call = tokio::spawn({
        let down = down.clone();
        async move { down.call(head, body, LONG).await }
    });
    assert_eq!(standby.told.recv().await, Some("waiting"));
    call.abort();
    assert_eq!(standby.told.recv().await, Some("gone"));
    // By the connection's end.
    let (head, body) = wait();
    let call = tokio::spawn({
        let up = up.clone();
        async move { up.call(head, body, LONG).await }
    });
    assert_eq!(primary.told.recv().await, Some("waiting"));
    standby.stop().await;
    assert!(matches!(call.await.unwrap(), Err(Error::Unavailable)));
    assert_eq!(primary.told.recv().await, Some("gone"));
    assert!(!up.is_open());
    let after = up.call(vec![], vec![], LONG).await;
    assert!(matches!(after, Err(Error::Unavailable)));
}

#[tokio::test]
async fn a_primary_hands_over_when_the_standby_has_all() {
    let mut primary = Primary::start().await;
    let standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    for _ in 0..500 {
        primary.commit(1);
    }
    let end = primary.memory.end();
    let memory = Arc::clone(&standby.memory);
    assert!(primary.acks.order([2; 16], Order::Handoff(2)));
    let ready = Notice::Ready([2; 16], end);
    assert_eq!(primary.notices.recv().await, Some(ready));
    assert_eq!(memory.end(), end);
    let reason = Reason::HandedOver { epoch: 2 };
    assert!(primary.acks.order([2; 16], Order::End(reason)));
    assert_eq!(standby.ended().await.unwrap(), Ended::Promoted(2));
    assert_eq!(memory.db(), primary.memory.db());
}

/// A primary that has handed over to a standby and could not say so, and what it is by then.
async fn without_a_last_word(change: impl FnOnce(&mut Office)) -> (Primary, Standby) {
    let mut primary = Primary::start().await;
    let standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    primary.commit(1);
    assert!(primary.acks.order([2; 16], Order::Handoff(2)));
    let ready = Notice::Ready([2; 16], primary.memory.end());
    assert_eq!(primary.notices.recv().await, Some(ready));
    // This ends the connection, before the word that the standby waits for.
    primary.office.send_modify(|office| {
        office.role = Role::Other(Some("the heir".into()));
        office.epoch = 2;
        office.heir = Some(([2; 16], 2));
        change(office);
    });
    primary.ends.recv().await.unwrap();
    (primary, standby)
}

#[tokio::test]
async fn an_heir_that_missed_the_last_word_hears_it_when_it_comes_again() {
    let (primary, standby) = without_a_last_word(|_| ()).await;
    let memory = Arc::clone(&standby.memory);
    assert_eq!(standby.ended().await.unwrap(), Ended::Promoted(2));
    assert_eq!(memory.db(), primary.memory.db());
}

#[tokio::test]
async fn only_the_heir_of_this_epoch_that_has_all_is_told_that_it_has_the_duty() {
    type Change = fn(&mut Office);
    let others: [(Change, usize); 4] = [
        // Another node is the heir.
        (|office| office.heir = Some(([3; 16], 2)), 0),
        // A later epoch is known.
        (|office| office.epoch = 3, 0),
        // It writes again.
        (|office| office.role = Role::Primary, 0),
        // There is more than the standby has.
        (|_| (), 1),
    ];
    for (change, commits) in others {
        let (mut primary, mut standby) = without_a_last_word(change).await;
        for _ in 0..commits {
            primary.commit(1);
        }
        until(&mut standby.status, |status| {
            status.refusal.is_some() || status.primary.is_some() && !status.is_ready
        })
        .await;
        standby.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_be_applied_now_is_acknowledged_and_applied_later() {
    let mut primary = Primary::start().await;
    let mut standby = Standby::start(name(2, None), TOKEN, primary.address);
    primary.wait_for_ack().await;
    standby.memory.waits.store(true, Ordering::Relaxed);
    for _ in 0..100 {
        primary.commit(1);
    }
    primary.wait_for_ack().await;
    assert_eq!(standby.memory.end().position.txid, 1);
    standby.memory.waits.store(false, Ordering::Relaxed);
    standby.wait_for(primary.memory.end()).await;
    // Then they come from memory again.
    primary.commit(1);
    standby.wait_for(primary.memory.end()).await;
    standby.stop().await;
}
