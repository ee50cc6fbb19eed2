//! A cast for tests over all routes and roles: one of each role, and an author with something of every kind.

use site::domain::id::{CommentId, StoryId, UserId};
use site::domain::link::Link;
use site::domain::password;
use site::domain::resource::Draft;
use site::domain::story::Title;
use site::domain::user::{Role, UserName};
use site::store;
use site::store::comment::NewComment;
use site::store::story::NewStory;
use site::store::user::NewUser;
use site::time::Timestamp;
use site::web::cookie;

use crate::app::{Browser, PASSWORD, TestApp};

/// Who plays, in the order of every table.
pub const ACTORS: [&str; 7] = [
    "visitor",
    "waiting",
    "author",
    "other",
    "banned",
    "moderator",
    "admin",
];

/// How a script of the site posts JSON.
pub const JSON: [(&str, &str); 2] = [
    ("content-type", "application/json"),
    ("sec-fetch-site", "same-origin"),
];

/// Seven people of whom nobody else knows, and what the author made.
pub struct Cast {
    /// What makes their names unique.
    pub number: usize,
    ids: Vec<UserId>,
    cookies: Vec<String>,
    pub story: StoryId,
    pub comment: CommentId,
    session: i64,
    invite: i64,
    resource: i64,
}

impl Cast {
    /// New casts with these numbers, in one transaction; `hash` is that of [`PASSWORD`].
    pub fn several(site: &TestApp, numbers: std::ops::Range<usize>, hash: &str) -> Vec<Self> {
        let hash = hash.to_owned();
        site.write(move |tx| {
            numbers
                .map(|number| Self::make(tx, number, &hash))
                .collect()
        })
    }

    fn make(tx: &store::Tx, number: usize, password: &str) -> site::error::Result<Self> {
        let (mut ids, mut cookies) = (Vec::new(), Vec::new());
        for actor in ACTORS {
            let id = store::user::create(tx, &person(actor, number, password, tx.now()))?;
            let token = cookie::new_token();
            store::session::open(tx, id, &cookie::hash(&token), "192.0.2.1", "test")?;
            let line = cookie::set(&token, true);
            ids.push(id);
            cookies.push(line.split(';').next().unwrap().to_owned());
        }
        tx.execute(
            "update user set banned_until_ms = ?2, ban_reason = 'Noise.' where id = ?1",
            [ids[4].raw(), i64::MAX],
        )?;
        let author = ids[2];
        let story = NewStory {
            author,
            title: Title::parse(&format!("Story number {number}")).unwrap(),
            url: Some(Link::parse(&format!("https://example.org/{number}")).unwrap()),
            text: "A text of its own".into(),
            tags: vec![store::tag::find(tx, "javascript")?.id],
            created: tx.now(),
        };
        let story = store::story::create(tx, &story)?;
        let comment = NewComment {
            author,
            story,
            parent: None,
            text: "A comment of its own".into(),
            created: tx.now(),
        };
        let comment = store::comment::create(tx, &comment)?;
        let token = cookie::hash(&format!("invite {number}"));
        let invite = store::invite::create(tx, author, "For a friend", &token)?.raw();
        let resource = resource(tx, author, number)?;
        let session = tx.query_row(
            "select id from session where user_id = ?1",
            [author.raw()],
            |row| row.get(0),
        )?;
        Ok(Self {
            number,
            ids,
            cookies,
            story,
            comment,
            session,
            invite,
            resource,
        })
    }

    /// The browser of one of [`ACTORS`].
    pub fn browser(&self, site: &TestApp, actor: &str) -> Browser {
        let mut browser = site.browser();
        let place = ACTORS.iter().position(|known| *known == actor).unwrap();
        browser.cookie = (actor != "visitor").then(|| self.cookies[place].clone());
        browser
    }

    /// A route's pattern with the author's things in it.
    pub fn path(&self, route: &str) -> String {
        let item = if route.contains("/resources/") {
            self.resource
        } else if route.contains("/c/") {
            self.comment.raw()
        } else if route.contains("/sessions/") {
            self.session
        } else if route.contains("/invites/") {
            self.invite
        } else {
            self.story.raw()
        };
        let slug = format!("story-number-{}", self.number);
        let mut path = route.replace("{id:[0-9]+}", "{id}");
        for (hole, value) in [
            ("{id}", item.to_string()),
            ("{slug}", slug),
            ("{lesson}", "give-it-a-name".into()),
            ("{span}", "all".into()),
            ("{tags}", "javascript".into()),
            ("{tag}", "pdf".into()),
            ("{domain}", "example.org".into()),
            ("{part}", "lists".into()),
            ("{token}", "ab".repeat(32)),
        ] {
            path = path.replace(hole, &value);
        }
        let name = match route {
            "/assets/{name}" => "app.css".into(),
            "/learn/data/{name}.json" => "give-it-a-name".into(),
            "/learn/runner{name}.html" => "-0".into(),
            _ => name("author", self.number),
        };
        let path = path.replace("{name}", &name);
        assert!(!path.contains('{'), "{path}: this hole is not known");
        path
    }

    /// What is posted to a route, with which those who may do it succeed.
    pub fn fields(&self, route: &str) -> Vec<(&'static str, String)> {
        let n = self.number;
        let author = name("author", n);
        let url = format!("https://example.net/{n}");
        let fields: &[(&'static str, &str)] = match route {
            "/submit" => &[("title", "Something new"), ("url", &url), ("tags", "css")],
            "/submit/title" => &[("url", "ftp://nowhere")],
            "/login" => &[("name", &author), ("password", PASSWORD)],
            "/signup" => &[("name", &format!("new-{n}")), ("password", PASSWORD)],
            "/settings" => &[("about", "Changed")],
            "/settings/look" => &[("theme", "dark")],
            "/settings/email" => &[("email", "new@example.org"), ("password", PASSWORD)],
            "/reset/{token}" | "/settings/delete" => &[("password", PASSWORD)],
            "/settings/password" => &[("old", PASSWORD), ("new", "another lamp on a landing")],
            "/settings/invites" => &[("memo", "For somebody")],
            "/s/{id}/flag" | "/c/{id}/flag" => &[("reason", "spam")],
            "/s/{id}/comments" | "/learn/{lesson}/talk" | "/learn/{lesson}/report" => {
                &[("text", "Something new")]
            }
            "/s/{id}/edit" | "/mod/s/{id}/edit" => &[
                ("title", "Changed by somebody"),
                ("text", "Changed"),
                ("tags", "css"),
            ],
            "/c/{id}/edit" => &[("text", "Changed by somebody")],
            "/mod/s/{id}" | "/mod/c/{id}" | "/mod/resources/{id}" => {
                &[("do", "remove"), ("reason", "Because.")]
            }
            "/resources/suggest" => &[
                ("title", &format!("Tool {n}")),
                ("url", &format!("https://new{n}.example/")),
                ("about", "One sentence that says enough."),
                ("level", "beginner"),
                ("format", "tool"),
                ("cost", "free"),
                ("lang", "en"),
            ],
            "/mod/lessons" => &[("report", "1")],
            "/mod/u/{name}" => &[("do", "ban"), ("reason", "Because."), ("good", "1")],
            "/mod/domains" => &[
                ("do", "ban"),
                ("domain", &format!("spam{n}.example")),
                ("reason", "Because."),
                ("good", "1"),
            ],
            "/mod/approve" => &[("do", "approve"), ("user", &self.ids[1].to_string())],
            "/admin" => &[
                ("name", "Changed"),
                ("signup", "open"),
                ("accent", "plum"),
                ("lang", "en"),
                ("guidelines", "Be kind."),
            ],
            "/admin/tags" => &[
                ("tag", &format!("topic{n}")),
                ("category", "Craft"),
                ("description", "Something new"),
                ("hotness", "0"),
            ],
            "/admin/tags/{tag}" => &[
                ("tag", "pdf"),
                ("category", "Craft"),
                ("description", &format!("Changed {n}")),
                ("hotness", "0"),
            ],
            "/admin/tags/{tag}/retire" => &[("retired", "1")],
            "/admin/members/{name}/role" => &[("role", "moderator")],
            _ => &[],
        };
        let fields = fields
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()));
        fields.collect()
    }

    /// What a script posts to a route, where no form is posted.
    pub fn json(route: &str) -> Option<&'static [u8]> {
        match route {
            "/learn/progress" => {
                Some(br#"{"v":1,"lessons":{"give-it-a-name":{"passed":1,"tries":1,"at":1}}}"#)
            }
            "/learn/progress/tally" => {
                Some(br#"{"v":1,"lessons":{"give-it-a-name":{"version":"0","told":["tried"]}}}"#)
            }
            _ => None,
        }
    }

    /// What nobody but the author (or a moderator, on a moderator's page) may change; scores and counts left out.
    pub fn authors_own(&self, site: &TestApp) -> String {
        self.told(
            site,
            2,
            "select json_array(u.name, u.email, u.password, u.role, u.state, u.about, u.theme, u.keys, u.banned_until_ms,
               (select json_group_array(id) from session where user_id = u.id),
               (select json_group_array(id) from invite where user_id = u.id),
               (select json_group_array(json_array(id, title, url, text, state, locked, pinned_ms,
                  (select json_group_array(tag_id) from story_tag where story_id = story.id)))
                from story where user_id = u.id),
               (select json_group_array(json_array(id, text, state)) from comment where user_id = u.id))
             from user u where u.id = ?1",
        )
    }

    /// What nobody can change of themselves.
    pub fn standing(&self, site: &TestApp, actor: &str) -> String {
        let place = ACTORS.iter().position(|known| *known == actor).unwrap();
        self.told(
            site,
            place,
            "select iif(state = 'deleted', 'left', json_array(role, karma, state, banned_until_ms)) from user where id = ?1",
        )
    }

    fn told(&self, site: &TestApp, place: usize, sql: &str) -> String {
        let id = self.ids[place].raw();
        let read = |conn: &store::Conn| Ok(conn.query_row(sql, [id], |row| row.get(0))?);
        site.app.store.read(read).unwrap()
    }
}

/// What the author suggested, as if a moderator had taken it.
fn resource(tx: &store::Tx, author: UserId, number: usize) -> site::error::Result<i64> {
    let draft = Draft {
        title: format!("Resource number {number}"),
        url: format!("https://resource{number}.example/"),
        about: "One sentence that says enough.".into(),
        level: "beginner".into(),
        format: "tool".into(),
        cost: "free".into(),
        lang: "en".into(),
    };
    let id = store::resource::suggest(tx, author, &draft.check().unwrap())?.raw();
    tx.execute("update resource set state = 'shown' where id = ?1", [id])?;
    Ok(id)
}

fn person(actor: &str, number: usize, password: &str, created: Timestamp) -> NewUser {
    let role = match actor {
        "moderator" => Role::Moderator,
        "admin" => Role::Admin,
        _ => Role::Member,
    };
    NewUser {
        name: UserName::from_stored(name(actor, number)),
        email: None,
        password: Some(password.to_owned()),
        role,
        waiting: actor == "waiting",
        request: None,
        invited_by: None,
        created,
    }
}

fn name(actor: &str, number: usize) -> String {
    format!("{actor}-{number}")
}

/// The hash of [`PASSWORD`].
pub fn password_hash() -> String {
    password::hash(PASSWORD, &store::secret::salt("test", None)).unwrap()
}

/// The transaction that changed something last.
pub fn txid(site: &TestApp) -> i64 {
    site.number("select txid from position")
}
