//! Votes as the site's handlers hand them to the store, without HTTP: the primary runs inside of the bench, its standby as a
//! process beside it.

use std::path::Path;
use std::sync::Arc;
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
use crate::votes::{self, CONNECTIONS, STORIES, Sent, THREADS};

/// Measures and prints a line for each way and number of clients.
pub(super) fn measure(seconds: u64) {
    println!("| `app.write`, standby | clients | votes/s |\n|---|---:|---:|");
    for way in Way::EACH {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("primary");
        generate::site(&data, STORIES);
        let inside = Inside::start(&data, way);
        let standby = (way != Way::Alone).then(|| inside.followed(dir.path()));
        let mut sent = [0; CONNECTIONS];
        for clients in CLIENTS {
            let votes = inside.load(clients, seconds, &mut sent);
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
    fn load(&self, clients: usize, seconds: u64, sent: &mut Sent) -> u64 {
        let end = Instant::now() + Duration::from_secs(seconds);
        let members: Vec<_> = (0..clients).collect();
        let share = clients.div_ceil(THREADS);
        let votes: Vec<_> = std::thread::scope(|scope| {
            let shares = members.chunks(share).zip(sent.chunks(share));
            let drive = |(members, from)| {
                scope.spawn(move || on_this_thread(self.members(members, end, from)))
            };
            let threads: Vec<_> = shares.map(drive).collect();
            let votes = threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap());
            votes.collect()
        });
        for (sent, (asked, _)) in sent.iter_mut().zip(&votes) {
            *sent += asked;
        }
        votes.iter().map(|(_, kept)| *kept as u64).sum()
    }

    /// How many votes each asked for, and how many were kept.
    async fn members(&self, share: &[usize], end: Instant, from: &[usize]) -> Vec<(usize, usize)> {
        let begin =
            |(n, from): (&usize, &usize)| spawn_local(member(self.app.clone(), *n, end, *from));
        let members: Vec<_> = share.iter().zip(from).map(begin).collect();
        let mut votes = Vec::new();
        for member in members {
            votes.push(member.await.unwrap());
        }
        votes
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
async fn member(app: Arc<App>, n: usize, end: Instant, from: usize) -> (usize, usize) {
    let user = UserId::new(i64::try_from(STORIES / 20 - n).unwrap());
    let (mut asked, mut kept) = (0, 0);
    while Instant::now() < end {
        let (story, is_given) = votes::story(from + asked);
        let item = ItemId::Story(StoryId::new(generate::story_id(story)));
        let vote = app.vote(move |tx| store::vote::set(tx, user, item, is_given));
        asked += 1;
        match vote.await {
            Ok(_) => kept += 1,
            // It is the member's own story.
            Err(Error::Refused(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    (asked, kept)
}
