//! Nodes that do not belong together: each is told why, and gets nothing.

use super::{Node, Pair, bad, in_sync, token, until};

/// A standby is told this, and has nothing.
#[track_caller]
fn told(standby: &Node, text: &str) {
    until(text, || standby.trouble().contains(text));
    let report = standby.report();
    assert_eq!((report.txid, report.role.as_str()), (0, "standby"));
    standby.browser().get("/newest").expect(503).has("no copy");
}

#[test]
fn a_standby_with_another_token_gets_nothing() {
    let mut pair = Pair::new(&[]);
    let other = token(pair.dir.path(), "other");
    pair.b = Node::following(pair.dir.path(), "b", &pair.a, &["--token-file", &other]);
    pair.a.start();
    pair.b.start();
    told(&pair.b, "token");
    until("the primary says so", || {
        pair.a.log().contains("a node was not let in")
    });
    assert!(pair.a.report().standbys.is_empty());
}

#[test]
fn a_site_without_a_token_takes_no_standbys() {
    let mut pair = Pair::new(&[]);
    pair.a = Node::new(pair.dir.path(), "alone", &[]);
    pair.b = Node::following(
        pair.dir.path(),
        "b",
        &pair.a,
        &["--token-file", &token(pair.dir.path(), "token")],
    );
    pair.a.start();
    pair.b.start();
    told(&pair.b, "takes no standbys");
}

#[test]
fn a_node_that_follows_itself_is_told_so() {
    let mut pair = Pair::new(&[]);
    let mut own = Node::new(pair.dir.path(), "own", &[]);
    let token = token(pair.dir.path(), "token");
    let address = own.address;
    own = Node::new(
        pair.dir.path(),
        "own",
        &[
            "--token-file",
            &token,
            "--follow",
            &format!("http://{address}"),
        ],
    );
    own.address = address;
    own.start();
    told(&own, "this node itself");
    pair.a.start();
}

#[test]
fn a_standby_of_another_site_keeps_what_it_has() {
    let mut pair = Pair::start();
    let token = token(pair.dir.path(), "token");
    let mut other = Node::new(pair.dir.path(), "other", &["--token-file", &token]);
    other.start();
    let before = pair.b.report().txid;
    pair.b.stop();
    let mut moved = Node::following(pair.dir.path(), "b", &other, &["--token-file", &token]);
    moved.start();
    until("it is told", || moved.trouble().contains("different sites"));
    assert_eq!(moved.report().txid, before);
    moved.browser().get("/newest").expect(200);
    assert!(other.report().standbys.is_empty());
}

#[test]
fn a_copied_data_directory_is_no_second_standby() {
    let mut pair = Pair::start();
    pair.b.stop();
    let token = token(pair.dir.path(), "token");
    let mut copy = Node::following(pair.dir.path(), "copy", &pair.a, &["--token-file", &token]);
    copy_all(&pair.b.dir, &copy.dir);
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    copy.start();
    until("it is told", || copy.trouble().contains("same number"));
    let standbys = pair.a.report().standbys;
    assert_eq!(standbys.len(), 1);
    assert_eq!(standbys[0].address, pair.b.url());
}

fn copy_all(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_standbys_directory_is_not_served_without_the_token() {
    let mut pair = Pair::start();
    pair.b.stop();
    let mut alone = Node::new(pair.dir.path(), "b", &[]);
    alone.address = pair.b.address;
    let said = bad(&alone.command().output().unwrap());
    assert!(
        said.contains("is a standby's, of ") && said.contains("--token-file"),
        "{said}"
    );
    assert!(said.contains(&pair.a.url()), "{said}");
}

#[test]
fn a_directory_that_holds_a_site_does_not_become_a_standby() {
    let mut pair = Pair::new(&[]);
    pair.a.start();
    let token = token(pair.dir.path(), "token");
    let mut site = Node::new(pair.dir.path(), "site", &[]);
    site.start();
    site.stop();
    let site = Node::following(pair.dir.path(), "site", &pair.a, &["--token-file", &token]);
    let said = bad(&site.command().output().unwrap());
    assert!(said.contains("holds a site of its own"), "{said}");
    assert!(!site.dir.join("node.json").exists());
}
