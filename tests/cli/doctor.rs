//! `site doctor` as an operator meets it.

use std::os::unix::fs::PermissionsExt;

use super::{Served, bad, data, good, out, run};

#[test]
fn the_doctor_finds_nothing_wrong_with_a_new_site_and_says_what_to_mind() {
    let (_dir, data) = data();
    assert!(good(&run(&data, &["doctor"])).contains("not there yet"));
    let served = Served::start(&data);
    let findings = good(&run(&data, &["doctor", "--json"]));
    let findings: serde_json::Value = serde_json::from_str(&findings).unwrap();
    let of = |about: &str| {
        let all = findings.as_array().unwrap();
        let found = all.iter().find(|finding| finding["about"] == about);
        found
            .unwrap_or_else(|| panic!("{about} in {findings}"))
            .clone()
    };
    for about in ["data directory", "process", "schema", "quick_check", "WAL"] {
        assert_eq!(of(about)["status"], "pass", "{about}");
    }
    assert_eq!(of("administrator")["status"], "warn");
    assert!(
        of("process")["text"]
            .as_str()
            .unwrap()
            .contains(&served.address)
    );
    drop(served);
    let text = good(&run(&data, &["doctor", "--limits", "off"]));
    assert!(text.contains("warn  limits"), "{text}");
}

#[test]
fn the_doctor_tells_of_token_role_and_peers() {
    let (dir, data) = data();
    let file = dir.path().join("token");
    let mode = |mode| {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    std::fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
    mode(0o644);
    let token = ["doctor", "--token-file", file.to_str().unwrap()];
    let text = good(&run(&data, &token));
    assert!(
        text.contains("pass  token          32 characters"),
        "{text}"
    );
    assert!(
        text.contains("warn  token-file") && text.contains("mode 644"),
        "{text}"
    );
    assert!(
        text.contains("the next start makes it the primary"),
        "{text}"
    );
    mode(0o600);
    std::fs::create_dir_all(&data).unwrap();
    let state = |duty: &str| {
        let state = format!(
            r#"{{"node":"{}","duty":"{duty}","epoch":4,"primary":"http://a.example","peers":{{"{}":"http://b.example"}}}}"#,
            "0a".repeat(16),
            "0b".repeat(16)
        );
        std::fs::write(data.join("node.json"), state).unwrap();
    };
    state("primary");
    let text = good(&run(&data, &token));
    assert!(text.contains("pass  token-file"), "{text}");
    assert!(text.contains("primary in epoch 4"), "{text}");
    assert!(
        text.contains("pass  peers          http://b.example"),
        "{text}"
    );
    assert!(!good(&run(&data, &["doctor"])).contains("peers"));
    state("standby");
    let text = good(&run(&data, &token));
    assert!(
        text.contains("standby of http://a.example in epoch 4"),
        "{text}"
    );
    // It would not start.
    let output = run(&data, &["doctor"]);
    bad(&output, 1);
    assert!(out(&output).contains("FAIL  node"), "{}", out(&output));
    std::fs::write(&file, "short").unwrap();
    let output = run(&data, &token);
    bad(&output, 1);
    assert!(out(&output).contains("FAIL  token  "), "{}", out(&output));
}

#[test]
fn a_damaged_database_is_found() {
    let (_dir, data) = data();
    assert_eq!(Served::start(&data).stop(), Some(0));
    let file = data.join("site.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4096 * 3..4096 * 6].fill(0x5A);
    std::fs::write(&file, bytes).unwrap();
    let output = run(&data, &["doctor"]);
    bad(&output, 1);
    assert!(out(&output).contains("FAIL"), "{}", out(&output));
}
