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
use crate::time::Timestamp;
use crate::web::request::Req;

/// Parts whose standstill only a new process ends.
const VITAL: [Part; 2] = [Part::Pool, Part::Writer];

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
    let (phase, since) = app.health.phase();
    if phase == Phase::Starting {
        reasons.push("starting");
    }
    for part in Part::EACH {
        let (is_well, check) = part_check(app, app.health.state(part));
        checks.insert(part.word().into(), check);
        if !is_well {
            reasons.push(part.word());
        }
    }
    if !app.has_copy() {
        reasons.push("copy");
        let reason = "this node has no copy of the site yet";
        checks.insert("copy".into(), json!({"status": "fail", "reason": reason}));
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
