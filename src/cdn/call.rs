//! One call of Cloudflare's API, and what its answer means for us.

use std::fmt::Write;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use ureq::Agent;
use ureq::http::StatusCode;
use ureq::http::header::RETRY_AFTER;

use crate::cdn::tag;
use crate::cdn::waiting::Batch;
use crate::config::CdnConfig;
use crate::config::secret::Secret;

/// Longest answer that is read, in bytes.
const MOST_BYTES: u64 = 64 * 1024;

/// The API for one zone.
pub(super) struct Api {
    agent: Agent,
    url: String,
    token: Secret,
}

/// What became of a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is purged.
    Done,
    /// Too many calls; again after this time, if the API says so.
    TooMany(Option<Duration>),
    /// Nobody there, or something broken: again soon. In words for the operator.
    Failed(String),
    /// Never like this: wrong token, unknown zone. In words for the operator.
    Refused(String),
}

impl Api {
    pub(super) fn new(config: &CdnConfig, timeout: Duration) -> Self {
        let agent = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            .build();
        Self {
            agent: agent.new_agent(),
            url: format!("{}/zones/{}/purge_cache", config.api, config.zone),
            token: config.token.clone(),
        }
    }

    /// Purges. Blocks until the answer is there or the timeout is over.
    pub(super) fn purge(&self, batch: &Batch) -> Outcome {
        let body = match batch {
            Batch::Everything => json!({"purge_everything": true}),
            Batch::Groups(groups) => {
                let tags: Vec<String> = groups.iter().map(|group| tag(*group)).collect();
                json!({ "tags": tags })
            }
        };
        let request = self
            .agent
            .post(&self.url)
            .header("authorization", format!("Bearer {}", self.token.reveal()))
            .header("content-type", "application/json");
        let mut response = match request.send(body.to_string()) {
            Ok(response) => response,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let status = response.status();
        let body = response.body_mut().with_config().limit(MOST_BYTES);
        match body.read_to_string() {
            Ok(text) => judge(status, retry_after, &text),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }
}

/// The envelope that all answers of the API have.
#[derive(Deserialize)]
struct Reply {
    success: bool,
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    code: i64,
    message: String,
}

fn judge(status: StatusCode, retry_after: Option<Duration>, text: &str) -> Outcome {
    let reply: Option<Reply> = serde_json::from_str(text).ok();
    if status.is_success() && reply.as_ref().is_some_and(|reply| reply.success) {
        return Outcome::Done;
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Outcome::TooMany(retry_after);
    }
    let problems = reply.map_or_else(Vec::new, |reply| reply.errors);
    let mut told = status.to_string();
    for Problem { code, message } in problems {
        // What stands in an answer is not ours: short, and without what could forge a line of the log.
        let message: String = message.chars().filter(|c| !c.is_control()).collect();
        let message: String = message.chars().take(200).collect();
        // Writing to a String cannot fail.
        let _ = write!(told, "; {message} ({code})");
    }
    if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
        Outcome::Failed(told)
    } else {
        Outcome::Refused(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_judged_by_status_and_envelope() {
        let wait = Some(Duration::from_secs(7));
        let good = r#"{"success":true,"errors":[],"messages":[],"result":{"id":"x"}}"#;
        let bad = r#"{"success":false,"errors":[{"code":10000,"message":"Authentication\nerror"}],"result":null}"#;
        let refused = |text: &str| Outcome::Refused(text.into());
        for (status, text, outcome) in [
            (200, good, Outcome::Done),
            (200, bad, refused("200 OK; Authenticationerror (10000)")),
            (200, "<p>hello", refused("200 OK")),
            (
                403,
                bad,
                refused("403 Forbidden; Authenticationerror (10000)"),
            ),
            (302, "", refused("302 Found")),
            (429, bad, Outcome::TooMany(wait)),
            (
                500,
                "oops",
                Outcome::Failed("500 Internal Server Error".into()),
            ),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(judge(status, wait, text), outcome, "{status} {text}");
        }
    }
}
