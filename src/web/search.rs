//! Search.

use actix_web::HttpResponse;

use crate::domain::query::Query;
use crate::error::{Error, Result};
use crate::html;
use crate::html::search::{Asked, Hit, Outcome, all_of, best_in_time, best_of_newest};
use crate::store::find::{self, Extent, Found, MOST_MATCHES, MOST_PAGES, PAGE};
use crate::store::stamp;
use crate::web::form::Fields;
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /search?q=&what=&order=&tag=&author=&domain=&page=`
///
/// Members' results carry their own marks, so they are drawn for each.
pub async fn show(req: Req) -> HttpResponse {
    match req.token() {
        Some(_) => req.page(search).await,
        None => req.shared(PARAMETERS, search).await,
    }
}

const PARAMETERS: &[&str] = &["q", "what", "order", "tag", "author", "domain", "page"];

fn search(cx: &Cx) -> Result<Answer> {
    let asked = asked(cx.req.query());
    let mut query = Query::parse(asked.line).with(asked.tag, asked.author, asked.domain);
    (query.what, query.sort) = (asked.what, asked.sort);
    if query.is_empty() {
        return Ok(answer(cx, &asked, &Outcome::Unasked));
    }
    cx.rests_on([stamp::search()]);
    // Age counts, by days.
    cx.until(cx.now.midnight());
    limit(cx)?;
    let page = page_number(cx.req.query());
    let viewer = cx.viewer.as_ref().map(|viewer| viewer.id);
    match find::find(cx.conn, &query, page - 1, viewer, cx.now) {
        Ok(found) => {
            let answer = answer(cx, &asked, &outcome(&found, page));
            Ok(if found.complete {
                answer
            } else {
                answer.no_store()
            })
        }
        Err(Error::Deadline) => Ok(answer(cx, &asked, &Outcome::Late).no_store()),
        Err(error) => Err(error),
    }
}

fn limit(cx: &Cx) -> Result<()> {
    cx.req.limit(Action::Search)?;
    match &cx.viewer {
        Some(viewer) => cx.req.limit_account(Action::Search, &viewer.name.key()),
        None => Ok(()),
    }
}

fn asked(fields: &Fields) -> Asked<'_> {
    Asked {
        line: shortened(fields.get("q")),
        tag: shortened(fields.get("tag")),
        author: shortened(fields.get("author")),
        domain: shortened(fields.get("domain")),
        what: fields.get("what").parse().unwrap_or_default(),
        sort: fields.get("order").parse().unwrap_or_default(),
    }
}

/// As much of a line as is read.
fn shortened(line: &str) -> &str {
    let line = line.trim();
    let end = line.char_indices().nth(crate::domain::query::MOST_CHARS);
    end.map_or(line, |(end, _)| &line[..end])
}

fn page_number(fields: &Fields) -> usize {
    let asked = fields.get("page").parse().unwrap_or(1);
    asked.clamp(1, MOST_PAGES)
}

fn outcome(found: &Found, page: usize) -> Outcome<'_> {
    if found.total == 0 {
        return Outcome::Nothing;
    }
    let hits = found.hits.iter().map(|hit| match hit {
        find::Hit::Story { row, title, text } => Hit::Story(row, title, text),
        find::Hit::Comment { row, text } => Hit::Comment(row, text),
    });
    let sentence = match found.extent {
        Extent::All => all_of(found.total),
        Extent::Newest => best_of_newest(MOST_MATCHES),
        Extent::InTime => best_in_time(found.total),
    };
    let more = page < MOST_PAGES && found.total > page * PAGE;
    Outcome::Hits(hits.collect(), sentence, more.then_some(page + 1))
}

fn answer(cx: &Cx, asked: &Asked, outcome: &Outcome) -> Answer {
    let title = match asked.line {
        "" => "Search".to_owned(),
        line => format!("Search: {line}"),
    };
    Answer::html(html::search::show(cx.frame(&title), asked, outcome))
}
