//! Tables of headers, and each coding there and back.

use super::Encoding::{Br, Gzip, Identity, Zstd};
use super::*;

#[track_caller]
fn check(header: &str, weights: [u16; 4]) {
    let accepted = Accepted::parse(Some(header.as_bytes()));
    assert_eq!(
        Encoding::EACH.map(|encoding| accepted.q(encoding)),
        weights,
        "{header:?}"
    );
}

#[test]
fn weights_are_read_as_the_standard_writes_them() {
    // Identity, gzip, br, zstd.
    check("gzip", [1, 1000, 0, 0]);
    check("gzip, deflate", [1, 1000, 0, 0]);
    check("gzip, deflate, br", [1, 1000, 1000, 0]);
    check("gzip, deflate, br, zstd", [1, 1000, 1000, 1000]);
    check("zstd,br,gzip", [1, 1000, 1000, 1000]);
    check("x-gzip", [1, 1000, 0, 0]);
    check("GZip;Q=0.5, BR", [1, 500, 1000, 0]);
    check(" br ; q=0.25 ,\tgzip;q=0.001", [1, 1, 250, 0]);
    check("gzip;q=1.000, br;q=0.999", [1, 1000, 999, 0]);
    check("gzip;q=1., br;q=0.", [1, 1000, 0, 0]);
    check("gzip;q=0", [1, 0, 0, 0]);
    check("identity", [1000, 0, 0, 0]);
    check("identity;q=0", [0, 0, 0, 0]);
    check("gzip, identity;q=0", [0, 1000, 0, 0]);
    check("*", [1000; 4]);
    check("*;q=0", [0; 4]);
    check("*;q=0, identity", [1000, 0, 0, 0]);
    check("gzip;q=0, *", [1000, 0, 1000, 1000]);
    check("br, *;q=0.1", [100, 100, 1000, 100]);
    check("gzip;level=9;q=0.3", [1, 300, 0, 0]);
    check("gzip, gzip;q=0.2", [1, 200, 0, 0]);
}

#[test]
fn nothing_said_is_identity_only() {
    assert_eq!(Accepted::parse(None), Accepted::IDENTITY);
    for header in ["", " ", ",,", ";", "deflate, compress", ";q=1", "gzipp"] {
        check(header, [1000, 0, 0, 0]);
    }
}

#[test]
fn nonsense_counts_as_not_said() {
    check("gzip;q=2, br", [1, 0, 1000, 0]);
    check("gzip;q=1.001, br", [1, 0, 1000, 0]);
    check("gzip;q=-1, br", [1, 0, 1000, 0]);
    check("gzip;q=, br", [1, 0, 1000, 0]);
    check("gzip;q=0.x, br", [1, 0, 1000, 0]);
    check("gzip;q=0.12345678901234567890, br", [1, 123, 1000, 0]);
    check("gzip;q=\"1\", br", [1, 0, 1000, 0]);
    check("\u{fffd}, \0, br", [1, 0, 1000, 0]);
    let long = "gzip;q=0.1,".repeat(1000);
    check(&long, [1, 100, 0, 0]);
    for byte in 0..=u8::MAX {
        let _ = Accepted::parse(Some(&[byte; 9]));
        let _ = names_etag(&[byte; 9], "\"a\"");
    }
}

#[test]
fn several_lines_are_one_list() {
    let lines = [&b"gzip;q=0.5"[..], b"br", b"*;q=0"];
    let accepted = Accepted::parse_lines(lines);
    assert_eq!(accepted, Accepted([0, 500, 1000, 0]));
}

#[test]
fn the_highest_weight_wins_and_then_our_order() {
    let order = [Zstd, Br, Gzip];
    for (header, best) in [
        ("gzip, deflate, br, zstd", Zstd),
        ("gzip, deflate, br", Br),
        ("gzip", Gzip),
        ("gzip;q=1.0, br;q=0.9", Gzip),
        ("gzip;q=0.001", Gzip),
        ("*", Zstd),
        ("zstd;q=0, *", Br),
        ("identity, gzip;q=0.5", Identity),
        ("identity;q=0.5, gzip;q=0.5", Gzip),
        ("deflate", Identity),
        ("*;q=0", Identity),
        ("identity;q=0", Identity),
        ("", Identity),
    ] {
        let accepted = Accepted::parse(Some(header.as_bytes()));
        assert_eq!(accepted.best(&order), best, "{header:?}");
    }
    let all = Accepted::parse(Some(b"*"));
    assert_eq!(all.best(&[Identity, Gzip]), Identity);
    assert_eq!(all.best(&[]), Identity);
    assert!(all.takes(Gzip) && !Accepted::IDENTITY.takes(Gzip));
}

#[test]
fn every_body_comes_back_from_every_coding() {
    let page = "<p>It is the same text, again and again.</p>".repeat(900);
    let noise: Vec<u8> = (0..5000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .collect();
    for body in [&b""[..], b"a", page.as_bytes(), &noise] {
        for encoding in Encoding::EACH {
            for effort in [Effort::Fast, Effort::Good] {
                let encoded = encode(encoding, effort, body);
                let decoded = decode(encoding, &encoded, body.len());
                assert_eq!(decoded.as_deref(), Some(body), "{encoding:?} {effort:?}");
                if body.len() == page.len() && encoding != Identity {
                    assert!(encoded.len() < body.len() / 20);
                }
            }
        }
    }
}

#[test]
fn what_is_broken_or_too_long_is_not_decoded() {
    let body = [b'a'; 10_000];
    for encoding in Encoding::EACH {
        let encoded = encode(encoding, Effort::Fast, &body);
        assert_eq!(decode(encoding, &encoded, 9999), None, "{encoding:?}");
        if encoding != Identity {
            let half = &encoded[..encoded.len() / 2];
            assert_eq!(decode(encoding, half, 10_000), None, "{encoding:?}");
        }
    }
}

#[test]
fn a_tag_is_recognised_in_every_form_that_the_standard_names() {
    for sent in [
        "\"a\"",
        "W/\"a\"",
        "*",
        " * ",
        "\"x\", \"a\"",
        "\"x\",\"a\"",
        ",, \"x\" ,W/\"a\" ,",
        "\"x,y\", \"a\"",
        "nonsense, \"a\"",
        "W/, \"a\"",
        "\"x\" more, \"a\"",
    ] {
        assert!(names_etag(sent.as_bytes(), "\"a\""), "{sent}");
        assert!(names_etag(sent.as_bytes(), "W/\"a\""), "{sent}");
    }
    for sent in [
        "",
        ",",
        "\"\"",
        "\"ab\"",
        "a",
        "\"a",
        "a\"",
        "w/\"a\"",
        "\"x,\"a\"",
        "\"x\", *",
        "**",
        "W/W/\"a\"",
    ] {
        assert!(!names_etag(sent.as_bytes(), "\"a\""), "{sent}");
    }
    assert!(names_etag(b"\"x\", \"a,b\"", "\"a,b\""));
    assert!(names_etag(b"\"\"", "\"\""));
}
