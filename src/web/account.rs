//! Sign-up in its three modes: open, by invitation, with approval.

use actix_web::HttpResponse;

use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::password;
use crate::domain::settings::{Settings, Signup};
use crate::domain::user::{Role, UserName};
use crate::error::{Error, Problem, Result};
use crate::html;
use crate::html::account::SignUp;
use crate::html::path;
use crate::store::invite::Open;
use crate::store::user::NewUser;
use crate::store::{self, Conn, Tx};
use crate::time::Timestamp;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;
use crate::web::{cookie, session};

/// Longest text to the moderators, in characters.
const MOST_REQUEST: usize = 1000;

/// `GET /signup`
pub async fn page(req: Req) -> HttpResponse {
    req.page(|cx| {
        let query = cx.req.query();
        if cx.viewer.is_some() {
            return Ok(Answer::see_other(path::local(query.get("next")).to_owned()));
        }
        show(cx, query, &[])
    })
    .await
}

fn show(cx: &Cx, fields: &Fields, problems: &[Problem]) -> Result<Answer> {
    let token = cookie::hash(fields.get("invite"));
    let invite = store::invite::open(cx.conn, &token, cx.now)?;
    let mut frame = cx.frame("Join");
    frame.noindex = !fields.get("invite").is_empty();
    let form = SignUp {
        name: fields.get("name"),
        email: fields.get("email"),
        request: fields.get("request"),
        invite: fields.get("invite"),
        inviter: invite.as_ref().map(|invite| &invite.by_name),
        next: fields.get("next"),
        problems,
    };
    Ok(Answer::html(html::account::sign_up(&frame, &form)).no_store())
}

/// `POST /signup` name, email, password, request, invite, next
pub async fn sign_up(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    match join(&req, &fields).await {
        Ok(response) => response,
        Err(error) => {
            req.again(error, move |cx, problems| show(cx, &fields, problems))
                .await
        }
    }
}

async fn join(req: &Req, fields: &Fields) -> Result<HttpResponse> {
    req.same_site()?;
    let typed = Typed::read(fields);
    let app = req.app();
    let asking = req.clone();
    // One heavy job, so that where there is no room for the expensive part, nobody waits for the cheap one first.
    let made = app.heavy(move || make(&asking, typed)).await?;
    let Some((new, hash)) = made else {
        return Ok(Req::see_other(path::local(fields.get("next"))));
    };
    session::enter(req, fields.get("next"), move |tx| new.store(tx, hash)).await
}

/// The account that a form asks for, and the hash of its password; `None` for who is signed in already.
fn make(req: &Req, typed: Typed) -> Result<Option<(Checked, String)>> {
    let app = req.app();
    let now = app.now();
    let (new, salt, signed_in) = app.store.read(|conn| {
        let settings = app.settings(conn)?;
        let viewer = req
            .token()
            .map(|token| store::session::viewer(conn, &token, now));
        let new = typed.check(conn, &settings, now)?;
        let salt = store::account::salt(conn, new.user.email.as_deref())?;
        Ok((new, salt, viewer.transpose()?.flatten().is_some()))
    })?;
    if signed_in {
        return Ok(None);
    }
    req.limit(Action::SignUp)?;
    let hash = password::hash(&new.password, &salt)?;
    Ok(Some((new, hash)))
}

/// One thing that is in order, or a sentence about what is not.
type Check = std::result::Result<(), &'static str>;

/// A sign-up form as it came.
struct Typed {
    name: String,
    email: String,
    password: String,
    request: String,
    invite: String,
    bot: bool,
}

/// A sign-up form that is in order.
struct Checked {
    user: NewUser,
    password: String,
    invite: String,
    by_invitation: bool,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        Self {
            name: fields.get("name").trim().to_owned(),
            email: fields.get("email").trim().to_owned(),
            password: fields.get("password").to_owned(),
            request: fields.text("request").trim().to_owned(),
            invite: fields.get("invite").to_owned(),
            bot: !fields.get("website").is_empty(),
        }
    }

    /// Everything that can be wrong, told at once. That an e-mail address belongs to a member already is not: it would
    /// tell who is one.
    fn check(self, conn: &Conn, settings: &Settings, now: Timestamp) -> Result<Checked> {
        let by_invitation = settings.signup == Signup::Invite;
        let invited = !by_invitation || open_invite(conn, &self.invite, now)?.is_some();
        let name = match UserName::parse(&self.name) {
            Ok(name) if store::user::is_taken(conn, &name)? => Err("This name is taken."),
            other => other,
        };
        let email = match self.email.as_str() {
            "" => Ok(None),
            text => Email::parse(text).map(Some),
        };
        let checks = [
            ("", self.human()),
            (
                "",
                invited
                    .then_some(())
                    .ok_or("This needs an invitation that has not been used."),
            ),
            (
                "name",
                name.as_ref().map(|_| ()).map_err(|message| *message),
            ),
            (
                "email",
                email.as_ref().map(|_| ()).map_err(|message| *message),
            ),
            ("password", self.password_fits(&settings.name)),
            ("request", self.request_fits()),
        ];
        let problems: Vec<Problem> = checks.into_iter().filter_map(problem).collect();
        match (name, email) {
            (Ok(name), Ok(email)) if problems.is_empty() => {
                Ok(self.checked(name, email, settings.signup, now))
            }
            _ => Err(Error::Invalid(problems)),
        }
    }

    fn human(&self) -> Check {
        if self.bot {
            Err(
                "This form has a field that people cannot see, and it was filled in. Please leave it empty.",
            )
        } else {
            Ok(())
        }
    }

    fn password_fits(&self, site: &str) -> Check {
        let local = self.email.split('@').next().unwrap_or_default();
        password::check(&self.password, &[&self.name, site, local])
    }

    fn request_fits(&self) -> Check {
        if self.request.chars().count() > MOST_REQUEST {
            Err("This is too long: at most 1,000 characters.")
        } else {
            Ok(())
        }
    }

    fn checked(
        self,
        name: UserName,
        email: Option<Email>,
        mode: Signup,
        now: Timestamp,
    ) -> Checked {
        let waiting = mode == Signup::Approve;
        Checked {
            user: NewUser {
                name,
                email: email.map(|email| email.as_str().to_owned()),
                password: None,
                role: Role::Member,
                waiting,
                request: (waiting && !self.request.is_empty()).then_some(self.request),
                invited_by: None,
                created: now,
            },
            password: self.password,
            invite: self.invite,
            by_invitation: mode == Signup::Invite,
        }
    }
}

fn problem((field, check): (&'static str, Check)) -> Option<Problem> {
    check.err().map(|message| Problem {
        field,
        message: message.to_owned(),
    })
}

impl Checked {
    /// Makes the account, and uses the invitation up. One that somebody else used meanwhile is told about only where it is
    /// needed.
    fn store(self, tx: &Tx, hash: String) -> Result<UserId> {
        let invite = open_invite(tx, &self.invite, tx.now())?;
        if self.by_invitation && invite.is_none() {
            return Err(Error::field("", "This invitation has just been used."));
        }
        let user = NewUser {
            password: Some(hash),
            invited_by: invite.as_ref().map(|invite| invite.by),
            created: tx.now(),
            ..self.user
        };
        let id = store::user::create(tx, &user)?;
        if let Some(invite) = &invite {
            store::invite::use_up(tx, invite, id)?;
        }
        Ok(id)
    }
}

fn open_invite(conn: &Conn, token: &str, now: Timestamp) -> Result<Option<Open>> {
    store::invite::open(conn, &cookie::hash(token), now)
}
