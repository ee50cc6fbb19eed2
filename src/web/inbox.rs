//! The inbox: answers to what a member wrote.

use actix_web::HttpResponse;

use crate::domain::user::Role;
use crate::html::inbox as markup;
use crate::html::path;
use crate::store;
use crate::web::form::Form;
use crate::web::limit::Action;
use crate::web::list::after;
use crate::web::request::Req;
use crate::web::respond::Answer;

/// `GET /inbox`
pub async fn show(req: Req) -> HttpResponse {
    req.page(|cx| {
        let me = cx.member()?.id;
        let page = store::inbox::page(cx.conn, me, after(cx)?)?;
        Ok(Answer::html(markup::show(&cx.frame("Inbox"), &page)).no_store())
    })
    .await
}

/// `POST /inbox/read`
pub async fn read(req: Req, form: Form) -> HttpResponse {
    let done = async {
        let form = form.fields()?;
        req.act(Action::Other, Role::Member, |tx, me| {
            store::inbox::read_all(tx, me.id)
        })
        .await?;
        Ok(Req::see_other(path::local(form.get("back"))))
    };
    let done = done.await;
    req.reply(done).await
}
