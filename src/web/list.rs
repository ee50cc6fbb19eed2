//! Lists of stories.

use actix_web::HttpResponse;

use crate::domain::list::{After, List};
use crate::error::{Error, Result};
use crate::html;
use crate::html::story::ListPage;
use crate::store;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /`
pub async fn hot(req: Req) -> HttpResponse {
    req.page(|cx| show(cx, &List::Hot, "")).await
}

/// `GET /newest`
pub async fn newest(req: Req) -> HttpResponse {
    req.page(|cx| show(cx, &List::Newest, "Newest")).await
}

fn show(cx: &Cx, list: &List, heading: &str) -> Result<Answer> {
    let viewer = cx.viewer.as_ref().map(|viewer| viewer.id);
    let page = store::list::page(cx.conn, list, viewer, after(cx)?)?;
    let path = html::story::list_path(list);
    let mut frame = cx.frame(heading);
    frame.feed = Some(if path == "/" {
        "/hot".into()
    } else {
        path.clone()
    });
    let list = ListPage {
        heading,
        lead: maud::html! {},
        page: &page,
        start: Some(1),
        path,
        empty: (
            "Nothing here yet",
            "No story has been posted. Somebody has to be first.",
        ),
    };
    Ok(Answer::html(html::story::list(&frame, &list)))
}

/// Where the page begins: `?after=…`.
///
/// # Errors
/// [`Error::BadRequest`] for a place that is none.
pub fn after(cx: &Cx) -> Result<Option<After>> {
    match cx.req.query().get("after") {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|()| Error::BadRequest("This is no place in a list.")),
    }
}
