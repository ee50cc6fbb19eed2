//! The route table as the sources have it, so that no route can be forgotten by a test over all of them.

use site::html::feed::Format;

/// Every method and path pattern of `src/web/mod.rs`: `("GET", "/s/{id}/flag")`, …
pub fn table() -> Vec<(&'static str, String)> {
    let source = include_str!("../src/web/mod.rs");
    let table = source.split("pub fn routes").nth(1).unwrap();
    let table = table.split("\n}").next().unwrap();
    let parts: Vec<&str> = table.split('"').collect();
    let mut routes = Vec::new();
    for pair in parts.chunks(2) {
        let [before, path] = pair else { break };
        if !path.starts_with('/') {
            continue;
        }
        let call = before.rsplit_once('(').unwrap().0;
        let word = call
            .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        let one = |method| vec![(method, (*path).to_owned())];
        routes.extend(match word.unwrap() {
            "read" => one("GET"),
            "action" => one("POST"),
            "both" => [one("GET"), one("POST")].concat(),
            "feeds" => Format::EACH
                .iter()
                .map(|format| ("GET", format!("{path}{}", format.ending())))
                .collect(),
            other => panic!("{path} is mounted by {other:?}, which this test does not know"),
        });
    }
    assert!(routes.len() > 100, "the route table was not found");
    routes
}
