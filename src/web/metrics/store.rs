//! The database: its writer, its files, its reading connections.

use crate::metric::{Kind, Page};
use crate::store::Store;

pub(super) fn write(page: &mut Page, store: &Store) {
    page.single(
        "site_transactions_total",
        Kind::Counter,
        "Write transactions since the database was made.",
        store.stamps().head(),
    );
    writer(page, store);
    files(page, store);
}

fn writer(page: &mut Page, store: &Store) {
    const WAIT: &str = "site_writer_wait_seconds";
    const BATCH: &str = "site_writer_batch";
    const COMMIT: &str = "site_writer_commit_seconds";
    let writer = store.writer();
    page.single(
        "site_writer_queued",
        Kind::Gauge,
        "Changes that wait for the writer.",
        writer.queued(),
    );
    page.single(
        "site_writer_refused_total",
        Kind::Counter,
        "Changes refused, since they would have waited too long.",
        writer.refused(),
    );
    page.family(
        WAIT,
        Kind::Histogram,
        "Time that changes waited for the writer.",
    );
    page.seconds(WAIT, &[], &writer.waits.counts());
    page.family(BATCH, Kind::Histogram, "Changes of one commit.");
    page.numbers(BATCH, &writer.batches.counts());
    page.family(
        COMMIT,
        Kind::Histogram,
        "Time of a commit until it is on disk.",
    );
    page.seconds(COMMIT, &[], &writer.commits.counts());
}

fn files(page: &mut Page, store: &Store) {
    const READERS: &str = "site_reader_connections";
    let (database, wal) = store.bytes();
    page.single(
        "site_database_bytes",
        Kind::Gauge,
        "Size of the database file.",
        database,
    );
    page.single(
        "site_wal_bytes",
        Kind::Gauge,
        "Size of the write-ahead log.",
        wal,
    );
    page.single(
        "site_database_damaged_pages",
        Kind::Gauge,
        "Pages of the database file that are not what was written there.",
        store.damaged().len(),
    );
    let (all, idle) = store.readers();
    page.family(
        READERS,
        Kind::Gauge,
        "Reading connections, by what they do.",
    );
    page.sample(READERS, &[("state", "idle")], idle);
    page.sample(READERS, &[("state", "used")], all.saturating_sub(idle));
}
