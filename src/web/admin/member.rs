//! Members: found, given a role, given a one-time link to a new password.

use actix_web::{HttpResponse, web};

use crate::domain::user::{Role, UserName};
use crate::error::{Error, Result};
use crate::html::admin::member::{Found, Members, link, show};
use crate::html::path;
use crate::store;
use crate::web::admin::frame;
use crate::web::form::Form;
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /admin/members` name
pub async fn page(req: Req) -> HttpResponse {
    req.page(|cx| {
        cx.role(Role::Admin)?;
        let name = cx.req.query().get("name").trim();
        let found = find(cx, name)?;
        let staff = store::role::staff(cx.conn)?;
        let members = Members {
            name,
            found: found.as_ref(),
            staff: &staff,
        };
        Ok(Answer::html(show(&frame(cx, "Members"), &members)).no_store())
    })
    .await
}

fn find(cx: &Cx, name: &str) -> Result<Option<Found>> {
    let profile = match store::profile::find(cx.conn, name, cx.now) {
        Err(Error::NotFound) => return Ok(None),
        found => found?,
    };
    let invites = store::invite::list(cx.conn, profile.id)?;
    Ok(Some(Found { profile, invites }))
}

/// `POST /admin/members/{name}/role` role
pub async fn role(req: Req, name: web::Path<String>, form: Form) -> HttpResponse {
    let role = match form.fields() {
        Ok(fields) => fields.get("role").parse::<Role>(),
        Err(error) => return req.fail(error).await,
    };
    let Ok(role) = role else {
        return req.fail(Error::BadRequest("There is no such role.")).await;
    };
    let back = path::with(&path::admin_member(&name), "done", "role");
    let done = req
        .act(Action::Other, Role::Admin, move |tx, me| {
            let user = store::user::id_of(tx, &name)?;
            store::role::set(tx, user, role, Some(me.id))
        })
        .await
        .map(|()| Req::see_other(&back));
    req.reply(done).await
}

/// `POST /admin/members/{name}/reset`: the one answer to a POST that is a page, since the link is shown only once.
pub async fn reset(req: Req, name: web::Path<String>) -> HttpResponse {
    let made = req
        .act(Action::Other, Role::Admin, move |tx, _| {
            let profile = store::profile::find(tx, &name, tx.now())?;
            let token = store::token::create_reset(tx, profile.id)?;
            Ok((profile.name, token))
        })
        .await;
    match made {
        Ok((name, token)) => req.page(move |cx| once(cx, &name, &token)).await,
        Err(error) => req.fail(error).await,
    }
}

fn once(cx: &Cx, name: &UserName, token: &str) -> Result<Answer> {
    cx.role(Role::Admin)?;
    let url = format!("{}{}", cx.req.app().base(), path::reset(token));
    Ok(Answer::html(link(&frame(cx, "New password"), name, &url)).no_store())
}
