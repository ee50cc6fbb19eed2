//! How a node and those that it knows are, for people and machines that look after them.

use serde::{Deserialize, Serialize};

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its number.
    pub node: String,
    /// `primary` or `standby`.
    pub role: String,
    /// The epoch of its history.
    pub epoch: u64,
    /// The last transaction in its database.
    pub txid: u64,
    /// What answers wait for: `async`, `wait`, `require`.
    pub mode: String,
    /// Whether another node has everything that was answered, as far as is known here.
    pub in_sync: bool,
    /// Bytes of its log.
    pub log_bytes: u64,
    /// Those who follow it.
    pub standbys: Vec<Standby>,
    /// Whom it follows.
    pub primary: Option<Primary>,
}

/// A standby as its primary sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standby {
    /// Its number.
    pub node: String,
    /// Where it is reached.
    pub address: String,
    /// Its program.
    pub version: String,
    /// The last transaction in its log, on its disk.
    pub received: u64,
    /// The last transaction in its database.
    pub applied: u64,
    /// Transactions that it does not show yet.
    pub behind: u64,
    /// Whether it is counted on.
    pub in_sync: bool,
}

/// The primary as a standby sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Primary {
    /// Where it is reached.
    pub address: String,
    /// Whether there is a connection that it took.
    pub connected: bool,
    /// Milliseconds since its last sign of life; `None` when there was none.
    pub silent_ms: Option<u64>,
    /// Transactions that are not shown here yet.
    pub behind: u64,
    /// By how many milliseconds what is shown here is older than what is shown there.
    pub lag_ms: u64,
    /// Why there is no connection.
    pub trouble: Option<String>,
}
