//! The public moderation log.

use actix_web::HttpResponse;

use crate::domain::moderation::LOG_KINDS;
use crate::html;
use crate::html::modlog::LogPage;
use crate::store::{self, modlog::Filter};
use crate::web::list::after;
use crate::web::request::Req;
use crate::web::respond::Answer;

/// `GET /modlog?kind=&by=`
pub async fn show(req: Req) -> HttpResponse {
    req.page(|cx| {
        let query = cx.req.query();
        let (kind, by) = (query.get("kind"), query.get("by"));
        let known = LOG_KINDS.iter().find(|(word, _)| *word == kind);
        let filter = Filter {
            kind: known.map(|(word, _)| *word),
            by: match by {
                "" => None,
                name => Some(store::user::id_of(cx.conn, name)?),
            },
        };
        let after = after(cx)?;
        let lines = store::modlog::page(cx.conn, &filter, after)?;
        let mut frame = cx.frame("Moderation log");
        frame.wide = true;
        frame.noindex = after.is_some() || !by.is_empty();
        let log = LogPage {
            lines: &lines,
            kind: filter.kind.unwrap_or_default(),
            by,
        };
        Ok(Answer::html(html::modlog::show(&frame, &log)))
    })
    .await
}
