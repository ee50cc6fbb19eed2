//! What is cut from a URL: parameters that say how a reader came, not what is read.
//!
//! A parameter goes only when it is known to change nothing on the page: a wrong cut breaks a link. Order and spelling of
//! what stays must never change.

use url::Url;

use super::is_host;

/// Names that begin so are tracking everywhere: Google's campaign parameters, Matomo's, `HubSpot`'s, Oracle's.
const PREFIXES: [&str; 7] = [
    "utm_",
    "mtm_",
    "pk_campaign",
    "pk_kwd",
    "hsa_",
    "oft_",
    "__hs",
];

/// Names that are tracking everywhere. Sources: Firefox's `privacy.query_stripping.strip_list` (strict tracking
/// protection), Mailchimp (`mc_*`), Instagram (`igsh*`), the click ids of advertising networks, Yahoo's `guce*`.
const EVERYWHERE: [&str; 45] = [
    "__s",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "bsft_clkid",
    "bsft_eid",
    "dclid",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "hsctatracking",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "s_cid",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt_mc",
    "yclid",
    "ysclid",
];

/// Names that are tracking on these hosts and below. Source: what the share buttons of these sites add.
const ON_HOSTS: [(&str, &[&str]); 20] = [
    ("youtube.com", &["si", "feature", "pp", "ab_channel", "app"]),
    ("youtu.be", &["si", "feature"]),
    ("spotify.com", &["si", "nd", "context", "dl_branch"]),
    ("twitter.com", &["s", "t", "ref_src", "ref_url", "cxt"]),
    ("x.com", &["s", "t", "ref_src", "ref_url", "cxt"]),
    (
        "reddit.com",
        &["share_id", "rdt", "ref", "ref_source", "ref_campaign"],
    ),
    ("medium.com", &["source"]),
    (
        "substack.com",
        &[
            "r",
            "s",
            "triedredirect",
            "isfreemail",
            "showwelcomeonshare",
        ],
    ),
    (
        "linkedin.com",
        &[
            "trk",
            "trackingid",
            "refid",
            "lipi",
            "rcm",
            "originalsubdomain",
        ],
    ),
    (
        "facebook.com",
        &["mibextid", "__tn__", "__cft__[0]", "rdid", "share_url"],
    ),
    (
        "tiktok.com",
        &["_r", "_t", "is_from_webapp", "sender_device", "is_copy_url"],
    ),
    (
        "nytimes.com",
        &["smid", "smtyp", "partner", "emc", "rref", "referringsource"],
    ),
    ("theguardian.com", &["cmp"]),
    (
        "bbc.com",
        &[
            "ocid",
            "at_medium",
            "at_campaign",
            "at_custom1",
            "at_custom2",
            "ns_mchannel",
            "ns_source",
        ],
    ),
    (
        "bbc.co.uk",
        &[
            "ocid",
            "at_medium",
            "at_campaign",
            "at_custom1",
            "at_custom2",
            "ns_mchannel",
            "ns_source",
        ],
    ),
    ("bloomberg.com", &["sref", "srnd", "cmpid", "leadsource"]),
    ("wikipedia.org", &["wprov"]),
    (
        "amazon.com",
        &[
            "ref", "ref_", "tag", "qid", "sr", "crid", "sprefix", "linkcode", "pd_rd_i", "pd_rd_r",
            "pd_rd_w", "pd_rd_wg", "pf_rd_p", "pf_rd_r",
        ],
    ),
    ("wsj.com", &["mod", "reflink", "st"]),
    ("arstechnica.com", &["comments-page"]),
];

/// Names of referrers: dropped only with one of [`REFERRERS`], since `ref` may well be a branch or a reference.
const REFERRER_NAMES: [&str; 4] = ["ref", "source", "src", "referrer"];

/// Values that name where a reader came from.
const REFERRERS: [&str; 18] = [
    "hn",
    "hackernews",
    "hacker_news",
    "news.ycombinator.com",
    "ycombinator",
    "lobsters",
    "lobste.rs",
    "producthunt",
    "reddit",
    "twitter",
    "facebook",
    "linkedin",
    "newsletter",
    "email",
    "rss",
    "betalist",
    "tldrnewsletter",
    "javascriptweekly",
];

/// Cuts tracking parameters, text fragments and empty ends.
pub(super) fn strip(url: &mut Url) {
    let host = url.host_str().unwrap_or_default().to_owned();
    if let Some(query) = url.query() {
        let kept: Vec<&str> = query
            .split('&')
            .filter(|part| !is_tracking(&host, part))
            .collect();
        let kept = kept.join("&");
        if kept.len() != query.len() || kept.is_empty() {
            url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
        }
    }
    if let Some(fragment) = url.fragment() {
        // Text fragments (https://wicg.github.io/scroll-to-text-fragment/) show what one reader searched for.
        let kept = fragment.split(":~:").next().unwrap_or_default();
        let kept = if kept.starts_with("utm_") || is_addthis(kept) {
            ""
        } else {
            kept
        }
        .to_owned();
        url.set_fragment(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    }
}

fn is_tracking(host: &str, part: &str) -> bool {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    let name = name.to_ascii_lowercase();
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || EVERYWHERE.contains(&name.as_str())
        || ON_HOSTS
            .iter()
            .any(|(known, names)| is_host(host, known) && names.contains(&name.as_str()))
        || (REFERRER_NAMES.contains(&name.as_str())
            && REFERRERS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(value)))
}

/// `AddThis` put `.<id>.<service>` into the fragment of the address that people then copied.
fn is_addthis(fragment: &str) -> bool {
    let mut parts = fragment
        .strip_prefix('.')
        .unwrap_or_default()
        .splitn(2, '.');
    parts.next().is_some_and(|id| {
        id.len() >= 9
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::link::Link;

    #[test]
    fn tracking_goes_and_the_rest_stays() {
        for (input, expected) in [
            (
                "https://e.com/?utm_source=a&b=1&UTM_X=2",
                "https://e.com/?b=1",
            ),
            ("https://e.com/?fbclid=a&gclid=b#", "https://e.com/"),
            ("https://e.com/?", "https://e.com/"),
            ("https://e.com/?b=%20+&a&&c=", "https://e.com/?b=%20+&a&&c="),
            ("https://e.com/?ref=hn", "https://e.com/"),
            ("https://e.com/?ref=main", "https://e.com/?ref=main"),
            (
                "https://www.youtube.com/watch?v=x&si=y&t=3",
                "https://www.youtube.com/watch?v=x&t=3",
            ),
            ("https://youtu.be/x?si=y", "https://youtu.be/x"),
            ("https://e.com/?si=y&s=1&t=2", "https://e.com/?si=y&s=1&t=2"),
            (
                "https://x.com/a/status/1?s=20&t=x",
                "https://x.com/a/status/1",
            ),
            ("https://netflix.com/?s=20", "https://netflix.com/?s=20"),
            (
                "https://medium.com/p?source=x&sk=key",
                "https://medium.com/p?sk=key",
            ),
            ("https://e.com/a#:~:text=b", "https://e.com/a"),
            ("https://e.com/a#part:~:text=b,c", "https://e.com/a#part"),
            ("https://e.com/#utm_source=x", "https://e.com/"),
            ("https://e.com/#.Vw_9Lx7Jz_Y.hackernews", "https://e.com/"),
            ("https://e.com/#/route", "https://e.com/#/route"),
        ] {
            assert_eq!(
                Link::parse(input).map(|link| link.to_string()),
                Ok(expected.to_owned()),
                "{input}"
            );
        }
    }
}
