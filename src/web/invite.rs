//! A member's invitations. A new one's link stands in the address of the page that follows, and nowhere else.

use actix_web::HttpResponse;

use crate::domain::id::InviteId;
use crate::domain::settings::Signup;
use crate::domain::text::clean_line;
use crate::domain::user::Role;
use crate::error::{Error, Problem, Result};
use crate::html;
use crate::html::path;
use crate::html::settings::Invites;
use crate::store;
use crate::web::cookie;
use crate::web::form::Form;
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;
use crate::web::settings::{back, frame};

/// Longest memo, in characters.
const MOST_MEMO: usize = 100;

/// `GET /settings/invites`
pub async fn page(req: Req) -> HttpResponse {
    req.page(|cx| show(cx, "", &[])).await
}

fn show(cx: &Cx, memo: &str, problems: &[Problem]) -> Result<Answer> {
    let me = cx.member()?;
    let token = cx.req.query().get("made");
    let open = store::invite::open(cx.conn, &cookie::hash(token), cx.now)?;
    let shown = Invites {
        invites: &store::invite::list(cx.conn, me.id)?,
        made: open.filter(|open| open.by == me.id).map(|_| token),
        memo,
        problems,
    };
    let page = html::settings::invites(&frame(cx, "Invitations"), &shown);
    Ok(Answer::html(page).no_store())
}

/// `POST /settings/invites` memo
pub async fn create(req: Req, form: Form) -> HttpResponse {
    let memo = match form.fields() {
        Ok(fields) => clean_line(fields.get("memo")),
        Err(error) => return req.fail(error).await,
    };
    let kept = memo.clone();
    match make(&req, memo).await {
        Ok(token) => Req::see_other(&path::with(&path::settings("invites"), "made", &token)),
        Err(error) => {
            req.again(error, move |cx, problems| show(cx, &kept, problems))
                .await
        }
    }
}

async fn make(req: &Req, memo: String) -> Result<String> {
    if memo.chars().count() > MOST_MEMO {
        return Err(Error::field(
            "memo",
            "This is too long: at most 100 characters.",
        ));
    }
    let token = cookie::new_token();
    let hash = cookie::hash(&token);
    let app = req.app().clone();
    req.act(Action::Other, Role::Member, move |tx, me| {
        if app.settings(tx)?.signup == Signup::Approve {
            return Err(Error::Refused(
                "There are no invitations here: whoever wants to join asks the moderators.".into(),
            ));
        }
        store::invite::create(tx, me.id, &memo, &hash)
    })
    .await?;
    Ok(token)
}

/// `POST /settings/invites/{id}/withdraw`
pub async fn withdraw(req: Req, id: actix_web::web::Path<String>) -> HttpResponse {
    let Ok(id) = id.parse::<InviteId>() else {
        return req.fail(Error::NotFound).await;
    };
    let done = req.manage(Action::Other, move |tx, me| {
        store::invite::withdraw(tx, me.id, id)
    });
    let done = done
        .await
        .map(|()| back(&path::settings("invites"), "withdrawn"));
    req.reply(done).await
}
