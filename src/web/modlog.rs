//! The public moderation log.

use actix_web::HttpResponse;

use crate::domain::moderation::LOG_KINDS;
use crate::error::Result;
use crate::html::feed::{Entry, Feed, Format};
use crate::html::modlog::LogPage;
use crate::html::{self, path};
use crate::store::{self, modlog::Filter, stamp};
use crate::web::list::after;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /modlog?kind=&by=`
pub async fn show(req: Req) -> HttpResponse {
    req.shared(&["kind", "by", "after"], |cx| {
        cx.rests_on([stamp::modlog()]);
        let query = cx.req.query();
        let (kind, by) = (query.get("kind"), query.get("by"));
        let known = LOG_KINDS.iter().find(|(word, _)| *word == kind);
        let filter = Filter {
            kind: known.map(|(word, _)| *word),
            by: match by {
                "" => None,
                name => {
                    cx.rests_on([stamp::name(name)]);
                    Some(store::user::id_of(cx.conn, name)?)
                }
            },
        };
        let after = after(cx)?;
        let lines = store::modlog::page(cx.conn, &filter, after)?;
        let mut frame = cx.frame("Moderation log");
        frame.wide = true;
        frame.feed = Some(path::MODLOG.to_owned());
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

/// `GET /modlog.*`
pub async fn feed(req: Req, format: Format) -> HttpResponse {
    req.shared(&["after"], move |cx| write(cx, format)).await
}

fn write(cx: &Cx, format: Format) -> Result<Answer> {
    cx.rests_on([stamp::modlog()]);
    let lines = store::modlog::page(cx.conn, &Filter::default(), after(cx)?)?;
    let base = &cx.req.assets().base;
    let entries = lines.rows.iter();
    let feed = Feed {
        base,
        settings: &cx.settings,
        title: "moderation log",
        path: path::MODLOG,
        page: path::MODLOG,
        entries: entries
            .map(|line| Entry::act(base, line, &html::modlog::what(line)))
            .collect(),
        next: lines.next,
    };
    Ok(Answer::text(format.media(), feed.write(format)))
}
