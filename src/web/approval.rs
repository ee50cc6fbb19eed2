//! The queue of those who ask to join.

use actix_web::HttpResponse;

use crate::domain::id::UserId;
use crate::domain::user::Role;
use crate::error::{Error, Result};
use crate::html::{self, path};
use crate::store;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::moderation::{frame, open};
use crate::web::request::Req;
use crate::web::respond::Answer;

/// `GET /mod/approve`
pub async fn page(req: Req) -> HttpResponse {
    req.page(|cx| {
        let frame = frame(cx, "Approve")?;
        let waiting = store::user::waiting(cx.conn)?;
        Ok(Answer::html(html::moderation::approve(&frame, open(cx)?, &waiting)).no_store())
    })
    .await
}

/// `POST /mod/approve` user, do
pub async fn decide(req: Req, form: Form) -> HttpResponse {
    let done = async {
        let fields = form.fields()?;
        req.act(Action::Other, Role::Moderator, move |tx, me| {
            let (whom, decide) = decision(&fields)?;
            match decide(tx, me.id, whom) {
                // Somebody else has decided meanwhile.
                Err(Error::NotFound) => Ok(()),
                done => done,
            }
        })
        .await?;
        Ok(Req::see_other(path::MOD_APPROVE))
    };
    let done = done.await;
    req.reply(done).await
}

type Decision = fn(&store::Tx, UserId, UserId) -> Result<()>;

fn decision(fields: &Fields) -> Result<(UserId, Decision)> {
    let decide: Decision = match fields.get("do") {
        "approve" => store::approval::approve,
        "refuse" => store::approval::refuse,
        _ => return Err(Error::BadRequest("This is nothing that can be done here.")),
    };
    let whom = fields.get("user").parse().map_err(|()| Error::NotFound)?;
    Ok((whom, decide))
}
