//! A standby that has no copy of the site yet.

use super::{Pair, in_sync, same_page, until};

#[test]
fn a_standby_that_comes_first_says_so_and_gets_its_copy_when_the_primary_comes() {
    let mut pair = Pair::new(&[]);
    pair.b.start();
    let mut visitor = pair.b.browser();
    visitor.get("/up").expect(200);
    until("it has tried", || !pair.b.trouble().is_empty());
    visitor
        .get("/readyz")
        .expect(503)
        .has("\"reasons\":[\"copy\"]")
        .has("this node has no copy of the site yet");
    for path in ["/", "/newest", "/login", "/s/1"] {
        visitor.get(path).expect(503).has("no copy");
    }
    visitor
        .post("/login", &[("name", "ada"), ("password", "x")])
        .expect(503);
    let report = pair.b.report();
    assert_eq!((report.txid, report.role.as_str()), (0, "standby"));
    pair.a.start();
    in_sync(&pair.a, &pair.b);
    until("it is ready", || visitor.get("/readyz").status == 200);
    visitor.get("/").expect(200);
    same_page(&pair.a, &pair.b, "/newest");
    pair.same();
}
