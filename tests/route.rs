//! The route table as the sources have it, so that no route can be forgotten by a test over all of them.

use site::html::feed::Format;

use crate::tidy::files;

/// The bodies of the functions that mount routes, of whatever file below `src/web` there is one in.
pub fn tables() -> String {
    let mut tables = String::new();
    for text in files("src/web", "rs").into_values() {
        if let Some((_, table)) = text.split_once("(table: &mut Table<'_>) {") {
            tables += table.split("\n}").next().unwrap();
        }
    }
    tables
}

/// Every method and path pattern of the route tables: `("GET", "/s/{id}/flag")`, …
pub fn table() -> Vec<(&'static str, String)> {
    let table = tables();
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
