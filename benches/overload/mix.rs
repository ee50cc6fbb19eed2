//! Which requests a load consists of: drawn by fixed shares, always the same ones in the same order.

use std::net::SocketAddr;

use super::sample::Class;
use crate::cache::http::Client;
use crate::cache::mix::stories;
use crate::generate::Random;
use crate::votes;

/// Shares of classes.
pub type Shares = [(Class, f64)];

/// What an ordinary day brings, but for pages that are in memory: those cost next to nothing and would hide the others.
pub const DAY: &Shares = &[
    (Class::Page, 0.94),
    (Class::Kept, 0.01),
    (Class::Member, 0.02),
    (Class::SignIn, 0.02),
    (Class::Vote, 0.01),
];

/// Reading only.
pub const READING: &Shares = &[(Class::Page, 1.0)];

/// One page in so many is a list, the others are stories.
const LIST_EVERY: u64 = 8;

/// The page that is in memory: votes do not change it.
const KEPT: &str = "/about";

/// What there is to ask a site for.
#[derive(Clone)]
pub struct Content {
    address: SocketAddr,
    /// Paths of all stories, spread over their time.
    stories: Vec<String>,
    /// Paths of lists that begin anywhere.
    lists: Vec<String>,
    cookies: Vec<String>,
}

impl Content {
    /// Asks a site what it has; `cookies` are its members'.
    pub fn read(address: SocketAddr, cookies: Vec<String>) -> Self {
        let mut client = Client::connect(address);
        let stories = stories(&mut client);
        assert_eq!(stories.len(), votes::STORIES, "stories in the sitemap");
        let lists = lists(&mut client);
        assert!(lists.len() > 100, "{} lists", lists.len());
        Self {
            address,
            stories,
            lists,
            cookies,
        }
    }
}

/// The pages of the list of newest stories, as one gets to them from its first.
fn lists(client: &mut Client) -> Vec<String> {
    let mut found = Vec::new();
    let mut path = "/newest".to_owned();
    while found.len() < 300 {
        let page = client.get(&path, &["accept-encoding: identity".to_owned()]);
        let text = String::from_utf8(page.body).unwrap();
        let next = text.split("href=\"").skip(1).find_map(|rest| {
            let href = rest.split('"').next()?;
            href.starts_with("/newest?after=")
                .then(|| href.replace("&amp;", "&"))
        });
        found.push(path);
        match next {
            Some(next) => path = next,
            None => break,
        }
    }
    found
}

/// Draws requests.
pub struct Mix {
    content: Content,
    shares: Vec<(Class, f64)>,
    random: Random,
    story: usize,
}

impl Mix {
    /// The same `seed` draws the same.
    pub fn new(content: &Content, shares: &Shares, seed: u64) -> Self {
        Self {
            content: content.clone(),
            shares: shares.to_vec(),
            random: Random(seed),
            story: 0,
        }
    }

    /// A number from 0 to 1, never 0.
    pub fn unit(&mut self) -> f64 {
        let bits = u32::try_from(self.random.next() >> 32).unwrap();
        (f64::from(bits) + 1.0) / (f64::from(u32::MAX) + 1.0)
    }

    /// The next request, as it is sent.
    pub fn draw(&mut self) -> (Class, Vec<u8>) {
        let class = self.class();
        let member = self.random.below(self.content.cookies.len());
        let cookie = format!("cookie: {}\r\n", self.content.cookies[member]);
        let request = match class {
            Class::Page => self.page(""),
            Class::Member => self.page(&cookie),
            Class::Kept => self.get(KEPT, ""),
            Class::SignIn => {
                let form = format!("name=member{}&password=not+the+one", member + 1);
                self.post("/login", "", &form)
            }
            Class::Vote => {
                let story = self.story();
                let path = format!("/s/{}/vote", story.split('/').nth(2).unwrap());
                self.post(&path, &cookie, "back=%2F")
            }
        };
        (class, request.into_bytes())
    }

    fn class(&mut self) -> Class {
        let total: f64 = self.shares.iter().map(|(_, share)| share).sum();
        let mut point = self.unit() * total;
        for (class, share) in &self.shares {
            point -= share;
            if point <= 0.0 {
                return *class;
            }
        }
        self.shares[0].0
    }

    fn page(&mut self, cookie: &str) -> String {
        let path = if self.random.next().is_multiple_of(LIST_EVERY) {
            let list = self.random.below(self.content.lists.len());
            self.content.lists[list].clone()
        } else {
            self.story().to_owned()
        };
        self.get(&path, cookie)
    }

    /// Each story once before any comes again, far apart: the step is a prime that divides no count in use.
    fn story(&mut self) -> &str {
        self.story = (self.story + 7_919) % self.content.stories.len();
        &self.content.stories[self.story]
    }

    fn get(&self, path: &str, cookie: &str) -> String {
        let host = self.content.address;
        format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{cookie}accept-encoding: gzip\r\n\r\n")
    }

    fn post(&self, path: &str, cookie: &str, form: &str) -> String {
        let (host, length) = (self.content.address, form.len());
        format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nsec-fetch-site: same-origin\r\n\
             {cookie}accept-encoding: gzip\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {length}\r\n\r\n{form}"
        )
    }
}
