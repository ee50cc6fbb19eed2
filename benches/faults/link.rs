//! The hosts' network: a namespace each, joined by one link on which faults happen, and each reached by the bench over a
//! link of its own. Addresses are of the range for benchmarks (RFC 2544). Dropping it takes all of it away.

use std::process::Command;

/// Addresses on the link between the hosts.
const PEERS: [&str; 2] = ["198.18.2.1", "198.18.2.2"];
/// Where the bench reaches the hosts, and from where.
const DOORS: [(&str, &str); 2] = [("198.18.0.2", "198.18.0.1"), ("198.18.1.2", "198.18.1.1")];

/// The network of two hosts.
pub struct Link {
    tag: u32,
}

impl Link {
    /// Makes it.
    pub fn new() -> Self {
        let link = Self {
            tag: std::process::id() % 100_000,
        };
        for (number, (inner, outer)) in DOORS.into_iter().enumerate() {
            ip(&format!("netns add {}", link.space(number)));
            let (near, far) = (link.door(number), link.space(number));
            ip(&format!(
                "link add {near} type veth peer name door netns {far}"
            ));
            ip(&format!("addr add {outer}/30 dev {near}"));
            ip(&format!("link set {near} up"));
            link.inside(number, &format!("ip addr add {inner}/30 dev door"));
            link.inside(number, "ip link set door up");
            link.inside(number, "ip link set lo up");
        }
        let (one, other) = (link.space(0), link.space(1));
        ip(&format!(
            "link add peer netns {one} type veth peer name peer netns {other}"
        ));
        for (number, address) in PEERS.iter().enumerate() {
            link.inside(number, &format!("ip addr add {address}/30 dev peer"));
            link.inside(number, "ip link set peer up");
        }
        link
    }

    /// The namespace of a host.
    pub fn space(&self, number: usize) -> String {
        format!("site-{}-{number}", self.tag)
    }

    fn door(&self, number: usize) -> String {
        format!("site{}d{number}", self.tag)
    }

    /// Where the bench reaches a host.
    pub fn address(number: usize) -> &'static str {
        DOORS[number].0
    }

    /// Where the other host reaches it.
    pub fn peer(number: usize) -> &'static str {
        PEERS[number]
    }

    /// Runs a command on a host; what it said.
    pub fn inside(&self, number: usize, command: &str) -> String {
        ip(&format!("netns exec {} {command}", self.space(number)))
    }

    /// Cuts the link for both.
    pub fn cut(&self) {
        self.inside(0, "ip link set peer down");
    }

    /// What a host sends to the other does not arrive any more: it goes to a station that does not exist.
    pub fn deafen(&self, from: usize) {
        let to = PEERS[1 - from];
        self.inside(
            from,
            &format!("ip neigh replace {to} lladdr 02:00:00:00:00:99 dev peer nud permanent"),
        );
    }

    /// So many kilobits a second, with a queue of so many milliseconds.
    pub fn slow(&self, kilobits: usize, queue: usize) {
        for number in 0..2 {
            let rule = format!(
                "tc qdisc replace dev peer root tbf rate {kilobits}kbit burst 16kb latency {queue}ms"
            );
            self.inside(number, &rule);
        }
    }

    /// How many packets have had to wait for the slow link, or were dropped there.
    pub fn waited(&self) -> u64 {
        let told = (0..2).map(|number| self.inside(number, "tc -s qdisc show dev peer"));
        told.map(|told| {
            let mut words = told
                .split([' ', ',', ')'])
                .skip_while(|word| *word != "overlimits");
            words
                .nth(1)
                .and_then(|count| count.parse::<u64>().ok())
                .unwrap_or(0)
        })
        .sum()
    }

    /// All is well again.
    pub fn heal(&self) {
        for number in 0..2 {
            let to = PEERS[1 - number];
            let quiet = |command: &str| {
                let space = self.space(number);
                let words = command.split(' ');
                // There may be nothing to take away.
                let _ = Command::new("ip")
                    .args(["netns", "exec", &space])
                    .args(words)
                    .output();
            };
            quiet("tc qdisc del dev peer root");
            quiet(&format!("ip neigh del {to} dev peer"));
            self.inside(number, "ip link set peer up");
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        for number in 0..2 {
            let _ = Command::new("ip")
                .args(["link", "del", &self.door(number)])
                .output();
            let _ = Command::new("ip")
                .args(["netns", "del", &self.space(number)])
                .output();
        }
    }
}

fn ip(words: &str) -> String {
    let output = Command::new("ip").args(words.split(' ')).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {words}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
