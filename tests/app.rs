//! A site to test: the same wiring as `site serve`, on a free port, in a data directory of its own that goes with it.
//!
//! [`Browser`] is a small client that keeps its cookie and sends what a browser sends with a form.

use std::net::SocketAddr;
use std::sync::Arc;

use site::app::App;
use site::config::Config;
use site::server::Site;
use site::time::Clock;

/// A running site; dropping it stops it.
pub struct TestApp {
    pub app: Arc<App>,
    pub address: SocketAddr,
    // After the server's end.
    _data: Option<tempfile::TempDir>,
    handle: actix_web::dev::ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl TestApp {
    /// A new site with limits off.
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// A new site with another configuration.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::new(data.path().join("data"));
        config.listen = "127.0.0.1:0".parse().unwrap();
        config.limits = false;
        config.drain = std::time::Duration::from_secs(1);
        change(&mut config);
        Self::open(config, Clock::System, Some(data))
    }

    fn open(config: Config, clock: Clock, data: Option<tempfile::TempDir>) -> Self {
        let (send, receive) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let site = Site::open(config, clock).unwrap();
                send.send((Arc::clone(&site.app), site.address, site.handle()))
                    .unwrap();
                site.run().await.unwrap();
            });
        });
        let (app, address, handle) = receive.recv().unwrap();
        Self {
            app,
            address,
            _data: data,
            handle,
            thread: Some(thread),
        }
    }

    /// A visitor's browser.
    pub fn browser(&self) -> Browser {
        Browser {
            base: format!("http://{}", self.address),
            cookie: None,
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .build()
                .new_agent(),
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A client with one cookie.
#[derive(Clone)]
pub struct Browser {
    base: String,
    pub cookie: Option<String>,
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
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
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
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let reply = request.send(body.finish()).unwrap();
        self.reply(reply)
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
            self.cookie = if pair.ends_with('=') {
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
