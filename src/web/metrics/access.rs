//! Who may read the metrics: this machine itself, the networks that the operator named, and whoever has the token.

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::{Config, Secret};
use crate::web::client::{Client, is_loopback};

pub(super) fn may_read(request: &HttpRequest, config: &Config) -> bool {
    has_token(request, &config.metrics_token) || is_near(request, config)
}

/// `Authorization: Bearer TOKEN` (RFC 6750), where there is a token at all.
fn has_token(request: &HttpRequest, token: &Secret) -> bool {
    let sent = request.headers().get(header::AUTHORIZATION);
    let Some((scheme, sent)) = sent
        .and_then(|sent| sent.to_str().ok())
        .and_then(|sent| sent.split_once(' '))
    else {
        return false;
    };
    token.is_set() && scheme.eq_ignore_ascii_case("bearer") && is_same(sent.trim(), token.reveal())
}

/// Compared as MACs, in constant time, so that the time taken says nothing about how much of it is right.
fn is_same(sent: &str, token: &str) -> bool {
    let mac = |text: &str| {
        let mac = Hmac::<Sha256>::new_from_slice(b"metrics-token");
        mac.expect("a key of any length will do")
            .chain_update(text.as_bytes())
    };
    mac(sent)
        .verify_slice(&mac(token).finalize().into_bytes())
        .is_ok()
}

/// The client is this machine and speaks for nobody else, or is in a network that the operator named. A proxy that does not
/// say whom it speaks for cannot be told from its machine, which the README says.
fn is_near(request: &HttpRequest, config: &Config) -> bool {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else {
        return false;
    };
    let client = Client::of(request.head(), &request.extensions(), config);
    let mut names = request.headers().keys();
    let forwards = names.any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded-") || FORWARDING.contains(&name)
    });
    let itself = peer.is_loopback() && !forwards && is_loopback(request.head());
    // A proxy that is not trusted to name its clients is not one of them.
    let known = !forwards || client.address != peer;
    itself
        || (known
            && config
                .metrics_allow
                .iter()
                .any(|net| net.contains(client.address)))
}

/// What proxies add beside `X-Forwarded-…`.
const FORWARDING: [&str; 4] = ["forwarded", "x-real-ip", "via", "cf-connecting-ip"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_token_is_the_same() {
        assert!(is_same("hush", "hush"));
        for sent in ["", "hus", "hush ", "Hush", "hushhush"] {
            assert!(!is_same(sent, "hush"), "{sent:?}");
        }
    }
}
