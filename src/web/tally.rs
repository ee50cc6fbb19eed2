//! What learners' browsers tell for the sums of lessons: from anybody, signed in or not, and never looked at with a session.

use actix_web::http::header::{CACHE_CONTROL, HeaderMap};
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::tally;
use crate::error::{Error, Result};
use crate::web::form::Body;
use crate::web::learn;
use crate::web::limit::Action;
use crate::web::request::Req;

/// `POST /learn/progress/tally`, JSON: adds to the sums; 204, also for who does not want to be counted.
pub async fn add(req: Req, request: HttpRequest, body: Body) -> HttpResponse {
    let req = req.as_json();
    match counted(&req, request.headers(), body).await {
        Ok(()) => HttpResponse::NoContent()
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish(),
        Err(error) => req.fail(error).await,
    }
}

async fn counted(req: &Req, headers: &HeaderMap, body: Body) -> Result<()> {
    req.same_site()?;
    req.limit(Action::Tally)?;
    let tallies = req.app().tallies.as_ref().ok_or(Error::NotFound)?;
    learn::is_offered(req).await?;
    let json = body.json()?;
    if json.len() > tally::MOST_BYTES {
        return Err(Error::TooLarge(tally::MOST_BYTES));
    }
    let told = tally::parse(&json).map_err(Error::BadRequest)?;
    if !declines(headers) {
        tallies.count(&told);
    }
    Ok(())
}

/// Whether the browser says that nobody is to keep anything of what it does. Our script asks it before it sends anything.
fn declines(headers: &HeaderMap) -> bool {
    let says = |name| headers.get(name).is_some_and(|value| value == "1");
    says("dnt") || says("sec-gpc")
}
