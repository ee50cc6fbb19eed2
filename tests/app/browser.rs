//! A small client that keeps its cookie and sends what a browser sends with a form, and what comes back.

use std::net::SocketAddr;

use super::TestApp;

/// A client that keeps its cookies.
#[derive(Clone)]
pub struct Browser {
    base: String,
    pub cookie: Option<String>,
    position: Option<String>,
    agent: ureq::Agent,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Where a redirect leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert!((300..400).contains(&self.status), "no redirect: {self:?}");
        self.header("location").unwrap()
    }

    /// The page, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// The page holds this text.
    #[track_caller]
    pub fn has(self, text: &str) -> Self {
        assert!(
            self.body.contains(text),
            "{text:?} is not in: {}",
            self.body
        );
        self
    }

    /// The page does not hold this text.
    #[track_caller]
    pub fn lacks(self, text: &str) -> Self {
        assert!(!self.body.contains(text), "{text:?} is in: {}", self.body);
        self
    }
}

impl Browser {
    /// A visitor's, at this address.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            base: format!("http://{address}"),
            cookie: None,
            position: None,
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .build()
                .new_agent(),
        }
    }

    /// The same browser at another node of the site.
    pub fn at(&self, site: &TestApp) -> Self {
        self.at_address(site.address)
    }

    /// The same browser at this address.
    pub fn at_address(&self, address: SocketAddr) -> Self {
        Self {
            base: format!("http://{address}"),
            ..self.clone()
        }
    }

    /// GET, redirects not followed.
    pub fn get(&mut self, path: &str) -> Reply {
        self.get_with(path, &[])
    }

    /// GET with more headers.
    pub fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookies) = self.cookies() {
            request = request.header("cookie", cookies);
        }
        let reply = request.call().unwrap();
        self.reply(reply)
    }

    /// HEAD.
    pub fn head(&mut self, path: &str) -> Reply {
        let mut request = self.agent.head(format!("{}{path}", self.base));
        if let Some(cookies) = self.cookies() {
            request = request.header("cookie", cookies);
        }
        let reply = request.call().unwrap();
        self.reply(reply)
    }

    /// Posts a form as a browser does from a page of this site.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let origin = self.base.clone();
        self.post_with(
            path,
            fields,
            &[("sec-fetch-site", "same-origin"), ("origin", &origin)],
        )
    }

    /// Posts a form with exactly these headers (and the cookie).
    pub fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.post_body(path, body.finish().as_bytes(), headers)
    }

    /// Posts a form and asks for JSON, as the script does.
    pub fn post_json(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("accept", "application/json"),
        ];
        self.post_with(path, fields, &headers)
    }

    /// Posts these bytes as a form.
    pub fn post_body(&mut self, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Reply {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookies) = self.cookies() {
            request = request.header("cookie", cookies);
        }
        let reply = request.send(body).unwrap();
        self.reply(reply)
    }

    /// What a browser sends back.
    fn cookies(&self) -> Option<String> {
        let kept: Vec<&str> = [&self.cookie, &self.position]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        (!kept.is_empty()).then(|| kept.join("; "))
    }

    fn reply(&mut self, mut reply: ureq::http::Response<ureq::Body>) -> Reply {
        let headers: Vec<(String, String)> = reply
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        for (_, value) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = value.split(';').next().unwrap_or_default();
            let jar = if pair.contains("position=") {
                &mut self.position
            } else {
                &mut self.cookie
            };
            *jar = if pair.ends_with('=') {
                None
            } else {
                Some(pair.to_owned())
            };
        }
        Reply {
            status: reply.status().as_u16(),
            headers,
            body: reply
                .body_mut()
                .with_config()
                .limit(64 << 20)
                .read_to_string()
                .unwrap_or_default(),
        }
    }
}

/// How deep elements of this name are nested in a page.
#[track_caller]
pub fn nesting(page: &str, name: &str) -> usize {
    let (open, bare, close) = (
        format!("<{name} "),
        format!("<{name}>"),
        format!("</{name}>"),
    );
    let (mut depth, mut most) = (0_usize, 0);
    for tag in page.split_inclusive('>') {
        if tag.contains(&open) || tag.contains(&bare) {
            depth += 1;
            most = most.max(depth);
        }
        if tag.contains(&close) {
            depth -= 1;
        }
    }
    assert_eq!(depth, 0, "<{name}> is not balanced");
    most
}
