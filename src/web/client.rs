//! Who asks, as far as addresses tell: the client's address and whether it came by HTTPS.
//!
//! Forwarding headers are believed only from peers in `trusted_proxies`, and then the right-most hop that is not itself
//! trusted counts: everything left of it may be forged. What another node of the site passed on comes with that node's word
//! ([`Carried`]), and then no header counts.

use std::net::{IpAddr, Ipv6Addr};

use actix_http::{Extensions, RequestHead};

use crate::config::{Config, Net};

/// The client behind a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// It came by HTTPS, or from this machine (browsers treat loopback as secure).
    pub secure: bool,
}

/// What the node that a request reached says of it, when it passed it on to this one. An extension of the request, which only
/// the channel between the nodes sets: nothing that a client sends can become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// The client.
    pub client: Client,
    /// Whether it came from another site's page.
    pub cross_site: bool,
}

impl Client {
    /// Reads the client from a request.
    #[must_use]
    pub fn of(head: &RequestHead, extensions: &Extensions, config: &Config) -> Self {
        match extensions.get::<Carried>() {
            Some(carried) => carried.client,
            None => Self::of_head(head, config),
        }
    }

    fn of_head(head: &RequestHead, config: &Config) -> Self {
        let peer = head
            .peer_addr
            .map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| {
                peer.ip().to_canonical()
            });
        let trusted = is_trusted(peer, &config.trusted_proxies);
        let forwarded_https = trusted
            && header(head, "x-forwarded-proto")
                .is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"));
        let https = forwarded_https
            || config
                .base_url
                .as_ref()
                .is_some_and(|url| url.scheme() == "https");
        Self {
            address: if trusted {
                forwarded(head, config).unwrap_or(peer)
            } else {
                peer
            },
            secure: https || is_loopback(head),
        }
    }

    /// What limits count by: the address, an IPv6 one by its /64 (one household has all of that).
    #[must_use]
    pub fn network(&self) -> IpAddr {
        network(self.address)
    }
}

/// What limits count an address by.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
    }
}

pub(super) fn is_trusted(address: IpAddr, proxies: &[Net]) -> bool {
    proxies.iter().any(|net| net.contains(address))
}

/// The right-most untrusted hop of all X-Forwarded-For headers; `None` when a hop is no address.
fn forwarded(head: &RequestHead, config: &Config) -> Option<IpAddr> {
    let lines: Vec<&str> = head
        .headers()
        .get_all("x-forwarded-for")
        .map(|value| value.to_str().unwrap_or("?"))
        .collect();
    let hops: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    let mut last = None;
    for hop in hops.iter().rev() {
        let address = hop.parse::<IpAddr>().ok()?.to_canonical();
        last = Some(address);
        if !is_trusted(address, &config.trusted_proxies) {
            break;
        }
    }
    last
}

fn header<'a>(head: &'a RequestHead, name: &str) -> Option<&'a str> {
    head.headers().get(name)?.to_str().ok()
}

/// The client's own name for the site is this machine.
pub(super) fn is_loopback(head: &RequestHead) -> bool {
    let host = header(head, "host").unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::HttpMessage;
    use actix_web::test::TestRequest;

    fn config() -> Config {
        let mut config = Config::new("x".into());
        config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        config
    }

    #[track_caller]
    fn check(peer: &str, forwarded: &str, expect: &str) {
        let request = TestRequest::default()
            .peer_addr(format!("{peer}:1").parse().unwrap())
            .insert_header(("x-forwarded-for", forwarded))
            .to_http_request();
        assert_eq!(
            Client::of(request.head(), &request.extensions(), &config())
                .address
                .to_string(),
            expect
        );
    }

    #[test]
    fn forwarding_headers_count_only_from_trusted_peers_and_from_the_right() {
        check("192.0.2.1", "1.2.3.4", "192.0.2.1");
        check("10.0.0.1", "1.2.3.4", "1.2.3.4");
        check("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4");
        check("10.0.0.1", "6.6.6.6, junk, 10.9.9.9", "10.0.0.1");
        check("10.0.0.1", "", "10.0.0.1");
    }

    #[test]
    fn an_ipv6_household_counts_as_one() {
        let client = |text: &str| {
            Client {
                address: text.parse().unwrap(),
                secure: false,
            }
            .network()
        };
        assert_eq!(client("2001:db8:1:2:3::4"), client("2001:db8:1:2:ffff::1"));
        assert_ne!(client("2001:db8:1:2::"), client("2001:db8:1:3::"));
    }
}
