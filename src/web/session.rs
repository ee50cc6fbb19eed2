//! Sign-in and sign-out. A sign-in always opens a new session under a new token: none that a browser brings is adopted.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderValue, SET_COOKIE};

use crate::domain::id::UserId;
use crate::domain::password;
use crate::domain::user::{Role, Viewer};
use crate::error::{Error, Problem, Result};
use crate::html;
use crate::html::account::SignIn;
use crate::html::path;
use crate::store::account::Candidate;
use crate::store::{self, Tx};
use crate::web::cookie;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// Longest name or address that is looked up, in bytes; nobody has a longer one.
const LONGEST_NAME: usize = 254;
/// Longest password that is hashed at sign-in, in bytes: what 1,024 characters can take.
const LONGEST_PASSWORD: usize = 4096;

/// `GET /login`
pub async fn page(req: Req) -> HttpResponse {
    req.page(|cx| {
        let next = cx.req.query().get("next");
        if cx.viewer.is_some() {
            return Ok(Answer::see_other(path::local(next).to_owned()));
        }
        Ok(show(cx, "", next, &[]))
    })
    .await
}

fn show(cx: &Cx, name: &str, next: &str, problems: &[Problem]) -> Answer {
    let mut frame = cx.frame("Sign in");
    frame.noindex = true;
    frame.notice = notice(cx.req.query().get("done"));
    let form = SignIn {
        name,
        next,
        problems,
    };
    Answer::html(html::account::sign_in(&frame, &form)).no_store()
}

fn notice(done: &str) -> Option<(html::page::Notice, String)> {
    let text = match done {
        "reset" => "Your new password is set. Sign in with it.",
        "ended" => "You are signed out everywhere.",
        "deleted" => "Your account is deleted. Thank you for having been here.",
        _ => return None,
    };
    Some((html::page::Notice::Ok, text.to_owned()))
}

/// `POST /login` name, password, next
pub async fn sign_in(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    match attempt(&req, &fields).await {
        Ok(response) => response,
        Err(error) => {
            req.again(error, move |cx, problems| {
                Ok(show(cx, fields.get("name"), fields.get("next"), problems))
            })
            .await
        }
    }
}

async fn attempt(req: &Req, fields: &Fields) -> Result<HttpResponse> {
    req.same_site()?;
    req.limit(Action::SignIn)?;
    let tried = match guess(req, fields).await {
        // Nothing was tried.
        Err(Error::Busy) => {
            req.give_back_address(Action::SignIn);
            return Err(Error::Busy);
        }
        other => other?,
    };
    let limit = tried.limit();
    let Some(who) = tried.found else {
        return Err(Error::field("", "The name or the password is wrong."));
    };
    req.give_back(Action::SignIn, &limit);
    enter(req, fields.get("next"), move |tx| {
        store::account::same_password(tx, who.id, &who.password)?;
        Ok(who.id)
    })
    .await
}

/// What somebody tries to sign in as, and what came of it.
struct Tried {
    identifier: String,
    /// The browser is signed in to that very account.
    known: bool,
    /// The account of which the password is right.
    found: Option<Candidate>,
}

impl Tried {
    /// Whose guesses this one counts among. A browser that is signed in to the account has a count of its own, so that a
    /// stranger's guessing does not lock the owner out. No name or address contains a space.
    fn limit(&self) -> String {
        let known = if self.known { "known " } else { "" };
        format!("{known}{}", self.identifier)
    }
}

/// Looks up who is meant and compares the password. All of it is one heavy job, so that where there is no room for the
/// expensive part, whoever asks hears so before they have waited for the cheap one.
async fn guess(req: &Req, fields: &Fields) -> Result<Tried> {
    let identifier = identifier(fields.get("name"));
    let password = short(fields.get("password"), LONGEST_PASSWORD).to_owned();
    let asking = req.clone();
    req.app()
        .heavy(move || {
            let (mut tried, who) = find(&asking, identifier)?;
            asking.limit_account(Action::SignIn, &tried.limit())?;
            let hashes: Vec<String> = who.iter().map(|who| who.password.clone()).collect();
            let found = password::find(&password, &hashes)?;
            tried.found = found.and_then(|index| who.into_iter().nth(index));
            Ok(tried)
        })
        .await
}

fn find(req: &Req, identifier: String) -> Result<(Tried, Vec<Candidate>)> {
    let now = req.app().now();
    req.app().store.read(|conn| {
        let who = store::account::candidates(conn, &identifier)?;
        let viewer = match req.token() {
            Some(token) => store::session::viewer(conn, &token, now)?,
            None => None,
        };
        let known = viewer.is_some_and(|viewer| who.iter().any(|one| one.id == viewer.id));
        let tried = Tried {
            identifier,
            known,
            found: None,
        };
        Ok((tried, who))
    })
}

/// A name or address as it is looked up; what can be neither becomes nothing.
fn identifier(typed: &str) -> String {
    let odd = |c: char| c.is_whitespace() || c.is_control();
    let typed = short(typed.trim(), LONGEST_NAME);
    if typed.contains(odd) {
        String::new()
    } else {
        typed.to_lowercase()
    }
}

/// The text, or nothing when it is longer than anything that can be right.
fn short(text: &str, longest: usize) -> &str {
    if text.len() > longest { "" } else { text }
}

/// A member who has just shown that they know their password.
pub struct Proof {
    /// Who.
    pub viewer: Viewer,
    /// The hash that it was checked against.
    pub hash: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Name of the site.
    pub site: String,
}

/// Checks the password of the member who asks; wrong guesses are counted. `field` is where the form asks for it.
///
/// # Errors
/// [`Error::Invalid`] when it is wrong, [`Error::SignIn`] for visitors, [`Error::CrossSite`], [`Error::Limited`].
pub async fn prove(req: &Req, password: &str, field: &'static str) -> Result<Proof> {
    req.same_site()?;
    let token = req.token().ok_or(Error::SignIn)?;
    let (app, now) = (req.app().clone(), req.app().now());
    let (viewer, account, settings) = req
        .app()
        .read(move |conn| {
            let viewer = store::session::viewer(conn, &token, now)?.ok_or(Error::SignIn)?;
            let account = store::account::load(conn, viewer.id)?;
            Ok((viewer, account, app.settings(conn)?))
        })
        .await?;
    let limit = format!("proof {}", viewer.name.key());
    req.limit(Action::SignIn)?;
    req.limit_account(Action::SignIn, &limit)?;
    let typed = short(password, LONGEST_PASSWORD).to_owned();
    let kept = account.password.clone();
    let right = req
        .app()
        .heavy(move || password::matches(&typed, kept))
        .await?;
    let (true, Some(hash)) = (right, account.password) else {
        return Err(Error::field(field, "That is not your password."));
    };
    req.give_back(Action::SignIn, &limit);
    Ok(Proof {
        viewer,
        hash,
        email: account.email,
        site: settings.name.clone(),
    })
}

/// Hashes a new password for an account with this e-mail address.
///
/// # Errors
/// As [`crate::app::App::heavy`].
pub async fn hash(req: &Req, password: &str, email: Option<String>) -> Result<String> {
    let password = password.to_owned();
    let salt = req
        .app()
        .read(move |conn| store::account::salt(conn, email.as_deref()))
        .await?;
    req.app()
        .heavy(move || password::hash(&password, &salt))
        .await
}

/// Signs the browser in to the account that `who` comes to inside the transaction: the session that it came with ends, a new
/// one is opened. Leads to `next`, or to the settings when the account can only read.
///
/// # Errors
/// What `who` answers.
pub async fn enter<F>(req: &Req, next: &str, who: F) -> Result<HttpResponse>
where
    F: FnOnce(&Tx) -> Result<UserId> + Send + 'static,
{
    let token = cookie::new_token();
    let (old, new) = (req.token(), cookie::hash(&token));
    let client = req.client();
    let agent = req.agent().to_owned();
    let free = req
        .app()
        .write(move |tx| {
            let user = who(tx)?;
            if let Some(old) = old {
                store::session::end(tx, &old)?;
            }
            store::session::open(tx, user, &new, &client.address.to_string(), &agent)?;
            let viewer = store::session::viewer(tx, &new, tx.now())?;
            Ok(viewer.is_some_and(|viewer| viewer.may(Role::Member)))
        })
        .await?;
    let next = if free {
        path::local(next)
    } else {
        path::SETTINGS
    };
    Ok(with_cookie(
        Req::see_other(next),
        &cookie::set(&token, client.secure),
    ))
}

/// The response with this cookie set or cleared.
#[must_use]
pub fn with_cookie(mut response: HttpResponse, line: &str) -> HttpResponse {
    let line = HeaderValue::from_str(line)
        .expect("cookies are made of hexadecimal digits and our own words");
    response.headers_mut().insert(SET_COOKIE, line);
    response
}

/// To the sign-in page, signed out, with word of what was done.
#[must_use]
pub fn left(req: &Req, done: &str) -> HttpResponse {
    with_cookie(
        Req::see_other(&path::with(path::LOGIN, "done", done)),
        &cookie::clear(req.client().secure),
    )
}

/// `POST /logout`; safe without a session, and for the banned too.
pub async fn sign_out(req: Req) -> HttpResponse {
    let done = leave(&req).await;
    req.reply(done).await
}

async fn leave(req: &Req) -> Result<HttpResponse> {
    req.same_site()?;
    if let Some(token) = req.token() {
        req.app()
            .write(move |tx| store::session::end(tx, &token))
            .await?;
    }
    Ok(with_cookie(
        Req::see_other("/"),
        &cookie::clear(req.client().secure),
    ))
}
