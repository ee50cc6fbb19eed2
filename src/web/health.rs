//! Health: for load balancers, service managers, Docker and people with curl. Never redirected, never limited.
//!
//! Nothing is asked here: the server probes its parts all the time, and these addresses tell what it found. So they
//! answer at once, also under overload and while a part is stuck.

use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::health::{Part, Phase, State};
use crate::peer::Primary;
use crate::time::Timestamp;
use crate::web::request::Req;

/// Parts whose standstill only a new process ends.
const VITAL: [Part; 2] = [Part::Pool, Part::Writer];

/// Longest that a standby which is connected may be behind.
const MOST_LAG_MS: u64 = 60_000;

/// `GET /up`: the port is bound.
pub async fn up() -> HttpResponse {
    answer(true, &json!({"status": "pass"}))
}

/// `GET /livez`: the process works; when it does not, it should be started anew.
pub async fn live(req: Req) -> HttpResponse {
    let health = &req.app().health;
    let stuck: Vec<&str> = VITAL
        .iter()
        .filter(|part| !health.are_alive(&[**part]))
        .map(|part| part.word())
        .collect();
    if stuck.is_empty() {
        return answer(true, &json!({"status": "pass"}));
    }
    answer(false, &json!({"status": "fail", "reasons": stuck}))
}

/// `GET /readyz`: the site should get requests; when not, which check fails and since when.
pub async fn ready(req: Req) -> HttpResponse {
    let app = req.app();
    let mut checks = Map::new();
    let mut reasons = Vec::new();
    let is_damaged = !app.store.damaged().is_empty();
    let (phase, since) = app.health.phase();
    if phase == Phase::Starting {
        reasons.push("starting");
    }
    for part in Part::EACH {
        let (is_well, check) = match (part, app.health.state(part)) {
            // Which ones is for the operator.
            (Part::Database, State::Passed(_)) if is_damaged => (
                true,
                json!({"status": "warn", "reason": "pages of its file are not what was written there"}),
            ),
            (_, state) => part_check(app, state),
        };
        checks.insert(part.word().into(), check);
        if !is_well {
            reasons.push(part.word());
        }
    }
    if let Some(peer) = app.peer().filter(|peer| peer.is_following()) {
        let report = peer.report().primary;
        let copy = copy_check(peer.has_copy(), is_damaged, report.as_ref());
        if copy["status"] == "fail" {
            reasons.push("copy");
        }
        checks.insert("copy".into(), copy);
        checks.insert("primary".into(), primary_check(report.as_ref()));
    }
    let is_draining = phase == Phase::Draining;
    let drain = if is_draining {
        reasons.push("draining");
        failing(app, since, "it is about to end")
    } else {
        json!({"status": "pass"})
    };
    checks.insert("drain".into(), drain);
    let pass = reasons.is_empty();
    answer(
        pass,
        &json!({
            "status": if pass { "pass" } else { "fail" },
            "checks": checks,
            "reasons": reasons,
            "txid": app.store.stamps().head(),
        }),
    )
}

/// Whether a standby has something to show that is not too old. While the primary cannot be reached, an old page is
/// better than none; while it can, the standby had better catch up first.
fn copy_check(has_copy: bool, is_damaged: bool, primary: Option<&Primary>) -> Value {
    let late = primary.filter(|primary| primary.connected && primary.lag_ms > MOST_LAG_MS);
    let reason = match late {
        _ if !has_copy => "this node has no copy of the site yet".to_owned(),
        _ if is_damaged => "its copy is damaged; it is copied anew".to_owned(),
        Some(late) => format!(
            "it catches up: what it shows is {} s old",
            late.lag_ms / 1000
        ),
        None => return json!({"status": "pass"}),
    };
    json!({"status": "fail", "reason": reason})
}

/// Whether a standby can have changes made. Its pages go on without, so that it stays ready.
fn primary_check(primary: Option<&Primary>) -> Value {
    let Some(primary) = primary.filter(|primary| !primary.connected) else {
        return json!({"status": "pass"});
    };
    let heard = match primary.silent_ms {
        Some(ms) => format!("it was heard {} s ago", ms / 1000),
        None => "it was never heard".into(),
    };
    // What exactly is amiss names addresses: that is for the operator's page.
    let reason = format!("the primary cannot be reached, {heard}");
    json!({"status": "warn", "reason": reason})
}

fn part_check(app: &App, state: State) -> (bool, Value) {
    match state {
        State::Passed(_) => (true, json!({"status": "pass"})),
        State::Failing(since) => (false, failing(app, since, "its probes fail")),
        State::Late(since) => (false, failing(app, since, "its probe does not come back")),
    }
}

fn failing(app: &App, since: Instant, reason: &str) -> Value {
    let ago = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
    let since = Timestamp::from_ms(app.now().ms().saturating_sub(ago));
    json!({"status": "fail", "since": since.rfc3339(), "reason": reason})
}

fn answer(pass: bool, body: &Value) -> HttpResponse {
    let mut response = if pass {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}
