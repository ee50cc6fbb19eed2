//! Health: for load balancers, Docker and people with curl. Never redirected, never limited.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::json;

use crate::store;
use crate::web::request::Req;

/// `GET /up`, `GET /livez`: the process answers.
pub async fn up() -> HttpResponse {
    answer(true, &json!({"status": "pass"}))
}

/// `GET /readyz`: the process can read its database.
pub async fn ready(req: Req) -> HttpResponse {
    match req.app().read(store::setting::snapshot_txid).await {
        Ok(txid) => answer(true, &json!({"status": "pass", "txid": txid})),
        Err(error) => {
            tracing::warn!(detail = error.detail(), "not ready");
            answer(
                false,
                &json!({"status": "fail", "reason": "the database cannot be read"}),
            )
        }
    }
}

fn answer(pass: bool, body: &serde_json::Value) -> HttpResponse {
    let mut response = if pass {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}
