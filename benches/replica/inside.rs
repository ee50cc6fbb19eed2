//! Votes as the site's handlers hand them to the store, without HTTP: the primary runs inside of the bench, its standby as a
//! process beside it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use site::app::App;
use site::config::{Config, Replicate, Secret};
use site::domain::id::{ItemId, StoryId, UserId};
use site::error::Error;
use site::server::Site;
use site::store;
use site::time::Clock;
use tokio::task::spawn_local;

use super::{CLIENTS, TOKEN, Way, follow};
use crate::generate;
use crate::overload::line::on_this_thread;
use crate::server::{Server, free_port};
use crate::votes::{self, STORIES, THREADS};

/// Measures and prints a line for each way and number of clients.
pub(super) fn measure(seconds: u64) {
    println!("| `app.write`, standby | clients | votes/s |\n|---|---:|---:|");
    for way in Way::EACH {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("primary");
        generate::site(&data, STORIES);
        let inside = Inside::start(&data, way);
        let standby = (way != Way::Alone).then(|| inside.followed(dir.path()));
        let next = Arc::default();
        for clients in CLIENTS {
            let votes = inside.load(clients, seconds, &next);
            println!("| {} | {clients} | {} |", way.name(), votes / seconds);
        }
        drop(standby);
    }
}

/// A site in this process.
struct Inside {
    app: Arc<App>,
    handle: ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Inside {
    fn start(data: &Path, way: Way) -> Self {
        let mut config = Config::new(data.to_owned());
        config.listen.set_port(free_port());
        config.limits = false;
        if way != Way::Alone {
            config.nodes.token = Secret::parse(TOKEN).unwrap();
            config.nodes.replicate = match way {
                Way::Wait => Replicate::Wait,
                Way::Async | Way::Alone => Replicate::Async,
            };
        }
        let (send, started) = sync_channel(1);
        let thread = std::thread::spawn(move || {
            System::new().block_on(async {
                let site = Site::open(config, Clock::System).unwrap();
                send.send((Arc::clone(&site.app), site.handle())).unwrap();
                site.run().await.unwrap();
            });
        });
        let (app, handle) = started.recv().unwrap();
        Self {
            app,
            handle,
            thread: Some(thread),
        }
    }

    /// Starts a standby and waits until it is in sync, so that the gate waits for it where it is to.
    fn followed(&self, dir: &Path) -> Server {
        let standby = follow(dir, self.app.config.listen);
        let end = Instant::now() + super::SOON;
        let is_behind = || {
            let head = self.app.store.stamps().head();
            let report = self.app.peer().map(|peer| peer.report());
            !report.is_some_and(|report| report.standbys.iter().any(|one| one.received >= head))
        };
        while is_behind() {
            assert!(Instant::now() < end, "the standby does not come");
            std::thread::sleep(Duration::from_millis(20));
        }
        standby
    }

    /// Votes for so long, as so many members at once; how many were kept.
    fn load(&self, clients: usize, seconds: u64, next: &Arc<AtomicUsize>) -> u64 {
        let end = Instant::now() + Duration::from_secs(seconds);
        let from = next.load(Ordering::Relaxed);
        let members: Vec<_> = (0..clients).collect();
        let kept: Vec<_> = std::thread::scope(|scope| {
            let shares = members.chunks(clients.div_ceil(THREADS));
            let drive = |share| scope.spawn(move || on_this_thread(self.members(share, end, from)));
            let threads: Vec<_> = shares.map(drive).collect();
            let kept = threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap());
            kept.collect()
        });
        let most = kept.iter().max().copied().unwrap_or_default();
        next.store(from + most, Ordering::Relaxed);
        kept.iter().sum::<usize>() as u64
    }

    /// How many votes of each were kept.
    async fn members(&self, share: &[usize], end: Instant, from: usize) -> Vec<usize> {
        let begin = |n: &usize| spawn_local(member(self.app.clone(), *n, end, from));
        let members: Vec<_> = share.iter().map(begin).collect();
        let mut kept = Vec::new();
        for votes in members {
            kept.push(votes.await.unwrap());
        }
        kept
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The votes of one member, of those who post least.
async fn member(app: Arc<App>, n: usize, end: Instant, from: usize) -> usize {
    let user = UserId::new(i64::try_from(STORIES / 20 - n).unwrap());
    let (mut asked, mut kept) = (0, 0);
    while Instant::now() < end {
        let (story, is_given) = votes::story(from + asked);
        let item = ItemId::Story(StoryId::new(generate::story_id(story)));
        let vote = app.write(move |tx| store::vote::set(tx, user, item, is_given));
        asked += 1;
        match vote.await {
            Ok(_) => kept += 1,
            // It is the member's own story.
            Err(Error::Refused(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    kept
}
