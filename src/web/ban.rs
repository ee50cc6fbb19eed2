//! Banning members and sites, and ending it.

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::domain::link::Link;
use crate::domain::list::PAGE;
use crate::domain::moderation::{ban_end, may_ban, needed_reason, reason};
use crate::domain::user::{Ban, Role, Viewer};
use crate::error::{Error, Problem, Result};
use crate::html::ban::BanForm;
use crate::html::{self, path};
use crate::store::{self, Tx};
use crate::time::Timestamp;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::list::after;
use crate::web::moderation::{again, frame, open};
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /mod/bans`
pub async fn members(req: Req) -> HttpResponse {
    req.page(|cx| {
        let frame = frame(cx, "Bans")?;
        let banned = store::ban::all(cx.conn, cx.now, after(cx)?)?;
        let waiting = open(cx)?;
        Ok(Answer::html(html::ban::members(&frame, waiting, &banned)).no_store())
    })
    .await
}

/// `GET /mod/u/{name}`
pub async fn member_page(req: Req, name: Path<String>) -> HttpResponse {
    req.page(move |cx| show_member(cx, &name, &Fields::default(), &[]))
        .await
}

fn show_member(cx: &Cx, name: &str, fields: &Fields, problems: &[Problem]) -> Result<Answer> {
    let frame = frame(cx, &format!("Ban {name}"))?;
    let suspect = store::ban::suspect(cx.conn, name, cx.now)?;
    let may = may_ban(cx.member()?.role, suspect.role);
    let form = typed(fields, problems);
    Ok(Answer::html(html::ban::member(&frame, &suspect, may, &form)).no_store())
}

fn typed<'a>(fields: &'a Fields, problems: &'a [Problem]) -> BanForm<'a> {
    BanForm {
        domain: fields.get("domain"),
        reason: fields.get("reason"),
        until: fields.get("until"),
        for_good: fields.has("good"),
        problems,
    }
}

/// `POST /mod/u/{name}` do, reason, until, good
pub async fn member(req: Req, name: Path<String>, form: Form) -> HttpResponse {
    let (name, fields) = match form.fields() {
        Ok(fields) => (name.into_inner(), fields),
        Err(error) => return req.fail(error).await,
    };
    let (whom, sent) = (name.clone(), fields.clone());
    let done = req.act(Action::Other, Role::Moderator, move |tx, me| {
        judge(tx, me, &whom, &sent)
    });
    match done.await {
        Ok(()) => Req::see_other(&path::moderate_user(&name)),
        Err(error) => {
            again(req, error, move |cx, wrong| {
                show_member(cx, &name, &fields, wrong)
            })
            .await
        }
    }
}

fn judge(tx: &Tx, me: &Viewer, name: &str, sent: &Fields) -> Result<()> {
    match sent.get("do") {
        "unban" => {
            let why = reason(sent.get("reason")).map_err(|m| Error::field("reason", m))?;
            store::ban::lift(tx, me, name, &why)
        }
        "ban" => {
            let (reason, until) = sentence(sent, tx.now())?;
            store::ban::set(tx, me, name, &Ban { until, reason })
        }
        _ => Err(Error::BadRequest("This is nothing that can be done here.")),
    }
}

/// Reason and end of a ban; tells all that is wrong at once.
fn sentence(sent: &Fields, now: Timestamp) -> Result<(String, Timestamp)> {
    let reason = needed_reason(
        sent.get("reason"),
        "A ban needs a reason. It is shown in the log.",
    );
    let until = ban_end(sent.get("until"), sent.has("good"), now);
    match (reason, until) {
        (Ok(reason), Ok(until)) => Ok((reason, until)),
        (reason, until) => {
            let wrong = [("reason", reason.err()), ("until", until.err())];
            let problems = wrong.into_iter().filter_map(|(field, message)| {
                let message = message?.to_owned();
                Some(Problem { field, message })
            });
            Err(Error::Invalid(problems.collect()))
        }
    }
}

/// `GET /mod/domains`, filled from `domain`
pub async fn domains_page(req: Req) -> HttpResponse {
    req.page(|cx| show_domains(cx, cx.req.query(), &[])).await
}

fn show_domains(cx: &Cx, fields: &Fields, problems: &[Problem]) -> Result<Answer> {
    let frame = frame(cx, "Sites")?;
    let mut banned = store::domain_ban::all(cx.conn, cx.now, cx.req.query().get("after"))?;
    let more = banned.len() > PAGE;
    banned.truncate(PAGE);
    let next = banned
        .last()
        .filter(|_| more)
        .map(|ban| ban.domain.as_str());
    let waiting = open(cx)?;
    let form = typed(fields, problems);
    let page = html::ban::domains(&frame, waiting, &banned, next, &form);
    Ok(Answer::html(page).no_store())
}

/// `POST /mod/domains` do, domain, reason, until, good
pub async fn domain(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    let sent = fields.clone();
    let done = req.act(Action::Other, Role::Moderator, move |tx, me| {
        judge_domain(tx, me, &sent)
    });
    match done.await {
        Ok(()) => Req::see_other(path::MOD_DOMAINS),
        Err(error) => {
            again(req, error, move |cx, wrong| {
                show_domains(cx, &fields, wrong)
            })
            .await
        }
    }
}

fn judge_domain(tx: &Tx, me: &Viewer, sent: &Fields) -> Result<()> {
    match sent.get("do") {
        "unban" => {
            let why = reason(sent.get("reason")).map_err(|m| Error::field("reason", m))?;
            store::domain_ban::lift(tx, me.id, sent.get("domain"), &why)
        }
        "ban" => {
            let domain = site(sent.get("domain"))?;
            let (reason, until) = sentence(sent, tx.now())?;
            store::domain_ban::set(tx, me.id, &domain, &reason, until)
        }
        _ => Err(Error::BadRequest("This is nothing that can be done here.")),
    }
}

/// The site that is meant by a name or a whole address.
fn site(text: &str) -> Result<String> {
    let link = Link::parse(text).ok();
    link.map(|link| link.domain())
        .filter(|domain| domain.contains('.'))
        .ok_or_else(|| Error::field("domain", "This is no site. Write it like example.com."))
}
