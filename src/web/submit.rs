//! Posting stories, and the two small questions that the form asks meanwhile: was it here before, what is its title.
//!
//! Whatever goes wrong, the answer is the form with everything that was typed.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::json;

use crate::domain::link::{Link, LinkError};
use crate::domain::submission::{Draft, Submission};
use crate::domain::user::Role;
use crate::error::{Error, Result};
use crate::fetch::FetchError;
use crate::html::submit::SubmitPage;
use crate::html::{self, path};
use crate::store;
use crate::web::error;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /submit`, filled from `url`, `title` and `text` for bookmarklets.
pub async fn form(req: Req) -> HttpResponse {
    req.page(|cx| {
        if cx.viewer.is_none() {
            return Ok(Answer::see_other(path::sign_in(cx.req.here())));
        }
        cx.role(Role::Member)?;
        let mut draft = draft(cx.req.query());
        draft.take_suggestions(&store::tag::all(cx.conn)?);
        show(cx, &draft, None, None)
    })
    .await
}

/// `POST /submit`: posts, or with one of the other buttons previews or fetches the title.
pub async fn post(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    let draft = draft(&fields);
    if fields.has("fetch") {
        fill_title(req, draft).await
    } else if fields.has("preview") {
        preview(req, draft).await
    } else {
        publish(req, draft).await
    }
}

async fn publish(req: Req, draft: Draft) -> HttpResponse {
    let kept = draft.clone();
    let done = req.act(Action::Submit, Role::Member, move |tx, me| {
        store::submission::post(tx, me.id, &draft)
    });
    match done.await {
        Ok((id, title)) => Req::see_other(&path::posted(id, &title)),
        Err(error) => again(req, kept, error).await,
    }
}

async fn preview(req: Req, draft: Draft) -> HttpResponse {
    if let Err(error) = req.same_site() {
        return req.fail(error).await;
    }
    req.page(move |cx| {
        let checked = cx
            .role(Role::Member)
            .and_then(|_| store::submission::check(cx.conn, &draft, cx.now));
        match checked {
            Ok(new) => show(cx, &draft, None, Some(&new)),
            Err(error) => refuse(cx, &draft, error),
        }
    })
    .await
}

/// The form with the title filled in: what the button does without a script.
async fn fill_title(req: Req, mut draft: Draft) -> HttpResponse {
    match fetch_title(&req, &draft.url).await {
        Ok(title) => draft.title = title,
        Err(error) => return again(req, draft, error).await,
    }
    req.page(move |cx| {
        draft.take_suggestions(&store::tag::all(cx.conn)?);
        show(cx, &draft, None, None)
    })
    .await
}

/// `POST /submit/title` url: the title of the page there, for the form's script.
pub async fn title(req: Req, form: Form) -> HttpResponse {
    let req = req.as_json();
    let fetched = match form.fields() {
        Ok(fields) => fetch_title(&req, fields.get("url")).await,
        Err(error) => Err(error),
    };
    match fetched {
        Ok(title) => {
            req.page(move |_| Ok(Answer::json(&json!({"title": title})).no_store()))
                .await
        }
        Err(error) => req.fail(error).await,
    }
}

async fn fetch_title(req: &Req, url: &str) -> Result<String> {
    req.admit(Action::Fetch, Role::Member).await?;
    let link = Link::parse(url).map_err(|error| match error {
        LinkError::Host => unfetched(FetchError::Unreachable),
        other => Error::field("url", other.to_string()),
    })?;
    let app = Arc::clone(req.app());
    let fetch = move || app.fetcher.title(link.as_str()).map_err(unfetched);
    Ok(req.app().background(fetch).await?.title)
}

/// One sentence for every place that is not visited: what is refused and what is silent must not be told apart.
fn unfetched(error: FetchError) -> Error {
    let told = match error {
        FetchError::Url | FetchError::Forbidden => FetchError::Unreachable,
        other => other,
    };
    Error::field("url", told.to_string())
}

/// `GET /submit/check?url=`: the address as it would be kept, and stories that lead there.
pub async fn check(req: Req) -> HttpResponse {
    req.as_json()
        .page(|cx| {
            let link = Link::parse(cx.req.query().get("url")).ok();
            let earlier = match &link {
                Some(link) => store::submission::earlier(cx.conn, link, None)?,
                None => Vec::new(),
            };
            let stories: Vec<_> = earlier
                .iter()
                .map(|story| {
                    json!({
                        "id": story.id.raw(),
                        "title": story.title,
                        "path": path::story(story.id, &story.title),
                        "comments": story.comments,
                        "age_ms": cx.now.ms() - story.created.ms(),
                    })
                })
                .collect();
            let url = link.as_ref().map(Link::as_str);
            Ok(Answer::json(&json!({"url": url, "stories": stories})).no_store())
        })
        .await
}

async fn again(req: Req, draft: Draft, error: Error) -> HttpResponse {
    if req.wants_json() {
        return req.fail(error).await;
    }
    req.page(move |cx| refuse(cx, &draft, error)).await
}

/// The form again, with why it was not taken; other errors have their own page.
fn refuse(cx: &Cx, draft: &Draft, error: Error) -> Result<Answer> {
    match error {
        Error::Invalid(_)
        | Error::SignIn
        | Error::Refused(_)
        | Error::Limited(_)
        | Error::Busy
        | Error::Unavailable => {
            let answer = show(cx, draft, Some(&error), None)?.status(error::status(&error));
            Ok(match error::retry_after_s(&error) {
                Some(seconds) => answer.header(header::RETRY_AFTER, seconds.to_string()),
                None => answer,
            })
        }
        other => Err(other),
    }
}

fn show(
    cx: &Cx,
    draft: &Draft,
    error: Option<&Error>,
    preview: Option<&Submission>,
) -> Result<Answer> {
    let earlier = match draft.link() {
        Some(link) => store::submission::earlier(cx.conn, &link, None)?,
        None => Vec::new(),
    };
    let mut frame = cx.frame("Submit");
    frame.noindex = true;
    let page = SubmitPage {
        draft,
        tags: &store::tag::all(cx.conn)?,
        earlier: &earlier,
        error,
        preview,
    };
    Ok(Answer::html(html::submit::show(frame, &page)).no_store())
}

fn draft(fields: &Fields) -> Draft {
    Draft {
        url: fields.text("url").trim().to_owned(),
        title: fields.text("title"),
        text: fields.text("text"),
        tags: fields.all("tags").map(str::to_owned).collect(),
    }
}
