//! Set-up: the first administrator, by a one-time link that only the operator sees.

use actix_web::{HttpResponse, web};

use crate::domain::email::Email;
use crate::domain::password;
use crate::domain::settings::{Settings, Signup};
use crate::domain::user::{Role, UserName};
use crate::error::{Error, Problem, Result};
use crate::html::admin::setup::{SetUp, show};
use crate::html::path;
use crate::store::secret::TokenHash;
use crate::store::user::NewUser;
use crate::store::{self, Tx};
use crate::web::admin::reply;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;
use crate::web::{cookie, session};

/// `GET /setup/{token}`
pub async fn page(req: Req, token: web::Path<String>) -> HttpResponse {
    req.page(move |cx| form(cx, &token, None, &[])).await
}

fn form(cx: &Cx, token: &str, typed: Option<&Typed>, problems: &[Problem]) -> Result<Answer> {
    store::setup::check(cx.conn, &cookie::hash(token), cx.now)?;
    let mut frame = cx.frame("Set up");
    frame.noindex = true;
    let form = SetUp {
        token,
        site_name: typed.map_or(&cx.settings.name, |typed| &typed.site_name),
        name: typed.map_or("", |typed| &typed.name),
        email: typed.map_or("", |typed| &typed.email),
        signup: typed.map_or(cx.settings.signup, |typed| typed.signup),
        problems,
    };
    Ok(Answer::html(show(&frame, &form)).no_store())
}

/// `POST /setup/{token}` `site_name`, name, email, password, signup
pub async fn finish(req: Req, token: web::Path<String>, sent: Form) -> HttpResponse {
    let typed = match sent.fields() {
        Ok(fields) => Typed::read(&fields),
        Err(error) => return req.fail(error).await,
    };
    let done = make(&req, cookie::hash(&token), typed.clone()).await;
    reply(req, done, move |cx, problems| {
        form(cx, &token, Some(&typed), problems)
    })
    .await
}

async fn make(req: &Req, token: TokenHash, typed: Typed) -> Result<HttpResponse> {
    req.same_site()?;
    req.limit(Action::SignIn)?;
    let (app, now) = (req.app(), req.app().now());
    let email = typed.email.clone();
    let salt = app
        .read(move |conn| {
            store::setup::check(conn, &token, now)?;
            store::account::salt(conn, Some(email.as_str()).filter(|email| !email.is_empty()))
        })
        .await?;
    let (user, typed) = typed.check()?;
    let password = typed.password.clone();
    let hash = app.heavy(move || password::hash(&password, &salt)).await?;
    let is_locked = app.locked().iter().any(|(name, _)| *name == "signup");
    let next = path::with(path::ADMIN, "done", "setup");
    let entered = session::enter(req, &next, move |tx| {
        store::setup::take(tx, &token)?;
        settings(tx, &typed, is_locked)?;
        let created = tx.now();
        let password = Some(hash);
        let user = store::user::create(
            tx,
            &NewUser {
                password,
                created,
                ..user
            },
        )?;
        store::role::record(tx, user, Role::Admin, None)?;
        Ok(user)
    })
    .await?;
    if let Err(error) = store::datadir::forget_setup_link(&app.config.data) {
        tracing::warn!(%error, "the file of the set-up link stays");
    }
    Ok(entered)
}

fn settings(tx: &Tx, typed: &Typed, is_signup_locked: bool) -> Result<()> {
    store::setting::set(tx, "name", &typed.site_name)?;
    if !is_signup_locked {
        store::setting::set(tx, "signup", typed.signup.word())?;
    }
    Ok(())
}

/// The form as it came.
#[derive(Clone)]
struct Typed {
    site_name: String,
    name: String,
    email: String,
    password: String,
    signup: Signup,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let line = |name: &str| fields.get(name).trim().to_owned();
        Self {
            site_name: line("site_name"),
            name: line("name"),
            email: line("email"),
            password: fields.get("password").to_owned(),
            signup: fields.get("signup").parse().unwrap_or(Signup::Open),
        }
    }

    /// Everything that can be wrong, told at once.
    fn check(self) -> Result<(NewUser, Self)> {
        let mut problems = Vec::new();
        let mut wrong = |field, message: String| problems.push(Problem { field, message });
        let name = UserName::parse(&self.name).map_err(|problem| wrong("name", problem.into()));
        let email = (!self.email.is_empty())
            .then(|| Email::parse(&self.email))
            .transpose();
        let email = email.map_err(|problem| wrong("email", problem.into()));
        if let Err(problem) =
            password::check(&self.password, &[&self.name, &self.email, &self.site_name])
        {
            wrong("password", problem.into());
        }
        let settings = Settings {
            name: self.site_name.clone(),
            ..Settings::default()
        };
        for problem in settings.problems() {
            wrong("site_name", problem.message);
        }
        match (name, email) {
            (Ok(name), Ok(email)) if problems.is_empty() => Ok((first(name, email), self)),
            _ => Err(Error::Invalid(problems)),
        }
    }
}

fn first(name: UserName, email: Option<Email>) -> NewUser {
    NewUser {
        name,
        email: email.map(|email| email.as_str().to_owned()),
        password: None,
        role: Role::Admin,
        waiting: false,
        request: None,
        invited_by: None,
        created: crate::time::Timestamp::from_ms(0),
    }
}
