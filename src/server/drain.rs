//! The end of serving: visitors first, then the database.
//!
//! 1. `/readyz` fails and every answer ends its connection, while new connections are still taken: load balancers look
//!    away, and busy clients end by protocol.
//! 2. No new connections, and a moment for those that came last to be answered.
//! 3. Idle connections are closed, running requests finished, until the time is over.
//!
//! Nothing here may outlast `--drain`.

use std::time::Duration;

use actix_server::Server;
use actix_web::rt::time;

use crate::error::Result;
use crate::server::entrance::Entrance;
use crate::web::door::Door;

/// How long new connections are still taken, at most.
const OPEN: Duration = Duration::from_millis(600);
/// How long those that came last have for their request: a round trip around the world.
const LAST: Duration = Duration::from_millis(400);
/// How often it is looked whether a connection is open.
const LOOK: Duration = Duration::from_millis(10);

/// Ends `server` within the `whole` time; where no connection is open, nothing is waited for.
///
/// # Errors
/// When the server fails.
pub(super) async fn drain(
    whole: Duration,
    server: Server,
    entrance: Entrance,
    door: &Door,
) -> Result<()> {
    let handle = server.handle();
    let steps = async {
        wait(OPEN.min(whole / 3), door).await;
        entrance.close(&handle).await;
        wait(LAST.min(whole / 3), door).await;
        door.drain();
        // Its end is awaited below.
        drop(handle.stop(true));
        std::future::pending::<()>().await;
    };
    // The server obeys its handle only while it is polled, so that the steps go on beside it.
    let ended = time::timeout(whole, async {
        tokio::select! {
            ended = server => ended,
            () = steps => Ok(()),
        }
    });
    if let Ok(ended) = ended.await {
        return Ok(ended?);
    }
    tracing::warn!("the time to drain is over: what still runs is broken off");
    Ok(())
}

async fn wait(most: Duration, door: &Door) {
    // The time's end is one of the two ways to go on.
    let _ = time::timeout(most, async {
        while door.connections() > 0 {
            time::sleep(LOOK).await;
        }
    })
    .await;
}
